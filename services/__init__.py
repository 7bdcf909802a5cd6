"""Decisions about money: features, credit, lending, cash flow, wealth."""
