"""The one door to the graph: features of firms as of a day, worked out for all at once and kept."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import date
from functools import cached_property
from threading import Lock, RLock
from typing import Any

import numpy as np
import polars as pl

from graph.csr import fixed
from graph.snapshot import Snapshot
from ledger.errors import InputError
from seeds.chains import Chain
from services.features.books import books
from services.features.catalogue import CATALOGUE
from services.features.columns import Column
from services.features.frame import Features
from services.features.neighbours import neighbours
from services.features.partners import degrees, links, partners
from services.features.payment import payment
from services.features.position import position
from services.features.seen import Seen, Source
from services.features.strength import strength
from services.features.ties import contracts, groups, master

#: Who works out which group of the catalogue; `neighbours` reads the others.
GROUPS: dict[str, Callable[[Seen], dict[str, Column]]] = {
    "books": books,
    "partners": partners,
    "strength": strength,
    "links": links,
    "payment": payment,
    "position": position,
    "groups": groups,
    "contracts": contracts,
    "master": master,
}
#: Days of snapshots kept once worked out.
KEPT = 4


class Door:
    """All features of all firms of one source as of a day; each group is worked out when first asked for."""

    def __init__(self, source: Source, day: date, chains: Sequence[Chain] | None = None) -> None:
        self._what = (source, day, chains)
        self._groups: dict[str, dict[str, Column]] = {}
        self._lock = RLock()

    @cached_property
    def seen(self) -> Seen:
        """What was seen up to the day; read when first asked for."""
        with self._lock:
            return Seen(*self._what)

    @cached_property
    def whole(self) -> Features:
        """All features of every firm."""
        return self._features(tuple(CATALOGUE))

    def features(self, names: Sequence[str] | None = None) -> Features:
        """Of every firm; all of them where no names are given. InputError on a name that is not in the
        catalogue."""
        return self.whole if names is None else self._features(tuple(names))

    def _features(self, wanted: tuple[str, ...]) -> Features:
        for name in wanted:
            if name not in CATALOGUE:
                raise InputError("feature_unknown", name=name)
        found = {name: self._group(CATALOGUE[name].group)[name] for name in wanted}
        placed = any(CATALOGUE[name].basis == "position" for name in wanted)
        seen, everybody = self.seen, np.arange(self.seen.firms, dtype=np.int32)
        inferred = seen.inferred if placed else np.zeros(seen.firms, np.bool_)
        id_ = seen.source.id if isinstance(seen.source, Snapshot) else None
        return Features(fixed(everybody, np.int32), seen.day, id_, found, inferred, self)

    def _group(self, group: str) -> dict[str, Column]:
        with self._lock:
            if group not in self._groups:
                work = GROUPS.get(group)
                self._groups[group] = work(self.seen) if work else neighbours(self.seen, self.column)
            return self._groups[group]

    @cached_property
    def degrees(self) -> tuple[Any, Any]:
        """int64[n] each: firms that each is seen to sell to, and to buy from."""
        return degrees(self.seen)

    def column(self, name: str) -> Column:
        """One feature of every firm. KeyError where the catalogue has none of that name."""
        return self._group(CATALOGUE[name].group)[name]


_doors: OrderedDict[tuple[str, date], Door] = OrderedDict()
_turn = Lock()


def door(source: Source, as_of: date | None = None, chains: Sequence[Chain] | None = None) -> Door:
    """The door as of a day (None: the last day the source saw). Those of a snapshot are kept and shared by
    threads; they are read-only."""
    day = source.as_of if as_of is None else as_of
    if not isinstance(source, Snapshot) or chains is not None:
        return Door(source, day, chains)
    key = (str(source.folder), day)
    with _turn:
        if key not in _doors:
            _doors[key] = Door(source, day)
            while len(_doors) > KEPT:
                _doors.popitem(last=False)
        _doors.move_to_end(key)
        return _doors[key]


def features(
    source: Source,
    firm: "int | Sequence[int] | np.ndarray[Any, Any] | None" = None,
    as_of: date | None = None,
    names: Sequence[str] | None = None,
    chains: Sequence[Chain] | None = None,
) -> Features:
    """Features of a firm (or several; None: all) of a snapshot, or of tables about to become one.

    `as_of`: the day, None for the last that was seen; nothing later enters. Months not over on it are left
    out. `names`: only these; `chains`: the industry chains goods are read by, None for those that come with
    the package. InputError on an unknown name or firm.
    """
    every = door(source, as_of, chains).features(names)
    return every if firm is None else every.of(firm)


def backfill(
    source: Source,
    firms: "Sequence[int] | np.ndarray[Any, Any] | None",
    dates: Sequence[date],
    names: Sequence[str] | None = None,
    chains: Sequence[Chain] | None = None,
) -> pl.DataFrame:
    """`as_of`, `enterprise` and a column a feature: many firms on many days, in the order asked for.

    Each day is worked out for all firms at once and then let go of.
    """
    parts = []
    for day in dates:
        found = Door(source, day, chains).features(names)
        chosen = found if firms is None else found.of(firms)
        parts.append(chosen.frame.select(pl.lit(day, pl.Date).alias("as_of"), pl.all()))
    return pl.concat(parts) if parts else pl.DataFrame(schema={"as_of": pl.Date, "enterprise": pl.Int32})
