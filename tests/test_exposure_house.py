"""Limits over the house: portfolios together, approvals not booked, borrowers that nobody can place."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.views import credit as view
from extraction.who.places import places
from ledger import credit, lending, portfolios
from ledger.errors import Conflict, InputError
from ledger.state import State
from ledger.words import labels
from services.credit.inputs import Use
from services.lending import booking, exposure
from services.lending.booking import Approved, Request
from services.lending.exposure import check, exposures, fitted
from services.lending.policy import policy_on
from services.lending.subjects import subject_of
from tests.credit_stand_in import CONSENT, TODAY, B, Sources, decided, desk, snapshot_in, wish
from tests.lending_world import CUT_OFF, build, firm, inv

RULES = policy_on(CUT_OFF)
START = date(2026, 1, 15)
WAN = 1_000_000
GROUP, DEPEND = "a" * 16, "b" * 16
INVOICES = [inv("AB", 20, 10, "1"), inv("BF", 20, 10, "2"), inv("CF", 20, 10, "3"), inv("DE", 20, 10, "4")]


def made(folder, letters="ABCDEF", **more):
    """A and B are one group, C and F depend on each other, E guarantees for D, A hangs on core F."""
    return build(
        folder, [one for one in INVOICES if set(one.pair) <= set(letters)], letters,
        groups=pl.DataFrame(
            [{"id": GROUP, "kind": "control", "size": 2, "head": 0},
             {"id": DEPEND, "kind": "dependent", "size": 2, "head": 2}]
        ).cast({"head": pl.Int32}),
        group_members=pl.DataFrame({"group": [GROUP, GROUP, DEPEND], "enterprise": [0, 1, 2]}),
        relations=pl.DataFrame(
            [{"src_is_person": False, "first": date(2024, 1, 1), "known_on": date(2024, 1, 1),
              "kind": "GUARANTEES", "src": firm("E"), "dst": firm("D"), "until": None}],
            schema_overrides={"until": pl.Date},
        ),
        goods_paths=pl.DataFrame(
            {"enterprise": [0], "chain": "toy", "core": 4, "upstream": True, "worth": 0.5, "edges": [[0]]}
        ),
        chains=[
            {"id": "toy", "name": {"zh": "玩具", "en": "toys"}, "segments": [], "cores": [{"enterprise": 4}]}
        ],
        **more,
    )  # fmt: skip


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return made(tmp_path_factory.mktemp("house"))


@pytest.fixture
def house(world, tmp_path):
    """A state store with two portfolios of 1,000 万 each, and what is done in it."""
    state = State(tmp_path)
    with state.writing() as connection:
        ids = [portfolios.make(connection, name, 1_000 * WAN, None, "ann").id for name in ("one", "two")]
    return House(world.snapshot, state, *ids)


class House:
    def __init__(self, snapshot, state, one, two):
        self.snapshot, self.state, self.one, self.two = snapshot, state, one, two

    def lend(self, letter, wan, portfolio=None, **more):
        """Book a loan that no desk decided, on its own terms."""
        id_ = f"{letter}{wan}{portfolio or self.one}"[:16].ljust(16, "0")
        granted = Approved(id_, firm(letter), wan * WAN, Decimal("0.06"), 12, date(2026, 2, 1))
        wanted = Request(portfolio or self.one, **more)
        return booking.book(self.snapshot, self.state, granted, wanted, "ann", START)

    def approve(self, letter, wan, status="approved", until=START + timedelta(days=30)):
        """Keep a decision as the desk would; its id."""
        with self.state.writing() as connection:
            entered = credit.enter(
                connection, consent=CONSENT, party=firm(letter), product="working_capital",
                amount_fen=wan * WAN, months=12, purpose="raw_materials", by="clerk",
            )  # fmt: skip
            answer = {
                "limit": {"amount_fen": wan * WAN if status == "approved" else 0}, "term": 12,
                "rate": {"annual_simple": "0.06"},
            }  # fmt: skip
            told = credit.Decision(
                id=entered.id[::-1], application=entered.id, party=firm(letter), status=status,
                valid_until=until, policy="p", model="m", snapshot=self.snapshot.id, inputs="{}",
                answer=json.dumps(answer), by="clerk", at="2026-01-10T00:00:00+00:00",
            )  # fmt: skip
            credit.decide(connection, told, [])
        return told.id

    def book(self, decision, portfolio=None):
        return booking.book_decision(
            self.snapshot, self.state, decision, Request(portfolio or self.one), "ann", START
        )

    def uses(self, letter, wan=1, portfolio=None, on=START):
        """(dimension, over) → use."""
        row = ord(letter) - 65
        told = check(self.snapshot, self.state, RULES, row, wan * WAN, portfolio or self.one, on)
        return {(u.dimension, u.over): u for u in told}


def test_no_reason_stands_against_a_limit_of_the_law(house):
    house.lend("A", 150)
    house.lend("A", 149, house.two)
    with pytest.raises(Conflict) as refused:  # more than 15 % of all capital on one borrower
        house.lend("A", 2, house.two, override="the committee says so")
    assert refused.value.code == "exposure_limit_of_law"
    assert (refused.value.params["dimension"], refused.value.params["over"]) == ("borrower", "house")
    with pytest.raises(Conflict) as refused:  # the bank's own 15 % of one portfolio, which a reason may pass
        house.lend("D", 151)
    assert refused.value.code == "exposure_limit"
    assert house.lend("D", 151, override="the committee says so").loan.state == "waiting"


def test_a_second_portfolio_does_not_start_anew(house):
    house.lend("A", 150)
    house.lend("D", 100)
    for portfolio in (house.one, house.two):
        told = house.uses("A", portfolio=portfolio)["borrower", "house"]
        assert (told.before_fen, told.limit_fen) == (150 * WAN, 300 * WAN)
        assert house.uses("B", portfolio=portfolio)["group", "house"].before_fen == 150 * WAN
        assert house.uses("E", portfolio=portfolio)["guarantor", "house"].before_fen == 100 * WAN
        assert house.uses("E", portfolio=portfolio)["core", "house"].before_fen == 150 * WAN
    house.lend("A", 149, house.two)
    assert house.uses("A")["borrower", "house"].before_fen == 299 * WAN
    with pytest.raises(Conflict) as refused:
        house.lend("A", 2, house.two)
    assert (refused.value.params["over"], refused.value.params["before_fen"]) == ("house", 299 * WAN)


def test_a_small_portfolio_leans_on_no_single_name(house):
    with house.state.writing() as connection:
        small = portfolios.make(connection, "small", 100 * WAN, None, "ann").id
    told = house.uses("A", 16, small)
    assert told["borrower", "portfolio"].limit_fen == 15 * WAN and told["borrower", "portfolio"].breaks
    assert not told["borrower", "house"].breaks
    with pytest.raises(Conflict) as refused:
        house.lend("A", 16, small)
    assert refused.value.params["over"] == "portfolio" and "本组合口径" in refused.value.text("zh")
    assert house.lend("A", 15, small).made


def test_limits_of_concentration_stay_with_the_portfolio(house):
    house.lend("A", 150)
    assert house.uses("A")["industry", "portfolio"].before_fen == 150 * WAN
    assert house.uses("A", portfolio=house.two)["industry", "portfolio"].before_fen == 0
    assert ("industry", "house") not in house.uses("A")


def test_a_new_portfolio_makes_no_capital(house):
    most = int(RULES.value("capital_fen"))
    with house.state.writing() as connection:
        large = portfolios.make(connection, "large", 50 * most, None, "ann").id
    assert house.uses("A")["borrower", "house"].limit_fen == most * 15 // 100
    with house.state.writing() as connection:
        portfolios.close(connection, large, "ann")
    assert house.uses("A")["borrower", "house"].limit_fen == 300 * WAN


lent = st.lists(st.tuples(st.sampled_from("ABD"), st.integers(1, 90), st.booleans()), max_size=5)


@given(lent)
@settings(max_examples=8, deadline=None)
def test_how_loans_are_spread_over_portfolios_changes_nothing_for_the_house(tmp_path_factory, world, loans):
    figures = []
    for spread in (True, False):
        state = State(tmp_path_factory.mktemp("spread"))
        with state.writing() as connection:
            ids = [portfolios.make(connection, n, 10**9 * WAN, None, "ann").id for n in ("one", "two")]
        own = House(world.snapshot, state, *ids)
        for n, (letter, wan, second) in enumerate(loans):
            id_ = f"{n:016x}"
            granted = Approved(id_, firm(letter), wan, Decimal("0.06"), 12, date(2026, 2, 1))
            wanted = Request(ids[second and spread])
            booking.book(own.snapshot, state, granted, wanted, "ann", START)
        every = {
            (letter, u.dimension, u.subject, u.before_fen, u.limit_fen)
            for letter in "BE"
            for u in own.uses(letter).values()
            if u.over == "house"
        }
        told = exposures(own.snapshot, state, ids[0], RULES, START)
        figures.append((every, told.house_total_fen))
    assert figures[0] == figures[1]
    assert figures[0][1] == sum(wan for _, wan, _ in loans)


def test_what_is_approved_and_not_booked_counts(house):
    first = house.approve("A", 200)
    assert house.uses("A")["borrower", "house"].before_fen == 200 * WAN
    assert house.uses("B")["group", "house"].before_fen == 200 * WAN
    told = exposures(house.snapshot, house.state, house.one, on=START)
    assert (told.approved_fen, told.house_total_fen, told.total_fen) == (200 * WAN, 200 * WAN, 0)
    assert house.uses("A", on=START + timedelta(days=31))["borrower", "house"].before_fen == 0  # not valid
    with house.state.writing() as connection:
        credit.move(connection, credit.decision(connection, first).application, "withdrawn")
    assert house.uses("A")["borrower", "house"].before_fen == 0


def test_what_people_say_of_a_decision_is_what_counts(house):
    decision = house.approve("A", 100)

    def happen(status, limit_fen):
        event = credit.Event("reviewed", status, limit_fen, False, "papers_seen", "seen", "bob", "now")
        with house.state.writing() as connection:
            credit.happen(connection, decision, event)
        return house.uses("A")["borrower", "house"].before_fen

    assert happen("manual_review", None) == 0
    assert happen("approved", 60 * WAN) == 60 * WAN
    assert happen("declined", None) == 0
    house.approve("B", 50, "manual_review")
    house.approve("B", 50, "declined")
    assert house.uses("B")["borrower", "house"].before_fen == 0


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_of_two_approvals_that_do_not_fit_together_the_first_has_the_room(house, order):
    """Both were decided at one moment, neither knowing of the other."""
    ids = [house.approve("A", 140), house.approve("B", 280)]  # the group's limit is 400 万
    done = []
    for n in order:
        try:
            done.append((n, house.book(ids[n], (house.one, house.two)[n]).made))
        except Conflict as error:
            assert error.code == "exposure_limit"
    assert (0, True) in done and len(done) == 1


def test_a_decision_does_not_stand_in_its_own_way(house):
    decision = house.approve("A", 150)
    booked = house.book(decision)
    assert booked.made and max(u.before_fen for u in booked.uses) == 0
    assert house.uses("A")["borrower", "house"].before_fen == 150 * WAN  # once, not twice
    assert not house.book(decision).made


def test_two_bookings_at_one_moment_break_no_limit(house):
    """In two portfolios, each of which has room of its own."""
    loans = [("A", house.one), ("B", house.two), ("A", house.two), ("B", house.one)]

    def book(one):
        try:
            return house.lend(one[0], 149, one[1]).loan.amount_fen
        except Conflict:
            return 0

    with ThreadPoolExecutor(4) as pool:
        lent = list(pool.map(book, loans))
    assert sum(lent) == 2 * 149 * WAN  # a third would make 447 of the group's 400


def test_who_owes_is_asked_of_the_store_once(house):
    for n in range(12):
        house.lend("ABCDE"[n % 5], 1 + n, (house.one, house.two)[n % 2])
    with house.state.reading() as connection:
        chosen, seen = portfolios.portfolio(connection, house.one), []
        connection.set_trace_callback(seen.append)
        exposure.uses_of(connection, house.snapshot, RULES, 0, WAN, chosen, START)
        connection.set_trace_callback(None)
    assert len([q for q in seen if "postings" in q]) == 1 and len(seen) <= 3


def test_the_portfolio_of_a_loan_is_looked_for_in_one_go(house):
    with house.state.writing() as connection:
        portfolios.change(connection, house.two, "ann", capital_fen=500 * WAN)
        portfolios.join(connection, house.two, [firm("C"), firm("D")], "ann")
        portfolios.join(connection, house.one, [firm("D")], "ann")
    told = {
        letter: check(house.snapshot, house.state, RULES, ord(letter) - 65, 1, on=START) for letter in "ACD"
    }
    limits = {
        letter: next(u.limit_fen for u in uses if u.dimension == "industry") for letter, uses in told.items()
    }
    assert limits == {"A": 400 * WAN, "C": 200 * WAN, "D": 400 * WAN}
    with house.state.writing() as connection:
        portfolios.close(connection, house.one, "ann")
    uses = check(house.snapshot, house.state, RULES, 0, 1, on=START)
    assert next(u.limit_fen for u in uses if u.dimension == "industry") == 200 * WAN


def test_borrowers_that_nobody_can_place_are_counted_and_told(world, house, tmp_path):
    house.lend("A", 30)
    house.lend("F", 100, house.two)
    later = House(made(tmp_path / "later", "ABCDE").snapshot, house.state, house.one, house.two)
    told = exposures(later.snapshot, later.state, later.two, on=START)
    assert (told.total_fen, told.unknown_fen, told.firms) == (100 * WAN, 100 * WAN, 0)
    told = exposures(later.snapshot, later.state, later.one, on=START)
    assert (told.total_fen, told.unknown_fen) == (30 * WAN, 0)
    assert (told.house_total_fen, told.house_unknown_fen) == (130 * WAN, 100 * WAN)
    use = later.uses("B")["unknown", "house"]
    assert (use.before_fen, use.after_fen, use.limit_fen, use.firms) == (100 * WAN, 100 * WAN, 40 * WAN, 1)
    assert use.breaks and use.effect == "refer"
    uses = check(later.snapshot, later.state, RULES, 1, WAN, later.one, START)
    assert fitted(uses, WAN, RULES).action == "refer"
    with pytest.raises(Conflict) as refused:
        later.lend("B", 1)
    assert "图谱中没有的借款人" in refused.value.text("zh")


def test_a_little_that_nobody_can_place_is_told_and_stops_nothing(world, house, tmp_path):
    house.lend("F", 40)
    later = House(made(tmp_path / "later", "ABCDE").snapshot, house.state, house.one, house.two)
    use = later.uses("B")["unknown", "house"]
    assert use.before_fen == use.limit_fen and not use.breaks
    assert later.lend("B", 100).made


UNPLACED = Use("unknown", "unknown", 1_000_00, 1_000_00, "refer", "policy", "house")


@pytest.fixture(scope="module")
def graph(tmp_path_factory):
    folder = tmp_path_factory.mktemp("graph")
    return snapshot_in(folder), folder


def test_a_decision_is_referred_where_too_much_cannot_be_placed(graph, tmp_path):
    snapshot, folder = graph
    one = desk(snapshot, folder, State(tmp_path / "1"), Sources(uses_are=(UNPLACED,)))
    answer = decided(one)
    assert answer["status"] == "approved"
    assert {"rule": "exposure_unknown", "outcome": "pass"}.items() <= answer["audits"][-2].items()
    more = replace(UNPLACED, before_fen=1_000_01)
    two = desk(snapshot, folder, State(tmp_path / "2"), Sources(uses_are=(more,)))
    entered = two.apply(wish(B), "clerk")
    kept = two.decide(entered.id, "clerk")
    answer = json.loads(kept.answer)
    assert answer["status"] == "manual_review" and answer["exposures"][0]["after_fen"] == 1_000_01
    for lang, said in (("zh", "不在图谱中"), ("en", "the graph does not know")):
        told = view.decision(kept, two.prepared, TODAY, lang)
        assert said in told.reasons[0].text


def test_limits_of_a_decision_bear_names(graph, tmp_path):
    snapshot, folder = graph
    full = [
        Use(dimension, subject, 1, 1, "refer", "policy", over)
        for dimension, subject, over in (("core", B, "house"), ("industry", "26", "portfolio"))
    ]
    one = desk(snapshot, folder, State(tmp_path), Sources(uses_are=tuple(full)))
    kept = one.decide(one.apply(wish(B), "clerk").id, "clerk")
    told = view.decision(kept, one.prepared, TODAY, "zh")
    name = str(snapshot.enterprises["name"][1])
    assert [e.subject_text for e in told.exposures] == [name, "化学原料和化学制品制造业"]
    assert [e.subject_enterprise for e in told.exposures] == [B, None]
    assert [e.over_text for e in told.exposures] == ["全行口径", "本组合口径"]
    assert name in told.reasons[0].text and "化学原料" in told.reasons[1].text
    assert "chemical materials" in view.decision(kept, one.prepared, TODAY, "en").reasons[1].text


def test_older_decisions_are_shown_and_replayed_as_they_were(graph, tmp_path):
    snapshot, folder = graph
    one = desk(snapshot, folder, State(tmp_path), Sources(uses_are=(Use("core", B, 1, 1, "refer", "p"),)))
    kept = one.decide(one.apply(wish(B), "clerk").id, "clerk")
    assert "over" not in json.loads(kept.answer)["exposures"][0]
    assert one.replay(kept.id)[1]
    told = view.decision(kept, one.prepared, TODAY, "zh")
    assert told.exposures[0].over is None and told.exposures[0].subject_text


def test_subjects_bear_names(world):
    def name(dimension, subject, lang="zh"):
        return subject_of(world.snapshot, dimension, subject).text(lang)

    assert name("borrower", firm("A")) == "甲乙丙A有限公司"
    assert name("group", GROUP).endswith(" 甲乙丙A有限公司")
    assert name("group", GROUP) != name("group", GROUP, "en")
    assert subject_of(world.snapshot, "group", GROUP).enterprise == firm("A")
    assert (name("chain", "toy"), name("chain", "toy", "en")) == ("玩具", "toys")
    assert (name("region", "33"), name("region", "33", "en")) == ("浙江省", "Zhejiang")
    assert name("industry", "36") == "汽车制造业"
    assert name("group", "c" * 16) == "c" * 16  # the snapshot knows it no longer


def test_every_province_and_division_has_a_name():
    provinces = {f"{code // 10_000}" for code in places().short if code < 10**6}
    assert {f"province_{code}" for code in provinces} <= set(labels())
    assert {f"division_{code:02d}" for code in range(1, 98)} <= set(labels())


def test_a_refusal_names_what_is_full(house):
    house.lend("A", 150)
    with pytest.raises(Conflict) as refused:
        house.lend("A", 151, house.two)
    told = refused.value.text("zh")
    assert "甲乙丙A有限公司" in told and "单一客户" in told and "1500000.00" in told.replace(",", "")
    assert firm("A") not in told and "borrower" not in told


@pytest.mark.parametrize("name", ["", "  ", "\u3000", "\u00a0 ", "\u200b"])
def test_a_portfolio_has_a_name(house, name):
    with house.state.writing() as connection:
        with pytest.raises(InputError):
            portfolios.make(connection, name, 1, None, "ann")
        with pytest.raises(InputError):
            portfolios.change(connection, house.one, "ann", name=name)
        assert portfolios.portfolio(connection, house.one).name == "one"


def test_blanks_around_a_name_make_no_other_one(house):
    with house.state.writing() as connection:
        with pytest.raises(Conflict):
            portfolios.make(connection, " one\u3000", 1, None, "ann")
        assert portfolios.make(connection, " three ", 1, None, "ann").name == "three"


def test_nothing_is_left_out_of_what_is_at_risk(house):
    house.lend("A", 10)
    house.lend("A", 20, house.two)
    house.approve("A", 5)
    with house.state.reading() as connection:
        told = lending.at_risk(connection, START)
    assert [(one.portfolio, one.fen) for one in sorted(told, key=lambda one: one.fen)] == [
        (None, 5 * WAN), (house.one, 10 * WAN), (house.two, 20 * WAN)
    ]  # fmt: skip
