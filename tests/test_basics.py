"""Ids, money, names and words: what every room leans on."""

import ast
import re
from decimal import Decimal
from pathlib import Path

import polars as pl
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from extraction.declarations.checks import _SUMS
from extraction.paper_checks import CHECKS
from ledger import errors
from ledger.components import components
from ledger.ids import party_id, party_ids, stable_id
from ledger.invoice_kinds import expense_kinds, invoice_kinds, kind_of_word
from ledger.keys import is_strong, strong_fact, strong_facts
from ledger.money import decimal_of, fen, fen_of, scaled, yuan
from ledger.names import initials, masked_number, masked_person, normal_form, normal_forms, pinyin
from ledger.words import labels, message, messages

ROOT = Path(__file__).parents[1]
ROOMS = ("api", "cypher", "dayan", "extraction", "gnn", "graph", "ledger", "seeds", "services")


@given(st.lists(st.tuples(st.text(), st.text()), min_size=1))
def test_columnar_and_scalar_ids_agree(parts: list[tuple[str, str]]) -> None:
    frame = pl.DataFrame(parts, schema=["scope", "code"], orient="row")
    ids = frame.select(party_ids(pl.lit("scoped"), pl.col("scope"), pl.col("code"))).to_series()
    assert ids.to_list() == [party_id("scoped", scope, code) for scope, code in parts]


def test_an_id_never_changes() -> None:
    assert stable_id("party", "uscc", "", "91330400MA2B0X3A1C") == "5b22c9c54381f9ee"


@given(st.integers(-9_000_000_000_000_000, 9_000_000_000_000_000))
def test_money_comes_back_as_it_was_written(amount: int) -> None:
    written = yuan(amount)
    assert fen_of(written) == amount
    assert pl.select(fen(pl.lit(written))).item() == amount


def test_what_is_no_amount_is_null() -> None:
    bad = ["", "abc", "1.2E5", "12.345", "--", "1-2", "１２", None, "9" * 20]
    assert (
        pl.DataFrame({"a": bad}, schema={"a": pl.String}).select(fen(pl.col("a"))).to_series().is_null().all()
    )
    assert [t for t in bad if t is not None and fen_of(t) is not None] == []
    assert pl.select(fen(pl.lit("￥1,234.5000"))).item() == 123450


AMOUNT_LIKE = st.text("0123456789０１.,，-+¥￥eE_()% \t\n\u3000\xa0\x1c", max_size=24)


@given(st.one_of(st.text(), AMOUNT_LIKE, st.decimals(places=2).map(str), st.floats().map(str)))
@example("1e3")
@example("1_000")
@example("１２")
@example("NaN")
@example("12.3400\n")
@example("\x1c12")
@example("90000000000000.01")
def test_one_value_is_read_by_the_rule_of_a_column(text: str) -> None:
    assert fen_of(text) == pl.DataFrame({"a": [text]}).select(fen(pl.col("a"))).item()


@given(AMOUNT_LIKE)
@example("1,234.5000")
@example("NaN")
def test_what_is_an_amount_is_a_number_of_the_same_worth(text: str) -> None:
    amount, number = fen_of(text), decimal_of(text)
    if amount is not None:
        assert number is not None
        assert scaled(number, 100) == amount
    if number is not None:
        assert number.is_finite()


def test_numbers_are_exact_and_scaled_exactly() -> None:
    assert [decimal_of(t) for t in ("1e3", "1_000", "１２", "NaN", "sNaN", "Infinity", "", "-")] == [None] * 8
    assert [decimal_of(t) for t in ("¥1,234.50", " -.5", "7.")] == [
        Decimal("1234.50"),
        Decimal("-0.5"),
        Decimal(7),
    ]
    assert scaled(Decimal("1.2345"), 10_000) == 12_345
    assert scaled(Decimal("1." + "0" * 40 + "1"), 100) is None
    assert scaled(Decimal(10**16), 100) is None


def test_strong_keys_are_told_from_weak_ones() -> None:
    rows = [
        (None, "2" * 20),
        ("033002000211", "83089647"),
        (None, "83089647"),
        ("x", "83089647"),
        (None, None),
    ]
    frame = pl.DataFrame(rows, schema=["code", "number"], orient="row")
    assert frame.select(is_strong(pl.col("code"), pl.col("number"))).to_series().to_list() == [1, 1, 0, 0, 0]
    keyed = frame.head(2).select(strong_facts(pl.col("code"), pl.col("number"))).to_series().to_list()
    assert keyed == [strong_fact(code, number) for code, number in rows[:2]]


def test_names_are_normalised_and_found_by_pinyin() -> None:
    assert normal_form(" 平湖【浙江】ＡＢＣ 公司") == "平湖(浙江)ABC公司"
    column = pl.Series("n", ["Ａ公司", None, "A 公司"])
    assert column.to_frame().select(normal_forms(pl.col("n"))).to_series().to_list() == [
        "A公司",
        None,
        "A公司",
    ]
    assert (pinyin("平湖尼龙"), initials("平湖尼龙")) == ("pinghunilong", "phnl")


def test_personal_data_are_masked() -> None:
    assert masked_person("张三丰") == "张**"
    assert masked_number("330482199001011234") == "330***********1234"


def test_components_join_chains_of_pairs() -> None:
    joined = components(pl.Series(["b", "d", "x"]), pl.Series(["a", "b", "y"]))
    assert dict(joined.rows()) == {"a": "a", "b": "a", "d": "a", "x": "x", "y": "x"}


def test_invoice_kinds_are_one_table() -> None:
    assert {"toll", "rail", "air", "bank_fee"} <= set(expense_kinds())
    assert kind_of_word()["数电发票（增值税专用发票）"] == "digital_special"
    assert all(k.issuer in ("seller", "buyer", "bureau") for k in invoice_kinds().values())


def test_every_word_stands_in_both_languages() -> None:
    for entries in (labels(), messages()):
        for key, text in entries.items():
            assert set(text) == {"zh", "en"}, key
            assert all(text.values()), key
            assert sorted(re.findall(r"{(\w+)", text["zh"])) == sorted(re.findall(r"{(\w+)", text["en"])), key


def test_no_word_stands_twice() -> None:
    """Files of words are merged in silence, and so are keys within one: the last would win."""
    seen: dict[tuple[str, str], str] = {}
    twice = []
    for path in sorted((ROOT / "ledger").glob("words*.yaml")):
        sections = yaml.compose(path.read_text("utf-8")).value
        names = [section.value for section, _ in sections]
        assert len(names) == len(set(names)), path.name
        for section, entries in sections:
            for key, text in entries.value:
                word = (section.value, key.value)
                twice += [(*word, seen[word], path.name)] if word in seen else []
                seen[word] = path.name
                assert len({lang.value for lang, _ in text.value}) == len(text.value), word
    assert len(seen) > 500
    assert twice == []


def test_every_check_of_a_value_has_its_label() -> None:
    """Codes of checks are shown as labels `check_<code>`; those that code writes are found by walking it."""
    codes = {*CHECKS, *(code for sums in _SUMS.values() for code, _, _ in sums)}
    walked = set()
    for path in (ROOT / "extraction").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            walked |= _noted(node)
    assert {
        "words_agree",
        "name_twice",
        "until_after_start",
        "sum_of_lines",
        "layers_agree",
    } <= walked | codes
    assert {c for c in codes | walked if f"check_{c}" not in labels()} == set()


def _noted(node: ast.AST) -> set[str]:
    """Texts in `….checks.append("…")`, in `checks = ["…"]` and in the last place of `Found(…)`."""
    given: list[ast.expr] = []
    if isinstance(node, ast.Call):
        named = ast.unparse(node.func)
        if named.endswith("checks.append"):
            given = node.args
        elif named == "Found":
            given = [*node.args[4:], *(k.value for k in node.keywords if k.arg == "checks")]
    elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]).endswith("checks"):
        given = [node.value]
    texts = [e for one in given for e in (one.elts if isinstance(one, ast.List) else [one])]
    return {e.value for e in texts if isinstance(e, ast.Constant) and isinstance(e.value, str)}


def test_every_error_raised_has_its_sentence() -> None:
    classes = {name for name in dir(errors) if isinstance(getattr(errors, name), type)}
    codes = {
        node.args[0].value
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in classes
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }
    assert len(codes) > 20
    assert {c for c in codes if c not in messages()} == set()


def test_a_missing_parameter_never_breaks_a_sentence() -> None:
    assert message("file_empty", "en") == "the file is empty: {file}"
    assert message("file_empty", "xx", file="a.xml") == "the file is empty: a.xml"
