"""Chains as answers: their list, and the industry map aggregated from positions and edges."""

from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from api.models import (
    Candidate,
    Cell,
    ChainMap,
    Chains,
    ChainSummary,
    ChainTotals,
    CoreEnterprise,
    DepthCount,
    Flow,
    MapSegment,
    Named,
    Place,
    Unplaced,
)
from graph.csr import Int64, Mask
from graph.snapshot import Snapshot
from ledger.errors import NotFound

#: How many large buyers are offered as core enterprises where none is known.
CANDIDATES = 10

#: What lists and maps need of an enterprise.
FIRM = (
    *("id", "name", "code", "region", "sales_fen", "purchases_fen"),
    *("hub", "own_sales_until", "own_purchases_until"),
)


def chain_named(snapshot: Snapshot, chain: str) -> dict[str, Any]:
    """The declared chain `chain` as the snapshot holds it. Raises NotFound."""
    for entry in snapshot.chains:
        if entry["id"] == chain:
            return entry
    raise NotFound("chain_not_found", chain=chain)


def chain_names(snapshot: Snapshot, lang: str) -> tuple[dict[str, str], dict[tuple[str, str], str]]:
    """Names of chains by id, and of segments by (chain, segment id)."""
    chains = {c["id"]: c["name"][lang] for c in snapshot.chains}
    segments = {(c["id"], s["id"]): s["name"][lang] for c in snapshot.chains for s in c["segments"]}
    return chains, segments


def standing(snapshot: Snapshot, chain: str) -> pl.DataFrame:
    """Who stands where in a chain, largest sales first (then by enterprise).

    Columns of positions, of enterprises, and `column`: the map column int32, the depth rounded half
    up, null for who stands in no cell (no segment, or no depth).
    """
    rows = snapshot.positions.filter(pl.col("chain") == chain)
    if "basis" not in rows.columns:  # an older build inferred nothing
        rows = rows.with_columns(basis=pl.lit("observed"))
    firms = snapshot.enterprises.select(FIRM)
    depth = pl.when(pl.col("depth").is_finite()).then(pl.col("depth"))
    placed = pl.col("segment").is_not_null() & depth.is_not_null()
    return (
        pl.concat([rows, firms[rows["enterprise"].to_numpy()]], how="horizontal")
        .with_columns(
            depth.alias("depth"),
            pl.when(placed).then((depth + 0.5).floor().cast(pl.Int32)).alias("column"),
            pl.col("sales_fen").fill_null(0),
        )
        .sort(["sales_fen", "enterprise"], descending=[True, False])
    )


def places(snapshot: Snapshot, chain: str) -> pl.DataFrame:
    """Of `standing`, what a map is added up from, in the order of enterprises: read column by column, so
    that a chain of a million firms takes a moment.

    Columns: enterprise, segment, column, basis, region, sales_fen, purchases_fen, hub.
    """
    held = snapshot.scan("positions").filter(pl.col("chain") == chain)
    if "basis" not in held.collect_schema().names():  # an older build inferred nothing
        held = held.with_columns(basis=pl.lit("observed"))
    rows = held.select("enterprise", "segment", "depth", "basis").collect()
    firms = snapshot.scan("enterprises").select("region", "sales_fen", "purchases_fen", "hub").collect()
    depth = pl.when(pl.col("depth").is_finite()).then(pl.col("depth"))
    placed = pl.col("segment").is_not_null() & depth.is_not_null()
    return pl.concat([rows, firms[rows["enterprise"].to_numpy()]], how="horizontal").select(
        "enterprise",
        "segment",
        pl.when(placed).then((depth + 0.5).floor().cast(pl.Int32)).alias("column"),
        *("basis", "region", pl.col("sales_fen").fill_null(0), "purchases_fen", "hub"),
    )


def nowhere(snapshot: Snapshot) -> pl.DataFrame:
    """Who has no segment in any chain, hubs left out: the columns of `standing`, those of places null."""
    placed = _with_segment(snapshot)
    firms = snapshot.enterprises.select(FIRM).with_row_index("enterprise")
    return (
        firms.filter(~pl.col("hub") & ~pl.Series(placed))
        .with_columns(
            *(pl.lit(None, pl.String).alias(name) for name in ("chain", "segment")),
            *(pl.lit(None, pl.Float64).alias(name) for name in ("confidence", "depth")),
            *(pl.lit(None, pl.Int32).alias(name) for name in ("level", "column")),
            pl.col("sales_fen").fill_null(0),
        )
        .sort(["sales_fen", "enterprise"], descending=[True, False])
    )


def _with_segment(snapshot: Snapshot) -> npt.NDArray[np.bool_]:
    """Whether each enterprise has a segment in some chain."""
    found = np.zeros(snapshot.counts["enterprises"], bool)
    held = snapshot.scan("positions").filter(pl.col("segment").is_not_null())
    found[held.select("enterprise").collect().to_series().to_numpy()] = True
    return found


def _totals(snapshot: Snapshot, only: Mask | None) -> ChainTotals:
    hub = snapshot.column("enterprises", "hub")
    mine = np.ones(len(hub), bool) if only is None else only
    placed = int(np.count_nonzero(_with_segment(snapshot) & ~hub & mine))
    hubs, firms = int(np.count_nonzero(hub & mine)), int(np.count_nonzero(mine))
    makers = snapshot.makes["enterprise"].unique().to_numpy()
    return ChainTotals(
        enterprises=firms,
        placed=placed,
        unplaced=firms - placed - hubs,
        hubs=hubs,
        with_goods=int(np.count_nonzero(mine[makers])),
    )


def _density(held: pl.LazyFrame) -> dict[str, list[DepthCount]]:
    """How many enterprises of each chain stand in each column of its map, upstream first."""
    column = (pl.col("depth") + 0.5).floor().cast(pl.Int32).alias("column")
    placed = held.filter(pl.col("segment").is_not_null() & pl.col("depth").is_finite())
    counted = placed.group_by("chain", column).len().sort("chain", "column", descending=[False, True])
    found: dict[str, list[DepthCount]] = {}
    for chain, depth, firms in counted.collect().iter_rows():
        found.setdefault(chain, []).append(DepthCount(depth=depth, enterprises=firms))
    return found


def chains(snapshot: Snapshot, lang: str, only: Mask | None = None) -> Chains:
    """Every chain with its counts. One pass over positions. `only`: bool[enterprises], who counts."""
    sales = snapshot.scan("enterprises").select(pl.col("sales_fen").fill_null(0)).collect().to_series()
    places = snapshot.scan("positions").select("enterprise", "chain", "segment", "depth").collect()
    held = (places if only is None else places.filter(only[places["enterprise"].to_numpy()])).lazy()
    rows = held.select("enterprise").collect().to_series()
    loose = pl.col("segment").is_null() | ~pl.col("depth").is_finite().fill_null(False)
    counted = (
        held.select("chain", sales=sales.gather(rows), unplaced=loose)
        .group_by("chain")
        .agg(pl.len(), pl.col("sales").sum(), pl.col("unplaced").sum())
        .collect()
    )
    density = _density(held)
    by_chain = {row[0]: row[1:] for row in counted.iter_rows()}
    items = []
    for chain in snapshot.chains:
        firms, amount, unplaced = by_chain.get(chain["id"], (0, 0, 0))
        items.append(
            ChainSummary(
                id=chain["id"],
                name=chain["name"][lang],
                enterprises=firms,
                segments=len(chain["segments"]),
                amount_fen=amount,
                unplaced=unplaced,
                synthetic=snapshot.synthetic,
                density=density.get(chain["id"], []),
            )
        )
    return Chains(
        snapshot=snapshot.id,
        as_of=snapshot.as_of,
        items=items,
        total=len(items),
        totals=_totals(snapshot, only),
    )


def chain_map(
    snapshot: Snapshot, chain: str, lang: str, rows: pl.DataFrame | None = None, amounts: Int64 | None = None,
    met: Mask | None = None,
) -> ChainMap:  # fmt: skip
    """The map of a chain. Raises NotFound.

    A cell's amount is the sales of its enterprises; a flow is the sum of the links whose two ends
    stand in cells of this chain, links inside one cell included. `rows` and `amounts` are those of a time:
    who counts (columns of `places`), and what went over each edge. `met`: bool[enterprises], whom the reader
    knows by name; None: everybody.
    """
    declared = chain_named(snapshot, chain)
    rows = places(snapshot, chain) if rows is None else rows
    order = [s["id"] for s in sorted(declared["segments"], key=lambda s: -s["tier"])]
    cells = _cells(rows, order)
    loose = rows.filter(pl.col("column").is_null())
    cores = _cores(snapshot, declared, rows, met)
    columns = cells["column"].to_list()
    return ChainMap(
        snapshot=snapshot.id,
        as_of=snapshot.as_of,
        chain=Named(id=chain, name=declared["name"][lang]),
        synthetic=snapshot.synthetic,
        core_known=bool(declared["cores"]),
        cores=cores,
        candidates=[] if declared["cores"] else _candidates(snapshot, rows, met),
        segments=[_segment(s, lang) for s in declared["segments"]],
        depths=list(range(max(columns), min(columns) - 1, -1)) if columns else [],
        cells=[
            Cell(segment=segment, depth=depth, enterprises=count, inferred=inferred, amount_fen=amount)
            for segment, depth, count, inferred, amount in cells.iter_rows()
        ],
        flows=_flows(snapshot, rows, cells, amounts),
        unplaced=Unplaced(enterprises=loose.height, amount_fen=int(loose["sales_fen"].sum())),
        total=rows.height,
    )


def _segment(declared: dict[str, Any], lang: str) -> MapSegment:
    same = {name: declared[name] for name in ("id", "tier", "role")}
    return MapSegment(**same, name=declared["name"][lang], end=bool(declared.get("end")))


def _cells(rows: pl.DataFrame, order: list[str]) -> pl.DataFrame:
    """segment, column, enterprises, inferred, amount_fen, upstream first; the row is the cell's number."""
    place = pl.col("segment").replace_strict(order, list(range(len(order))), default=len(order))
    return (
        rows.filter(pl.col("column").is_not_null())
        .group_by("segment", "column")
        .agg(
            pl.len().alias("enterprises"),
            (pl.col("basis") == "inferred").sum().alias("inferred"),
            pl.col("sales_fen").sum().alias("amount_fen"),
        )
        .sort(-pl.col("column"), place, pl.col("segment"))
    )


def _flows(snapshot: Snapshot, rows: pl.DataFrame, cells: pl.DataFrame, amounts: Int64 | None) -> list[Flow]:
    """Sums of links between cells, largest first; of `amounts`, links with none are none."""
    numbered = rows.select("enterprise", "segment", "column").join(
        cells.select("segment", "column").with_row_index("cell"), on=["segment", "column"]
    )
    cell = np.full(snapshot.counts["enterprises"], -1, np.int32)
    cell[numbered["enterprise"].to_numpy()] = numbered["cell"].to_numpy()
    src, dst = (cell[snapshot.column("edges", end)] for end in ("src", "dst"))
    fen = snapshot.column("edges", "amount_fen") if amounts is None else amounts
    inside = (src >= 0) & (dst >= 0)
    if amounts is not None:
        inside &= amounts != 0
    ends = src.astype(np.int64)[inside] * cells.height + dst[inside]  # one number a pair: summed quickest
    sums = (
        pl.DataFrame({"ends": ends, "amount_fen": fen[inside]})
        .group_by("ends")
        .agg(pl.col("amount_fen").sum(), pl.len().alias("links"))
        .select(
            (pl.col("ends") // cells.height).alias("src"),
            (pl.col("ends") % cells.height).alias("dst"),
            *("amount_fen", "links"),
        )
        .sort(["amount_fen", "src", "dst"], descending=[True, False, False])
    )
    ends_of = [Place(segment=s, depth=d) for s, d in cells.select("segment", "column").iter_rows()]
    return [
        Flow(from_=ends_of[a], to=ends_of[b], amount_fen=amount, links=links)
        for a, b, amount, links in sums.iter_rows()
    ]


def _cores(
    snapshot: Snapshot, declared: dict[str, Any], rows: pl.DataFrame, met: Mask | None
) -> list[CoreEnterprise]:
    """The chain's named core enterprises, in the declared order."""
    ids = [core["enterprise"] for core in declared["cores"] if met is None or met[core["enterprise"]]]
    segments = dict(rows.filter(pl.col("enterprise").is_in(ids)).select("enterprise", "segment").iter_rows())
    names = _named(snapshot, ids)
    return [CoreEnterprise(id=names[i][0], name=names[i][1], segment=segments.get(i)) for i in ids]


def _named(snapshot: Snapshot, firms: list[int]) -> dict[int, tuple[str, str]]:
    """Row → id and name, without reading whatever else is known of a million firms."""
    read = snapshot.scan("enterprises").select("id", "name").with_row_index("row")
    found = read.filter(pl.col("row").is_in(firms)).collect()
    return {row: (id_, name) for row, id_, name in found.iter_rows()}


def _candidates(snapshot: Snapshot, rows: pl.DataFrame, met: Mask | None) -> list[Candidate]:
    """The largest buyers of the chain, of the whole graph where it is empty; hubs left out."""
    among = rows if rows.height or met is not None else snapshot.enterprises.with_row_index("enterprise")
    largest = (
        among.filter(~pl.col("hub") & (pl.col("purchases_fen") > 0))
        .sort(["purchases_fen", "enterprise"], descending=[True, False])
        .head(CANDIDATES)
    )
    firms = largest["enterprise"].to_list()
    names = _named(snapshot, firms)
    return [
        Candidate(id=names[firm][0], name=names[firm][1], amount_fen=amount)
        for firm, amount in zip(firms, largest["purchases_fen"], strict=True)
    ]
