"""Rows of text → typed columns: numbers, dates, money, kind, status; what cannot be read is noted."""

from datetime import date, timedelta

import polars as pl

from extraction.amount_words import fen_in_words
from extraction.amounts import SCIENTIFIC, decimals, money, rates, tax_text
from extraction.cells import tidy_cells
from extraction.dates import VAT_BEGINS, dated
from extraction.findings import Check, Findings
from extraction.remarks import read_remarks
from extraction.rows import COLUMNS
from extraction.vat_rates import unlawful
from extraction.vocabulary import meaning, vocabulary
from ledger.keys import is_strong

#: Columns of codes, numbers, dates and figures: half width, no marks that force text.
_CODED = frozenset(
    {
        *("code", "number", "issued", "owner_code", "seller_code", "buyer_code", "sequence"),
        *("quantity", "price", "amount", "rate", "tax", "total", "tax_category", "currency"),
        *("invoice_amount", "invoice_tax", "invoice_total", "reverses_code", "reverses_number"),
    }
)
_DOCUMENT = ("document", "sha256", "ledger")
_LINE_MONEY = ("amount", "tax", "total")
_INVOICE_MONEY = ("invoice_amount", "invoice_tax", "invoice_total")
_RMB = ("RMB", "人民币", "元", "CNH")
#: Columns that make a row a line of an invoice rather than an invoice.
LINE_COLUMNS = ("item", "tax_category", "specification", "unit", "quantity", "price", "rate")


def read_values(text: pl.DataFrame, findings: Findings, today: date) -> pl.DataFrame:
    """Rows of text (a batch: `_DOCUMENT` and canonical columns) with typed columns beside them: happened_on,
    known_at, kind, state, colour, `*_fen`, strong, has_line, rate …; what the reader left out is null.
    `today`: the day of loading, after which nothing can have happened."""
    present = [c for c in (*_DOCUMENT, *COLUMNS) if c in text.columns]
    frame = tidy_cells(text.select(present), _CODED, placeholders=False)
    frame = _with_nulls(frame, ("code", "number", "issued", "remark", "reverses_code", "reverses_number"))
    frame = read_remarks(_numbers(frame, findings))
    frame = frame.hstack(dated(frame["issued"]))
    frame = _states(_kinds(frame, findings), findings)
    frame = _line_values(_amounts(frame, findings), findings)
    findings.run(frame, _reading_checks(today))
    return frame


def column(frame: pl.DataFrame, name: str) -> pl.Series:
    """A canonical column of `frame`, nulls where the reader left it out."""
    if name in frame.columns:
        return frame[name]
    return pl.Series(name, [None], dtype=COLUMNS[name]).new_from_index(0, frame.height)


def _with_nulls(frame: pl.DataFrame, names: tuple[str, ...]) -> pl.DataFrame:
    return frame.with_columns(column(frame, n) for n in names if n not in frame.columns)


def _numbers(frame: pl.DataFrame, findings: Findings) -> pl.DataFrame:
    """Zeros that spreadsheets eat come back where the length is known: code of 12, number of 8 digits."""
    number, code = pl.col("number"), pl.col("code")
    findings.run(
        frame,
        [
            Check("number_missing", "number", number.is_null()),
            Check("number_scientific", "number", number.str.contains(SCIENTIFIC), number),
            Check("number_scientific", "code", code.str.contains(SCIENTIFIC), code),
        ],
    )
    frame = frame.with_columns(number=number.str.replace(r"^(\d{1,15})\.0+$", "$1"))
    if code_given := frame["code"].null_count() < frame.height:
        whole = code.str.replace(r"^(\d{9,12})\.0+$", "$1")
        frame = frame.with_columns(code=whole.str.replace(r"^(\d{11})$", "0$1"))
        coded = code.str.contains(r"^\d{10}(\d{2})?$") & number.str.contains(r"^\d{1,7}$")
        frame = frame.with_columns(number=pl.when(coded).then(number.str.zfill(8)).otherwise(number))
    digital = number.str.contains(r"^\d{20}$")
    if code_given:
        frame = frame.with_columns(code=pl.when(digital).then(None).otherwise(code))
    return frame.with_columns(strong=is_strong(code, number), digital=digital.fill_null(False))


def _kinds(frame: pl.DataFrame, findings: Findings) -> pl.DataFrame:
    words = vocabulary()
    word, business = column(frame, "kind_word"), column(frame, "business_word")
    by_word = meaning(word, words.kinds)
    read = frame.select("row", word=word, known=by_word)
    unknown = pl.col("word").is_not_null() & pl.col("known").is_null()
    findings.run(read, [Check("kind_unknown", "kind_word", unknown, pl.col("word"), fatal=False)])
    return frame.with_columns(
        kind=pl.coalesce(meaning(business, words.business), column(frame, "kind"), by_word, pl.lit("unknown"))
    )


def _states(frame: pl.DataFrame, findings: Findings) -> pl.DataFrame:
    """`state` (a key of the vocabulary's status words, null = not said) and `colour` (blue, red, null)."""
    words = vocabulary()
    frame = frame.with_columns(
        state=meaning(column(frame, "status_word"), words.status),
        colour=meaning(column(frame, "positive"), words.positive),
        status_word=column(frame, "status_word"),
    )
    findings.run(
        frame,
        [
            Check(
                "status_unknown", "status_word",
                pl.col("status_word").is_not_null() & pl.col("state").is_null(),
                pl.col("status_word"), fatal=False,
            ),
            Check(
                "reversed_elsewhere", "status_word",
                pl.col("state").is_in(["reversed_fully", "reversed_partly"]),
                pl.col("status_word"), fatal=False,
            ),
            Check("digital_void", "status_word", pl.col("digital") & (pl.col("state") == "void"),
                  pl.col("status_word"), fatal=False),
        ],
    )  # fmt: skip
    return frame


def _amounts(frame: pl.DataFrame, findings: Findings) -> pl.DataFrame:
    """`amount_fen`, `tax_fen`, `total_fen` of the row (the third worked out where two are given) and
    those of the invoice as printed."""
    currency = column(frame, "currency").str.to_uppercase().replace(list(_RMB), ["CNY"] * len(_RMB))
    only_cny = (currency == "CNY").all()  # nulls aside
    frame = frame.with_columns(currency=currency.fill_null("CNY"))
    present = [n for n in (*_LINE_MONEY, *_INVOICE_MONEY) if n in frame.columns]
    for name in present:
        text = tax_text(frame[name]) if name.endswith("tax") else frame[name]
        value = money(text, None if only_cny else frame["currency"]).alias(f"{name}_fen")
        unreadable = (text.is_not_null() & value.is_null()).alias(f"{name}_bad")
        frame = frame.with_columns(value, unreadable)
    findings.run(frame, [c for n in present for c in _money_checks(n)])
    missing = [n for n in (*_LINE_MONEY, *_INVOICE_MONEY) if n not in present]
    frame = frame.drop(f"{n}_bad" for n in present)
    frame = frame.with_columns(pl.lit(None, dtype=pl.Int64).alias(f"{n}_fen") for n in missing)
    for group in (_LINE_MONEY, _INVOICE_MONEY):
        findings.run(frame, [add_up(*(f"{n}_fen" for n in group))])
        frame = third(frame, *(f"{n}_fen" for n in group))
    return _words(frame)


def _money_checks(name: str) -> list[Check]:
    text, bad = pl.col(name), pl.col(f"{name}_bad")
    scientific = text.str.contains(SCIENTIFIC)
    return [
        Check("amount_scientific", name, bad & scientific, text),
        Check("amount_unreadable", name, bad & ~scientific, text),
    ]


def add_up(amount: str, tax: str, total: str) -> Check:
    """Amount + tax = total, to the fen, where all three are given."""
    shown = pl.concat_str(*(pl.col(c).cast(pl.String) for c in (amount, tax, total)), separator=" / ")
    wrong = pl.col(amount) + pl.col(tax) != pl.col(total)
    return Check("amounts_do_not_add", total.removesuffix("_fen"), wrong, shown)


def third(frame: pl.DataFrame, amount: str, tax: str, total: str) -> pl.DataFrame:
    """The one of the three that is not given, from the two that are."""
    if not any(frame[c].null_count() for c in (amount, tax, total)):
        return frame
    a, x, t = pl.col(amount), pl.col(tax), pl.col(total)
    return frame.with_columns(a.fill_null(t - x), x.fill_null(t - a), t.fill_null(a + x))


def _words(frame: pl.DataFrame) -> pl.DataFrame:
    words = column(frame, "total_words")
    distinct = words.unique().drop_nulls()
    read = pl.Series([fen_in_words(w) for w in distinct], dtype=pl.Int64)
    value = words.replace_strict(distinct, read, default=None, return_dtype=pl.Int64)
    return frame.with_columns(words_fen=value, total_words=words)


def _line_values(frame: pl.DataFrame, findings: Findings) -> pl.DataFrame:
    """Quantity, price and rate as decimals; whether the row has anything of a line at all."""
    given = [pl.col(n).is_not_null() for n in LINE_COLUMNS if n in frame.columns]
    frame = frame.with_columns(has_line=pl.any_horizontal(given) if given else pl.lit(False))
    if not given:
        return frame
    rate = rates(column(frame, "rate"))
    frame = frame.with_columns(
        quantity_text=column(frame, "quantity"),
        price_text=column(frame, "price"),
        rate_text=column(frame, "rate"),
        quantity=decimals(column(frame, "quantity")),
        price=decimals(column(frame, "price")),
        rate=rate["rate"],
        rate_read=rate["rate_read"],
        rate_unlawful=unlawful(rate["rate"], frame["happened_on"]),
    )
    findings.run(frame, _line_checks())
    return frame.drop("quantity_text", "price_text", "rate_text", "rate_read", "rate_unlawful")


def _line_checks() -> list[Check]:
    """Warnings about lines: they never reject, for the figures that count are the amounts."""
    cny = pl.col("currency") == "CNY"
    rate, tax, amount = (pl.col(c).cast(pl.Float64) for c in ("rate", "tax_fen", "amount_fen"))
    off = (pl.col("quantity").cast(pl.Float64) * pl.col("price").cast(pl.Float64) * 100 - amount).abs()
    checks = [
        ("quantity_unreadable", "quantity", pl.col("quantity").is_null(), "quantity_text"),
        ("price_unreadable", "price", pl.col("price").is_null(), "price_text"),
        ("rate_unreadable", "rate", ~pl.col("rate_read"), "rate_text"),
        ("rate_not_in_force", "rate", cny & pl.col("rate_unlawful"), "rate_text"),
        ("tax_not_rate", "tax", cny & ((amount * rate - tax).abs() > 6.5), "tax_fen"),
        ("price_times_quantity", "amount", cny & (off > 100) & (off > amount.abs() * 0.005), "amount_fen"),
    ]
    return [Check(c, f, when & pl.col(v).is_not_null(), pl.col(v), fatal=False) for c, f, when, v in checks]


def _reading_checks(today: date) -> list[Check]:
    """What every row must have: a date on which there were such invoices, and an amount somewhere.

    One day is left for clocks that go wrong; one row dated 2099 would move the end of all data there.
    """
    day = pl.col("happened_on")
    amounts = ("amount_fen", "total_fen", "invoice_amount_fen", "invoice_total_fen")
    return [
        Check("date_missing", "issued", pl.col("issued").is_null()),
        Check(
            "date_unreadable",
            "issued",
            pl.col("issued").is_not_null() & pl.col("happened_on").is_null(),
            pl.col("issued"),
        ),
        Check("date_in_future", "issued", day > today + timedelta(days=1), day),
        Check("date_before_vat", "issued", day < VAT_BEGINS, day),
        Check("amount_missing", "amount", pl.all_horizontal(pl.col(a).is_null() for a in amounts)),
    ]
