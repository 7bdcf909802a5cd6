"""The credit desk: applications taken in, decided once, objected to, reviewed, replayed.

Everything that lasts is in the state store; a decision is worked out before its transaction and written
in it, so that of two that decide at once one stands and the other says so.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from hashlib import sha256
from sqlite3 import Connection
from typing import Any

from extraction.dates import beijing_today
from ledger import audit, credit, offers, replays, webhooks
from ledger.credit import Application, Consent, Decision, Event
from ledger.errors import Conflict, Forbidden, InputError
from ledger.state import State
from services.credit import decision as deciding
from services.credit.consents import check_as_shown
from services.credit.gather import Sources, firm_of, gather, with_evidence
from services.credit.inputs import Inputs, Wish, read_inputs
from services.credit.judging import Model, Verdict, judge
from services.credit.policy import Policy, challengers, champion, read_policy
from services.credit.prepared import Prepared
from services.lending.booking import check_not_frozen

APPLY, DECIDE = "POST /v1/applications", "POST /v1/credit/decisions"
#: What a reviewer may give as the kind of reason; the words say more.
REVIEW_REASONS = (
    *("papers_seen", "talked_to", "listing_explained", "security_given", "policy_exception"),
    *("risk_too_high", "papers_doubtful", "not_needed"),
)


@dataclass(frozen=True)
class Asked:
    """What an application says."""

    party: str
    product: str
    amount_fen: int
    months: int
    purpose: str
    consent: Consent
    documents: tuple[str, ...] = ()
    entered_as: str = "bank"


@dataclass(frozen=True)
class Review:
    """A person's decision on what was referred."""

    status: str
    limit_fen: int | None
    reason: str
    why: str


@dataclass(frozen=True)
class Desk:
    """The desk over one data folder. `policies` None: the shipped ones."""

    prepared: Prepared
    sources: Sources
    state: State
    policies: tuple[Policy, ...] | None = None
    today: Callable[[], date] = beijing_today

    def apply(self, asked: Asked, by: str, key: str | None = None) -> Application:
        """Take in an application, once under one key. Raises InputError for what the policy does not offer
        or where consent is missing, for another purpose, or not in force; NotFound for an unknown firm."""
        request = fingerprint(asdict(asked))
        with self.state.writing() as connection:
            before = self._before(connection, by, APPLY, key, request)
            if before is not None:
                return credit.application(connection, before["application"])
            made = self._enter(connection, asked, by)
            if key is not None:
                replays.remember(connection, by, APPLY, key, request, {"application": made.id})
            return made

    def _enter(self, connection: Connection, asked: Asked, by: str) -> Application:
        day = self.today()
        policy = champion(day, self.policies)
        product = policy.product(asked.product)
        if not product.least_fen <= asked.amount_fen <= product.most_fen:
            bounds: dict[str, Any] = {"least_fen": product.least_fen, "most_fen": product.most_fen}
            raise InputError("amount_out_of_bounds", amount_fen=asked.amount_fen, **bounds)
        check_consent(asked.consent, policy, day)
        if asked.entered_as == "owner":
            check_as_shown(asked.consent)
        firm_of(self.prepared, asked.party)
        same = ("party", "product", "amount_fen", "months", "purpose", "consent", "documents", "entered_as")
        made = credit.enter(connection, by=by, **{name: getattr(asked, name) for name in same})
        told = {"party": made.party, "consent": made.consent.text, "purpose": made.purpose}
        audit.append(connection, by, "application_entered", made.id, **told)
        return made

    def withdraw(self, application: str, by: str) -> Application:
        """Withdraw an application that is not booked. Raises Conflict, NotFound."""
        with self.state.writing() as connection:
            credit.move(connection, application, "withdrawn")
            audit.append(connection, by, "application_withdrawn", application)
            return credit.application(connection, application)

    def withdraw_consent(self, application: str, by: str) -> Application:
        """Take back what was consented to with an application, from now on; it is withdrawn where it is not
        booked. A loan that runs is not undone. Raises NotFound."""
        with self.state.writing() as connection:
            before = credit.application(connection, application)
            ended = credit.end_consent(connection, application, by)
            if before.consent_ended is None:
                told = {"party": ended.party, "consent": ended.consent.text, "state": ended.state}
                audit.append(connection, by, "consent_withdrawn", application, **told)
            return ended

    def work_out(
        self, application: str, *, as_of: date | None = None, machine_refused: bool = False
    ) -> tuple[Inputs, dict[str, Any], list[dict[str, str]]]:
        """Inputs, answer and challengers' answers for an application. Nothing is kept.

        Raises Conflict `application_state` where it cannot be decided, InputError where consent has ended or
        `as_of` is another day than the cut-off: what a live decision looks from is not the caller's choice.
        """
        self._not_another_day(as_of)
        day = self.today()
        with self.state.reading() as connection:
            found = credit.application(connection, application)
        if found.state != "applied":
            raise Conflict("application_state", application=application, state=found.state, to="decided")
        policy, model = champion(day, self.policies), self.sources.model()
        check_consent(found.consent, policy, day)
        inputs = self._inputs(found, self.prepared.snapshot.as_of, day, machine_refused)
        verdict = judge(inputs, model)
        inputs, answer = self._reasoned(inputs, policy, model, verdict)
        others = [
            {"policy": other.version, "status": told["status"], "answer": deciding.text(told)}
            for other in challengers(day, self.policies)
            for told in [deciding.decide(inputs, other, model, self._price(), verdict)]
        ]
        return inputs, answer, others

    def decide(self, application: str, by: str, key: str | None = None, **how: Any) -> Decision:
        """Decide an application and keep the decision, once under one key. Raises as `work_out`."""
        request = fingerprint({"application": application, **how})
        with self.state.reading() as connection:
            before = self._before(connection, by, DECIDE, key, request)
            if before is not None:
                return credit.decision(connection, before["decision"])
        try:
            worked = self.work_out(application, **how)
        except Conflict:
            with self.state.reading() as connection:  # decided under this key since we looked
                before = self._before(connection, by, DECIDE, key, request)
                if before is None:
                    raise
                return credit.decision(connection, before["decision"])
        with self.state.writing() as connection:
            before = self._before(connection, by, DECIDE, key, request)
            if before is not None:
                return credit.decision(connection, before["decision"])
            made = self.keep_in(connection, worked, by)
            if key is not None:
                replays.remember(connection, by, DECIDE, key, request, {"decision": made.id})
            return made

    def _before(
        self, connection: Connection, by: str, route: str, key: str | None, request: str
    ) -> dict[str, Any] | None:
        return None if key is None else replays.remembered(connection, by, route, key, request)

    def keep_in(
        self, connection: Connection, worked: tuple[Inputs, dict[str, Any], list[dict[str, str]]], by: str
    ) -> Decision:
        """Keep what `work_out` gave, in the transaction of `connection`. Raises Conflict."""
        inputs, answer, others = worked
        policy = champion(date.fromisoformat(inputs.wish.decided_on), self.policies)
        credit.keep_policy(connection, policy.version, policy.body)
        credit.keep_policy(connection, *self.sources.churn())
        self.sources.keep_model(answer["model_version"])
        made = Decision(
            id=answer["decision_id"],
            application=inputs.wish.application,
            party=inputs.wish.party,
            status=answer["status"],
            valid_until=date.fromisoformat(answer["valid_until"]),
            policy=policy.version,
            model=answer["model_version"],
            snapshot=inputs.snapshot,
            inputs=inputs.text(),
            answer=deciding.text(answer),
            by=by,
            at=datetime.now(UTC).isoformat(),
        )
        credit.decide(connection, made, others)
        told = {"status": made.status, "party": made.party, "policy": made.policy, "model": made.model}
        audit.append(connection, by, "decision_made", made.id, **told)
        webhooks.emit(connection, "decision.made", made.id, {"status": made.status}, made.party)
        return credit.decision(connection, made.id)

    def replay(self, decision: str) -> tuple[str, bool]:
        """The answer worked out again from what was kept, and whether it is the same byte for byte.

        Reads neither snapshot nor ledger. Raises Conflict where the policy or the model is gone.
        """
        with self.state.reading() as connection:
            kept = credit.decision(connection, decision)
            inputs = read_inputs(kept.inputs)
            body, table = (credit.kept_policy(connection, one) for one in (kept.policy, inputs.churn))
        if body is None or table is None:
            raise Conflict("policy_gone", policy=kept.policy if body is None else inputs.churn)
        model = self.sources.model(kept.model)
        answer = deciding.decide(inputs, read_policy(body), model, self.sources.price(table))
        again = deciding.text(answer)
        return again, again == kept.answer

    def object_to(self, decision: str, why: str, by: str) -> Decision:
        """The applicant refuses a decision that a machine made alone: a person decides now.

        Raises Conflict where a person has decided already, the offer was taken, or the loan is booked or
        withdrawn.
        """
        with self.state.writing() as connection:
            found = self._open(connection, decision)
            if (said := offers.answer_to(connection, decision)) is not None:
                raise Conflict(f"offer_{said.said}_already", decision=decision, day=str(said.said_on))
            if any(event.kind == "reviewed" for event in found.events):
                raise Conflict("decision_reviewed_already", decision=decision)
            if found.holds == "manual_review":
                raise Conflict("decision_waits_for_person", decision=decision)
            event = Event("objected", "manual_review", None, False, "person_asked_for", why, by, _now())
            credit.happen(connection, decision, event)
            audit.append(connection, by, "decision_objected", decision)
            return credit.decision(connection, decision)

    def review(self, decision: str, review: Review, by: str) -> Decision:
        """A person decides what was referred. Raises Forbidden `four_eyes` for who entered it or objected,
        Conflict where nothing waits for a person, or would be approved that is frozen or no longer valid,
        InputError for a review that says too little."""
        with self.state.writing() as connection:
            found = self._open(connection, decision)
            entered = credit.application(connection, found.application).by
            objected = {event.by for event in found.events if event.kind == "objected"}
            if by in {entered, *objected}:
                raise Forbidden("four_eyes", by=by)
            if found.holds != "manual_review":
                raise Conflict("decision_not_referred", decision=decision, status=found.holds)
            event = _reviewed(found, review, by)
            if event.status == "approved":
                self._may_approve(connection, found)
            credit.happen(connection, decision, event)
            told = {"status": event.status, "override": event.override, "reason": event.reason}
            audit.append(connection, by, "decision_reviewed", decision, **told)
            webhooks.emit(connection, "decision.made", decision, {"status": event.status}, found.party)
            return credit.decision(connection, decision)

    def _may_approve(self, connection: Connection, found: Decision) -> None:
        """A freeze binds people as well: who doubts it has it lifted. What has ended could not be booked."""
        day = self.today()
        if day > found.valid_until:
            raise Conflict("decision_expired", decision=found.id, until=str(found.valid_until))
        check_not_frozen(connection, self.prepared.snapshot, found.party)

    def _not_another_day(self, as_of: date | None) -> None:
        cut_off = self.prepared.snapshot.as_of
        if as_of not in (None, cut_off):
            raise InputError(
                "decision_looks_from_cut_off", field="as_of", as_of=str(as_of), cut_off=str(cut_off)
            )

    def _price(self) -> deciding.Price:
        return self.sources.price(self.sources.churn()[1])

    def _open(self, connection: Connection, decision: str) -> Decision:
        """A decision whose application is neither booked nor withdrawn. Raises Conflict, NotFound."""
        found = credit.decision(connection, decision)
        state = credit.application(connection, found.application).state
        if state != "decided":
            raise Conflict("application_state", application=found.application, state=state, to="reviewed")
        return found

    def _inputs(self, found: Application, as_of: date, day: date, machine_refused: bool) -> Inputs:
        wish = Wish(
            application=found.id,
            decided_on=day.isoformat(),
            by_machine_refused=machine_refused,
            **{
                name: getattr(found, name) for name in ("party", "product", "amount_fen", "months", "purpose")
            },
        )
        return gather(self.prepared, self.sources, self.state, wish, as_of)

    def _reasoned(
        self, inputs: Inputs, policy: Policy, model: Model, verdict: Verdict
    ) -> tuple[Inputs, dict[str, Any]]:
        """The decision, with the facts behind the features that its reasons name."""
        first = deciding.decide(inputs, policy, model, self._price(), verdict)
        named = [reason["feature"] for reason in first["reasons"] if reason["feature"]]
        if not named:
            return inputs, first
        seen = self.sources.features(
            firm_of(self.prepared, inputs.wish.party), date.fromisoformat(inputs.as_of)
        )
        known = with_evidence(inputs, seen, named)
        return known, deciding.decide(known, policy, model, self._price(), verdict)


def check_consent(consent: Consent, policy: Policy, day: date) -> None:
    """Raises InputError where consent does not cover a credit decision on that day."""
    if lacking := sorted(set(policy.consent_scope) - set(consent.scope)):
        raise InputError("consent_missing", scope=", ".join(lacking))
    if consent.purpose != policy.consent_purpose:
        raise InputError("consent_other_purpose", purpose=consent.purpose)
    if not consent.given_on <= day <= consent.until:
        days: dict[str, Any] = {"given_on": str(consent.given_on), "until": str(consent.until)}
        raise InputError("consent_not_in_force", day=str(day), **days)


def fingerprint(request: dict[str, Any]) -> str:
    """The hash of what is asked, by which a repetition under one key is known."""
    return sha256(json.dumps(request, ensure_ascii=False, sort_keys=True, default=str).encode()).hexdigest()


def _reviewed(found: Decision, review: Review, by: str) -> Event:
    if review.status not in ("approved", "declined"):
        raise InputError("review_status", status=review.status)
    if review.reason not in REVIEW_REASONS:
        raise InputError("review_reason_unknown", reason=review.reason)
    if len(review.why.strip()) < 5:
        raise InputError("review_why_missing")
    answer = json.loads(found.answer)
    machine, proposed = answer["without_person"], int(answer["limit"]["proposed_fen"])
    amount = None
    if review.status == "approved":
        amount = proposed if review.limit_fen is None else review.limit_fen
        if not 0 < amount <= int(answer["requested"]["amount_fen"]):
            raise InputError("review_limit_out_of_bounds", limit_fen=amount)
    override = machine not in (None, review.status) or (amount or 0) > proposed
    return Event("reviewed", review.status, amount, override, review.reason, review.why.strip(), by, _now())  # type: ignore[arg-type]


def _now() -> str:
    return datetime.now(UTC).isoformat()
