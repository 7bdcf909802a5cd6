"""The record types of the ledger: which tables there are, their columns, and what each holds.

Every fact carries `reading` (which pass over which document wrote it) and `row` (where in that
document, from 1 as a person counts; 0 = the document as a whole). A fact whose reading has no
row in `documents` does not exist. Columns are only ever added.
"""

from typing import Any

import polars as pl

#: Quantities, prices and rates: exact decimals, never binary floats.
DECIMAL = pl.Decimal(38, 14)
INSTANT = pl.Datetime("us", "UTC")

#: What was wrong with one value of a rejected row, or worth a warning on an accepted one.
PROBLEM = pl.Struct({"code": pl.String, "field": pl.String, "value": pl.String})


def _schema(columns: dict[str, Any]) -> pl.Schema:
    return pl.Schema(columns)


TABLES: dict[str, pl.Schema] = {
    # One row a reading, written last: the commit. `event` is read or withdrawn.
    "documents": _schema(
        {
            "reading": pl.Int64,  # random; never enters a snapshot
            "event": pl.String,
            "sha256": pl.String,  # the document's id
            "name": pl.String,  # file name, or archive.zip/inner/name.xml
            "format": pl.String,  # name of the reader or layout that understood it
            "reader_version": pl.Int32,
            "bytes": pl.Int64,
            "owner": pl.String,  # party whose books it is, null when it is nobody's
            "rows": pl.Int64,  # data rows in the document
            "facts": pl.Int64,
            "duplicates": pl.Int64,  # rows that repeat another row of the same document
            "rejected": pl.Int64,
            "synthetic": pl.Boolean,  # made by the generator, to be shown as such
            "loaded_at": INSTANT,
        }
    ),
    # One row an attestation: the same invoice from two books stands twice, with one `fact`.
    "invoices": _schema(
        {
            "reading": pl.Int64,
            "row": pl.Int32,
            "fact": pl.String,  # id of the invoice, see `ledger.keys`
            "weak": pl.Boolean,  # true: the key lacks the invoice code and holds in one book only
            "kind": pl.String,  # a code of ledger/invoice_kinds.yaml
            "code": pl.String,  # 10 or 12 digits, null on fully digitalised ones
            "number": pl.String,  # as text, as read
            "happened_on": pl.Date,
            "known_at": INSTANT,
            "seller": pl.String,  # party the goods come from, whoever issued
            "buyer": pl.String,  # party, null for anonymous consumers
            "owner": pl.String,  # party whose books say so, null on a bare paper
            "side": pl.String,  # sale | purchase: which of the owner's books; null on a bare paper
            "currency": pl.String,
            "amount_fen": pl.Int64,  # without tax; negative on red invoices
            "tax_fen": pl.Int64,
            "total_fen": pl.Int64,  # including tax
            "status": pl.String,  # normal | void | red
            "reverses": pl.String,  # fact id of the blue invoice a red one names, if it does
            "remark": pl.String,  # personal numbers masked
            "warnings": pl.List(PROBLEM),
        }
    ),
    "invoice_lines": _schema(
        {
            "reading": pl.Int64,
            "row": pl.Int32,
            "fact": pl.String,
            "line": pl.Int32,  # from 1 within the invoice
            "item": pl.String,  # as printed, e.g. *塑料制品*高温尼龙切片
            "tax_category": pl.String,  # 19 digits or null
            "specification": pl.String,
            "unit": pl.String,
            "quantity": DECIMAL,
            "price": DECIMAL,  # without tax
            "amount_fen": pl.Int64,  # without tax
            "rate": DECIMAL,  # 0.13; null for exempt and not taxed
            "tax_fen": pl.Int64,
        }
    ),
    # What a document says about a firm. Address, telephone and account are evidence for who is who.
    "parties": _schema(
        {
            "reading": pl.Int64,
            "party": pl.String,
            "scheme": pl.String,  # uscc | tax | scoped | name
            "scope": pl.String,  # empty, or the book inside which `code` means something
            "code": pl.String,  # masked where it holds a personal number
            "name": pl.String,
            "address": pl.String,
            "phone": pl.String,
            "account": pl.String,
            "region": pl.String,  # GB/T 2260, six digits
            "industry": pl.String,  # GB/T 4754 code
            "size": pl.String,  # large | medium | small | micro
            "taxpayer": pl.String,  # general | small_scale
            "legal_form": pl.String,  # company | individual_business | cooperative | person
        }
    ),
    # People, ownership, branches, guarantees … from registry layouts. Kinds as in graph/model.py.
    "relations": _schema(
        {
            "reading": pl.Int64,
            "row": pl.Int32,
            "fact": pl.String,
            "kind": pl.String,  # OWNS, CONTROLS, LEGAL_REP_OF, BRANCH_OF, SUCCEEDS, GUARANTEES …
            "src": pl.String,  # party, or person id when src_is_person
            "src_is_person": pl.Boolean,
            "src_label": pl.String,  # masked name of a person, else null
            "dst": pl.String,  # party
            "happened_on": pl.Date,  # from
            "known_at": INSTANT,
            "until": pl.Date,
            "share": DECIMAL,  # 0 to 1
            "amount_fen": pl.Int64,
            "note": pl.String,
        }
    ),
    # Fact ↔ fact, with the reason in words a table can hold.
    "links": _schema(
        {
            "reading": pl.Int64,
            "kind": pl.String,  # reverses
            "src": pl.String,
            "dst": pl.String,
            "reason": pl.String,
        }
    ),
    # What a document says, value by value, for papers: where it stands and how sure we are.
    "fields": _schema(
        {
            "reading": pl.Int64,
            "path": pl.String,  # e.g. seller.code, lines[2].amount
            "value": pl.String,
            "page": pl.Int32,
            "box": pl.String,  # x0,y0,x1,y1 in points, or null
            "method": pl.String,  # xml | ofd_tag | text | ocr | human
            "confidence": pl.Float64,
            "checks": pl.List(pl.String),  # codes of the checks it passed
        }
    ),
    # Rows that could not be read: nothing is lost.
    "rejects": _schema(
        {
            "reading": pl.Int64,
            "row": pl.Int32,
            "raw": pl.String,  # JSON object: column → value as read
            "problems": pl.List(PROBLEM),
        }
    ),
    # A person's decision. It adds and never overwrites; undo is another judgement.
    "judgements": _schema(
        {
            "judgement": pl.String,
            "kind": pl.String,  # core | same | different | undo
            "subject": pl.String,  # party, or the judgement undone
            "object": pl.String,  # party, chain …
            "by": pl.String,
            "why": pl.String,
            "at": INSTANT,
        }
    ),
}


def empty(table: str) -> pl.DataFrame:
    """A frame of `table` with no rows."""
    return pl.DataFrame(schema=TABLES[table])


def conform(table: str, frame: pl.DataFrame) -> pl.DataFrame:
    """`frame` with exactly the columns of `table`: missing ones null, types cast, order fixed.

    ValueError on a column that the table does not have: a typo must not lose data.
    """
    schema = TABLES[table]
    if unknown := set(frame.columns) - set(schema):
        raise ValueError(f"{table} has no column {sorted(unknown)}")
    return frame.select(
        (pl.col(name) if name in frame.columns else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in schema.items()
    )
