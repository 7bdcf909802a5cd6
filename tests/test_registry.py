"""Registry extracts: attributes, owners, controllers, branches, guarantees, and people who stay masked."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from extraction.books import BooksReader
from extraction.readers import reader_for
from extraction.registry import RegistryReader
from extraction.rows import Facts
from extraction.source import Source
from ledger.ids import party_id, stable_id
from ledger.words import message
from tests.ledgers import BUYER, SELLER, THIRD, csv_bytes, line, source, xlsx_bytes

READER = RegistryReader()
TIES = [
    "企业识别号",
    "企业名称",
    "关系类型",
    "对方识别号",
    "对方名称",
    "证件标识",
    "比例",
    "金额(元)",
    "起始日期",
    "截止日期",
    "备注",
]
FIRMS = [
    "统一社会信用代码",
    "企业名称",
    "行政区划代码",
    "行业代码",
    "企业规模",
    "纳税人类型",
    "企业类型",
    "法定代表人",
]
FIRM = party_id("uscc", "", SELLER)


def ties(*rows: dict[str, str]) -> Facts:
    """A table of ties of one firm."""
    basic = {"企业识别号": SELLER, "企业名称": "平湖市甲高分子材料有限公司"}
    cells = [[({**basic, **row}).get(c, "") for c in TIES] for row in rows]
    return READER.facts(Source("x", csv_bytes([TIES, *cells])))


def codes_of(facts: Facts) -> list[str]:
    """Codes of all rejects, each with a sentence."""
    codes = [p["code"] for ps in facts.tables["rejects"]["problems"].to_list() for p in ps]
    assert all(message(c, lang) for c in codes for lang in ("zh", "en"))
    return codes


@pytest.mark.parametrize(
    ("word", "kind", "inward"),
    [
        ("股东", "OWNS", True),
        ("对外投资", "OWNS", False),
        ("实际控制人", "CONTROLS", True),
        ("总公司", "BRANCH_OF", False),
        ("分公司", "BRANCH_OF", True),
        ("前身", "SUCCEEDS", False),
        ("对外担保", "GUARANTEES", False),
        ("保证人", "GUARANTEES", True),
    ],
)
def test_which_way_a_tie_runs(word: str, kind: str, inward: bool) -> None:
    facts = ties({"关系类型": word, "对方识别号": BUYER, "对方名称": "嘉兴市乙注塑有限公司"})
    other = party_id("uscc", "", BUYER)
    expected = (kind, other, FIRM) if inward else (kind, FIRM, other)
    assert facts.tables["relations"].select("kind", "src", "dst").rows() == [expected]
    assert not facts.tables["relations"]["src_is_person"][0]


def test_what_a_tie_says() -> None:
    row = {
        "关系类型": "对外担保",
        "对方识别号": BUYER,
        "金额(元)": "3,000,000.00",
        "起始日期": "2024-01-05",
        "截止日期": "2027/1/5",
    }
    tie = ties(row).tables["relations"].row(0, named=True)
    assert (tie["amount_fen"], tie["happened_on"], tie["until"]) == (
        300_000_000,
        date(2024, 1, 5),
        date(2027, 1, 5),
    )
    assert tie["known_at"] == datetime(2024, 1, 4, 16, tzinfo=UTC)
    owner = (
        ties({"关系类型": "股东", "对方识别号": BUYER, "比例": "51%"}).tables["relations"].row(0, named=True)
    )
    assert (owner["share"], owner["happened_on"], owner["known_at"]) == (Decimal("0.51"), None, None)


def test_people_are_masked_and_told_apart_by_their_number() -> None:
    number = "990000199003074258"
    rows = [
        {"关系类型": "法定代表人", "对方名称": "张三丰", "证件标识": number},
        {"关系类型": "股东", "对方名称": "张三丰", "证件标识": number, "比例": "60%"},
        {"关系类型": "股东", "对方名称": "张三丰", "证件标识": "990000198001011234", "比例": "40%"},
    ]
    relations = ties(*rows).tables["relations"]
    assert relations["src"].to_list()[:2] == [stable_id("person", "张三丰", number)] * 2
    assert relations["src"].n_unique() == 2
    assert set(relations["src_label"]) == {"张**"}
    assert relations["src_is_person"].all()


def test_people_without_a_number_never_become_one() -> None:
    one = {"关系类型": "法定代表人", "对方名称": "李四"}
    relations = ties(one, {**one, "企业识别号": THIRD}).tables["relations"]
    assert relations["src"].n_unique() == 2


def test_no_personal_number_is_kept_anywhere() -> None:
    number = "990000199003074258"
    facts = ties(
        {"关系类型": "法定代表人", "对方名称": "张三丰", "证件标识": number},
        {"关系类型": "自造", "证件标识": number},
    )
    assert facts.rejected == 1
    kept = " ".join(str(table.to_dicts()) for table in facts.tables.values())
    assert number not in kept
    assert "19900307" not in kept


def test_attributes_of_enterprises() -> None:
    row = [
        SELLER,
        "平湖市甲高分子材料有限公司",
        "330482",
        "C2651",
        "微型",
        "小规模纳税人",
        "有限责任公司",
        "王五",
    ]
    facts = READER.facts(Source("x", csv_bytes([FIRMS, row, row])))
    assert (facts.rows, facts.duplicates, facts.rejected) == (2, 1, 0)
    party = facts.tables["parties"].row(0, named=True)
    assert (party["party"], party["region"], party["industry"]) == (FIRM, "330482", "C2651")
    assert (party["size"], party["taxpayer"], party["legal_form"]) == ("micro", "small_scale", "company")
    assert facts.tables["relations"].select("kind", "src_label", "dst").rows() == [
        ("LEGAL_REP_OF", "王*", FIRM)
    ]


def test_two_sheets_of_one_workbook() -> None:
    firm = [SELLER, "平湖市甲高分子材料有限公司", "330482", "", "", "", "", ""]
    tie = [SELLER, "", "股东", BUYER, "", "", "100%", "", "", "", ""]
    facts = READER.facts(Source("x", xlsx_bytes(名录=[FIRMS, firm], 关系=[TIES, tie])))
    assert (facts.rows, facts.rejected) == (2, 0)
    assert facts.tables["relations"]["row"].to_list() == [4]


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"关系类型": "自造", "对方识别号": BUYER}, "word_unknown"),
        ({"关系类型": "", "对方识别号": BUYER}, "kind_missing"),
        ({"关系类型": "股东", "对方识别号": "", "对方名称": ""}, "party_missing"),
        ({"关系类型": "股东", "对方识别号": SELLER}, "party_twice"),
        ({"关系类型": "股东", "对方识别号": BUYER, "比例": "一半"}, "share_unreadable"),
        ({"关系类型": "对外担保", "对方识别号": BUYER, "金额(元)": "3E6"}, "amount_unreadable"),
        ({"关系类型": "股东", "对方识别号": BUYER, "起始日期": "2024-02-30"}, "date_unreadable"),
        ({"关系类型": "对外投资", "对方名称": "李四"}, "person_as_target"),
    ],
)
def test_a_bad_row_is_rejected_alone(row: dict[str, str], code: str) -> None:
    good = {"关系类型": "股东", "对方识别号": THIRD}
    facts = ties(good, row)
    assert code in codes_of(facts)
    assert (facts.rows, facts.rejected) == (2, 1)
    assert facts.tables["relations"].height == 1
    assert facts.tables["rejects"]["row"].to_list() == [3]


def test_each_reader_knows_its_own() -> None:
    registry = Source("x", csv_bytes([TIES, [SELLER, "", "股东", BUYER, *[""] * 7]]))
    assert isinstance(reader_for(registry), RegistryReader)
    assert not BooksReader().recognises(registry)
    assert not READER.recognises(source([line(1)]))


def test_a_firm_may_be_older_than_the_vat() -> None:
    cells = [[*FIRMS, "成立日期"], [SELLER, "平湖市甲高分子材料有限公司", "330482", *[""] * 5, "1958-10-01"]]
    facts = READER.facts(Source("x", csv_bytes(cells)))
    assert (facts.rejected, facts.tables["parties"].height) == (0, 1)


def test_a_number_that_verifies_nothing_holds_in_this_document_alone() -> None:
    found = []
    for note in ("一", "二"):
        facts = ties({"企业识别号": "9" * 18, "关系类型": "母公司", "对方识别号": BUYER, "备注": note})
        (dst,) = facts.tables["relations"]["dst"]
        found.append(dst)
        schemes = dict(facts.tables["parties"].select("party", "scheme").iter_rows())
        assert schemes == {dst: "scoped", party_id("uscc", "", BUYER): "uscc"}
    assert found[0] != found[1]


def test_what_is_read_is_known_to_the_same_reader() -> None:
    assert ties({"关系类型": "母公司", "对方识别号": BUYER}).version == READER.version
