"""Bench `placement`: what it counts on, and that no label of a test firm is read before counting."""

import dataclasses

import numpy as np
import pytest

from bench import placement
from bench.placement_data import FOLDER, Listed, listed, splits
from gnn.industry.fit import Settings

pytestmark = [pytest.mark.data, pytest.mark.slow]


@pytest.fixture(scope="module")
def firms() -> Listed:
    if not FOLDER.is_dir():
        pytest.skip("the real data is absent: ../shared/data/chainkg")
    return listed(FOLDER)


def test_the_firms_are_those_of_the_research(firms: Listed) -> None:
    assert firms.firms.count == len(firms.l1) == len(firms.l2) == len(firms.firms.names) == 3687
    assert all(two.startswith(one) for one, two in zip(firms.l1, firms.l2, strict=True))
    for train, test in splits(len(firms.l1), 2):
        assert len(train) == 2581
        assert not set(train) & set(test)


def test_bars_are_met_and_labels_of_test_firms_do_not_matter(firms: Listed) -> None:
    train, test = next(splits(len(firms.l1), 1))
    counted = placement._judged(firms, train, test, Settings(), True, True)
    assert counted["l1"] >= 0.76
    assert counted["l2"] >= 0.63
    assert counted["ece_l1"] < 0.06
    mixed = firms.l2.copy()
    mixed[test] = np.random.default_rng(0).permutation(mixed[test])
    other = dataclasses.replace(firms, l1=mixed.astype("U2"), l2=mixed)
    again = placement._judged(other, train, test, Settings(), True, True)
    assert again["answered_l1"] == counted["answered_l1"]
    assert again["l1"] < 0.2
