"""Rows that could be read → invoices: which rows are one invoice, which repeat another, what they sum to."""

from dataclasses import dataclass

import polars as pl

from extraction.copies import drop_copies, repeated_rows, running_number
from extraction.findings import Check, Findings
from extraction.values import add_up, third
from ledger.ids import stable_ids
from ledger.keys import strong_facts, weak_facts

#: What every row of an invoice must say alike.
_HEADER = ("happened_on", "seller", "buyer", "currency", "state", "colour")
#: Taken from the first row of an invoice.
_FIRST = (
    *("row", "document", "sha256", "code", "number", "owner", "side", "kind", "strong", "digital", *_HEADER),
    *("reverses_code", "reverses_number", "words_fen", "total_words"),
    *("invoice_amount_fen", "invoice_tax_fen", "invoice_total_fen"),
)
_AMOUNTS = ("amount", "tax", "total")


@dataclass
class Assembled:
    """Invoices (one row an attestation), their lines, the rows dropped as repetitions, and which row
    belongs to which invoice (`row`, `invoice` = row of the invoice)."""

    invoices: pl.DataFrame
    lines: pl.DataFrame
    dropped: pl.Series
    belongs: pl.DataFrame


def assemble(frame: pl.DataFrame, findings: Findings, per_line: bool) -> Assembled:
    """Group `frame` (typed rows with parties) into invoices; rows of a bad invoice are rejected whole."""
    if not per_line:
        return _one_row_each(frame, findings)
    frame = frame.with_columns(key=_group_key())
    good = _whole(frame, findings, "key")
    kept = drop_copies(good, findings)
    invoices = _grouped(kept)
    _check_invoices(invoices, findings)
    whole = _whole(good, findings, "key")
    kept = kept.join(whole.select("row"), on="row", how="semi", maintain_order="left")
    invoices = invoices.join(kept.select("key").unique(), on="key", how="semi", maintain_order="left")
    invoices = _facts(_statuses(invoices, findings))
    facts = invoices.select("key", "fact", invoice="row")
    lines = kept.join(facts, on="key", how="left", maintain_order="left")
    belongs = lines.select("row", "invoice")
    dropped = _missing(whole, kept)
    return Assembled(_agreeing(invoices, findings), _lines(lines), dropped, belongs)


def _one_row_each(frame: pl.DataFrame, findings: Findings) -> Assembled:
    """Every row is an invoice of its own."""
    frame = _from_print(_without_fatal(frame, findings).with_columns(line_count=pl.lit(1)))
    _check_invoices(frame, findings)
    frame = _facts(_statuses(_without_fatal(frame, findings), findings))
    kept = repeated_rows(frame)
    belongs = kept.select("row", pl.col("row").alias("invoice"))
    lines = kept.filter("has_line") if kept["has_line"].any() else kept.clear()
    lines = lines.with_columns(pl.col("row").alias("key"))
    return Assembled(_agreeing(kept, findings), _lines(lines), _missing(frame, kept), belongs)


def _missing(frame: pl.DataFrame, kept: pl.DataFrame) -> pl.Series:
    """Rows of `frame` that are not among the `kept`."""
    return frame.select("row").join(kept.select("row"), on="row", how="anti")["row"]


def _group_key() -> pl.Expr:
    """Rows of one invoice share this: in one document and book its own number, or all that is known."""
    book = (pl.col("document"), pl.col("owner"), pl.col("side"))
    weak = stable_ids(
        pl.lit("lines"), *book, *(pl.col(c) for c in ("code", "number", "happened_on", "seller", "buyer"))
    )
    strong = stable_ids(pl.lit("rows"), *book, pl.col("code"), pl.col("number"))
    key = pl.when(pl.col("strong")).then(strong).otherwise(weak)
    return pl.when(pl.col("number").is_not_null()).then(key)


def _without_fatal(frame: pl.DataFrame, findings: Findings) -> pl.DataFrame:
    fatal = findings.fatal_rows()
    return frame.filter(~pl.col("row").is_in(fatal.implode())) if len(fatal) else frame


def _whole(frame: pl.DataFrame, findings: Findings, key: str) -> pl.DataFrame:
    """`frame` without invoices of which a row was rejected: half an invoice is none."""
    fatal = findings.fatal_rows()
    if not len(fatal):
        return frame
    bad = pl.col("row").is_in(fatal.implode())
    keys = frame.filter(bad & pl.col(key).is_not_null()).select(key).unique()
    siblings = frame.filter(~bad).join(keys, on=key, how="semi")
    findings.note(siblings, Check("invoice_rejected", "number", pl.lit(True), pl.col("number")))
    return frame.filter(~bad).join(keys, on=key, how="anti", maintain_order="left")


def _grouped(frame: pl.DataFrame) -> pl.DataFrame:
    """One row an invoice, with the sums of its lines where every line has the amount."""
    sums = [
        pl.when(pl.col(f"{a}_fen").null_count() == 0).then(pl.col(f"{a}_fen").sum()).alias(f"{a}_fen")
        for a in _AMOUNTS
    ]
    grouped = frame.group_by("key", maintain_order=True).agg(
        *(pl.col(c).first() for c in _FIRST),
        *sums,
        pl.col("known_at", "remark").min(),  # the order of the rows must not matter
        lines_differ=pl.any_horizontal(pl.col(c).n_unique() > 1 for c in _HEADER),
        line_count=pl.len().cast(pl.Int64),
        has_line=pl.col("has_line").any(),
    )
    return _from_print(grouped)


def _from_print(invoices: pl.DataFrame) -> pl.DataFrame:
    """What is printed for the whole invoice goes before what its lines sum to (kept as `summed_fen`)."""
    if all(invoices[f"invoice_{a}_fen"].null_count() == invoices.height for a in _AMOUNTS):
        return invoices.with_columns(summed_fen=pl.lit(None, dtype=pl.Int64))
    invoices = invoices.with_columns(
        pl.col("amount_fen").alias("summed_fen"),
        *(pl.coalesce(f"invoice_{a}_fen", f"{a}_fen").alias(f"{a}_fen") for a in _AMOUNTS),
    )
    return third(invoices, "amount_fen", "tax_fen", "total_fen")


def _check_invoices(invoices: pl.DataFrame, findings: Findings) -> None:
    """What must hold of an invoice as a whole, to the fen; each line may round by one."""
    foreign = (pl.col("kind") == "foreign") | (pl.col("currency") != "CNY")
    off = (pl.col("summed_fen") - pl.col("invoice_amount_fen")).abs() > pl.col("line_count")
    both = pl.concat_str(pl.col("summed_fen"), pl.col("invoice_amount_fen"), separator=" / ")
    wrong_words = ~foreign & (pl.col("words_fen") != pl.col("total_fen"))
    differ = [Check("lines_differ", "number", pl.col("lines_differ"), pl.col("number"))]
    findings.run(
        invoices,
        [
            *(differ if "lines_differ" in invoices.columns else []),
            add_up("amount_fen", "tax_fen", "total_fen"),
            Check("lines_do_not_sum", "amount", off & ~foreign, both),
            Check("lines_do_not_sum", "amount", off & foreign, both, fatal=False),
            Check("words_disagree", "total_words", wrong_words, pl.col("total_words")),
        ],
    )


def _statuses(invoices: pl.DataFrame, findings: Findings) -> pl.DataFrame:
    """`status`: void before red before normal. A void one that was red stays void."""
    value = pl.coalesce("amount_fen", "total_fen")
    red = (pl.col("colour") == "red") | (pl.col("state") == "red") | (value < 0)
    status = (
        pl.when(pl.col("state") == "void").then(pl.lit("void"))
        .when(red).then(pl.lit("red")).otherwise(pl.lit("normal"))
    )  # fmt: skip
    blue = pl.col("colour") == "blue"
    findings.run(
        invoices,
        [
            Check("red_not_negative", "positive", (pl.col("colour") == "red") & (value > 0), fatal=False),
            Check("blue_negative", "positive", blue & (value < 0), fatal=False),
        ],
    )
    return invoices.with_columns(status=status)


def _facts(invoices: pl.DataFrame) -> pl.DataFrame:
    """Fact ids: the invoice's own key, or the book's (`ledger.keys`). A foreign number is its seller's,
    and holds no further than the book where no seller is known."""
    foreign = (pl.col("kind") == "foreign") & ~pl.col("strong") & pl.col("seller").is_not_null()
    issued = stable_ids(pl.lit("invoice"), pl.lit(""), pl.col("number"), pl.col("seller"))
    weak = weak_facts(pl.col("owner"), pl.col("side"), pl.col("sha256"))
    strong = strong_facts(pl.col("code"), pl.col("number"))
    reverses = pl.col("reverses_number")
    digital = reverses.str.contains(r"^\d{20}$")
    older = pl.col("reverses_code").is_not_null() & reverses.str.contains(r"^\d{8}$")
    theirs = stable_ids(pl.lit("invoice"), pl.lit(""), reverses, pl.col("seller"))
    return invoices.with_columns(
        fact=_lazily(invoices["strong"], strong, pl.when(foreign).then(issued).otherwise(weak)),
        weak=~(pl.col("strong") | foreign),
        reverses=pl.when(digital)
        .then(strong_facts(pl.lit(None), reverses))
        .when(older)
        .then(strong_facts(pl.col("reverses_code"), reverses))
        .when(foreign & reverses.is_not_null())
        .then(theirs),
    )


def _lazily(condition: pl.Series, then: pl.Expr, otherwise: pl.Expr) -> pl.Expr:
    """`when`, without working out a side that no row takes: digests cost time."""
    if condition.all():
        return then
    return pl.when(condition).then(then).otherwise(otherwise) if condition.any() else otherwise


def _agreeing(invoices: pl.DataFrame, findings: Findings) -> pl.DataFrame:
    """Rows of one book with the same key that say different things stay, each an attestation of the
    one invoice, with a warning: what counts is settled when reading (void and red win)."""
    again = invoices.filter(invoices.select("fact", "document").is_duplicated())
    if again.is_empty():
        return invoices
    differing = {
        "same_invoice_other_party": ("seller", "buyer"),
        "same_invoice_other_status": ("status",),
        "same_invoice_other_amount": ("amount_fen", "tax_fen", "total_fen"),
    }
    book = ("fact", "document", "owner", "side")
    for code, columns in differing.items():
        several = pl.any_horizontal(pl.col(c).n_unique().over(book) > 1 for c in columns)
        findings.run(again, [Check(code, columns[0], several, pl.col("number"), fatal=False)])
    return invoices


def _lines(rows: pl.DataFrame) -> pl.DataFrame:
    """Lines numbered from 1 within their invoice, in the order the document prints them."""
    rows = rows.filter("has_line")
    if rows.is_empty():
        return rows.with_columns(line=pl.lit(1))
    rows = rows.with_columns(sequence=running_number(rows)).sort("sequence", "row", nulls_last=True)
    return rows.with_columns(line=pl.col("row").cum_count().over("key")).sort("row")
