"""Statements of accounts, merchant bills and lists of bills of exchange → the ledger's tables of money."""
