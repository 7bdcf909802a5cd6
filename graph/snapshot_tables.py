"""What a snapshot holds: its tables, their columns and the order of their rows."""

from dataclasses import dataclass, field, fields
from datetime import date
from functools import cache, partial
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graph.csr import Int64, fixed, starts
from graph.group_tables import GROUP_NULLABLE, GROUP_ORDER, GROUP_POINTERS, GROUP_TABLES
from graph.learned_tables import LEARNED_NULLABLE, LEARNED_ORDER, LEARNED_POINTERS, LEARNED_TABLES
from graph.master import MASTER_ORDER, MASTER_POINTERS, MASTER_TABLES
from graph.paper_tables import PAPER_ORDER, PAPER_POINTERS, PAPER_TABLES
from graph.score_tables import SCORE_NULLABLE, SCORE_ORDER, SCORE_POINTERS, SCORE_TABLES

#: Bumped when an older program could no longer read what is written.
FORMAT = 1

_TEXT = pl.String
_FIRM = {"enterprise": pl.Int32}
_ITEMS = {**_FIRM, "product": pl.Int32, "amount_fen": pl.Int64, "share": pl.Float64}

TABLES: dict[str, pl.Schema] = {
    # One row a firm; the row number is its index everywhere else.
    "enterprises": pl.Schema(
        {
            **dict.fromkeys(("id", "name", "pinyin", "initials", "code", "scheme"), _TEXT),
            **dict.fromkeys(("region", "industry", "size"), _TEXT),
            **dict.fromkeys(("taxpayer", "legal_form", "role"), _TEXT),
            "hub": pl.Boolean,  # everybody buys there: no supply meaning
            "own_sales_until": pl.Date,  # how far its own sales books are in; null = seen in others' papers
            "own_purchases_until": pl.Date,
            "sales_fen": pl.Int64,  # to firms and consumers; all amounts without tax, net of returns
            "purchases_fen": pl.Int64,
            "retail_fen": pl.Int64,  # of which to anonymous consumers
            "customers": pl.Int32,
            "suppliers": pl.Int32,
            "first": pl.Date,
            "last": pl.Date,
        }
    ),
    # The parties a firm was joined from.
    "members": pl.Schema(
        {
            **_FIRM,
            **dict.fromkeys(("party", "scheme", "code", "name"), _TEXT),
            "reason": _TEXT,  # code of a sentence; null for the party the firm is named by
            "evidence": pl.Int32,  # invoices that speak for it
        }
    ),
    # Months of which a firm's own books are in, per side; of the others it is only seen by partners.
    "coverage": pl.Schema(
        {
            **_FIRM,
            "side": _TEXT,
            "month": _TEXT,
            **dict.fromkeys(("invoices", "void", "red"), pl.Int32),
            # Of the valid blue ones, and what their amounts without tax come to by rate of tax.
            **dict.fromkeys(("blue", "weekend", "month_end"), pl.Int32),
            **dict.fromkeys(("rated_fen", "full_rate_fen", "low_rate_fen"), pl.Int64),
        }
    ),
    # One row a pair; the row number is the edge index. Goods flow src → dst.
    "edges": pl.Schema(
        {
            "src": pl.Int32,
            "dst": pl.Int32,
            "gross_fen": pl.Int64,
            "red_fen": pl.Int64,
            "amount_fen": pl.Int64,
            "count": pl.Int32,
            "first": pl.Date,
            "last": pl.Date,
            "attested": _TEXT,  # seller | buyer | both | paper
        }
    ),
    # One row an edge and month: any dated view is a prefix.
    "flow": pl.Schema({"edge": pl.Int32, "month": pl.Int32, "amount_fen": pl.Int64, "count": pl.Int32}),
    # Facts of two books that are one invoice: `evidence` names the canonical one only.
    "aliases": pl.Schema(dict.fromkeys(("fact", "canonical"), _TEXT)),
    "products": pl.Schema(dict.fromkeys(("id", "tax_category", "item"), _TEXT)),
    "makes": pl.Schema(_ITEMS),
    "buys": pl.Schema(_ITEMS),
    # The largest products that went over each edge; rank from 1, amounts net and without tax.
    "edge_products": pl.Schema(
        {"edge": pl.Int32, "product": pl.Int32, "amount_fen": pl.Int64, "rank": pl.Int8}
    ),
    # What was sold in which month; dst null: to consumers. Any dated view is a prefix.
    "item_flow": pl.Schema(
        {
            "month": pl.Int32,
            "src": pl.Int32,
            "dst": pl.Int32,
            "product": pl.Int32,
            "amount_fen": pl.Int64,
        }
    ),
    # One row a firm and chain.
    "positions": pl.Schema(
        {
            **_FIRM,
            "chain": _TEXT,
            "segment": _TEXT,  # null: in the chain by what flows, but unplaced
            "confidence": pl.Float64,
            "membership": pl.Float64,
            "level": pl.Int32,  # null: no core enterprise reached
            "depth": pl.Float64,
            "depth_unweighted": pl.Float64,
            "core": pl.Int32,
            "basis": _TEXT,  # observed: its own goods say so; inferred: its links, name and industry do
            "probability": pl.Float64,  # calibrated, that it stands in this segment
            "chain_probability": pl.Float64,  # calibrated, that it belongs to this chain
        }
    ),
    "relations": pl.Schema(
        {
            "kind": _TEXT,
            "src": _TEXT,
            "src_is_person": pl.Boolean,
            "src_label": _TEXT,
            "dst": _TEXT,
            "share": pl.Float64,
            "amount_fen": pl.Int64,
            "first": pl.Date,
            "until": pl.Date,
            "known_on": pl.Date,  # null: no source says since when it could be known
            "fact": _TEXT,
        }
    ),
    **PAPER_TABLES,
    **MASTER_TABLES,
    **GROUP_TABLES,
    **SCORE_TABLES,
    **LEARNED_TABLES,
}

#: Tables whose row number means something: they must come in order.
_INDEXED = {"enterprises": ("id",), "edges": ("src", "dst")}
#: Tables that are put in order here.
_ORDER = {
    "members": ("enterprise", "party"),
    "coverage": ("enterprise", "side", "month"),
    "flow": ("month", "edge"),
    "aliases": ("canonical", "fact"),
    "makes": ("enterprise", "product"),
    "buys": ("enterprise", "product"),
    "edge_products": ("edge", "rank"),
    "item_flow": ("month", "src", "dst", "product"),
    "positions": ("chain", "enterprise"),
    "relations": (
        "kind",
        "src",
        "dst",
        "first",
        "until",
        "share",
        "amount_fen",
        "src_label",
        "src_is_person",
        "fact",
    ),
    **PAPER_ORDER,
    **MASTER_ORDER,
    **GROUP_ORDER,
    **SCORE_ORDER,
    **LEARNED_ORDER,
}
#: Columns that name a row of another table.
_POINTERS = {
    "members": {"enterprise": "enterprises"},
    "coverage": {"enterprise": "enterprises"},
    "edges": {"src": "enterprises", "dst": "enterprises"},
    "flow": {"edge": "edges"},
    "makes": {"enterprise": "enterprises", "product": "products"},
    "buys": {"enterprise": "enterprises", "product": "products"},
    "edge_products": {"edge": "edges", "product": "products"},
    "item_flow": {"src": "enterprises", "dst": "enterprises", "product": "products"},
    "positions": {"enterprise": "enterprises", "core": "enterprises"},
    "evidence": {"edge": "edges"},
    **PAPER_POINTERS,
    **MASTER_POINTERS,
    **GROUP_POINTERS,
    **SCORE_POINTERS,
    **LEARNED_POINTERS,
}
#: Pointers that may lead nowhere.
_NULLABLE = {("positions", "core"), ("item_flow", "dst")} | GROUP_NULLABLE | SCORE_NULLABLE | LEARNED_NULLABLE
EVIDENCE = pl.Schema({"edge": pl.Int32, "fact": pl.String})


@cache
def _blank(table: str) -> pl.DataFrame:
    return pl.DataFrame(schema=TABLES[table])


@dataclass
class SnapshotTables:
    """Everything a build hands over, one frame a table of `TABLES`.

    `evidence`: edge (int32), fact (16 hex digits), one row an invoice behind an edge. `chains`:
    what `chains.json` holds. `embedding`: bf16[n, d], one row a firm, if any. `months`: "2025-03",
    ascending; `flow.month` counts in it. `as_of`: the last day seen. Missing columns count as null,
    unknown ones are an error.
    """

    as_of: date
    months: list[str]
    synthetic: bool
    enterprises: pl.DataFrame = field(default_factory=partial(_blank, "enterprises"))
    members: pl.DataFrame = field(default_factory=partial(_blank, "members"))
    coverage: pl.DataFrame = field(default_factory=partial(_blank, "coverage"))
    edges: pl.DataFrame = field(default_factory=partial(_blank, "edges"))
    flow: pl.DataFrame = field(default_factory=partial(_blank, "flow"))
    aliases: pl.DataFrame = field(default_factory=partial(_blank, "aliases"))
    products: pl.DataFrame = field(default_factory=partial(_blank, "products"))
    makes: pl.DataFrame = field(default_factory=partial(_blank, "makes"))
    buys: pl.DataFrame = field(default_factory=partial(_blank, "buys"))
    edge_products: pl.DataFrame = field(default_factory=partial(_blank, "edge_products"))
    item_flow: pl.DataFrame = field(default_factory=partial(_blank, "item_flow"))
    positions: pl.DataFrame = field(default_factory=partial(_blank, "positions"))
    relations: pl.DataFrame = field(default_factory=partial(_blank, "relations"))
    sales: pl.DataFrame = field(default_factory=partial(_blank, "sales"))
    settlements: pl.DataFrame = field(default_factory=partial(_blank, "settlements"))
    flows4: pl.DataFrame = field(default_factory=partial(_blank, "flows4"))
    contracts: pl.DataFrame = field(default_factory=partial(_blank, "contracts"))
    contract_terms: pl.DataFrame = field(default_factory=partial(_blank, "contract_terms"))
    reviews: pl.DataFrame = field(default_factory=partial(_blank, "reviews"))
    attributes: pl.DataFrame = field(default_factory=partial(_blank, "attributes"))
    names: pl.DataFrame = field(default_factory=partial(_blank, "names"))
    listings: pl.DataFrame = field(default_factory=partial(_blank, "listings"))
    groups: pl.DataFrame = field(default_factory=partial(_blank, "groups"))
    group_members: pl.DataFrame = field(default_factory=partial(_blank, "group_members"))
    dependence: pl.DataFrame = field(default_factory=partial(_blank, "dependence"))
    goods: pl.DataFrame = field(default_factory=partial(_blank, "goods"))
    scores: pl.DataFrame = field(default_factory=partial(_blank, "scores"))
    score_firms: pl.DataFrame = field(default_factory=partial(_blank, "score_firms"))
    momentum: pl.DataFrame = field(default_factory=partial(_blank, "momentum"))
    position_signs: pl.DataFrame = field(default_factory=partial(_blank, "position_signs"))
    goods_paths: pl.DataFrame = field(default_factory=partial(_blank, "goods_paths"))
    inferred_links: pl.DataFrame = field(default_factory=partial(_blank, "inferred_links"))
    made_of: pl.DataFrame = field(default_factory=partial(_blank, "made_of"))
    evidence: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=EVIDENCE))
    chains: list[dict[str, Any]] = field(default_factory=list)
    embedding: NDArray[np.uint16] | None = None

    def ordered(self) -> dict[str, pl.DataFrame]:
        """Every table with its columns, types and row order as they are written.

        ValueError on an unknown column, a firm or edge out of order or named twice, and on a
        pointer to a row that is not there: a snapshot that contradicts itself is never published.
        """
        frames = {name: shaped(name, getattr(self, name)) for name in TABLES}
        frames["evidence"] = self.evidence.select(pl.col(n).cast(t) for n, t in EVIDENCE.items())
        if self.months != sorted(set(self.months)):
            raise ValueError("months must ascend")
        for table, pointers in _POINTERS.items():
            for column, target in pointers.items():
                _check_range(table, frames[table][column], len(frames[target]), (table, column) in _NULLABLE)
        for table in ("flow", "item_flow"):
            _check_range(table, frames[table]["month"], len(self.months), False)
        return frames

    def counts(self) -> dict[str, int]:
        """Number of rows of each table."""
        names = [f.name for f in fields(self) if isinstance(getattr(self, f.name), pl.DataFrame)]
        return {name: len(getattr(self, name)) for name in names}


def hex_numbers(ids: pl.Series) -> np.ndarray[Any, np.dtype[np.uint64]]:
    """Ids of 16 hex digits as the integers they spell. ValueError when one is none."""
    if not ids.str.contains("^[0-9a-f]{16}$").all() or ids.null_count():
        raise ValueError(f"an id in {ids.name!r} is not 16 lower-case hex digits")
    halves = ids.to_frame("id").select(
        high=pl.col("id").str.slice(0, 8).str.to_integer(base=16, dtype=pl.UInt64),
        low=pl.col("id").str.slice(8).str.to_integer(base=16, dtype=pl.UInt64),
    )
    return np.asarray((halves["high"].to_numpy() << np.uint64(32)) | halves["low"].to_numpy())


def evidence_index(evidence: pl.DataFrame, edges: int) -> tuple[Int64, Any]:
    """Edge → facts as (indptr int64[edges + 1], facts uint64), facts ascending, each once."""
    pairs = pl.DataFrame({"edge": evidence["edge"], "fact": hex_numbers(evidence["fact"])})
    pairs = pairs.unique().sort("edge", "fact")
    return starts(pairs["edge"].to_numpy(), edges), fixed(pairs["fact"].to_numpy(), np.uint64)


def shaped(table: str, frame: pl.DataFrame) -> pl.DataFrame:
    """`frame` with the columns, types and row order of `table`. ValueError as `SnapshotTables.ordered`."""
    schema = TABLES[table]
    if unknown := set(frame.columns) - set(schema):
        raise ValueError(f"{table} has no column {sorted(unknown)}")
    if frame.schema != schema:
        frame = frame.select(
            (pl.col(name) if name in frame.columns else pl.lit(None)).cast(dtype).alias(name)
            for name, dtype in schema.items()
        )
    if table in _INDEXED:
        _check_order(table, frame, _INDEXED[table])
    elif table in _ORDER and not _in_order(frame, _ORDER[table]):
        frame = frame.sort(_ORDER[table], nulls_last=True, maintain_order=True)
    return frame.rechunk()


def _in_order(frame: pl.DataFrame, keys: tuple[str, ...]) -> bool:
    """Whether a bulk table (two integer keys) already is; others are sorted anyway."""
    if len(keys) != 2 or not all(frame.schema[key].is_integer() for key in keys):
        return False
    return bool((_serial(frame, keys).diff().fill_null(0) >= 0).all())


def _serial(frame: pl.DataFrame, keys: tuple[str, ...]) -> pl.Series:
    first, second = (frame[key].cast(pl.Int64) for key in keys)
    return first * (1 << 32) + second


def _check_order(table: str, frame: pl.DataFrame, keys: tuple[str, ...]) -> None:
    column = frame["id"] if keys == ("id",) else _serial(frame, keys)
    if column.null_count() or not bool((column.shift(1) < column).fill_null(True).all()):
        raise ValueError(f"{table} must be sorted by {', '.join(keys)}, each once")


def _check_range(table: str, column: pl.Series, rows: int, nullable: bool) -> None:
    if column.null_count() and not nullable:
        raise ValueError(f"{table}.{column.name} has nulls")
    low, high = column.min(), column.max()
    if low is not None and (int(low) < 0 or int(high) >= rows):  # type: ignore[arg-type]
        raise ValueError(f"{table}.{column.name} points outside 0 … {rows - 1}")
