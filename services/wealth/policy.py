"""The rules of matching as data: `policy.yaml`, by version and days in force."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from ledger.errors import InputError

_FILE = Path(__file__).parent / "policy.yaml"


@dataclass(frozen=True)
class Policy:
    """One version of the rules; figures as in `policy.yaml`."""

    version: str
    since: date
    until: date | None
    levels: dict[str, int]
    assessment_days: int
    data_days: int
    books_days: int
    quick_cap_fen: int
    product_share: float
    issuer_share: float
    size_share: float
    rung_share: float
    account_rate: float
    needed_in: float
    cvar_level: float
    cvar_share: float
    margin: float
    swing: dict[int, float]


@cache
def policies() -> tuple[Policy, ...]:
    """Every version, the earliest first."""
    found = yaml.safe_load(_FILE.read_text("utf-8"))
    return tuple(sorted((_policy(one) for one in found), key=lambda one: one.since))


def policy_on(day: date) -> Policy:
    """The version in force on `day`. Raises InputError before the first."""
    for one in reversed(policies()):
        if one.since <= day and (one.until is None or day <= one.until):
            return one
    raise InputError("wealth_no_policy", day=day.isoformat())


def _policy(body: dict[str, Any]) -> Policy:
    plain = (
        *("assessment_days", "data_days", "books_days", "quick_cap_fen", "product_share", "issuer_share"),
        *("size_share", "rung_share", "account_rate", "needed_in", "cvar_level", "cvar_share", "margin"),
    )
    return Policy(
        version=body["version"],
        since=body["in_force"],
        until=body["until"],
        levels=dict(body["levels"]),
        swing=dict(body["swing"]),
        **{name: body[name]["value"] for name in plain},
    )
