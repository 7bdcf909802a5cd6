"""Red invoices and money given back: what a red invoice takes off which blue one, and who was refunded."""

import polars as pl

from extraction.payments_desk import Settled
from extraction.payments_reasons import reason
from ledger.money import yuan

#: Days by which money may be given back before the red invoice is issued.
BEFORE = 30
_PAIR = ["seller", "buyer"]
_SAYS_REFUND = "退款|退货|退还|返还|退回"


def returned(owed: pl.DataFrame) -> pl.DataFrame:
    """invoice, reds {day, amount}: what red invoices take off blue ones.

    A red one that names its blue one takes off that; one that names none takes off the latest earlier one
    of the pair with just that amount. `owed`: fact, seller, buyer, happened_on, total_fen, reverses.
    """
    red = owed.filter(pl.col("total_fen") < 0)
    blue = owed.filter(pl.col("total_fen") > 0).select(
        *_PAIR, "total_fen", invoice="fact", issued="happened_on"
    )
    named = red.join(blue.select("invoice"), left_on="reverses", right_on="invoice", how="semi")
    direct = named.select("fact", "happened_on", "total_fen", invoice="reverses")
    nameless = red.join(direct, on="fact", how="anti").with_columns(size=-pl.col("total_fen"))
    guessed = (
        nameless.join(blue, left_on=[*_PAIR, "size"], right_on=[*_PAIR, "total_fen"])
        .filter(pl.col("issued") <= pl.col("happened_on"))
        .sort("fact", "issued", "invoice", descending=[False, True, False])
        .unique("fact", keep="first", maintain_order=True)
        .unique("invoice", keep="first", maintain_order=True)
        .select("fact", "happened_on", "total_fen", "invoice")
    )
    every = pl.concat([direct, guessed])
    day = pl.col("happened_on").cast(pl.Int32) + 719_163
    return every.select("invoice", reds=pl.struct(day=day, amount="total_fen")).sort("invoice")


def refunds(moved: pl.DataFrame, owed: pl.DataFrame) -> list[tuple[tuple[str, str], Settled]]:
    """Money that the seller gave back, put against red invoices of just that amount."""
    back = moved.filter(
        (pl.col("purpose") == "refund") | pl.col("text").fill_null("").str.contains(_SAYS_REFUND)
    ).select("payment", "happened_on", "amount_fen", seller="payer", buyer="payee")
    red = owed.filter(pl.col("total_fen") < 0).select(
        *_PAIR, invoice="fact", issued="happened_on", amount_fen=-pl.col("total_fen")
    )
    fits = back.join(red, on=[*_PAIR, "amount_fen"]).filter(
        pl.col("issued") <= pl.col("happened_on") + pl.duration(days=BEFORE)
    )
    one = fits.filter((pl.len().over("payment") == 1) & (pl.len().over("invoice") == 1)).sort("payment")
    rows = []
    for payment, seller, buyer, invoice, amount in one.select(
        "payment", *_PAIR, "invoice", "amount_fen"
    ).iter_rows():
        why = [reason("amount_equal", yuan(amount), yuan(amount)), reason("only_fit")]
        rows.append(
            ((seller, buyer), Settled(payment, invoice, None, -amount, "refund", "proven", 0.993, why))
        )
    return rows
