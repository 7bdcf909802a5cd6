"""Applications and decisions in the reader's words: codes and values from the desk, sentences from here."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from api import models_credit as told
from api.models import Named
from api.models_lending import OfferAnswer as OfferTold
from api.views.amounts import amount_text, share_text
from api.views.sources import source_text, sourced
from graph.snapshot import Snapshot
from ledger.credit import Application, Decision
from ledger.offers import OfferAnswer
from ledger.words import Lang, label, labels, message, messages
from services.credit.prepared import Prepared
from services.lending.subjects import UNKNOWN, subject_of

#: What fills a sentence and is the key of a label.
_WORDS = {
    "dimension": "exposure_",
    "over": "over_",
    "bound_by": "part_",
    "warning": "warning_",
    "action": "action_",
    "side": "side_",
}
_UNIT_SHARE = ("share", "ratio", "growth")
_UNIT_YUAN = ("log10_yuan", "log10_yuan_a_year")


def application(
    found: Application, decision: str | None, prepared: Prepared, lang: Lang, said: OfferAnswer | None = None
) -> told.Application:
    """An application as it stands."""
    consent = told.ConsentGiven(
        text=found.consent.text,
        scope=list(found.consent.scope),  # type: ignore[arg-type]
        purpose=found.consent.purpose,  # type: ignore[arg-type]
        given_on=found.consent.given_on,
        until=found.consent.until,
    )
    same = ("id", "party", "product", "amount_fen", "months", "purpose", "by", "at", "state", "consent_ended")
    same += ("entered_as",)  # type: ignore[assignment]
    return told.Application(
        snapshot=prepared.snapshot.id,
        as_of=prepared.snapshot.as_of,
        enterprise=named(prepared, found.party),
        consent=consent,
        documents=list(found.documents),
        decision=decision,
        offer_answer=answered(said, lang),
        product_text=label(f"product_{found.product}", lang),
        purpose_text=label(f"purpose_{found.purpose}", lang),
        state_text=label(f"credit_{found.state}", lang),
        **{name: getattr(found, name) for name in same},
    )


@dataclass(frozen=True)
class Since:
    """What came of a decision's offer: what the customer said, and whether booking needs their acceptance."""

    said: OfferAnswer | None = None
    acceptance_needed: bool = False

    def told(self, lang: Lang) -> dict[str, Any]:
        """As fields of an answer."""
        return {"offer_answer": answered(self.said, lang), "acceptance_needed": self.acceptance_needed}


def decision(
    found: Decision, prepared: Prepared, today: date, lang: Lang, since: Since | None = None
) -> told.Decision:
    """A decision with its sentences; events since then say what holds."""
    fields = _fields(found, json.loads(found.answer), prepared, today, lang)
    return told.Decision(**fields, **(since or Since()).told(lang))


def replay(
    found: Decision,
    again: tuple[str, bool],
    prepared: Prepared,
    today: date,
    lang: Lang,
    since: Since | None = None,
) -> told.Replay:
    """A decision worked out again: the answer, and whether it is the kept one byte for byte."""
    fields = _fields(found, json.loads(again[0]), prepared, today, lang)
    return told.Replay(**fields, **(since or Since()).told(lang), same=again[1])


def summary(found: Decision, prepared: Prepared, lang: Lang) -> told.DecisionSummary:
    """A decision in a list."""
    answer = json.loads(found.answer)
    return told.DecisionSummary(
        decision_id=found.id,
        application_id=found.application,
        enterprise=named(prepared, found.party),
        status=found.holds,
        status_text=label(f"credit_{found.holds}", lang),
        score=answer["score"],
        grade=answer["grade"],
        limit_fen=found.limit_fen,
        requested_fen=answer["requested"]["amount_fen"],
        valid_until=found.valid_until,
        at=datetime.fromisoformat(found.at),
    )


def named(prepared: Prepared, party: str) -> Named:
    """The enterprise that a party belongs to now; its own id where nobody knows it any more."""
    snapshot = prepared.snapshot
    firm = snapshot.index_of(party)
    firm = prepared.parties.get(party) if firm is None else firm
    return Named(id=party, name=party) if firm is None else _named(snapshot, firm)


def _named(snapshot: Snapshot, firm: int) -> Named:
    return Named(id=snapshot.id_of(firm), name=str(snapshot.enterprises["name"][firm] or ""))


def _fields(
    found: Decision, answer: dict[str, Any], prepared: Prepared, today: date, lang: Lang
) -> dict[str, Any]:
    """The fields of `told.Decision`."""
    advice = answer["advice"]
    rate = None if found.holds == "declined" else answer["rate"]
    same = (
        *("decision_id", "application_id", "party", "decided_on", "score", "pd", "grade"),
        *(
            "requested",
            "valid_until",
            "observed_only",
            "dealings_total",
            "dealings_kept",
            "advice",
            "synthetic",
        ),
        *("model_version", "feature_set_version", "graph_snapshot", "policy_version", "by_machine_alone"),
    )
    return {
        **{name: answer[name] for name in same},
        "snapshot": answer["graph_snapshot"],
        "as_of": answer["as_of"],
        "enterprise": named(prepared, answer["party"]),
        "status": found.holds,
        "status_text": label(f"credit_{found.holds}", lang),
        "machine_status": answer["status"],
        "without_person": answer.get("without_person"),
        "limit": _limit(answer["limit"], found, lang),
        "rate": None if rate is None else rate["annual_simple"],
        "term": None if rate is None else answer["term"],
        "rate_basis": None if rate is None else _rate(rate, lang),
        "expired": today > found.valid_until,
        "reasons": [_reason(one, prepared.snapshot, lang) for one in answer["reasons"]],
        **_reapply(answer.get("reapply") if found.holds == "declined" else None, lang),
        "advice_text": None if advice is None else message(f"advice_{advice}", lang),
        "dealings": [_dealing(one, prepared, lang) for one in answer["dealings"]],
        "exposures": [
            {**sourced(one, lang), **_limit_words(one, prepared.snapshot, lang)}
            for one in answer["exposures"]
        ],
        "audits": [
            {
                **one,
                "params": sourced(one["params"], lang),
                "outcome_text": label(f"rule_{one['outcome']}", lang),
            }
            for one in answer["audits"]
        ],
        "events": [
            {
                n: getattr(e, n)
                for n in ("kind", "status", "limit_fen", "override", "reason", "why", "by", "at")
            }
            for e in found.events
        ],
    }


def _reapply(rule: Mapping[str, Any] | None, lang: Lang) -> dict[str, Any]:
    """When to apply again, and why then."""
    if rule is None:
        return dict.fromkeys(("reapply_after", "reapply_why", "reapply_text"))
    text = message(f"reapply_{rule['why']}", lang, day=rule["after"])
    return {"reapply_after": rule["after"], "reapply_why": rule["why"], "reapply_text": text}


def answered(said: OfferAnswer | None, lang: str) -> OfferTold | None:
    """What the customer said to an offer."""
    if said is None:
        return None
    same = ("said", "amount_fen", "method", "said_on", "by", "for_customer", "why", "at")
    text = label(f"answer_{said.said}", lang)
    return OfferTold(**{name: getattr(said, name) for name in same}, said_text=text)


def _limit_words(use: Mapping[str, Any], snapshot: Snapshot, lang: Lang) -> dict[str, str | None]:
    """What a limit on exposure and its subject are called; before limits said over what they are, nothing."""
    named, over = subject_of(snapshot, use["dimension"], use["subject"]), use.get("over")
    return {
        "dimension_text": label(f"exposure_{use['dimension']}", lang),
        "subject_text": named.text(lang),
        "subject_enterprise": named.enterprise,
        "over_text": label(f"over_{over}", lang) if over else None,
    }


def _reason(reason: Mapping[str, Any], snapshot: Snapshot, lang: Lang) -> told.Reason:
    # Decisions from before effects were told have none.
    by = "_by" if "effect" in reason["params"] else ""
    params = reason["params"]
    filled = _filling(reason, lang)
    code = f"reason_{reason['code']}{by}"
    if "dimension" in params:
        filled["subject"] = subject_of(snapshot, params["dimension"], params["subject"]).text(lang)
        code = "reason_exposure_unknown" if params["dimension"] == UNKNOWN else code
    text = message(code, lang, **filled)
    if reason["basis"] == "inferred":
        text += message("reason_inferred", lang)
    return told.Reason(**{**reason, "params": sourced(reason["params"], lang)}, text=text)


def _filling(reason: Mapping[str, Any], lang: Lang) -> dict[str, Any]:
    """What fills a reason's sentence: names of things in the reader's words, amounts as people write them."""
    filled: dict[str, Any] = {}
    for name, value in reason["params"].items():
        if name in _WORDS and value is not None:
            filled[name] = label(f"{_WORDS[name]}{value}", lang)
        elif name == "effect":
            filled["points"] = f"{100 * abs(value):.1f}"
        elif name == "source" and isinstance(value, str):
            filled[name] = _word(source_text(value, lang), lang)
        elif name == "list" and isinstance(value, str):
            filled[name] = _word(value, lang)
        elif name == "missing" and value is not None:
            key = f"feature_missing_{value}"
            filled[name] = message(key, lang) if key in messages() else value
        elif name.endswith("_fen") and isinstance(value, int):
            filled[name] = _amount(value, lang)
        elif isinstance(value, float):
            filled[name] = share_text(value, lang)
        else:
            filled[name] = "-" if value is None else value
    if reason["feature"]:
        filled["feature"], filled["value"] = _feature(reason["feature"], reason["value"], lang)
    return filled


def _amount(fen: int, lang: Lang) -> str:
    """An amount as people write it; a small one in yuan, so that it does not read as nothing."""
    if 0 < abs(fen) < 1_000_000:
        return message("amount_in_yuan", lang, yuan=f"{fen / 100:,.2f}")
    return amount_text(fen, lang)


def _word(key: str, lang: Lang) -> str:
    for name in (key, f"purpose_{key}"):
        if name in labels():
            return label(name, lang)
    return key


def _feature(name: str, value: float | None, lang: Lang) -> tuple[str, str]:
    """What a feature is called, and its value in its unit."""
    from services.features import CATALOGUE

    kept = CATALOGUE.get(name)
    called = kept.label(lang) if kept else name
    if value is None:
        return called, ""
    if kept and kept.kind == "flag":
        return called, label("flag_true" if value else "flag_false", lang)
    if kept and kept.unit in _UNIT_YUAN:
        return called.removesuffix(label("log_mark", lang)), amount_text(round((10**value - 1) * 100), lang)
    return called, share_text(value, lang) if kept and kept.unit in _UNIT_SHARE else f"{value:.4g}"


def _limit(limit: Mapping[str, Any], found: Decision, lang: Lang) -> told.LimitTold:
    parts = [told.LimitPart(**part, text=_part(part, lang)) for part in limit["parts"]]
    amount = found.limit_fen if found.events else limit["amount_fen"]
    return told.LimitTold(
        amount_fen=amount, proposed_fen=limit["proposed_fen"], bound_by=limit["bound_by"], parts=parts
    )


def _part(part: Mapping[str, Any], lang: Lang) -> str:
    called = label(f"part_{part['name']}", lang)
    if part["amount_fen"] is None:
        reason = part["reason"] or ""
        known = reason in messages()
        return message(
            "limit_part_unknown", lang, part=called, reason=message(reason, lang) if known else reason
        )
    if part["share"] in (None, 1.0):
        return message("limit_part_whole", lang, part=called, amount=amount_text(part["amount_fen"], lang))
    if not part["applies"] and part["reason"]:
        base, why = amount_text(part["base_fen"], lang), message(part["reason"], lang)
        return message("limit_part_told", lang, part=called, base=base, reason=why)
    share = share_text(part["share"], lang)
    amounts = {k: amount_text(part[f"{k}_fen"], lang) for k in ("base", "amount")}
    return message("limit_text", lang, part=called, share=share, **amounts)


def _rate(rate: Mapping[str, Any], lang: Lang) -> told.RateTold:
    percent = {k: f"{float(rate[k]) * 100:.2f}" for k in ("annual_simple", "lpr")}
    bp = rate["over_lpr_bp"]
    sign = "+" if bp >= 0 else "-"
    text = message(
        "rate_text", lang, rate=percent["annual_simple"], lpr=percent["lpr"], sign=sign, bp=abs(bp)
    )
    kept = ("lpr", "over_lpr_bp", "lpr_since", "lpr_source", "lpr_reread", "lpr_stale")
    fields = {name: rate[name] for name in kept}
    fields["lpr_source"] = source_text(rate["lpr_source"], lang)
    return told.RateTold(**fields, text=text)


def _kind(one: Mapping[str, Any], lang: Lang) -> str:
    """Customer or supplier, with its grade where it has one."""
    side = label(f"dealing_{one['side']}", lang)
    if one["partner_grade"] is None:
        return side
    return message("dealing_rated", lang, side=side, grade=one["partner_grade"])


def _dealing(one: Mapping[str, Any], prepared: Prepared, lang: Lang) -> told.DealingTold:
    partner = named(prepared, one["partner"])
    text = message(
        "dealing_text",
        lang,
        effect=f"{one['effect']:+.2f}" if abs(one["effect"]) >= 0.005 else label("effect_none", lang),
        partner=partner.name,
        side=_kind(one, lang),
        months=one["months"],
        count=one["count"],
        without=f"{one['sound_without']:.2f}",
    )
    return told.DealingTold(**{**one, "partner": partner}, text=text)
