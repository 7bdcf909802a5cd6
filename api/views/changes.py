"""What changed since another snapshot, as answers: for everybody, and for watched enterprises."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from api import models_changes as told
from api.asking import Asking
from api.views.changed import Words, left_off
from api.views.desk import watched_rows
from graph.snapshot import Snapshot
from ledger import watchlists
from ledger.errors import DayanError, InputError, NotFound, Problem
from ledger.words import message
from services.desk.changes import Difference, difference, earlier, published

#: Kinds of alerts, the gravest first.
GRAVEST = ("warning", "listed", "unplaced", "segment", "level", "placed", "new_enterprise", "new_link")
_BEIJING = timedelta(hours=8)
_NOTHING = Difference(
    places=pl.DataFrame(
        schema={
            "enterprise": pl.Int32, "chain": pl.String, "segment": pl.String, "level": pl.Int32,
            "chain_before": pl.String, "segment_before": pl.String, "level_before": pl.Int32,
            "kind": pl.String, "new": pl.Boolean,
        }
    ),
    new=np.empty(0, np.int32),
    gone=0,
    links=pl.DataFrame(
        schema={
            "src": pl.Int32, "dst": pl.Int32, "amount_fen": pl.Int64, "count": pl.Int32, "first": pl.Date,
        }
    ),
    listed=pl.DataFrame(schema={"enterprise": pl.Int32, "list": pl.String}),
)  # fmt: skip


class Pair:
    """The request's snapshot beside an earlier one, worked out once for both."""

    def __init__(self, asked: Asking, since: str | None) -> None:
        """`since`: a snapshot's id, or a day. Raises NotFound for an id that is not kept."""
        self._asked, self.after = asked, asked.snapshot
        self.before, self._why = _before(asked, since)

    @cached_property
    def found(self) -> Difference:
        """What changed; nothing where there is nothing to compare with."""
        before, after = self.before, self.after
        if before is None:
            return _NOTHING
        key = ("changes", before.id, after.id)
        whole = self._asked.data.worked_out.get(key, lambda: difference(before, after))
        return _narrowed(self._asked, whole, before, after)

    @cached_property
    def since(self) -> datetime | None:
        """When the earlier snapshot was published."""
        return None if self.before is None else published(self.before)

    def head(self) -> dict[str, Any]:
        """What every answer about two snapshots says of them."""
        lang, before = self._asked.lang, self.before
        text = self._why or "changes_between"
        params = {"before": _day(before), "after": _day(self.after)}
        return {
            "snapshot": self.after.id,
            "as_of": self.after.as_of,
            "compared": before is not None,
            "text": message(text, lang, **params),
            "before": None if before is None else _version(before),
            "after": _version(self.after),
            "hidden": [] if "portfolios:read" in self._asked.who.scopes else ["warning"],
        }


def _narrowed(asked: Asking, found: Difference, before: Snapshot, after: Snapshot) -> Difference:
    """Of what changed, what happened to firms that the caller may see; links that begin or end at one."""
    mask, was = asked.visible, asked.seen_in(before)
    if mask is None or was is None:
        return found
    ends = pl.Series(mask[found.links["src"].to_numpy()] | mask[found.links["dst"].to_numpy()])
    ids = before.enterprises["id"].filter(pl.Series(was))
    return Difference(
        places=asked.only(found.places),
        new=found.new[mask[found.new]],
        gone=sum(after.index_of(id_) is None for id_ in ids),
        links=found.links.filter(ends),
        listed=asked.only(found.listed),
    )


def changes(asked: Asking, since: str | None, limit: int) -> told.Changes:
    """What changed for everybody, the largest of each kind."""
    pair = Pair(asked, since)
    words = Words(asked)
    found = pair.found
    kinds = found.places["kind"]
    parties, lists = _watched(asked)
    shown, total = _alerts(asked, pair, words, parties, limit)
    body = told.Changes.model_validate(
        {
            **pair.head(),
            "placed": words.moved(found.places.filter(kinds == "placed"), limit, "now"),
            "unplaced": words.moved(found.places.filter(kinds == "unplaced"), limit, "before"),
            "new_enterprises": words.new(found.new, limit),
            "gone": found.gone,
            "new_links": words.links(found.links, limit),
            "alerts": {
                "items": shown,
                "total": total,
                "note": left_off(len(shown), total, asked.lang),
                "watchlists": lists,
            },
        }
    )
    asked.listed(sorted(words.named))
    return body


def alerts(asked: Asking, since: str | None, parties: Sequence[str], limit: int) -> told.Alerts:
    """What happened to the enterprises that these parties belong to."""
    pair = Pair(asked, since)
    words = Words(asked)
    shown, total = _alerts(asked, pair, words, parties, limit)
    asked.listed(sorted({one.enterprise.id for one in shown}))
    note = left_off(len(shown), total, asked.lang)
    return told.Alerts.model_validate({**pair.head(), "items": shown, "total": total, "note": note})


def _before(asked: Asking, since: str | None) -> tuple[Snapshot | None, str | None]:
    """The snapshot to compare with, or None and the code of why there is none."""
    current = asked.snapshot.id
    if since is not None and len(since) == 16:
        if since == current:
            return None, "changes_same"
        try:
            return asked.data.snapshot(since), None
        except DayanError:
            raise NotFound("snapshot_not_found", id=since) from None
    on = None
    if since is not None:
        on = datetime.combine(_day_of(since), time.max, UTC) - _BEIJING
    name = earlier(asked.data.folder, current, on)
    if name is None:
        return None, "changes_none_by_then" if on else "changes_one_snapshot"
    return asked.data.snapshot(name), None


def _day_of(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError(
            "request_invalid", (Problem("parameter_invalid", field="since", value=text),)
        ) from None


def _version(snapshot: Snapshot) -> dict[str, Any]:
    return {"id": snapshot.id, "as_of": snapshot.as_of, "published": published(snapshot)}


def _day(snapshot: Snapshot | None) -> str:
    return "" if snapshot is None else f"{published(snapshot) + _BEIJING:%Y-%m-%d %H:%M}"


def _watched(asked: Asking) -> tuple[list[str], int]:
    """Parties on the watchlists that the caller may read and that have alerts on, and how many of those."""
    with asked.data.state.reading() as connection:
        lists = watchlists.watchlists(connection, asked.by, alerts=True, own=asked.who.bound)
    return sorted({party for one in lists for party in one.parties}), len(lists)


def _alerts(
    asked: Asking, pair: Pair, words: Words, parties: Sequence[str], limit: int
) -> tuple[list[told.Alert], int]:
    """The first `limit` alerts about these parties, the gravest first, links by amount; and how many there
    are."""
    if not parties:
        return [], 0
    found = pair.found
    rows = watched_rows(asked, parties)
    firms = pl.Series(sorted(set(rows.values())), dtype=pl.Int32)
    ends = pl.col("src").is_in(firms.implode()) | pl.col("dst").is_in(firms.implode())
    links = found.links.filter(ends)
    made = [
        *words.warnings(rows, pair.since),
        *(words.listed(row) for row in _of(found.listed, firms).iter_rows(named=True)),
        *(words.place(row) for row in _of(found.places, firms).iter_rows(named=True)),
        *(words.came(row) for row in firms.filter(firms.is_in(pl.Series(found.new).implode()))),
        *words.linked(links.head(limit), set(firms)),
    ]
    ordered = sorted(made, key=lambda one: GRAVEST.index(one.kind))
    return ordered[:limit], len(made) + links.height - min(limit, links.height)


def _of(rows: pl.DataFrame, firms: pl.Series) -> pl.DataFrame:
    return rows.filter(pl.col("enterprise").is_in(firms.implode()))
