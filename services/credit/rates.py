"""The rate: by expected profit, told as an annualised simple rate and as basis points over the LPR."""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml

_FILE = Path(__file__).parent / "lpr.yaml"


@dataclass(frozen=True)
class Lpr:
    """The one-year loan prime rate of a day; `stale` where none was known for that day."""

    rate: Decimal
    since: date
    source: str
    reread: bool
    stale: bool


def lpr_on(day: date) -> Lpr:
    """The rate in force on a day; before the first one, the first counts."""
    raw = _file()
    ordered = sorted(raw["one_year"], key=lambda one: one["from"])
    begun = [one for one in ordered if one["from"] <= day] or ordered[:1]
    rate = Decimal(begun[-1]["rate"])
    return Lpr(rate, begun[-1]["from"], raw["source"], bool(raw["reread"]), day > raw["known_until"])


def known(day: date) -> dict[str, Any]:
    """The LPR of a day as it is kept with a decision: a later file may know better."""
    base = lpr_on(day)
    return {
        "lpr": str(base.rate),
        "lpr_since": str(base.since),
        "lpr_source": base.source,
        "lpr_reread": base.reread,
        "lpr_stale": base.stale,
    }


def told(rate: Decimal, lpr: dict[str, Any]) -> dict[str, Any]:
    """A rate as an answer holds it: decimal text, basis points over the LPR, and what `known` said of it."""
    over = ((rate - Decimal(lpr["lpr"])) * 10_000).to_integral_value(ROUND_HALF_UP)
    return {"annual_simple": str(rate.quantize(Decimal("0.0001"))), "over_lpr_bp": int(over), **lpr}


@cache
def _file() -> dict[str, Any]:
    return dict(yaml.safe_load(_FILE.read_text("utf-8")))
