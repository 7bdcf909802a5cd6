"""Reasons of a decision: codes and values, one to four of them, and one thing to do."""

from dataclasses import asdict, dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from services.credit.inputs import Inputs
from services.credit.judging import Verdict
from services.credit.knockouts import Hit

#: A refusal names so many reasons at most, an approval likewise.
MOST = 4
#: Log odds below which a feature is no reason.
LEAST = 0.01
_ADVICE = Path(__file__).parent / "advice.yaml"


@dataclass(frozen=True)
class Reason:
    """One reason. `direction`: raises_risk | lowers_risk; `contribution`: log odds of default, None where a
    rule and no model speaks. `basis`: observed | inferred. `params` fill the sentence."""

    code: str
    direction: str
    feature: str | None = None
    value: float | None = None
    contribution: float | None = None
    basis: str = "observed"
    evidence_ids: tuple[str, ...] = ()
    params: dict[str, Any] = field(default_factory=dict)

    def told(self) -> dict[str, Any]:
        """As an answer holds it."""
        return {**asdict(self), "evidence_ids": list(self.evidence_ids)}


def of_hit(hit: Hit) -> Reason:
    """The reason that a knock-out rule gives."""
    found = hit.finding
    params = {
        "list": found.value,
        "since": found.since,
        "until": found.until,
        "source": found.source,
        "appeal": found.appeal,
        "party": None if found.whom == "self" else found.party,
        "tie": found.tie,
        "share": found.share,
    }
    facts = (found.fact,) if found.fact else ()
    return Reason(hit.code, "raises_risk", evidence_ids=facts, params=params)


def of_rule(code: str, direction: str = "raises_risk", **params: Any) -> Reason:
    """The reason that a rule of the policy gives."""
    return Reason(code, direction, params=params)


def of_model(inputs: Inputs, verdict: Verdict, direction: str, *, observed: bool = False) -> list[Reason]:
    """What spoke most in one direction, largest first. `observed`: on observed links alone."""
    sign = 1 if direction == "raises_risk" else -1
    gave = verdict.gave_observed if observed else verdict.gave
    found = [row for row in gave if sign * row[2] >= LEAST]
    # What is known speaks before what is missing.
    found.sort(key=lambda row: (row[1] is None, -abs(row[2]), row[0]))
    return [_feature(inputs, *row, direction) for row in found[:MOST]]


def _feature(inputs: Inputs, name: str, value: float | None, gave: float, direction: str) -> Reason:
    return Reason(
        code="feature_unknown" if value is None else f"feature_{direction}",
        direction=direction,
        feature=name,
        value=value,
        contribution=gave,
        basis="inferred" if name in inputs.inferred and value is not None else "observed",
        evidence_ids=inputs.evidence.get(name, ()),
        params={"missing": inputs.missing.get(name)} if value is None else {},
    )


def advice(reasons: list[Reason], hits: list[Hit]) -> str:
    """The one thing to do, from what weighs first."""
    if hits:
        return hits[0].rule.advice
    table = _advice()
    for reason in reasons:
        # What binds a limit that is too small says what would help.
        code = reason.code
        if code == "limit_below_least":
            code = f"limit_bound_{reason.params['bound_by']}"
        if code in table["codes"]:
            return str(table["codes"][code])
        name = reason.feature or ""
        for part, what in table["features"].items():
            if part in name:
                return str(what)
    return str(table["else"])


@cache
def _advice() -> dict[str, Any]:
    return dict(yaml.safe_load(_ADVICE.read_text("utf-8")))
