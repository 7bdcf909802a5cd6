"""VAT returns and financial statements as workbooks or PDF: figures by item and column, checked."""

from extraction.declarations.reader import DeclarationReader

__all__ = ["DeclarationReader"]
