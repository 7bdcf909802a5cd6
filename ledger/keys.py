"""When two rows are the same invoice: the fact keys.

A *strong* key is the invoice's own and holds everywhere: the 20-digit number of a fully
digitalised invoice, or code + number of an older one. A *weak* key is what is left where a ledger
dropped the code (and the number's leading zeros): it holds only inside one owner's one book, so
the owner and the side belong to it. Where nobody knows the owner it holds only inside the one
document, whose SHA-256 stands in his place: two files of strangers never share a weak fact, and the
price is that the same nameless book handed in twice, in two files, counts twice. Weak facts of two
books are joined later, by evidence (`extraction.matching`), never by the key alone.
"""

import polars as pl

from ledger.ids import stable_id, stable_ids


def strong_fact(code: str | None, number: str, issuer: str = "") -> str:
    """The fact id of an invoice with a key of its own. `issuer` scopes foreign numbers."""
    return stable_id("invoice", code or "", number, issuer)


def strong_facts(code: pl.Expr, number: pl.Expr) -> pl.Expr:
    """`strong_fact` over columns."""
    return stable_ids(pl.lit("invoice"), code, number, pl.lit(""))


def weak_facts(owner: pl.Expr, side: pl.Expr, document: pl.Expr | None = None) -> pl.Expr:
    """Fact ids of rows without a code: (owner, side, number, date, amounts). `document` is the SHA-256
    of the document, which scopes rows whose owner is null; leave it out only where every row has one."""
    columns = [pl.col(c) for c in ("number", "happened_on", "amount_fen", "tax_fen", "total_fen")]
    book = owner if document is None else owner.fill_null(document)
    return stable_ids(pl.lit("weak"), book, side, *columns)


def is_strong(code: pl.Expr, number: pl.Expr) -> pl.Expr:
    """True where (code, number) identify an invoice by themselves."""
    digital = number.str.contains(r"^\d{20}$")
    classic = code.str.contains(r"^\d{10}(\d{2})?$") & number.str.contains(r"^\d{8}$")
    return digital.fill_null(False) | classic.fill_null(False)


def account_id(number: str) -> str:
    """The id of a bank account by its number as printed: digits and letters count, blanks do not.

    Unsalted on purpose, so that two firms' statements meet; a number itself is shown masked only.
    """
    return stable_id("account", "".join(c for c in number.upper() if c.isalnum()))
