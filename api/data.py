"""What one server answers from: the published snapshots, the ledger, and the graph store when it is there.

The store is opened when first needed, in one thread; a server without it still serves maps, lists,
profiles and evidence, and says StoreUnavailable for what only the database answers.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING

from api.memo import Memo
from api.settings import Settings
from api.turns import Turns
from graph.snapshot import Snapshot, current_id, open_snapshot
from ledger.errors import Conflict, DayanError, InputError, NotFound
from ledger.ledger import Ledger
from ledger.state import State

#: Snapshots kept open: the current one, and one that lists begun before a build still page through.
OPEN_SNAPSHOTS = 2
#: Answers and indexes worked out once from a snapshot.
WORKED_OUT = 128
#: Pictures of pages kept.
PICTURES = 24
#: Maps of chains kept, by colour and time: a slider asks for many.
MAPS = 64
#: Lists kept in their order, so that a later page costs no more than its rows.
ORDERS = 32
#: Seconds before a store that did not answer is tried again: callers must not queue for it.
RETRY_S = 3.0

if TYPE_CHECKING:
    from extraction.rows import Reader
    from graph.store import Store
    from services.credit.rooms import Rooms

OpenStore = Callable[[], "Store"]


class Data:
    """The data folder of one server. Thread-safe; opens nothing until asked."""

    def __init__(self, settings: Settings, store: "Store | OpenStore | None" = None) -> None:
        self.settings = settings
        self.folder = settings.data
        self.ledger = Ledger(self.folder)
        self.state = State(self.folder)
        self.worked_out = Memo(WORKED_OUT)
        self.turns = Turns()
        self.warmed = False
        self.pictures = Memo(PICTURES)
        self.maps = Memo(MAPS)
        self.orders = Memo(ORDERS)
        self.known = Memo(1)  # who is known, as of the ledger's last state
        self._snapshots = Memo(OPEN_SNAPSHOTS)
        self._open_store: OpenStore = store if callable(store) else self._connect
        self._store: Store | None = None if callable(store) else store
        self._ours = self._store is None  # what somebody else opened, they close
        self._store_holds: str | None = None
        self._store_lock = Lock()
        self._failure: DayanError | None = None
        self._retry_at = 0.0

    def snapshot(self, id_: str | None = None) -> Snapshot:
        """The published snapshot, or the one a cursor names. Reading which one is current costs microseconds.

        Raises NotFound `no_snapshot` before the first build, InputError where a cursor's is gone.
        """
        wanted = id_ or current_id(self.folder)
        if wanted is None:
            raise NotFound("no_snapshot")
        try:
            return self._snapshots.get(wanted, lambda: open_snapshot(self.folder, wanted))
        except DayanError:
            if id_ is None:
                raise
            raise InputError("cursor_expired") from None

    def store(self, snapshot: Snapshot) -> "Store":
        """The graph store, once it holds `snapshot`.

        Raises StoreUnavailable, or Conflict `store_behind` while a build is publishing: an answer never
        mixes two versions.
        """
        store = self.any_store()
        if self._store_holds != snapshot.id:
            self._store_holds = store_snapshot(store)
        if self._store_holds != snapshot.id:
            raise Conflict("store_behind", snapshot=snapshot.id)
        return store

    def any_store(self) -> "Store":
        """The graph store, whatever it holds. Raises StoreUnavailable."""
        if self._store is None:
            with self._store_lock:
                if self._store is None:
                    self._store = self._opened()
        return self._store

    def _opened(self) -> "Store":
        if self._failure is not None and time.monotonic() < self._retry_at:
            raise self._failure
        try:
            return self._open_store()
        except DayanError as failure:
            self._failure, self._retry_at = failure, time.monotonic() + RETRY_S
            raise

    def _connect(self) -> "Store":
        from graph.engine import connect  # brings the database's client along: only where one is needed

        settings = self.settings
        password = settings.store_password.get_secret_value() or None
        return connect(settings.store or None, self.folder, user=settings.store_user, password=password)

    @cached_property
    def readers(self) -> "Sequence[Reader]":
        """Every reader, the user's own layouts among them."""
        from extraction.readers import all_readers

        return all_readers(*([self.settings.layouts] if self.settings.layouts else []))

    def warm(self) -> None:
        """Open snapshot and store ahead of the first request and make the matcher ready; what is not there
        yet stays away."""
        with suppress(DayanError):
            self.snapshot()
        with suppress(DayanError):
            self.any_store()
        self._warm_matching()
        with suppress(DayanError):
            self.credit_rooms(self.snapshot()).warm()
        with suppress(DayanError):
            self._warm_desk()
        self.warmed = True

    def _warm_desk(self) -> None:
        """Make the table of enterprises that lists are cut from, and what pasted lines are looked up in."""
        from api.views import lists, tables

        tables.warm(self, self.snapshot())
        lists.warm(self, self.snapshot())

    def _warm_matching(self) -> bool:
        """Match one name with one firm, so that nobody waits for the matcher's code to be made ready; whether
        it found the firm."""
        import polars as pl

        from extraction.who import Known, Query, match
        from ledger.records import empty

        firm = pl.DataFrame({"party": ["0"], "name": ["大衍示例有限公司"]})
        parties = pl.concat([empty("parties"), firm], how="diagonal")
        known = Known.of(parties, empty("aliases"), empty("judgements"))
        (answer,) = match([Query(name="大衍示例")], known)
        return [c.party for c in answer.candidates] == ["0"]

    def credit_rooms(self, snapshot: Snapshot) -> "Rooms":
        """What decisions, forecasts and features of `snapshot` are worked out from, made once for it and what
        the ledger holds."""
        from services.credit.rooms import rooms_of
        from services.lending.sales_index import index_key

        key = ("credit", *index_key(snapshot, self.ledger))
        made: Rooms = self.worked_out.get(key, lambda: rooms_of(snapshot, self.ledger, self.state))
        return made

    def close(self) -> None:
        """Let go of the store; the embedded engine ends with its last user."""
        with self._store_lock:
            if self._store is not None and self._ours:
                self._store.close()
                self._store = None


def store_snapshot(store: "Store") -> str | None:
    """The snapshot that the store was last brought to; None where it holds no finished build."""
    rows = store.run("build")
    return rows[0]["snapshot"] if rows else None
