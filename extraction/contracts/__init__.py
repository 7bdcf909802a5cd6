"""Contracts: from the text of a document, structure first, to parties, goods, amounts and terms."""
