"""Knock-out rules: what a policy makes of the lists, the standing and the industry of a firm."""

from collections.abc import Iterable
from dataclasses import dataclass

from services.credit.inputs import Finding, Inputs
from services.credit.policy import KnockOut, Policy


@dataclass(frozen=True)
class Hit:
    """A rule and what it hit. `effect`: decline or refer; a relation's hit only ever refers."""

    rule: KnockOut
    finding: Finding
    effect: str

    @property
    def code(self) -> str:
        """The reason's code: the rule, and whose entry it is where it is not the firm's own."""
        return self.rule.code if self.finding.whom == "self" else f"related_{self.finding.kind}"


def hits(inputs: Inputs, policy: Policy) -> list[Hit]:
    """Every rule that hits, declines first, in the policy's order."""
    wish = inputs.wish
    purpose = Finding("self", wish.party, "purpose", wish.purpose, None, None, "application", None)
    return hits_of((*inputs.findings, purpose), policy)


def hits_of(findings: Iterable[Finding], policy: Policy) -> list[Hit]:
    """The same of these findings."""
    every = tuple(findings)
    found = [
        Hit(rule, finding, rule.effect if finding.whom == "self" else "refer")
        for rule in policy.knock_outs
        for finding in every
        if _about(rule, finding) and _counts(finding, policy)
    ]
    return sorted(found, key=lambda hit: hit.effect != "decline")


def _about(rule: KnockOut, finding: Finding) -> bool:
    if rule.kind != finding.kind:
        return False
    if rule.kind == "industry":
        code = finding.value.lstrip("ABCDEFGHIJKLMNOPQRST")
        return any(code.startswith(value) for value in rule.values)
    return finding.value in rule.values


def _counts(finding: Finding, policy: Policy) -> bool:
    """Whether an entry counts: an upheld appeal takes it away; a relation must be one the policy names."""
    if finding.appeal == "upheld":
        return False
    if finding.whom == "group":
        return finding.kind != "industry" and finding.tie in policy.related_groups
    if finding.whom == "partner":
        return finding.kind != "industry" and (finding.share or 0.0) >= policy.partner_share
    return True
