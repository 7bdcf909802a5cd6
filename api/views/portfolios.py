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
from graph.snapshot import Snapshot
from ledger import lending, portfolios
from ledger.errors import NotFound
from ledger.portfolios import Portfolio
from ledger.words import label, labels
from services.lending import exposure
from services.lending.policy import policy_on
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
    assert found.portfolio is not None
    return Exposures(
        snapshot=snapshot.id,
        as_of=snapshot.as_of,
        portfolio=Named(id=found.portfolio.id, name=found.portfolio.name),
        policy=found.policy,
        capital_fen=found.capital_fen,
        total_fen=found.total_fen,
        borrowers=found.firms,
        unknown_fen=found.unknown_fen,
        items=items,
        total=len(found.uses),
        note=None if len(items) == len(found.uses) else shown_of(len(items), len(found.uses), asked.lang),
        asked=fit,
    )


class Told:
    """Limits in the reader's words."""

    def __init__(self, snapshot: Snapshot, lang: str) -> None:
        self._snapshot, self._lang = snapshot, lang
        self._chains = {chain["id"]: chain["name"][lang] for chain in snapshot.chains}

    def firm(self, row: int) -> Named:
        """An enterprise."""
        return Named(id=self._snapshot.id_of(row), name=self._snapshot.enterprises["name"][row])

    def party(self, id_: str) -> Named:
        """The enterprise that a party belongs to now, or the party itself."""
        row = rows_of(self._snapshot, [id_]).get(id_)
        return Named(id=id_, name=id_) if row is None else self.firm(row)

    def use(self, use: exposure.LimitUse) -> LimitUse:
        """A limit and its use."""
        return LimitUse(
            dimension=use.dimension,  # type: ignore[arg-type]
            dimension_text=label(f"exposure_{use.dimension}", self._lang),
            subject=use.subject,
            subject_text=self._subject(use),
            limit_fen=use.limit_fen,
            before_fen=use.before_fen,
            after_fen=use.after_fen,
            room_fen=use.room_fen,
            firms=use.firms,
            breaks=use.breaks,
            effect=use.effect,  # type: ignore[arg-type]
            source=use.source,
            reread=use.reread,
        )

    def _subject(self, use: exposure.LimitUse) -> str:
        if use.dimension == "chain":
            return str(self._chains.get(use.subject, use.subject))
        if use.dimension in ("industry", "region"):
            return use.subject
        row = self._snapshot.index_of(use.subject)
        if row is not None:
            return str(self._snapshot.enterprises["name"][row])
        return self._group(use.subject)

    def _group(self, id_: str) -> str:
        """A group by its head or controller; a person by the masked name."""
        groups = self._snapshot.groups
        found = groups.filter(groups["id"] == id_)
        if found.is_empty():
            people = self._snapshot.relations
            told = people.filter((people["src"] == id_) & people["src_label"].is_not_null())["src_label"]
            return str(told[0]) if len(told) else id_
        row = found.row(0, named=True)
        kind = f"group_{row['kind']}"
        named = label(kind, self._lang) if kind in labels() else row["kind"]
        head = row["controller_label"]
        if head is None and row["head"] is not None:
            head = self._snapshot.enterprises["name"][row["head"]]
        return f"{named} {head}" if head else f"{named} {id_}"


def known(snapshot: Snapshot, ids: list[str]) -> list[str]:
    """`ids` as parties to be kept. Raises NotFound for one that the snapshot does not know."""
    rows = rows_of(snapshot, ids)
    for id_ in ids:
        if id_ not in rows:
            raise NotFound("enterprise_not_found", enterprise=id_[:80])
    return ids
