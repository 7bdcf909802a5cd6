"""Portfolios and what hangs on what, as answers."""

import sqlite3

from api.asking import Asking
from api.models import Named
from api.models_lending import (
    Exposures,
    Fit,
    LimitUse,
    Member,
    Members,
    PortfolioAnswer,
    PortfolioBody,
    Portfolios,
)
from api.paging import Cursor
from api.views.notes import shown_of
from api.views.sources import source_text
from graph.snapshot import Snapshot
from ledger import lending, portfolios
from ledger.errors import NotFound
from ledger.portfolios import Portfolio
from ledger.words import label
from services.lending import exposure
from services.lending.policy import policy_on
from services.lending.subjects import subject_of
from services.lending.ties import rows_of

LISTING, KEYS = "portfolios", 1
#: Limits told in one answer.
LIMITS = 200


def seen(asked: Asking) -> dict[str, object]:
    """`snapshot` and `as_of` of an answer that does not need a snapshot."""
    snapshot = asked.snapshot_or_none
    return {"snapshot": snapshot.id if snapshot else None, "as_of": snapshot.as_of if snapshot else None}


def body(connection: sqlite3.Connection, found: Portfolio) -> PortfolioBody:
    """A portfolio with what is in it."""
    sums = lending.balances(connection, found.id)
    return PortfolioBody(
        id=found.id,
        name=found.name,
        capital_fen=found.capital_fen,
        note=found.note,
        enterprises=len(portfolios.members(connection, found.id)),
        loans=len(lending.loans(connection, found.id, states=("active",))),
        outstanding_fen=sums["loan_principal"],
        committed_fen=sums["commitment"],
        overrides=lending.overrides(connection, found.id),
        by=found.by,
        created=found.created,
        closed=found.closed,
    )


def one(asked: Asking, connection: sqlite3.Connection, id_: str) -> PortfolioAnswer:
    """One portfolio. Raises NotFound."""
    found = portfolios.portfolio(connection, id_)
    return PortfolioAnswer.model_validate({**seen(asked), "portfolio": body(connection, found)})


def listed(asked: Asking, limit: int, after: Cursor | None) -> Portfolios:
    """A page of portfolios."""
    with asked.data.state.reading() as connection:
        found = portfolios.portfolios(connection, after.key[0] if after else 0, limit + 1)
        items = [body(connection, each) for each in found[:limit]]
        total = portfolios.count(connection)
    told = seen(asked)
    following = None
    if len(found) > limit:
        following = Cursor(LISTING, str(told["snapshot"] or ""), (found[limit - 1].number,)).text()
    return Portfolios.model_validate({**told, "items": items, "total": total, "next": following})


def members(asked: Asking, id_: str) -> Members:
    """Firms of a portfolio. Raises NotFound."""
    snapshot = asked.snapshot
    with asked.data.state.reading() as connection:
        parties = portfolios.members(connection, id_)
    rows = rows_of(snapshot, parties)
    items = [
        Member(id=snapshot.id_of(rows[p]), name=snapshot.enterprises["name"][rows[p]], party=p)
        for p in parties
        if p in rows
    ]
    unknown = [p for p in parties if p not in rows]
    asked.listed(item.id for item in items)
    return Members(
        snapshot=snapshot.id, as_of=snapshot.as_of, items=items, total=len(parties), unknown=unknown
    )


def exposures(asked: Asking, id_: str, firm: int | None, amount_fen: int | None) -> Exposures:
    """What hangs on what; with `firm`, also what a loan to it would change. Raises NotFound."""
    snapshot = asked.snapshot
    found = exposure.exposures(snapshot, asked.data.state, id_)
    told = Told(snapshot, asked.lang)
    fit = None
    if firm is not None:
        rules = policy_on(snapshot.as_of)
        amount = amount_fen or 0
        uses = exposure.check(snapshot, asked.data.state, rules, firm, amount, id_)
        left = exposure.fitted(uses, amount, rules)
        fit = Fit(
            enterprise=told.firm(firm),
            amount_fen=amount,
            action=left.action,  # type: ignore[arg-type]
            left_fen=left.amount_fen,
            uses=[told.use(use) for use in uses],
        )
    items = [told.use(use) for use in found.uses[:LIMITS]]
    asked.listed(use.subject for use in items if snapshot.index_of(use.subject) is not None)
    return Exposures(
        snapshot=snapshot.id,
        as_of=snapshot.as_of,
        portfolio=Named(id=found.portfolio.id, name=found.portfolio.name),
        policy=found.policy,
        capital_fen=found.capital_fen,
        total_fen=found.total_fen,
        borrowers=found.firms,
        unknown_fen=found.unknown_fen,
        house_capital_fen=found.house_capital_fen,
        house_total_fen=found.house_total_fen,
        house_unknown_fen=found.house_unknown_fen,
        approved_fen=found.approved_fen,
        items=items,
        total=len(found.uses),
        note=None if len(items) == len(found.uses) else shown_of(len(items), len(found.uses), asked.lang),
        asked=fit,
    )


class Told:
    """Limits in the reader's words."""

    def __init__(self, snapshot: Snapshot, lang: str) -> None:
        self._snapshot, self._lang = snapshot, lang

    def firm(self, row: int) -> Named:
        """An enterprise."""
        return Named(id=self._snapshot.id_of(row), name=self._snapshot.enterprises["name"][row])

    def party(self, id_: str) -> Named:
        """The enterprise that a party belongs to now, or the party itself."""
        row = rows_of(self._snapshot, [id_]).get(id_)
        return Named(id=id_, name=id_) if row is None else self.firm(row)

    def use(self, use: exposure.LimitUse) -> LimitUse:
        """A limit and its use."""
        named = subject_of(self._snapshot, use.dimension, use.subject)
        return LimitUse(
            dimension=use.dimension,  # type: ignore[arg-type]
            dimension_text=label(f"exposure_{use.dimension}", self._lang),
            subject=use.subject,
            subject_text=named.text(self._lang),
            subject_enterprise=named.enterprise,
            over=use.over,  # type: ignore[arg-type]
            over_text=label(f"over_{use.over}", self._lang),
            limit_fen=use.limit_fen,
            before_fen=use.before_fen,
            after_fen=use.after_fen,
            room_fen=use.room_fen,
            firms=use.firms,
            breaks=use.breaks,
            effect=use.effect,  # type: ignore[arg-type]
            source=source_text(use.source, self._lang),
            reread=use.reread,
        )


def known(snapshot: Snapshot, ids: list[str]) -> list[str]:
    """`ids` as parties to be kept. Raises NotFound for one that the snapshot does not know."""
    rows = rows_of(snapshot, ids)
    for id_ in ids:
        if id_ not in rows:
            raise NotFound("enterprise_not_found", enterprise=id_[:80])
    return ids
