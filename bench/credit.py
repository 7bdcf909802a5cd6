"""Bench `credit`: default on 123 real firms without the bank's rating, the rate and the portfolio, and what
the graph adds on a synthetic economy with planted contagion.

`--data DIR`: another folder of the form of CUMCM 2020 C (`att1_*`, `att3_rate_churn.csv`).
"""

import json
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.credit_cumcm import real_firms
from bench.credit_economy import planted
from bench.credit_pricing import priced
from bench.measure import Measure

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "cumcm2020c"


def run(data: Path | None = None) -> dict[str, object]:
    """Measure, print tables, return the figures."""
    folder, console = data or DATA, Console()
    with Measure() as measure:
        figures: dict[str, object] = {
            **real_firms(folder, console),
            **priced(folder),
            **planted(console),
        }
    figures |= measure.figures()
    table = Table("figure", "value", title="credit")
    for name, value in figures.items():
        table.add_row(name, json.dumps(value, ensure_ascii=False))
    console.print(table)
    return figures
