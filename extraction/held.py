"""What the ledger held before an ingest, read once: its documents, its facts, whose books were whose."""

from typing import NamedTuple

import polars as pl

from extraction.corrections import corrections_in
from ledger.ids import party_id
from ledger.ledger import Ledger

#: Tables whose rows are facts with an identity of their own.
FACT_TABLES = (
    *("invoices", "relations", "contracts", "statements", "bank_flows", "bills"),
    *("declarations", "attributes", "listings", "aliases"),
)


class HeldDocument(NamedTuple):
    """A document of the ledger: the version of the reader that read it, its rows, whose books it is, and
    the reader's name."""

    version: int
    rows: int
    owner: str | None
    reader: str | None = None


class Held:
    """The ledger as it stood when an ingest began, with the facts that were added since."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        rows = ledger.documents().select("sha256", "reader_version", "rows", "owner", "reader")
        self.documents = {sha256: HeldDocument(*rest) for sha256, *rest in rows.iter_rows()}
        self.corrections = corrections_in(ledger.judgements())
        self._facts: pl.Series | None = None if self.documents else pl.Series(dtype=pl.UInt64)

    def add(self, facts: pl.DataFrame) -> pl.DataFrame:
        """Those rows of `facts` (distinct `fact`) that were not there yet; from now on they are.

        A fact takes eight bytes here, and each call passes once over those of the ledger.
        """
        if self._facts is None:
            stored = [self._ledger.scan(t).select(_number()) for t in FACT_TABLES]
            self._facts = pl.concat(stored).collect()["fact"]
        numbers = facts.select(_number())["fact"]
        there = self._facts.filter(self._facts.is_in(numbers.implode()))
        fresh = ~numbers.is_in(there.implode())
        self._facts = self._facts.append(numbers.filter(fresh))
        return facts.filter(fresh)


class Owners:
    """Whose numbers the parties of a ledger are; read when first asked."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._codes: dict[str, str] | None = None

    def code_of(self, owner: str) -> str | None:
        """The tax number that the party `owner` is named by; None where it is not kept (masked)."""
        if self._codes is None:
            named = self._ledger.scan("parties").filter(pl.col("scheme").is_in(["uscc", "tax"]))
            found = named.select("party", "scheme", "code").unique().collect()
            self._codes = {p: c for p, s, c in found.iter_rows() if p == party_id(s, "", c)}
        return self._codes.get(owner)


def _number() -> pl.Expr:
    """A fact id (16 hex digits) as the integer that it is."""
    return pl.col("fact").str.to_integer(base=16, dtype=pl.UInt64)
