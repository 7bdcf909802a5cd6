"""Which way a feature may move the risk, and which ones a model may not look at: `directions.yaml`."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import yaml

from services.credit.models.members import Int64


@cache
def _said() -> dict[str, list[str]]:
    return dict(yaml.safe_load((Path(__file__).parent / "directions.yaml").read_text("utf-8")))


def directions() -> dict[str, int]:
    """+1 where more of a feature may only raise the risk, -1 where it may only lower it; by name."""
    return dict.fromkeys(_said()["raises"], 1) | dict.fromkeys(_said()["lowers"], -1)


def direction_of(names: Sequence[str]) -> Int64:
    """int64[k]: of each name, 0 where either way may be."""
    return np.array([directions().get(name, 0) for name in names], np.int64)


def without(names: Sequence[str], list_of: str) -> tuple[str, ...]:
    """The names that are not on a list of `directions.yaml`: grows_with_books or rests_on_dates."""
    return tuple(name for name in names if name not in set(_said()[list_of]))
