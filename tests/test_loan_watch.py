"""After the loan: signals against the same season, and warnings that freeze, cut or refer."""

from datetime import date, timedelta
from decimal import Decimal

import polars as pl
import pytest

from ledger import audit, lending, portfolios, watch
from ledger.errors import Conflict, InputError
from ledger.state import State
from services.lending import booking
from services.lending.booking import Approved, Request
from services.lending.patrol import hold_on, patrol
from services.lending.policy import policy_on
from services.lending.sales_index import SalesIndex
from services.lending.watching import signals
from tests.lending_world import CUT_OFF, build, fact, firm, inv

RULES = policy_on(CUT_OFF)
WAN = 1_000_000


def monthly(pair, name, now, before):
    """An invoice a month on the 15th: `before` yuan in all of 2024 and 2025, `now` in the last quarter."""
    rows = []
    for n in range(24):
        day = date(2024 + n // 12, n % 12 + 1, 15)
        yuan = now if n >= 21 else before
        if yuan:
            rows.append(inv(pair, (CUT_OFF - day).days, yuan, f"{name}{n}"))
    return rows


def found(world, letter="A"):
    index = SalesIndex.of(world.snapshot, world.ledger)
    told, unknown = signals(world.snapshot, index, [world.row(letter)], RULES)
    return {one.code: one for one in told}, {one.code: one.reason for one in unknown}


def test_steady_sales_raise_nothing(tmp_path):
    told, unknown = found(build(tmp_path, monthly("AB", "x", 1000, 1000)))
    assert told == {} and unknown == {"buyer_pays_later": "no_payments_seen"}


@pytest.mark.parametrize(("now", "action"), [(750, None), (650, "refer"), (300, "freeze")])
def test_invoicing_against_the_same_season(tmp_path, now, action):
    told, _ = found(build(tmp_path, monthly("AB", "x", now, 1000)))
    assert (told["invoicing_down"].action if "invoicing_down" in told else None) == action


def test_a_season_is_no_fall(tmp_path):
    """Sells in spring alone, every year: nothing in the last quarter is nothing new."""
    rows = [one for one in monthly("AB", "x", 1000, 1000) if one.day.month in (3, 4)]
    rows += [inv("BA", 10, 5, "books-run-on")]
    told, _unknown = found(build(tmp_path, rows))
    assert "invoicing_down" not in told and "largest_buyer_gone" not in told


def test_books_that_ended_say_nothing(tmp_path):
    rows = [one for one in monthly("AB", "x", 1000, 1000) if one.day < date(2025, 9, 1)]
    told, unknown = found(build(tmp_path, rows))
    assert "invoicing_down" not in told and unknown["invoicing_down"] == "own_books_missing"


def test_the_largest_buyer_is_gone(tmp_path):
    rows = monthly("AB", "x", 0, 1000) + monthly("AC", "y", 900, 900)
    told, _ = found(build(tmp_path, rows))
    assert told["largest_buyer_gone"].action == "cut"
    assert told["largest_buyer_gone"].detail["buyer"] == firm("B")
    assert told["largest_buyer_gone"].value == pytest.approx(1000 / 1900, abs=0.01)
    assert "largest_buyer_gone" not in found(build(tmp_path / "2", monthly("AB", "x", 100, 1000)))[0]


def test_red_invoices_are_up(tmp_path):
    rows = monthly("AB", "x", 1000, 1000)
    rows += [inv("AB", 9, -500, "r", reverses="x23")]
    told, _ = found(build(tmp_path, rows))
    assert told["red_up"].value == pytest.approx(500 / 3000, abs=0.001)
    rows += [inv("AB", 9 + 365, -500, "r2", reverses="x11")]  # as every year
    assert "red_up" not in found(build(tmp_path / "2", rows))[0]


def test_a_buyer_pays_later(tmp_path):
    rows = monthly("AB", "x", 1000, 1000)
    days = [30] * 16 + [55] * 6
    paid = [
        {"seller": 0, "buyer": 1, "payment": fact(f"p{n}"), "invoice": one.fact, "basis": "proven",
         "amount_fen": one.total_fen, "happened_on": one.day + timedelta(days=late)}
        for n, (one, late) in enumerate(zip(rows, days, strict=False))
    ]  # fmt: skip
    world = build(tmp_path, rows, settlements=pl.DataFrame(paid))
    assert found(world)[0]["buyer_pays_later"].value == 25


def test_a_listing_freezes(tmp_path):
    listed = pl.DataFrame(
        [{"enterprise": 0, "list": "dishonest", "happened_on": date(2025, 1, 1), "fact": "x"}]
    )
    world = build(tmp_path, monthly("AB", "x", 1000, 1000), listings=listed)
    assert found(world)[0]["listed"].action == "freeze"


@pytest.fixture
def lent(tmp_path):
    """A revolving loan, drawn by half, to a firm whose largest buyer is gone; and a steady borrower."""
    rows = monthly("AB", "x", 0, 1000) + monthly("AC", "y", 900, 900) + monthly("DB", "z", 500, 500)
    world = build(tmp_path, rows)
    state = State(tmp_path)
    with state.writing() as connection:
        chosen = portfolios.make(connection, "one", 10_000 * WAN, None, "ann").id
    loans = {}
    for letter in "AD":
        granted = Approved(letter * 16, firm(letter), 100 * WAN, Decimal("0.06"), 12, date(2026, 2, 1))
        wish = Request(chosen, method="revolving", draw_fen=50 * WAN)
        loans[letter] = booking.book(world.snapshot, state, granted, wish, "ann", date(2026, 1, 15)).loan
    return world, state, chosen, loans


def test_a_round_cuts_once_and_is_logged(lent):
    world, state, chosen, _loans = lent
    index = SalesIndex.of(world.snapshot, world.ledger)
    done = patrol(world.snapshot, state, index, chosen, date(2026, 1, 20))
    assert (done.borrowers, done.cut_fen) == (2, 50 * WAN)
    assert {one.code for one in done.found} == {"largest_buyer_gone", "invoicing_down"}
    again = patrol(world.snapshot, state, index, chosen, date(2026, 1, 21))
    assert (again.raised, again.cut_fen) == (0, 0)
    with state.reading() as connection:
        assert lending.balances(connection)["commitment"] == 50 * WAN
        assert watch.strongest(connection, [firm("D")]) is None
        assert watch.strongest(connection, [firm("A")]) == "cut"
    action, standing = hold_on(world.snapshot, state, world.row("A"))
    assert action == "cut" and {one.code for one in standing} == {"largest_buyer_gone", "invoicing_down"}
    assert hold_on(world.snapshot, state, world.row("D")) == (None, [])
    assert {e.action for e in audit.entries(state)} >= {"warning_raised", "loan_booked"}
    assert audit.verify(state) is None


def test_overdue_loans_refer_then_freeze(lent):
    world, state, chosen, loans = lent
    index = SalesIndex.of(world.snapshot, world.ledger)
    end = date.fromisoformat(loans["D"].ends_on)
    patrol(world.snapshot, state, index, chosen, end + timedelta(days=5))
    with state.reading() as connection:
        assert watch.strongest(connection, [firm("D")]) == "refer"
    patrol(world.snapshot, state, index, chosen, end + timedelta(days=40))
    with state.reading() as connection:
        assert watch.strongest(connection, [firm("D")]) == "freeze"


def test_a_warning_is_lifted_by_somebody_else_with_a_reason(lent):
    _world, state, _chosen, _ = lent
    with state.writing() as connection:
        assert watch.raise_(connection, firm("D"), "listed", CUT_OFF, "freeze", {"value": 1}, "ann")
        assert not watch.raise_(connection, firm("D"), "listed", CUT_OFF, "freeze", {"value": 1}, "ann")
        one = watch.warnings(connection, [firm("D")])[0]
    with pytest.raises(Conflict), state.writing() as connection:
        watch.lift(connection, one.id, "ann", "I was wrong")
    with pytest.raises(InputError), state.writing() as connection:
        watch.lift(connection, one.id, "bob", "  ")
    with state.writing() as connection:
        assert watch.lift(connection, one.id, "bob", "another firm of that name").lifted_by == "bob"
        assert watch.strongest(connection, [firm("D")]) is None
        assert watch.warnings(connection, standing=True) == []
    with pytest.raises(Conflict), state.writing() as connection:
        watch.lift(connection, one.id, "carl", "again")
