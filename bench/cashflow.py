"""Bench `cashflow`: how well monthly flows are forecast, at which level, and what the graph adds.

Real books (CUMCM 2020 C), the M3 competition's monthly series, and a generated economy with payments. Every
figure is of a named level: one firm's month is far harder than the month of all firms together.
"""

import json
from pathlib import Path

import polars as pl
from rich.console import Console
from rich.table import Table

from bench import cashflow_graph, cashflow_m3, cashflow_panel, cashflow_path
from bench.measure import Measure

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "cumcm2020c"


def run(data: Path | None = None) -> dict[str, object]:
    """Measure, print tables, return the figures. `data`: books of the same form as the contest's."""
    console, folder = Console(), data or DATA
    with Measure() as measure:
        books = cashflow_panel.load(folder)
        panel = cashflow_panel.run(books)
        rivals = panel.pop("rivals")
        assert isinstance(rivals, dict)
        _print_rivals(console, rivals)
        demo = cashflow_graph.run_demo()
        real = _real_graph(folder, books)
        m3 = cashflow_m3.run()
        path = cashflow_path.run()
    figures: dict[str, object] = {
        **panel,
        **m3,
        "path_coverage": path,
        "graph_gain_low": round(demo.over_shuffled[1], 4),
        "graph_demo": demo.figures(),
        "graph_real": real.figures() if real is not None else None,
        **measure.figures(),
    }
    table = Table("figure", "value", title="cashflow")
    for name, value in figures.items():
        table.add_row(name, json.dumps(value, ensure_ascii=False))
    console.print(table)
    return figures


def _print_rivals(console: Console, rivals: dict[str, dict[str, float]]) -> None:
    names = list(next(iter(rivals.values())))
    table = Table("CUMCM, WAPE and MASE", *names, title="everything simpler, same months")
    for rival, scores in rivals.items():
        table.add_row(rival, *(f"{scores[name]:.4f}" for name in names))
    console.print(table)


def _real_graph(folder: Path, books: cashflow_panel.Books) -> cashflow_graph.Gain | None:
    listed = folder / "hidden_supplier_buyer_edges.csv"
    if not listed.exists():
        return None
    frame = pl.read_csv(listed)
    pairs = frame.select(frame.columns[0], frame.columns[1], "amount")
    return cashflow_graph.run_real(books.panel, books.keys, pairs, cashflow_panel.ORIGINS)
