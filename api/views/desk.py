"""Views, notes and watchlists as answers."""

import sqlite3
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from api import models_desk as told
from api.asking import Asking
from api.models import Named
from api.paging import Cursor, read_cursor
from api.views.portfolios import seen
from graph.snapshot import Snapshot
from ledger import notes, views, watchlists
from ledger.errors import NotFound
from services.lending.receivables import parties_of
from services.lending.ties import rows_of

VIEWS, NOTES, WATCHLISTS = "views", "notes", "watchlists"


def view(asked: Asking, one: views.View) -> told.ViewAnswer:
    """One view."""
    return told.ViewAnswer.model_validate({**seen(asked), "view": {**_view(asked, one), "state": one.state}})


def view_list(asked: Asking, kind: str | None, limit: int, cursor: str | None) -> told.Views:
    """A page of views."""
    after = read_cursor(cursor, VIEWS, 1)
    with asked.data.state.reading() as connection:
        found = views.views(connection, asked.by, kind, after.key[0] if after else None, limit + 1)
        total = views.count(connection, asked.by, kind)
    items = [_view(asked, one) for one in found[:limit]]
    return told.Views.model_validate(
        {**seen(asked), "items": items, "total": total, "next": _next(asked, VIEWS, found, limit)}
    )


def note(asked: Asking, one: notes.Note) -> told.NoteAnswer:
    """One note."""
    return told.NoteAnswer.model_validate({**seen(asked), "note": _note(asked, one, _rows(asked, [one]))})


def note_list(
    asked: Asking, about: list[str] | None, partner: list[str] | None, limit: int, cursor: str | None
) -> told.Notes:
    """A page of notes on the parties `about`, on links from them to the parties `partner`, or on anything."""
    after = read_cursor(cursor, NOTES, 1)
    with asked.data.state.reading() as connection:
        before = after.key[0] if after else None
        found = notes.notes(connection, asked.by, about, partner, before, limit + 1)
        total = notes.count(connection, asked.by, about, partner)
    rows = _rows(asked, found[:limit])
    items = [_note(asked, one, rows) for one in found[:limit]]
    return told.Notes.model_validate(
        {**seen(asked), "items": items, "total": total, "next": _next(asked, NOTES, found, limit)}
    )


def note_history(asked: Asking, id_: str, versions: list[notes.Version]) -> told.NoteHistory:
    """Every version of a note."""
    items = [asdict(one) for one in versions]
    return told.NoteHistory.model_validate({**seen(asked), "id": id_, "items": items, "total": len(items)})


def watchlist(asked: Asking, one: watchlists.Watchlist) -> told.WatchlistAnswer:
    """One watchlist with its enterprises."""
    snapshot = asked.snapshot_or_none
    rows = watched_rows(asked, one.parties)
    members = [
        told.Watched(**_firm(snapshot, rows[party]).model_dump(), party=party)
        for party in one.parties
        if snapshot and party in rows
    ]
    asked.listed(member.id for member in members)
    body = {"watchlist": _watchlist(asked, one), "enterprises": members}
    absent = [party for party in one.parties if party not in rows]
    more = {"unknown": [] if asked.who.bound else absent, "left_out": len(absent)}
    return told.WatchlistAnswer.model_validate({**seen(asked), **body, **more})


def watchlist_list(asked: Asking, limit: int, cursor: str | None) -> told.Watchlists:
    """A page of watchlists."""
    after = read_cursor(cursor, WATCHLISTS, 1)
    with asked.data.state.reading() as connection:
        before = after.key[0] if after else None
        found = watchlists.watchlists(connection, asked.by, before, limit + 1, own=asked.who.bound)
        total = watchlists.count(connection, asked.by, own=asked.who.bound)
    items = [_watchlist(asked, one) for one in found[:limit]]
    return told.Watchlists.model_validate(
        {**seen(asked), "items": items, "total": total, "next": _next(asked, WATCHLISTS, found, limit)}
    )


def readable_list(asked: Asking, connection: sqlite3.Connection, id_: str) -> watchlists.Watchlist:
    """A watchlist that the caller may read; for who sees some firms only, an own one: what others call theirs
    may name anybody. Raises NotFound."""
    found = watchlists.watchlist(connection, id_, asked.by)
    if asked.who.bound and found.by != asked.by:
        raise NotFound("watchlist_not_found", id=id_)
    return found


def watched_rows(asked: Asking, parties: Sequence[str]) -> dict[str, int]:
    """Party → row of its enterprise, of those that the snapshot holds and the caller may see."""
    snapshot = asked.snapshot_or_none
    rows = rows_of(snapshot, list(parties)) if snapshot and parties else {}
    return {p: r for p, r in rows.items() if asked.may_see(r)} if asked.who.bound else rows


def gone(asked: Asking, id_: str) -> told.Gone:
    """What was taken away."""
    return told.Gone.model_validate({**seen(asked), "id": id_})


def known_parties(asked: Asking, ids: list[str]) -> list[str]:
    """`ids` as parties to be kept, each once. Raises NotFound for one that the snapshot does not know."""
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        return []
    rows = rows_of(asked.snapshot, wanted)
    for id_ in wanted:
        if id_ not in rows or not asked.may_see(rows[id_]):
            raise NotFound("enterprise_not_found", enterprise=id_)
    return wanted


def parties(asked: Asking, id_: str) -> list[str]:
    """Every party of the enterprise that `id_` belongs to, it among them. Raises NotFound."""
    return sorted({id_, *parties_of(asked.snapshot, asked.partner(id_))})


def own_members(asked: Asking, connection: sqlite3.Connection, id_: str, ids: list[str]) -> list[str]:
    """The parties on a watchlist that mean the enterprises `ids`, whatever id each stands there under."""
    held = watchlists.watchlist(connection, id_, asked.by).parties
    snapshot = asked.snapshot_or_none
    if snapshot is None or not ids:
        return ids
    rows = watched_rows(asked, [*ids, *held])
    meant = {rows[id_] for id_ in ids if id_ in rows}
    return [*ids, *(party for party in held if rows.get(party) in meant)]


def _kept(asked: Asking, one: Any) -> dict[str, Any]:
    same = {name: getattr(one, name) for name in ("id", "shared", "by", "created", "changed")}
    return {**same, "own": one.by == asked.by}


def _view(asked: Asking, one: views.View) -> dict[str, Any]:
    return {**_kept(asked, one), "name": one.name, "kind": one.kind, "snapshot_saved": one.snapshot}


def _watchlist(asked: Asking, one: watchlists.Watchlist) -> dict[str, Any]:
    size = len(watched_rows(asked, one.parties) if asked.who.bound else one.parties)
    return {**_kept(asked, one), "name": one.name, "alerts": one.alerts, "size": size}


def _note(asked: Asking, one: notes.Note, rows: dict[str, int]) -> dict[str, Any]:
    snapshot = asked.snapshot_or_none

    def named(party: str) -> Named:
        return _firm(snapshot, rows[party]) if snapshot and party in rows else Named(id=party, name=party)

    partner = None if one.partner is None else named(one.partner)
    body = {"enterprise": named(one.party), "partner": partner, "text": one.text, "versions": one.versions}
    return {**_kept(asked, one), **body}


def _rows(asked: Asking, found: list[notes.Note]) -> dict[str, int]:
    snapshot = asked.snapshot_or_none
    named = {party for one in found for party in (one.party, one.partner) if party}
    return rows_of(snapshot, sorted(named)) if snapshot and named else {}


def _firm(snapshot: Snapshot | None, row: int) -> Named:
    assert snapshot is not None
    return Named(id=snapshot.id_of(row), name=snapshot.enterprises["name"][row])


def _next(asked: Asking, listing: str, found: list[Any], limit: int) -> str | None:
    if len(found) <= limit:
        return None
    snapshot = asked.snapshot_or_none
    return Cursor(listing, snapshot.id if snapshot else "", (found[limit - 1].number,)).text()
