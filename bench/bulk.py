"""Bench `bulk`: 10,000 mixed files through `dayan ingest`, killed at ten random moments and run again.

First once without a kill: seconds, files a CPU second, memory. Then into another folder, with `kill -9` at
seeded moments, each followed by the same command again, as a person would do. `lost` and `doubled` compare
the facts of the two, table by table, as bags of rows.
"""

import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import polars as pl
from rich.console import Console
from rich.table import Table

from bench.bulk_files import write_files
from bench.measure import Measure
from ledger.ledger import FACT_TABLES, Ledger

FILES, KILLS, SEED = 10_000, 10, 7
#: Columns that differ from run to run: who wrote a row, and when it was loaded.
_OF_THE_RUN = ("reading", "loaded_at", "known_at")
_LONGEST = 1_800.0


def run(data: Path | None = None) -> dict[str, object]:
    """The figures; `data` is a folder of files to read in place of generated ones."""
    console = Console()
    with tempfile.TemporaryDirectory(prefix="dayan-bulk-") as place:
        work = Path(place)
        files = data or work / "files"
        if data is None:
            kinds = write_files(files, FILES, SEED)
            console.print("generated: " + ", ".join(f"{kind} {count:,}" for kind, count in kinds.items()))
        with Measure(every=0.2) as measured:
            _finish(_started(files, work / "whole"))
        whole = Ledger(work / "whole")
        stood = _killed_again_and_again(files, work / "killed", measured.seconds)
        with Measure(every=0.2) as last:
            _finish(_started(files, work / "killed"))
        lost, doubled = _compared(whole, Ledger(work / "killed"), console)
        documents, failed = whole.documents().height, _failed(work / "whole.log")
    figures: dict[str, object] = {
        "lost": lost,
        "doubled": doubled,
        "kills": len(stood),
        "stood_after_kills": stood,
        "documents": documents,
        "failed": failed,
        "seconds": round(measured.seconds, 1),
        "cpu_seconds": round(measured.cpu_seconds, 1),
        "files_per_cpu_second": round((documents + failed) / measured.cpu_seconds, 1),
        "peak_gb": round(measured.peak_gb, 2),
        "last_run_seconds": round(last.seconds, 1),
        "load": round(measured.load, 2),
    }
    table = Table("figure", "value", title="bulk: bars lost 0, doubled 0")
    for name, value in figures.items():
        table.add_row(name, f"{value:,}" if isinstance(value, int | float) else str(value))
    console.print(table)
    return figures


def _started(files: Path, home: Path) -> "subprocess.Popen[bytes]":
    root = Path(__file__).resolve().parents[1]
    log = home.with_suffix(".log")
    with log.open("wb") as out:
        return subprocess.Popen(
            [sys.executable, "-m", "dayan", "ingest", str(files), "--data", str(home)],
            cwd=home.parent,
            env=os.environ | {"PYTHONPATH": str(root), "DAYAN_LANG": "en", "COLUMNS": "200"},
            stdout=out,
            stderr=subprocess.STDOUT,
        )


def _finish(process: "subprocess.Popen[bytes]") -> None:
    if process.wait(_LONGEST) != 0:
        raise RuntimeError(f"`dayan ingest` ended with {process.returncode}")


def _killed_again_and_again(files: Path, home: Path, seconds: float) -> list[int]:
    """Start and kill KILLS times, at moments that together cover the whole reading. Returns how many
    documents stood after each kill; a run that ended before its moment came is none."""
    draw, stood = random.Random(SEED), []
    for number in range(KILLS):
        process, kept = _started(files, home), _kept(home)
        while number and process.poll() is None and _kept(home) == kept:
            time.sleep(0.1)  # the first moment may fall into the start, the others count from the first paper
        try:
            process.wait(draw.uniform(0.1, 1.3 * seconds / KILLS))
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            stood.append(Ledger(home).documents().height)
        time.sleep(0.2)
    return stood


def _kept(home: Path) -> int:
    """Originals that lie in a data folder, committed or not."""
    return sum(1 for _ in (home / "originals").glob("*/*"))


def _compared(whole: Ledger, killed: Ledger, console: Console) -> tuple[int, int]:
    """Facts that are missing, and that stand once too often, over all tables."""
    lost = doubled = 0
    shown = Table("table", "facts", "lost", "doubled")
    for name in ("documents", *FACT_TABLES):
        expected, found = _bag(whole, name), _bag(killed, name)
        both = expected.join(found, on="row", how="full", coalesce=True, suffix="_found")
        more = pl.col("len").fill_null(0).cast(pl.Int64) - pl.col("len_found").fill_null(0).cast(pl.Int64)
        missing = int(both.select(more.clip(lower_bound=0).sum()).item())
        extra = int(both.select((-more).clip(lower_bound=0).sum()).item())
        lost, doubled = lost + missing, doubled + extra
        if expected.height or found.height:
            shown.add_row(name, f"{expected['len'].sum():,}", f"{missing:,}", f"{extra:,}")
    console.print(shown)
    return lost, doubled


def _bag(ledger: Ledger, name: str) -> pl.DataFrame:
    """The rows of a table with their document, as text, and how often each stands there."""
    documents = ledger.documents()
    rows = documents if name == "documents" else ledger.scan(name).collect()
    if name != "documents":
        rows = rows.join(documents.select("reading", document="sha256"), on="reading")
    said = rows.select(pl.struct(pl.exclude(_OF_THE_RUN)).struct.json_encode().alias("row"))
    return said.group_by("row").len()


def _failed(log: Path) -> int:
    """Documents that failed, as the command told them."""
    told = re.search(r"([\d,]+) failed$", log.read_text("utf-8"), re.M)
    return int(told[1].replace(",", "")) if told else 0
