"""A cash outlook in the reader's words: steps with intervals, known flows, delays, habits, notes."""

from calendar import month_name
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

import numpy as np

from api import models_cashflow as models
from api.models import Named
from api.views.amounts import amount_text, share_text
from extraction.dates import beijing_today
from graph.csr import Int64
from graph.snapshot import Snapshot
from ledger.words import Lang, label, message
from services.calendar import marks, unannounced
from services.cashflow.ground import Ground
from services.cashflow.habits import Fixed, Habit, fixed_of, habits_of
from services.cashflow.outlook import Outlook, Shortfall, interval, shortfall, stretches, summed
from services.cashflow.proof import Figure, figures
from services.freshness import warnings

#: Firms that one question may hold.
PORTFOLIO_MOST = 2_000
CHAIN_MOST = 6_000
#: Known flows and delays listed; how many there are stands beside them.
KNOWN_LISTED, DELAYS_LISTED = 200, 50
STEPS = {"day": 90, "week": 26, "month": 12}


@dataclass(frozen=True)
class Whose:
    """Whose cash is asked for: kind, id, name, the rows of its firms; `cut`: some may not be seen."""

    kind: str
    id: str | None
    name: str | None
    firms: Sequence[int]
    cut: bool = False


def chain_firms(snapshot: Snapshot, chain: str) -> list[int]:
    """Rows of the firms that stand in a segment of a chain, ascending."""
    stands = snapshot.positions.filter(
        (snapshot.positions["chain"] == chain) & snapshot.positions["segment"].is_not_null()
    )
    return [int(one) for one in stands["enterprise"].unique().sort()]


def cash_forecast(
    ground: Ground, outlook: Outlook, whose: Whose, question: models.CashflowQuestion, lang: Lang
) -> models.CashForecast:
    """The answer to a question from the outlook that was worked out for it."""
    steps = steps_of(ground, question)
    told = _Told(ground, outlook, whose, lang)
    until = steps[-1][1]
    single = whose.kind == "enterprise"
    known = outlook.path.known if outlook.path else []
    habits = habits_of(ground, whose.firms[0]) if single else []
    delays, delays_total = told.delays() if single else ([], 0)
    sums = [int(one.sum()) for one in outlook.expected]
    return models.CashForecast(
        snapshot=ground.source.id,
        as_of=ground.source.as_of,
        of=told.whose(),
        day=ground.as_of,
        start=outlook.start,
        until=until,
        step=question.step,
        basis="partial" if outlook.partial else "own",
        opening_fen=outlook.opening_fen,
        opening_on=outlook.opening_on,
        opening_basis=_opening_basis(outlook),
        items=_items(outlook, steps, sorted(set(question.levels))),
        inflow=_side(sums[0], outlook.known[0]),
        outflow=_side(sums[1], outlook.known[1]),
        shortfall=told.shortfall(shortfall(outlook)),
        known=[told.known(one) for one in known[:KNOWN_LISTED]],
        known_total=len(known),
        delays=delays,
        delays_total=delays_total,
        habits=[told.habit(one) for one in habits],
        fixed=[told.fixed(one) for one in fixed_of(ground, whose.firms[0])] if single else [],
        accuracy=[told.figure(one) for one in figures(ground.proof, np.array(whose.firms, np.int64))],
        calendar=[told.mark(one) for one in marks(outlook.start, until)],
        notes=told.notes(until, peaks=any(one.months for one in habits)),
        scenarios=outlook.moved.shape[1],
        policy=ground.policy.version,
    )


def _opening_basis(outlook: Outlook) -> Literal["given", "statement"] | None:
    if outlook.opening_fen is None:
        return None
    return "statement" if outlook.opening_on else "given"


def steps_of(ground: Ground, question: models.CashflowQuestion) -> list[tuple[date, date]]:
    """First and last days of the steps asked for."""
    return stretches(ground.start, question.step, question.horizon or STEPS[question.step])


def _items(outlook: Outlook, steps: list[tuple[date, date]], levels: list[int]) -> list[models.CashStep]:
    """Every step with its intervals."""
    ends = [(last - outlook.start).days for _, last in steps]
    moved = [summed(one, outlook.start, steps) for one in outlook.moved]
    expected = [summed(one, outlook.start, steps) for one in outlook.expected]
    parts = [_amounts(expected[side], moved[side], levels) for side in (0, 1)]
    balances: Sequence[models.CashAmount | None] = [None] * len(steps)
    if outlook.opening_fen is not None:
        running = outlook.opening_fen + np.cumsum(expected[0] - expected[1])
        balances = _amounts(running, outlook.balance[:, ends], levels)
    return [
        models.CashStep(first=first, last=last, inflow=inflow, outflow=outflow, balance=balance)
        for (first, last), inflow, outflow, balance in zip(steps, *parts, balances, strict=True)
    ]


def _amounts(expected: Int64, drawn: Int64, levels: list[int]) -> list[models.CashAmount]:
    ends = [(level, *interval(drawn, level)) for level in levels]
    return [
        models.CashAmount(
            expected_fen=int(value),
            intervals=[
                models.CashInterval(level=level, low_fen=int(low[at]), high_fen=int(high[at]))
                for level, low, high in ends
            ],
        )
        for at, value in enumerate(expected)
    ]


def _side(expected: int, known: int) -> models.CashSide:
    share = min(known / expected, 1.0) if expected > 0 else None
    return models.CashSide(expected_fen=expected, known_fen=min(known, expected), known_share=share)


class _Told:
    """Parts of the answer in one language."""

    def __init__(self, ground: Ground, outlook: Outlook, whose: Whose, lang: Lang) -> None:
        self.ground, self.outlook, self._whose, self.lang = ground, outlook, whose, lang
        self._names = ground.source.enterprises["name"]

    def _named(self, firm: int) -> Named:
        return Named(id=self.ground.source.id_of(firm), name=str(self._names[firm]))

    def whose(self) -> models.CashOf:
        asked = self._whose
        return models.CashOf(
            kind=asked.kind,  # type: ignore[arg-type]
            label=label(f"cash_of_{asked.kind}", self.lang),
            id=asked.id,
            name=asked.name,
            firms=self.outlook.firms,
            partial_firms=self.outlook.partial,
        )

    def shortfall(self, found: Shortfall | None) -> models.CashShortfall | None:
        if found is None:
            return None
        partial = self.outlook.partial > 0
        text = message("shortfall_none", self.lang)
        if found.probability:
            text = shortfall_text(found, self.lang)
        if partial:
            text = f"{text}{'。' if self.lang == 'zh' else '. '}{message('shortfall_at_least', self.lang)}"
        return models.CashShortfall(**vars(found), basis="partial" if partial else "own", text=text)

    def known(self, flow: Any) -> models.CashKnown:
        return models.CashKnown(
            **{
                name: getattr(flow, name)
                for name in ("kind", "direction", "on", "until", "count", "amount_fen")
            },
            label=label(f"cash_{flow.kind}", self.lang),
            basis=flow.basis,
            basis_label=label(f"cash_basis_{flow.basis}", self.lang),
            partner=None if flow.partner is None else self._named(flow.partner),
            fact=flow.fact,
        )

    def delays(self) -> tuple[list[models.PaymentDelay], int]:
        """Delays of the firm's edges, the largest of last year first, and how many edges there are."""
        source, firm = self.ground.source, self._whose.firms[0]
        edges = np.concatenate([source.customers(firm), source.suppliers(firm)])
        year = self.ground.sides[0].edge_year[edges]
        order = np.lexsort((edges, -year))[:DELAYS_LISTED]
        return [self._delay(int(edges[at])) for at in order], len(edges)

    def _delay(self, edge: int) -> models.PaymentDelay:
        delays, source = self.ground.delays, self.ground.source
        row = int(delays.of[edge])
        seller, buyer = (self._named(int(source.column("edges", name)[edge])) for name in ("src", "dst"))
        low, median, high = (delays.quantile(row, share) for share in (0.1, 0.5, 0.9))
        held = delays.held[row]
        basis = label(f"delay_{delays.basis[row]}", self.lang)
        missed = self.ground.missed(edge) if held else 0
        code = "delay_text_never" if median is None else "delay_text"
        code = code if held is None else "delay_text_missed" if missed else "delay_text_held"
        month = "" if held is None else self._months((held.month,)) if self.lang == "en" else str(held.month)
        return models.PaymentDelay(
            seller=seller,
            buyer=buyer,
            low_days=None if held else low,
            median_days=None if held else median,
            high_days=None if held else high,
            settles_in_month=held.month if held else None,
            basis=delays.basis[row],  # type: ignore[arg-type]
            basis_label=basis,
            payments=delays.paid[row],
            open_invoices=delays.open[row],
            text=message(
                code, self.lang, seller=seller.name, buyer=buyer.name, median=median, basis=basis,
                paid=delays.paid[row], open=delays.open[row], month=month, missed=missed,
            ),
        )  # fmt: skip

    def _months(self, months: Sequence[int]) -> str:
        if self.lang == "zh":
            return "、".join(f"{one}月" for one in months)
        names = [month_name[one] for one in months]
        return " and ".join(names) if len(names) < 3 else f"{', '.join(names[:-1])} and {names[-1]}"

    def habit(self, habit: Habit) -> models.CashHabit:
        if habit.months:
            text = message(
                f"habit_text_{habit.what}",
                self.lang,
                months=self._months(habit.months),
                share=share_text(habit.share, self.lang),
            )
        else:
            text = message(
                f"habit_text_{habit.reason}", self.lang, what=label(f"habit_{habit.what}", self.lang)
            )
        return models.CashHabit(**{**vars(habit), "months": list(habit.months)}, text=text)

    def fixed(self, one: Fixed) -> models.CashFixed:
        text = message(
            "fixed_text_monthly" if one.every == 1 else "fixed_text_every",
            self.lang,
            kind=label(f"cash_{one.kind}", self.lang),
            amount=amount_text(one.amount_fen, self.lang),
            every=one.every,
            day=one.day,
        )
        partner = None if one.partner is None else self._named(one.partner)
        return models.CashFixed(
            kind=one.kind,
            every_months=one.every,
            day=one.day,
            amount_fen=one.amount_fen,
            partner=partner,
            text=text,
        )

    def figure(self, one: Figure) -> models.CashAccuracy:
        good = one.accuracy > 0
        text = message(
            "accuracy_text" if good else "accuracy_negative",
            self.lang,
            side=label(f"accuracy_{one.side}", self.lang),
            level=label(f"accuracy_{one.level}", self.lang),
            value=share_text(one.accuracy, self.lang),
            firms=f"{one.firms:,}",
            months=one.months,
        )
        return models.CashAccuracy(
            side=one.side,  # type: ignore[arg-type]
            level=one.level,  # type: ignore[arg-type]
            horizon_months="1-3",
            accuracy=round(one.accuracy, 4) if good else None,
            firms=one.firms,
            months=one.months,
            coverage=[
                models.CashCoverage(level=k, held=round(v, 4)) for k, v in sorted(one.coverage.items())
            ],
            text=text,
        )

    def _receivable(self) -> bool:
        path = self.outlook.path
        return path is not None and any(one.kind == "receivable" for one in path.known)

    def mark(self, one: Any) -> models.CalendarMark:
        return models.CalendarMark(**vars(one), label=label(f"calendar_{one.name}", self.lang))

    def notes(self, until: date, peaks: bool) -> list[models.CashNote]:
        """What the figures do not show, each with how many firms it is of."""
        found = []
        for note, firms in self.outlook.notes:
            params = dict(note.params)
            if "amount_fen" in params:
                params["amount"] = amount_text(int(str(params["amount_fen"])), self.lang)
            text = message(note.code, self.lang, firms=f"{firms:,}", **params)
            found.append(models.CashNote(code=note.code, firms=firms, text=text))
        count = self.outlook.firms
        plain = ["cashflow_intervals", *(["cashflow_sum"] if count > 1 else [])]
        plain += ["cashflow_receivables"] if count == 1 and self._receivable() else []
        plain += ["cashflow_rows"] if self._whose.cut else []
        plain += ["cashflow_season"] if peaks else []
        for code in plain:
            text = message(code, self.lang, firms=f"{count:,}")
            found.append(models.CashNote(code=code, firms=count, text=text))
        stale = self.ground.policy.body["stale"]
        firm = self._whose.firms[0] if self._whose.kind == "enterprise" else None
        for code, params in warnings(self.ground.source, beijing_today(), firm, **stale):
            found.append(models.CashNote(code=code, firms=count, text=message(code, self.lang, **params)))
        for year in unannounced(self.outlook.start, until):
            text = message("cashflow_year_unannounced", self.lang, year=year)
            found.append(models.CashNote(code="cashflow_year_unannounced", firms=count, text=text))
        return found


def shortfall_text(found: Shortfall, lang: Lang) -> str:
    """How likely the balance falls below nothing, when first, and how much is short: where it may at all."""
    days = {"on": found.likely_on, "first": found.from_on, "last": found.until_on}
    when = "shortfall_day" if found.from_on == found.until_on else "shortfall_days"
    much = "shortfall_needed" if found.needed_fen else "shortfall_not_needed"
    first = message(when, lang, share=share_text(found.probability, lang), **days)
    needed = message(much, lang, needed=amount_text(found.needed_fen, lang))
    return f"{first}；{needed}" if lang == "zh" else f"{first}; {needed}"


def opened(outlook: Outlook, opening_fen: int | None) -> Outlook:
    """A kept outlook with the opening balance that a question gives, if it does."""
    if opening_fen is None:
        return outlook
    notes = [one for one in outlook.notes if one[0].code != "cashflow_no_opening"]
    return replace(outlook, opening_fen=opening_fen, opening_on=None, notes=notes)
