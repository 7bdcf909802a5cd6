"""Pairs of nodes: what speaks for a link between two of them, and the ranker that learns to weigh it."""
