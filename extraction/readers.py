"""All readers, in the order they are asked; the first that recognises a document reads it."""

from extraction.books import BooksReader
from extraction.digital_xml import DigitalXmlReader
from extraction.ofd import OfdReader
from extraction.old_einvoice import OldEInvoiceReader
from extraction.reader import Reader
from extraction.registry import RegistryReader
from extraction.source import Source
from extraction.ubl_cii import CiiReader, UblReader
from extraction.xbrl import XbrlReader

#: Sharp ones first: a root or an entry file names one format; tables are told by their columns.
READERS: tuple[Reader, ...] = (
    DigitalXmlReader(),
    OldEInvoiceReader(),
    XbrlReader(),
    UblReader(),
    CiiReader(),
    OfdReader(),
    RegistryReader(),
    BooksReader(),
)


def reader_for(source: Source) -> Reader | None:
    """The reader that knows this document's format, None when none does."""
    return next((reader for reader in READERS if reader.recognises(source)), None)
