"""Personal numbers: what counts as one, what must not, and that none stands in clear in any table."""

import json

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn

from extraction.books import BooksReader
from extraction.credit_codes import tax_number
from extraction.normalise import normalise
from extraction.paper import Paper, Value, line, rows
from extraction.parties import is_person, who_is
from extraction.people import covered_cells
from extraction.personal import masked, masked_text, without_numbers
from extraction.registry import RegistryReader
from extraction.rows import Facts
from extraction.source import Source
from tests.ledgers import PORTAL, SELLER, csv_bytes, digital, source
from tests.ledgers import line as row

PINGHU, MISTYPED = "330482198501011234", "110101199003074514"
CARD = "622202020000123456" + luhn.calc_check_digit("622202020000123456")


def kept(facts: Facts) -> str:
    """Everything that would be stored."""
    return json.dumps([t.to_dicts() for t in facts.tables.values()], default=str, ensure_ascii=False)


@pytest.mark.parametrize("number", [PINGHU, MISTYPED, "11010119900307451X", "990000199003074258"])
def test_shape_and_birthday_make_a_citizens_number(number: str) -> None:
    found = tax_number(number)
    assert (found.legal_form, found.suspicious) == ("person", False)
    assert number[6:14] not in found.shown
    assert number[6:14] not in tax_number(number[:17] + "202").shown


@pytest.mark.parametrize("number", [SELLER, "330482199013451234", "330482185001011234", "91330482MA2CX1234X"])
def test_other_numbers_are_not(number: str) -> None:
    assert tax_number(number).shown == number
    assert tax_number(number).legal_form != "person"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"*劳务*给{MISTYPED}搬运", "*劳务*给110101********4514搬运"),
        (f"ID{PINGHU}", "ID330482********1234"),
        ("330482 19850101 123x", "330482 ******** 123x"),
        ("１１０１０１１９９００３０７４５１４号", "110101********4514号"),
        (f"{PINGHU} {MISTYPED}", "330482********1234 110101********4514"),
        ("税号11010119900307425802", "税号110101********425802"),
        ("电话13812345678、138-1234-5678", "电话138****5678、138-****-5678"),
        (f"卡号{CARD}", f"卡号622202*********{CARD[-4:]}"),
        (" ".join(CARD[i : i + 4] for i in range(0, 19, 4)), f"622202*********{CARD[-4:]}"),
    ],
)
def test_masked_in_text(text: str, shown: str) -> None:
    assert masked_text(text) == shown
    assert masked_text(shown) == shown


@pytest.mark.parametrize(
    "text",
    [
        digital(9), "1070101010000000000", SELLER, "13812345678.00",
        CARD[:-1] + str((int(CARD[-1]) + 1) % 10),
        "2025-07-24 18:22:02", "100001202507240001", "25332000000000000001", "PA6T 12345678",
    ],
)  # fmt: skip
def test_numbers_of_things_stay(text: str) -> None:
    assert masked_text(text) == text


@given(st.text(st.sampled_from("0123456789Xx -.元号*")))
def test_masking_twice_is_masking_once(text: str) -> None:
    once = masked_text(text)
    assert masked_text(once) == once
    assert masked(pl.Series([text, None])).to_list() == [once, None]


@pytest.mark.parametrize(
    "name", [f"王小二{PINGHU}", f"王小二（{PINGHU}）", f"个人（{MISTYPED}）", f"个人{PINGHU}", PINGHU,
             "王小二13812345678", "王小二(身份证号：330482********1234)"],
)  # fmt: skip
def test_a_name_with_a_personal_number_is_a_persons(name: str) -> None:
    assert is_person(name)
    assert who_is("buyer", None, name) is None
    assert without_numbers(f"城北五金店{PINGHU}") == "城北五金店"
    assert not is_person(f"城北五金店{PINGHU}")


def test_no_personal_number_of_a_ledger_reaches_any_table() -> None:
    bad = {"规格型号": PINGHU, "备注": f"卡{CARD} 身份证{PINGHU}", "货物或应税劳务名称": f"给{MISTYPED}搬运"}
    named = {"购方识别号": "", "购买方名称": f"城北五金店{PINGHU}"}
    coded = {"购方识别号": "33048219850101123402", "购买方名称": "王小二小吃店"}
    lines = [row(1, **bad), row(2, **named), row(3, **coded), row(4, **bad, **named, 金额="x")]
    lines.append(row(5, 备注=f"代开企业名称:城北五金店{PINGHU}", 销方名称="平湖市税务局", 销方识别号=""))
    facts = BooksReader().facts(source(lines))
    assert facts.rejected == 1
    stored = kept(facts)
    for number in ("19850101", "19900307", CARD):
        assert number not in stored
    assert digital(4) in stored
    assert "1070101010000000000" in stored


def test_raw_of_rejects_keeps_numbers_of_invoices() -> None:
    cells = {"发票代码": "13812345678", "金额": "x", "备注": "电话13812345678"}
    cells |= {"购方识别号": "33048219850101123402"}
    facts = BooksReader().facts(Source("x", csv_bytes([PORTAL, [row(1, **cells)[c] for c in PORTAL]])))
    raw = json.loads(facts.tables["rejects"]["raw"][0])
    assert (raw["发票代码"], raw["备注"]) == ("13812345678", "电话138****5678")
    assert (raw["销方识别号"], raw["购方识别号"]) == (SELLER, "330482********123402")


def test_no_personal_number_of_a_paper_reaches_any_table() -> None:
    paper = Paper(lines=[line(item=f"给{MISTYPED}搬运", specification=PINGHU, amount="100")])
    said = {"number": digital(1), "issued": "2025-03-01", "seller.code": SELLER, "buyer.code": PINGHU}
    said |= {"buyer.name": "王小二", "remark": CARD, "seller.name": f"城北五金店{PINGHU}"}
    said |= {"buyer.address": f"城北路1号 {PINGHU}", "payee": f"王小二{PINGHU}"}
    for path, text in said.items():
        paper.put(path, Value(text))
    stored = kept(normalise(rows(paper, "test", 1, "x")))
    for number in ("19850101", "19900307", CARD):
        assert number not in stored


def test_no_personal_number_of_a_registry_reaches_any_table() -> None:
    head = ["企业识别号", "企业名称", "关系类型", "对方识别号", "对方名称", "备注"]
    firm = f"城北五金店{PINGHU}"
    cells = [
        [SELLER, firm, "股东", "", f"王小二{PINGHU}", PINGHU],
        [SELLER, firm, "自造", PINGHU, firm, CARD],
    ]
    facts = RegistryReader().facts(Source("x", csv_bytes([head, *cells])))
    assert (facts.rejected, facts.tables["relations"]["src_is_person"].to_list()) == (1, [True])
    stored = kept(facts)
    assert "19850101" not in stored
    assert CARD not in stored


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("电话+8613812345678", "电话+86138****5678"),
        ("0086-13812345678", "0086-138****5678"),
        ("手机8613812345678", "手机86138****5678"),
        ("138-12345678", "138-****5678"),
        ("1381234 5678", "138**** 5678"),
        ("1.13812345678", "1.138****5678"),
        ("身份证1101 0119 9003 0745 14", "身份证110101********4514"),
        ("110101 1990 0307 4514", "110101********4514"),
        ("110101\u00a019900307\u00a04514", "110101********4514"),
        ("11010119900307\n4514", "110101********4514"),
        ("身份证110101900307451", "身份证110101******451"),
        (f"{CARD[:10]} {CARD[10:]}", f"622202*********{CARD[-4:]}"),
        ("\u00a0".join(CARD[i : i + 4] for i in range(0, 19, 4)), f"622202*********{CARD[-4:]}"),
    ],
)
def test_numbers_are_masked_however_they_are_parted(text: str, shown: str) -> None:
    assert masked_text(text) == shown
    assert masked_text(shown) == shown
    assert masked(pl.Series([text])).to_list() == [shown]


@pytest.mark.parametrize(
    "text",
    [
        "0.13812345678", "150 20250301", "订单414452555629568 2024-01-20", "6228 4800 0005 2024-01-20",
        "4403203130 12345675", "110101990230451", "110101 2019-03-07 4514",
        "13812345678.50", "2025-01-02 2025-03-04", "3301 6170 3505 0012 345", "6901234567892",
    ],
)  # fmt: skip
def test_parted_numbers_of_things_stay(text: str) -> None:
    assert masked_text(text) == text


@pytest.mark.parametrize(
    "name",
    [
        "欧阳小明先生",
        "王小明(支付宝)",
        "诸葛小明女士（微信）",
        "ZHANG SAN",
        "Zhang San Feng",
        "WANG, XIAOMING",
    ],
)
def test_titles_channels_and_latin_names_are_people(name: str) -> None:
    assert is_person(name)
    assert who_is("buyer", None, name) is None


@pytest.mark.parametrize(
    "name",
    ["ACME CO LTD", "Muster GmbH", "Acme Inc.", "ACME", "A1 B2", "Sun Moon Trading", "嘉兴某某商贸(微信)"],
)
def test_latin_firms_are_no_people(name: str) -> None:
    assert not is_person(name)


def test_rejected_rows_name_no_person() -> None:
    frame = pl.DataFrame(
        {
            "对方户名": ["赵六七", "平湖某某有限公司"],
            "附言": ["付赵六七工资", None],
            "交易名称": ["赵六七", ""],
        }
        | {"商品名称": ["尼龙", "切片"]}
    )
    shown = covered_cells(frame)
    assert "赵六七" not in str(shown.to_dicts())
    assert shown["对方户名"].to_list() == ["赵**", "平湖某某有限公司"]
    assert shown["附言"].to_list() == ["付赵**工资", None]
    assert shown["商品名称"].to_list() == ["尼龙", "切片"]


def test_rejected_rows_of_a_registry_name_no_person() -> None:
    head = ["企业识别号", "企业名称", "关系类型", "对方识别号", "对方名称", "备注"]
    facts = RegistryReader().facts(
        Source("x", csv_bytes([head, [SELLER, "城北五金店", "自造", "", "王小二", "王小二出资"]]))
    )
    assert facts.rejected == 1
    assert "王小二" not in kept(facts)
    assert "城北五金店" in kept(facts)
