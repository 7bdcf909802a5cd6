"""What keeps a decision honest: warnings that stand, the day it looks from, and inference that only helps."""

import json
from datetime import date, timedelta

import polars as pl
import pytest

from ledger import watch
from ledger.errors import InputError
from ledger.state import State
from tests.credit_stand_in import TODAY, A, Sources, decided, desk, policies, snapshot_in, wish


@pytest.fixture
def at(tmp_path):
    """(desk maker, state): the desk with changed rooms over one world."""
    state, snapshot = State(tmp_path), snapshot_in(tmp_path)
    return lambda sources=None, **more: desk(
        snapshot, tmp_path, state, sources, policies=more.pop("policies", policies()), **more
    )


def warn(made, action, party=A):
    with made.state.writing() as connection:
        watch.raise_(connection, party, "invoicing_down", date(2026, 11, 1), action, {}, "watch")
        return watch.warnings(connection, [party], standing=True)[0].id


@pytest.mark.parametrize(
    ("action", "code"), [("refer", "warned_refer"), ("cut", "warned_cut"), ("freeze", "frozen")]
)
def test_a_warning_that_stands_keeps_a_machine_from_approving(at, action, code):
    made = at()
    assert decided(made)["status"] == "approved"
    warn(made, "note", "00000000000000aa")
    assert decided(made)["status"] == "approved"
    # also one about a party that was joined into the firm
    warning = warn(made, action, "00000000000000aa")
    kept = made.decide(made.apply(wish(A), "clerk").id, "clerk")
    answer = json.loads(kept.answer)
    assert (answer["status"], answer["reasons"][0]["code"]) == ("manual_review", code)
    assert (answer["without_person"], answer["advice"]) == (None, "clear_warning")
    with made.state.writing() as connection:
        watch.lift(connection, warning, "reviewer", "explained by a move of premises")
    assert decided(made)["status"] == "approved"
    assert made.replay(kept.id) == (kept.answer, True)


def test_a_freeze_is_never_approved_and_the_strongest_warning_speaks(at):
    made = at()
    for action in ("refer", "freeze", "cut"):
        warn(made, action)
    answer = decided(made)
    assert (answer["status"], answer["reasons"][0]["code"]) == ("manual_review", "frozen")
    assert decided(made, purpose="equity")["status"] == "declined"


def test_a_decision_looks_from_the_cut_off_and_from_no_day_of_the_callers_choice(at):
    made = at()
    cut_off = made.prepared.snapshot.as_of
    application = made.apply(wish(A), "clerk")
    for other in (cut_off - timedelta(days=30), cut_off + timedelta(days=1)):
        with pytest.raises(InputError) as caught:
            made.decide(application.id, "clerk", as_of=other)
        assert caught.value.code == "decision_looks_from_cut_off"
    answer = json.loads(made.decide(application.id, "clerk", as_of=cut_off).answer)
    assert answer["as_of"] == str(cut_off)


def test_a_listing_after_the_cut_off_counts_on_the_day_of_decision(tmp_path):
    on = {
        "enterprise": [0],
        "list": ["serious"],
        "happened_on": [TODAY - timedelta(days=1)],
        "fact": ["e" * 16],
    }
    made = desk(
        snapshot_in(tmp_path, listings=pl.DataFrame(on)), tmp_path, State(tmp_path), policies=policies()
    )
    assert made.prepared.snapshot.as_of < TODAY - timedelta(days=1)
    assert decided(made)["reasons"][0]["code"] == "list_serious"


def test_an_inferred_link_never_worsens_grade_cap_or_price(at):
    asked = []

    class Priced(Sources):
        def price(self, table):
            return lambda pd, lgd: asked.append(pd) or self.rate

    values = {"log_sales": 6.0, "overdue_share": 0.05, "seen_customers": 4.0}
    observed = decided(at(Priced(values={**values, "position_level": None})))
    worse = decided(at(Priced(values={**values, "position_level": 20.0}, inferred=("position_level",))))
    assert worse["pd"] > observed["pd"]
    assert worse["grade"] == observed["grade"] == worse["observed_only"]["grade"]
    assert worse["limit"] == observed["limit"]
    assert set(asked) == {observed["pd"]}
