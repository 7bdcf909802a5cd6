"""`dayan read`: what a document says and why it is believed, without storing anything."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from dayan import console, showing
from seeds.papers import PaperInvoice, PaperLine, Party, write_ofd
from tests.api_server import settings_for
from tests.ledgers import BUYER, SELLER, csv_bytes, line, table

INVOICE = PaperInvoice(
    number="25332000000000000007",
    issued=date(2025, 3, 4),
    seller=Party("平湖市甲高分子材料有限公司", SELLER),
    buyer=Party("嘉兴市乙注塑有限公司", BUYER),
    lines=(
        PaperLine("*塑料制品*切片", 100_000, 13_000, Decimal("0.13"), Decimal(10), Decimal(100)),
        PaperLine("*塑料制品*粒子", 50_000, 6_500, Decimal("0.13"), Decimal(5), Decimal(100)),
    ),
)


@pytest.fixture
def shown(tmp_path: Path, monkeypatch, capsys):
    """Show files by name → content; returns (whether all were read, what was printed)."""
    monkeypatch.setattr(console.out, "width", 240)
    monkeypatch.chdir(tmp_path)

    def show(lang: str = "en", *, as_json: bool = False, everything: bool = False, **files: bytes):
        paths = []
        for name, data in files.items():
            paths.append(tmp_path / name.replace("_", "."))
            paths[-1].write_bytes(data)
        settings = settings_for(tmp_path / "data", lang=lang)
        well = showing.show(settings, paths, as_json=as_json, everything=everything)
        return well, capsys.readouterr()

    return show


def test_a_paper_is_told_value_by_value_with_place_method_and_confidence(shown, tmp_path):
    well, said = shown(a_ofd=write_ofd(INVOICE))
    assert well
    (row,) = [text for text in said.out.splitlines() if "seller.code" in text]
    assert SELLER in row
    assert "1.00" in row or "0." in row
    (number,) = [text for text in said.out.splitlines() if text.strip().startswith("number ")]
    assert INVOICE.number in number
    assert "*塑料制品*粒子" in said.out
    assert "1,000.00" in said.out
    assert not (tmp_path / "data").exists()


def test_a_ledger_is_told_by_counts_first_rows_and_kinds_of_problems(shown):
    rows = [line(n) for n in range(1, 9)] + [line(9, 金额="broken"), line(10, 金额="broken")]
    well, said = shown("zh", a_csv=csv_bytes(table(rows)))
    assert well
    assert "前 5 行" in said.out
    assert "10 行" in said.out
    problem = next(text for text in said.out.splitlines() if "broken" in text)
    assert problem.split()[0] == "2"


def test_json_holds_the_same(shown):
    well, said = shown(
        as_json=True, a_ofd=write_ofd(INVOICE), b_csv=csv_bytes(table([line(1, 金额="broken")]))
    )
    assert well
    paper, ledger = map(json.loads, said.out.splitlines())
    values = {f["path"]: f for f in paper["fields"]}
    assert values["seller.code"]["value"] == SELLER
    assert values["seller.code"]["method"]
    assert (paper["facts"], paper["rejected"], paper["synthetic"]) == (1, 0, True)
    assert paper["tables"]["invoice_lines"]["total"] == 2
    assert (ledger["rows"], ledger["rejected"], ledger["rejects"][0]["row"]) == (1, 1, 2)


def test_what_cannot_be_read_says_why_and_the_rest_is_shown(shown):
    well, said = shown(a_bin=b"\0\1junk", b_ofd=write_ofd(INVOICE))
    assert not well
    assert "a.bin" in said.err
    assert "seller.code" in said.out
    _, said = shown(as_json=True, a_bin=b"\0\1junk")
    assert json.loads(said.out)["error"]["code"] == "file_unknown"


def test_long_papers_say_what_was_left_off(shown, monkeypatch):
    monkeypatch.setattr(showing, "VALUES", 3)
    _, said = shown(a_ofd=write_ofd(INVOICE))
    assert "more" in said.out
    _, whole = shown(everything=True, a_ofd=write_ofd(INVOICE))
    assert "--all" not in whole.out
    assert len(whole.out.splitlines()) > len(said.out.splitlines())
