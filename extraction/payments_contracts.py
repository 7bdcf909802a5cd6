"""Which invoices belong to which contract: the number on the invoice, or the only contract of its amount."""

from collections.abc import Sequence

import polars as pl

from ledger.names import normal_forms

#: One row an invoice: its contract, and why: `contract_named` or `amount_equal`.
CONTRACT_OF = pl.Schema(dict.fromkeys(("invoice", "contract", "reason"), pl.String))
_PAIR = ("seller", "buyer")
#: Contract numbers shorter than this name nothing.
SHORTEST = 4


def contract_of(invoices: pl.DataFrame, contracts: pl.DataFrame) -> pl.DataFrame:
    """Columns CONTRACT_OF. `invoices`: fact, seller, buyer, happened_on, total_fen, remark; `contracts`:
    fact, number, seller, buyer, happened_on, total_fen (with tax); all parties are enterprises."""
    if contracts.is_empty() or invoices.is_empty():
        return pl.DataFrame(schema=CONTRACT_OF)
    ours = contracts.select(
        *_PAIR, contract="fact", number=_bare("number"), agreed="total_fen", signed="happened_on"
    )
    both = invoices.select(*_PAIR, "fact", "remark", "total_fen", "happened_on").join(ours, on=list(_PAIR))
    said = both.filter(pl.col("remark").is_not_null() & (pl.col("number").str.len_chars() >= SHORTEST))
    said = said.with_columns(_bare("remark")).filter(
        pl.col("remark").str.contains(pl.col("number"), literal=True)
    )
    named = _longest(said)
    rest = both.join(named, left_on="fact", right_on="invoice", how="anti")
    fits = rest.filter(
        (pl.col("total_fen") == pl.col("agreed")) & (pl.col("happened_on") >= pl.col("signed"))
    )
    one = fits.filter((pl.len().over("fact") == 1) & (pl.len().over("contract") == 1))
    # A contract that invoices name is not also that of an invoice which only has its amount.
    one = one.join(named.select("contract").unique(), on="contract", how="anti")
    by_amount = one.select(invoice="fact", contract="contract", reason=pl.lit("amount_equal"))
    return pl.concat([named, by_amount]).sort("invoice")


def _longest(said: pl.DataFrame) -> pl.DataFrame:
    """Of several numbers that a remark holds the longest, which holds the others (HT-01 in HT-012)."""
    return (
        said.sort("fact", pl.col("number").str.len_chars(), "contract", descending=[False, True, False])
        .unique("fact", keep="first", maintain_order=True)
        .select(invoice="fact", contract="contract", reason=pl.lit("contract_named"))
    )


def _bare(column: str) -> pl.Expr:
    return normal_forms(pl.col(column)).str.replace_all(r"[-_—–/.()#]", "").alias(column)


def with_tax(contracts: pl.DataFrame) -> pl.DataFrame:
    """`contracts` with total_fen: the agreed amount with tax; null where nobody can tell it."""
    rate = pl.col("rate").cast(pl.Float64)
    grown = (pl.col("amount_fen") * (1 + rate)).round().cast(pl.Int64)
    total = pl.when(pl.col("basis") == "without_tax").then(grown).otherwise("amount_fen")
    return contracts.with_columns(total_fen=total)


def instalments(contracts: pl.DataFrame, terms: pl.DataFrame) -> dict[str, tuple[int, ...]]:
    """contract fact → the amounts its schedule asks for, with tax, in the order of its terms."""
    shares = terms.filter(pl.col("kind").is_in(_PAYABLE)).join(
        contracts.select("fact", "total_fen"), on="fact"
    )
    part = (pl.col("total_fen") * pl.col("share").cast(pl.Float64)).round().cast(pl.Int64)
    asked = shares.select("fact", "term", amount=pl.coalesce("amount_fen", part)).drop_nulls()
    grouped = (
        asked.unique(["fact", "term"], keep="first")
        .sort("fact", "term")
        .group_by("fact", maintain_order=True)
    )
    found: Sequence[tuple[str, list[int]]] = grouped.agg("amount").rows()
    return {fact: tuple(amounts) for fact, amounts in found}


_PAYABLE = ("payment", "rent", "deposit", "retention")
