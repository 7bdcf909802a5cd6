"""A figure of a plan of idle money: the cash path it leaves alone, products, customer, draws."""

from api.asking import Asking
from api.models_proofs import ProofPart, ProofRow, WorkedProof
from api.models_wealth import Rung, WealthMatch, WealthQuestion
from api.views.amounts import amount_text
from api.views.proofs import grounds, part, parts, worked
from ledger.errors import NotFound
from ledger.words import Lang, label, message


def wealth(asked: Asking, question: WealthQuestion, plan: WealthMatch, rung: int | None) -> WorkedProof:
    """The plan, or its rung number `rung` (from 0). Raises NotFound for a rung that there is not."""
    lang = asked.lang
    if rung is not None and not 0 <= rung < len(plan.rungs):
        raise NotFound("rung_not_found", rung=rung)
    one = None if rung is None else plan.rungs[rung]
    text = message(
        "proof_wealth", lang, amount=amount_text(plan.amount_fen, lang), until=plan.until,
        n=plan.risk.scenarios, counts=plan.counts.text,
    )  # fmt: skip
    return WorkedProof(
        snapshot=plan.snapshot,
        as_of=plan.as_of,
        what="wealth",
        title=one.product.name if one else label("proof_wealth", lang),
        about=plan.enterprise,
        amount_fen=one.amount_fen if one else plan.account_fen,
        text=f"{one.text} {text}" if one else f"{plan.account_text} {text}",
        parts=parts(
            [
                _money(asked, question, plan),
                *([_product(one, lang)] if one else [_rungs(plan, lang)]),
                _needs(plan, lang),
            ]
        ),
        grounds=grounds(
            asked,
            policy=plan.policy,
            scenarios=plan.risk.scenarios,
            customer=f"{plan.customer.level} · {plan.customer.assessor} · {plan.customer.assessed_on} – "
            f"{plan.customer.expires_on}",
            yields=plan.scenario.text,
            risk=plan.risk.text,
            shelf=label("proof_synthetic", lang) if plan.synthetic else "",
        ),
    )


def _money(asked: Asking, question: WealthQuestion, plan: WealthMatch) -> ProofPart:
    """Where the money comes from: the balance, the reserve, and the cash that is expected to move."""
    lang, id_ = asked.lang, plan.enterprise.id if plan.enterprise else None
    given = {"enterprise": id_, "step": "month", "opening_fen": question.opening_fen}
    rows = [
        ProofRow(text=message("proof_opening", lang), amount_fen=plan.opening_fen),
        ProofRow(text=label("proof_reserve", lang), amount_fen=plan.reserve_fen),
    ]
    if id_ is not None:
        rows += [
            ProofRow(text=label(f"proof_cash_{flow}", lang), opens=worked("cash", **given, flow=flow))
            for flow in ("inflow", "outflow")
        ]
    return part("money", rows, lang)


def _product(one: Rung, lang: Lang) -> ProofPart:
    """What the shelf says of a product."""
    product = one.product
    told = {
        "level": product.level,
        "kind": product.kind.name,
        "issuer": product.issuer,
        "benchmark": " – ".join(map(_percent, (product.benchmark.low, product.benchmark.high))),
        "lock": message("proof_days", lang, n=product.lock_days),
        "settle": message("proof_days", lang, n=product.settle_days),
        "fees": " / ".join(map(_percent, (product.subscribe_rate, product.manage_rate, product.redeem_rate))),
        "rate": _percent(one.scenario_rate),
    }
    return part(
        "product", [ProofRow(text=label(f"proof_of_{k}", lang), value=v) for k, v in told.items()], lang
    )


def _percent(rate: str) -> str:
    return f"{float(rate):.2%}"


def _rungs(plan: WealthMatch, lang: Lang) -> ProofPart:
    return part(
        "rungs",
        [ProofRow(text=one.product.name, hint=one.text, amount_fen=one.amount_fen) for one in plan.rungs],
        lang,
    )


def _needs(plan: WealthMatch, lang: Lang) -> ProofPart:
    """What nineteen of twenty scenarios need by a day, beside what is free by then."""
    return part(
        "needs",
        [
            ProofRow(
                text=str(one.day),
                hint=message("proof_needed", lang, needed=amount_text(one.needed_fen, lang)),
                amount_fen=one.free_fen,
            )
            for one in plan.free
        ],
        lang,
    )
