"""Answers worked out from a snapshot, the store or the ledger: plain functions, no HTTP."""
