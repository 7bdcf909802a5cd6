"""Who is meant by a name: parts of names, the order of evidence, the score as a table, why and why not."""

import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opencc import OpenCC

from extraction.who import Answer, Known, Query, match, weights
from extraction.who.bulk import alike, best
from extraction.who.codes import compare_codes, misreadings
from extraction.who.match import confidences
from extraction.who.parts import parted
from extraction.who.places import places
from extraction.who.weights import FEATURES
from ledger.ids import party_id
from ledger.records import empty
from ledger.words import labels, messages
from seeds.codes import synthetic_codes

NAMES = [
    "平湖市宏昌新材料有限公司",
    "平湖宏盛新材料有限公司",
    "杭州宏昌新材料有限公司",
    "深圳市振业(集团)股份有限公司",
    "中国石化销售股份有限公司",
    "平湖市王记餐馆",
    "上海港集装箱股份有限公司",
    "嘉兴金达电子有限公司",
    "嘉兴第一建筑工程有限公司",
    "永丰纸业有限公司",
    "宁波永丰纸业有限公司",
]
CODES = synthetic_codes(np.full(20, 91), np.arange(20))


def parties(rows: list[dict[str, str]]) -> pl.DataFrame:
    """Rows of table `parties`; the id from scheme, scope and code."""
    made = []
    for row in rows:
        full = {"scheme": "uscc", "scope": "", "code": row.get("name", ""), **row}
        made.append({"party": party_id(full["scheme"], full["scope"], full["code"]), **full})
    return pl.concat([empty("parties"), pl.DataFrame(made)], how="diagonal")


def judgements(*rows: tuple[str, str, str]) -> pl.DataFrame:
    """Judgements (kind, subject, object)."""
    frame = pl.DataFrame(rows, schema=["kind", "subject", "object"], orient="row")
    return pl.concat([empty("judgements"), frame], how="diagonal")


def aliases(*rows: tuple[str, str, str]) -> pl.DataFrame:
    """Aliases (party, name, kind)."""
    frame = pl.DataFrame(rows, schema=["party", "name", "kind"], orient="row")
    return pl.concat([empty("aliases"), frame], how="diagonal")


CODED = [{"code": code, "name": name} for code, name in zip(CODES, NAMES, strict=False)]
ID = {row["name"]: party_id("uscc", "", row["code"]) for row in CODED}


@pytest.fixture(scope="module")
def known() -> Known:
    return Known.of(parties(CODED), empty("aliases"), empty("judgements"))


def ask(known: Known, name: str = "", **more: str) -> Answer:
    return match([Query(name=name, **more)], known)[0]


# Parts of names


@pytest.mark.parametrize(
    ("name", "place", "brand", "trade", "form", "branch"),
    [
        ("平湖市宏昌新材料有限公司", 330482, "宏昌", "新材料", 1, ""),
        ("浙江省嘉兴市平湖县宏昌新材料有限责任公司", 330482, "宏昌", "新材料", 1, ""),
        ("宏昌（平湖）新材料有限公司", 330482, "宏昌", "新材料", 1, ""),
        ("吉林省吉林市大成电子有限公司", 220200, "大成", "电子", 1, ""),
        ("平湖新材料有限公司", 330482, "平湖", "新材料", 1, ""),
        ("黑河市中阳科技有限公司", 231100, "中阳", "科技", 1, ""),  # 中阳 is a county elsewhere
        ("平湖市王记餐馆（个体工商户）", 330482, "王记", "", 6, ""),
        ("中国石化销售股份有限公司浙江平湖石油分公司", 0, "中国石化销售", "", 2, "浙江平湖石油分公司"),
        ("中国工商银行股份有限公司平湖支行", 0, "中国工商", "银行", 2, "平湖支行"),
        ("平湖宏昌新材料有限公司财务部", 330482, "宏昌", "新材料", 1, ""),
        ("平湖宏昌新材料有公限司", 330482, "宏昌", "新材料", 1, ""),
        ("延边朝鲜族自治州宏昌药业有限公司", 222400, "宏昌", "药业", 1, ""),
        ("*ST振业A", 0, "振业", "", 0, ""),
    ],
)
def test_a_name_is_taken_apart(name: str, place: int, brand: str, trade: str, form: int, branch: str) -> None:
    (row,) = parted(pl.Series([name])).iter_rows(named=True)
    assert (row["place"], row["brand"], row["trade"], row["form"], row["branch"]) == (
        place, brand, trade, form, branch,
    )  # fmt: skip
    assert row["why"] is None


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("E123", "code"),
        ("A01234", "code"),
        ("张**", "masked"),
        ("个人", "generic"),
        ("", "empty"),
        ("门市部", "generic"),
    ],
)
def test_what_is_no_name_says_so(name: str, why: str) -> None:
    assert parted(pl.Series([name]))["why"].item() == why


spelt = st.sampled_from(NAMES)


@settings(deadline=None, max_examples=20)
@given(spelt, st.integers(0, 8), st.booleans(), st.booleans())
def test_spelling_does_not_change_the_normal_form(name: str, at: int, wide: bool, old: bool) -> None:
    written = f"{name[:at]} {name[at:]}"
    written = written.replace("(", "（").replace(")", "）") if wide else written
    written = OpenCC("s2t").convert(written) if old else written
    plain, other = parted(pl.Series([name, written]))["whole"]
    assert plain == other


def test_abolished_counties_have_the_present_code() -> None:
    assert places().code["平湖县"] == places().code["平湖市"] == places().code["平湖"] == 330482
    assert "和平" not in places().code  # a brand far more often than a county


# Codes


def test_an_equal_valid_code_decides_whatever_the_name(known: Known) -> None:
    answer = ask(known, "完全不同贸易有限公司", code=CODES[0])
    assert answer.accepted is not None
    assert (answer.accepted.party, answer.why) == (ID[NAMES[0]], "who_same_code")


def test_a_different_valid_code_is_a_veto_even_for_the_same_name(known: Known) -> None:
    answer = ask(known, NAMES[0], code=CODES[15])
    assert answer.verdict == "none"
    assert (answer.candidates[0].verdict, answer.candidates[0].why) == ("reject", "who_other_code")


def test_a_code_misread_in_one_glyph_is_asked() -> None:
    code = next(c for c in CODES if "8" in c[8:16] or "0" in c[8:16])
    at = next(i for i in range(8, 16) if code[i] in "80")
    wrong = code[:at] + {"8": "B", "0": "D"}[code[at]] + code[at + 1 :]
    assert code in misreadings(wrong)
    assert compare_codes(wrong, code) == "misread"
    known = Known.of(parties([{"code": code, "name": NAMES[0]}]), empty("aliases"), empty("judgements"))
    for name in (NAMES[0], ""):
        answer = ask(known, name, code=wrong)
        assert (answer.verdict, answer.candidates[0].why) == ("ask", "who_code_misread")


def test_an_old_tax_number_with_the_same_organisation_is_no_veto() -> None:
    code = "91330482MA28A1BCXX"
    assert compare_codes("330482" + CODES[3][8:17], CODES[3]) == "organisation"
    assert compare_codes(code, CODES[0]) == "none"  # its check digit is wrong: it says nothing


# Names


@pytest.mark.parametrize(
    "name",
    [
        "平湖宏昌新材料有限责任公司",
        "平湖县宏昌新材料有限公司",
        "平 湖 市 宏 昌 新 材 料 有 限 公 司",
        "平湖市宏昌新材料有限公司（盖章）",
        "平湖市宏昌新材料有很公司",
        "宏昌（平湖）新材料有限公司",
        "平湖宏昌新材料",
        "平湖市洪昌新材料有限公司",
    ],
)
def test_garbled_names_are_accepted(known: Known, name: str) -> None:
    answer = ask(known, name)
    assert answer.accepted is not None, answer
    assert answer.accepted.party == ID[NAMES[0]]
    assert answer.accepted.confidence >= 0.95


def test_a_branch_is_never_its_head(known: Known) -> None:
    answer = ask(known, "中国石化销售股份有限公司浙江平湖石油分公司")
    assert (answer.verdict, answer.why) == ("none", "who_is_branch")


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("温州宏昌新材料有限公司", "who_other_place"),
        ("嘉兴金达食品有限公司", "who_other_trade"),
        ("嘉兴第二建筑工程有限公司", "who_other_brand"),
        ("绍兴悦来茶叶有限公司", "who_nobody"),
        ("E123", "who_name_is_code"),
        ("张**", "who_name_masked"),
        ("个人", "who_name_generic"),
        ("", "who_no_name"),
    ],
)
def test_every_no_has_its_reason(known: Known, name: str, why: str) -> None:
    answer = ask(known, name)
    assert (answer.accepted, answer.why) == (None, why)


def test_names_without_a_place_and_short_names_are_asked(known: Known) -> None:
    assert ask(known, "王记餐馆").verdict != "accept"
    assert ask(known, "深振业A").candidates[0].party == ID[NAMES[3]]
    assert ask(known, "深振业A").verdict == "ask"
    assert ask(known, "上港集箱").candidates[0].party == ID[NAMES[6]]


def test_a_tie_is_told_as_a_tie() -> None:
    twice = [{"code": code, "name": "平湖宏昌新材料有限公司"} for code in CODES[:2]]
    answer = ask(Known.of(parties(twice), empty("aliases"), empty("judgements")), "平湖宏昌新材料有限公司")
    assert (answer.verdict, answer.tie, answer.why) == ("ask", True, "who_tie")
    assert answer.candidates[0].score == pytest.approx(answer.candidates[1].score)


def test_account_and_telephone_speak_beside_the_name() -> None:
    rows = [
        {"code": CODES[0], "name": "永丰纸业有限公司", "account": "工商银行平湖支行 1204080009200012345"},
        {"code": CODES[1], "name": "永丰纸业有限公司", "phone": "0573-85012345"},
    ]
    known = Known.of(parties(rows), empty("aliases"), empty("judgements"))
    by_account = ask(known, "永丰纸业", account="1204 0800 0920 0012 345")
    assert by_account.accepted is not None
    assert by_account.accepted.code == CODES[0]
    assert ask(known, "永丰纸业有限公司", phone="057385012345").candidates[0].code == CODES[1]
    assert {f.name for f in by_account.accepted.features} >= {"who_account"}


ROAD = "平湖市经济技术开发区新兴一路388号"


def _given(known: Known, **said: str) -> dict[str, float]:
    """What the firm of the first code gets for 永丰纸业有限公司 and what else is said."""
    answer = ask(known, "永丰纸业有限公司", **said)
    first = next(c for c in answer.candidates if c.code == CODES[0])
    return {"score": first.score, **{f.name: f.gave for f in first.features}}


@pytest.mark.parametrize(
    ("said", "row", "gave"),
    [
        ({"phone": "(0573) 8501-2345"}, "who_phone", 4.0),
        ({"phone": "0573-85019999"}, "who_phone", 0.0),
        ({"phone": "0573-88880000"}, "who_phone", 1.0),  # three firms bear it: an agent's
        ({"phone": "0573-850****5"}, "who_phone", 0.0),
        ({"address": ROAD}, "who_address", 4.0),
        ({"address": "平湖市经济技术开发区昌盛路66号"}, "who_address", 2.0),
        ({"address": "哈尔滨市南岗区西大直街92号"}, "who_address", -0.5),
        ({"address": "平湖"}, "who_address", 0.0),
    ],
)
def test_telephone_and_address_are_rows_of_the_score(said: dict[str, str], row: str, gave: float) -> None:
    agent = "0573-88880000"
    rows = [
        {"code": CODES[0], "name": "永丰纸业有限公司", "phone": "0573-85012345", "address": ROAD},
        {"code": CODES[0], "name": "永丰纸业有限公司", "phone": agent},
        *({"code": CODES[k], "name": NAMES[k], "phone": agent} for k in (3, 4)),
    ]
    known = Known.of(parties(rows), empty("aliases"), empty("judgements"))
    plain, told = _given(known), _given(known, **said)
    assert told.get(row, 0.0) == pytest.approx(gave)
    assert told["score"] - plain["score"] == pytest.approx(gave, abs=0.02)


def test_telephone_and_address_turn_a_tie_into_an_answer() -> None:
    rows = [
        {"code": CODES[0], "name": "永丰纸业有限公司", "phone": "0573-85012345", "address": ROAD},
        {"code": CODES[1], "name": "永丰纸业有限公司"},
    ]
    known = Known.of(parties(rows), empty("aliases"), empty("judgements"))
    name, phone = "永丰纸业有限公司", "057385012345"
    assert (ask(known, name).verdict, ask(known, name).why) == ("ask", "who_tie")
    for said in ({"phone": phone}, {"address": ROAD}, {"phone": phone, "address": ROAD}):
        found = ask(known, name, **said)
        assert found.accepted is not None, said
        assert found.accepted.code == CODES[0]


def test_a_judgement_is_a_veto_whatever_it_weighs(monkeypatch: pytest.MonkeyPatch) -> None:
    name = "平湖宏昌新材料公司"
    rows = parties([*CODED, {"scheme": "name", "name": name}])
    apart = judgements(("different", party_id("name", "", name), ID[NAMES[0]]))
    known = Known.of(rows.filter(pl.col("scheme") == "uscc"), empty("aliases"), empty("judgements"))
    assert ask(known, name).accepted is not None
    monkeypatch.setattr(weights, "WEIGHTS", weights.WEIGHTS._replace(judged_different=-0.1))
    answer = ask(Known.of(rows, empty("aliases"), apart), name)
    held = {c.party: c for c in answer.candidates}[ID[NAMES[0]]]
    assert (held.verdict, held.why) == ("reject", "who_judged_different")
    assert "different" in messages()[held.why]["en"]


def test_a_former_name_leads_to_the_firm_and_says_so() -> None:
    former = aliases((ID[NAMES[0]], "平湖县建新塑料厂", "former"))
    known = Known.of(parties(CODED), former, empty("judgements"))
    answer = ask(known, "平湖县建新塑料厂")
    assert answer.accepted is not None
    assert answer.accepted.party == ID[NAMES[0]]
    row = next(f for f in answer.accepted.features if f.name == "who_former")
    assert row.right.startswith("平湖县建新塑料厂")


def test_judgements_feed_the_next_match() -> None:
    rows = parties([*CODED, {"scheme": "name", "name": "宏昌料件"}])
    bare = party_id("name", "", "宏昌料件")
    plain = Known.of(rows, empty("aliases"), empty("judgements"))
    assert ask(plain, "宏昌料件").candidates[0].party == bare
    same = Known.of(rows, empty("aliases"), judgements(("same", bare, ID[NAMES[0]])))
    assert ask(same, "宏昌料件").candidates[0].party == ID[NAMES[0]]
    name = "平湖宏昌新材料有限责任公司"
    other = parties([*CODED, {"scheme": "name", "name": "平湖宏昌新材料公司"}])
    apart = judgements(("different", party_id("name", "", "平湖宏昌新材料公司"), ID[NAMES[0]]))
    answer = ask(Known.of(other, empty("aliases"), apart), "平湖宏昌新材料公司")
    held = {c.party: c for c in answer.candidates}[ID[NAMES[0]]]
    assert (held.verdict, held.why) == ("reject", "who_judged_different")
    assert ask(plain, name).accepted is not None  # undone: the judgement is not in the table any more


# The score


@settings(deadline=None, max_examples=12)
@given(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4))
def test_a_score_is_the_sum_of_its_table(names: list[str]) -> None:
    for answer in match([Query(name=name[:-4]) for name in names], _known()):
        for candidate in answer.candidates:
            assert candidate.score == pytest.approx(sum(f.gave for f in candidate.features), abs=0.1)
            assert candidate.why in messages()
        scores = [candidate.score for candidate in answer.candidates]
        assert scores == sorted(scores, reverse=True)


_MEMO: list[Known] = []


def _known() -> Known:
    if not _MEMO:
        _MEMO.append(Known.of(parties(CODED), empty("aliases"), empty("judgements")))
    return _MEMO[0]


@given(st.lists(st.floats(-80, 80), min_size=1, max_size=8), st.floats(0, 5))
def test_confidence_grows_with_the_score_and_shares_one(scores: list[float], more: float) -> None:
    before = confidences(np.array(scores))
    assert 0 <= before.sum() <= 1 + 1e-9
    assert confidences(np.array([scores[0] + more, *scores[1:]]))[0] >= before[0] - 1e-9


def test_the_rarer_brand_says_more() -> None:
    many = [
        {"code": c, "name": f"{p}宏昌电子有限公司"}
        for c, p in zip(CODES, ("平湖", "杭州", "宁波", "温州"), strict=False)
    ]
    many.append({"code": CODES[9], "name": "平湖翊骁电子有限公司"})
    known = Known.of(parties(many), empty("aliases"), empty("judgements"))
    common, rare = ask(known, "平湖宏昌电子有限公司"), ask(known, "平湖翊骁电子有限公司")
    gave = [{f.name: f for f in a.candidates[0].features}["who_rarity"] for a in (common, rare)]
    assert gave[0].gave < gave[1].gave
    assert [g.right for g in gave] == ["4", "1"]


def test_answers_do_not_depend_on_company_or_order(known: Known) -> None:
    names = ["平湖宏昌新材料", "上港集箱", "嘉兴金达食品有限公司"]
    together = match([Query(name=n) for n in names], known)
    alone = [ask(known, n) for n in names]
    assert [a.candidates for a in together] == [a.candidates for a in alone]
    assert match([], known) == []


def test_bulk_finds_what_a_query_finds(known: Known) -> None:
    names = pl.Series(["平湖宏昌新材料有限责任公司", "嘉兴金达电子公司"])
    first = best(names, known, most=1)
    faces = known.firms["party"]
    assert [faces[i] for i in first["other"]] == [ID[NAMES[0]], ID[NAMES[7]]]
    pairs = alike(known)
    assert pairs.filter(pl.col("firm") == pl.col("other")).is_empty()
    twin = pairs.filter(pl.col("firm") == faces.to_list().index(ID["永丰纸业有限公司"])).row(0)
    assert faces[twin[1]] == ID["宁波永丰纸业有限公司"]


def test_an_empty_list_answers_nobody() -> None:
    known = Known.of(empty("parties"), empty("aliases"), empty("judgements"))
    assert ask(known, NAMES[0]).why == "who_nobody"


def test_every_row_and_reason_has_its_words() -> None:
    assert {f"who_{name}" for name in FEATURES} <= set(labels())
    source = "".join(p.read_text("utf-8") for p in Path("extraction/who").glob("*.py"))
    used = set(re.findall(r'"(who_[a-z_]+)"', source))
    assert used - set(labels()) <= set(messages())
    assert len(used) > 20
    assert not {key for key in labels() if key.startswith("who_")} & set(messages())
