"""The thresholds of groups and circles, dated and with their sources, from `policy.yaml`."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

_FILE = Path(__file__).parent / "policy.yaml"


@dataclass(frozen=True)
class GroupPolicy:
    """The values in force on a day; what each means stands beside it in the file."""

    control_above: float
    dependence_from: float
    dependence_months: int
    own_months: int
    active_months: int
    most_dependents: int
    most_telephone: int
    most_address: int
    most_account: int
    most_registry: int
    most_legal_rep: int
    most_in_circle: int
    most_cycles: int
    public_codes: tuple[str, ...]
    public_names: tuple[str, ...]

    def most(self, what: str) -> int:
        """How many firms may have `what` (telephone, address, account …) in common and be tied by it."""
        return int(getattr(self, f"most_{what}"))


@cache
def _file() -> dict[str, Any]:
    return dict(yaml.safe_load(_FILE.read_text("utf-8")))


def policy_on(day: date) -> GroupPolicy:
    """The policy of a day. Before a rule's first day its first value counts: better a limit than none."""
    bodies = _file()["public_bodies"]
    return GroupPolicy(
        **{name: _in_force(values, day) for name, values in _file()["rules"].items()},
        public_codes=tuple(bodies["codes"]),
        public_names=tuple(bodies["name_ends"]),
    )


def _in_force(values: list[dict[str, Any]], day: date) -> Any:
    ordered = sorted(values, key=lambda v: v["from"])
    begun = [v for v in ordered if v["from"] <= day]
    return (begun[-1] if begun else ordered[0])["value"]
