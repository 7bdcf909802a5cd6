"""Who may approve a loan, and what is looked at again before it starts."""

import json
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest

from ledger import credit, lending, portfolios, watch
from ledger.credit import Consent, Decision, Event
from ledger.errors import Conflict, DayanError
from ledger.state import State
from services.credit.desk import Review
from services.lending import booking, servicing
from services.lending.booking import Request
from tests.credit_stand_in import A, Sources, desk, policies, snapshot_in, wish
from tests.lending_world import build, firm, inv

START = date(2026, 1, 15)
WAN = 1_000_000
FIRM = firm("A")
OTHER = "00000000000000aa"  # a second party of firm A


@pytest.fixture
def world(tmp_path):
    made = build(tmp_path, [inv("AB", 20, 1000, "1"), inv("CB", 20, 1000, "2")], parties={"A": OTHER})
    with State(tmp_path).writing() as connection:
        portfolios.make(connection, "one", 10_000 * WAN, None, "ann")
    return made


@pytest.fixture
def state(world):
    return State(world.folder)


def portfolio(state):
    with state.reading() as connection:
        return portfolios.portfolios(connection)[0].id


def decided(state, wan=100, *, by="clerk", party=FIRM, status="approved", reviewed=None, override=False):
    """A decision in the store; `reviewed`: who approved it by hand."""
    consent = Consent("v1", ("invoices",), "credit_decision", START, START + timedelta(days=300))
    with state.writing() as connection:
        given = {"product": "working_capital", "amount_fen": wan * WAN, "months": 12, "purpose": "wages"}
        made = credit.enter(connection, consent=consent, party=party, by=by, **given)
        answer = {"rate": {"annual_simple": "0.06"}, "term": 12, "limit": {"amount_fen": wan * WAN}}
        status = "manual_review" if reviewed else status
        kept = Decision(
            id=made.id[::-1], application=made.id, party=party, status=status,
            valid_until=START + timedelta(days=30), policy="p", model="m", snapshot="s", inputs="{}",
            answer=json.dumps(answer), by=by, at="2026-01-01",
        )  # fmt: skip
        credit.decide(connection, kept, [])
        if reviewed:
            event = Event("reviewed", "approved", wan * WAN, override, "papers_seen", "seen", reviewed, "x")
            credit.happen(connection, kept.id, event)
    return kept.id


def book(world, decision, by="clerk", on=START, **more):
    state = State(world.folder)
    return booking.book_decision(world.snapshot, state, decision, Request(portfolio(state), **more), by, on)


def approve(world, loan, by, on=START, **more):
    return booking.approve(world.snapshot, State(world.folder), loan.id, by, "papers seen", on, **more)


def code_of(call, *args, **more):
    with pytest.raises(DayanError) as refused:
        call(*args, **more)
    return refused.value.code


def freeze(state, party):
    with state.writing() as connection:
        watch.raise_(connection, party, "listed", START, "freeze", {}, "watch")


# Who


def test_what_a_machine_alone_approved_within_its_authority_needs_nobody(world, state):
    done = book(world, decided(state, 300))
    assert (done.loan.state, done.approvals_needed, done.loan.needed) == ("active", 0, 0)


@pytest.mark.parametrize("by", ["clerk", "rita", "ann"])
def test_who_had_a_part_in_a_loan_never_approves_it(world, state, by):
    loan = book(world, decided(state, by="clerk", reviewed="rita"), by="ann").loan
    assert loan.state == "waiting"
    assert code_of(approve, world, loan, by) == "loan_four_eyes"
    assert code_of(approve, world, loan, by, refuse=True) == "loan_four_eyes"
    with pytest.raises(sqlite3.IntegrityError), state.writing() as connection:  # nor by a back door
        connection.execute("INSERT INTO loan_approvals VALUES (?, ?, 'approved', 'x', 'y')", (loan.id, by))
    assert approve(world, loan, "bob").state == "active"


def test_a_loan_does_not_start_without_its_approvals(world, state):
    loan = book(world, decided(state, 500)).loan
    with pytest.raises(sqlite3.IntegrityError), state.writing() as connection:
        lending.start(connection, loan.id, START, START + timedelta(days=365), [])


@pytest.mark.parametrize(
    ("wan", "override", "needed"),
    [(1, False, 1), (1, True, 1), (500, False, 1), (500, True, 2), (1_100, True, 3)],
)
def test_a_review_needs_a_second_person_and_one_against_the_machine_what_an_override_needs(
    world, state, wan, override, needed
):
    done = book(world, decided(state, wan, reviewed="rita", override=override), by="ann")
    assert (done.approvals_needed, done.loan.state) == (needed, "waiting")
    assert book(world, done.loan.decision, by="ann").approvals_needed == needed
    with state.reading() as connection:
        assert lending.overrides(connection, done.loan.portfolio) == int(override)
    for person in range(needed):
        loan = approve(world, done.loan, f"p{person}")
        assert loan.state == ("active" if person == needed - 1 else "waiting")


def test_small_loans_do_not_add_up_past_the_authority(world, state):
    made = [book(world, decided(state, 140, party=one)) for one in (firm("A"), OTHER, firm("A"))]
    assert [one.approvals_needed for one in made] == [0, 0, 1]
    assert book(world, decided(state, 140, party=firm("C"))).approvals_needed == 0


def test_a_refused_loan_is_not_booked_again(world, state):
    loan = book(world, decided(state, 500)).loan
    approve(world, loan, "bob", refuse=True)
    assert code_of(book, world, loan.decision) == "loan_refused"
    assert code_of(book, world, loan.decision, amount_fen=1) == "loan_refused"


def test_of_two_who_say_the_last_word_at_once_one_is_heard(world, state):
    loan = book(world, decided(state, 500)).loan

    def say(person):
        try:
            return approve(world, loan, f"p{person}", refuse=person % 2 == 1).state
        except Conflict as error:
            return error.code

    with ThreadPoolExecutor(6) as pool:
        told = sorted(pool.map(say, range(6)))
    assert told.count("loan_not_waiting") == 5 and len({"active", "refused"} & set(told)) == 1
    with state.reading() as connection:
        assert len(lending.approvals(connection, loan.id)) == 1
        assert len(lending.entries(connection, loan.id)) == (2 if "active" in told else 0)


# What


def test_a_freeze_holds_under_every_party_of_the_firm(world, state):
    waits = book(world, decided(state, 500)).loan
    runs = book(world, decided(state, 1, party=firm("C")), method="revolving", draw_fen=0).loan
    mine = book(world, decided(state, 1), method="revolving", draw_fen=0)
    mine = approve(world, mine.loan, "bob") if mine.loan.state == "waiting" else mine.loan
    later = decided(state, 1)
    freeze(state, OTHER)
    assert code_of(approve, world, waits, "bob") == "borrower_frozen"
    assert code_of(book, world, later) == "borrower_frozen"
    draw = (state, mine.id, 5, START, "d", "clerk")
    assert code_of(servicing.draw, world.snapshot, *draw) == "borrower_frozen"
    assert servicing.draw(world.snapshot, state, runs.id, 5, START, "d", "clerk").outstanding_fen == 5
    assert approve(world, waits, "bob", refuse=True).state == "refused"  # no is no money


def test_a_decision_that_ended_while_its_loan_waited_starts_none(world, state):
    loan = book(world, decided(state, 500)).loan
    late = START + timedelta(days=31)
    assert code_of(approve, world, loan, "bob", late) == "decision_expired"
    with state.reading() as connection:
        assert lending.approvals(connection, loan.id) == []
    assert approve(world, loan, "bob", late - timedelta(days=1)).state == "active"


def test_a_loan_that_waits_starts_no_more_once_consent_was_taken_back(world, state):
    loan = book(world, decided(state, 500)).loan
    with state.writing() as connection:
        application = credit.decision(connection, loan.decision).application
        assert credit.end_consent(connection, application, "owner").state == "booked"
    assert code_of(approve, world, loan, "bob") == "consent_taken_back"
    with state.reading() as connection:
        assert lending.loan(connection, loan.id).state == "waiting"
    assert approve(world, loan, "bob", refuse=True).state == "refused"


def test_limits_are_looked_at_again_and_the_loan_itself_counts_once(world, state):
    loan = book(world, decided(state, 1_000)).loan  # of a limit of 1,500
    with state.writing() as connection:
        portfolios.change(connection, loan.portfolio, "ann", capital_fen=6_000 * WAN)
    assert code_of(approve, world, loan, "bob") == "exposure_limit"
    with state.writing() as connection:
        portfolios.change(connection, loan.portfolio, "ann", capital_fen=7_000 * WAN)
    assert approve(world, loan, "bob").state == "active"


def test_a_closed_portfolio_takes_no_loan_that_waited(world, state):
    loan = book(world, decided(state, 500)).loan
    with state.writing() as connection:
        connection.execute("UPDATE portfolios SET closed = 'x'")
    assert code_of(approve, world, loan, "bob") == "portfolio_is_closed"


def test_an_override_books_no_decision_that_is_not_approved(world, state):
    for status in ("declined", "manual_review"):
        made = decided(state, status=status)
        assert code_of(book, world, made, override="long known") == "decision_not_approved"


# At the desk


def test_nobody_approves_a_frozen_firm_by_hand(tmp_path):
    state = State(tmp_path)
    made = desk(snapshot_in(tmp_path), tmp_path, state, Sources(machine_most=50_00), policies=policies())
    yes = Review("approved", None, "papers_seen", "seen the plant and the orders")
    kept = made.decide(made.apply(wish(A), "clerk").id, "clerk")
    assert kept.status == "manual_review"
    freeze(state, OTHER)
    assert code_of(made.review, kept.id, yes, "rita") == "borrower_frozen"
    with state.writing() as connection:
        (one,) = watch.warnings(connection, [OTHER])
        watch.lift(connection, one.id, "bob", "another firm of that name")
    assert made.review(kept.id, yes, "rita").holds == "approved"
    again = made.decide(made.apply(wish(A), "clerk").id, "clerk")
    freeze(state, A)
    no = Review("declined", None, "risk_too_high", "frozen since yesterday")
    assert made.review(again.id, no, "rita").holds == "declined"
