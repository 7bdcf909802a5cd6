"""Policy data with versions: a YAML list whose entries say from when and until when they are in force."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from ledger.errors import InputError


@dataclass(frozen=True)
class Policy:
    """One version. `body` is as the file has it; `value` reads a figure that states its source."""

    version: str
    in_force: date
    until: date | None
    body: dict[str, Any]

    def value(self, *path: str) -> Any:
        """The figure at a path such as ("receivables", "overdue_days_most"). KeyError where there is none."""
        return self._at(path)["value"]

    def rows(self, *path: str) -> list[dict[str, Any]]:
        """The list at a path. KeyError where there is none."""
        return list(self._at(path))

    def _at(self, path: tuple[str, ...]) -> Any:
        found: Any = self.body
        for name in path:
            found = found[name]
        return found


def in_force(file: Path, day: date, missing: str) -> Policy:
    """The newest version of `file` in force on a day; for a day before any, the first.

    Raises InputError `missing` where the last one has ended.
    """
    every = _policies(file)
    for one in every:
        if one.in_force <= day and (one.until is None or day <= one.until):
            return one
    if day < every[-1].in_force:
        return every[-1]
    raise InputError(missing, day=day.isoformat())


@cache
def _policies(file: Path) -> tuple[Policy, ...]:
    """Every version of a file, the newest first."""
    made = []
    for body in yaml.safe_load(file.read_text("utf-8")):
        head = {name: body.pop(name) for name in ("version", "in_force", "until")}
        made.append(Policy(**head, body=body))
    return tuple(sorted(made, key=lambda one: one.in_force, reverse=True))
