"""What a cash path assumes where nothing shows it: `policy.yaml`, one version in force on a day."""

from datetime import date
from pathlib import Path

from services.dated import Policy, in_force

__all__ = ["Policy", "policy_on"]

_FILE = Path(__file__).with_name("policy.yaml")


def policy_on(day: date, file: Path = _FILE) -> Policy:
    """The assumptions of a day; before any of them the oldest. Raises InputError where the last has ended."""
    return in_force(file, day, "cashflow_policy_missing")
