"""The loan book: schedules to the fen, entries that balance, one loan a decision, four eyes, repayments."""

import multiprocessing
import os
import signal
import sqlite3
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger import audit, lending, portfolios, watch
from ledger.errors import Conflict, InputError
from ledger.state import State
from services.calendar import is_banking_day
from services.lending import booking, servicing
from services.lending.account import Move, account, class_of
from services.lending.authority import approvals_needed, machine_most_fen
from services.lending.booking import Approved, Request
from services.lending.policy import policy_on
from services.lending.schedule import METHODS, Terms, schedule
from tests.lending_world import build, firm, inv

START = date(2026, 1, 15)
RULES = policy_on(START)
WAN = 1_000_000
terms = st.builds(
    Terms,
    amount_fen=st.integers(1, 10**11),
    rate=st.integers(0, 2400).map(lambda bp: Decimal(bp) / 10_000),
    method=st.sampled_from(METHODS),
    months=st.integers(1, 36),
    starts_on=st.dates(date(2024, 1, 1), date(2026, 12, 31)),
    day_count=st.sampled_from((360, 365)),
)


# Schedules


@given(terms)
@settings(max_examples=80, deadline=None)
def test_a_schedule_adds_up_to_the_fen(given_terms):
    rows = schedule(given_terms)
    assert sum(one.principal_fen for one in rows) == given_terms.amount_fen
    assert all(is_banking_day(one.due_on) for one in rows)
    assert [one.number for one in rows] == list(range(1, len(rows) + 1))
    if given_terms.method == "revolving":
        return
    balance = given_terms.amount_fen
    for one in rows:
        days = (one.due_on - one.starts_on).days
        exact = Fraction(balance) * Fraction(given_terms.rate) * days / given_terms.day_count
        assert abs(one.interest_fen - exact) <= Fraction(1, 2)
        balance -= one.principal_fen
    paid = [one.principal_fen + one.interest_fen for one in rows]
    if given_terms.method == "equal_instalment" and given_terms.amount_fen > 10**6:
        assert len(set(paid[:-1])) <= 1
        # A fen more a month lowers the last by that and its interest: of equal payments none fits closer.
        assert 0 <= paid[0] - paid[-1] <= 2 * len(paid)


def test_a_schedule_by_hand():
    rows = schedule(Terms(120_000_00, Decimal("0.06"), "interest_bullet", 3, date(2026, 3, 2), 360))
    # 2 April, 6 May (2 May is off), 2 June.
    assert [one.due_on for one in rows] == [date(2026, 4, 2), date(2026, 5, 6), date(2026, 6, 2)]
    assert [one.interest_fen for one in rows] == [62_000, 68_000, 54_000]  # 31, 34 and 27 days
    assert [one.principal_fen for one in rows] == [0, 0, 12_000_000]


@pytest.mark.parametrize(
    "wrong", [{"amount_fen": 0}, {"months": 0}, {"months": 361}, {"method": "gift"}, {"rate": Decimal("1.2")}]
)
def test_terms_that_make_no_loan(wrong):
    sound = {"amount_fen": 1, "rate": Decimal("0.1"), "method": METHODS[0], "months": 1, "starts_on": START}
    with pytest.raises(InputError):
        Terms(**{**sound, **wrong})


# Accounts


def paying(loan, *moves, on):
    told = [Move(loan.starts_on, "draw", loan.amount_fen, "first")]
    told += [
        Move(loan.starts_on + timedelta(days=d), "pay", fen, f"p{n}") for n, (d, fen) in enumerate(moves)
    ]
    return account(loan, schedule(loan), told, RULES, on)


def test_penalty_interest_then_principal():
    loan = Terms(12_000_000, Decimal("0.06"), "interest_bullet", 1, date(2026, 3, 2))
    late = date(2026, 4, 22)  # 20 days after 2 April
    told = paying(loan, on=late)
    assert (told.overdue_days, told.classed) == (20, "special_mention")
    penalty = 12_000_000 * 6 * 20 * 3 // (100 * 360 * 2)
    assert (told.due_interest_fen, told.due_penalty_fen) == (62_000, penalty)
    assert told.payoff_fen == 12_000_000 + 62_000 + penalty
    part = paying(loan, (51, 70_000), on=late).splits[-1]
    assert (part.penalty_fen, part.interest_fen, part.principal_fen) == (penalty, 10_000, 0)
    part = paying(loan, (51, 130_000), on=late).splits[-1]
    assert (part.penalty_fen, part.interest_fen, part.principal_fen) == (penalty, 62_000, 8_000)


def test_what_is_paid_ahead_waits_for_what_falls_due():
    loan = Terms(12_000_000, Decimal("0.06"), "interest_bullet", 3, date(2026, 3, 2))
    told = paying(loan, (5, 100_000), on=date(2026, 4, 1))
    assert (told.credit_fen, told.overdue_days) == (100_000, 0)
    told = paying(loan, (5, 100_000), on=date(2026, 4, 2))
    assert (told.credit_fen, told.due_fen, told.overdue_days) == (38_000, 0, 0)
    told = paying(loan, (5, 100_000), on=date(2026, 5, 8))
    assert (told.credit_fen, told.due_interest_fen, told.overdue_days) == (0, 30_000, 2)


def test_interest_of_a_revolving_loan_runs_on_what_is_drawn():
    loan = Terms(10_000_000, Decimal("0.072"), "revolving", 6, date(2026, 3, 2))
    moves = [
        Move(date(2026, 3, 2), "draw", 4_000_000, "a"), Move(date(2026, 3, 12), "draw", 6_000_000, "b"),
        Move(date(2026, 3, 22), "pay", 5_028_000, "c"),
    ]  # fmt: skip
    told = account(loan, schedule(loan), moves, RULES, date(2026, 3, 22))
    assert told.splits[-1].interest_fen == 8_000 + 20_000  # 10 days of 4 million fen, 10 of 10 million
    assert told.outstanding_fen == 5_000_000
    with pytest.raises(InputError):
        account(
            loan,
            schedule(loan),
            [*moves, Move(date(2026, 3, 23), "draw", 5_000_001, "d")],
            RULES,
            START + timedelta(365),
        )
    end = account(loan, schedule(loan), moves, RULES, loan.ends_on + timedelta(days=100))
    assert (end.overdue_days, end.classed) == (100, "substandard") and end.due_principal_fen == 5_000_000


@pytest.mark.parametrize(
    ("days", "classed"),
    [(0, "normal"), (1, "special_mention"), (90, "special_mention"), (91, "substandard"),
     (270, "substandard"), (271, "doubtful"), (360, "doubtful"), (361, "loss")],
)  # fmt: skip
def test_five_classes(days, classed):
    assert class_of(days, RULES) == classed


@given(
    terms, st.lists(st.tuples(st.integers(0, 900), st.integers(1, 10**10)), max_size=6), st.integers(0, 1_000)
)
@settings(max_examples=80, deadline=None)
def test_nothing_is_lost_between_payments(loan, moves, days):
    on = loan.starts_on + timedelta(days=days)
    paid = []
    for after, fen in sorted(moves):
        payoff = paying(loan, *paid, on=loan.starts_on + timedelta(days=after)).payoff_fen
        if payoff:
            paid.append((after, min(fen, payoff)))
    told = paying(loan, *paid, on=on)
    made = [fen for after, fen in paid if after <= days]
    assert told.paid_fen == sum(made)
    split = told.splits
    assert sum(s.penalty_fen + s.interest_fen + s.principal_fen + s.credit_fen for s in split) == sum(made)
    assert told.outstanding_fen == loan.amount_fen - sum(s.principal_fen for s in split) >= 0
    assert told.credit_fen == sum(s.credit_fen for s in split) >= 0
    assert all(s.penalty_fen >= 0 and s.interest_fen >= 0 and s.principal_fen >= 0 for s in split)
    if told.payoff_fen:  # that sum, and no more, ends it
        over = paying(loan, *paid_until(paid, days), (days, told.payoff_fen), on=on)
        assert (over.outstanding_fen, over.payoff_fen, over.due_fen) == (0, 0, 0)
        with pytest.raises(InputError):
            paying(loan, *paid_until(paid, days), (days, told.payoff_fen + 1), on=on)


def paid_until(paid, days):
    return [(after, fen) for after, fen in paid if after <= days]


# Booking


@pytest.fixture
def world(tmp_path):
    made = build(tmp_path, [inv("AB", 20, 1000, "one"), inv("CB", 20, 1000, "two")])
    state = State(tmp_path)
    with state.writing() as connection:
        portfolios.make(connection, "one", 1_000 * WAN * 100, None, "ann")
    return made


def approved(decision="d" * 16, letter="A", **more):
    given = {"amount_fen": 100 * WAN, "rate": Decimal("0.06"), "months": 12, "valid_until": date(2026, 2, 1)}
    return Approved(decision, firm(letter), **{**given, **more})


def request(world, **more):
    with State(world.folder).reading() as connection:
        return Request(portfolios.portfolios(connection)[0].id, **more)


def book(world, *args, by="ann", wish=None, on=START, **more):
    return booking.book(
        world.snapshot, State(world.folder), approved(*args, **more), wish or request(world), by, on
    )


def sums(world):
    with State(world.folder).reading() as connection:
        return lending.balances(connection)


def test_a_booking_balances_and_is_one_loan(world):
    first = book(world)
    assert first.made and first.loan.state == "active"
    assert sums(world) == {
        "loan_principal": 100 * WAN, "cash": -100 * WAN, "interest_income": 0, "penalty_income": 0,
        "borrower_credit": 0, "commitment": 0, "commitment_contra": 0,
    }  # fmt: skip
    again = book(world)
    assert not again.made and again.loan == first.loan and sum(sums(world).values()) == 0
    with pytest.raises(Conflict) as refused:
        book(world, wish=request(world, amount_fen=5 * WAN))
    assert refused.value.code == "decision_booked"
    assert audit.verify(State(world.folder)) is None


@pytest.mark.parametrize(
    ("more", "wish", "code"),
    [
        ({"status": "declined"}, {}, "decision_not_approved"),
        ({"status": "declined"}, {"override": "long known"}, "decision_not_approved"),
        ({"status": "manual_review"}, {"override": "long known"}, "decision_not_approved"),
        ({"valid_until": START - timedelta(days=1)}, {}, "decision_expired"),
        ({}, {"amount_fen": 101 * WAN}, "loan_beyond_decision"),
        ({}, {"months": 13}, "loan_beyond_decision"),
        ({}, {"override": " "}, "reason_missing"),
        ({}, {"amount_fen": 0}, "loan_beyond_decision"),
        ({}, {"months": 0}, "loan_terms_wrong"),
        ({}, {"method": "revolving", "draw_fen": 101 * WAN}, "loan_draw_too_much"),
        ({}, {"method": "revolving", "draw_fen": -1}, "loan_draw_too_much"),
        ({}, {"draw_fen": 1}, "loan_drawn_whole"),
        ({"letter": "Z"}, {}, "borrower_unknown"),
    ],
)
def test_what_is_not_granted_is_not_booked(world, more, wish, code):
    with pytest.raises((Conflict, InputError)) as refused:
        book(world, wish=request(world, **wish), **more)
    assert refused.value.code == code
    with State(world.folder).reading() as connection:
        assert lending.loans(connection) == []


def test_an_unbalanced_entry_cannot_be_written(world):
    loan = book(world).loan
    with pytest.raises(sqlite3.IntegrityError), State(world.folder).writing() as connection:
        lending.post(connection, loan.id, "repaid", START, "x", "ann", {"cash": 5, "loan_principal": -4})
    with pytest.raises(sqlite3.IntegrityError), State(world.folder).writing() as connection:
        lending.post(connection, loan.id, "repaid", START, "x", "ann", {})
    for change in ("UPDATE postings SET amount_fen = 1", "DELETE FROM postings", "DELETE FROM entries"):
        with pytest.raises(sqlite3.IntegrityError), State(world.folder).writing() as connection:
            connection.execute(change)
    with pytest.raises(sqlite3.IntegrityError), State(world.folder).writing() as connection:
        entry = lending.entries(connection, loan.id)[0].id
        connection.execute("INSERT INTO postings VALUES (?, 9, 'cash', ?, 5)", (entry, loan.id))
    assert sum(sums(world).values()) == 0


lines = st.dictionaries(st.sampled_from(lending.ACCOUNTS), st.integers(-(10**12), 10**12), max_size=6)


@given(st.lists(lines, max_size=6))
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_whatever_is_posted_the_book_balances(tmp_path_factory, postings):
    state = State(tmp_path_factory.mktemp("book"))
    with state.writing() as connection:
        chosen = portfolios.make(connection, "one", 10**15, None, "ann").id
        days = {"starts_on": "2026-01-15", "ends_on": "2027-01-15", "entered_at": lending.now()}
        loan = lending.Loan(
            id="1" * 16, decision="d", portfolio=chosen, party=firm("A"), amount_fen=WAN, rate="0.06",
            method="revolving", term_months=12, policy="p", request="{}", state="active", entered_by="ann",
            override=None, **days,
        )  # fmt: skip
        lending.enter(connection, loan)
    for n, some in enumerate(postings):
        sound = sum(some.values()) == 0 and any(some.values())
        balanced = {**some, "cash": some.get("cash", 0) - sum(some.values())} if n % 2 else some
        try:
            with state.writing() as connection:
                lending.post(connection, loan.id, "repaid", START, f"r{n}", "ann", balanced)
        except sqlite3.IntegrityError:
            assert not sound
    with state.reading() as connection:
        assert sum(lending.balances(connection).values()) == 0
        for entry in lending.entries(connection, loan.id):
            assert sum(entry.postings.values()) == 0


def _book(folder, snapshot, number, gate, out):
    from graph.snapshot import open_snapshot

    source = open_snapshot(folder, snapshot)
    state = State(folder)
    with state.reading() as connection:
        wish = Request(portfolios.portfolios(connection)[0].id)
    gate.wait()
    for _ in range(3):
        done = booking.book(source, state, approved(), wish, f"clerk {number}", START)
        out.put((done.loan.id, done.made))


@pytest.mark.slow
def test_one_decision_booked_by_many_at_once_is_one_loan(world):
    spawn = multiprocessing.get_context("spawn")
    gate, out = spawn.Barrier(3), spawn.Queue()
    args = (world.folder, world.snapshot.id)
    workers = [spawn.Process(target=_book, args=(*args, n, gate, out)) for n in range(3)]
    for worker in workers:
        worker.start()
    told = [out.get(timeout=100) for _ in range(9)]
    for worker in workers:
        worker.join(30)
    assert len({loan for loan, _ in told}) == 1 and sum(made for _, made in told) == 1
    assert sums(world)["loan_principal"] == 100 * WAN


def _die_on_the_way(folder, snapshot, posting):
    """Book, and be killed before posting number `posting` is written."""
    from graph.snapshot import open_snapshot

    source, state, written = open_snapshot(folder, snapshot), State(folder), 0
    connect = sqlite3.connect

    class Deadly(sqlite3.Connection):
        def execute(self, sql, *args):
            nonlocal written
            if sql.startswith("INSERT INTO postings"):
                written += 1
                if written == posting:
                    os.kill(os.getpid(), signal.SIGKILL)
            return super().execute(sql, *args)

    sqlite3.connect = lambda *args, **more: connect(*args, factory=Deadly, **more)
    with state.reading() as connection:
        wish = Request(portfolios.portfolios(connection)[0].id)
    booking.book(source, state, approved(), wish, "ann", START)


@pytest.mark.slow
@pytest.mark.parametrize("posting", [1, 2, 4])
def test_a_kill_between_postings_leaves_nothing(world, posting):
    process = multiprocessing.get_context("spawn").Process(
        target=_die_on_the_way, args=(world.folder, world.snapshot.id, posting)
    )
    process.start()
    process.join(100)
    assert process.exitcode == -signal.SIGKILL
    with State(world.folder).reading() as connection:
        for name in ("loans", "postings", "entries", "instalments", "portfolio_members"):
            assert connection.execute(f"SELECT COUNT(*) FROM {name}").fetchone()[0] == 0, name
    assert book(world).made and sums(world)["cash"] == -100 * WAN
    assert audit.verify(State(world.folder)) is None


# Four eyes


def test_authority_by_amount():
    assert [approvals_needed(fen * WAN, RULES) for fen in (1, 300, 301, 1000, 1001)] == [0, 0, 1, 1, 2]
    assert approvals_needed(1, RULES, override=True) == 1
    assert machine_most_fen(START) == 300 * WAN


def test_who_enters_never_approves(world):
    wish = request(world, amount_fen=500 * WAN)
    loan = book(world, wish=wish, amount_fen=2_000 * WAN).loan
    assert loan.state == "waiting" and sums(world)["loan_principal"] == 0
    state = State(world.folder)
    with pytest.raises(Conflict) as refused:
        booking.approve(world.snapshot, state, loan.id, "ann", "fine", START)
    assert refused.value.code == "loan_four_eyes"
    with pytest.raises(sqlite3.IntegrityError), state.writing() as connection:  # nor by a back door
        connection.execute("INSERT INTO loan_approvals VALUES (?, 'ann', 'approved', 'x', 'y')", (loan.id,))
    with pytest.raises(InputError):
        booking.approve(world.snapshot, state, loan.id, "bob", " ", START)
    later = START + timedelta(days=3)
    done = booking.approve(world.snapshot, state, loan.id, "bob", "seen the papers", later)
    assert (done.state, done.starts_on) == ("active", later.isoformat())
    assert sums(world)["loan_principal"] == 500 * WAN
    with state.reading() as connection:
        assert lending.instalments(connection, loan.id)[0].starts_on == later
    with pytest.raises(Conflict):
        booking.approve(world.snapshot, state, loan.id, "carl", "again", later)


def test_two_approvals_of_two_people_and_a_refusal(world):
    state = State(world.folder)
    wish = request(world, amount_fen=1_400 * WAN)
    loan = book(world, wish=wish, amount_fen=2_000 * WAN).loan
    assert booking.approve(world.snapshot, state, loan.id, "bob", "yes", START).state == "waiting"
    with pytest.raises(Conflict) as refused:
        booking.approve(world.snapshot, state, loan.id, "bob", "yes", START)
    assert refused.value.code == "spoken_already"
    assert (
        booking.approve(world.snapshot, state, loan.id, "carl", "no", START, refuse=True).state == "refused"
    )
    assert sums(world)["commitment"] == sums(world)["loan_principal"] == 0


def test_an_override_needs_a_reason_and_another_person_and_is_counted(world):
    loan = book(world, wish=request(world, override="long known", amount_fen=120 * WAN)).loan
    assert loan.state == "waiting" and loan.override == "long known"
    state = State(world.folder)
    with state.reading() as connection:
        assert lending.overrides(connection, loan.portfolio) == 1
    assert booking.approve(world.snapshot, state, loan.id, "bob", "agreed", START).state == "active"


# Repaying


def test_repayments_are_entered_once_and_close_the_loan(world):
    state, loan = State(world.folder), book(world).loan
    first = date(2026, 2, 20)
    told = servicing.repay(state, loan.id, 9_000_000, first, "bank-1", "ann")
    assert servicing.repay(state, loan.id, 9_000_000, first, "bank-1", "ann") == told
    with pytest.raises(Conflict) as refused:
        servicing.repay(state, loan.id, 9_000_001, first, "bank-1", "ann")
    assert refused.value.code == "entry_differs"
    with pytest.raises(Conflict) as refused:
        servicing.repay(state, loan.id, 5, first - timedelta(days=1), "bank-0", "ann")
    assert refused.value.code == "entry_too_early"
    on = date(2026, 6, 30)
    with state.reading() as connection:
        before = servicing.account_of(connection, lending.loan(connection, loan.id), on)
    after = servicing.repay(state, loan.id, before.payoff_fen, on, "bank-2", "ann")
    assert (after.outstanding_fen, after.payoff_fen, after.overdue_days) == (0, 0, 0)
    total = sums(world)
    assert sum(total.values()) == 0 and total["loan_principal"] == total["borrower_credit"] == 0
    assert -total["interest_income"] - total["penalty_income"] == total["cash"] > 0
    with state.reading() as connection:
        assert lending.loan(connection, loan.id).state == "closed"
    with pytest.raises(Conflict):
        servicing.repay(state, loan.id, 1, on, "bank-3", "ann")


@pytest.mark.parametrize("reference", ["r", "credit"])
def test_the_book_says_what_the_account_says(world, reference):
    state, loan = State(world.folder), book(world).loan
    for n, (on, fen) in enumerate(
        [(date(2026, 1, 30), 3_000_000), (date(2026, 3, 2), 8_000_000), (date(2026, 7, 8), 30_000_000)]
    ):
        told = servicing.repay(state, loan.id, fen, on, f"{reference}{n}" if n else reference, "ann")
        with state.reading() as connection:
            found = lending.balances(connection)
        assert found["loan_principal"] == told.outstanding_fen
        assert -found["borrower_credit"] == told.credit_fen


def test_what_lies_ahead_is_not_entered():
    assert servicing.happened(date(2026, 1, 1)) == date(2026, 1, 1)
    with pytest.raises(InputError) as refused:
        servicing.happened(date(2099, 1, 1))
    assert refused.value.problems[0].code == "entry_in_future"


def test_a_revolving_loan_is_drawn_again_until_it_is_cut_or_frozen(world):
    state = State(world.folder)
    loan = book(world, wish=request(world, method="revolving", draw_fen=0)).loan
    assert sums(world)["commitment"] == 100 * WAN and sums(world)["loan_principal"] == 0
    servicing.draw(world.snapshot, state, loan.id, 60 * WAN, date(2026, 2, 2), "d1", "ann")
    with pytest.raises(InputError):
        servicing.draw(world.snapshot, state, loan.id, 41 * WAN, date(2026, 2, 2), "d2", "ann")
    servicing.repay(state, loan.id, 30 * WAN, date(2026, 2, 12), "r1", "ann")
    found = sums(world)
    assert found["loan_principal"] + found["commitment"] == 100 * WAN and sum(found.values()) == 0
    servicing.draw(world.snapshot, state, loan.id, 50 * WAN, date(2026, 2, 13), "d3", "ann")
    with state.writing() as connection:
        watch.raise_(connection, firm("A"), "listed", START, "freeze", {}, "watch")
    with pytest.raises(Conflict) as refused:
        servicing.draw(world.snapshot, state, loan.id, 1, date(2026, 2, 14), "d4", "ann")
    assert refused.value.code == "borrower_frozen"
    with pytest.raises(Conflict) as refused:
        book(world, "e" * 16)
    assert refused.value.code == "borrower_frozen"


def test_portfolios_stay_while_loans_run(world):
    state, loan = State(world.folder), book(world).loan
    with state.reading() as connection:
        assert portfolios.members(connection, loan.portfolio) == [firm("A")]
    with pytest.raises(Conflict), state.writing() as connection:
        portfolios.close(connection, loan.portfolio, "ann")
    with pytest.raises(Conflict), state.writing() as connection:
        portfolios.leave(connection, loan.portfolio, firm("A"), "ann")
    with pytest.raises(Conflict), state.writing() as connection:
        portfolios.make(connection, "one", 1, None, "ann")
    with state.writing() as connection:
        assert portfolios.join(connection, loan.portfolio, [firm("A"), firm("C")], "ann") == 1
        portfolios.leave(connection, loan.portfolio, firm("C"), "ann")
        assert portfolios.change(connection, loan.portfolio, "ann", name="two").name == "two"
