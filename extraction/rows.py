"""What readers hand on: invoices as rows of text in one set of columns, and facts ready for the ledger.

A reader turns bytes into `Rows` (text only, nothing judged yet), `extraction.normalise` turns them
into `Facts`. Both are frames: no Python object per row.
"""

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

import polars as pl

from ledger.errors import Problem
from ledger.records import TABLES, conform

if TYPE_CHECKING:
    from extraction.source import Source

_LEDGER = ("owner_code", "owner_name", "side", "scope")
_INVOICE = ("kind", "kind_word", "business_word", "code", "number", "issued")
_PARTIES = tuple(
    f"{who}_{what}" for who in ("seller", "buyer") for what in ("code", "name", "address", "phone", "account")
)
_LINE = (
    *("sequence", "item", "tax_category", "specification", "unit", "quantity", "price"),
    *("amount", "rate", "tax", "total"),
)
_REST = (
    *("invoice_amount", "invoice_tax", "invoice_total", "total_words", "currency"),
    *("status_word", "positive", "reverses_code", "reverses_number", "remark"),
)

#: The canonical columns, ONE ROW PER INVOICE LINE, or per invoice where a document gives no lines.
#: All are text as read, except `row` (where in the document, from 1 as a person counts). A column
#: that a reader does not give may be left out of the frame: it counts as null throughout.
#:
#: `owner_code`, `owner_name`  whose books these are; null on a bare paper
#: `side`       sale | purchase: which of the owner's books; null when not known or a bare paper
#: `scope`      name of the layout when its codes mean something only inside that ledger, else null
#: `kind`       a code of ledger/invoice_kinds.yaml where the reader is sure; else `kind_word` decides
#: `business_word`  特定业务类型, which tells farm purchases, tolls … from plain sales
#: `sequence`   running number of the row as the document prints it (序号)
#: `amount`, `rate`, `tax`, `total`  of the line: without tax, tax, with tax
#: `invoice_amount`, `invoice_tax`, `invoice_total`, `total_words`  as printed for the whole invoice
#: `currency`   ISO 4217, null = CNY
#: `status_word` as the document says it (作废发票, 正常 …); `positive` 是/否/Y/N: blue or red
#: `reverses_code`, `reverses_number`  the blue invoice that a red one names outside its remark
COLUMNS: pl.Schema = pl.Schema(
    {"row": pl.Int32} | dict.fromkeys((*_LEDGER, *_INVOICE, *_PARTIES, *_LINE, *_REST), pl.String)
)


@dataclass
class Rows:
    """The invoices of one document as text, and what could not even be split into columns.

    `frame` has columns of `COLUMNS` (not necessarily all). `raw` holds the user's own columns beside
    `row`, for rejects; None means the canonical columns are all there is. `fields` are records of the
    ledger's table `fields` without `reading`, for papers. `per_line` False: every row is an invoice of
    its own, never one line of several. A problem whose row is missing from `frame` rejects that row; one
    whose row is there warns; one with row 0 is about the document as a whole and costs no row. `ledger`
    tells somebody's book from a bare paper: a book must have an owner to be booked. `sha256` is the
    document's, '' where the rows come from no document.
    """

    frame: pl.DataFrame
    format: str
    version: int
    raw: pl.DataFrame | None = None
    fields: list[dict[str, Any]] = field(default_factory=list)
    synthetic: bool = False
    problems: list[Problem] = field(default_factory=list)
    per_line: bool = True
    ledger: bool = False
    sha256: str = ""

    @property
    def nameless(self) -> bool:
        """Whether this is a ledger with rows that do not say whose books they stand in."""
        return self.ledger and not self.frame.filter(_nameless(self.frame)).is_empty()

    def owned_by(self, code: str) -> "Rows":
        """These rows, those of a ledger that name no owner given to the taxpayer `code`."""
        if not self.nameless:
            return self
        owner = pl.when(_nameless(self.frame)).then(pl.lit(code)).otherwise(column(self.frame, "owner_code"))
        return replace(self, frame=self.frame.with_columns(owner.alias("owner_code")))


@dataclass
class Facts:
    """What one document says, as frames of the ledger's tables without `reading`.

    `rows` counts the data rows of the document: rows = accepted + duplicates + rejected, exactly.
    `owner` is the party whose books it is when there is one such party. `warnings` are about the
    document as a whole; warnings about one invoice stand on it.
    """

    tables: dict[str, pl.DataFrame]
    rows: int
    duplicates: int
    rejected: int
    format: str = ""
    version: int = 0
    owner: str | None = None
    synthetic: bool = False
    warnings: list[Problem] = field(default_factory=list)


class Reader(Protocol):
    """One format behind the one door: whether a document is of this format, and what it says."""

    name: str
    version: int

    def recognises(self, source: "Source") -> bool:
        """Whether the content (never the file's name) is of this format; cheap, never raises."""

    def facts(self, source: "Source") -> Facts:
        """What the document says. FileUnreadable when nothing of it can be read."""


def facts_frame(table: str, frame: pl.DataFrame) -> pl.DataFrame:
    """`frame` with exactly the columns of the ledger's `table` but `reading`, which a commit adds."""
    return conform(table, frame).drop("reading", strict=False)


def no_facts(table: str) -> pl.DataFrame:
    """A frame of `table` without `reading` and without rows."""
    return pl.DataFrame(schema={n: t for n, t in TABLES[table].items() if n != "reading"})


def _nameless(frame: pl.DataFrame) -> pl.Expr:
    return column(frame, "owner_code").is_null() & column(frame, "owner_name").is_null()


def column(frame: pl.DataFrame, name: str) -> pl.Expr:
    """A canonical column of `frame`, or nulls where the reader left it out."""
    return pl.col(name) if name in frame.columns else pl.lit(None, dtype=COLUMNS[name]).alias(name)
