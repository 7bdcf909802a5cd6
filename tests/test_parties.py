"""From what a document calls a firm to a party: credit codes, scoped codes, names, and nobody."""

import polars as pl
import pytest

from extraction.books import BooksReader
from extraction.parties import MENTION, identify, is_person, who_is
from ledger.ids import party_id
from tests.ledgers import BUYER, SELLER, THIRD, line, source

READER = BooksReader()


def test_a_credit_code_names_a_firm_everywhere() -> None:
    for scope in (None, "cumcm2020c"):
        who = who_is("seller", f" {SELLER.lower()} ", "某公司", scope, "E1", "owner")
        assert who is not None
        assert (who.scheme, who.scope, who.key) == ("uscc", "", SELLER)


def test_a_ledgers_own_code_means_something_only_in_its_book() -> None:
    one, other = (who_is("seller", "A1", None, "cumcm2020c", book, "x") for book in ("E1", "E2"))
    assert one is not None
    assert other is not None
    assert (one.scheme, one.scope) == ("scoped", "cumcm2020c/E1/seller")
    assert one.scope != other.scope
    buyer = who_is("buyer", "A1", None, "cumcm2020c", "E1", "x")
    assert buyer is not None
    assert buyer.scope != one.scope
    owner = who_is("owner", "E1", None, "cumcm2020c")
    assert owner is not None
    assert owner.scope == "cumcm2020c/owner"


def test_a_number_that_is_no_tax_number_is_scoped_in_a_ledger_of_its_own_codes() -> None:
    who = who_is("buyer", "330482123456789", None, "ours", "E1", "x")
    assert who is not None
    assert who.scheme == "scoped"


def test_a_name_is_scoped_by_the_owner() -> None:
    mine = who_is("buyer", None, "嘉兴 市乙注塑有限公司", None, None, "p1")
    assert mine is not None
    assert (mine.scheme, mine.scope, mine.key) == ("name", "p1", "嘉兴市乙注塑有限公司")
    paper = who_is("buyer", "000000000000000", "嘉兴市乙注塑有限公司")
    assert paper is not None
    assert paper.scope == ""


UNVERIFIED = [SELLER[:-1] + ("0" if SELLER[-1] != "0" else "1"), "9" * 18, "123456789012345678", "1" * 15]


@pytest.mark.parametrize("number", UNVERIFIED)
def test_a_number_that_verifies_nothing_joins_no_two_firms(number: str) -> None:
    rows = [
        line(1, 购方识别号=number),
        line(2, 购方识别号=number, 购买方名称="嘉兴市丙五金厂"),
        line(3, 购方识别号=number),
    ]
    facts = READER.facts(source(rows))
    invoices, parties = facts.tables["invoices"].sort("number"), facts.tables["parties"]
    first, second, third = invoices["buyer"]
    assert first == third != second
    buyers = parties.filter(pl.col("party").is_in([first, second]))
    assert set(buyers["scheme"]) == {"scoped"}
    assert set(buyers["code"]) == {number}
    assert all(s.startswith(f"unverified/{facts.owner}/") for s in buyers["scope"])
    assert {p["code"] for ps in invoices["warnings"] for p in ps} == {"credit_code_check_digit"}
    other = READER.facts(source([line(4, 购方识别号=number), line(5, 购方识别号=THIRD, 销方识别号=BUYER)]))
    assert other.owner is None
    assert not set(other.tables["invoices"]["buyer"]) & {first, second}


def test_an_owner_whose_number_is_wrong_still_finds_himself_on_his_rows() -> None:
    number = UNVERIFIED[0]
    rows = [line(1, 销方识别号=number), line(2, 销方识别号=number, 购方识别号=THIRD)]
    invoices = READER.facts(source(rows)).tables["invoices"]
    assert set(invoices["side"]) == {"sale"}
    assert (invoices["owner"] == invoices["seller"]).all()


def test_a_filler_beside_no_firm_is_nobody() -> None:
    rows = [line(1, 购方识别号="9" * 15, 购买方名称=name) for name in ("个人", "王五", "")]
    assert READER.facts(source(rows[:1])).tables["invoices"]["buyer"].to_list() == [None]
    assert all(who_is("buyer", "9" * 15, name) is None for name in ("个人", "王五", None))


@pytest.mark.parametrize(
    "name", [None, "", "个人", "散客", "零售", "消费者", "张三", "欧阳小明", "个人（李四）", "热依·罕", "--"]
)
def test_people_and_the_public_are_nobody(name: str | None) -> None:
    assert who_is("buyer", None, name) is None


@pytest.mark.parametrize("name", ["平湖厂", "乙注塑有限公司", "城北店", "ACME", "丁记五金经营部"])
def test_short_names_of_organisations_are_not_people(name: str) -> None:
    assert not is_person(name)


def test_personal_numbers_are_masked_and_make_the_id() -> None:
    number = "110101199003074258"
    mention = {"role": "seller", "code": number, "name": "张三丰", "scope": None, "book": None, "owner": None}
    found = identify(pl.DataFrame([mention], schema=dict.fromkeys(MENTION, pl.String))).row(0, named=True)
    assert found["party"] == party_id("tax", "", number)
    assert (found["shown"], found["shown_name"], found["legal_form"]) == (
        "110***********4258",
        "张**",
        "person",
    )


def test_no_personal_number_reaches_the_parties() -> None:
    number = "11010119900307425802"
    facts = READER.facts(source([line(1, 销方识别号=number, 销方名称="张三丰小吃店")]))
    parties = facts.tables["parties"]
    assert parties.filter(pl.col("code").str.contains("19900307")).is_empty()
    small = parties.filter(pl.col("legal_form") == "individual_business")
    assert small["code"].to_list() == ["110*************5802"]


def test_each_way_of_naming_a_firm_is_kept() -> None:
    facts = READER.facts(source([line(1), line(2, 购买方名称="嘉兴市乙注塑厂"), line(3, 购买方名称="")]))
    named = facts.tables["parties"].filter(pl.col("party") == party_id("uscc", "", BUYER))
    assert named["name"].to_list() == ["嘉兴市乙注塑厂", "嘉兴市乙注塑有限公司"]


def test_anonymous_buyers_stay_null() -> None:
    rows = [line(1, 购方识别号="", 购买方名称="个人"), line(2, 购方识别号="", 购买方名称="王五")]
    invoices = READER.facts(source(rows)).tables["invoices"]
    assert invoices["buyer"].to_list() == [None, None]
    assert set(invoices["seller"]) == {party_id("uscc", "", SELLER)}
