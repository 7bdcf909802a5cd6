"""Features of enterprises as of a day, out of one door: what credit, cash flow and wealth know of a firm."""

from services.features.catalogue import CATALOGUE, FEATURE_SET_VERSION, NUMBERS, REASONS, Kept
from services.features.door import backfill, door, features
from services.features.frame import Features

__all__ = [
    "CATALOGUE",
    "FEATURE_SET_VERSION",
    "NUMBERS",
    "REASONS",
    "Features",
    "Kept",
    "backfill",
    "door",
    "features",
]
