"""When to apply again after a refusal, by what is advised: at once where the advice can be followed at once,
else when another month of papers can show it. The rule is policy data."""

from dataclasses import dataclass
from datetime import date
from typing import Any

#: From which day: the day of decision, or the first of the month after it.
WHEN = ("at_once", "next_month")


@dataclass(frozen=True)
class Reapply:
    """`when`: advice → one of WHEN; `otherwise`: for advice that is not named."""

    when: dict[str, str]
    otherwise: str
    source: str


def read_reapply(raw: dict[str, Any] | None) -> Reapply | None:
    """The rule as a policy says it; None in versions from before it. Raises ValueError."""
    if raw is None:
        return None
    made = Reapply(
        {str(advice): when for when in WHEN for advice in raw.get(when, ())},
        str(raw["otherwise"]),
        str(raw["source"]),
    )
    if made.otherwise not in WHEN:
        raise ValueError(made.otherwise)
    return made


def reapply(rule: Reapply | None, advice: str | None, decided_on: date) -> dict[str, Any]:
    """What an answer says of it: `reapply` with the day and why. Nothing where the policy has no rule, so
    that decisions from before it replay as they were; null where nothing is advised."""
    if rule is None:
        return {}
    if advice is None:
        return {"reapply": None}
    when = rule.when.get(advice, rule.otherwise)
    day = decided_on if when == "at_once" else _next_month(decided_on)
    return {"reapply": {"after": day.isoformat(), "why": when, "source": rule.source}}


def _next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)
