"""Layouts as data: the bundled ones, one of the user's own, and what a wrong one says."""

from pathlib import Path

import pytest
import yaml

from extraction.books import BooksReader
from extraction.layout import bundled_layouts, heading, load_layouts, read_layout
from extraction.source import Source
from ledger.errors import InputError
from ledger.ids import party_id
from tests.ledgers import PORTAL, SELLER, csv_bytes

OURS = {
    "name": "our_sales",
    "version": 1,
    "title": {"zh": "我们的销售台账", "en": "our sales ledger"},
    "rows": "invoices",
    "codes": "own",
    "owner": "preamble",
    "preamble": {"owner_code": r"税号：(\w+)"},
    "forms": [{"needs": ["number", "issued", "buyer_name", "total"], "side": "sale"}],
    "columns": {"number": ["单号"], "issued": ["日子"], "buyer_name": ["客户"], "total": ["钱数（元）"]},
}


def write(folder: Path, layout: object, name: str = "ours.yaml") -> Path:
    """A folder with one layout."""
    (folder / name).write_text(layout if isinstance(layout, str) else yaml.safe_dump(layout), "utf-8")
    return folder


def test_bundled_layouts() -> None:
    names = {layout.name for layout in bundled_layouts()}
    assert names == {
        "agency_ledger", "cumcm2020c", "tax_portal_deduction", "tax_portal_export", "tax_portal_header"
    }  # fmt: skip
    for layout in bundled_layouts():
        assert set(layout.title) == {"zh", "en"}


def test_all_27_columns_of_the_portal_that_matter_are_known() -> None:
    export = next(layout for layout in bundled_layouts() if layout.name == "tax_portal_export")
    unread = {"发票来源", "发票风险等级", "开票人"}
    assert {PORTAL[i] for i in export.columns_in(PORTAL).values()} == set(PORTAL) - unread


def test_a_layout_of_the_users_own(tmp_path: Path) -> None:
    reader = BooksReader(write(tmp_path, OURS))
    header, row = ["单号", "日子", "客户", "钱数(元)"], ["7", "2025-1-2", "乙注塑厂", "99"]
    cells = [["某某公司", f"税号：{SELLER}"], header, row]
    facts = reader.facts(Source("x", csv_bytes(cells)))
    assert facts.format == "our_sales"
    invoice = facts.tables["invoices"].row(0, named=True)
    assert (invoice["total_fen"], invoice["side"], invoice["weak"]) == (9_900, "sale", True)
    assert invoice["seller"] == invoice["owner"] == party_id("uscc", "", SELLER)
    assert not BooksReader().recognises(Source("x", csv_bytes(cells)))


def test_a_newer_layout_makes_books_be_read_anew(tmp_path: Path) -> None:
    newer = BooksReader(write(tmp_path, OURS | {"version": 3}))
    assert newer.version == BooksReader().version + 2


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        ({"rows": "pages"}, "rows: pages"),
        ({"colour": "red"}, "unknown entry: colour"),
        ({"columns": {"nummer": ["单号"]}}, "columns: nummer"),
        ({"forms": [{"needs": ["tax"]}]}, "tax is not among the columns"),
        ({"forms": [{"needs": []}]}, "needs is empty"),
        ({"forms": [{"needs": ["number"], "side": "left"}]}, "side: left"),
        ({"preamble": {"owner_code": "("}}, "unterminated"),
        ({"title": {"zh": "台账"}}, "en"),
    ],
)
def test_a_wrong_layout_names_its_file_and_entry(
    tmp_path: Path, change: dict[str, object], detail: str
) -> None:
    with pytest.raises(InputError) as caught:
        load_layouts(write(tmp_path, OURS | change))
    assert caught.value.code == "layout_invalid"
    assert "ours.yaml" in caught.value.text("zh")
    assert detail in caught.value.text("en")


@pytest.mark.parametrize("text", ["", "- 1", "a: [", "\tx"])
def test_a_file_that_is_no_layout(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError):
        load_layouts(write(tmp_path, text))


def test_two_layouts_of_one_name(tmp_path: Path) -> None:
    write(tmp_path, OURS)
    with pytest.raises(InputError):
        load_layouts(write(tmp_path, OURS, "twin.yml"))


def test_headings_are_compared_without_dress() -> None:
    assert heading(" 金额（元） ") == heading("*金额:") == "金额"
    layout = read_layout(OURS)
    assert layout.columns_in(["客户", "单号", "客户"]) == {"buyer_name": 0, "number": 1}
