"""Numbers that belong to people (identity cards, mobile telephones, bank cards), hidden in any text.

Only texts with a long run of digits are looked at, each distinct one once. Numbers of invoices, tax
categories and credit codes stay.
"""

import re
from datetime import date

import polars as pl
from stdnum import luhn
from stdnum.cn import ric, uscc

#: Canonical columns that are free text, and those in which other long numbers are the point.
_FREE = ("item", "remark", "note", "name", "other_name", "person_name", "representative", "address")
_FREE_PARTIES = tuple(f"{who}_{what}" for who in ("owner", "seller", "buyer") for what in ("name", "address"))
_NUMBERED = (
    *("specification", "phone", "account"),
    *("seller_phone", "seller_account", "buyer_phone", "buyer_account"),
)
#: Headings of the user's own columns that hold numbers of things, not of people.
_OF_THINGS = re.compile(
    r"发票|代码|识别号|税号|编[号码]|单号|序号|金额|税额|合计|数量|单价"
    r"|(?:^|_)(?:code|number|tax_category|sequence|amount|tax|total|price|quantity)$"
)
_OF_TAXPAYERS = re.compile(r"识别号|税号|信用代码|_code$")
_LONG = r"\d(?:[ -]?\d){10}"
_WIDE = str.maketrans("０１２３４５６７８９Ｘｘ－", "0123456789Xx-")
_CITIZEN = re.compile(r"(?<!\d)([1-9]\d{5})([ -]?)([12]\d{7})\2(\d{3}[\dXx])(?!\d)")
_TRADER = re.compile(r"(?<!\d)(\d{6})(\d{8})(\d{3}[\dXx]\d{2})(?!\d)")
_ALONE = r"(?<!\d)(?<!\d\.)(?:%s)(?!\d)(?!\.\d)"
_MOBILE = re.compile(_ALONE % r"(1[3-9]\d)([ -]?)\d{4}\2(\d{4})")
_CARD = re.compile(_ALONE % r"\d{16,19}|\d{4}(?:[ -]\d{4}){3}(?:[ -]\d{1,3})?")
_ISSUER = re.compile(r"62|4|5[1-5]|60|35|9[45]")
_HIDDEN = re.compile(
    r"[(（]?(?:身份证|证件|手机|电话)?(?:号码?)?[:：]?\d{3,6}[ -]?\*{4,}[ -]?\d{3,5}[\dXx]?[)）]?"
)


def is_citizens_number(code: str) -> bool:
    """Whether `code` (18 characters, upper case) is to be treated as a citizen's number: a day of birth
    in the middle is enough, for regions change and people mistype. Of the last few years, in which
    numbers of orders carry such days too, the check digit must be right. No credit code is one."""
    if not re.fullmatch(r"[1-9]\d{16}[\dX]", code, re.ASCII):
        return False
    try:
        born = date(int(code[6:10]), int(code[10:12]), int(code[12:14]))
    except ValueError:
        return False
    if not 1900 <= born.year < 2100 or uscc.is_valid(code):
        return False
    return born.year < 2020 or bool(ric.calc_check_digit(code[:17]) == code[17])


def masked_text(text: str, contacts: bool = True, taxpayers: bool = False) -> str:
    """`text` with the middle of citizens' numbers hidden, and (`contacts`) of mobile telephones and
    bank cards. Twenty digits are an invoice's number unless `taxpayers` says that they are a firm's."""
    plain = text.translate(_WIDE)
    trader = _masked_taxpayer if taxpayers else _masked_trader
    shown = _TRADER.sub(trader, _CITIZEN.sub(_masked_citizen, plain))
    if contacts:
        shown = _CARD.sub(_masked_card, _MOBILE.sub(r"\1\2****\2\3", shown))
    return text if shown == plain else shown


def masked(texts: pl.Series, contacts: bool = True, taxpayers: bool = False) -> pl.Series:
    """`masked_text` of every text."""
    long = texts.str.contains(_LONG)
    if not long.any():
        return texts
    table = {text: masked_text(text, contacts, taxpayers) for text in texts.filter(long).unique()}
    changed = {text: shown for text, shown in table.items() if text != shown}
    return texts.replace(list(changed), list(changed.values())) if changed else texts


def masked_columns(frame: pl.DataFrame) -> pl.DataFrame:
    """`frame` with every canonical column of text masked."""
    free = [masked(frame[c]) for c in (*_FREE, *_FREE_PARTIES) if c in frame.columns]
    return frame.with_columns(
        *free, *(masked(frame[c], contacts=False) for c in _NUMBERED if c in frame.columns)
    )


def masked_cells(own: pl.DataFrame) -> pl.DataFrame:
    """The user's own columns masked, whatever their headings are."""
    return own.with_columns(
        masked(own[title], _OF_THINGS.search(title) is None, _OF_TAXPAYERS.search(title) is not None)
        for title, dtype in own.schema.items()
        if dtype == pl.String
    )


def without_numbers(name: str) -> str:
    """A name without the personal numbers, hidden or not, that somebody wrote into it."""
    return _HIDDEN.sub("", masked_text(name))


def _masked_citizen(found: re.Match[str]) -> str:
    region, gap, born, last = found.groups()
    if not is_citizens_number((region + born + last).upper()):
        return found[0]
    return f"{region}{gap}********{gap}{last}"


def _masked_taxpayer(found: re.Match[str]) -> str:
    """The 20 digits of an individual business where a taxpayer's number stands."""
    return f"{found[1]}********{found[3]}" if is_citizens_number(found[0][:18].upper()) else found[0]


def _masked_trader(found: re.Match[str]) -> str:
    """The 20 digits of an individual business: its owner's number and two more. Twenty digits are an
    invoice's as a rule, so nothing but a number that is right in every digit is taken for one."""
    return f"{found[1]}********{found[3]}" if _is_right(found[0][:18].upper()) else found[0]


def _is_right(code: str) -> bool:
    """Whether a citizen's number is right in every digit; of regions that python-stdnum knows by half
    (it raises KeyError), the check digit decides."""
    try:
        return bool(ric.is_valid(code))
    except KeyError:
        return bool(ric.calc_check_digit(code[:17]) == code[17])


def _masked_card(found: re.Match[str]) -> str:
    digits = re.sub(r"\D", "", found[0])
    category = len(digits) == 19 and digits.endswith("0000")
    if category or not _ISSUER.match(digits) or not luhn.is_valid(digits) or uscc.is_valid(digits):
        return found[0]
    return digits[:6] + "*" * (len(digits) - 10) + digits[-4:]
