"""What follows where a firm stops or pays late, in the reader's words: who, when, how much, by which path."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from api.models import Named
from api.models_scores import (
    Assumption,
    GoodsEffect,
    MoneyEffect,
    ShortOfGoods,
    ShortOfMoney,
    WhatIf,
    WhatIfHop,
    WhatIfPath,
    WhatIfQuestion,
)
from api.views.amounts import amount_text, share_text
from api.views.chains import chain_named
from api.views.goods import Goods, Link
from api.views.notes import shown_of
from api.views.seats import Seats
from gnn.contagion.network import Network
from gnn.contagion.paths import Debtors, Step, goods_paths
from gnn.contagion.shake import Assumptions, Outcome, Shock, shake
from gnn.scores.books import WINDOW
from graph.snapshot import Snapshot
from ledger.errors import InputError, Problem
from ledger.words import Lang, label, message

UNITS = {
    "cover_weeks": "weeks",
    "cover_most": "weeks",
    "cash_weeks": "weeks",
    "lag_weeks": "weeks",
    "weeks": "weeks",
    "term_days": "days",
}


def whatif(
    snapshot: Snapshot, network: Network | None, asked: tuple[str, int, WhatIfQuestion], lang: Lang
) -> WhatIf:
    """The answer to `asked`: chain, row of the enterprise, question.

    InputError where the enterprise is not in the chain, or no days are said for paying late.
    """
    chain, row, question = asked
    if question.shock == "late" and question.days is None:
        raise InputError("whatif_days_missing", (Problem("whatif_days_missing", field="days"),))
    firm = network.index_of(row) if network else None
    if network is None or firm is None or not network.inside[firm]:
        raise InputError("whatif_not_in_chain", enterprise=snapshot.id_of(row), chain=chain)
    given = _assumptions(question)
    shock = Shock(firm, question.shock, float(question.days or 0), question.share)
    told = _Told(snapshot, network, shake(network, shock, given), question, lang)
    told.gather(chain)
    return WhatIf(
        snapshot=snapshot.id,
        as_of=snapshot.as_of,
        chain=Named(id=chain, name=chain_named(snapshot, chain)["name"][lang]),
        enterprise=told.seats.seat(row),
        shock=question.shock,
        days=question.days if question.shock == "late" else None,
        share=question.share,
        starts=told.starts,
        weeks=given.weeks,
        goods=told.goods(),
        money=told.money(),
        assumptions=_told_assumptions(given, lang),
        notes=[
            message(f"whatif_note_{note}", lang, months=min(WINDOW, len(snapshot.months)))
            for note in ("links", "amounts", "apart", "books", "cash")
        ],
    )


def _assumptions(question: WhatIfQuestion) -> Assumptions:
    asked = question.assumptions
    return replace(Assumptions(), **(asked.model_dump(exclude_none=True) if asked else {}))


def _told_assumptions(given: Assumptions, lang: Lang) -> list[Assumption]:
    told = []
    for one in fields(given):
        told.append(
            Assumption(
                name=one.name,
                label=label(f"assume_{one.name}", lang),
                value=getattr(given, one.name),
                unit=UNITS.get(one.name, "share"),  # type: ignore[arg-type]
                default=getattr(given, one.name) == one.default,
                text=message(f"assume_text_{one.name}", lang),
            )
        )
    return told


@dataclass(frozen=True)
class _Found:
    """A firm that is short: its place in the network, its paths, and how many links bring it in."""

    firm: int
    paths: list[list[Step]]
    total: int


class _Told:
    """An outcome in words: first `gather`, then `goods` and `money`."""

    def __init__(
        self, snapshot: Snapshot, network: Network, outcome: Outcome, question: WhatIfQuestion, lang: Lang
    ) -> None:
        self._snapshot, self._net, self._out = snapshot, network, outcome
        self._question, self._lang = question, lang
        self.starts: date = question.starts or snapshot.as_of + timedelta(days=1)

    def gather(self, chain: str) -> None:
        """Picks who is told of, with the paths, and reads their names and goods at once."""
        limit, most = self._question.limit, self._question.paths
        debtors = Debtors(self._net, self._out)
        self._goods_found = [
            _Found(k, *goods_paths(self._net, self._out, k, most))
            for k in _largest(self._out.goods.peak, limit)
        ]
        self._money_found = [
            _Found(k, *debtors.paths(k, most)) for k in _largest(self._out.money.peak, limit)
        ]
        found = [*self._goods_found, *self._money_found]
        steps = {step for one in found for path in one.paths for step in path}
        pairs = {(step.seller, step.buyer) for step in steps}
        self._edges = {pair: self._edge(*pair) for pair in pairs}
        self._read = Goods(self._snapshot, [e for e in self._edges.values() if e is not None])
        places = {k for pair in pairs for k in pair} | {one.firm for one in found} | {self._out.shock.firm}
        self.seats = Seats(self._snapshot, (int(self._net.firms[k]) for k in places), chain, self._lang)

    def _edge(self, seller: int, buyer: int) -> int | None:
        return self._snapshot.edge_between(int(self._net.firms[seller]), int(self._net.firms[buyer]))

    def goods(self) -> GoodsEffect:
        """Who is short of goods."""
        net, goods, shock = self._net, self._out.goods, self._out.shock
        outside = ~net.inside[net.buyer] & (goods.link_peak >= 0.5)
        total = int(np.count_nonzero(goods.first))
        stopped = np.sum(net.amount[net.seller == shock.firm]) * shock.size if shock.kind == "stop" else 0.0
        return GoodsEffect(
            items=[self._short_of_goods(one) for one in self._goods_found],
            total=total,
            peak_fen=_fen(goods.peak.sum()),
            stopped_fen=_fen(stopped),
            outside=len(np.unique(net.buyer[outside])),
            outside_fen=_fen(goods.link_peak[outside].sum()),
            note=self._note(len(self._goods_found), total),
        )

    def money(self) -> MoneyEffect:
        """Who is short of money."""
        net, money, shock = self._net, self._out.money, self._out.shock
        outside = ~net.inside[net.seller] & (money.link_missed >= 0.5)
        total = int(np.count_nonzero(money.first))
        return MoneyEffect(
            items=[self._short_of_money(one) for one in self._money_found],
            total=total,
            short_fen=_fen(money.peak.sum()),
            withheld_fen=_fen(money.link_missed[net.buyer == shock.firm].sum()),
            orders_fen=_fen(money.orders.sum()),
            outside=len(np.unique(net.seller[outside])),
            outside_fen=_fen(money.link_missed[outside].sum()),
            note=self._note(len(self._money_found), total),
        )

    def _note(self, shown: int, total: int) -> str | None:
        return shown_of(shown, total, self._lang) if shown < total else None

    def _short_of_goods(self, one: _Found) -> ShortOfGoods:
        net, goods, k = self._net, self._out.goods, one.firm
        own = bool(net.own_purchases[k])
        good = one.paths[0][-1].good if one.paths else None  # what it is short of first
        segment, product = self._kind(good)
        share = float(goods.peak[k] / net.inputs[k]) if own and net.inputs[k] > 0 else None
        lost = float(goods.lost[k]) if own else None
        text = message(
            "whatif_goods_text",
            self._lang,
            week=int(goods.first[k]),
            goods=self.seats.goods_text(segment, product),
            peak=amount_text(_fen(goods.peak[k]), self._lang),
            **self._origin(one.paths),
        )
        tail = "whatif_partial" if share is None else "whatif_goods_share"
        shares = {"share": share_text(share, self._lang), "lost": share_text(lost, self._lang)}
        return ShortOfGoods(
            **self._hit(one, int(goods.first[k]), own),
            text=text + message(tail, self._lang, **shares),
            goods=self.seats.goods(segment, product),
            peak_fen=_fen(goods.peak[k]),
            peak_week=int(goods.peak_week[k]),
            total_fen=_fen(goods.total[k]),
            inputs_fen=_fen(net.inputs[k]),
            share=share,
            output_lost=lost,
        )

    def _short_of_money(self, one: _Found) -> ShortOfMoney:
        net, money, k = self._net, self._out.money, one.firm
        own = bool(net.own_purchases[k] and net.own_sales[k])
        share = float(money.peak[k] / money.outlays[k]) if own and money.outlays[k] > 0 else None
        text = message(
            "whatif_money_text",
            self._lang,
            week=int(money.first[k]),
            missed=amount_text(_fen(money.missed[k]), self._lang),
            short=amount_text(_fen(money.peak[k]), self._lang),
            **self._origin(one.paths),
        )
        tail = "whatif_partial" if share is None else "whatif_money_share"
        weeks = "" if share is None else f"{share:.1f}"
        return ShortOfMoney(
            **self._hit(one, int(money.first[k]), own),
            text=text + message(tail, self._lang, share=weeks),
            short_fen=_fen(money.peak[k]),
            missed_fen=_fen(money.missed[k]),
            outlays_fen=_fen(money.outlays[k]),
            share=share,
            orders_fen=_fen(money.orders[k]),
        )

    def _origin(self, paths: Sequence[Sequence[Step]]) -> dict[str, Any]:
        name = self.seats.name(int(self._net.firms[self._out.shock.firm]))
        return {"from_firm": name, "hops": len(paths[0]) if paths else 0}

    def _hit(self, one: _Found, week: int, own: bool) -> dict[str, Any]:
        return {
            **self.seats.seat(int(self._net.firms[one.firm])).model_dump(),
            "week": week,
            "begins": self.starts + timedelta(weeks=week - 1),
            "basis": "own" if own else "partial",
            "paths": [WhatIfPath(hops=[self._hop(step) for step in path]) for path in one.paths],
            "paths_total": one.total,
        }

    def _hop(self, step: Step) -> WhatIfHop:
        seller, buyer = (int(self._net.firms[k]) for k in (step.seller, step.buyer))
        edge = self._edges[step.seller, step.buyer]
        link = None if edge is None else Link(seller, buyer, edge, None, None)
        return WhatIfHop(
            from_=self.seats.named(seller),
            to=self.seats.named(buyer),
            goods=self.seats.goods(*self._kind(step.good)),
            items=self._read.items(link) if link else [],
            months=self._read.months[edge] if edge is not None else [],
            amount_fen=_fen(step.amount),
            missing_fen=_fen(step.missing),
        )

    def _kind(self, good: int | None) -> tuple[str | None, int | None]:
        goods = self._net.goods
        return (None, None) if good is None else (goods.segment(good), goods.product(good))


def _largest(amounts: NDArray[np.float64], most: int) -> Iterable[int]:
    """The places of the `most` largest amounts above nothing, by amount, then by place."""
    short = np.flatnonzero(amounts > 0)
    return short[np.lexsort((short, -amounts[short]))][:most].tolist()  # type: ignore[no-any-return]


def _fen(amount: float) -> int:
    return round(float(amount))
