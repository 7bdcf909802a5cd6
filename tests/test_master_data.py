"""Attributes with source and day, labels, other names, and the lists that knock a firm out."""

from datetime import date

import polars as pl
import pytest

from extraction.readers import reader_for
from extraction.registry import RegistryReader
from extraction.rows import Facts
from extraction.source import Source
from ledger.ids import party_id
from ledger.words import label, message
from tests.ledgers import BUYER, SELLER, csv_bytes, xlsx_bytes

FIRM = party_id("uscc", "", SELLER)


def read(header: list[str], *rows: list[str]) -> Facts:
    source = Source("名单.csv", csv_bytes([header, *rows]))
    reader = reader_for(source)
    assert isinstance(reader, RegistryReader)
    return reader.facts(source)


def problems_of(facts: Facts) -> list[str]:
    return [p["code"] for ps in facts.tables["rejects"]["problems"].to_list() for p in ps]


@pytest.mark.parametrize(
    ("word", "key"),
    [
        ("失信被执行人", "dishonest"),
        ("经营异常名录", "abnormal"),
        ("非正常户", "tax_abnormal"),
        ("黑名单", "own_black"),
    ],
)
def test_a_list_has_its_days_and_its_reason(word: str, key: str) -> None:
    facts = read(
        ["统一社会信用代码", "企业名称", "名单类型", "列入日期", "移出日期", "文号", "列入机关", "列入原因"],
        [SELLER, "甲公司", word, "2024-03-05", "2025/3/4", "（2024）浙01执5号", "某法院", "未履行"],
    )
    (row,) = facts.tables["listings"].to_dicts()
    assert (row["party"], row["list"], row["happened_on"], row["until"]) == (
        FIRM, key, date(2024, 3, 5), date(2025, 3, 4),
    )  # fmt: skip
    assert (row["case"], row["authority"], row["reason"]) == ("（2024）浙01执5号", "某法院", "未履行")
    assert (facts.rows, facts.rejected, facts.duplicates) == (1, 0, 0)
    assert label(key, "zh") and label(key, "en")


def test_a_court_list_is_told_by_its_own_columns() -> None:
    facts = read(
        [
            "被执行人姓名/名称",
            "身份证号码/组织机构代码",
            "执行法院",
            "案号",
            "立案时间",
            "失信被执行人行为具体情形",
        ],
        ["乙有限公司", BUYER, "某法院", "（2025）1号", "2025-01-01", "有能力而拒不履行"],
        ["张三", "33010119800101123X", "某法院", "（2025）2号", "2025-01-01", "有能力而拒不履行"],
    )
    (row,) = facts.tables["listings"].to_dicts()
    assert (row["list"], row["reason"]) == ("dishonest", "有能力而拒不履行")
    assert facts.rejected == 1
    raw = facts.tables["rejects"]["raw"].item()
    assert "33010119800101123X" not in raw


def test_what_is_wrong_with_a_row_is_told_and_the_rest_goes_on() -> None:
    facts = read(
        ["统一社会信用代码", "企业名称", "名单类型", "列入日期", "移出日期", "文号"],
        [SELLER, "甲公司", "黑名单", "2024-03-05", "2023-03-05", "1"],
        [SELLER, "甲公司", "自造名单", "2024-03-05", "", "2"],
        [SELLER, "甲公司", "", "2024-03-05", "", "3"],
        ["", "张三", "黑名单", "2024-03-05", "", "4"],
        [SELLER, "甲公司", "黑名单", "某日", "", "5"],
        [SELLER, "甲公司", "黑名单", "2024-03-05", "", "6"],
        [SELLER, "甲公司", "黑名单", "2024-03-05", "", "6"],
    )
    assert problems_of(facts) == [
        "ends_before_it_begins", "word_unknown", "list_missing", "list_missing",
        "person_not_kept", "date_unreadable",
    ]  # fmt: skip
    assert all(message(code, lang) for code in problems_of(facts) for lang in ("zh", "en"))
    assert (facts.rows, facts.rejected, facts.duplicates) == (7, 5, 1)
    assert facts.tables["listings"].height == 1


def test_labels_keep_who_gave_them_and_unknown_ones_as_they_are_said() -> None:
    facts = read(
        ["统一社会信用代码", "企业名称", "资质名称", "发证日期", "有效期至", "发证机关"],
        [SELLER, "甲公司", "高新技术企业", "2023-12-08", "2026-12-07", "省科技厅"],
        [SELLER, "甲公司", "雏鹰企业", "2023-12-08", "", "市科技局"],
    )
    rows = facts.tables["attributes"].select("name", "value", "happened_on", "until", "source").rows()
    assert rows == [
        ("label", "high_tech", date(2023, 12, 8), date(2026, 12, 7), "省科技厅"),
        ("label", "雏鹰企业", date(2023, 12, 8), None, "市科技局"),
    ]
    assert [(w.code, w.value) for w in facts.warnings] == [("word_unknown", "雏鹰企业")]


def test_an_enterprise_table_dates_its_attributes_and_gives_former_names() -> None:
    facts = read(
        [
            *("统一社会信用代码", "企业名称", "行业代码", "企业规模", "登记状态", "从业人员"),
            *("曾用名", "数据来源", "数据日期"),
        ],
        [SELLER, "甲公司", "C2651", "小型", "存续", "35", "甲厂；甲有限公司", "市监局", "2025-06-30"],
    )
    said = facts.tables["attributes"]
    assert dict(said.select("name", "value").iter_rows()) == {
        "industry": "C2651", "size": "small", "status": "active", "employees": "35",
    }  # fmt: skip
    assert said["source"].unique().to_list() == ["市监局"]
    assert said["happened_on"].unique().to_list() == [date(2025, 6, 30)]
    assert facts.tables["aliases"]["name"].to_list() == ["甲厂", "甲有限公司"]


def test_names_have_kinds_and_days_and_sheets_go_together() -> None:
    names = [
        ["企业名称", "统一社会信用代码", "曾用名", "启用日期", "变更日期"],
        ["甲公司", SELLER, "甲厂", "2001-01-01", "2015-05-05"],
    ]
    lists = [["企业名称", "统一社会信用代码", "名单类型", "文号"], ["甲公司", SELLER, "灰名单", "7"]]
    facts = RegistryReader().facts(Source("x.xlsx", xlsx_bytes(名称=names, 名单=lists)))
    (alias,) = facts.tables["aliases"].to_dicts()
    assert (alias["party"], alias["kind"], alias["until"]) == (FIRM, "former", date(2015, 5, 5))
    assert facts.tables["listings"]["list"].to_list() == ["own_grey"]
    assert facts.tables["parties"].filter(pl.col("party") == FIRM).height == 1
    short = read(
        ["证券简称", "公司全称", "统一社会信用代码", "名称类型"], ["甲股份", "甲公司", SELLER, "证券简称"]
    )
    assert short.tables["aliases"]["kind"].to_list() == ["short"]
