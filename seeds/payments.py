"""Orders before the invoices and payments after them; kept beside the economy for later use."""

from datetime import date

import numpy as np
import polars as pl

from seeds.firms import STORY, Firms
from seeds.invoices import NORMAL, PARTLY_REVERSED, SLOTS, numbers
from seeds.seasons import DAYS, FIRST
from seeds.streams import mixed, stream

KINDS = ("transfer", "bill", "offset", "cash")
_DAY = pl.lit(FIRST)


def payments_of(lines: pl.DataFrame, firms: Firms, seed: int, part: int) -> pl.DataFrame:
    """One payment for each invoice that was paid by the end: when, how much with tax, in what way.

    The agreed term belongs to the link, lateness to the invoice. The story firm is paid at the
    year's end. Reversed and void invoices are not paid; of partly reversed ones what is left is.
    """
    rng = stream(seed, "payments", part)
    total = (pl.col("amount") + pl.col("tax")).sum().alias("total")
    reds = lines.filter(pl.col("ref") >= 0).group_by("ref").agg(total.alias("back"))
    heads = (
        lines.filter(
            pl.col("status").is_in([NORMAL, PARTLY_REVERSED]) & (pl.col("ref") < 0) & (pl.col("dst") >= 0)
        )
        .group_by("inv", maintain_order=True)
        .agg(pl.col("src", "dst", "day", "kind", "ref", "ref_day").first(), total)
        .join(reds, left_on="inv", right_on="ref", how="left", maintain_order="left")
        .with_columns((pl.col("total") + pl.col("back").fill_null(0)).alias("amount_fen"))
    )
    link = heads["inv"].to_numpy() // SLOTS
    term = np.array([15, 30, 30, 60, 60, 90, 90, 180])[mixed(link, 61) % 8]
    paid = heads["day"].to_numpy() + term + rng.exponential(9, len(heads)).astype(np.int64)
    year_end = np.where(heads["day"].to_numpy() < 366, 360, 360 + 365) + rng.integers(0, 5, len(heads))
    story = heads["src"].to_numpy() == STORY
    paid = np.where(story & (paid < year_end), year_end, paid)
    way = np.searchsorted(np.array([0.8, 0.95, 0.98]), rng.random(len(heads)), side="right")
    settled = pl.Series((paid < DAYS) & (rng.random(len(heads)) >= 0.02))
    frame = heads.with_columns(
        pl.Series("paid", paid),
        pl.Series("way", pl.Series(KINDS).gather(way)),
        pl.Series("province", firms.region.gather(heads["src"]).str.slice(0, 2)),
        pl.Series("payee", firms.code.gather(heads["src"])),
        pl.Series("payer", firms.code.gather(heads["dst"])),
    ).filter(settled & (pl.col("amount_fen") > 0))
    _, number = numbers(pl.col("inv"), pl.col("day"), pl.col("kind"), pl.col("province"))
    return frame.select(
        "payer", "payee", number.alias("invoice"), (_DAY + pl.duration(days=pl.col("paid"))).alias("paid_on"),
        "amount_fen", pl.col("way").alias("kind"),
    )  # fmt: skip


def orders_of(lines: pl.DataFrame, firms: Firms, seed: int, part: int) -> pl.DataFrame:
    """Orders: two deliveries in a row of one link belong to one, placed one to six weeks before."""
    rng = stream(seed, "orders", part)
    blue = lines.filter((pl.col("ref") < 0) & (pl.col("dst") >= 0))
    order = (pl.col("inv") // SLOTS * SLOTS + pl.col("inv") % SLOTS // 2).alias("order")
    heads = blue.group_by(order, maintain_order=True).agg(
        pl.col("src", "dst").first(), pl.col("day").min(), pl.col("amount").sum().alias("amount_fen")
    )
    placed = heads["day"].to_numpy() - rng.integers(7, 43, len(heads))
    return heads.with_columns(pl.Series("placed", placed)).select(
        pl.col("order").cast(pl.String),
        pl.Series("buyer", firms.code.gather(heads["dst"])),
        pl.Series("seller", firms.code.gather(heads["src"])),
        (_DAY + pl.duration(days=pl.col("placed"))).alias("placed_on"),
        "amount_fen",
    )


def story_order(firms: Firms, customer: int, signed: date, amount_fen: int) -> pl.DataFrame:
    """The large order the story firm has just won."""
    return pl.DataFrame(
        {
            "order": ["story"],
            "buyer": [firms.code[customer]],
            "seller": [firms.code[STORY]],
            "placed_on": [signed],
            "amount_fen": [amount_fen],
        }
    )
