"""The lending policy as data: `policy.yaml`, one version in force on a day."""

from datetime import date
from pathlib import Path

from extraction.dates import beijing_today
from services.dated import Policy, in_force

__all__ = ["Policy", "policy_on", "today"]

_FILE = Path(__file__).with_name("policy.yaml")
#: The day in Beijing. Only where something is entered: nothing that is worked out asks for it.
today = beijing_today


def policy_on(day: date, file: Path = _FILE) -> Policy:
    """The policy in force on a day; before the first version that one: better a limit than none.

    Raises InputError where the last has ended.
    """
    return in_force(file, day, "lending_policy_missing")
