"""What learning sees: the graph as of a date, of a published snapshot or of tables about to become one.

Rows keep the numbers they have in the snapshot, so that what is learned can be written beside it. A dated
view holds the full months up to that day and nothing else: every number here comes from `flow`,
`item_flow` and dated relations, never from a column that sums the whole period.
"""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
import polars as pl

from graph import csr
from graph.csr import Graph, Int32, Int64, Mask
from graph.hubs import find_hubs
from graph.segments import score_products
from graph.snapshot import Snapshot, full_months
from graph.snapshot_tables import TABLES, SnapshotTables, shaped
from seeds.chains import Chain
from seeds.knowledge import utility_signs

#: What a registry says of a firm and no sum of amounts: the columns of `View.enterprises`.
SAID = ("id", "name", "code", "region", "industry", "taxpayer", "legal_form")


@dataclass(frozen=True)
class View:
    """n firms and the m links seen up to a day.

    `enterprises`: SAID, one row a firm, seen or not; `months`: the calendar months that count; `graph`: the
    links with any invoice in them; `edge_of` int32[m]: their rows in the snapshot's `edges`; `amount_fen`
    int64[m], net and without tax; `flow`: edge (of this graph), month, amount_fen, count; `items`: month,
    src, dst (null: consumers), product, amount_fen; `products`: id, tax_category, item; `relations`: those
    that held and could be known on the day.
    """

    as_of: date
    months: list[str]
    enterprises: pl.DataFrame
    graph: Graph
    edge_of: Int32
    amount_fen: Int64
    flow: pl.DataFrame
    items: pl.DataFrame
    products: pl.DataFrame
    relations: pl.DataFrame

    @property
    def firms(self) -> int:
        """Number of firms."""
        return self.graph.nodes

    @cached_property
    def makes(self) -> pl.DataFrame:
        """enterprise, product, amount_fen, share: what each firm sold until then; sorted."""
        return _shares(self.items, "src")

    @cached_property
    def buys(self) -> pl.DataFrame:
        """enterprise, product, amount_fen, share: what each firm bought until then; sorted."""
        return _shares(self.items.filter(pl.col("dst").is_not_null()), "dst")

    @cached_property
    def edge_items(self) -> pl.DataFrame:
        """edge, product, amount_fen: what went over each link, net amounts above 0; sorted."""
        pairs = pl.DataFrame({"src": self.graph.src, "dst": self.graph.dst})
        numbered = pairs.with_row_index("edge").cast({"edge": pl.Int32})
        sums = self.items.group_by("src", "dst", "product").agg(pl.col("amount_fen").sum())
        found = sums.filter(pl.col("amount_fen") > 0).join(numbered, on=["src", "dst"])
        return found.select("edge", "product", "amount_fen").sort("edge", "product")

    def scores(self, chains: list[Chain]) -> pl.DataFrame:
        """product, segment, score of every product against the segments (`graph.segments`)."""
        return score_products(self.products, chains)

    def hubs(self, scores: pl.DataFrame) -> Mask:
        """bool[n]: suppliers that everybody buys from, by what was seen until then."""
        customers = np.diff(self.graph.out_indptr)
        buyers = int(np.count_nonzero(np.diff(self.graph.in_indptr)))
        return find_hubs(customers, buyers, self.makes, self.products, scores, utility_signs())


def view_of(source: Snapshot | SnapshotTables, as_of: date | None = None) -> View:
    """The view on a day, None: all that `source` holds.

    Months not over on the day are left out, as are relations that began, or became known, after it or
    ended before it. A relation without days counts always: a registry that names none speaks of now.
    """
    day = source.as_of if as_of is None else as_of
    frames = _frames(source)
    until = len(source.months) if as_of is None else full_months(source.months, day)
    kept = {name: _until(frames[name], until) for name in ("flow", "item_flow")}
    pairs = frames["edges"].select("src", "dst").with_row_index("edge").cast({"edge": pl.Int32}).collect()
    seen = pairs.join(kept["flow"].select("edge").unique(), on="edge", how="semi", maintain_order="left")
    numbered = seen.select("edge").with_row_index("e").cast({"e": pl.Int32})
    flow = (
        kept["flow"]
        .join(numbered, on="edge")
        .select(pl.col("e").alias("edge"), "month", "amount_fen", "count")
    )
    firms = frames["enterprises"].select(SAID).collect()
    graph = csr.build(firms.height, seen["src"].to_numpy(), seen["dst"].to_numpy())
    amount = np.zeros(graph.edges, np.int64)
    np.add.at(amount, flow["edge"].to_numpy(), flow["amount_fen"].to_numpy())
    return View(
        as_of=day,
        months=source.months[:until],
        enterprises=firms,
        graph=graph,
        edge_of=csr.fixed(seen["edge"].to_numpy(), np.int32),
        amount_fen=csr.fixed(amount, np.int64),
        flow=flow.sort("month", "edge"),
        items=kept["item_flow"],
        products=frames["products"].collect(),
        relations=_holding(frames["relations"].collect(), day),
    )


def _frames(source: Snapshot | SnapshotTables) -> dict[str, pl.LazyFrame]:
    """The tables of either, by name, with their columns and order as written."""
    names = ("enterprises", "edges", "flow", "item_flow", "products", "relations")
    if isinstance(source, Snapshot):
        return {name: _whole(source.scan(name), TABLES[name]) for name in names}
    return {name: shaped(name, getattr(source, name)).lazy() for name in names}


def _whole(table: pl.LazyFrame, schema: pl.Schema) -> pl.LazyFrame:
    """With the columns that an older version did not write, empty."""
    written = table.collect_schema().names()
    return table.with_columns(
        pl.lit(None, t).alias(name) for name, t in schema.items() if name not in written
    )


def _until(table: pl.LazyFrame, months: int) -> pl.DataFrame:
    return table.filter(pl.col("month") < months).collect()


def _holding(relations: pl.DataFrame, day: date) -> pl.DataFrame:
    begun = pl.all_horizontal((pl.col(c) <= day).fill_null(True) for c in ("first", "known_on"))
    return relations.filter(begun & (pl.col("until") >= day).fill_null(True))


def _shares(items: pl.DataFrame, who: str) -> pl.DataFrame:
    sums = items.group_by(pl.col(who).alias("enterprise"), "product").agg(pl.col("amount_fen").sum())
    kept = sums.filter(pl.col("amount_fen") > 0).sort("enterprise", "product")
    whole = pl.col("amount_fen").sum().over("enterprise")
    return kept.with_columns(share=pl.col("amount_fen") / whole)
