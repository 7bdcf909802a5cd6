"""The user's own rows back as CSV, with the reason, safe to open in a spreadsheet program."""

import csv
from pathlib import Path

import polars as pl
import pytest

from extraction.books import BooksReader
from extraction.errors_file import defused, write_errors
from ledger.records import conform
from tests.ledgers import PORTAL, digital, line, source


def written(tmp_path: Path, lang: str) -> list[dict[str, str]]:
    """The errors file of a ledger with two bad rows."""
    rows = [line(1), line(2, 金额="五千"), line(3, 开票日期="2025-02-30", 备注="=HYPERLINK(1)")]
    rejects = BooksReader().facts(source(rows)).tables["rejects"]
    rejects = conform("rejects", rejects.with_columns(reading=pl.lit(7, pl.Int64)))
    path = tmp_path / "errors.csv"
    assert write_errors(rejects, {7: "账.csv"}, path, lang) == 2
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_rows_come_back_with_their_reasons(tmp_path: Path) -> None:
    first, second = written(tmp_path, "zh")
    assert list(first)[:5] == ["文件", "行号", "结果", "票号", "错误"]
    assert list(first)[5:] == PORTAL
    assert first["结果"] == "拒收"
    assert (first["文件"], first["行号"], first["金额"]) == ("账.csv", "3", "五千")
    assert "五千" in first["错误"]
    assert "2025-02-30" in second["错误"]


def test_english(tmp_path: Path) -> None:
    first, _ = written(tmp_path, "en")
    assert "cannot be read" in first["errors"]


def test_warnings_come_back_too_in_their_place(tmp_path: Path) -> None:
    facts = BooksReader().facts(source([line(1, 税率="17%"), line(2, 金额="五千"), line(3)])).tables
    table = {t: facts[t].with_columns(reading=pl.lit(7, pl.Int64)) for t in ("rejects", "invoices")}
    warned = table["invoices"].filter(pl.col("warnings").list.len() > 0)
    path = tmp_path / "errors.csv"
    assert write_errors(table["rejects"], {7: "账.csv"}, path, "en", warned) == 2
    with path.open(encoding="utf-8-sig", newline="") as file:
        first, second = csv.DictReader(file)
    assert (first["file"], first["row"], first["result"], first["invoice"]) == (
        "账.csv", "2", "warning", digital(1),
    )  # fmt: skip
    assert "not in force" in first["errors"]
    assert (second["row"], second["result"]) == ("3", "rejected")


def test_formulas_are_defused(tmp_path: Path) -> None:
    assert written(tmp_path, "zh")[1]["备注"] == "'=HYPERLINK(1)"


@pytest.mark.parametrize("cell", ["=1+1", "+cmd", "-x", "@SUM(A1)", "\t=1", "-1-2"])
def test_what_is_defused(cell: str) -> None:
    assert defused(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["-12.50", "+3", "-1,234.5", "甲", "", "1=1"])
def test_what_stays(cell: str) -> None:
    assert defused(cell) == cell
