"""The lending policy as data: `policy.yaml`, one version in force on a day."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from ledger.errors import InputError

_FILE = Path(__file__).with_name("policy.yaml")


@dataclass(frozen=True)
class Policy:
    """One version. `body` is as the file has it; `value` reads a figure that states its source."""

    version: str
    in_force: date
    until: date | None
    body: dict[str, Any]

    def value(self, *path: str) -> Any:
        """The figure at a path such as ("receivables", "overdue_days_most"). KeyError where there is none."""
        found: Any = self.body
        for name in path:
            found = found[name]
        return found["value"]

    def rows(self, *path: str) -> list[dict[str, Any]]:
        """The list at a path. KeyError where there is none."""
        found: Any = self.body
        for name in path:
            found = found[name]
        return list(found)


def today() -> date:
    """The day in Beijing. Only where something is entered: nothing that is worked out asks for it."""
    return datetime.now(timezone(timedelta(hours=8))).date()


def policy_on(day: date, file: Path = _FILE) -> Policy:
    """The policy in force on a day; before the first version that one: better a limit than none.

    Raises InputError where the last has ended.
    """
    for one in _policies(file):
        if one.in_force <= day and (one.until is None or day <= one.until):
            return one
    first = _policies(file)[-1]
    if day < first.in_force:
        return first
    raise InputError("lending_policy_missing", day=day.isoformat())


@cache
def _policies(file: Path) -> tuple[Policy, ...]:
    """Every version of a file, the newest first."""
    made = []
    for body in yaml.safe_load(file.read_text("utf-8")):
        head = {name: body.pop(name) for name in ("version", "in_force", "until")}
        made.append(Policy(**head, body=body))
    return tuple(sorted(made, key=lambda one: one.in_force, reverse=True))
