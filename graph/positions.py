"""Where every enterprise stands: chains, segment, depth, and level to a core enterprise.

Chains are soft. Where a firm's products stand in segments of several chains, the company it keeps
decides how much of it belongs to each: personalised PageRank, restarted at the firms of one chain,
says how much of a firm's dealings lie in that chain. A firm whose products fit nowhere belongs to
chains by its dealings alone and is shown as unplaced in them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from graph.csr import Graph
from graph.kernels.depth import depth
from graph.kernels.level import UNREACHED, level
from graph.kernels.pagerank import damped, membership, personalised

#: A chain counts for a firm when it holds at least this share of the firm.
LEAST_MEMBERSHIP = 0.15
#: Levels beyond this are told as none: nobody can say what a ninth-tier supplier means.
FURTHEST_LEVEL = 8


@dataclass(frozen=True)
class Placing:
    """What positions are made from. `segments`: the table of `graph.segments.segment_table`;
    `placed`: enterprise, chain, segment, share, role; `inferred`: the same of firms placed by
    their links and not by their goods; `cores`: chain → enterprise indices;
    `amount_fen` one an edge; `usable` edges that carry supply meaning (no hubs); `counted` and
    `counted_down` those that count for levels up and down the chain (not trivial either)."""

    chains: Sequence[str]
    segments: pl.DataFrame
    placed: pl.DataFrame
    cores: dict[str, list[int]]
    graph: Graph
    amount_fen: NDArray[np.int64]
    usable: NDArray[np.bool_]
    counted: NDArray[np.bool_]
    counted_down: NDArray[np.bool_]
    inferred: pl.DataFrame | None = None


def positions(given: Placing) -> pl.DataFrame:
    """One row per (chain, enterprise) that belongs there; columns as in the snapshot.

    confidence: share of the firm's sales in that segment; membership: share of the firm in the
    chain; depth weighted by amount and not; level and core from the core enterprises of the chain.
    """
    n = given.graph.nodes
    if not given.chains:
        return pl.DataFrame(schema=POSITIONS)
    seen = _own_shares(given, given.placed, n)
    own = seen if given.inferred is None else seen + _own_shares(given, given.inferred, n)
    share = _chain_shares(given, seen, own)
    parts = [_of_chain(given, c, chain, share[:, c], (seen, own)) for c, chain in enumerate(given.chains)]
    return pl.concat(parts).sort("chain", "enterprise")


POSITIONS = pl.Schema(
    {
        "enterprise": pl.Int32,
        "chain": pl.String,
        "segment": pl.String,
        "confidence": pl.Float64,
        "membership": pl.Float64,
        "level": pl.Int32,
        "depth": pl.Float64,
        "depth_unweighted": pl.Float64,
        "core": pl.Int32,
    }
)


def _own_shares(given: Placing, placed: pl.DataFrame, n: int) -> NDArray[np.float64]:
    """n × chains: how much of what a firm sells stands in each chain."""
    own = np.zeros((n, len(given.chains)))
    number = {chain: c for c, chain in enumerate(given.chains)}
    column = placed["chain"].replace_strict(number, return_dtype=pl.Int32).to_numpy().astype(np.int64)
    np.add.at(own, (placed["enterprise"].to_numpy(), column), placed["share"].to_numpy())
    return own


def _chain_shares(given: Placing, seen: NDArray[np.float64], own: NDArray[np.float64]) -> NDArray[np.float64]:
    """n × chains, rows sum to 1 or 0: products and dealings together. Walks start at firms whose own goods
    are `seen` in a chain; who is inferred there (in `own` as well) moves nobody else.

    Restarts come from firms in proportion to how clearly they belong to one chain, so that firms of
    many chains do not blur the walks.
    """
    whole = seen.sum(axis=1, keepdims=True)
    clear = np.divide(seen, whole, out=np.zeros_like(seen), where=whole > 0) ** 2
    total = own.sum(axis=1, keepdims=True)
    walks = personalised(given.graph, clear, damped(given.amount_fen), given.usable)
    # A chain with many firms spreads its mass thin: weigh by size, so that chances are equal.
    dealings = np.asarray(membership(walks, prior=np.maximum(clear.sum(axis=0), 1e-9)), np.float64)
    both = np.where(total > 0, own * (dealings + 0.02), dealings)
    whole = both.sum(axis=1, keepdims=True)
    return np.asarray(np.divide(both, whole, out=np.zeros_like(both), where=whole > 0))


def _of_chain(
    given: Placing,
    c: int,
    chain: str,
    share: NDArray[np.float64],
    shares: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> pl.DataFrame:
    """The positions in one chain. `shares`: by own goods alone, and with what is inferred."""
    seen, own = shares
    best = _best(given.placed, chain)
    known = best if given.inferred is None else pl.concat([best, _best(given.inferred, chain)])
    cores = given.cores.get(chain, [])
    levels = level(given.graph, np.asarray(cores, np.int32), given.counted, given.counted_down)
    reached = (levels.level != UNREACHED) & (np.abs(levels.level) <= FURTHEST_LEVEL)
    belongs = share >= LEAST_MEMBERSHIP
    # An inference takes nothing away: who is placed by it keeps the chains that its links lead to.
    placed_here, placed_anywhere = own[:, c] > 0, seen.sum(axis=1) > 0
    inside = (belongs & placed_here) | (~placed_anywhere & (belongs | reached))
    inside[cores] = True
    weighted, plain = _depths(given, best, inside, cores)
    rows = np.flatnonzero(inside).astype(np.int32)
    frame = pl.DataFrame(
        {
            "enterprise": rows,
            "chain": pl.Series([chain], dtype=pl.String).new_from_index(0, len(rows)),
            "membership": share[rows],
            "level": np.where(reached[rows], levels.level[rows], UNREACHED),
            "depth": weighted[rows],
            "depth_unweighted": plain[rows],
            "core": np.where(reached[rows], levels.core[rows], -1).astype(np.int32),
        }
    )
    return (
        frame.join(known.select("enterprise", "segment", confidence="share"), on="enterprise", how="left")
        .with_columns(
            pl.col("confidence").fill_null(0.0),
            pl.col("level").replace(int(UNREACHED), None).cast(pl.Int32),
            pl.col("depth").fill_nan(None),
            pl.col("depth_unweighted").fill_nan(None),
            pl.when(pl.col("core") >= 0).then("core").alias("core"),
        )
        .match_to_schema(POSITIONS)
    )


def _best(placed: pl.DataFrame, chain: str) -> pl.DataFrame:
    """Of each firm its largest segment in one chain."""
    return (
        placed.filter(pl.col("chain") == chain)
        .sort("enterprise", "share", "segment", descending=[False, True, False])
        .unique("enterprise", keep="first", maintain_order=True)
    )


def _depths(
    given: Placing, best: pl.DataFrame, inside: NDArray[np.bool_], cores: list[int]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Depth by amount and unweighted, over the chain's own edges."""
    roles = best.rename({"role": "does"}).join(
        given.segments.select("segment", "role", "end"), on="segment", how="left"
    )
    makers = roles.filter(pl.col("end"))["enterprise"].to_numpy()
    ends = makers[inside[makers]]
    if len(ends) == 0:  # nobody is seen to make the end product: count from the core enterprises
        ends = np.asarray(cores, np.int32)
    keep = given.usable & inside[given.graph.src] & inside[given.graph.dst]
    traders = np.zeros(given.graph.nodes, np.bool_)
    traders[
        roles.filter((pl.col("does") == "trade") & (pl.col("role") != "trade"))["enterprise"].to_numpy()
    ] = True
    amount = np.maximum(given.amount_fen, 0)
    weighted = depth(given.graph, ends, keep, amount, _steps(given.graph, keep, amount, traders))
    keep &= amount > 0
    plain = depth(given.graph, ends, keep, None, _steps(given.graph, keep, np.ones_like(amount), traders))
    return weighted.depth, plain.depth


def _steps(
    graph: Graph, keep: NDArray[np.bool_], weight: NDArray[np.int64], traders: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """1 less the share of a firm's sales that goes to traders of its goods.

    A trader stands where the goods it passes on stand: the way into its store is no step of
    production. Dealers below the end product are no such traders: there every hand counts.
    """
    n = graph.nodes
    sold = np.bincount(graph.src, weight * keep, n)
    to_traders = np.bincount(graph.src, weight * (keep & traders[graph.dst]), n)
    return 1.0 - np.divide(to_traders, sold, out=np.zeros(n), where=sold > 0)
