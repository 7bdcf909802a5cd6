"""Bench `wealth`: flows of real products, the ladder and its shortlist, rules kept in generated cases.

`--data DIR` holds later days of the AFAC funds in the same form; the other parts do not depend on it.
"""

import json
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.measure import Measure
from bench.wealth_flows import FLOWS, afac, yuebao
from bench.wealth_plans import cases, plan, shortlisted


def run(data: Path | None = None) -> dict[str, object]:
    """Every figure of the bench; parts whose data is not there are left out and named in `missing`."""
    figures: dict[str, object] = {}
    absent = []
    with Measure() as measure:
        for name, part in (("afac", afac), ("yuebao", yuebao)):
            folder = data if data is not None and name == "afac" else FLOWS
            told = part(folder)
            if told is None:
                absent.append(name)
            figures |= told or {}
        figures |= plan()
        figures["other_seeds"] = [
            {name: one[name] for name in ("gain_bp", "cvar_ratio")} for one in map(plan, range(2, 6))
        ]
        figures |= shortlisted()
        figures |= cases()
    figures |= {"missing": absent, **measure.figures()}
    table = Table("figure", "value", title="wealth")
    for name, value in figures.items():
        if isinstance(value, dict) and all(isinstance(one, dict) for one in value.values()) and value:
            for method, told in value.items():
                table.add_row(f"{name}: {method}", json.dumps(told, ensure_ascii=False))
        else:
            table.add_row(name, json.dumps(value, ensure_ascii=False))
    Console().print(table)
    return figures
