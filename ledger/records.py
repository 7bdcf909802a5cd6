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
            "reader": pl.String,  # name of the reader; null in rows of older versions
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
    # One row a contract. `seller` is who delivers (supplier, lessor), `buyer` who pays (lessee).
    "contracts": _schema(
        {
            "reading": pl.Int64,
            "row": pl.Int32,
            "fact": pl.String,
            "kind": pl.String,  # purchase | sales | framework | order | lease
            "number": pl.String,
            "parent": pl.String,  # number of the framework agreement an order belongs to
            "happened_on": pl.Date,  # signed
            "known_at": INSTANT,
            "seller": pl.String,  # party
            "buyer": pl.String,  # party
            "currency": pl.String,
            "amount_fen": pl.Int64,  # as agreed; null on a framework agreement
            "basis": pl.String,  # with_tax | without_tax
            "rate": DECIMAL,  # of VAT, where one rate is named
            "starts": pl.Date,
            "until": pl.Date,
            "deposit_fen": pl.Int64,
            "penalty": pl.String,  # as printed
            "subject": pl.String,  # what it is about: goods in a word, the plant or shop let
            "account": pl.String,  # where the seller wants to be paid, masked where it is a person's
            "warnings": pl.List(PROBLEM),
        }
    ),
    "contract_lines": _schema(
        {
            "reading": pl.Int64,
            "row": pl.Int32,
            "fact": pl.String,
            "line": pl.Int32,
            "item": pl.String,
            "specification": pl.String,
            "unit": pl.String,
            "quantity": DECIMAL,
            "price": DECIMAL,  # on the contract's basis
            "amount_fen": pl.Int64,  # on the contract's basis
            "deliver_on": pl.Date,
        }
    ),
    # When what is due: the schedule of payments and deliveries, and of rent.
    "contract_terms": _schema(
        {
            "reading": pl.Int64,
            "row": pl.Int32,
            "fact": pl.String,
            "term": pl.Int32,
            "kind": pl.String,  # payment | delivery | rent | deposit | retention
            "share": DECIMAL,  # of the contract's amount, 0 to 1
            "amount_fen": pl.Int64,
            # signing | before_delivery (paid first: no goods without it) | delivery | acceptance | invoice
            # | statement (month-end account) | date | completion
            "trigger": pl.String,
            "days": pl.Int32,  # after the trigger; null before delivery, or negative where printed
            "working_days": pl.Boolean,
            "due_on": pl.Date,  # where the paper fixes the day
            "every_months": pl.Int32,  # rent: paid every so many months from due_on to until
            "until": pl.Date,
            "text": pl.String,  # the clause as printed
        }
    ),
    # One row a statement, bill or settlement list: the account, and whether its balances run through.
    "statements": _schema(
        {
            "reading": pl.Int64,
            "row": pl.Int32,
            "fact": pl.String,
            "owner": pl.String,  # party
            "channel": pl.String,  # bank | wechat | alipay | acquirer | bills
            "bank": pl.String,  # as printed
            "account": pl.String,  # id of the account, `ledger.keys.account_id`
            "account_shown": pl.String,  # the number as people may see it
            "currency": pl.String,
            "from": pl.Date,
            "until": pl.Date,
            "opening_fen": pl.Int64,
            "closing_fen": pl.Int64,
            "flows": pl.Int64,
            "reconciled": pl.Boolean,  # null: it prints no balances
            "breaks": pl.List(PROBLEM),
        }
    ),
    # Money that moved, one row an attestation (the same transfer may stand in two firms' statements).
    "bank_flows": _schema(
        {
            "reading": pl.Int64,
            "row": pl.Int32,
            "fact": pl.String,
            "owner": pl.String,  # party whose account it is
            "channel": pl.String,  # as in statements
            "account": pl.String,  # as in statements
            "happened_on": pl.Date,
            "known_at": INSTANT,
            "direction": pl.String,  # in | out
            "currency": pl.String,
            "amount_fen": pl.Int64,  # gross, never negative
            "fee_fen": pl.Int64,  # what an acquirer kept, negative where given back: net = in - out - fee
            "balance_fen": pl.Int64,  # after it
            "counterparty": pl.String,  # party, null where nobody is named
            "counterparty_name": pl.String,  # masked where it is a person
            "counterparty_account": pl.String,  # id of the account
            "counterparty_bank": pl.String,
            "way": pl.String,  # transfer | bill | offset | third_party | cash
            # trade | own (own accounts) | fee | interest | tax | wages | social | loan | refund | capital |
            # subsidy
            "purpose": pl.String,
            "serial": pl.String,
            "summary": pl.String,
            "remark": pl.String,
            "warnings": pl.List(PROBLEM),
        }
    ),
    # Bills of exchange (承兑汇票) and what happened to each.
    "bills": _schema(
        {
            "reading": pl.Int64,
            "row": pl.Int32,
            "fact": pl.String,
            "owner": pl.String,  # party whose list says so
            "number": pl.String,
            "kind": pl.String,  # bank | commercial
            # drawn | accepted | received | endorsed | discounted | pledged | paid | refused
            "event": pl.String,
            "happened_on": pl.Date,
            "known_at": INSTANT,
            "issued_on": pl.Date,
            "due_on": pl.Date,
            "currency": pl.String,
            "amount_fen": pl.Int64,
            "interest_fen": pl.Int64,  # of a discount
            "drawer": pl.String,  # parties
            "acceptor": pl.String,
            "payee": pl.String,
            "counterparty": pl.String,  # from whom received, to whom endorsed, who discounted
            "warnings": pl.List(PROBLEM),
        }
    ),
    # VAT returns and financial statements, one row a figure.
    "declarations": _schema(
        {
            "reading": pl.Int64,
            "row": pl.Int32,
            "fact": pl.String,
            "owner": pl.String,  # party
            "form": pl.String,  # vat_return | vat_schedule_1 | balance_sheet | income_statement | cash_flow
            "from": pl.Date,
            "happened_on": pl.Date,  # last day of the period, or the balance sheet's day
            "known_at": INSTANT,
            "item": pl.String,  # stable key, e.g. sales.uninvoiced
            "printed": pl.String,  # the item as printed
            "column": pl.String,  # period | year | opening | closing
            "currency": pl.String,
            "amount_fen": pl.Int64,
            "warnings": pl.List(PROBLEM),
        }
    ),
    # What a firm is, with source and date: industry, size, taxpayer kind, legal form, label, role …
    "attributes": _schema(
        {
            "reading": pl.Int64,
            "row": pl.Int32,
            "fact": pl.String,
            "party": pl.String,
            "name": pl.String,  # industry | size | taxpayer | legal_form | label | role | status …
            "value": pl.String,
            "happened_on": pl.Date,  # from
            "known_at": INSTANT,
            "until": pl.Date,
            "source": pl.String,  # who says so, as printed
        }
    ),
    # Lists that knock a firm out before any model: dated, expiring.
    "listings": _schema(
        {
            "reading": pl.Int64,
            "row": pl.Int32,
            "fact": pl.String,
            "party": pl.String,
            # dishonest | consumption_limited | abnormal | serious | tax_abnormal | own_black | own_grey
            "list": pl.String,
            "happened_on": pl.Date,
            "known_at": INSTANT,
            "until": pl.Date,  # removed or expired on; null = stands
            "case": pl.String,
            "authority": pl.String,
            "reason": pl.String,
        }
    ),
    # Other names of a firm, with the days they held.
    "aliases": _schema(
        {
            "reading": pl.Int64,
            "row": pl.Int32,
            "fact": pl.String,
            "party": pl.String,
            "name": pl.String,
            "kind": pl.String,  # former | short | brand | foreign
            "happened_on": pl.Date,
            "known_at": INSTANT,
            "until": pl.Date,
            "source": pl.String,
        }
    ),
    # Fact ↔ fact, with the reason in words a table can hold.
    "links": _schema(
        {
            "reading": pl.Int64,
            "kind": pl.String,  # reverses | order_of | names (a paper that names another by its number)
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
            "box": pl.String,  # x0,y0,x1,y1 in points from the top left of the page, or null
            "method": pl.String,  # xml | ofd_tag | text | rule | table | crf | llm | door | ocr | human
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
            "kind": pl.String,  # core | same | different | later | field | undo
            "subject": pl.String,  # party, or the judgement undone; a document's id (field)
            "object": pl.String,  # party, chain …; the path of a value (field)
            "value": pl.String,  # what a person says the value is (field)
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
