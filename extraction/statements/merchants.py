"""Merchants' bills: WeChat Pay, Alipay, acquirers list gross sales, refunds, fees; they have no balance."""

import polars as pl

from extraction.findings import Check, Findings
from extraction.statements.cells import amounts, currencies, flags, moments
from extraction.statements.flows import Movements
from extraction.statements.netting import idle_rows, not_money
from extraction.statements.preamble import Preamble
from extraction.statements.sections import Section, is_word
from extraction.statements.vocabulary import words
from ledger.errors import Problem

_NUMBERS = ("order_amount", "refund_amount", "fee", "net", "name", "remark", "serial", "order")


def movements_of(section: Section, preamble: Preamble, file: str) -> Movements:
    """Sales (in, gross, with their fee) and refunds (out). Rows in which no money moved are none."""
    text = section.text
    stamp = moments(section.column("date"), section.column("time"))
    order, settled = (amounts(section.column(c)) for c in ("order_amount", "settled"))
    # A voucher that the merchant gave is no money: what counts is what is settled, before the fee.
    gross = settled.zip_with(settled.is_not_null(), order)
    idle = idle_rows(section)
    back = amounts(section.column("refund_amount"))
    fee, net = amounts(section.column("fee")), amounts(section.column("net"))
    frame = pl.DataFrame(
        [
            text["row"],
            stamp["happened_on"],
            stamp["known_at"],
            gross.alias("gross"),
            back.alias("back"),
            fee.alias("fee"),
            net.alias("net"),
            section.column("order_amount").alias("amount_text"),
            section.column("date").alias("date_text"),
            _refunded(section).alias("refund"),
            idle,
            currencies(section.column("currency")).alias("currency"),
            section.column("name"),
            section.column("kind").alias("summary"),
            section.column("remark"),
            _serial(section).alias("serial"),
            section.column("payer_bank").alias("bank"),
        ]
    )
    looks = text.drop([c for c in _NUMBERS if c in text.columns])
    sums = is_word(looks, words().totals) & stamp["happened_on"].is_null()
    blank = frame["gross"].is_null() & frame["back"].is_null() & frame["happened_on"].is_null()
    frame = _signed(frame.filter(~(sums | blank | frame["idle"].is_not_null())))
    frame = frame.filter((pl.col("signed") != 0).fill_null(True))  # an order of nothing moved nothing
    findings = Findings()
    findings.run(frame, _checks())
    good = frame.filter(~pl.col("row").is_in(findings.fatal_rows().implode()))
    result = Movements(
        _shaped(good), preamble, findings, section.own, frame.height,
        default_purpose="trade", places=section.places, roles=section.header.roles,
    )  # fmt: skip
    result.warnings += not_money(idle.filter(~sums).drop_nulls().to_list(), file)
    result.warnings += [Problem("last_row_unfinished", file, p.row) for p in section.doubtful]
    return result


def _signed(frame: pl.DataFrame) -> pl.DataFrame:
    """`signed`: gross of a sale; of a refund what was given back. With a refund the fee comes back and
    is negative: what came in less what went out less all fees is what was received."""
    refund = pl.col("refund")
    paid = (
        pl.when(pl.col("back").fill_null(0) != 0).then(pl.col("back").abs()).otherwise(pl.col("gross").abs())
    )
    signed = pl.when(refund | (pl.col("gross") < 0)).then(-paid).otherwise(pl.col("gross"))
    fee = pl.coalesce(pl.col("fee").abs(), (pl.col("gross").abs() - pl.col("net").abs()))
    return frame.with_columns(signed=signed, fee_fen=pl.when(signed < 0).then(-fee).otherwise(fee))


def _refunded(section: Section) -> pl.Series:
    """Whether a row gives money back, by its kind, state or mark."""
    pattern = f"(?i){words().refunds.pattern}"
    found = flags(section.column("flag")) == "out"
    found = found.fill_null(False)
    for role in ("kind", "status"):
        found = found | section.column(role).str.contains(pattern).fill_null(False)
    refund_number = section.column("refund_serial").str.contains(r"^[0-9A-Za-z]{6,}$").fill_null(False)
    back = (amounts(section.column("refund_amount")).fill_null(0) != 0) & refund_number
    return found | back


def _serial(section: Section) -> pl.Series:
    """The platform's number; a refund has one of its own."""
    frame = pl.DataFrame(
        [
            _refunded(section).alias("r"),
            *(section.column(c).alias(c) for c in ("refund_serial", "serial", "order")),
        ]
    )
    own = pl.when(pl.col("r") & pl.col("refund_serial").str.contains(r"\w{6,}")).then("refund_serial")
    return frame.select(pl.coalesce(own, "serial", "order").alias("serial")).to_series()


def _checks() -> list[Check]:
    off = pl.col("gross").abs() - pl.col("fee").abs() - pl.col("net").abs()
    return [
        Check("date_unreadable", "date", pl.col("happened_on").is_null(), pl.col("date_text")),
        Check("amount_missing", "amount", pl.col("signed").is_null() & pl.col("amount_text").is_null()),
        Check(
            "amount_unreadable", "amount",
            pl.col("signed").is_null() & pl.col("amount_text").is_not_null(), pl.col("amount_text"),
        ),
        Check("net_is_not_gross_less_fee", "net", off != 0, off.cast(pl.String), fatal=False),
    ]  # fmt: skip


def _shaped(frame: pl.DataFrame) -> pl.DataFrame:
    empty = pl.lit(None, dtype=pl.String)
    kept = (
        "row",
        "happened_on",
        "known_at",
        "signed",
        "fee_fen",
        "currency",
        "name",
        "bank",
        "summary",
        "remark",
        "serial",
    )
    return frame.select(
        *kept,
        balance_fen=pl.lit(None, dtype=pl.Int64),
        account_no=empty,
        type=pl.when(pl.col("signed") < 0).then(pl.lit("退款")),
    ).sort("known_at", maintain_order=True)
