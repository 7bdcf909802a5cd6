"""Receivables of an enterprise as answers and as files, and what people note of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl

from api.asking import Asking
from api.models import Named
from api.models_receivables import (
    AgeBucket,
    BuyerReceivables,
    ClaimAnswer,
    ClaimAsked,
    ClaimBody,
    Claims,
    Exclusion,
    MarkAsked,
    ReceivableFigure,
    ReceivableItem,
    Receivables,
)
from api.paging import Cursor
from api.views.notes import shown_of
from ledger import claims
from ledger.claims import Claim, Held, Search
from ledger.errors import Conflict, InputError, NotFound
from ledger.words import label, message
from services.lending.eligibility import speaks_against
from services.lending.policy import policy_on, today
from services.lending.receivables import parties_of, receivables
from services.lending.sales_index import SalesIndex
from services.lending.servicing import happened
from services.lending.summary import Summary, summed

LISTING, KEYS = "receivables", 1
#: Buyers told beside the page of invoices.
BUYERS = 50
_SAME = (
    *("fact", "number", "issued_on", "due_on", "due_basis", "contract", "amount_fen", "red_fen"),
    *("settled_fen", "assumed_fen", "open_fen", "age_days", "bucket", "overdue_days", "unpaid", "status"),
    *("disputed", "claim", "holder", "register_number", "registered_on", "eligible_fen", "if_proven_fen"),
    *("excluded_by", "advance_bp", "advance_fen"),
)


def sales_index(asked: Asking) -> SalesIndex:
    """The index of the request's snapshot, made once and kept; decisions and cash paths use the same."""
    return asked.data.credit_rooms(asked.snapshot).sales


def table(asked: Asking, firm: int, on: date | None) -> pl.DataFrame:
    """The receivables of a firm on a day: columns RECEIVABLES."""
    index, state = sales_index(asked), asked.data.state
    return receivables(asked.snapshot, asked.ledger, firm, on, index=index, state=state)


@dataclass(frozen=True)
class Wanted:
    """Which of a firm's receivables: as of a day, of one buyer, only open ones; and which page."""

    on: date | None = None
    buyer: int | None = None
    open_only: bool = True
    limit: int = 50
    after: Cursor | None = None


def answer(asked: Asking, firm: int, wanted: Wanted) -> Receivables:
    """A page of a firm's receivables, with the whole and its buyers."""
    snapshot = asked.snapshot
    day = wanted.on or snapshot.as_of
    rules = policy_on(day)
    rows = table(asked, firm, wanted.on)
    whole = summed(rows, snapshot, firm, rules, day)
    listed = rows if wanted.buyer is None else rows.filter(pl.col("buyer") == wanted.buyer)
    listed = listed.filter(pl.col("open_fen") > 0) if wanted.open_only else listed
    begin = max(0, wanted.after.key[0]) if wanted.after else 0
    page = listed.slice(begin, wanted.limit)
    end = begin + page.height
    told = _Told(asked)
    sums: dict[str, Any] = dict(whole.sums)
    return Receivables(
        snapshot=snapshot.id,
        as_of=snapshot.as_of,
        enterprise=told.firm(firm),
        on=day,
        policy=rules.version,
        **sums,
        proven_fen=whole.proven_fen,
        ageing=told.ageing(whole.buckets),
        figures=told.figures(whole),
        excluded=[
            Exclusion(name=name, label=label(f"excluded_{name}", asked.lang), open_fen=fen)  # type: ignore[arg-type]
            for name, fen in whole.excluded.items()
        ],
        buyers=list(told.buyers(whole.buyers.head(BUYERS))),
        buyers_total=whole.buyers.height,
        items=[told.item(row) for row in page.iter_rows(named=True)],
        total=listed.height,
        next=Cursor(LISTING, snapshot.id, (end,)).text() if end < listed.height else None,
        note=None if page.height == listed.height else shown_of(page.height, listed.height, asked.lang),
        notes=[message(f"receivables_note_{name}", asked.lang) for name in ("unpaid", "due", "hint")],
    )


class _Told:
    """Rows as answers."""

    def __init__(self, asked: Asking) -> None:
        self._lang = asked.lang
        self._ids = asked.snapshot.enterprises["id"]
        self._names = asked.snapshot.enterprises["name"]

    def firm(self, row: int) -> Named:
        return Named(id=self._ids[row], name=self._names[row])

    def item(self, row: dict[str, Any]) -> ReceivableItem:
        unpaid = row["unpaid"]
        return ReceivableItem(
            **{name: row[name] for name in _SAME},
            buyer=self.firm(row["buyer"]),
            due_text=label(f"due_{row['due_basis']}", self._lang),
            unpaid_text=None if unpaid is None else label(f"unpaid_{unpaid}", self._lang),
            status_text=label(row["status"], self._lang),
        )

    def ageing(self, fen: Any) -> list[AgeBucket]:
        return [AgeBucket(bucket=b, label=label(b, self._lang), open_fen=f) for b, f in fen.items()]

    def buyers(self, rows: pl.DataFrame) -> Iterator[BuyerReceivables]:
        same = [name for name in BuyerReceivables.model_fields if name not in ("id", "name", "ageing")]
        for row in rows.iter_rows(named=True):
            fen = {name: row[name] for name in row if name.startswith("d") and name[1].isdigit()}
            firm = self.firm(row["buyer"])
            yield BuyerReceivables(
                id=firm.id, name=firm.name, ageing=self.ageing(fen), **{name: row[name] for name in same}
            )

    def figures(self, whole: Summary) -> list[ReceivableFigure]:
        return [
            ReceivableFigure(
                name=one.name,  # type: ignore[arg-type]
                label=label(f"figure_{one.name}", self._lang),
                value=one.value,
                reason=one.reason,
                text=None if one.reason is None else label(f"reason_{one.reason}", self._lang),
            )
            for one in whole.figures
        ]


def noted(asked: Asking, firm: int, said: MarkAsked) -> Receivables:
    """Note what a person knows of a receivable. Raises NotFound where the firm has none such, InputError for
    a day ahead."""
    on = happened(said.on)
    _row(table(asked, firm, None), said.receivable)
    claims.mark(
        asked.data.state,
        asked.snapshot.id_of(firm),
        said.receivable,
        said.kind,
        on,
        said.proof,
        asked.by,
        said.amount_fen,
    )
    return answer(asked, firm, Wanted())


def hold(asked: Asking, firm: int, said: ClaimAsked) -> ClaimAnswer:
    """Pledge or sell receivables of the firm.

    Raises NotFound for one that it has not, Conflict for one that is not open, disputed or not eligible, held
    already or taken by the register's word, InputError where the search is too old or the entry lies ahead.
    """
    day = asked.snapshot.as_of
    most = int(policy_on(day).value("receivables", "search_days"))
    if not today() - timedelta(days=most) <= said.search.on <= today():
        raise InputError("receivable_search_old", on=str(said.search.on), days=most)
    rows = table(asked, firm, None)
    found = [_row(rows, fact) for fact in said.receivables]
    aliases = asked.snapshot.aliases
    wanted = []
    for row in found:
        if row["claim"] is None:  # of what is held the store says whose it is
            _check_free(row)
        facts = aliases.filter(pl.col("canonical") == row["fact"])["fact"].to_list()
        wanted.append(Held(row["fact"], tuple(facts), row["open_fen"]))
    entry = None if said.registered is None else (said.registered.number, happened(said.registered.on))
    search = Search(said.search.number, said.search.on, said.search.result)
    seller = asked.snapshot.id_of(firm)
    claim = claims.hold(asked.data.state, said.kind, seller, said.holder, wanted, search, asked.by, entry)
    return claim_answer(asked, claim)


def _check_free(row: dict[str, Any]) -> None:
    """Raises Conflict where a receivable cannot be pledged or sold, naming it and why."""
    if row["open_fen"] <= 0 or row["status"] in ("void", "reversed"):
        raise Conflict("receivable_not_open", receivable=row["fact"])
    if against := speaks_against(row["excluded_by"], row["eligible_fen"]):
        told = {"receivable": row["fact"], "number": row["number"] or "-"}
        raise Conflict("receivable_not_eligible", **told, why=", ".join(against))


def claim_answer(asked: Asking, claim: Claim) -> ClaimAnswer:
    """One claim as an answer; it tells of who sold."""
    snapshot = asked.snapshot_or_none
    asked.noted("enterprise_read", claim.seller, claim=claim.id)
    id_, day = (snapshot.id, snapshot.as_of) if snapshot else (None, None)
    return ClaimAnswer(snapshot=id_, as_of=day, claim=_claim(claim, asked))


def claims_of(asked: Asking, firm: int) -> Claims:
    """Claims on what the firm sold."""
    snapshot = asked.snapshot
    found = claims.claims_of(asked.data.state, parties_of(snapshot, firm))
    items = [_claim(one, asked) for one in found]
    return Claims(snapshot=snapshot.id, as_of=snapshot.as_of, items=items, total=len(items))


def _claim(claim: Claim, asked: Asking) -> ClaimBody:
    values = {n: getattr(claim, n) for n in ClaimBody.model_fields if n not in ("kind_text", "receivables")}
    return ClaimBody(**values, kind_text=label(claim.kind, asked.lang), receivables=list(claim.facts))


def _row(rows: pl.DataFrame, fact: str) -> dict[str, Any]:
    found = rows.filter(pl.col("fact") == fact)
    if found.is_empty():
        raise NotFound("receivable_unknown", receivable=fact[:80])
    return found.row(0, named=True)
