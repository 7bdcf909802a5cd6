"""What a reader is: a name, a version, whether it recognises a document, and the facts it finds there.

`Reader` is the whole interface. Readers of invoices only turn a document into canonical text rows;
what rows mean is decided once, in `extraction.normalise`.
"""

from abc import ABC, abstractmethod

from extraction import paper as papers
from extraction.normalise import normalise
from extraction.paper import Paper
from extraction.rows import Facts, Reader, Rows
from extraction.source import Source

__all__ = ["InvoiceReader", "PaperReader", "Reader"]


class InvoiceReader(ABC):
    """A reader whose documents hold invoices."""

    name: str
    version: int

    @abstractmethod
    def recognises(self, source: Source) -> bool:
        """Whether the content is of this format; cheap, never raises."""

    @abstractmethod
    def read(self, source: Source) -> Rows:
        """The document as canonical text rows. FileUnreadable or UnsafeFile when there are none."""

    def facts(self, source: Source) -> Facts:
        """What the document says, for the ledger."""
        return normalise(self.read(source))


class PaperReader(InvoiceReader):
    """A reader of documents that are one invoice each."""

    @abstractmethod
    def paper(self, source: Source) -> Paper:
        """The invoice, value by value."""

    def read(self, source: Source) -> Rows:
        """The one invoice as rows, one a line."""
        return papers.rows(self.paper(source), self.name, self.version, source.name)
