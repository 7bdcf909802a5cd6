"""The shelf: generated ones are whole and marked; real ones are read, or refused value by value."""

import polars as pl
import pytest
import yaml

from ledger.errors import FileUnreadable, InputError
from ledger.words import labels, messages
from seeds.shelf import AUDIENCES, COLUMNS, FORMS, INVESTORS, KINDS, shelf
from seeds.shelf_books import read_flows, read_holders
from seeds.shelf_file import FIELDS, read_shelf

GOOD = {
    "产品代码": "A1",
    "产品名称": "甲产品",
    "发行机构": "某理财",
    "产品类型": "固收+",
    "运作模式": "最短持有期",
    "风险等级": "PR2",
    "封闭或最短持有天数": "30",
    "赎回到账天数": "1",
    "业绩比较基准下限": "2.10",
    "业绩比较基准上限": "2.60%",
    "基准起始日": "2025-01-01",
    "起购金额": "1,000.50",
    "快速赎回单日上限": "",
}


def written(path, *rows):
    lines = [",".join(rows[0])] + [",".join(f'"{value}"' for value in row.values()) for row in rows]
    path.write_text("\n".join(lines), "utf-8-sig")
    return path


def problems_of(path, read=read_shelf):
    with pytest.raises(InputError) as caught:
        read(path)
    return {(p.row, p.field, p.code) for p in caught.value.problems}


def test_a_generated_shelf_is_whole_marked_and_the_same_each_time():
    first = shelf(2_000)
    assert first.equals(shelf(2_000))
    assert not first.equals(shelf(2_000, seed=2))
    assert dict(first.schema) == COLUMNS
    assert first["synthetic"].all()
    assert first["id"].is_unique().all()
    assert first["name"].str.contains("合成").all()
    assert set(first["kind"]) == set(KINDS)
    assert set(first["level"]) == {1, 2, 3, 4, 5}
    assert (first["benchmark_low"] <= first["benchmark_high"]).all()
    assert (first["benchmark_until"] > first["benchmark_from"]).all()
    cash = first.filter(pl.col("kind") == "cash_management")
    assert (cash["lock_days"] == 0).all()
    assert cash["quick_cap_fen"].drop_nulls().max() <= 1_000_000  # 10,000 yuan a day
    assert shelf().height == 10_000


def test_every_kind_and_field_has_words():
    for of, values in (("kind", KINDS), ("form", FORMS), ("audience", AUDIENCES), ("investors", INVESTORS)):
        assert {f"wealth_{of}_{value}" for value in values} <= set(labels())
    for field in FIELDS.values():
        assert f"shelf_not_{field.reads}" in messages()


def test_no_sentence_of_the_room_promises_a_yield():
    for key, told in {**labels(), **messages()}.items():
        if key.startswith(("wealth_", "shelf_")):
            assert "预期收益" not in told["zh"], key
            assert "expected yield" not in told["en"], key
            assert "expected return" not in told["en"], key


def test_a_real_shelf_is_read_with_chinese_headings(tmp_path):
    found = read_shelf(written(tmp_path / "a.csv", GOOD)).row(0, named=True)
    assert (found["id"], found["kind"], found["form"], found["level"]) == (
        "A1",
        "fixed_income_plus",
        "min_hold",
        2,
    )
    assert (found["benchmark_low"], found["benchmark_high"]) == (0.021, 0.026)
    assert (found["least_fen"], found["quick_cap_fen"], found["confirm_days"]) == (100_050, None, 1)
    assert found["synthetic"] is False


def test_yaml_and_csv_say_the_same(tmp_path):
    (tmp_path / "a.yaml").write_text(yaml.safe_dump({"products": [GOOD]}, allow_unicode=True), "utf-8")
    assert read_shelf(tmp_path / "a.yaml").equals(read_shelf(written(tmp_path / "a.csv", GOOD)))


@pytest.mark.parametrize(
    ("heading", "value", "field", "code"),
    [
        ("风险等级", "R6", "level", "shelf_not_level"),
        ("产品类型", "彩票", "kind", "shelf_not_choice"),
        ("封闭或最短持有天数", "一月", "lock_days", "shelf_not_days"),
        ("封闭或最短持有天数", "-3", "lock_days", "shelf_not_days"),
        ("起购金额", "1.005", "least_fen", "shelf_not_yuan"),
        ("起购金额", "", "least_fen", "shelf_value_missing"),
        ("业绩比较基准下限", "NaN", "benchmark_low", "shelf_not_percent"),
        ("业绩比较基准下限", "2.7", "benchmark_low", "shelf_range_turned"),
        ("基准起始日", "2025-02-30", "benchmark_from", "shelf_not_date"),
        ("产品代码", "A1", "id", "shelf_id_twice"),
    ],
)
def test_what_cannot_be_used_is_named_by_row_and_field(tmp_path, heading, value, field, code):
    second = {**GOOD, "产品代码": "A2", heading: value}
    assert problems_of(written(tmp_path / "a.csv", GOOD, second)) == {(3, field, code)}


def test_an_unknown_heading_is_told_not_passed_over(tmp_path):
    assert problems_of(written(tmp_path / "a.csv", {**GOOD, "预期收益率": "5"})) == {
        (2, "预期收益率", "shelf_unknown_field")
    }


@pytest.mark.parametrize("text", ["", "products: [", "products: []", "a: 1", "&a [*a"])
def test_files_that_hold_no_shelf_are_refused(tmp_path, text):
    (tmp_path / "a.yaml").write_text(text, "utf-8")
    with pytest.raises(FileUnreadable):
        read_shelf(tmp_path / "a.yaml")
    with pytest.raises(FileUnreadable):
        read_shelf(tmp_path / "none.csv")


def test_flows_and_holders_are_read_or_refused_by_value(tmp_path):
    flows = tmp_path / "flows.csv"
    flows.write_text("产品代码,日期,申购金额,赎回金额\nA1,2025-01-02,10.5,0\n", "utf-8")
    assert read_flows(flows).row(0)[2:] == (1050, 0)
    flows.write_text("产品代码,日期,申购金额,赎回金额\nA1,2025-13-02,x,0\n", "utf-8")
    assert {p[1] for p in problems_of(flows, read_flows)} == {"day", "subscribed_fen"}
    held = tmp_path / "holders.csv"
    held.write_text("product,code,amount_yuan\nA1,91990000000000000X,1000\n", "utf-8")
    assert read_holders(held)["amount_fen"].to_list() == [100_000]
