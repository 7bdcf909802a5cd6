"""Bench `groups` counts what it says, finds everything in a small economy, and notices wrong rules."""

from dataclasses import replace

import pytest

from bench import groups as bench
from gnn.groups import find as groups
from gnn.groups.policy import policy_on

NONE: bench.Sets = {kind: [] for kind in bench.KINDS}


def sets(*members: str) -> list[frozenset[str]]:
    return [frozenset(one) for one in members]


def test_exactly_the_members_or_not_found_and_every_stranger_counts():
    expected = {**NONE, "control": sets("abc", "de"), "suspected": sets("xy")}
    found = {**NONE, "control": sets("abcq", "de", "st")}
    counted = bench.compared(expected, found)
    by_kind = counted["by_kind"]
    assert isinstance(by_kind, dict)
    assert by_kind["control"]["found"] == 0.5
    assert by_kind["control"]["false"] == 3  # q, and both of a group that is none
    assert (counted["found"], counted["wrong"]) == (round(1 / 3, 4), round(3 / 8, 4))


def test_one_firm_in_common_is_not_the_group():
    counted = bench.compared({**NONE, "control": sets("abc")}, {**NONE, "control": sets("axy")})
    assert counted["false"] == 3


@pytest.mark.slow
def test_a_small_economy_and_its_traps():
    figures = bench.run(None, 1_000, 4_000, 2)
    assert (figures["found"], figures["wrong"]) == (1.0, 0.0)
    assert len(figures["traps"]) == 16


@pytest.mark.slow
def test_looser_rules_walk_into_the_traps(monkeypatch):
    loose = {"control_above": 0.3, "most_telephone": 1000, "most_address": 1000, "public_names": ()}
    monkeypatch.setattr(groups, "policy_on", lambda day: replace(policy_on(day), **loose))
    figures = bench.run(None, 1_000, 4_000, 2)
    assert figures["found"] < 0.99
    assert figures["wrong"] > 0.01
    assert figures["by_kind"]["guarantee_circle"]["wrong"] == 0
