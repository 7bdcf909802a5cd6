"""A figure of a cash path: the known flows in it, the features that it is forecast from, and the draws."""

from datetime import date

from api.asking import Asking
from api.models_cashflow import CashflowQuestion
from api.models_proofs import Onward, ProofPart, ProofRow, WorkedProof
from api.models_report import LateQuestion
from api.views import cashflow as views
from api.views.amounts import amount_text
from api.views.proofs import firm, grounds, link, part, parts, worked
from api.views.report_late import late_payment
from ledger.errors import NotFound
from ledger.words import Lang, label, message
from services.cashflow.flows import KnownFlow
from services.cashflow.ground import SEED, Ground, ground_of
from services.cashflow.outlook import Outlook, outlook_of
from services.cashflow.path import Asked as Drawn
from services.cashflow.receivable import noted_firms

#: Side of the path → direction of a known flow, the features that a forecast of it rests on.
SIDES = {
    "inflow": ("in", ("log_sales", "sales_growth", "seen_customers", "days_to_pay")),
    "outflow": ("out", ("log_purchases", "seen_suppliers", "days_paying")),
}


def cash(asked: Asking, firm_: int, question: CashflowQuestion, what: str, first: date | None) -> WorkedProof:
    """Inflow, outflow or balance of one step (`first`: its first day), or of all of them.

    Raises NotFound for a step that there is not.
    """
    ground = ground_of(asked.snapshot, asked.ledger, None)
    steps = views.steps_of(ground, question)
    if first is not None and first not in [one for one, _ in steps]:
        raise NotFound("step_not_found", first=str(first))
    days = (steps[-1][1] - ground.as_of).days
    drawn = Drawn(days=days, noted=noted_firms(asked.snapshot, asked.ledger))
    outlook = outlook_of(ground, [firm_], drawn, question.opening_fen)
    told = _Told(asked, ground, outlook, question, firm_)
    chosen = [one for one in steps if first is None or one[0] == first]
    if what == "balance":
        return told.balance(steps, chosen[-1])
    return told.side(what, chosen)


class _Told:
    """One outlook in one language."""

    def __init__(
        self, asked: Asking, ground: Ground, outlook: Outlook, question: CashflowQuestion, firm_: int
    ) -> None:
        self._asked, self._lang, self._ground, self._outlook = asked, asked.lang, ground, outlook
        self._question, self._firm = question, firm_
        self._id = asked.snapshot.id_of(firm_)

    def side(self, what: str, chosen: list[tuple[date, date]]) -> WorkedProof:
        """Inflow or outflow over some steps that follow one another."""
        direction, features = SIDES[what]
        first, last = chosen[0][0], chosen[-1][1]
        amount = self._sum(what, first, last)
        flows = self._known(direction, first, last)
        known = sum(one.amount_fen for one in flows)
        lang = self._lang
        return self._proof(
            what,
            first,
            last,
            amount,
            message("proof_cash", lang, amount=amount_text(amount, lang), known=amount_text(known, lang),
                    n=len(flows), scenarios=self._scenarios),
            [
                part("known", [self._flow(one) for one in flows], lang),
                part("features", [_feature(self._id, name, lang) for name in features], lang),
            ],
        )  # fmt: skip

    def balance(self, steps: list[tuple[date, date]], until: tuple[date, date]) -> WorkedProof:
        """The balance at the end of a step: the opening balance and every step until then."""
        lang, outlook = self._lang, self._outlook
        rows, running = [], outlook.opening_fen or 0
        for first, last in steps:
            moved = self._sum("inflow", first, last), self._sum("outflow", first, last)
            running += moved[0] - moved[1]
            for what, fen in zip(SIDES, (moved[0], -moved[1]), strict=True):
                opens = worked("cash", **self._given(what, first))
                rows.append(
                    ProofRow(
                        text=label(f"proof_cash_{what}", lang),
                        hint=f"{first} – {last}",
                        amount_fen=fen,
                        opens=opens,
                    )
                )
            if (first, last) == until:
                break
        opening = ProofRow(
            text=message("proof_opening", lang),
            hint=str(outlook.opening_on) if outlook.opening_on else message("proof_opening_given", lang),
            amount_fen=outlook.opening_fen,
        )
        text = message("proof_balance", lang, until=until[1], scenarios=self._scenarios)
        found = [
            part("opening", [opening] if outlook.opening_fen is not None else [], lang),
            part("steps", rows, lang),
        ]
        return self._proof("balance", steps[0][0], until[1], running, text, found)

    def _proof(
        self, what: str, first: date, last: date, amount: int, text: str, found: list[ProofPart]
    ) -> WorkedProof:
        asked, lang = self._asked, self._lang
        return WorkedProof(
            snapshot=asked.snapshot.id,
            as_of=asked.snapshot.as_of,
            what="cash",
            title=f"{label(f'proof_cash_{what}', lang)} · {first} – {last}",
            about=firm(asked.snapshot, self._firm),
            amount_fen=amount,
            text=text,
            parts=parts(found),
            grounds=grounds(asked, **drawn_by(self._ground, self._scenarios, lang)),
        )

    @property
    def _scenarios(self) -> int:
        return int(self._outlook.moved.shape[1])

    def _sum(self, what: str, first: date, last: date) -> int:
        start = self._outlook.start
        row = self._outlook.expected[list(SIDES).index(what)]
        return int(row[(first - start).days : (last - start).days + 1].sum())

    def _known(self, direction: str, first: date, last: date) -> list[KnownFlow]:
        """Known flows that fall into the days, the largest first."""
        path = self._outlook.path
        found = [
            one
            for one in (path.known if path else [])
            if one.direction == direction and one.on <= last and (one.until or one.on) >= first
        ]
        return sorted(found, key=lambda one: (-one.amount_fen, one.on))

    def _flow(self, flow: KnownFlow) -> ProofRow:
        lang, snapshot = self._lang, self._asked.snapshot
        opens = Onward(of="fact", id=flow.fact) if flow.fact else None
        partner = None if flow.partner is None else firm(snapshot, flow.partner)
        if opens is None and partner is not None and flow.kind == "receivable":
            opens = worked("receivables", enterprise=self._id, measure="open", buyer=partner.id)
        elif opens is None and partner is not None:
            ends = (self._id, partner.id) if flow.direction == "in" else (partner.id, self._id)
            opens = link(*ends)
        when = str(flow.on) if flow.until in (None, flow.on) else f"{flow.on} – {flow.until}"
        return ProofRow(
            text=" ".join([label(f"cash_{flow.kind}", lang), *([partner.name] if partner else [])]),
            hint=f"{when} · {label(f'cash_basis_{flow.basis}', lang)}",
            amount_fen=flow.amount_fen,
            opens=opens,
        )

    def _given(self, what: str, first: date) -> dict[str, object]:
        return {
            "enterprise": self._id, "flow": what, "step": self._question.step, "first": first,
            "opening_fen": self._question.opening_fen,
        }  # fmt: skip


def drawn_by(ground: Ground, scenarios: int, lang: Lang) -> dict[str, object]:
    """What a cash path was drawn by."""
    return {
        "scenarios": scenarios,
        "seed": SEED,
        "model": message("proof_cash_model", lang, until=ground.as_of),
        "assumptions": ground.policy.version,
    }


def _feature(id_: str, name: str, lang: Lang) -> ProofRow:
    return ProofRow(text=label(f"feature_{name}", lang), opens=Onward(of="feature", id=id_, name=name))


def late(asked: Asking, question: LateQuestion, first: date | None, balance: bool) -> WorkedProof:
    """What a buyer's lateness moves, step by step, and the open invoices that it holds up."""
    found, lang = late_payment(asked, question), asked.lang
    ground = ground_of(asked.snapshot, asked.ledger, None)
    given = {"enterprise": found.enterprise.id, "step": question.step, "opening_fen": question.opening_fen}
    flow = "balance" if balance else "inflow"
    rows: list[ProofRow] = []
    missing = at = 0
    for one in found.items:
        usual, delayed = (
            (one.usual_balance_fen or 0, one.late_balance_fen or 0)
            if balance
            else (one.usual_inflow_fen, one.late_inflow_fen)
        )
        missing += one.late_inflow_fen - one.usual_inflow_fen
        if first is None or one.first == first:
            at = missing if first is None else delayed - usual
            texts = {"usual": amount_text(usual, lang), "late": amount_text(delayed, lang)}
            rows.append(
                ProofRow(
                    text=f"{one.first} – {one.last}",
                    hint=message("proof_late_step", lang, **texts),
                    amount_fen=delayed - usual,
                    opens=worked("cash", **given, flow=flow, first=one.first),
                )
            )
    buyer = found.buyer
    behind = [
        ProofRow(
            text=message("proof_late_open", lang, buyer=buyer.name),
            opens=worked("receivables", enterprise=found.enterprise.id, measure="open", buyer=buyer.id),
        ),
        ProofRow(
            text=message("proof_late_link", lang, buyer=buyer.name), opens=link(found.enterprise.id, buyer.id)
        ),
    ]
    return WorkedProof(
        snapshot=found.snapshot,
        as_of=found.as_of,
        what="late",
        title=message("proof_late_title", lang, buyer=buyer.name, days=question.days),
        about=found.enterprise,
        amount_fen=at,
        text=message("proof_late", lang, buyer=buyer.name, days=question.days),
        parts=parts([part("behind", behind, lang), part("moved", rows, lang)]),
        grounds=grounds(asked, **drawn_by(ground, found.scenarios, lang)),
    )
