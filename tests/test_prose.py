"""Names and figures in prose by rules alone, and what the rules stand on: folding, tags, training data."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extraction.prose.companies import companies
from extraction.prose.folding import folded, verbatim
from extraction.prose.names import by_rules, names_in
from extraction.prose.samples import Sample, held_out, read_samples
from extraction.prose.spans import LABELS, MODEL_LABELS, Span, apart
from extraction.prose.tags import spans_of, tags_of
from ledger.errors import InputError
from seeds.prose import MARKED, sentences


def told(text):
    return [(span.label, span.text) for span in by_rules(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("税号：９１990000280633645E", [("credit_code", "９１990000280633645E")]),
        ("税号91990000280633645A", []),  # the check digit is wrong
        ("合同编号：HT-2024-0315，", [("contract_number", "HT-2024-0315")]),
        ("发票号码24332000000012345678", [("invoice_number", "24332000000012345678")]),
        ("账号：9204 0650 0900 0123", [("account", "9204 0650 0900 0123")]),
        ("计人民币１，２３４．５０元", [("money", "人民币１，２３４．５０元")]),
        ("（大写）壹佰贰拾叁元肆角整", [("money", "壹佰贰拾叁元肆角整")]),
        ("共5万元，税率13%", [("money", "5万元"), ("rate", "13%")]),
        ("于2024年2月29日签字", [("date", "2024年2月29日")]),
        ("于2024-02-30签字", []),  # there is no such day
        ("二〇二四年三月五日", [("date", "二〇二四年三月五日")]),
        ("验收合格后15个工作日内付清", [("term", "验收合格后15个工作日内")]),
        ("收到发票之日起三十（30）日内付款", [("term", "收到发票之日起三十（30）日内")]),
        ("货到付款", [("term", "货到付款")]),
        ("租期12个月，3月份5日前交", [("period", "12个月"), ("period", "5日前")]),
        ("每日万分之五", [("rate", "万分之五")]),
        ("3月货款", []),  # a month of the year is no period
    ],
)
def test_figures(text, expected):
    assert told(text) == expected


@pytest.mark.parametrize(
    ("text", "firms"),
    [
        ("甲方（买方）：平湖市宏昌新材料有限公司（以下简称“甲方”）", ["平湖市宏昌新材料有限公司"]),
        (
            "由上海现代汽车有限公司与北京向阳科技有限公司签订",
            ["上海现代汽车有限公司", "北京向阳科技有限公司"],
        ),
        ("大为科技有限公司和海宁大明加工厂", ["大为科技有限公司", "海宁大明加工厂"]),
        ("款项已付至宏昌科技有限公司", ["宏昌科技有限公司"]),
        ("永和食品集团有限公司北京分公司开票", ["永和食品集团有限公司北京分公司"]),
        ("杭州立信会计师事务所（特殊普通合伙）", ["杭州立信会计师事务所（特殊普通合伙）"]),
        (
            "宏昌新材料（苏州）有限公司，深圳一二三股份有限公司",
            ["宏昌新材料（苏州）有限公司", "深圳一二三股份有限公司"],
        ),
        ("中国工商银行平湖支行承兑", ["中国工商银行平湖支行"]),
        ("代开企业名称:义乌市小李饰品商行 代开", ["义乌市小李饰品商行"]),
        ("双方同意提交上海仲裁委员会仲裁", ["上海仲裁委员会"]),
        ("该公司系本公司的子公司，物业公司不承担，通过银行转账", []),
        ("位于湖州中山北路379号的厂房，开银行承兑汇票", []),
        ("贵司有限公司性质", []),
    ],
)
def test_firms_by_their_legal_form(text, firms):
    assert [s.text for s in by_rules(text) if s.label == "company"] == firms


def test_most_firms_of_generated_prose_are_found_to_the_letter():
    right = wanted = said = 0
    for sentence in sentences(180, seed=5, part="other"):
        firms = {sentence.text[a:b] for a, b, label in sentence.spans if label == "company"}
        found = {span.text for span in by_rules(sentence.text) if span.label == "company"}
        right, wanted, said = right + len(firms & found), wanted + len(firms), said + len(found)
    assert wanted > 100
    assert right / wanted > 0.95
    assert right / said > 0.85


@given(st.text(alphabet="甲公司有限平湖市银行集团厂(（）)和向的与9E１ \n元年月日-", max_size=60))
def test_spans_are_verbatim_apart_and_in_order(text):
    spans = names_in(text)
    assert spans == sorted(spans)
    assert all(text[s.start : s.end] == s.text and s.text and s.label in LABELS for s in spans)
    assert not any(a.overlaps(b) for i, a in enumerate(spans) for b in spans[i + 1 :])
    assert all(a < b <= len(text) for a, b, _ in companies(text))


@given(st.text(max_size=40), st.data())
def test_a_piece_of_the_text_stands_in_the_text(text, data):
    start = data.draw(st.integers(0, len(text)))
    value = text[start : data.draw(st.integers(start, len(text)))]
    source = folded(text, blanks=False)
    for a, b in verbatim(value, source):
        assert folded(text[a:b], blanks=False).text == folded(value, blanks=False).text
    if value.isalpha() and value.isascii() is False and value == text:
        assert verbatim(value, source)


def test_verbatim_bears_widths_and_blanks_but_no_other_letter():
    source = folded("总价 １，２３４．５ 元，平湖 宏昌\u3000公司", blanks=False)
    assert [source.source[a:b] for a, b in verbatim("1,234.5元", source)] == ["１，２３４．５ 元"]
    assert [source.source[a:b] for a, b in verbatim("平湖宏昌公司", source)] == ["平湖 宏昌\u3000公司"]
    for other in ("34.5元", "1,234", "平湖宏昌有限公司", "", " "):
        assert verbatim(other, source) == []


@given(st.lists(st.tuples(st.integers(0, 19), st.integers(1, 6), st.sampled_from("xy")), max_size=6))
def test_tags_tell_the_spans_again(drawn):
    spans = apart(Span(a, min(20, a + n), label, "") for a, n, label in drawn)
    places = [(s.start, s.end, s.label) for s in spans]
    assert spans_of(tags_of(20, places)) == places


def test_broken_tags_lose_nothing():
    assert spans_of(["I-x", "I-x", "O", "B-x", "I-y", "S-y", "E-x"]) == [
        *((0, 2, "x"), (3, 4, "x"), (4, 5, "y"), (5, 6, "y"), (6, 7, "x")),
    ]


def test_both_forms_of_training_data_are_read(tmp_path):
    path = tmp_path / "a.jsonl"
    ours = {"text": "付耐衡货款", "spans": [[1, 3, "short_name"]], "source": "付{}货款"}
    theirs = {"text": "付耐衡货款", "label": {"short_name": {"耐衡": [[1, 2]]}}}
    path.write_text("\n".join(json.dumps(r, ensure_ascii=False) for r in (ours, theirs)), "utf-8")
    a, b = read_samples([path])
    assert a.spans == b.spans == ((1, 3, "short_name"),)
    assert (a.source, b.source) == ("付{}货款", "")


def test_rows_that_cannot_be_used_are_named(tmp_path):
    path = tmp_path / "a.jsonl"
    bad = ['{"text": "ab", "spans": [[0, 3, "x"]]}', "{", "5", '{"text": "", "spans": []}', '{"spans": []}']
    path.write_text("\n".join(['{"text": "ab", "spans": []}', *bad]), "utf-8")
    with pytest.raises(InputError) as caught:
        read_samples([path])
    assert [(p.file, p.row) for p in caught.value.problems] == [("a.jsonl", row) for row in range(2, 7)]
    with pytest.raises(InputError):
        read_samples([tmp_path / "none.jsonl"])


def test_sentences_of_one_source_are_held_out_together():
    samples = [Sample(s.text, s.spans, s.template) for s in sentences(600)]
    learn, check = held_out(samples)
    assert len(learn) + len(check) == 600
    assert 20 < len(check) < 200
    assert not {s.source for s in learn} & {s.source for s in check}


def test_generated_sentences_are_marked_right_and_the_same_each_time():
    made = list(sentences(300, seed=2))
    assert made == list(sentences(300, seed=2)) != list(sentences(300, seed=3))
    assert set(MARKED.values()) == set(MODEL_LABELS)
    for sentence in made:
        assert "{" not in sentence.text
        assert all(0 <= a < b <= len(sentence.text) for a, b, _ in sentence.spans)
