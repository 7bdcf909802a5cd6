"""What a cash path assumes where nothing shows it: `policy.yaml`, one version in force on a day."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from ledger.errors import InputError

_FILE = Path(__file__).with_name("policy.yaml")


@dataclass(frozen=True)
class Policy:
    """One version of the assumptions; `body` as the file has it."""

    version: str
    in_force: date
    until: date | None
    body: dict[str, Any]


def policy_on(day: date, file: Path = _FILE) -> Policy:
    """The assumptions of a day: the newest version in force, the oldest for days before any.

    Raises InputError where the last one has ended.
    """
    every = _policies(file)
    for one in every:
        if one.in_force <= day and (one.until is None or day <= one.until):
            return one
    if day < every[-1].in_force:
        return every[-1]
    raise InputError("cashflow_policy_missing", day=day.isoformat())


@cache
def _policies(file: Path) -> tuple[Policy, ...]:
    made = []
    for body in yaml.safe_load(file.read_text("utf-8")):
        head = {name: body.pop(name) for name in ("version", "in_force", "until")}
        made.append(Policy(**head, body=body))
    return tuple(sorted(made, key=lambda one: one.in_force, reverse=True))
