"""Brings the database from what it holds to the tables of a new snapshot, and touches nothing else.

Where the marker says that it holds the previous snapshot whole, the difference of the two is written;
otherwise (first build, a build that was killed, another program version) the keys of all rows of ours
are read from the database and every row is brought to what it should be. Before the first write the
marker says `writing`, after the last `ready`. Edges go before nodes and come after them.

The marker also bears the id of the data folder whose graph it is: two folders on one database would
each delete what the other wrote, so the second is refused.
"""

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from graph.model import EDGE_KINDS, KINDS, NODE_KINDS, EdgeKind, NodeKind, fingerprint
from graph.store import Store
from ledger.errors import Conflict

#: kind → rows. Nodes carry `id`, edges `src` and `dst` (ids); the other columns are properties.
GraphTables = dict[str, pl.DataFrame]
#: Told (kind, rows done, rows in all).
Progress = Callable[[str, int, int], object]


@dataclass(frozen=True)
class Change:
    """What one kind needs: rows to create, rows to bring to new properties, keys to delete."""

    create: pl.DataFrame
    merge: pl.DataFrame
    delete: pl.DataFrame

    @property
    def rows(self) -> int:
        """How many rows it touches."""
        return self.create.height + self.merge.height + self.delete.height


@dataclass(frozen=True)
class Marker:
    """What the last build said of itself in the database. `state` is writing or ready."""

    snapshot: str
    state: str
    model: str
    folder: str | None

    def holds(self, snapshot_id: str) -> bool:
        """Whether the database was brought to that snapshot, whole, in the form of this version."""
        return (self.snapshot, self.state, self.model) == (snapshot_id, "ready", fingerprint())


@dataclass(frozen=True)
class Published:
    """What a publication did. `full` says that it did not trust what the database held."""

    full: bool
    created: int
    merged: int
    deleted: int


def publish(
    store: Store,
    new: GraphTables,
    previous: GraphTables | None,
    snapshot_id: str,
    progress: Progress | None = None,
    *,
    previous_id: str | None = None,
    folder: str | None = None,
) -> Published:
    """Make the database hold `new`; `previous` are the tables of snapshot `previous_id`.

    `folder`: id of the data folder; None where the database can be of no other (the embedded engine).
    Raises ValueError for tables that are not as `graph.model` declares them, Conflict when the
    database holds the graph of another folder, somebody else's node bears one of our ids or an edge
    has no node to end at, StoreUnavailable.
    """
    wanted = _conform(new)
    marker = marker_of(store)
    if marker and marker.folder not in (None, folder):
        raise Conflict("store_of_another_folder", uri=store.uri)
    store.schema()
    full = previous is None or previous_id is None or not (marker and marker.holds(previous_id))
    known = {} if full else _conform(previous or {})
    changes = {
        kind.name: change_to_keys(kind, wanted[kind.name], _held(store, kind))
        if full
        else change(kind, wanted[kind.name], known[kind.name])
        for kind in KINDS
    }
    if full or any(c.rows for c in changes.values()):
        _mark(store, snapshot_id, "writing", folder)
    _write(store, changes, progress)
    _mark(store, snapshot_id, "ready", folder)
    return Published(
        full,
        created=sum(c.create.height for c in changes.values()),
        merged=sum(c.merge.height for c in changes.values()),
        deleted=sum(c.delete.height for c in changes.values()),
    )


def marker_of(store: Store) -> Marker | None:
    """What the last build said of itself, None where there was none. Raises StoreUnavailable."""
    rows = store.run("build_marker")
    return Marker(**rows[0]) if rows else None


def change(kind: NodeKind | EdgeKind, new: pl.DataFrame, old: pl.DataFrame) -> Change:
    """The difference of two tables of `kind`. Nodes are never created blindly: one of the new ids may
    have stayed behind when it was given up."""
    key = _key(kind)
    added = new.join(old, on=key, how="anti")
    changed = new.join(old, on=key, how="semi").join(old, on=new.columns, how="anti", nulls_equal=True)
    gone = old.join(new, on=key, how="anti").select(key)
    if isinstance(kind, NodeKind):
        return Change(added.clear(), pl.concat([added, changed]), gone)
    return Change(added, changed, gone)


def change_to_keys(kind: NodeKind | EdgeKind, new: pl.DataFrame, held: pl.DataFrame) -> Change:
    """What `kind` needs where only the keys are known; `ours` is false on nodes that were given up."""
    key = _key(kind)
    return Change(
        create=new.join(held, on=key, how="anti"),
        merge=new.join(held, on=key, how="semi"),
        delete=held.filter("ours").join(new, on=key, how="anti").select(key),
    )


def _write(store: Store, changes: dict[str, Change], progress: Progress | None) -> None:
    for edge in EDGE_KINDS:
        store.write(f"delete_{edge.name.lower()}", changes[edge.name].delete)
    for kind in KINDS:
        _write_rows(store, kind, changes[kind.name], progress)
    for node in NODE_KINDS:
        gone = changes[node.name].delete
        store.write(f"release_{node.name.lower()}", gone)
        store.write(f"delete_{node.name.lower()}", gone)


def _write_rows(store: Store, kind: NodeKind | EdgeKind, what: Change, progress: Progress | None) -> None:
    total, done = what.create.height + what.merge.height, 0

    def tell(rows: int) -> None:
        nonlocal done
        done += rows
        if progress:
            progress(kind.name, done, total)

    written = store.write(f"create_{kind.name.lower()}", what.create, progress=tell)
    written += store.write(f"merge_{kind.name.lower()}", what.merge, progress=tell)
    if written == total:
        return
    if isinstance(kind, NodeKind):
        raise Conflict("foreign_node", kind=kind.name, missing=total - written)
    raise Conflict("edge_without_ends", kind=kind.name, missing=total - written)


def _held(store: Store, kind: NodeKind | EdgeKind) -> pl.DataFrame:
    """The keys of what the database holds of ours; `ours` is false on nodes that were given up."""
    name = f"keys_{kind.name.lower()}"
    if isinstance(kind, NodeKind):
        return store.frame(name, pl.Schema({"id": pl.String(), "ours": pl.Boolean()}))
    frame = store.frame(name, pl.Schema({"src": pl.String(), "dst": pl.String()}))
    return frame.with_columns(ours=pl.lit(True))


def _mark(store: Store, snapshot_id: str, state: str, folder: str | None) -> None:
    """Note how far the build is. The statement itself looks whose graph it is: another folder's build
    may have begun since we asked."""
    marked = store.write("mark_build", snapshot=snapshot_id, state=state, model=fingerprint(), folder=folder)
    if not marked:
        raise Conflict("store_of_another_folder", uri=store.uri)


def _key(kind: NodeKind | EdgeKind) -> list[str]:
    return ["id"] if isinstance(kind, NodeKind) else ["src", "dst"]


def _conform(tables: GraphTables) -> GraphTables:
    """Every kind's table, its columns and types as declared; kinds that are missing have no rows."""
    kinds = {kind.name: kind for kind in KINDS}
    if unknown := set(tables) - set(kinds):
        raise ValueError(f"no such kinds: {sorted(unknown)}")
    return {name: _conform_one(kind, tables.get(name)) for name, kind in kinds.items()}


def _conform_one(kind: NodeKind | EdgeKind, frame: pl.DataFrame | None) -> pl.DataFrame:
    if frame is None:
        return pl.DataFrame(schema=kind.schema)
    if set(frame.columns) != set(kind.schema):
        odd = sorted(set(frame.columns) ^ set(kind.schema))
        raise ValueError(f"{kind.name}: columns missing or unknown: {odd}")
    shaped = frame.select(pl.col(name).cast(dtype) for name, dtype in kind.schema.items())
    key = shaped.select(_key(kind))
    if key.is_duplicated().any() or any(column.null_count() for column in key):
        raise ValueError(f"{kind.name}: keys are not unique, or null")
    return shaped
