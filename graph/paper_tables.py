"""The tables of a snapshot made of contracts, statements and declarations: columns, order, pointers."""

from typing import Any

import polars as pl

_TEXT: Any = pl.String
_PAIR: dict[str, Any] = {"seller": pl.Int32, "buyer": pl.Int32}
_PAPERS: Any = pl.List(pl.String)  # SHA-256 of documents, the first few of `*_documents`

PAPER_TABLES: dict[str, pl.Schema] = {
    # Sales as three figures, by firm and month. What no paper says is null, never 0.
    "sales": pl.Schema(
        {
            "enterprise": pl.Int32,
            "month": _TEXT,
            "invoiced_fen": pl.Int64,  # without tax, net of red invoices
            "red_fen": pl.Int64,  # of which red, 0 or less
            "invoiced_total_fen": pl.Int64,  # the same with tax
            "invoiced_from": _TEXT,  # own: its own sales book; seen: others' papers, so at least that much
            "declared_fen": pl.Int64,  # without tax
            "uninvoiced_fen": pl.Int64,  # of which declared without an invoice
            "declared_months": pl.Int32,  # the return covers so many months, this one the last
            "received_fen": pl.Int64,  # with tax, before fees, less refunds; no own transfers, no loans
            "received_from": _TEXT,  # own: a statement of the whole month; part: of some days; seen
            "invoiced_papers": _PAPERS,
            "declared_papers": _PAPERS,
            "received_papers": _PAPERS,
            "invoiced_documents": pl.Int32,
            "declared_documents": pl.Int32,
            "received_documents": pl.Int32,
        }
    ),
    # What a payment was put against, and why. Amounts with tax.
    "settlements": pl.Schema(
        {
            **_PAIR,
            **dict.fromkeys(("payment", "invoice", "contract"), _TEXT),  # facts
            "happened_on": pl.Date,
            "invoiced_on": pl.Date,  # of the invoice
            "amount_fen": pl.Int64,  # negative where the seller gave money back
            "rule": _TEXT,
            "basis": _TEXT,  # proven | assumed | asked (counts nowhere)
            "confidence": pl.Float64,
            "reasons": pl.List(
                pl.Struct({"name": pl.String, "gave": pl.Float64, "left": pl.String, "right": pl.String})
            ),
        }
    ),
    # Per invoice, what is proven of it: proven | partly | not_seen; null = no paper of that kind is read.
    # An invoice that is not here: invoice flow partly (one side attests it), the others not seen.
    "flows4": pl.Schema(
        {
            "fact": _TEXT,
            "contract": _TEXT,
            **dict.fromkeys(("contract_flow", "goods_flow", "invoice_flow", "cash_flow"), _TEXT),
            "settled_fen": pl.Int64,  # with tax, proven
            "assumed_fen": pl.Int64,
        }
    ),
    "contracts": pl.Schema(
        {
            **_PAIR,
            **dict.fromkeys(("contract", "kind", "number", "parent", "currency", "subject"), _TEXT),
            **dict.fromkeys(("happened_on", "starts", "until"), pl.Date),
            "amount_fen": pl.Int64,
            "basis": _TEXT,  # with_tax | without_tax
            "deposit_fen": pl.Int64,
            "invoiced_fen": pl.Int64,  # with tax, of the invoices known to belong to it
            "settled_fen": pl.Int64,  # with tax, of the payments proven to belong to it
        }
    ),
    "contract_terms": pl.Schema(
        {
            **_PAIR,
            "contract": _TEXT,
            "term": pl.Int32,
            "kind": _TEXT,
            "share": pl.Float64,
            "amount_fen": pl.Int64,  # as printed, else the share of the contract's amount
            "trigger": _TEXT,
            "days": pl.Int32,
            "working_days": pl.Boolean,
            "due_on": pl.Date,
            "every_months": pl.Int32,
            "until": pl.Date,
        }
    ),
    # Pairs of parties that may be one firm, for a person to decide.
    "reviews": pl.Schema(
        {
            **dict.fromkeys(("a", "b", "name_a", "name_b"), _TEXT),
            "score": pl.Float64,
            "impact_fen": pl.Int64,
            "tie": pl.Boolean,
            "features": pl.List(
                pl.Struct({"name": pl.String, "gave": pl.Float64, "left": pl.String, "right": pl.String})
            ),
        }
    ),
}

PAPER_ORDER: dict[str, tuple[str, ...]] = {
    "sales": ("enterprise", "month"),
    "settlements": ("seller", "buyer", "payment", "invoice", "contract", "rule", "amount_fen"),
    "flows4": ("fact",),
    "contracts": ("seller", "buyer", "contract"),
    "contract_terms": ("seller", "buyer", "contract", "term"),
    "reviews": ("a", "b"),
}

_FIRMS = {"seller": "enterprises", "buyer": "enterprises"}
PAPER_POINTERS: dict[str, dict[str, str]] = {
    "sales": {"enterprise": "enterprises"},
    "settlements": _FIRMS,
    "contracts": _FIRMS,
    "contract_terms": _FIRMS,
}


def blank(table: str) -> pl.DataFrame:
    """A table of this file without rows."""
    return pl.DataFrame(schema=PAPER_TABLES[table])
