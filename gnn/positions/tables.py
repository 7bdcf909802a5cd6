"""Why firms stand where they do, and along which goods they reach a core enterprise, as tables."""

import numpy as np
import polars as pl

from gnn.positions.goods_paths import Ways, all_ways, present, ways
from gnn.positions.model import Standing
from gnn.positions.plain import Plain
from gnn.positions.signs import SIGNS
from gnn.view import View
from graph.learned_tables import LEARNED_TABLES

#: Signs that gave less than this, in log odds, are not worth a row.
LEAST = 0.05


def sign_table(found: Standing) -> pl.DataFrame:
    """Table `position_signs`."""
    firm, sign = np.nonzero(np.abs(found.gave) >= LEAST)
    table = {
        "enterprise": firm.astype(np.int32),
        "sign": pl.Series(SIGNS).gather(sign) if len(sign) else pl.Series([], dtype=pl.String),
        "gave": found.gave[firm, sign].astype(np.float64),
    }
    return pl.DataFrame(table, schema=LEARNED_TABLES["position_signs"])


def path_table(view: View, plain: Plain, found: Standing, cores: dict[str, list[int]]) -> pl.DataFrame:
    """Table `goods_paths`: upstream where goods lead from the firm to a core, else downstream; edges are
    those of the snapshot."""
    stands = present(plain, found.raw)
    parts = [pl.DataFrame(schema=LEARNED_TABLES["goods_paths"])]
    for number, chain in enumerate(plain.seats.chains):
        named = cores.get(chain, [])
        if not named:
            continue
        up = _paths(view, ways(view, plain, stands, number, named, True), chain)
        down = _paths(view, ways(view, plain, stands, number, named, False), chain)
        down = down.join(up, on="enterprise", how="anti")
        # A walk that was cut short of a core is none.
        ends = pl.col("core").is_in(named) & ~pl.col("enterprise").is_in(named)
        parts += [part.filter(ends) for part in (up, down)]
    return pl.concat(parts).sort("enterprise", "chain")


def _paths(view: View, found: Ways, chain: str) -> pl.DataFrame:
    firms, worth, edges = all_ways(found, view.graph)
    length = (edges >= 0).sum(axis=1)
    last = edges[np.arange(len(edges)), np.maximum(length - 1, 0)] if len(edges) else np.empty(0, np.int32)
    ends = view.graph.dst if found.upstream else view.graph.src
    rows = pl.DataFrame(
        {
            "enterprise": firms.astype(np.int32),
            "core": ends[last].astype(np.int32) if len(last) else np.empty(0, np.int32),
            "worth": worth.astype(np.float64),
            "row": np.arange(len(firms)),
        }
    )
    steps = pl.DataFrame(
        {
            "row": np.repeat(np.arange(len(firms)), length),
            "edge": view.edge_of[edges[edges >= 0]] if len(edges) else np.empty(0, np.int32),
        }
    )
    listed = steps.group_by("row", maintain_order=True).agg(pl.col("edge").alias("edges"))
    return rows.join(listed, on="row").select(
        "enterprise",
        pl.lit(chain).alias("chain"),
        "core",
        pl.lit(found.upstream).alias("upstream"),
        "worth",
        pl.col("edges").cast(pl.List(pl.Int32)),
    )
