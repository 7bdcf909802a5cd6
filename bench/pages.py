"""Bench `pages`: how soon the pages stand, what axe finds, and how many clicks and taps a task takes.

A headless Chromium without a GPU, 1440×900, cache empty, over `dayan serve` on a copy of the data folder
(default ./dayan-data, made where it is missing) that is warm; the median of five visits. A figure that
could not be taken is null, and the reason is printed. DAYAN_TEST_PAGES=http://… looks at a server that
already runs; what writes is then left out.

`map`, `explorer`, `enterprise`: from the start of the navigation until the map, the picture of 2,000
enterprises, or every block of the page is painted. `step`: one zoom of the explorer's camera. `axe`:
violations over every page, both languages, light and dark. `clicks`: from the typed name to the path to
the core enterprise. `owner_fields`, `owner_taps`: from the first photograph to the offer. `bundle`: kB of
gzip of what the first page loads. `table`, `bigmap`: as in `bench.pages_big`.
"""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.browsing import browser
from bench.pages_axe import axe
from bench.pages_bundle import bundle
from bench.pages_clicks import clicks
from bench.pages_owner import owner
from bench.pages_times import enterprise, explorer, painted
from bench.serving import copied, demo, load, server, until_warm

BARS: dict[str, float] = {
    "map": 800, "explorer": 1500, "step": 500, "enterprise": 1200, "axe": 0, "clicks": 3,
    "owner_fields": 3, "owner_taps": 15, "bundle": 300, "table": 1000, "bigmap": 1000,
}  # fmt: skip


def run(data: Path | None = None) -> dict[str, object]:
    """Serve a copy, look at every page, print the table and return the figures."""
    figures: dict[str, float | None] = dict.fromkeys(BARS)
    reasons: dict[str, str] = {}

    def told(names: tuple[str, ...], take: Callable[[], tuple[float, ...]]) -> None:
        """What cannot be taken stays null; the rest of the bench goes on."""
        try:
            figures.update(zip(names, take(), strict=True))
        except Exception as error:  # noqa: BLE001 - said below, with the figure it left open
            why = f"{type(error).__name__}: {str(error)[:300]}"
            reasons.update(dict.fromkeys(names, why))

    with _served(data) as (base, folder), browser() as opened:
        told(("bundle",), lambda: (bundle(opened, base),))
        told(("map",), lambda: (painted(opened, base),))
        told(("explorer", "step"), lambda: explorer(opened, base))
        told(("enterprise",), lambda: (enterprise(opened, base),))
        told(("clicks",), lambda: (clicks(opened, base),))
        told(("axe",), lambda: (axe(opened, base),))
        figures["load"] = load()
    told(("owner_fields", "owner_taps"), owner)
    if folder is None:
        reasons.update(dict.fromkeys(("table", "bigmap"), "a server that already runs was looked at"))
    else:
        from bench import pages_big

        told(("table",), lambda: (pages_big.table(),))
        told(("bigmap",), lambda: (pages_big.bigmap(),))
    _print(figures, reasons)
    return figures | {"reasons": reasons}


@contextmanager
def _served(data: Path | None) -> Iterator[tuple[str, Path | None]]:
    """Address of a warm server, and its folder where it is ours."""
    running = os.environ.get("DAYAN_TEST_PAGES")
    if running:
        yield running.rstrip("/"), None
        return
    folder = data or Path("dayan-data")
    demo(folder)
    with tempfile.TemporaryDirectory(dir=folder.resolve().parent) as scratch:
        own = copied(folder, Path(scratch) / "data")
        with server(own, "/health") as port:
            until_warm(port)
            yield f"http://127.0.0.1:{port}", own


def _print(figures: dict[str, Any], reasons: dict[str, str]) -> None:
    table = Table("figure", "value", "bar", title=f"pages, headless without GPU, load {figures['load']}")
    for name, bar in BARS.items():
        value = figures[name]
        table.add_row(name, "-" if value is None else f"{value:g}", f"≤ {bar:g}")
    console = Console()
    console.print(table)
    for name, reason in reasons.items():
        console.print(f"{name}: {reason}", markup=False)
