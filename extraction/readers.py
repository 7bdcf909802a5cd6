"""All readers, in the order they are asked; the first that recognises a document reads it."""

from collections.abc import Sequence
from pathlib import Path

from extraction.books import BooksReader
from extraction.contract import ContractReader
from extraction.declarations import DeclarationReader
from extraction.digital_xml import DigitalXmlReader
from extraction.ofd import OfdReader
from extraction.old_einvoice import OldEInvoiceReader
from extraction.pdf_invoice import PdfInvoiceReader
from extraction.photo.reader import PhotoReader
from extraction.reader import Reader
from extraction.registry import RegistryReader
from extraction.source import Source
from extraction.statements.reader import StatementReader
from extraction.statements.vouchers import BkrsReader
from extraction.ubl_cii import CiiReader, UblReader
from extraction.xbrl import XbrlReader


def all_readers(*layouts: Path) -> tuple[Reader, ...]:
    """Every reader; `layouts` are folders of the user's own ledger layouts, asked before ours.

    Sharp ones come first: a root or an entry file names one format; tables are told by their columns.
    """
    return (
        DigitalXmlReader(),
        OldEInvoiceReader(),
        PdfInvoiceReader(),
        BkrsReader(),
        XbrlReader(),
        UblReader(),
        CiiReader(),
        OfdReader(),
        PhotoReader(),  # after those who read what is attached to a PDF without words
        ContractReader(),
        DeclarationReader(),
        RegistryReader(),
        StatementReader(),
        BooksReader(*layouts),
    )


#: The readers with the layouts that come with the product.
READERS = all_readers()


def reader_for(source: Source, readers: Sequence[Reader] = READERS) -> Reader | None:
    """The reader that knows this document's format, None when none does."""
    return next((reader for reader in readers if reader.recognises(source)), None)
