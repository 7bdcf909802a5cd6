"""What a route works with for one request: the pinned snapshot, the language, the store and the ledger.

The one dependency routes take. It costs nothing until used, so that routes run in one thread hop.
"""

from functools import cached_property
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Request
from fastapi.responses import Response

from api.data import Data
from api.errors import Moved, language_of
from api.models import Model
from api.paging import Cursor, read_cursor
from api.views.enterprises import current_id, index_of
from graph.snapshot import Snapshot
from ledger.errors import DayanError, NotFound
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
            return index
        current = current_id(self.snapshot, id_)
        if current is None:
            raise NotFound("enterprise_not_found", enterprise=id_)
        path = self.request.url.path.replace(id_, current, 1)
        query = self.request.url.query
        raise Moved(f"{path}?{query}" if query else path)

    def partner(self, id_: str) -> int:
        """The row of the enterprise that the party `id_` belongs to. Raises NotFound."""
        return index_of(self.snapshot, current_id(self.snapshot, id_) or id_)

    @property
    def by(self) -> str:
        """Who asks, for what is written down."""
        return str(self.request.state.principal)

    @property
    def store(self) -> "Store":
        """The graph store, holding this request's snapshot."""
        return self.data.store(self.snapshot)

    @property
    def ledger(self) -> Ledger:
        """The facts."""
        return self.data.ledger

    def answer(self, body: Model) -> Response:
        """`body` as JSON. Serialised once: the models were checked when built."""
        return self.prepared(body.model_dump_json(by_alias=True).encode())

    def prepared(self, body: bytes) -> Response:
        """JSON already serialised."""
        headers = {"Vary": "Accept-Language", "Content-Language": self.lang}
        return Response(body, media_type="application/json", headers=headers)


async def asking(request: Request) -> Asking:
    """The dependency."""
    return Asking(request)


Asked = Annotated[Asking, Depends(asking)]
