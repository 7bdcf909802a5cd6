"""Every Cypher statement of the product, one file each, and their loader."""

from cypher.loader import Statement, statement, statements

__all__ = ["Statement", "statement", "statements"]
