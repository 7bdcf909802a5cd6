"""One decision, as a pure function of its kept inputs, a policy and a model: the same three, the same bytes.

Knock-outs come first, then the model, then limit and price, then exposure, then authority. An inferred
feature may speak for a firm; a refusal must stand on observed links alone, and its reasons come from there.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from ledger.ids import stable_id
from services.credit import rates
from services.credit.inputs import Inputs, Use
from services.credit.judging import Model, Verdict, judge
from services.credit.knockouts import Hit, hits
from services.credit.limits import Limit, limit, owed_of
from services.credit.policy import Grade, Policy
from services.credit.reapply import reapply
from services.credit.reasons import MOST, Reason, advice, of_hit, of_model, of_rule
from services.lending.subjects import UNKNOWN

#: (probability of default, loss given default) → the best annual rate, None where none earns anything.
Price = Callable[[float, float], Decimal | None]
#: Referrals that say nothing against a firm.
_LOOKED_AT_ANYWAY = frozenset({"authority", "person_asked_for"})
#: What raises the risk, told beside an offer that is cut or of a poor grade.
RAISING = 2
#: Dealings that an answer tells of.
DEALINGS_TOLD = 6


@dataclass
class _Case:
    """A decision in the making."""

    inputs: Inputs
    policy: Policy
    declines: list[Reason] = field(default_factory=list)
    refers: list[Reason] = field(default_factory=list)
    cuts: list[Reason] = field(default_factory=list)
    audits: list[dict[str, Any]] = field(default_factory=list)

    def note(self, rule: str, outcome: str, **params: Any) -> None:
        """Enter what a rule said, also where it let the firm pass."""
        self.audits.append({"rule": rule, "outcome": outcome, "params": params})

    @property
    def status(self) -> str:
        """What the rules come to; whoever refuses a machine's word alone is decided on by a person."""
        if self.declines and not self.inputs.wish.by_machine_refused:
            return "declined"
        return "manual_review" if self.refers or self.declines else "approved"

    @property
    def without_person(self) -> str | None:
        """What the rules would say had nobody to look: None where they leave it open."""
        if self.declines:
            return "declined"
        return "approved" if {r.code for r in self.refers} <= _LOOKED_AT_ANYWAY else None


def decide(
    inputs: Inputs, policy: Policy, model: Model, price: Price, verdict: Verdict | None = None
) -> dict[str, Any]:
    """The answer as codes and values. `verdict`: what the model says, where it was asked already.

    Raises InputError for a product the policy does not know.
    """
    case = _Case(inputs, policy)
    _warnings(case)
    hit = _knock_out(case)
    verdict = verdict or judge(inputs, model)
    # The better of the two: what is inferred never worsens an offer.
    pd = min(verdict.pd, verdict.pd_observed)
    grade = policy.grade_of(pd)
    _stale(case)
    thin = _books(case)
    _cut_offs(case, verdict, pd)
    found = _limit(case, grade, thin)
    rate = _price(case, pd, price)
    amount = _exposures(case, found.amount_fen)
    _authority(case, amount)
    if inputs.wish.by_machine_refused:
        case.refers.append(of_rule("person_asked_for"))
        case.note("person_asked_for", "refer")
    return _answer(case, hit, verdict, grade, found, amount, rate, model)


def text(answer: dict[str, Any]) -> str:
    """An answer as the bytes that are kept: JSON with sorted keys."""
    return json.dumps(answer, ensure_ascii=False, sort_keys=True, allow_nan=False)


def _knock_out(case: _Case) -> list[Hit]:
    found = hits(case.inputs, case.policy)
    for hit in found:
        (case.declines if hit.effect == "decline" else case.refers).append(of_hit(hit))
        case.note(hit.rule.code, hit.effect, whom=hit.finding.whom, source=hit.rule.source)
    hit_rules = {hit.rule.code for hit in found}
    for rule in case.policy.knock_outs:
        if rule.code not in hit_rules:
            case.note(rule.code, "pass", source=rule.source)
    return found


def _warnings(case: _Case) -> None:
    """What the watch over a borrower found: all but a mere note is looked at by a person."""
    warned = case.inputs.warned
    if not warned:
        return
    worst = warned[0]
    if worst.action == "note":
        case.note("warnings", "pass", warnings=[one.id for one in warned])
        return
    # A warning is our own finding, which a person can lift: it keeps a machine from approving, no more.
    told = {"warning": worst.code, "found_on": worst.found_on, "action": worst.action}
    case.refers.append(of_rule("frozen" if worst.action == "freeze" else f"warned_{worst.action}", **told))
    case.note("warnings", "refer", **told, warnings=[one.id for one in warned])


def _stale(case: _Case) -> None:
    """Refers what is decided on data, or on books of the firm's own, that ended long ago."""
    rule, age = case.policy.stale, case.inputs.age
    if rule is None or age is None:
        return
    told: dict[str, Any] = asdict(age)
    found = []
    if age.data_days > rule.data_days:
        found.append(of_rule("data_stale", most_days=rule.data_days, **told))
    elif age.books_days is not None and age.books_days > rule.books_days:
        found.append(of_rule("books_stale", most_days=rule.books_days, **told))
    case.refers.extend(found)
    case.note("data_stale", "refer" if found else "pass", source=rule.source, **told)


def _books(case: _Case) -> bool:
    """Whether the books are thin; refers a firm of which too little is seen."""
    books, policy = case.inputs.books, case.policy
    told: dict[str, Any] = {"own_months": books.own_months, "seen_months": books.seen_months}
    if books.own_months >= policy.own_months:
        case.note("books", "pass", **told)
        return False
    if not case.inputs.in_graph or books.own_months + books.seen_months == 0:
        if policy.nothing_refers:
            case.refers.append(of_rule("books_nothing", **told))
        case.note("books", "refer", **told)
        return True
    if max(books.own_months, books.seen_months) < policy.seen_months:
        case.refers.append(of_rule("books_thin", needed=policy.seen_months, **told))
        case.note("books", "refer", **told)
        return True
    if books.sold_months is not None and books.sold_months < (policy.sold_months or 0):
        told["sold_months"] = books.sold_months
        case.refers.append(of_rule("books_short", needed=policy.sold_months, **told))
        case.note("books", "refer", **told)
        return True
    case.note("books", "cut", cap_fen=policy.thin_cap_fen, **told)
    return True


def _cut_offs(case: _Case, verdict: Verdict, pd: float) -> None:
    """What the probability of default says; a level the policy cannot see is referred."""
    policy, level = case.policy, case.inputs.level
    if policy.max_level is not None and (level is None or abs(level) > policy.max_level):
        case.refers.append(of_rule("level_unseen", level=level, most=policy.max_level))
    band = _band(pd, policy)
    case.note("model", band, pd=verdict.pd, pd_observed=verdict.pd_observed)
    if band == "decline":
        case.declines.extend(of_model(case.inputs, verdict, "raises_risk", observed=True)[:MOST])
        if not case.declines:
            case.declines.append(of_rule("pd_too_high", pd=pd))
    elif band == "refer":
        case.refers.append(of_rule("pd_between", pd=pd, low=policy.approve_below, high=policy.decline_from))


def _band(pd: float, policy: Policy) -> str:
    return "pass" if pd < policy.approve_below else "refer" if pd < policy.decline_from else "decline"


def _limit(case: _Case, grade: Grade, thin: bool) -> Limit:
    wish, product = case.inputs.wish, case.policy.product(case.inputs.wish.product)
    found = limit(case.inputs, case.policy, grade.cap_fen, thin)
    if not product.least_months <= wish.months <= product.most_months:
        bounds: dict[str, Any] = {"least": product.least_months, "most": product.most_months}
        case.declines.append(of_rule("requested_out_of_product", months=wish.months, **bounds))
    if found.amount_fen < product.least_fen:
        params: dict[str, Any] = {"bound_by": found.bound_by, "amount_fen": found.amount_fen}
        # A forecast alone refuses nobody: a person looks at a cash path that leaves nothing.
        looked_at = found.bound_by == "cash_path"
        reason = of_rule("limit_below_least", least_fen=product.least_fen, **params)
        (case.refers if looked_at else case.declines).append(reason)
        case.note("limit", "refer" if looked_at else "decline", **params)
    elif found.amount_fen < wish.amount_fen:
        params = {"amount_fen": found.amount_fen, "requested_fen": wish.amount_fen}
        case.cuts.append(of_rule(f"limit_bound_{found.bound_by}", **params))
        case.note("limit", "cut", bound_by=found.bound_by, **params)
    else:
        case.note("limit", "pass", bound_by=found.bound_by, amount_fen=found.amount_fen)
    return found


def _price(case: _Case, pd: float, price: Price) -> Decimal:
    """The rate by expected profit within the policy's bounds; its most, for a person to judge, where no rate
    earns anything."""
    policy = case.policy
    best = price(pd, policy.lgd)
    if best is None:
        case.refers.append(of_rule("price_unprofitable", pd=pd, lgd=policy.lgd))
        case.note("price", "refer", pd=pd)
        return Decimal(policy.most_rate)
    rate = min(max(best, Decimal(policy.least_rate)), Decimal(policy.most_rate))
    case.note("price", "pass", best=str(best), rate=str(rate), lgd=policy.lgd)
    return rate


def _exposures(case: _Case, amount_fen: int) -> int:
    """What is left of the amount under every limit on exposure; names each that cuts or refers.

    As `services.lending.exposure.fitted`: those that cut come first, and a person is asked only where too
    little is left, or where what is left still breaks a limit that refers.
    """
    policy, uses = case.policy, case.inputs.uses
    if case.inputs.uses_reason:
        case.note("exposure", "unknown", reason=case.inputs.uses_reason)
    broken = [use for use in uses if use.breaks(amount_fen)]
    for use in uses:
        if use.dimension == UNKNOWN and use not in broken:
            case.note(f"exposure_{UNKNOWN}", "pass", **_use(use, amount_fen))
    cuts = [use for use in broken if use.effect == "cut"]
    rooms = [use.room_fen // policy.round_to_fen * policy.round_to_fen for use in cuts]
    left = min([amount_fen, *rooms])
    if left < min(amount_fen, policy.product(case.inputs.wish.product).least_fen):
        left, cuts, still = amount_fen, [], broken
    else:
        still = [use for use in broken if use.effect != "cut" and use.breaks(left)]
    for use in cuts:
        params = _use(use, amount_fen)
        case.cuts.append(of_rule("exposure_cut", **params))
        case.note(f"exposure_{use.dimension}", "cut", **params)
    for use in still:
        params = _use(use, left)
        case.refers.append(of_rule("exposure_full", **params))
        case.note(f"exposure_{use.dimension}", "refer", **params)
    return left


def _use(use: Use, amount_fen: int) -> dict[str, Any]:
    return {
        "dimension": use.dimension,
        "subject": use.subject,
        "limit_fen": use.limit_fen,
        "before_fen": use.before_fen,
        "after_fen": use.after(amount_fen),
        "source": use.source,
        **({"over": use.over} if use.over else {}),
    }


def _authority(case: _Case, amount_fen: int) -> None:
    """Authority looks at all that the firm would owe, so that small loans do not add up past it."""
    most = case.inputs.machine_most_fen
    amount_fen += owed_of(case.inputs)
    if amount_fen > most:
        case.refers.append(of_rule("authority", amount_fen=amount_fen, most_fen=most))
        case.note("authority", "refer", amount_fen=amount_fen, most_fen=most)
    else:
        case.note("authority", "pass", amount_fen=amount_fen, most_fen=most)


def _reasons(case: _Case, verdict: Verdict, grade: Grade) -> list[Reason]:
    """One to four: why it was refused or referred; why it was cut and, there or where the grade is poor, what
    raises the risk; what spoke for an approval."""
    if case.declines:
        return case.declines[:MOST]
    # The one that the offer rests on.
    observed = verdict.pd_observed < verdict.pd
    raising = of_model(case.inputs, verdict, "raises_risk", observed=observed)
    if case.refers:
        return [*case.refers, *raising][:MOST]
    names = [one.grade for one in case.policy.grades]
    poor = names.index(grade.grade) >= len(names) // 2
    told = [*case.cuts, *(raising[:RAISING] if case.cuts or poor else ())]
    told += of_model(case.inputs, verdict, "lowers_risk", observed=observed)
    if not told:
        pd = min(verdict.pd, verdict.pd_observed)
        return [of_rule("pd_within", "lowers_risk", pd=pd, below=case.policy.approve_below)]
    return told[: max(MOST, len(case.cuts))]


def _answer(
    case: _Case, hit: list[Hit], verdict: Verdict, grade: Grade, found: Limit, amount: int,
    rate: Decimal, model: Model,
) -> dict[str, Any]:  # fmt: skip
    inputs, policy, wish = case.inputs, case.policy, case.inputs.wish
    day = date.fromisoformat(wish.decided_on)
    status, reasons = case.status, _reasons(case, verdict, grade)
    offered = status != "declined"
    observed_band = _band(verdict.pd_observed, policy)
    advised = None if status == "approved" else advice(inputs, reasons, hit)
    others = sorted(verdict.without, key=lambda w: (-abs(w.effect), w.dealing.partner, w.dealing.side))
    return {
        "decision_id": stable_id(
            "decision", wish.application, policy.version, model.version, inputs.snapshot
        ),
        "application_id": wish.application,
        "party": wish.party,
        "enterprise": inputs.enterprise,
        "as_of": inputs.as_of,
        "decided_on": wish.decided_on,
        "status": status,
        "score": verdict.score,
        "pd": verdict.pd,
        "grade": grade.grade,
        "limit": {**found.told(), "amount_fen": amount if offered else 0, "proposed_fen": amount},
        # What a person may still approve: whoever shows a refusal leaves it out.
        "rate": rates.told(rate, inputs.lpr),
        "term": wish.months,
        "requested": {"amount_fen": wish.amount_fen, "months": wish.months, "product": wish.product},
        "valid_until": str(day + timedelta(days=policy.valid_days)),
        "reasons": [reason.told() for reason in reasons],
        "advice": advised,
        **reapply(policy.reapply, advised, day),
        "observed_only": {
            "pd": verdict.pd_observed,
            "score": verdict.score_observed,
            "grade": policy.grade_of(verdict.pd_observed).grade,
            "model": observed_band,
            "inferred": list(inputs.inferred),
        },
        "dealings": [
            {
                "partner": w.dealing.partner,
                "side": w.dealing.side,
                "count": w.dealing.count,
                "months": w.dealing.months,
                "amount_fen": w.dealing.amount_fen,
                "partner_grade": _grade(policy, w.dealing.partner_pd),
                "effect": w.effect,
                "sound": round(1 - verdict.pd, 6),
                "sound_without": w.sound,
                "score_without": w.score,
                "evidence_ids": list(w.dealing.evidence),
            }
            for w in others[:DEALINGS_TOLD]
        ],
        "dealings_total": len(verdict.without),
        "dealings_kept": list(inputs.kept),
        "exposures": [_use(use, amount if offered else 0) for use in inputs.uses],
        "model_version": model.version,
        "feature_set_version": inputs.feature_set,
        "graph_snapshot": inputs.snapshot,
        "policy_version": policy.version,
        "synthetic": inputs.synthetic,
        "without_person": case.without_person,
        "by_machine_alone": status != "manual_review",
        "audits": case.audits,
    }


def _grade(policy: Policy, pd: float | None) -> str | None:
    return None if pd is None else policy.grade_of(pd).grade
