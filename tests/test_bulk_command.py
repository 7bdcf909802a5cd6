"""`dayan ingest` on a terminal and off it: how far it is, how it is stopped, what it tells of failures."""

import csv
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest
from rich.console import Console

from api.settings import load_settings
from dayan import reading, reading_progress
from dayan.reading import cores, write_rejects
from dayan.reading_progress import Stop, clock
from dayan.reading_progress import reading_progress as shown
from extraction.ingest import Tally
from extraction.outcome import Outcome, failed
from ledger.errors import FileUnreadable, InputError
from ledger.ledger import Ledger, Load
from tests.ledgers import csv_bytes, line, table

ROOT = Path(__file__).parents[1]
PROBLEM = [{"code": "row_beside_unreadable", "field": "", "value": ""}]


def test_off_a_terminal_a_plain_line_tells_how_far(monkeypatch: pytest.MonkeyPatch) -> None:
    console = Console(record=True, width=40, force_terminal=False)
    monkeypatch.setattr(reading_progress, "err", console)
    monkeypatch.setattr(reading_progress, "PLAIN_EVERY", 0.0)
    monkeypatch.setattr(reading_progress, "TELL_AFTER", 0.0)
    with shown("en") as watch:
        time.sleep(0.05)
        watch(Tally(1_200, 3, 0.25))
    (text,) = console.export_text().splitlines()
    assert re.fullmatch(r"25% 1,200 documents \(3 failed\), [\d,]+/s, about 0:00 left", text)


def test_on_a_terminal_a_bar_does(monkeypatch: pytest.MonkeyPatch) -> None:
    console = Console(record=True, width=120, force_terminal=True)
    monkeypatch.setattr(reading_progress, "err", console)
    with shown("zh") as watch:
        watch(Tally(7, 0, 0.5))
    text = console.export_text()
    assert "已处理 7 个文件" in text
    assert "50%" in text


def test_time_as_people_read_it() -> None:
    assert [clock(s) for s in (0.4, 65, 3_723)] == ["0:00", "1:05", "1:02:03"]


def test_the_first_signal_asks_and_the_second_ends() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with Stop("en") as stop:
        assert not stop()
        signal.raise_signal(signal.SIGTERM)
        assert stop()
        assert stop.code == 143
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGTERM) is before


def test_processes_can_be_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert cores() >= 1
    assert reading._processes(load_settings(data=tmp_path))["lead"] > 0
    monkeypatch.setenv("DAYAN_PROCESSES", "3")
    assert reading._processes(load_settings(data=tmp_path)) == {"processes": 3}
    with pytest.raises(InputError):
        load_settings(processes=-1)


def test_the_file_of_errors_holds_failures_rejects_and_warnings_of_every_table(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    rejects = pl.DataFrame({"row": [9], "raw": ['{"a": "x"}'], "problems": [PROBLEM]})
    warned = {
        "bank_flows": pl.DataFrame({"row": [2], "fact": ["f1"], "serial": ["S77"], "warnings": [PROBLEM]}),
        "bills": pl.DataFrame({"row": [3], "fact": ["f2"], "number": ["B1"], "warnings": [PROBLEM]}),
        "statements": pl.DataFrame({"row": [0], "fact": ["f3"], "breaks": [PROBLEM]}),
        "invoices": pl.DataFrame({"row": [5], "fact": ["f4"], "number": ["7"], "warnings": [PROBLEM]}),
    }
    old = Load("ab" * 32, "old.csv", b"a", "x", 1, {"rejects": rejects}, 1, 0)
    ledger.commit([old, Load("cd" * 32, "b.csv", b"b", "x", 1, {"rejects": rejects, **warned}, 5, 4)])
    ledger.commit([Load("ab" * 32, "old.csv", b"a", "x", 2, {}, 1, 0)])  # a better reading without rejects
    broken = failed("c.pdf", FileUnreadable("file_empty", file="c.pdf"))
    outcomes = [
        Outcome("old.csv", "read", sha256="ab" * 32),
        Outcome("b.csv", "read", sha256="cd" * 32),
        broken,
    ]
    assert write_rejects(ledger, outcomes, tmp_path / "errors.csv", "en") == (1, 4)
    with (tmp_path / "errors.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [(r["file"], r["row"], r["result"], r["invoice"]) for r in csv.DictReader(file)]
    assert rows == [
        ("c.pdf", "", "failed", ""),
        ("b.csv", "0", "warning", ""),
        ("b.csv", "2", "warning", "S77"),
        ("b.csv", "3", "warning", "B1"),
        ("b.csv", "5", "warning", "7"),
        ("b.csv", "9", "rejected", ""),
    ]


def test_many_failures_are_told_and_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    console = Console(width=60, record=True)
    monkeypatch.setattr(reading, "out", console)
    for number in range(35):
        (tmp_path / f"{number:02}.xml").write_text("<EInvoice>")
    (tmp_path / "good.csv").write_bytes(csv_bytes(table([line(1)])))
    assert reading.read_into(load_settings(data=tmp_path / "home", lang="en"), [tmp_path], None)
    text = console.export_text()
    assert "documents: 1 read, 0 known already, 35 failed" in text
    assert "5 more documents failed; --errors OUT.csv lists them all" in text


@pytest.mark.slow
def test_ctrl_c_keeps_what_was_read_and_the_same_command_goes_on(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for number in range(1500):
        rows = [line(number)]
        (tmp_path / "in" / f"{number:04}.csv").write_bytes(csv_bytes(table(rows)))
    command = [sys.executable, "-m", "dayan", "ingest", "in", "--data", "home", "--processes", "2"]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "DAYAN_LANG": "en", "COLUMNS": "200"}
    process = subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True)
    ledger = Ledger(tmp_path / "home")
    while process.poll() is None and ledger.documents().is_empty():
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130, told
    assert "the same command goes on from here" in told
    done = ledger.documents().height
    assert 0 < done < 1500
    again = subprocess.run(
        command, check=False, cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert again.returncode == 0, again.stderr
    assert f"documents: {1500 - done:,} read, {done:,} known already, 0 failed" in again.stdout
    assert ledger.scan("invoices").collect()["fact"].n_unique() == 1_500
