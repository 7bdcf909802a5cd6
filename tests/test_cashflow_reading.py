"""What a cash path reads right: foreign accounts, bank bills, running months, lacking sums, old accounts."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from api.views.amounts import amount_text
from services.calendar import tax_due
from services.cashflow.bank import balance, loose, recurring
from services.cashflow.books import days
from services.cashflow.ground import ground_of
from services.cashflow.outlook import outlook_of
from services.cashflow.path import Asked, path_on
from services.cashflow.proof import Proof, figures
from tests.cash_world import YUAN, CashWorld, firm_id, steady

CUT = date(2025, 12, 31)


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    return steady(CUT).write(tmp_path_factory.mktemp("steady"))


def small(**own):
    """Firm 0 sells to firm 1 every month."""
    world = CashWorld(4, CUT, own=frozenset({0}), **own)
    for month in range(1, 13):
        world.invoice(0, 1, date(2025, month, 10), 100_000 * YUAN)
    return world


def test_the_balance_of_a_foreign_account_is_no_yuan(tmp_path):
    world = small()
    world.stated(0, 500_000)
    world.stated(0, 10**12, currency="USD", account="usd")
    ground = ground_of(*world.write(tmp_path))
    assert balance(ground.bank, 0, 10) == (500_000, CUT)


def test_who_draws_a_bill_that_a_bank_accepts_finds_its_money(tmp_path):
    world = small()
    drawn = {"owner": 0, "number": "B1", "event": "drawn", "happened_on": date(2025, 11, 1), "kind": "bank",
             "due_on": date(2026, 2, 20), "amount_fen": 70_000 * YUAN, "drawer": firm_id(0),
             "acceptor": firm_id(3)}  # fmt: skip
    world.bills = [drawn, {**drawn, "number": "B2", "kind": "commercial"}]
    found = [
        one for one in path_on(ground_of(*world.write(tmp_path)), 0, Asked(90)).known if one.kind == "bill"
    ]
    assert [(one.direction, one.amount_fen) for one in found] == [("out", 70_000 * YUAN)]


def test_a_month_that_runs_owes_the_tax_of_what_is_invoiced_already(plain):
    path = path_on(ground_of(*plain, date(2025, 6, 15)), 0, Asked(60))
    by_day = {one.on: one.amount_fen for one in path.known if one.kind == "vat"}
    # June's sales and purchases were written by the 15th: a million less half a million, and what may follow
    month = 500_000 * YUAN * 0.13 / 1.13 * 1.12
    assert month < by_day[tax_due(2025, 7)] < 1.5 * month


def test_money_without_invoices_fills_what_is_left_of_a_month_and_no_more(tmp_path):
    world = small(first=date(2025, 1, 1))
    world.stated(0, 0)
    for month in range(1, 13):
        for day in (3, 20):
            world.move(0, "in", date(2025, month, day), 50_000 * YUAN, "trade")
    home = world.write(tmp_path)
    whole = path_on(ground_of(*home), 0, Asked(31)).expected_fen[0].sum()
    ground = ground_of(*home, date(2025, 6, 15))
    found = loose(ground.bank, 0, ground.policy.body["loose"], {1}, set())
    assert [set(one.sums) for one in found] == [{100_000 * YUAN}]  # June has not ended
    half = path_on(ground, 0, Asked(15)).expected_fen[0].sum()
    assert half < 0.75 * whole


def test_money_moved_between_own_accounts_is_neither_trade_nor_an_outlay(tmp_path):
    world = small()
    world.stated(0, 0)
    for month in range(1, 13):
        world.move(0, "out", date(2025, month, 5), 900_000 * YUAN, "trade", partner=0)
    ground = ground_of(*world.write(tmp_path))
    assert recurring(ground.bank, 0, ground.policy.body["recurring"], {1})  # what it would be taken for
    path = path_on(ground, 0, Asked(90))
    assert not [one for one in path.known if one.kind == "trade"]
    assert path.expected_fen[1].max() < 900_000 * YUAN


def test_an_invoice_without_a_sum_with_tax_owes_what_it_prints(tmp_path):
    world = small()
    last = world.invoices[-1]
    fen = last["amount_fen"] + last["tax_fen"]
    last["total_fen"] = None
    books = ground_of(*world.write(tmp_path)).books
    assert books.total_fen.dtype == np.int64
    assert books.total_fen[list(books.fact).index(last["fact"])] == fen


def test_an_account_that_ended_and_another_that_began_prove_no_debt_from_before(tmp_path):
    world = small()
    june, july = date(2025, 6, 30), date(2025, 7, 1)
    world.stated(0, 0, account="old", until=june)
    world.stated(0, 0, account="new", **{"from": july})
    ground = ground_of(*world.write(tmp_path))
    assert ground.books.covered_from[0] == days(july)


def test_months_after_a_firms_books_are_neither_inside_nor_outside():
    came = np.array([[1.0, np.nan, np.nan], [1.0, 1.0, 1.0]])
    made, flags = np.ones((2, 3)), ~np.isnan(came)
    own = np.ones(2, np.bool_)
    proof = Proof((made, made), (came, came), ({80: flags}, {80: flags}), (own, own), None)
    assert {one.coverage[80] for one in figures(proof, np.array([0]))} == {1.0}


def test_notes_of_many_firms_sum_what_they_count(tmp_path):
    world = small()
    for seller in (0, 2):
        fact = f"{seller}" * 16
        world.contracts.append(
            {"seller": seller, "buyer": 1, "contract": fact, "kind": "sales", "currency": "CNY",
             "happened_on": date(2025, 12, 1), "amount_fen": 800_000 * YUAN}
        )  # fmt: skip
        world.terms.append(
            {"seller": seller, "buyer": 1, "contract": fact, "term": 1, "kind": "payment",
             "amount_fen": 800_000 * YUAN, "trigger": "acceptance"}
        )  # fmt: skip
    outlook = outlook_of(ground_of(*world.write(tmp_path)), [0, 2], replace(Asked(30), scenarios=10), None)
    ((note, firms),) = [one for one in outlook.notes if one[0].code == "cashflow_undated"]
    assert (firms, note.params["count"]) == (2, 2)
    assert note.params["amount_fen"] > 800_000 * YUAN


def test_a_settling_month_that_was_missed_is_told(tmp_path):
    world = CashWorld(3, CUT, own=frozenset({0}))
    world.first = date(2023, 1, 1)
    for year in (2023, 2024, 2025):
        for month in range(1, 12):
            fact = world.invoice(0, 1, date(year, month, 8), 10_000 * YUAN)
            if (year, month) not in {(2025, 2), (2025, 5)}:
                world.pay(fact, date(year, 12, 10 + month))
    world.invoice(0, 1, date(2025, 12, 30), 10_000 * YUAN)  # waits for the next December
    world.stated(0, 0)
    ground = ground_of(*world.write(tmp_path))
    row = int(ground.delays.of[0])
    assert ground.delays.held[row].month == 12
    assert ground.missed(0) == 2


@pytest.mark.parametrize(
    ("fen", "zh", "en"),
    [
        (0, "0.00 元", "CNY 0.00"),
        (980_000, "9,800.00 元", "CNY 9,800.00"),
        (-980_000, "-9,800.00 元", "CNY -9,800.00"),
        (98_000_000, "98.00万元", "CNY 980,000.00"),
        (1_234_000_000, "1,234.00万元", "CNY 12.34 m"),
    ],
)
def test_an_amount_is_told_in_a_unit_of_its_size(fen, zh, en):
    assert (amount_text(fen, "zh"), amount_text(fen, "en")) == (zh, en)
