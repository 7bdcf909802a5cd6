"""Bench `credit`, the rate: attachment 3 of CUMCM 2020 C, rates by rating and portfolios within a budget.

The ratings serve here as they do in the task: as what a bank offers by, and never as a feature of a model.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import polars as pl

from services.credit.pricing import Churn, laplace, offer, portfolio

RATINGS = ("A", "B", "C")
FEN = 1_000_000  # 10,000 yuan in fen
BUDGETS, LEAST, MOST = (3000, 5000, 8000), 10, 100


def churn_of(folder: Path) -> dict[str, Churn]:
    """Churn by rate, of each rating: two lines of headings, then rate and shares."""
    rows = pl.read_csv(folder / "att3_rate_churn.csv", skip_rows=2, has_header=False).cast(pl.Float64)
    values = rows.to_numpy()
    return {rating: Churn(values[:, 0], values[:, at + 1]) for at, rating in enumerate(RATINGS)}


def priced(folder: Path) -> dict[str, object]:
    """`rates` in percent and `profit` in 10,000 yuan: loss given default 1, PD by Laplace of each rating."""
    firms = pl.read_csv(folder / "att1_enterprises.csv", new_columns=["firm", "name", "rating", "bad"])
    rates, profit = [], []
    for rating, churn in churn_of(folder).items():
        mine = firms.filter(pl.col("rating") == rating)
        found = offer(laplace(int((mine["bad"] == "是").sum()), mine.height), 1.0, churn)
        if found is None:
            raise ValueError(f"no rate earns anything with {rating}")
        rates.append(float(found.rate * 100))
        profit += [found.profit] * mine.height
    return {"rates": rates, "profit": _portfolios(profit)}


def _portfolios(profit: Sequence[float]) -> list[float]:
    found = [portfolio(np.array(profit), b * FEN, LEAST * FEN, MOST * FEN) for b in BUDGETS]
    if not all(one.optimal for one in found):
        raise ValueError("a portfolio was not solved to the end")
    return [round(one.profit_fen / FEN, 2) for one in found]
