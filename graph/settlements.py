"""Payments, contracts and the four flows of a sale, by enterprise index, as a snapshot keeps them.

Each sale shows which of its flows are proven: 合同流 (a contract names it or it names one), 货物流 (nothing
read so far proves a delivery), 发票流 (both sides attest the invoice, or one), 资金流 (how much is paid).
"""

from dataclasses import dataclass, field

import polars as pl

from graph.paper_tables import PAPER_TABLES, blank

PROVEN, PARTLY, NOT_SEEN = "proven", "partly", "not_seen"
#: An invoice short of no more than this is paid: what banks take for a transfer, in fen.
FEE = 20_000


#: Columns of `Paid.movements`.
MOVEMENTS = pl.Schema(
    {
        **dict.fromkeys(("payment", "payer", "payee"), pl.String),
        "happened_on": pl.Date,
        "amount_fen": pl.Int64,
        **dict.fromkeys(("purpose", "channel", "seen"), pl.String),
    }
)


@dataclass(frozen=True)
class Paid:
    """What the matching of payments found, with enterprises for sellers and buyers.

    `settled`: the columns of table `settlements`. `contract_of`: invoice, contract, reason.
    `movements`: each transfer once, columns MOVEMENTS.
    """

    settled: pl.DataFrame = field(
        default_factory=lambda: blank("settlements").cast({"seller": pl.String, "buyer": pl.String})
    )
    contract_of: pl.DataFrame = field(
        default_factory=lambda: pl.DataFrame(
            schema=dict.fromkeys(("invoice", "contract", "reason"), pl.String)
        )
    )
    movements: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=MOVEMENTS))


def numbered(frame: pl.DataFrame, index: pl.DataFrame) -> pl.DataFrame:
    """`frame` with seller and buyer as enterprise indices; rows of firms that are not there are left out."""
    for who in ("seller", "buyer"):
        frame = frame.join(index.rename({"enterprise": who, "i": f"{who}_i"}), on=who, maintain_order="left")
        frame = frame.drop(who).rename({f"{who}_i": who})
    return frame


def settlements(paid: Paid, index: pl.DataFrame, invoices: pl.DataFrame) -> pl.DataFrame:
    """Table `settlements`. `invoices`: each invoice once, for the day it was issued on."""
    days = invoices.select(invoice="fact", invoiced_on="happened_on")
    known = numbered(paid.settled.drop("invoiced_on", strict=False), index)
    return known.join(days, on="invoice", how="left").select(PAPER_TABLES["settlements"].names())


def four_flows(invoices: pl.DataFrame, paid: Paid) -> pl.DataFrame:
    """Table `flows4`: the settled invoices between firms of which more is known than that one side has it."""
    of_proof = pl.col("basis") == "proven"
    blue = pl.col("amount_fen") > 0
    amount = pl.col("amount_fen")
    money = (
        paid.settled.filter(pl.col("invoice").is_not_null() & (pl.col("basis") != "asked"))
        .group_by(fact="invoice")
        .agg(
            amount.filter(of_proof).sum().alias("settled_fen"),
            amount.filter(~of_proof & blue).sum().alias("assumed_fen"),
        )
    )
    asked = paid.settled.filter(pl.col("basis") == "asked").select(fact="invoice").drop_nulls().unique()
    linked = paid.contract_of.select(fact="invoice", contract="contract", named=pl.col("reason"))
    known = (
        invoices.filter(pl.col("seller").is_not_null() & pl.col("buyer").is_not_null())
        .select("fact", "total_fen", "attested", "status")
        .join(money, on="fact", how="left")
        .join(linked, on="fact", how="left")
        .join(asked.with_columns(asked=True), on="fact", how="left")
        .with_columns(pl.col("settled_fen", "assumed_fen").fill_null(0))
        .filter(
            (pl.col("attested") == "both")
            | pl.col("contract").is_not_null()
            | pl.col("asked").is_not_null()
            | (pl.col("settled_fen") != 0)
            | (pl.col("assumed_fen") != 0)
        )
    )
    contract = pl.when(pl.col("named") == "contract_named").then(pl.lit(PROVEN)).when("contract_exists")
    return known.with_columns(contract_exists=pl.col("contract").is_not_null()).select(
        "fact",
        "contract",
        contract.then(pl.lit(PARTLY)).otherwise(pl.lit(NOT_SEEN)).alias("contract_flow"),
        pl.lit(None, pl.String).alias("goods_flow"),
        pl.when(pl.col("attested") == "both")
        .then(pl.lit(PROVEN))
        .otherwise(pl.lit(PARTLY))
        .alias("invoice_flow"),
        _cash().alias("cash_flow"),
        "settled_fen",
        "assumed_fen",
    )


def _cash() -> pl.Expr:
    """Proven: all but a bank's fee. Partly: some of it, or payments that may be for it."""
    settled, total = pl.col("settled_fen"), pl.col("total_fen")
    seen = (settled != 0) | (pl.col("assumed_fen") != 0) | pl.col("asked").is_not_null()
    whole = (settled.abs() >= total.abs() - FEE) & (settled.abs() * 20 > total.abs() * 19)
    return (
        pl.when(whole & (settled != 0))
        .then(pl.lit(PROVEN))
        .when(seen)
        .then(pl.lit(PARTLY))
        .otherwise(pl.lit(NOT_SEEN))
    )


def contract_tables(
    contracts: pl.DataFrame,
    terms: pl.DataFrame,
    invoices: pl.DataFrame,
    paid: Paid,
    enterprise_of: pl.DataFrame,
    index: pl.DataFrame,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Tables `contracts` and `contract_terms`: each contract once, between enterprises of the graph."""
    once = contracts.sort("fact", "row", "reading").unique("fact", keep="first", maintain_order=True)
    firms = enterprise_of.select("party", "enterprise")
    for who in ("seller", "buyer"):
        once = (
            once.join(firms, left_on=who, right_on="party", how="left").drop(who).rename({"enterprise": who})
        )
    proven = paid.settled.filter((pl.col("basis") == "proven") & pl.col("contract").is_not_null())
    settled = proven.group_by(fact="contract").agg(pl.col("amount_fen").sum().alias("settled_fen"))
    billed = (
        paid.contract_of.join(invoices.select(invoice="fact", total="total_fen"), on="invoice")
        .group_by(fact="contract")
        .agg(pl.col("total").sum().alias("invoiced_fen"))
    )
    known = numbered(once, index).join(settled, on="fact", how="left").join(billed, on="fact", how="left")
    heads = known.with_columns(contract="fact").select(PAPER_TABLES["contracts"].names())
    shared = (pl.col("agreed") * pl.col("share")).round().cast(pl.Int64)
    schedule = (
        terms.sort("fact", "term", "reading", "row")
        .unique(["fact", "term"], keep="first", maintain_order=True)
        .rename({"fact": "contract"})
        .join(heads.select("contract", "seller", "buyer", agreed="amount_fen"), on="contract")
        .with_columns(pl.col("share").cast(pl.Float64))
        .with_columns(pl.coalesce("amount_fen", shared).alias("amount_fen"))
    )
    return heads, schedule.select(PAPER_TABLES["contract_terms"].names())
