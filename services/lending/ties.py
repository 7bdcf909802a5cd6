"""What a firm's loan hangs on: its group, guarantors, core enterprises, chain, industry, region.

Only what was observed counts: the ties of a registry, trade that invoices show, paths of goods made of such
trade, a place in a chain that the firm's own goods show. An inferred link or place is no exposure.
"""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from threading import Lock

import numpy as np
import polars as pl

from graph.csr import Int64, starts
from graph.snapshot import Snapshot

#: Dimensions in the order they are told.
DIMENSIONS = (
    *("borrower", "group", "dependent", "guarantor"),
    *("core", "chain", "industry", "region"),
)
TIES = pl.Schema({"firm": pl.Int32, "dimension": pl.String, "subject": pl.String})
#: Kinds of groups → the dimension they count in.
_GROUPS = {"control": "group", "dependent": "dependent", "guarantee_circle": "guarantor"}


def ties(source: Snapshot, firms: list[int]) -> pl.DataFrame:
    """firm, dimension, subject: everything that loans of these firms hang on, each once.

    Subjects are ids of enterprises (borrower: the legal person, branches with their head office), of groups,
    of persons (guarantors), slugs of chains, first two digits of GB/T 4754 and of GB/T 2260.
    """
    return _kept(source).of(firms)


@dataclass(frozen=True)
class _Ties:
    """The ties and the parties of every firm of a snapshot, worked out once: a decision asks for those of
    one."""

    source: Snapshot

    def of(self, firms: list[int]) -> pl.DataFrame:
        """Those of some firms, firm by firm."""
        wanted = np.unique(np.array(firms, np.int64))
        if len(wanted) == 1:
            low, high = int(self._at[wanted[0]]), int(self._at[wanted[0] + 1])
            return self._rows.slice(low, high - low)
        return self._rows[self._places(wanted)[0]]

    def summed(self, firms: list[int], fen: dict[int, int]) -> dict[tuple[str, str], tuple[int, int]]:
        """See `sums`."""
        asked = np.unique(self._code[self._places(np.unique(np.array(firms, np.int64)))[0]])
        owing = np.fromiter(fen, np.int64, len(fen))
        rows, of = self._places(owing)
        at = np.minimum(np.searchsorted(asked, self._code[rows]), max(len(asked) - 1, 0))
        met = asked[at] == self._code[rows] if len(asked) else np.zeros(0, np.bool_)
        amount, count = np.zeros(len(asked), np.int64), np.bincount(at[met], minlength=len(asked))
        np.add.at(amount, at[met], np.fromiter(fen.values(), np.int64, len(fen))[of[met]])
        return {
            self._subject[code]: (int(whole), int(n))
            for code, whole, n in zip(asked, amount, count, strict=True)
        }

    def _places(self, firms: Int64) -> tuple[Int64, Int64]:
        """Rows of the ties of some firms, firm by firm, and of which of the firms each is."""
        low = self._at[firms]
        many = self._at[firms + 1] - low
        of = np.repeat(np.arange(len(firms)), many)
        return low[of] + np.arange(len(of)) - (np.cumsum(many) - many)[of], of

    @cached_property
    def _coded(self) -> tuple[list[tuple[str, str]], Int64]:
        """Every dimension and subject once, and for each row which it is."""
        both = self._rows.select("dimension", "subject")
        each = both.unique(maintain_order=True).with_row_index("code")
        codes = both.join(each, on=["dimension", "subject"], maintain_order="left")["code"]
        return list(each.select("dimension", "subject").iter_rows()), codes.cast(pl.Int64).to_numpy()

    @property
    def _subject(self) -> list[tuple[str, str]]:
        return self._coded[0]

    @property
    def _code(self) -> Int64:
        return self._coded[1]

    @cached_property
    def _rows(self) -> pl.DataFrame:
        return _every(self.source).sort("firm", maintain_order=True)

    @cached_property
    def _at(self) -> Int64:
        return starts(self._rows["firm"].to_numpy(), self.source.counts["enterprises"])

    @cached_property
    def parties(self) -> dict[str, int]:
        """Party → row of its firm."""
        return dict(self.source.members.select("party", "enterprise").iter_rows())

    def parties_of(self, firm: int) -> list[str]:
        """Ids of the parties that a firm was joined from."""
        low, high = int(self._parties_at[firm]), int(self._parties_at[firm + 1])
        return self._parties.slice(low, high - low).to_list()

    @cached_property
    def _parties(self) -> pl.Series:
        return self.source.members.sort("enterprise", maintain_order=True)["party"]

    @cached_property
    def _parties_at(self) -> Int64:
        firms = self.source.members["enterprise"].sort().to_numpy()
        return starts(firms, self.source.counts["enterprises"])


#: Snapshots whose ties are kept.
_KEPT = 2
_ties: OrderedDict[tuple[str, str], _Ties] = OrderedDict()
_turn = Lock()


def _kept(source: Snapshot) -> _Ties:
    key = (str(source.folder), source.id)
    with _turn:
        if key not in _ties:
            _ties[key] = _Ties(source)
            while len(_ties) > _KEPT:
                _ties.popitem(last=False)
        _ties.move_to_end(key)
        return _ties[key]


def _every(source: Snapshot) -> pl.DataFrame:
    """The ties of all firms."""
    wanted = pl.Series("firm", np.arange(source.counts["enterprises"], dtype=np.int32))
    found = [
        _self(source, wanted),
        _groups(source, wanted),
        _guarantors(source, wanted),
        _cores(source, wanted),
        _chains(source, wanted),
        _codes(source, wanted, "industry", "industry"),
        _codes(source, wanted, "region", "region"),
    ]
    return pl.concat([part.select(TIES.names()).cast(TIES) for part in found]).unique(maintain_order=True)


def _self(source: Snapshot, firms: pl.Series) -> pl.DataFrame:
    """The legal person: a branch and what succeeds another count with it."""
    own = pl.DataFrame({"firm": firms}).with_columns(subject=source.enterprises["id"].gather(firms))
    heads = source.groups.filter(pl.col("kind") == "one_entity").select(group="id", head="head")
    members = source.group_members.filter(pl.col("enterprise").is_in(firms.implode()))
    one = (
        members.join(heads, on="group")
        .select(firm="enterprise", group="group", head="head")
        .unique("firm", keep="first", maintain_order=True)
    )
    if not one.is_empty():
        ids = source.enterprises["id"]
        named = one.select("firm", root=pl.coalesce(pl.lit(ids).gather("head"), "group"))
        own = own.join(named, on="firm", how="left", maintain_order="left")
        own = own.with_columns(subject=pl.coalesce("root", "subject")).drop("root")
    return own.with_columns(dimension=pl.lit("borrower"))


def _groups(source: Snapshot, firms: pl.Series) -> pl.DataFrame:
    members = source.group_members.filter(pl.col("enterprise").is_in(firms.implode()))
    kinds = source.groups.select(subject="id", dimension=pl.col("kind").replace_strict(_GROUPS, default=None))
    rows = members.select(firm="enterprise", subject="group").unique(maintain_order=True)
    return rows.join(kinds.drop_nulls(), on="subject", maintain_order="left")


def _guarantors(source: Snapshot, firms: pl.Series) -> pl.DataFrame:
    """Who guarantees for a firm, and the firm itself where it guarantees for others."""
    ids = pl.DataFrame({"firm": firms, "id": source.enterprises["id"].gather(firms)})
    given = source.relations.filter(pl.col("kind") == "GUARANTEES").filter(holds(source.as_of))
    by = given.join(ids, left_on="dst", right_on="id").select("firm", subject="src")
    own = given.join(ids, left_on="src", right_on="id").select("firm", subject="src")
    return pl.concat([by, own]).with_columns(dimension=pl.lit("guarantor"))


def holds(day: date) -> pl.Expr:
    """Relations that had begun, were known and had not ended on the day; no day counts as always."""
    begun = pl.all_horizontal((pl.col(name) <= day).fill_null(True) for name in ("first", "known_on"))
    return begun & (pl.col("until") >= day).fill_null(True)


def _cores(source: Snapshot, firms: pl.Series) -> pl.DataFrame:
    """Core enterprises that goods lead to or come from, and the firm itself where it is one."""
    paths = (
        source.scan("goods_paths")
        .filter(pl.col("enterprise").is_in(firms.implode()))
        .select(firm="enterprise", core="core")
        .collect()
    )
    cores = sorted({int(one["enterprise"]) for chain in source.chains for one in chain["cores"]})
    ids = source.enterprises["id"]
    own = pl.DataFrame({"firm": firms, "subject": ids.gather(firms)})
    own = own.filter(pl.col("firm").is_in(cores))
    led = paths.select("firm", subject=pl.lit(ids).gather("core"))
    return pl.concat([led, own]).with_columns(dimension=pl.lit("core"))


def _chains(source: Snapshot, firms: pl.Series) -> pl.DataFrame:
    placed = source.positions.filter(
        pl.col("enterprise").is_in(firms.implode()),
        pl.col("basis") == "observed",
        pl.col("segment").is_not_null(),
    )
    return placed.select(firm="enterprise", subject="chain", dimension=pl.lit("chain"))


def _codes(source: Snapshot, firms: pl.Series, column: str, dimension: str) -> pl.DataFrame:
    """The first two digits of a code; firms without one are told of nowhere."""
    codes = source.enterprises[column].gather(firms).str.extract(r"(\d{2})")
    rows = pl.DataFrame({"firm": firms, "subject": codes}).drop_nulls()
    return rows.with_columns(dimension=pl.lit(dimension))


def parties_in(source: Snapshot, firm: int) -> list[str]:
    """Ids of the parties that the firm in a row was joined from."""
    return _kept(source).parties_of(firm)


def rows_of(source: Snapshot, parties: list[str]) -> dict[str, int]:
    """Party id → row of the firm that it belongs to; parties that the snapshot does not know are left out."""
    every = _kept(source).parties
    found = {party: every[party] for party in parties if party in every}
    for party in parties:
        if party not in found and (row := source.index_of(party)) is not None:
            found[party] = row
    return found


def sums(source: Snapshot, firms: list[int], fen: dict[int, int]) -> dict[tuple[str, str], tuple[int, int]]:
    """(dimension, subject) → fen and firms: all that hangs on whatever the firms hang on, of what each firm
    owes (row → fen). Exact, in whole fen; nothing where the firms hang on nothing."""
    return _kept(source).summed(firms, fen)
