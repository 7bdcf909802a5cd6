"""The table of positions: what is plain and what is inferred, each with its confidence and its basis."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from gnn.positions.model import PositionModel, Standing, proof_of
from gnn.positions.plain import Plain
from gnn.positions.seats import Seats
from gnn.view import View
from graph.kernels.trivial import nontrivial
from graph.positions import Placing, positions
from graph.segments import segment_table
from seeds.chains import Chain

INFERRED, OBSERVED = "inferred", "observed"


def position_table(
    view: View,
    plain: Plain,
    found: Standing,
    model: PositionModel,
    chains: Sequence[Chain],
    cores: dict[str, list[int]],
) -> pl.DataFrame:
    """Table `positions` of the snapshot. Firms whose goods have names stand where these say; of the others
    those stand somewhere, inferred, of whom the model is sure enough. Depth and level are worked out with
    both, level over observed links alone. `cores`: chain → core enterprises."""
    inferred = _inferred(plain, found)
    g = view.graph
    matters = [plain.usable, plain.usable]
    if view.flow.height:
        last = _last_month(view.months)
        matters = [plain.usable & nontrivial(f, view.flow, view.months, last) for f in (g.src, g.dst)]
    given = Placing(
        chains=[chain.id for chain in chains],
        segments=segment_table(chains),
        placed=plain.placed,
        inferred=inferred,
        cores=cores,
        graph=g,
        amount_fen=view.amount_fen,
        usable=plain.usable,
        counted=matters[0],
        counted_down=matters[1],
    )
    return _with_confidence(positions(given), plain, found, model)


def _inferred(plain: Plain, found: Standing) -> pl.DataFrame:
    """Rows of `graph.segments.place` for firms without named goods, as far as each is believed."""
    silent = (plain.own.segment[:, 0] < 0) & found.placed & ~plain.hubs
    firms = np.flatnonzero(silent)
    best = found.best[firms]
    seats = plain.seats
    return pl.DataFrame(
        {
            "enterprise": firms.astype(np.int32),
            "chain": [seats.chains[seats.chain[s]] for s in best],
            "segment": [seats.ids[s] for s in best],
            "share": found.confidence[firms],
            "role": [seats.role[s] for s in best],
        },
        schema=plain.placed.schema,
    )


def _last_month(months: list[str]) -> date:
    year, month = months[-1].split("-")
    return date(int(year), int(month), 1)


def _with_confidence(
    table: pl.DataFrame, plain: Plain, found: Standing, model: PositionModel
) -> pl.DataFrame:
    """`basis`, `probability` (that it stands in this segment) and `chain_probability` added to each row."""
    firm = table["enterprise"].to_numpy()
    seats, named = plain.seats, plain.own.segment[firm, 0] >= 0
    where = seats.numbers(table["segment"].fill_null(""))
    known = table["segment"].is_not_null().to_numpy()
    own = _share_in(plain.own.segment[firm], plain.own.share[firm], where)
    raw = _share_in(found.raw.segment[firm], found.raw.share[firm], where)
    proof = proof_of(own, raw)
    first = found.best[firm] == np.nan_to_num(where, nan=-2)
    kind = [np.where(first, model.segment[1](proof), model.further(proof)), model.segment[0](raw)]
    of_chain = _in_chain(found, seats, firm, table["chain"])
    probability = np.where(known, np.where(named, *kind), np.nan)
    chain = np.where(named, model.chain[1](np.maximum(proof, of_chain)), model.chain[0](of_chain))
    observed = named & known
    return table.with_columns(
        basis=pl.select(
            pl.when(pl.Series(observed)).then(pl.lit(OBSERVED)).otherwise(pl.lit(INFERRED))
        ).to_series(),
        probability=pl.Series(probability).fill_nan(None),
        chain_probability=np.maximum(chain, np.nan_to_num(probability)),
    )


def _share_in(segment: NDArray[np.int16], share: NDArray[np.float32], where: Any) -> NDArray[np.float64]:
    """float64[k]: the share that each row's belief gives its own segment."""
    return np.asarray((share * (segment == np.nan_to_num(where, nan=-2)[:, None])).sum(axis=1), np.float64)


def _in_chain(
    found: Standing, seats: Seats, firm: NDArray[np.int32], chain: pl.Series
) -> NDArray[np.float64]:
    """float64[k]: the share of each row's belief that lies in its chain."""
    number = {name: i for i, name in enumerate(seats.chains)}
    wanted = np.array([number[name] for name in chain])
    segment = found.raw.segment[firm]
    inside = (segment >= 0) & (seats.chain[segment] == wanted[:, None])
    return np.asarray((found.raw.share[firm] * inside).sum(axis=1), np.float64)
