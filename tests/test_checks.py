"""What is checked: credit codes, amounts in words, rates by date of issue."""

from datetime import date
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from stdnum.cn import uscc

from extraction.amount_words import fen_in_words
from extraction.credit_codes import is_credit_code, is_synthetic, tax_number
from extraction.vat_rates import in_force, unlawful, vat_rates
from tests.ledgers import SELLER

FILLERS = (
    *("9" * 18, "1" * 15, "0" * 18, "0" * 15, "123456789012345678", "123456789012345", "987654321987654"),
    *("12" * 9, "123" * 5, "330482000000000", "X" * 18, "01234567890123456789"),
)
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
DIGITS = "零壹贰叁肆伍陆柒捌玖"


@given(st.from_regex(rf"91[1-6][0-9]{{5}}[{ALPHABET}]{{9}}", fullmatch=True))
def test_a_valid_credit_code_is_never_taken_for_a_filler(base: str) -> None:
    code = base + uscc.calc_check_digit(base)
    assume(len(set(base[8:])) > 3)
    assert (tax_number(code).scheme, tax_number(code).suspicious) == ("uscc", False)


@given(st.from_regex(rf"[0-9]{{8}}[{ALPHABET}]{{9}}", fullmatch=True), st.sampled_from(ALPHABET))
def test_credit_codes_agree_with_the_standard(base: str, check: str) -> None:
    assert is_credit_code(base + uscc.calc_check_digit(base))
    assert is_credit_code(base + check) == uscc.is_valid(base + check)


def test_credit_codes_of_villages_start_with_letters() -> None:
    base = "N2330482MF0000001"
    assert is_credit_code(base + uscc.calc_check_digit(base))


@pytest.mark.parametrize(
    ("code", "scheme", "shown", "form", "suspicious"),
    [
        (SELLER, "uscc", SELLER, "company", False),
        (SELLER[:-1] + ("0" if SELLER[-1] != "0" else "1"), "tax", None, None, True),
        ("330482123456789", "tax", "330482123456789", None, False),
        ("110101900307425", "tax", "110********7425", None, False),
        ("110101199003074258", "tax", "110***********4258", "person", False),
        ("11010119900307425802", "tax", "110*************5802", "individual_business", False),
        *((c, "tax", None, None, True) for c in FILLERS),
        ("DE123456789", "tax", "DE123456789", None, False),
        ("B00643", "", "B00643", None, False),
    ],
)
def test_what_a_code_is(
    code: str, scheme: str, shown: str | None, form: str | None, suspicious: bool
) -> None:
    number = tax_number(code)
    assert (number.scheme, number.legal_form, number.suspicious) == (scheme, form, suspicious)
    assert number.shown == (code if shown is None else shown)


def test_invented_firms_are_known_by_their_region() -> None:
    assert is_synthetic(SELLER)
    assert not is_synthetic("91330482MA2B3C4D5E")


@pytest.mark.parametrize(
    ("words", "fen"),
    [
        ("叁佰玖拾陆圆整", 39_600),
        ("壹万贰仟叁佰肆拾伍元陆角柒分", 1_234_567),
        ("壹佰元零伍分", 10_005),
        ("伍角", 50),
        ("（负数）伍佰圆整", -50_000),
        ("⊗壹亿零叁万圆整", 10_003_000_000),
        ("人民币壹仟圆正", 100_000),
        ("零圆整", 0),
    ],
)
def test_amounts_in_words(words: str, fen: int) -> None:
    assert fen_in_words(words) == fen


@pytest.mark.parametrize("words", ["", "整", "abc", "圆角分", "壹", "壹佰"])
def test_what_is_no_amount_in_words(words: str) -> None:
    assert fen_in_words(words) is None


@given(st.integers(0, 9999), st.integers(0, 9), st.integers(0, 9))
def test_words_of_any_amount(yuan: int, jiao: int, fen: int) -> None:
    assert fen_in_words(_in_words(yuan, jiao, fen)) == yuan * 100 + jiao * 10 + fen


def _in_words(yuan: int, jiao: int, fen: int) -> str:
    text, gap = "", False
    for digit, unit in zip(f"{yuan:04d}", ("仟", "佰", "拾", ""), strict=True):
        if digit == "0":
            gap = bool(text)
        else:
            text += ("零" if gap else "") + DIGITS[int(digit)] + unit
            gap = False
    text = f"{text or '零'}圆"
    if not jiao and not fen:
        return text + "整"
    text += DIGITS[jiao] + "角" if jiao else "零"
    return text + (DIGITS[fen] + "分" if fen else "整")


@pytest.mark.parametrize(
    ("rate", "day", "lawful"),
    [
        ("0.17", date(2018, 4, 30), True),
        ("0.17", date(2018, 5, 1), False),
        ("0.16", date(2019, 3, 31), True),
        ("0.13", date(2018, 7, 1), False),
        ("0.13", date(2019, 4, 1), True),
        ("0.11", date(2018, 5, 1), False),
        ("0.09", date(2019, 3, 31), False),
        ("0.01", date(2020, 2, 29), False),
        ("0.01", date(2025, 6, 1), True),
        ("0.12", date(2025, 6, 1), False),
    ],
)
def test_rates_by_date_of_issue(rate: str, day: date, lawful: bool) -> None:
    assert in_force(Decimal(rate), day) is lawful
    pair = unlawful(pl.Series([Decimal(rate), None]), pl.Series([day, day]))
    assert pair.to_list() == [not lawful, False]


def test_every_rate_says_where_it_comes_from() -> None:
    assert all(r.source and r.what and r.first <= r.last for r in vat_rates())
