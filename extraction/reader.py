"""What a reader is: a name, a version, whether it recognises a document, and the facts it finds there.

`Reader` is the whole interface. Readers of invoices only turn a document into canonical text rows;
what rows mean is decided once, in `extraction.normalise`.
"""

from abc import ABC, abstractmethod
from dataclasses import replace

from extraction import paper as papers
from extraction.corrections import corrected
from extraction.normalise import normalise
from extraction.paper import Paper
from extraction.rows import Facts, Reader, Rows
from extraction.source import Source

__all__ = ["InvoiceReader", "PaperReader", "Reader"]


class InvoiceReader(ABC):
    """A reader whose documents hold invoices. `ledgers`: they are somebody's books, not bare papers.
    `correctable`: it takes up what people corrected in a document (`extraction.corrections`)."""

    name: str
    version: int
    ledgers: bool = False
    correctable: bool = False

    @abstractmethod
    def recognises(self, source: Source) -> bool:
        """Whether the content is of this format; cheap, never raises."""

    @abstractmethod
    def read(self, source: Source) -> Rows:
        """The document as canonical text rows. FileUnreadable or UnsafeFile when there are none."""

    def rows(self, source: Source, owner: str | None = None) -> Rows:
        """`read`, with the document's id; `owner` is the taxpayer whose books a nameless ledger is."""
        rows = replace(self.read(source), sha256=source.sha256)
        return rows.owned_by(owner) if owner else rows

    def facts(self, source: Source) -> Facts:
        """What the document says, for the ledger."""
        return normalise(self.rows(source))


class PaperReader(InvoiceReader):
    """A reader of documents that are one invoice each."""

    correctable = True

    @abstractmethod
    def paper(self, source: Source) -> Paper:
        """The invoice, value by value."""

    def read(self, source: Source) -> Rows:
        """The one invoice as rows, one a line; what a person corrected stands as they said."""
        paper = corrected(self.paper(source), source.corrections)
        return papers.rows(paper, self.name, self.version, source.name)
