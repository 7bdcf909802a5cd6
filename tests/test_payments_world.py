"""The invented world of payments: the same for a seed, true to itself, and matched as far as papers go."""

import pytest

from bench.payments import as_ledger, compared
from extraction.payments import match_payments
from seeds.bank_world import bank_world


@pytest.fixture(scope="module")
def world():
    return bank_world(sellers=5, seed=11)


def test_a_seed_makes_the_same_world_and_another_makes_another(world):
    assert bank_world(sellers=5, seed=11) == world
    assert bank_world(sellers=5, seed=12).statements != world.statements


def test_the_truth_speaks_of_invoices_that_are_there_and_of_no_noise(world):
    numbers = {i.number for i in world.invoices}
    assert len(numbers) == len(world.invoices)
    moved = [m for s in world.statements for m in s.movements]
    truth = {(m.serial, n) for m in moved for n in m.pays}
    assert {n for _, n in truth} <= numbers
    assert world.undecidable & truth
    assert not any(m.pays for m in moved if m.purpose not in ("trade", "refund"))
    assert {m.purpose for m in moved} >= {"trade", "wages", "tax", "fee", "own"}
    assert all(len(s.balances()) == len(s.movements) for s in world.statements)


def test_most_of_what_can_be_told_is_told_and_hardly_anything_else(world):
    counts = compared(world, match_payments(*as_ledger(world)))
    assert counts["found"] / (counts["pairs"] - counts["undecidable"]) > 0.93
    assert counts["right"] / counts["proven"] > 0.98
    assert counts["undecidable"] < counts["pairs"] * 0.3
