"""The bench of names in small: noisy names found again, firms that are absent not made up."""

from pathlib import Path

import pytest
from rich.console import Console

from bench.noisy_names import NOISE, firms
from bench.resolve import _listed, _noisy
from extraction.who import Known
from ledger.records import empty

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"


def test_the_world_is_the_same_every_time_and_repeats_no_firm() -> None:
    one, other = (firms(500, Path("nowhere"), 3) for _ in range(2))
    assert one == other
    assert len(set(zip(one.place, one.brand, one.trade, strict=True))) == len(one) == 500
    assert len(NOISE) == 11


@pytest.mark.slow
def test_noisy_names_are_found_without_inventing_any() -> None:
    world = firms(22_000, Path("nowhere"), 3)
    known = Known.of(world.parties(20_000), empty("aliases"), empty("judgements"))
    figures = _noisy(known, world, 20_000, Console(quiet=True))
    assert figures["accepted"] >= 0.8
    assert figures["precision"] >= 0.998
    assert figures["recall"] >= 0.98
    assert figures["absent_accepted"] <= 0.005 * figures["absent"]


@pytest.mark.slow
@pytest.mark.data
def test_short_names_of_listed_companies_lead_to_their_full_names() -> None:
    path = SHARED / "names" / "listed_company_names.json"
    if not path.exists():
        pytest.skip(f"no {path}")
    assert _listed(path)["short_top1"] >= 0.942
