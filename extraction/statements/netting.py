"""Rows put right before they are read: units of ten thousand, what was given back, transfers to oneself."""

from dataclasses import replace
from decimal import Decimal, InvalidOperation

import polars as pl

from extraction.statements.cells import amounts, flags
from extraction.statements.preamble import Preamble, unit_of
from extraction.statements.sections import Section
from extraction.statements.vocabulary import words
from extraction.vocabulary import bare
from ledger.errors import Problem

#: Roles of money whose cells a unit above the table multiplies.
_MONEY = (
    "amount", "out", "in", "balance", "fee", "refunded",
    "order_amount", "settled", "refund_amount", "net",
)  # fmt: skip
_WHOLE = r"已全额退款|全额退款|已退款$"
_PART = r"已退款\s*[(（][¥￥]?\s*([\d,.]+)\s*元?[)）]"


def scaled(section: Section, preamble: Preamble) -> tuple[Section, Preamble]:
    """Both in yuan, where the heading of a column or a line above the table says another unit."""
    cells, made = section.header.cells, []
    for role in _MONEY:
        places = section.header.roles.get(role, [])
        said = unit_of(cells[places[0]]) if places and places[0] < len(cells) else None
        factor = said or preamble.scale
        if factor != 1 and role in section.text.columns:
            texts = [_times(text, factor) for text in section.text[role]]
            made.append(pl.Series(role, texts, dtype=pl.String))
    if preamble.scale != 1:
        ends = (preamble.opening, preamble.closing)
        opening, closing = (None if fen is None else fen * preamble.scale for fen in ends)
        preamble = replace(preamble, opening=opening, closing=closing, scale=1)
    return (replace(section, text=section.text.with_columns(made)) if made else section), preamble


def _times(text: str | None, factor: int) -> str | None:
    """An amount in yuan; what is no plain number stays what it is, with its unit, and is not read."""
    if text is None:
        return None
    try:
        return f"{Decimal(text.replace(',', '').lstrip('¥￥')) * factor:f}"
    except InvalidOperation:
        fen = amounts(pl.Series([text]))[0]
        return f"{text}×{factor}" if fen is None else f"{Decimal(fen) * factor / 100:f}"


def netted(section: Section) -> Section:
    """What was given back taken off the row it was paid on; a row of nothing is marked as such. Where the
    document has a row of its own for money given back, that row says it."""
    text = section.text
    if "amount" not in text.columns or not ({"status", "refunded"} & set(text.columns)):
        return section
    state, paid = section.column("status"), amounts(section.column("amount"))
    frame = pl.DataFrame(
        [paid.alias("paid"), amounts(section.column("refunded")).abs().alias("said"),
         amounts(state.str.extract(_PART, 1)).alias("part"), state.str.contains(_WHOLE).alias("whole"),
         flags(section.column("flag")).alias("side"), section.column("name").alias("name"),
         section.column("summary").fill_null("").str.contains("退款").alias("back")]
    )  # fmt: skip
    size = pl.col("paid").abs()
    given = pl.when(pl.col("whole").fill_null(False)).then(size).otherwise(pl.coalesce("part", "said"))
    frame = frame.with_columns(given=pl.when(~pl.col("back")).then(given)).with_row_index()
    apart = frame.filter("back").select("side", "name", "paid").rows()
    left: list[str | None] = text["amount"].to_list()
    for at, side, name, amount, back in frame.select("index", "side", "name", "paid", "given").iter_rows():
        told = any(s not in (side, "neither", None) and n == name and p == back for s, n, p in apart)
        if back and amount is not None and not told:
            rest = max(abs(amount) - back, 0)
            left[at] = f"{Decimal(rest if amount > 0 else -rest) / 100:f}"
    return replace(section, text=text.with_columns(pl.Series("amount", left, dtype=pl.String)))


def with_own_transfers(section: Section) -> Section:
    """A wallet's payments to the own bank account, which it lists as neither income nor expense, go out."""
    if "flag" not in section.text.columns or not _wallet(section):
        return section
    cells = [section.column(r).fill_null("").alias(r) for r in ("summary", "type")]
    said = pl.DataFrame(cells).select(pl.concat_str(pl.all(), separator=" ")).to_series()
    neither = section.column("flag").is_null() | (flags(section.column("flag")) == "neither").fill_null(False)
    gone = neither & said.str.contains(r"零钱提现|余额提现|^提现|转出到银行卡")
    come = neither & said.str.contains(r"零钱充值|余额充值")
    mark = section.column("flag").zip_with(~gone, pl.Series(["支出"])).zip_with(~come, pl.Series(["收入"]))
    return replace(section, text=section.text.with_columns(mark.alias("flag")))


def _wallet(section: Section) -> bool:
    """Whether marks of neither direction stand there: `/` is a placeholder and null by now."""
    flag = section.column("flag")
    return bool(flag.null_count() or (flags(flag) == "neither").any())


def idle_rows(section: Section) -> pl.Series:
    """Why each row moved no money: its state, or that it is of nothing; null where it did."""
    state = section.column("status").str.to_uppercase()
    failed = state.is_in(list(words().unsuccessful)).fill_null(False)
    if "refund_status" in section.text.columns:
        back = section.column("refund_status").str.to_uppercase()
        lost = back.is_in(list(words().unsuccessful)).fill_null(False)
        state, failed = back.zip_with(lost, state), failed | lost
    blank = pl.Series([None], dtype=pl.String)
    return state.zip_with(failed, blank).alias("idle")


def not_money(reasons: list[str], file: str) -> list[Problem]:
    """What a person hears of rows that were left out because no money moved in them."""
    if not reasons:
        return []
    kinds = sorted(set(map(bare, reasons)))
    value = ", ".join(f"{kind} × {sum(bare(r) == kind for r in reasons)}" for kind in kinds)
    return [Problem("rows_not_money", file, 0, "status", value, {"count": len(reasons)})]
