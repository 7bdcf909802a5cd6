"""Part of bench `cashflow`: do a supplier's buyers tell when money will come in?

On a generated economy: receipts of firms month by month. What the graph knows is what each buyer was
invoiced and how late that buyer pays; the plain model knows the supplier's own invoices and the delay of
the pool. The control gives every link another buyer. On the real books only a few dozen links between two
known firms can be seen; there the buyers' recent growth is what is offered.
"""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl

from extraction.ingest import ingest
from graph.csr import Float64, Int64
from ledger.ledger import Ledger
from seeds.economy import generate
from services.cashflow.models.boosted import Extra, grow
from services.cashflow.models.buyers import LATEST, Due, Growth, together
from services.cashflow.models.panel import Panel, panel_of
from services.cashflow.models.selection import Tournament

ENTERPRISES, LINKS = 3000, 15_000
FIRST, MONTHS, HORIZON = date(2024, 1, 1), 24, 3
ORIGINS = (18, 21)
SHUFFLES, DRAWS, SEED = 2, 2000, 11


@dataclass(frozen=True)
class Gain:
    """WAPE without the graph, with it, with shuffled buyers; gains with their 95 % intervals over firms."""

    plain: float
    graph: float
    shuffled: float
    over_shuffled: tuple[float, float, float]
    over_plain: tuple[float, float, float]
    firms: int

    def figures(self) -> dict[str, object]:
        """Rounded, for the table."""
        return {
            "wape": {k: round(float(getattr(self, k)), 4) for k in ("plain", "graph", "shuffled")},
            "gain_over_shuffled": [round(v, 4) for v in self.over_shuffled],
            "gain_over_plain": [round(v, 4) for v in self.over_plain],
            "firms": self.firms,
        }


def run_demo() -> Gain:
    """Generate an economy, read its books, and compare."""
    with tempfile.TemporaryDirectory() as scratch:
        economy = Path(scratch) / "economy"
        generate(economy, ENTERPRISES, LINKS)
        ledger = Ledger(Path(scratch) / "home")
        ingest([economy / "documents"], ledger)
        panel, due = receipts(ledger, pl.read_parquet(economy / "truth" / "payments.parquet"))
    told = np.unique(due.supplier)
    pool = due.of_pool()
    return compare(
        panel,
        told,
        ORIGINS,
        pool,
        together(pool, due),
        [together(pool, due.shuffled(SEED + i)) for i in range(SHUFFLES)],
    )


def receipts(ledger: Ledger, payments: pl.DataFrame) -> tuple[Panel, Due]:
    """What every firm was paid by month, and what each of its links was invoiced, paid or not, and paid for.

    All invoices count, also those not paid by the end: what will be paid is not known at an origin.
    """
    invoices = _invoices(ledger)
    links = invoices.select("payee", "payer").unique().sort("payee", "payer").with_row_index("link")
    paid = payments.join(invoices.select("number", "issued"), left_on="invoice", right_on="number")
    paid = paid.with_columns(paid=_month("paid_on")).filter(
        (pl.col("issued") >= 0) & (pl.col("paid") < MONTHS)
    )
    firms = pl.DataFrame({"payee": paid["payee"].unique().sort()}).with_row_index("firm")
    links = links.join(firms, on="payee", maintain_order="left").with_row_index("at")
    paid = paid.join(links, on=["payee", "payer"]).sort("at", "invoice")
    invoices = invoices.join(links, on=["payee", "payer"]).sort("at", "number")
    invoiced, settled = np.zeros((len(links), MONTHS)), np.zeros((len(links), MONTHS, LATEST))
    np.add.at(
        invoiced, (invoices["at"].to_numpy(), invoices["issued"].to_numpy()), invoices["yuan"].to_numpy()
    )
    issued, when = paid["issued"].to_numpy(), paid["paid"].to_numpy()
    amount = paid["amount_fen"].to_numpy() / 100
    np.add.at(settled, (paid["at"].to_numpy(), issued, np.minimum(when - issued, LATEST - 1)), amount)
    values = np.zeros((len(firms), MONTHS))
    np.add.at(values, (paid["firm"].to_numpy(), when), amount)
    values[np.arange(MONTHS) < np.argmax(values > 0, axis=1)[:, None]] = np.nan
    return panel_of(values, FIRST), Due(
        links["firm"].to_numpy().astype(np.int64), np.maximum(invoiced, 0.0), settled
    )


def _month(day: str) -> pl.Expr:
    return (pl.col(day).dt.year() - FIRST.year) * 12 + pl.col(day).dt.month() - 1


def _invoices(ledger: Ledger) -> pl.DataFrame:
    """number, payee, payer, issued, yuan (with tax) of every invoice between two firms with codes."""
    codes = ledger.scan("parties").select("party", "code").drop_nulls().unique("party", keep="any").collect()
    return (
        ledger.scan("invoices")
        .filter(pl.col("number").is_not_null() & (pl.col("status") != "void"))
        .select("number", "seller", "buyer", "happened_on", yuan=pl.col("total_fen") / 100)
        .collect()
        .sort("number", "seller", "buyer")
        .unique("number", keep="first", maintain_order=True)
        .join(codes.rename({"party": "seller", "code": "payee"}), on="seller")
        .join(codes.rename({"party": "buyer", "code": "payer"}), on="buyer")
        .with_columns(issued=_month("happened_on"))
        .filter((pl.col("issued") >= 0) & (pl.col("issued") < MONTHS))
        .select("number", "payee", "payer", "issued", "yuan")
    )


def run_real(
    panel: Panel, keys: list[tuple[str, str]], pairs: pl.DataFrame, origins: tuple[int, ...]
) -> Gain | None:
    """The same question on real books: `keys` name the panel's rows (firm, side), `pairs` the links seen in
    both firms' books (supplier, buyer, amount). None where too few are known."""
    at = {key: i for i, key in enumerate(keys)}
    known = [
        (at[s, "output"], at[b, "input"], at.get((b, "output"), -1), amount)
        for s, b, amount in pairs.iter_rows()
        if (s, "output") in at and (b, "input") in at
    ]
    if len(known) < 10:
        return None
    supplier, bought, sold, amount = (np.array(column) for column in zip(*known, strict=True))
    nothing = np.full((1, panel.months), np.nan)
    flows = [panel.values[bought], np.vstack([panel.values, nothing])[sold]]
    weight = np.broadcast_to(np.maximum(amount, 1.0)[:, None], (len(known), panel.months))
    growth = Growth(supplier.astype(np.int64), np.arange(len(known)), weight, flows)
    shuffled = [growth.shuffled(SEED + i) for i in range(SHUFFLES)]
    return compare(panel, np.unique(supplier), origins, None, growth, shuffled)


def compare(
    panel: Panel,
    told: Int64,
    origins: tuple[int, ...],
    plain: Extra | None,
    graph: Extra,
    shuffled: Sequence[Extra],
) -> Gain:
    """Errors of the rows `told` at the origins, three ways; trees are grown before each origin."""
    tournament = Tournament(panel, HORIZON)
    sizes = _errors(tournament, told, origins, None, size=True)
    ways = [_errors(tournament, told, origins, extra) for extra in (plain, graph, *shuffled)]
    control = np.mean(ways[2:], axis=0)
    total = sizes.sum()
    return Gain(
        ways[0].sum() / total,
        ways[1].sum() / total,
        control.sum() / total,
        _interval(control - ways[1], sizes),
        _interval(ways[0] - ways[1], sizes),
        len(told),
    )


def _errors(
    tournament: Tournament, told: Int64, origins: tuple[int, ...], extra: Extra | None, size: bool = False
) -> Float64:
    """float64[rows told]: sum of absolute errors (or of absolute amounts)."""
    total = np.zeros(len(told))
    for origin in origins:
        actual = tournament.panel.values[told, origin : origin + tournament.horizon]
        known = ~np.isnan(actual)
        if size:
            total += np.abs(np.nan_to_num(actual)).sum(1)
            continue
        grown = grow(tournament, origin, extra)
        base = tournament.best(origin, "rows")
        forecast = (base if grown is None else grown.forecast(tournament.panel.until(origin), base))[told]
        total += np.where(known, np.abs(np.nan_to_num(actual) - forecast), 0.0).sum(1)
    return total


def _interval(gain: Float64, sizes: Float64) -> tuple[float, float, float]:
    """Gain in WAPE, and the ends of its 95 % interval when firms are drawn again with replacement."""
    rng = np.random.default_rng(SEED)
    drawn = rng.integers(0, len(gain), (DRAWS, len(gain)))
    spread = gain[drawn].sum(1) / np.maximum(sizes[drawn].sum(1), 1e-9)
    low, high = np.quantile(spread, [0.025, 0.975])
    return float(gain.sum() / sizes.sum()), float(low), float(high)
