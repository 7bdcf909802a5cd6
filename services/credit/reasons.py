"""Reasons of a decision: codes and values, one to four of them, and one thing to do.

A feature is a reason where its direction has business sense (more of it can only raise, or only lower, the
risk, and the model was held to that) and where it moves the probability of default enough to be told.
"""

from dataclasses import dataclass, field
from functools import cache
from math import exp, log
from pathlib import Path
from typing import Any

import yaml

from services.credit.inputs import Inputs
from services.credit.judging import Verdict
from services.credit.knockouts import Hit

#: A refusal names so many reasons at most, an approval likewise.
MOST = 4
#: What a feature must move the probability of default by to be a reason.
LEAST = 0.005
#: Why a feature is null that a bank statement would tell.
_MONEY_UNSEEN = frozenset({"no_statements", "no_payments"})
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
        return {**vars(self), "params": dict(self.params), "evidence_ids": list(self.evidence_ids)}


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
    """What spoke most in one direction, largest first. `observed`: on observed links alone.

    What is missing may raise the risk, and never speaks for a firm.
    """
    sign = 1 if direction == "raises_risk" else -1
    gave = verdict.gave_observed if observed else verdict.gave
    pd = verdict.pd_observed if observed else verdict.pd
    told = [(*row, effect_of(pd, row[2])) for row in gave if row[0] in verdict.directions]
    found = [row for row in told if sign * row[3] >= LEAST and (row[1] is not None or sign > 0)]
    # What is known speaks before what is missing.
    found.sort(key=lambda row: (row[1] is None, -abs(row[2]), row[0]))
    # Of features that say nearly the same, the one that says most.
    once = {_family(row[0]): row for row in reversed(found)}
    kept = [row for row in found if once[_family(row[0])] is row]
    return [_feature(inputs, verdict, row, direction) for row in kept[:MOST]]


def _family(name: str) -> str:
    """What a feature speaks of, whether of a year or of all months, of one partner or of five."""
    stem = name.removesuffix("_all")
    for begin in ("top1_", "top5_", "hhi_"):
        if stem.startswith(begin):
            return "share " + stem.removeprefix(begin).removesuffix("s")
    return stem


def effect_of(pd: float, gave: float) -> float:
    """What log odds of default add to a probability of default that holds them already: below 0 where they
    lower it."""
    safe = min(max(pd, 1e-9), 1 - 1e-9)
    return round(pd - 1 / (1 + exp(gave - log(safe / (1 - safe)))), 6)


def _feature(
    inputs: Inputs, verdict: Verdict, row: tuple[str, float | None, float, float], direction: str
) -> Reason:
    name, value, gave, effect = row
    params: dict[str, Any] = {"effect": effect}
    if value is None:
        params["missing"] = inputs.missing.get(name)
    else:
        # Against the average firm: a model gives more than it does on average only beyond it.
        params["side"] = "high" if verdict.directions[name] * effect > 0 else "low"
    return Reason(
        code="feature_unknown" if value is None else f"feature_{direction}",
        direction=direction,
        feature=name,
        value=value,
        contribution=gave,
        basis="inferred" if name in inputs.inferred and value is not None else "observed",
        evidence_ids=inputs.evidence.get(name, ()),
        params=params,
    )


def advice(inputs: Inputs, reasons: list[Reason], hits: list[Hit]) -> str:
    """The one thing to do, from what weighs first."""
    if hits:
        return hits[0].rule.advice
    table = _advice()
    for reason in reasons:
        # What binds a limit that is too small says what would help.
        code = reason.code
        if reason.params.get("missing") in _MONEY_UNSEEN:
            return "hand_in_statements"
        if code == "limit_below_least":
            code = f"limit_bound_{reason.params['bound_by']}"
        if code in table["codes"]:
            return str(table["codes"][code])
        name = reason.feature or ""
        for part, what in table["features"].items():
            if part in name:
                return str(what)
    # Whole books without a bank statement: asking for the books again would help nobody.
    return "hand_in_statements" if inputs.money.cash_reason == "cash_no_statements" else str(table["else"])


@cache
def _advice() -> dict[str, Any]:
    return dict(yaml.safe_load(_ADVICE.read_text("utf-8")))
