"""Books that show too little: figures that are null with their reason, and decisions that a person takes."""

import json
from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from ledger.ledger import Ledger
from ledger.state import State
from ledger.words import message
from services.credit.columns import judged
from services.credit.gather import firm_of, gather
from services.credit.inputs import Books, Wish, read_inputs
from services.credit.policy import read_policy, shipped
from services.credit.prepared import Prepared
from services.features import FEATURE_SET_VERSION, features
from tests.credit_stand_in import Model, Sources, decided, desk, policies
from tests.feature_world import Sold, World, end_of, tables

LAST = 23
YEARLY = (
    *("log_sales", "log_sales_all", "months_active", "retail_share", "log_invoice", "sales_idle_share"),
    *("log_sales_median_month", "sales_red_share", "hhi_customers_all", "sales_weekend_share"),
)


def _shops() -> World:
    """S sells to consumers every month; T in two months a year apart; both buy from B every month; D sells
    to S, to T and to Z, with whole books."""
    sold = []
    for month in range(LAST + 1):
        sold += [Sold("S", None, month, 500_00, "CAR"), Sold("B", "S", month, 100_00, "PART")]
        sold += [Sold("B", "T", month, 90_00, "PART"), Sold("D", "Z", month, 100_00, "PART")]
    sold += [Sold("T", None, 8, 70_00, "CAR"), Sold("T", None, 20, 60_00, "CAR")]
    return World(sold=sold, own=frozenset(["S:sale", "S:purchase", "T:sale", "D:sale"]))


@pytest.fixture(scope="module")
def found():
    return features(tables(_shops()), None, end_of(LAST))


@pytest.mark.parametrize("name", YEARLY)
def test_books_with_papers_of_two_months_give_no_yearly_figure(found, name):
    row = _shops().row("T")
    assert found.value(row, name) is None
    assert found.reason(row, name) == "books_short"


def test_what_two_months_do_tell_is_told(found):
    row = _shops().row("T")
    assert found.value(row, "idle_months") == 3
    assert found.value(row, "books_months") == 13
    assert found.value(row, "seen_suppliers") == 1


@pytest.mark.parametrize(
    "name", ["top1_customer", "top5_customers", "hhi_customers", "top1_customer_all", "new_customers",
             "log_sales_beyond_top1", "longest_customer"],
)  # fmt: skip
def test_who_sells_to_consumers_alone_has_no_customer_to_measure(found, name):
    row = _shops().row("S")
    assert found.value(row, name) is None
    assert found.reason(row, name) == "no_named_customers"
    assert message("feature_missing_no_named_customers", "zh") == "销售全是零售，没有可以列名的企业客户"


def test_who_sells_to_consumers_alone_has_sales_and_depends_on_no_buyer(found):
    row = _shops().row("S")
    assert found.value(row, "log_sales") > 3
    assert found.value(row, "customers") == 0
    assert found.value(row, "retail_share") == 1
    assert found.value(row, "depends_on_buyer") == 0
    assert FEATURE_SET_VERSION == "2"


@pytest.fixture
def prepared(tmp_path):
    from graph.snapshot import write_snapshot

    return Prepared(write_snapshot(tmp_path, tables(_shops())), Ledger(tmp_path))


def _inputs(prepared, letter):
    party = prepared.snapshot.id_of(_shops().row(letter))
    wish = Wish("a", party, "working_capital", 10_000_00, 12, "wages", "2026-01-05")
    return gather(prepared, Sources(), None, wish, prepared.snapshot.as_of)


def test_sales_to_consumers_are_sales(prepared):
    assert _inputs(prepared, "S").books == Books(12, 12, 12 * 500_00, "own", 12)
    assert _inputs(prepared, "T").books == Books(1, 12, 60_00, "at_least", 1)
    assert _inputs(prepared, "B").books.sales_fen == 12 * 190_00
    assert _inputs(prepared, "Z").books.sales_fen is None


def test_a_shop_that_sold_in_one_month_goes_to_a_person_in_one_sentence(prepared, tmp_path):
    policy = next(p for p in shipped() if p.role == "champion")
    made = desk(prepared.snapshot, tmp_path, State(tmp_path), policies=(policy,))
    answer = decided(made, party=prepared.snapshot.id_of(_shops().row("T")))
    assert (answer["status"], answer["reasons"][0]["code"]) == ("manual_review", "books_short")
    assert answer["advice"] == "hand_in_books"
    said = message("reason_books_short", "zh", **answer["reasons"][0]["params"])
    assert said == "近一年只有 1 个月见到销售（自有账 1 个月），推不出全年收入，由人工判断"
    assert decided(made, party=prepared.snapshot.id_of(_shops().row("S")))["status"] == "approved"
    columns = judged(prepared, Model(names=("log_sales", "seen_customers"), weights=(-0.2, -0.1)), policy)
    told = dict(columns.select("enterprise", "status").iter_rows())
    assert told[firm_of(prepared, prepared.snapshot.id_of(_shops().row("T")))] == "manual_review"
    assert told[firm_of(prepared, prepared.snapshot.id_of(_shops().row("S")))] == "approved"


def test_versions_from_before_the_rule_decide_as_they_did(prepared):
    body = shipped()[0].body
    before = read_policy("\n".join(line for line in body.splitlines() if "sold_months" not in line))
    assert before.sold_months is None
    model = Model(names=("log_sales", "seen_customers"), weights=(-0.2, -0.1))
    row = judged(prepared, model, before).row(_shops().row("T"), named=True)
    assert row["status"] == "approved"
    raw = json.loads(_inputs(prepared, "T").text())
    del raw["books"]["sold_months"], raw["money"]["contracts_unknown"]
    old = read_inputs(json.dumps(raw))
    assert (old.books.sold_months, old.money.contracts_unknown) == (None, 0)


def test_the_older_test_policies_still_read():
    assert {p.sold_months for p in policies()} == {2}


def test_a_guarantee_of_unknown_amount_is_not_one_of_nothing():
    world = _shops()
    given = ("GUARANTEES", "D", "S", date(2024, 1, 1), date(2024, 1, 1), None)
    made = tables(replace(world, ties=[given]))
    made.relations = made.relations.with_columns(amount_fen=pl.lit(None, pl.Int64))
    unknown, known = (features(t, None, end_of(LAST)) for t in (made, tables(replace(world, ties=[given]))))
    for name, letter in (("log_guarantees_given", "D"), ("log_guarantees_received", "S")):
        assert unknown.reason(world.row(letter), name) == "not_stated"
        assert known.value(world.row(letter), name) > 0
    assert unknown.value(world.row("D"), "log_guarantees_received") == 0
