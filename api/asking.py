"""What a route works with for one request: the pinned snapshot, the language, the store and the ledger.

The one dependency routes take. It costs nothing until used, so that routes run in one thread hop. Here
alone an id becomes a firm: a firm outside the rows of the caller's key is not found, and every firm
that is asked for is noted for the audit chain.
"""

from collections.abc import Collection, Iterable
from contextlib import AbstractContextManager
from functools import cached_property
from typing import TYPE_CHECKING, Annotated

import numpy as np
import polars as pl
from fastapi import Depends, Request
from fastapi.responses import Response

from api import hiding, rows
from api.data import Data
from api.errors import Moved, language_of
from api.handed import Handed
from api.masking import masked_json
from api.models import Model
from api.paging import Cursor, read_cursor
from api.principal import Principal, note
from api.turns import DUE_S, Kind
from api.views.enterprises import current_id, index_of
from graph.snapshot import Snapshot
from ledger.errors import DayanError, Forbidden, NotFound
from ledger.ledger import Ledger
from ledger.words import Lang

if TYPE_CHECKING:
    from graph.store import Store


class Asking:
    """One request's view of the data: whatever is published meanwhile, it keeps its snapshot."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.data: Data = request.app.state.data
        self.lang: Lang = language_of(request)

    @cached_property
    def snapshot(self) -> Snapshot:
        """The snapshot of this request, pinned at first use."""
        return self.pin(None)

    def pin(self, id_: str | None) -> Snapshot:
        """Pin a snapshot: the published one, or the one named."""
        snapshot = self.data.snapshot(id_)
        self.request.state.snapshot = snapshot.id
        return snapshot

    def from_page(self, text: str | None, listing: str, keys: int) -> Cursor | None:
        """The cursor of a list; the request then reads the snapshot the list was begun on."""
        cursor = read_cursor(text, listing, keys)
        if cursor:
            self.__dict__["snapshot"] = self.pin(cursor.snapshot)
        return cursor

    @property
    def snapshot_or_none(self) -> Snapshot | None:
        """The snapshot, None before the first build."""
        try:
            return self.snapshot
        except DayanError:
            return None

    def enterprise(self, id_: str) -> int:
        """The row of enterprise `id_`. Raises Moved where it is a member of another, NotFound else."""
        index = self.snapshot.index_of(id_)
        if index is not None:
            return self._seen(index, id_)
        current = current_id(self.snapshot, id_)
        if current is None or not self.may_see(index_of(self.snapshot, current)):
            raise self._not_found(id_)
        path = self.request.url.path.replace(id_, current, 1)
        query = self.request.url.query
        raise Moved(f"{path}?{query}" if query else path)

    def partner(self, id_: str) -> int:
        """The row of the enterprise that the party `id_`, named in a query or a body, belongs to.

        Raises NotFound.
        """
        index = self.snapshot.index_of(current_id(self.snapshot, id_) or id_)
        if index is None:
            raise self._not_found(id_)
        return self._seen(index, id_)

    def counterparty(self, id_: str) -> int:
        """`partner`, of which the caller sees only what passed between it and a firm of theirs: it may lie
        outside their rows, and is not noted as read. Raises NotFound."""
        return index_of(self.snapshot, current_id(self.snapshot, id_) or id_)

    def may_see(self, firm: int) -> bool:
        """Whether the caller may see the enterprise in row `firm`."""
        mask = self.visible
        return mask is None or bool(mask[firm])

    @property
    def visible(self) -> np.ndarray | None:
        """bool[enterprises]: the rows that the caller may see; None where all of them."""
        if not self.who.bound:
            return None
        return self._visible(self.snapshot)

    @property
    def met(self) -> np.ndarray | None:
        """bool[enterprises]: whom the caller may know by name: firms that they may see, and direct partners
        of these; None where all of them."""
        mask = self.visible
        if mask is None:
            return None
        kept = self.__dict__.setdefault("_met", {})
        if self.snapshot.id not in kept:
            kept[self.snapshot.id] = rows.partners(self.snapshot, mask)
        found: np.ndarray = kept[self.snapshot.id]
        return found

    @cached_property
    def parties(self) -> frozenset[str] | None:
        """Every party that the caller's firms are known by; None for who sees all."""
        if not self.who.bound:
            return None
        return rows.every_party(self.snapshot_or_none, self.data.state, self.who)

    def seen_in(self, snapshot: Snapshot) -> np.ndarray | None:
        """`visible` in another snapshot than that of the request."""
        return self._visible(snapshot) if self.who.bound else None

    def only(self, frame: pl.DataFrame, column: str = "enterprise") -> pl.DataFrame:
        """The rows of `frame` whose `column` (rows of enterprises) the caller may see."""
        mask = self.visible
        return frame if mask is None else frame.filter(mask[frame[column].to_numpy()])

    def listed(self, ids: Iterable[str]) -> None:
        """Note that the answer is a list that shows these enterprises."""
        shown = list(ids)
        if shown:
            self.noted("enterprises_listed", str(len(shown)), enterprises=shown)

    def noted(self, action: str, subject: str, /, **detail: object) -> None:
        """Note a deed for the audit chain; it is entered before the answer leaves."""
        note(self.request, action, subject, **detail)

    @property
    def who(self) -> Principal:
        """Who asks."""
        who: Principal = self.request.state.who
        return who

    def turn(self, kind: Kind) -> AbstractContextManager[None]:
        """Waits until a request of `kind` may compute, and holds its turn."""
        return self.data.turns.turn(DUE_S[kind])

    @cached_property
    def outside(self) -> bool:
        """Whether the caller sits outside the bank, and so sees nothing that is the bank's own."""
        return rows.is_outside(self.who)

    @cached_property
    def handed(self) -> Handed | None:
        """Papers and jobs that a bound caller may see; None for who sees all of them."""
        if not self.who.bound:
            return None
        return Handed(self.data.state, self.ledger, self.who, self.parties or frozenset())

    def paper(self, sha256: str) -> None:
        """That the caller may see a document. Raises NotFound, as for one that is not there."""
        if self.handed is None or sha256 in self.handed.documents:
            return
        if self.handed.only(self.ledger.documents().filter(pl.col("sha256") == sha256)).is_empty():
            self.noted("read_refused", sha256)
            raise NotFound("document_not_found", document=sha256)

    def unmasked_paper(self, sha256: str) -> None:
        """That the caller may see a document with nothing masked: who handed it in has seen it. Raises
        NotFound, Forbidden."""
        self.paper(sha256)
        if self.handed is None or sha256 not in self.handed.documents:
            self.needs("personal:read")

    def called(self, sha256: str, name: str) -> str:
        """The name of a document as the caller may read it: as they handed it in, else without strangers."""
        if (
            not self.who.bound
            or self.visible_or_none is None
            or self.met is None
            or sha256 in self._own_papers()
        ):
            return name
        return hiding.readable(name, self.snapshot, self.met, self.lang)

    def _own_papers(self) -> frozenset[str]:
        return frozenset() if self.handed is None else self.handed.documents

    def needs(self, scope: str) -> None:
        """That the caller holds `scope` beside the one of the route. Raises Forbidden."""
        if scope not in self.who.scopes:
            self.noted("read_refused", scope)
            raise Forbidden("scope_missing", scope=scope)

    @property
    def by(self) -> str:
        """Who asks, for what is written down: the holder of the key, whichever of their keys it is."""
        return self.who.name

    @property
    def store(self) -> "Store":
        """The graph store, holding this request's snapshot."""
        return self.data.store(self.snapshot)

    @property
    def ledger(self) -> Ledger:
        """The facts."""
        return self.data.ledger

    def answer(self, body: Model, said: Collection[str] = ()) -> Response:
        """`body` as JSON. Serialised once: the models were checked when built."""
        return self.prepared(body.model_dump_json(by_alias=True).encode(), said)

    def prepared(self, body: bytes, said: Collection[str] = ()) -> Response:
        """JSON already serialised. What the caller may not see leaves it here. `said`: texts of the caller
        that the answer repeats: they stay as they are, or what is taken out would tell who exists."""
        shown = body
        if self.who.bound and self.visible_or_none is not None and (met := self.met) is not None:
            shown = hiding.hide_others(shown, self.snapshot, met, self.lang, said, self._own_papers)
        if self.outside:
            shown = hiding.hide_bank(shown, self.by, self.lang)
        if "personal:read" not in self.who.scopes:
            shown = masked_json(shown)
        headers = {"Vary": "Accept-Language", "Content-Language": self.lang}
        return Response(shown, media_type="application/json", headers=headers)

    @property
    def visible_or_none(self) -> np.ndarray | None:
        """`visible`; None also before the first build."""
        return None if self.snapshot_or_none is None else self.visible

    def _visible(self, snapshot: Snapshot) -> np.ndarray | None:
        kept = self.__dict__.setdefault("_rows", {})
        if snapshot.id not in kept:
            kept[snapshot.id] = rows.visible(snapshot, self.data.state, self.who)
        found: np.ndarray | None = kept[snapshot.id]
        return found

    def _seen(self, index: int, id_: str) -> int:
        """`index`, noted as read. Raises NotFound where the caller may not see it."""
        if not self.may_see(index):
            self.noted("read_refused", id_)
            raise self._not_found(id_)
        self.noted("enterprise_read", self.snapshot.id_of(index), snapshot=self.snapshot.id)
        return index

    def _not_found(self, id_: str) -> NotFound:
        return NotFound("enterprise_not_found", enterprise=id_)


async def asking(request: Request) -> Asking:
    """The dependency."""
    return Asking(request)


Asked = Annotated[Asking, Depends(asking)]
