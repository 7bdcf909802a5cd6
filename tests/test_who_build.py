"""Names at a build: what exact keys join, what is asked, in which order, and what people decided."""

import re
from pathlib import Path

import polars as pl
import pytest

from extraction.who import NameEvidence, match_names
from graph.enterprises import resolve
from ledger.ids import party_id
from ledger.records import empty
from ledger.words import messages
from tests.test_who import CODES, aliases, judgements, parties

FULL = "平湖市宏昌新材料有限公司"


def named(name: str, scope: str = "") -> dict[str, str]:
    return {"scheme": "name", "scope": scope, "code": name, "name": name}


def coded(number: int, name: str) -> dict[str, str]:
    return {"code": CODES[number], "name": name}


def ident(row: dict[str, str]) -> str:
    return party_id(row.get("scheme", "uscc"), row.get("scope", ""), row["code"])


def run(
    rows: list[dict[str, str]],
    judged: pl.DataFrame | None = None,
    amounts: dict[str, int] | None = None,
    former: pl.DataFrame | None = None,
) -> NameEvidence:
    money = pl.DataFrame(
        list((amounts or {}).items()), schema={"party": pl.String, "amount_fen": pl.Int64}, orient="row"
    )
    judged = judged if judged is not None else empty("judgements")
    return match_names(parties(rows), former if former is not None else empty("aliases"), judged, money)


def joined(found: NameEvidence) -> set[frozenset[str]]:
    return {frozenset(pair) for pair in found.same_party.select("a", "b").iter_rows()}


def test_a_bare_name_joins_the_one_firm_that_bears_it() -> None:
    firm, bank, paper = coded(0, FULL), named("平湖市宏昌新材料有限责任公司", "p1"), named(FULL)
    found = run([firm, bank, paper])
    assert joined(found) >= {frozenset({ident(firm), ident(bank)}), frozenset({ident(firm), ident(paper)})}
    assert set(found.same_party["reason"]) == {"same_full_name"}
    assert found.asks.is_empty()
    resolved = resolve(
        parties([firm, bank, paper]), found.same_party, empty("judgements"), pl.Series([], dtype=pl.String)
    )
    assert resolved.enterprise_of["enterprise"].unique().to_list() == [ident(firm)]


def test_a_name_that_two_firms_bear_joins_neither_and_is_asked() -> None:
    one, two, bank = coded(0, FULL), coded(1, FULL), named(FULL, "p1")
    found = run([one, two, bank])
    assert found.same_party.is_empty()
    assert found.asks["tie"].to_list() == [True, True]
    assert set(found.asks["b"]) == {ident(one), ident(two)}


def test_two_coded_parties_never_join_by_name() -> None:
    found = run([coded(0, FULL), coded(1, FULL)])
    assert found.same_party.is_empty()
    assert found.asks.is_empty()


@pytest.mark.parametrize("name", ["E123", "A01234", "张**", "王记餐馆", "门市部", "宏昌"])
def test_codes_masks_and_common_names_join_nobody(name: str) -> None:
    rows = [coded(0, name), named(name, "p1"), named(name, "p2")]
    rows += [
        {"scheme": "scoped", "scope": f"cumcm/{book}/seller", "code": name, "name": name} for book in "AB"
    ]
    assert run(rows).same_party.is_empty()


def test_masked_codes_of_a_ledger_are_never_merged_or_asked() -> None:
    rows = [
        {"scheme": "scoped", "scope": f"cumcm/E{book}/seller", "code": f"A{n:05d}", "name": f"A{n:05d}"}
        for book in (1, 2) for n in range(40)
    ]  # fmt: skip
    found = run(rows)
    assert found.same_party.is_empty()
    assert found.asks.is_empty()


def test_the_same_registered_name_in_two_books_is_one_firm() -> None:
    one, two = named(FULL, "p1"), named(FULL, "p2")
    assert joined(run([one, two])) == {frozenset({ident(one), ident(two)})}
    loose = [named("宏昌新材料", "p1"), named("宏昌新材料", "p2")]
    assert run(loose).same_party.is_empty()


def test_a_ledgers_own_codes_join_by_name_only_where_one_code_bears_it() -> None:
    firm = coded(0, FULL)
    one = {"scheme": "scoped", "scope": "ours/E1/buyer", "code": "C07", "name": FULL}
    two = {**one, "code": "C08"}
    assert joined(run([firm, one])) == {frozenset({ident(firm), ident(one)})}
    assert run([firm, one, two]).same_party.is_empty()


def test_a_former_name_joins() -> None:
    firm, bank = coded(0, FULL), named("平湖县建新塑料厂", "p1")
    found = run([firm, bank], former=aliases((ident(firm), "平湖县建新塑料厂", "former")))
    assert found.same_party["reason"].to_list() == ["same_former_name"]
    short = run([firm, bank], former=aliases((ident(firm), "平湖县建新塑料厂", "short")))
    assert short.same_party.is_empty()
    assert short.asks["b"].to_list() == [ident(firm)]


def test_a_branch_does_not_join_its_head() -> None:
    found = run([coded(0, FULL), named(FULL + "杭州分公司", "p1")])
    assert found.same_party.is_empty()
    assert found.asks.is_empty()


def test_an_older_tax_number_joins_by_the_organisation_code_and_the_name() -> None:
    firm = coded(3, FULL)
    old = {"scheme": "tax", "code": "330482" + CODES[3][8:17], "name": FULL}
    assert joined(run([firm, old])) == {frozenset({ident(firm), ident(old)})}
    assert run([firm, {**old, "name": "别的五金有限公司"}]).same_party.is_empty()


def test_a_misread_code_is_asked_not_joined() -> None:
    code = next(c for c in CODES if "0" in c[8:16])
    at = code.index("0", 8)
    wrong = code[:at] + "D" + code[at + 1 :]
    firm = {"code": code, "name": FULL}
    unverified = {"scheme": "scoped", "scope": f"unverified/p1/{FULL}", "code": wrong, "name": FULL}
    found = run([firm, unverified])
    assert found.same_party.is_empty()
    assert found.asks.select("a", "b").rows() == [(ident(unverified), ident(firm))]


NEAR = [named("平湖宏昌新材枓有限公司", "p1"), named("嘉兴全达电子", "p1")]
FIRMS = [coded(0, FULL), coded(1, "嘉兴金达电子有限公司")]


def test_questions_come_by_the_money_that_would_move() -> None:
    small, large = (ident(row) for row in NEAR)
    amounts = {small: 1_00, large: 900_00, ident(FIRMS[0]): 10**9, ident(FIRMS[1]): 10**9}
    found = run([*FIRMS, *NEAR], amounts=amounts)
    assert found.same_party.is_empty()
    assert found.asks["a"].to_list() == [large, small]
    assert found.asks["impact_fen"].to_list() == [900_00, 1_00]
    first = found.asks.row(0, named=True)
    assert sum(f["gave"] for f in first["features"]) == pytest.approx(first["score"], abs=0.1)


def test_what_people_decided_is_not_asked_again_and_comes_back_when_undone() -> None:
    one, other = ident(NEAR[0]), ident(FIRMS[0])
    amounts = {ident(NEAR[0]): 900_00, ident(NEAR[1]): 1_00}
    for kind in ("same", "different"):
        asks = run([*FIRMS, *NEAR], judgements((kind, other, one)), amounts).asks
        assert one not in asks["a"].to_list()
    later = run([*FIRMS, *NEAR], judgements(("later", one, other)), amounts).asks
    assert later["a"].to_list() == [ident(NEAR[1]), one]
    assert run([*FIRMS, *NEAR], empty("judgements"), amounts).asks["a"].to_list()[0] == one


def test_different_wins_over_the_exact_name() -> None:
    firm, bank = coded(0, FULL), named(FULL, "p1")
    found = run([firm, bank], judgements(("different", ident(bank), ident(firm))))
    assert found.same_party.is_empty()
    assert found.asks.is_empty()


@pytest.mark.parametrize(
    "name", ["平湖宏昌新材料", "宏昌（平湖）新材料有限责任公司", "平湖宏昌新材料股份有限公司"]
)
def test_a_clear_answer_joins(name: str) -> None:
    bare = named(name, "p1")
    found = run([*FIRMS, bare])
    assert joined(found) == {frozenset({ident(bare), ident(FIRMS[0])})}
    assert found.same_party.select("reason", "matches", "covered").row(0) == ("name_score", 0, 0)
    assert found.asks.is_empty()


def test_the_reasons_of_joins_have_sentences() -> None:
    source = "".join(Path("extraction/who", f"{name}.py").read_text("utf-8") for name in ("joins", "build"))
    reasons = set(re.findall(r'"(same_[a-z]+_(?:name|code)|name_score)"', source))
    assert reasons == {"same_full_name", "same_former_name", "same_organisation_code", "name_score"}
    assert reasons <= set(messages())


@pytest.mark.parametrize(
    "name",
    [
        "平湖洪昌新材料有限公司",  # another brand that sounds the same
        "浙江宏昌新材料有限公司",  # only the province agrees
        "平湖宏昌有限公司",  # no trade
        "宏昌新材料有限公司",  # no place, and the brand is not rare
    ],
)
def test_what_is_accepted_on_asking_may_still_be_asked_at_a_build(name: str) -> None:
    found = run([*FIRMS, named(name, "p1")])
    assert found.same_party.is_empty()
    assert found.asks["b"].to_list() == [ident(FIRMS[0])]


def test_a_rare_brand_joins_without_a_place() -> None:
    firm, bare = coded(0, "平湖市翊骁昶新材料有限公司"), named("翊骁昶新材料有限公司", "p1")
    assert joined(run([firm, bare])) == {frozenset({ident(firm), ident(bare)})}


def test_nothing_joins_by_score_but_a_bare_name_with_a_coded_firm() -> None:
    near = "平湖宏昌新材料"
    own = {"scheme": "scoped", "scope": "ours/E1/buyer", "code": "C07", "name": near}
    wrong = {"scheme": "scoped", "scope": f"unverified/p1/{near}", "code": "91330482MA28A1BCXX", "name": near}
    for asking in (own, wrong):
        found = run([*FIRMS, asking])
        assert found.same_party.is_empty()
        assert found.asks["a"].to_list() == [ident(asking)]
    filled = {**wrong, "code": "000000000000000"}
    assert run([*FIRMS, filled]).same_party["reason"].to_list() == ["name_score"]
    # The answer is one firm of two books' bare names: nobody has its code.
    found = run([named(FULL, "p1"), named(FULL, "p2"), named(near, "p3")])
    assert found.same_party["reason"].to_list() == ["same_full_name"]
    assert found.asks["a"].to_list() == [ident(named(near, "p3"))]


def test_different_and_later_win_over_a_clear_answer() -> None:
    firm, bare = FIRMS[0], named("平湖宏昌新材料", "p1")
    for kind, asked in (("different", 0), ("later", 1)):
        found = run([*FIRMS, bare], judgements((kind, ident(bare), ident(firm))))
        assert found.same_party.is_empty()
        assert found.asks.height == asked


def test_a_branch_does_not_join_its_head_by_score_either() -> None:
    for branch in ("平湖宏昌新材料杭州分公司", "平湖市宏昌新材料有限公司第二分公司"):
        row = {**named(branch, "p1"), "account": "1204080009200012345"}
        found = run([{**FIRMS[0], "account": row["account"]}, row])
        assert found.same_party.is_empty()


ACCOUNT, PHONE, ROAD = "1204080009200012345", "0573-85012345", "平湖市经济技术开发区新兴一路388号"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("平湖洪昌新材料有限公司", {"account": ACCOUNT}),
        ("宏昌新材料有限公司", {"account": ACCOUNT}),
        ("宏昌新材料有限公司", {"phone": PHONE, "address": ROAD}),
        ("宏昌新材料有限公司", {"region": "330482"}),
    ],
)
def test_what_the_papers_say_beside_the_name_reaches_the_score(name: str, said: dict[str, str]) -> None:
    firm = {**FIRMS[0], "account": "工行 1204 0800 0920 0012 345", "phone": PHONE, "address": ROAD}
    bare = named(name, "p1")
    assert run([firm, bare]).same_party.is_empty()
    pair = {frozenset({ident(firm), ident(bare)})}
    assert joined(run([firm, {**bare, **said}])) == pair
    # The commonest of what several papers say counts.
    odd = dict.fromkeys(said, "330106" if "region" in said else "0571-99999999")
    assert joined(run([firm, {**bare, **odd}, {**bare, **said}, {**bare, **said}])) == pair
    assert run([firm, {**bare, **odd}, {**bare, **odd}, {**bare, **said}]).same_party.is_empty()


def test_sisters_that_share_telephone_and_address_are_asked_at_most() -> None:
    said = {"phone": PHONE, "address": ROAD}
    for name in ("平湖宏昌贸易有限公司", "平湖洪昌新材料有限公司", "平湖宏昌有限公司", "宏昌料"):
        assert run([{**FIRMS[0], **said}, {**named(name, "p1"), **said}]).same_party.is_empty()


def test_the_order_of_rows_does_not_matter() -> None:
    rows = [*FIRMS, *NEAR, named(FULL, "p2"), named("嘉兴金達电子", "p1")]
    one, other = run(rows), run(rows[::-1])
    assert one.same_party.equals(other.same_party)
    assert one.asks.equals(other.asks)


def test_no_parties_no_questions() -> None:
    found = match_names(
        empty("parties"), empty("aliases"), empty("judgements"),
        pl.DataFrame(schema={"party": pl.String, "amount_fen": pl.Int64}),
    )  # fmt: skip
    assert found.same_party.is_empty()
    assert found.asks.is_empty()
