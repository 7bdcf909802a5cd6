"""`dayan read`: what a document says and why it is believed, without storing anything."""

import json
import sys
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import docx
import pytest
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from dayan import console, showing
from extraction.prose import segmenter as segmenting
from extraction.prose.model import shipped
from ledger.errors import InputError
from seeds.papers import PaperInvoice, PaperLine, Party, write_ofd
from tests.api_server import settings_for
from tests.ledgers import BUYER, SELLER, csv_bytes, line, table
from tests.llm_stand_in import Reply, names, stand_in

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

    def show(
        lang: str = "en", *, values: dict | None = None, options: dict | None = None, **files: bytes | bool
    ):
        as_json, everything = (bool(files.pop(flag, False)) for flag in ("as_json", "everything"))
        paths = []
        for name, data in files.items():
            paths.append(tmp_path / name.replace("_", "."))
            paths[-1].write_bytes(data)
        settings = settings_for(tmp_path / "data", lang=lang, **(values or {}))
        well = showing.show(settings, paths, as_json=as_json, everything=everything, **(options or {}))
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


LETTER = (
    "今收到平湖市耐衡新材料有限公司（税号91990000280633645E）送来的说明。",
    "联系人王建国，身份证330482198503040011，我司向恩捷股份采购尼龙切片，货款人民币1,234.50元，于2025年3月4日付清。",
)


def letter_docx() -> bytes:
    made, out = docx.Document(), BytesIO()
    for text in LETTER:
        made.add_paragraph(text)
    made.add_table(1, 2).cell(0, 1).text = "嘉兴市乙注塑有限公司"
    made.save(out)
    return out.getvalue()


def letter_pdf() -> bytes:
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    out = BytesIO()
    page = Canvas(out, pagesize=(800, 300), invariant=True)
    for text in LETTER:
        page.setFont("STSong-Light", 10)
        page.drawString(30, 200, text)
        page.showPage()
    page.save()
    return out.getvalue()


def letter_txt() -> bytes:
    return "\n".join(LETTER).encode("gb18030")


def names_of(said) -> list[dict]:
    return json.loads(said.out)["names"]["found"]


@pytest.mark.parametrize(
    ("file", "data", "first", "second"),
    [
        ("a_docx", letter_docx, (None, "paragraph[1]"), (None, "paragraph[2]")),
        ("a_pdf", letter_pdf, (1, ""), (2, "")),
        ("a_txt", letter_txt, (None, "line[1]"), (None, "line[2]")),
    ],
)
def test_names_of_a_text_are_told_with_their_place(shown, file, data, first, second):
    well, said = shown(as_json=True, options={"names": True}, **{file: data()})
    assert well  # no reader knows a letter, its names are told all the same
    told = {(n["label"], n["text"]): n for n in names_of(said)}
    code = told["credit_code", "91990000280633645E"]
    assert (code["page"], code["where"]) == first
    assert (code["method"], code["confidence"]) == ("rule", 1.0)
    assert told["company", "平湖市耐衡新材料有限公司"]
    person = told["person", "王建国"]
    assert (person["page"], person["where"], person["method"]) == (*second, "crf")
    assert {("short_name", "恩捷股份"), ("date", "2025年3月4日")} <= set(told)
    assert "19850304" not in said.out
    if file == "a_docx":
        assert told["company", "嘉兴市乙注塑有限公司"]["where"] == "table[1].row[1].cell[2]"


def test_names_are_printed_once_each_and_no_personal_number(shown):
    text = "\n".join((*LETTER, "又收平湖市耐衡新材料有限公司，卡号6222 0212 3456 7890 128")).encode()
    well, said = shown("zh", options={"names": True}, a_txt=text)
    assert well
    (row,) = [shown_row for shown_row in said.out.splitlines() if "耐衡新材料" in shown_row]
    assert row.split()[0] == "企业名称" and row.split()[-1] == "2"
    assert "序列模型" in said.out and "line[2]" in said.out
    assert "3456" not in said.out and "仅按规则" not in said.out


def test_names_stand_beside_the_values_of_a_known_paper(shown):
    well, said = shown(as_json=True, options={"names": True}, a_ofd=write_ofd(INVOICE))
    told = json.loads(said.out)
    assert well and told["facts"] == 1
    assert told["names"]["error"]["code"] == "names_no_text"
    well, said = shown(options={"names": True}, a_bin=b"\0\1junk")
    assert not well and "a.bin" in said.err


def test_without_the_extra_rules_speak_alone_and_say_so(shown, monkeypatch):
    segmenting.segmenter.cache_clear()
    shipped.cache_clear()
    monkeypatch.setitem(sys.modules, "pycrfsuite", None)
    well, said = shown(options={"names": True}, a_txt=letter_txt())
    shipped.cache_clear()
    assert well
    assert "rules alone" in said.out and "documents" in said.out
    assert "91990000280633645E" in said.out and "王建国" not in said.out


def test_only_ask_asks_and_what_does_not_stand_there_is_counted(shown):
    answer = names(
        ("product", "尼龙切片"), ("product", "送来的说明"), ("company", "无中生有有限公司"), ("x", "y")
    )
    with stand_in(lambda body: answer) as server:
        values = {"llm_url": server.url, "llm_model": "mine", "llm_key": "hush"}
        shown(values=values, options={"names": True}, a_txt=letter_txt())
        assert server.requests == []
        well, said = shown(values=values, options={"ask": True}, a_txt=letter_txt())
        _, as_json = shown(as_json=True, values=values, options={"ask": True}, a_txt=letter_txt())
    assert well
    (_, headers, body), _ = server.requests
    assert headers["authorization"] == "Bearer hush" and body["model"] == "mine"
    sent = body["messages"][1]["content"]
    assert "恩捷股份" in sent and "19850304" not in sent
    assert "1 answers dropped because they do not stand" in said.out
    assert "outside language model" in said.out
    assert "无中生有" not in said.out
    told = json.loads(as_json.out)["names"]
    assert (told["asked"], told["dropped"]) == ("mine", {"label": 1, "not_found": 1})
    assert {n["text"] for n in told["found"] if n["method"] == "llm"} == {"尼龙切片", "送来的说明"}


def test_a_model_that_does_not_answer_is_told_and_the_rules_stand(shown):
    with stand_in(lambda body: Reply(b"no", status=500)) as server:
        values = {"llm_url": server.url, "llm_model": "mine"}
        well, said = shown(values=values, options={"ask": True}, a_txt=letter_txt())
    assert not well
    assert "refused" in said.err and "500" in said.err
    assert "91990000280633645E" in said.out


def test_asking_nobody_is_an_error(shown):
    with pytest.raises(InputError) as caught:
        shown(options={"ask": True}, a_txt=letter_txt())
    assert caught.value.code == "llm_not_set" and "DAYAN_LLM_URL" in str(caught.value)
    with pytest.raises(InputError):
        shown(values={"llm_url": "https://host/v1"}, options={"ask": True}, a_txt=letter_txt())
