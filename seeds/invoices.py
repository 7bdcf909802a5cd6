"""The invoices of a set of links: dates, items, quantities, tax, red and void ones, as columns.

Money is whole fen, quantities are hundredths of a unit, prices ten-thousandths of a yuan, so that
quantity × price = amount holds exactly as printed. An invoice's number comes from its link and its
place in it, never from the order in which links are worked on.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from seeds.firms import STORY, Firms
from seeds.goods import EXEMPT, Floats, Goods, Ints
from seeds.knowledge import utilities
from seeds.links import HUB, MAIN
from seeds.seasons import DAYS, FIRST, Seasons
from seeds.streams import mixed, stream
from seeds.trade import Trade

RETAIL = 5  # kind of a flow to consumers who are nobody's customer by name
KINDS = ("digital_special", "digital_ordinary", "vat_special", "vat_e_ordinary", "toll")
NORMAL, VOID, REVERSED, PARTLY_REVERSED = range(4)
SLOTS, BLUE = 128, 32  # invoice numbers a link may use, and how many of them for blue ones
MEAN = {MAIN: 3.4, HUB: 1.2}  # invoices beyond the first two; other kinds have fewer
_VARIANTS = 4
_RED, _SECOND_RED, _WHOLE = 0.03, 0.08, 0.6


@dataclass(frozen=True)
class Flows:
    """Who invoices whom, and how much in two years: links and, after them, shops' sales to consumers."""

    number: Ints  # stable, also when flows are reordered
    src: Ints
    dst: Ints  # -1: an anonymous consumer
    kind: Ints
    via: Ints  # segment whose goods are sold, -1 for utilities
    amount: Floats  # yuan without tax
    profile: Ints

    def take(self, rows: Ints) -> "Flows":
        """Some of the flows."""
        return Flows(*(getattr(self, name)[rows] for name in self.__dataclass_fields__))


def invoices_of(
    flows: Flows, firms: Firms, trade: Trade, goods: Goods, seasons: Seasons, seed: int, part: int
) -> pl.DataFrame:
    """All invoice lines of `flows`, red ones included, sorted by seller, day and number."""
    rng = stream(seed, "invoices", part)
    blue = _blue(flows, firms, trade, goods, seasons, rng)
    red = _red(blue, rng)
    whole = red.filter(pl.col("whole"))["ref"].unique()
    partly = red.filter(~pl.col("whole"))["ref"].unique()
    status = (
        pl.when(pl.col("inv").is_in(whole.implode())).then(pl.lit(REVERSED, dtype=pl.Int64))
        .when(pl.col("inv").is_in(partly.implode())).then(pl.lit(PARTLY_REVERSED, dtype=pl.Int64))
        .otherwise(pl.col("status")).alias("status")
    )  # fmt: skip
    both = pl.concat([blue.with_columns(status), red.drop("whole")])
    return both.sort("src", "day", "inv", "line")


def _blue(
    flows: Flows, firms: Firms, trade: Trade, goods: Goods, seasons: Seasons, rng: np.random.Generator
) -> pl.DataFrame:
    size = _how_many(flows, rng)
    row = np.repeat(np.arange(len(size)), size)
    slot = np.arange(len(row)) - np.repeat(np.cumsum(size) - size, size)
    day = seasons.days(flows.profile[row], (slot + rng.random(len(row))) / size[row])
    part = np.exp(rng.normal(0, 0.35, len(row)))
    amount = flows.amount[row] * part / np.bincount(row, weights=part, minlength=len(size))[row]
    kind = _kinds(flows, firms, trade, row, day, rng)
    void = (kind >= 2) & (kind <= 3) & (rng.random(len(row)) < 0.03)
    frame = _lines(flows, firms, goods, row, slot, np.maximum(amount, 20.0), rng)
    invoice = {"day": day, "kind": kind, "status": np.where(void, VOID, NORMAL)}
    at = frame["row"].to_numpy()
    second = rng.integers(8 * 3600 + 1800, 18 * 3600, len(row))
    rate = _rates(flows, firms, trade, goods, row[at], frame["item"].to_numpy())
    fen = frame["amount"].to_numpy()
    return frame.with_columns(
        *(pl.Series(name, values[at]) for name, values in invoice.items()),
        pl.Series("second", second[at]),
        pl.Series("rate", rate),
        pl.Series("tax", (fen * np.maximum(rate, 0) + 50) // 100),
        pl.lit(-1, dtype=pl.Int64).alias("ref"),
        pl.lit(-1, dtype=pl.Int64).alias("ref_day"),
    ).drop("row")


def _how_many(flows: Flows, rng: np.random.Generator) -> Ints:
    """Invoices of each flow: two to thirty; the story firm trades often and gets its bills every month."""
    mean = np.array([MEAN.get(kind, 1.6) for kind in range(RETAIL + 1)])[flows.kind]
    size = 2 + rng.poisson(mean)
    story = (flows.src == STORY) | (flows.dst == STORY)
    size = np.where(story & (flows.kind != HUB), size + 11, size)
    size = np.where(story & (flows.kind == HUB), 24, size)
    return np.minimum(size, BLUE - 2)


def _kinds(flows: Flows, firms: Firms, trade: Trade, row: Ints, day: Ints, rng: np.random.Generator) -> Ints:
    """Special or ordinary by who buys from whom; some sellers still print the older kinds."""
    src, dst = flows.src, flows.dst
    chance = np.where(trade.small_scale[src], 0.2, 0.9)
    chance = np.where((firms.form[np.maximum(dst, 0)] == 1) | (dst < 0), 0.0, chance)
    ordinary = rng.random(len(src)) >= chance
    named = [u.kind for u in utilities()]
    fixed = np.array([KINDS.index(kind) for kind in named])
    of_hub = fixed[np.maximum(firms.utility[src], 0)]
    kind = np.where(flows.kind == HUB, of_hub, ordinary.astype(np.int64))[row]
    holdout = (mixed(src, 23) % 6 == 0) & (flows.kind != HUB) & (src != STORY)
    fading = 0.85 * np.maximum(0.0, 1 - day / (0.9 * DAYS))
    return np.where(holdout[row] & (rng.random(len(row)) < fading), kind + 2, kind)


def _lines(
    flows: Flows, firms: Firms, goods: Goods, row: Ints, slot: Ints, amount: Floats, rng: np.random.Generator
) -> pl.DataFrame:
    """One line an invoice, two on an eighth of them; the amount becomes quantity × price."""
    two = rng.random(len(row)) < 0.12
    first = np.where(two, rng.uniform(0.55, 0.9, len(row)), 1.0)
    at = np.concatenate([np.arange(len(row)), np.flatnonzero(two)])
    line = np.concatenate([np.ones(len(row), dtype=np.int64), np.full(int(two.sum()), 2)])
    yuan = np.concatenate([amount * first, (amount * (1 - first))[two]])
    flow = row[at]
    item = _items(flows, firms, goods, flow, line, rng)
    price = goods.price[item] * np.exp(0.08 * (mixed(flow + flows.number[flow], 31) % 2000 / 1000 - 1))
    price *= np.exp(rng.normal(0, 0.02, len(at)))
    step = np.where(price >= 10, 100, 1)
    cost = np.maximum(1, np.round(price * 10_000 / step)).astype(np.int64) * step
    quantity = np.round(yuan * 1_000_000 / cost).astype(np.int64)
    quantity = np.where(quantity >= 1000, (quantity + 50) // 100 * 100, quantity)
    single = quantity < 100
    quantity = np.where(single, 100, quantity)
    cost = np.where(single, np.maximum(1, np.round(yuan * 100)).astype(np.int64) * 100, cost)
    plain = flows.kind[flow] == HUB
    variant = np.where(~plain & (rng.random(len(at)) < 0.22), rng.integers(1, _VARIANTS, len(at)), 0)
    return pl.DataFrame(
        {
            "row": at,
            "inv": flows.number[flow] * SLOTS + slot[at],
            "line": line,
            "src": flows.src[flow],
            "dst": flows.dst[flow],
            "item": item,
            "variant": variant,
            "quantity": quantity,
            "price": cost,
            "amount": (quantity * cost + 5000) // 10_000,
        }
    )


def _items(
    flows: Flows, firms: Firms, goods: Goods, flow: Ints, line: Ints, rng: np.random.Generator
) -> Ints:
    """One of the seller's few items; a trader buys what it sells; now and then something that says nothing.

    A firm sells one to four items of each segment it stands in, one of them mostly.
    """
    owner = np.where(firms.trader[np.maximum(flows.dst, 0)] & (flows.dst >= 0), flows.dst, flows.src)[flow]
    segments = len(goods.start) - len(utilities())
    group = np.where(flows.via >= 0, flows.via, segments + np.maximum(firms.utility[flows.src], 0))[flow]
    few = 1 + mixed(owner, 41) % np.minimum(4, goods.size[group])
    start = mixed(owner * 1009 + group, 43) % goods.size[group]
    start = np.where(owner == STORY, 0, start)  # the item the story is about
    pick = np.where(rng.random(len(flow)) < 0.5, 0, mixed(flows.dst[flow] + 7 * line, 47) % few)
    item = goods.start[group] + (start + pick) % goods.size[group]
    blank = (rng.random(len(flow)) < np.where(line == 2, 0.25, 0.03)) & (flows.kind[flow] != HUB)
    return np.where(blank, goods.generic[mixed(owner + line, 53) % len(goods.generic)], item)


def _rates(flows: Flows, firms: Firms, trade: Trade, goods: Goods, flow: Ints, item: Ints) -> Ints:
    """Percent, or EXEMPT; small-scale taxpayers charge one percent."""
    rate = goods.rate[item]
    small = trade.small_scale[flows.src[flow]] & (firms.utility[flows.src[flow]] < 0)
    return np.where((rate != EXEMPT) & small, 1, rate)


def _red(blue: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Reversals: of whole invoices or of part of their first line; some twice, some a year later."""
    heads = blue.filter((pl.col("line") == 1) & (pl.col("status") == NORMAL) & (pl.col("kind") != 4))
    drawn = rng.random((3, len(heads)))
    later = (3 + rng.exponential(45, len(heads))).astype(np.int64)
    chosen = heads.select("inv", first="day").with_columns(
        pl.Series("later", later),
        pl.Series("whole", drawn[1] < _WHOLE),
        pl.Series("cut", drawn[2] * 0.35 + 0.1),
    )
    chosen = chosen.filter(pl.Series(drawn[0] < _RED) & (pl.col("first") + pl.col("later") < DAYS))
    again = chosen.filter(~pl.col("whole") & (pl.col("cut") < 0.1 + 0.35 * _SECOND_RED * 2))
    again = again.with_columns(pl.col("later") + 9).filter(pl.col("first") + pl.col("later") < DAYS)
    reds = pl.concat([chosen.with_columns(place=pl.lit(0)), again.with_columns(place=pl.lit(1))])
    lines = reds.join(blue, on="inv", how="inner", maintain_order="left")
    lines = lines.filter(pl.col("whole") | (pl.col("line") == 1))
    part = (pl.col("quantity") * pl.col("cut")).floor().cast(pl.Int64)
    quantity = pl.when("whole").then("quantity").otherwise(part)
    lines = lines.with_columns(quantity.alias("quantity")).filter(pl.col("quantity") > 0)
    amount = (pl.col("quantity") * pl.col("price") + 5000) // 10_000
    lines = lines.with_columns(amount.alias("amount")).filter(pl.col("amount") > 0)
    tax = (pl.col("amount") * pl.col("rate").clip(0, None) + 50) // 100
    return lines.with_columns(
        tax=-tax, amount=-pl.col("amount"), quantity=-pl.col("quantity"), ref="inv", ref_day="day",
        day=pl.col("first") + pl.col("later"),
        inv=pl.col("inv") + BLUE + pl.col("inv") % SLOTS + pl.col("place"),
    ).select(*blue.columns, "whole")  # fmt: skip


def numbers(inv: pl.Expr, day: pl.Expr, kind: pl.Expr, province: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """(code, number) as printed; a digital one has no code and 20 digits, older ones 8 and 10 or 12."""
    second_year = (FIRST.replace(year=FIRST.year + 1) - FIRST).days
    year = pl.when(day < second_year).then(pl.lit("24")).otherwise(pl.lit("25"))
    # The factor shares no divisor with 10^15: different numbers stay different (up to 9 million links).
    sequence = (inv * 7_368_787_003 % 10**15).cast(pl.String).str.zfill(15)
    digital = pl.concat_str(year, province, pl.lit("2"), sequence)
    batch = (inv // 10**8).cast(pl.String)
    special = pl.concat_str(province, pl.lit("00"), year, batch.str.zfill(1), pl.lit("130"))
    ordinary = pl.concat_str(pl.lit("0"), province, pl.lit("00"), year, batch.str.zfill(2), pl.lit("111"))
    older = (kind == 2) | (kind == 3)
    code = pl.when(kind == 2).then(special).when(kind == 3).then(ordinary).otherwise(pl.lit("--"))
    return code, pl.when(older).then((inv % 10**8).cast(pl.String).str.zfill(8)).otherwise(digital)
