"""What the rooms hand to a decision: facts behind a feature, contracts still to invoice, the cash path."""

from datetime import date
from hashlib import sha256

import polars as pl
import pytest

from graph.snapshot import write_snapshot
from ledger.ledger import Ledger, Load
from ledger.state import State
from ledger.words import messages
from services.credit.prepared import Prepared
from services.credit.rooms import rooms_of
from tests.cash_world import YUAN, CashWorld, steady
from tests.tiny_graph import OTHER_PARTY_OF_C, tiny
from tests.tiny_graph import firm as tiny_firm

DAY = date(2025, 12, 31)


def _contract(world: CashWorld, seller: int, buyer: int, fen: int, signed: date, **more) -> None:
    world.contracts.append(
        {"seller": seller, "buyer": buyer, "contract": f"{len(world.contracts):x}".rjust(16, "c"),
         "kind": "sales", "currency": "CNY", "happened_on": signed, "amount_fen": fen, "basis": "with_tax",
         "invoiced_fen": None, "settled_fen": None, "until": None, **more}
    )  # fmt: skip


def _rooms(world: CashWorld, folder, sides=("sale", "purchase")):
    """Rooms over the world, with the months of firm 0's own books."""
    world.write(folder)
    kept = [one for one in world.invoices if one["happened_on"] <= world.as_of]
    made = world._tables(kept)
    rows = [
        (one["seller"] if side == "sale" else one["buyer"], side, f"{one['happened_on']:%Y-%m}")
        for one in kept
        for side in sides
    ]
    schema = {"enterprise": pl.Int32, "side": pl.String, "month": pl.String}
    books = pl.DataFrame(rows, schema=schema, orient="row").filter(pl.col("enterprise").is_in([*world.own]))
    made.coverage = books.group_by(pl.all(), maintain_order=True).agg(invoices=pl.len().cast(pl.Int32))
    return rooms_of(write_snapshot(folder, made), Ledger(folder), State(folder))


def _facts(world: CashWorld, seller: int | None = None, buyer: int | None = None, since=date(2025, 1, 1)):
    return {
        one["fact"]
        for one in world.invoices
        if one["happened_on"] >= since and seller in (None, one["seller"]) and buyer in (None, one["buyer"])
    }


def test_the_facts_of_a_feature_are_those_that_enter_it(tmp_path):
    world = steady(DAY)
    # Another buyer, last invoiced a year and a half ago.
    world.invoice(0, 3, date(2024, 5, 10), 5_000_000 * YUAN)
    seen = _rooms(world, tmp_path).features(0, DAY)
    year, bought = _facts(world, seller=0), _facts(world, buyer=0)
    for name in ("log_sales", "top1_customer", "hhi_customers", "log_invoices"):
        assert set(seen.facts(name)) <= year, name
        assert len(seen.facts(name)) == 5
    assert set(seen.facts("log_purchases")) <= bought
    assert set(seen.facts("suppliers")) <= bought
    assert set(seen.facts("seen_suppliers")) <= _facts(world, buyer=0, since=world.first)
    assert set(seen.facts("idle_months")) <= {f for f in year if f == max(year)}
    for name, end in (("days_to_pay", "seller"), ("days_paying", "buyer")):
        assert set(seen.facts(name)) <= {one["payment"] for one in world.settlements if one[end] == 0}


def test_a_contract_whose_invoices_name_it_not_takes_those_of_its_two_firms(tmp_path):
    world = steady(DAY)  # 0 invoices 1,000,000 yuan a month to 1
    _contract(world, 0, 1, 5_000_000 * YUAN, date(2025, 10, 1))  # three months since: 3,000,000
    _contract(world, 0, 1, 1_000_000 * YUAN, date(2025, 11, 1))  # what is left of those goes to the first
    money = _rooms(world, tmp_path).money(0, DAY, 12)
    assert money.contracts_fen == 3_000_000 * YUAN
    assert (money.contracts_reason, money.contracts_unknown) == (None, 0)


def test_a_contract_of_which_nobody_sees_the_invoices_counts_for_nothing_and_says_so(tmp_path):
    world = steady(DAY)  # the books of 3 are not in
    _contract(world, 3, 4, 5_000_000 * YUAN, date(2025, 10, 1))
    _contract(world, 3, 4, 900_000 * YUAN, date(2025, 1, 1), until=date(2025, 6, 30))
    rooms = _rooms(world, tmp_path)
    money = rooms.money(3, DAY, 12)
    assert (money.contracts_fen, money.contracts_unknown) == (None, 1)
    assert money.contracts_reason == "contracts_unbilled_unknown"
    assert money.contracts_reason in messages()


@pytest.mark.parametrize("stated", [True, False])
def test_a_cash_path_without_statements_comes_with_its_reason(tmp_path, stated):
    world = steady(DAY)
    if not stated:
        world.statements.clear()
    money = _rooms(world, tmp_path).money(0, DAY, 12)
    assert money.cash_net_fen is not None
    assert money.cash_reason == (None if stated else "cash_no_statements")
    assert "cash_no_statements" in messages()


def test_sales_to_consumers_are_the_invoices_that_name_no_buyer(tmp_path):
    home = tiny(tmp_path)
    sold = [("a" * 16, OTHER_PARTY_OF_C, 9), ("b" * 16, tiny_firm("C"), 2), ("c" * 16, tiny_firm("A"), 5)]
    rows = [(fact, seller, date(2025, 4, day), "normal") for fact, seller, day in sold]
    rows.append(("d" * 16, tiny_firm("C"), date(2025, 4, 3), "void"))
    heads = pl.DataFrame(rows, schema=["fact", "seller", "happened_on", "status"], orient="row")
    heads = heads.with_columns(
        row=pl.int_range(1, 5), weak=False, kind=pl.lit("digital_general"), number=pl.col("fact"),
        currency=pl.lit("CNY"), known_at=pl.datetime(2025, 4, 30, time_zone="UTC"),
        amount_fen=100, tax_fen=13, total_fen=113,
    )  # fmt: skip
    data = b"sold over the counter"
    Ledger(tmp_path).commit(
        [Load(sha256(data).hexdigest(), "till.csv", data, "till", 1, {"invoices": heads}, 4, 4)]
    )
    prepared = Prepared(home.snapshot, Ledger(tmp_path))
    retail = {
        letter: prepared.retail_of(home.snapshot.index_of(tiny_firm(letter)))["fact"].to_list()
        for letter in "ACG"
    }
    # C sells to E by name too, A to C, G to H and I: those stand behind links
    assert retail == {"A": ["c" * 16], "C": ["b" * 16, "a" * 16], "G": []}
