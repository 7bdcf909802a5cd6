"""What `dayan ingest` tells: the table with its warnings, the file of errors, whether anything was read."""

import csv
from pathlib import Path

import pytest
from rich.console import Console

from api.settings import load_settings
from dayan import reading
from tests.ledgers import digital, line, source


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Console:
    """What is printed, on a wide screen."""
    console = Console(width=200, record=True, quiet=False)
    monkeypatch.setattr(reading, "out", console)
    return console


def test_warnings_are_shown_and_written(tmp_path: Path, told: Console) -> None:
    path, back = tmp_path / "账.csv", tmp_path / "errors.csv"
    path.write_bytes(source([line(1, 税率="17%"), line(2, 金额="五千"), line(3)]).data)
    settings = load_settings(data=tmp_path / "home", lang="en")
    assert reading.read_into(settings, [path], back)
    text = told.export_text()
    head, *rows = (r.split() for r in text.splitlines() if "warnings" in r or "账.csv" in r)
    assert (head[-1], rows[0][-1]) == ("warnings", "1")
    assert "warning on 1 invoices, for example: the rate was not in force" in text
    with back.open(encoding="utf-8-sig", newline="") as file:
        found = [(r["row"], r["result"], r["invoice"]) for r in csv.DictReader(file)]
    assert found == [("2", "warning", digital(1)), ("3", "rejected", "")]


def test_known_documents_count_as_read(tmp_path: Path, told: Console) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(source([line(1)]).data)
    settings = load_settings(data=tmp_path / "home", lang="en")
    assert reading.read_into(settings, [path], None)
    assert reading.read_into(settings, [path], None)
    assert not reading.read_into(settings, [tmp_path / "gone.csv"], None)
    assert "known" in told.export_text()
