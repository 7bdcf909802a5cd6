"""Decisions about money: credit, cash flow, wealth (not yet built)."""
