"""The table of customers lost by rate as it is kept with decisions: its version, its text, and the curve."""

from functools import cache
from pathlib import Path

import numpy as np
import yaml

from ledger.ids import stable_id
from services.credit.pricing import Churn

_FILE = Path(__file__).parent / "churn.yaml"


@cache
def churn_in_use() -> tuple[str, str]:
    """Version and text of the table that prices now."""
    text = _FILE.read_text("utf-8")
    return f"churn@{stable_id(text)}", text


@cache
def churn_of(text: str) -> Churn:
    """The curve that a table's text says. Raises InputError where it is none."""
    rows = yaml.safe_load(text)["rows"]
    return Churn(*(np.array([float(row[key]) for row in rows]) for key in ("rate", "lost")))
