"""The table of enterprises behind every list: made once a snapshot and day, with how credit stands joined on.

What the caller's key may not see (offers, loans, the bank's own lists) is left null, and said so.
"""

from collections.abc import Iterable
from datetime import date
from functools import cached_property
from hashlib import sha256
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from api.asking import Asking
from api.data import Data
from api.hiding import HIDDEN
from api.models import Named
from api.models_lists import ListRow
from api.views.chains import chain_names
from api.views.enterprises import level_text
from extraction.dates import beijing_today
from graph.snapshot import Snapshot
from ledger.words import label, labels
from seeds.regions import region_name
from services.desk import offers
from services.desk.knocked import imported
from services.desk.table import table

#: Column → the scope that shows it.
SHOWN_BY = {"offer": "credit:read", "loan": "portfolios:read"}


class Tables:
    """The table as one caller sees it."""

    def __init__(self, asked: Asking) -> None:
        self._asked = asked
        self.day: date = beijing_today()

    @property
    def hidden(self) -> list[str]:
        """Columns that the caller's key may not see."""
        return [column for column, scope in SHOWN_BY.items() if scope not in self._asked.who.scopes]

    def rows(self) -> pl.DataFrame:
        """`services.desk.table` with columns offer, decision, loan: none where there is none, null where
        hidden. Only enterprises that the caller may see."""
        return self._asked.only(self._standing[1])

    @property
    def state(self) -> str:
        """Changes whenever the rows do: with the snapshot, the day, how credit stands, what may be seen."""
        return self._standing[0]

    def whole(self) -> pl.DataFrame:
        """`services.desk.table` as it is: the same for everybody."""
        return whole_table(self._asked.data, self._asked.snapshot, self.day)

    @cached_property
    def _standing(self) -> tuple[str, pl.DataFrame]:
        """The rows with how credit stands, kept until something about it changes; and a name for them."""
        parts = self._credit()
        told = [self._asked.snapshot.id, self.day, *self.hidden, *map(_fingerprint, parts)]
        name = sha256(repr(told).encode()).hexdigest()
        kept = self._asked.data.worked_out
        return name, kept.get(("standing rows", name), lambda: _joined(self.whole(), *parts))

    def _credit(self) -> tuple[pl.DataFrame | None, pl.DataFrame | None, pl.DataFrame | None]:
        """Offers, what the bank's own lists hit, and loans; None where hidden."""
        parties = parties_of(self._asked.data, self._asked.snapshot)
        made = hit = lent = None
        with self._asked.data.state.reading() as connection:
            if "offer" not in self.hidden:
                made = offers.offers(connection, parties, self.day)
                codes = parties.filter(pl.col("code").is_not_null()).select("code", "enterprise").unique()
                hit = imported(connection, codes, self.day)
            if "loan" not in self.hidden:
                lent = offers.loans(connection, parties)
        return made, hit, lent


def whole_table(data: Data, snapshot: Snapshot, day: date) -> pl.DataFrame:
    """The table of a snapshot and day, made once."""
    return data.worked_out.get(("desk", snapshot.id, day), lambda: table(snapshot, day))


def parties_of(data: Data, snapshot: Snapshot) -> pl.DataFrame:
    """Every party of a snapshot with its enterprise, made once."""
    return data.worked_out.get(("parties", snapshot.id), lambda: offers.parties_of(snapshot))


def warm(data: Data, snapshot: Snapshot) -> None:
    """Make what lists and the explorer are cut from, so that nobody waits for it."""
    whole_table(data, snapshot, beijing_today())
    parties_of(data, snapshot)


def _fingerprint(frame: pl.DataFrame | None) -> str:
    """The same for frames of the same rows, in whatever order. Within one process only."""
    if frame is None:
        return "-"
    lists = [name for name, kind in frame.schema.items() if kind == pl.List]
    flat = frame.with_columns(pl.col(name).list.join(" ") for name in lists)
    return f"{frame.height}:{flat.hash_rows(seed=7).sort().hash(seed=7).sum()}"


def _joined(
    whole: pl.DataFrame, made: pl.DataFrame | None, hit: pl.DataFrame | None, lent: pl.DataFrame | None
) -> pl.DataFrame:
    none = pl.lit(None, pl.String)
    rows = whole.with_columns(offer=none, decision=none, loan=none)
    if made is not None:
        rows = rows.drop("offer", "decision")
        rows = rows.join(made, on="enterprise", how="left", maintain_order="left")
        rows = rows.with_columns(pl.col("offer").fill_null("none"))
    if hit is not None:
        rows = _also_knocked(rows, hit)
    if lent is not None:
        rows = rows.drop("loan").join(lent, on="enterprise", how="left", maintain_order="left")
        rows = rows.with_columns(pl.col("loan").fill_null("none"))
    return rows


def _also_knocked(rows: pl.DataFrame, more: pl.DataFrame) -> pl.DataFrame:
    """With what the bank's own lists add."""
    if more.is_empty():
        return rows
    added = rows.join(more.rename({"knock_outs": "more"}), on="enterprise", how="left", maintain_order="left")
    both = pl.concat_list("knock_outs", pl.col("more").fill_null(pl.lit([], pl.List(pl.String))))
    return added.with_columns(knock_outs=both.list.unique().list.sort()).drop("more")


class Told:
    """Rows of the table in the reader's words."""

    def __init__(
        self, snapshot: Snapshot, rows: pl.DataFrame, lang: str, met: NDArray[np.bool_] | None = None
    ) -> None:
        """`rows`: the whole table, which says in how many chains a firm stands. `met`: bool[enterprises],
        whom the reader knows by name; None: everybody."""
        self._snapshot, self._lang, self._whole, self._met = snapshot, lang, rows, met
        self._chains, self._segments = chain_names(snapshot, lang)
        self._names, self._ids = snapshot.enterprises["name"], snapshot.enterprises["id"]

    def firms(self, rows: pl.DataFrame) -> list[ListRow]:
        """`rows` as items, in their order."""
        wanted = rows["enterprise"].unique()
        of = self._whole.filter(pl.col("enterprise").is_in(wanted.implode()) & pl.col("chain").is_not_null())
        chains = dict(of.group_by("enterprise").len().iter_rows())
        return [self._item(row, chains.get(row["enterprise"], 0)) for row in rows.iter_rows(named=True)]

    def _item(self, row: dict[str, Any], chains: int) -> ListRow:
        lang, chain, segment, core = self._lang, row["chain"], row["segment"], row["core"]
        same = {name: row[name] for name in _SAME}
        return ListRow(
            **same,
            chain_name=self._chains.get(chain),
            segment_name=self._segments.get((chain, segment)),
            chains=chains,
            level_text=level_text(row["level"], lang),
            core=None if core is None else self._core(core),
            region_name=region_name(row["region"], lang),
            size_text=worded(f"size_{row['size']}", row["size"], lang),
            group_text=worded(f"group_{row['group_kind']}", row["group_kind"], lang),
            knock_outs=[
                Named(id=code, name=worded(f"knock_{code}", code, lang) or code) for code in row["knock_outs"]
            ],
            offer_text=worded(f"offer_{row['offer']}", row["offer"], lang),
            loan_text=worded(f"loan_{row['loan']}", row["loan"], lang),
        )

    def _core(self, row: int) -> Named:
        if self._met is not None and not self._met[row]:
            return Named(id=HIDDEN, name=label("another_firm", self._lang))
        return Named(id=self._ids[row], name=self._names[row])


_SAME = (
    *("id", "name", "code", "chain", "segment", "level", "depth", "confidence", "probability", "basis"),
    *("is_core", "hub", "region", "size", "industry", "sales_fen", "growth", "customers", "suppliers"),
    *("own_books", "group", "groups", "offer", "decision", "loan"),
)


def worded(key: str, value: str | None, lang: str) -> str | None:
    """The label `key`; the value itself where nobody wrote one, null where there is none."""
    if value is None:
        return None
    return label(key, lang) if key in labels() else value


def sheet(
    snapshot: Snapshot, rows: pl.DataFrame, lang: str, met: NDArray[np.bool_] | None = None
) -> pl.DataFrame:
    """The rows as people read them in a file: words for codes, amounts in yuan. `met`: as in `Told`."""
    from services.sheets import yuan

    chains, segments = chain_names(snapshot, lang)
    by_segment = {f"{chain} {segment}": name for (chain, segment), name in segments.items()}
    names = snapshot.enterprises["name"]
    core = names.gather(rows["core"])
    if met is not None:
        known = [row is None or bool(met[row]) for row in rows["core"]]
        other = pl.Series([label("another_firm", lang)])
        core = core.zip_with(pl.Series(known, dtype=pl.Boolean), other)
    both = pl.concat_str("chain", pl.lit(" "), "segment").replace_strict(
        by_segment, default=None, return_dtype=pl.String
    )
    basis = {name: label(f"position_{name}", lang) for name in ("observed", "inferred")}
    levels = {level: level_text(level, lang) for level in rows["level"].unique().to_list()}
    knocks = _codes(rows["knock_outs"].explode(empty_as_null=False).unique().drop_nulls(), "knock", lang)
    joined = pl.col("knock_outs").list.eval(pl.element().replace(knocks))
    return rows.select(
        *("id", "name", "code"),
        pl.col("chain").replace_strict(chains, default=None, return_dtype=pl.String),
        both.alias("segment"),
        pl.col("level").replace_strict(levels, default=None, return_dtype=pl.String),
        pl.col("depth").round(2),
        pl.col("confidence").round(4),
        pl.col("basis").replace(basis),
        core.alias("core"),
        _worded(rows["region"], lambda code: region_name(code, lang)).alias("region"),
        _worded(rows["size"], lambda code: worded(f"size_{code}", code, lang)).alias("size"),
        yuan("sales_fen").alias("sales"),
        pl.col("growth").round(4),
        *("customers", "suppliers"),
        _worded(rows["group_kind"], lambda code: worded(f"group_{code}", code, lang)).alias("group"),
        joined.list.join("；" if lang == "zh" else "; ").alias("knock_outs"),
        _worded(rows["offer"], lambda code: worded(f"offer_{code}", code, lang)).alias("offer"),
        _worded(rows["loan"], lambda code: worded(f"loan_{code}", code, lang)).alias("loan"),
    )


def _worded(values: pl.Series, word: Any) -> pl.Series:
    words = {value: word(value) for value in values.drop_nulls().unique()}
    return (
        values.replace_strict(words, default=None, return_dtype=pl.String)
        if words
        else values.cast(pl.String)
    )


def _codes(values: Iterable[str], prefix: str, lang: str) -> dict[str, str]:
    return {value: worded(f"{prefix}_{value}", value, lang) or value for value in values}
