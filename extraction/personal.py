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
#: What may part the digits of one number: a blank, a hyphen, a blank that does not break, the end of a line.
_PART = r"(?:\r\n|[ \t\n\u00a0\u2009\u202f\u3000-])"
_LONG = rf"\d(?:{_PART}?\d){{10}}"
_WIDE = str.maketrans("０１２３４５６７８９Ｘｘ－", "0123456789Xx-")
_CITIZEN = re.compile(r"(?<!\d)([1-9]\d{5})([ -]?)([12]\d{7})\2(\d{3}[\dXx])(?!\d)")
_TRADER = re.compile(r"(?<!\d)(\d{6})(\d{8})(\d{3}[\dXx]\d{2})(?!\d)")
_ELDER = re.compile(r"(?<!\d)(?<!\d\.)(\d{6})(\d{6})(\d{3})(?!\d|\.\d)")
_PARTED = re.compile(rf"(?<!\d)(?<!\d\.)\d+(?:{_PART}\d+)+[Xx]?(?!\d|\.\d)")
_MOBILE = re.compile(
    rf"(?<!\d)((?:\+|00)?86{_PART}?)?(1[3-9]\d)({_PART}?)(\d{{4}})({_PART}?)(\d{{4}})(?!\d|\.\d)"
)
_CARD = re.compile(r"(?<!\d)(?<!\d\.)\d{16,19}(?!\d|\.\d)")
_ISSUER = re.compile(r"62|4|5[1-5]|60|35|9[45]")
#: Where a number of fifteen or of parted digits begins if it is a citizen's: the provinces.
_PROVINCE = re.compile(r"1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]|99")
_LISTED = re.compile(r"(?<![\d.])[1-9]\d?\.$")
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
    shown = _PARTED.sub(lambda found: _masked_parted(found[0], contacts), shown)
    if contacts or taxpayers:
        shown = _ELDER.sub(_masked_elder, shown)
    if contacts:
        shown = _CARD.sub(_masked_card, _MOBILE.sub(_masked_mobile, shown))
    return text if shown == plain else shown


def masked_name(name: str) -> str:
    """The name of a file with personal numbers hidden; a dot in it ends a number, as it does before
    `.7z`. Hidden digits are `_`, which every file system takes in a name."""
    shown = ".".join(masked_text(part) for part in name.split("."))
    return name if shown == name else shown.replace("*", "_")


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


def masked_account(number: str) -> str:
    """A person's bank account, whatever its shape: its first six and last four characters."""
    plain = "".join(c for c in number if c.isalnum() or c == "*")
    if len(plain) <= 10:
        return "*" * max(0, len(plain) - 4) + plain[-4:]
    return plain[:6] + "*" * (len(plain) - 10) + plain[-4:]


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


def _masked_elder(found: re.Match[str]) -> str:
    """The fifteen digits of before 1999: region, day of birth without its century, and three more."""
    if not _PROVINCE.match(found[0]) or not _is_day("19" + found[2]):
        return found[0]
    return f"{found[1]}******{found[3]}"


def _masked_mobile(found: re.Match[str]) -> str:
    country, start, one, middle, other, end = found.groups()
    before = found.string[max(0, found.start() - 4) : found.start()]
    decimal = re.search(r"\d\.$", before) and not _LISTED.search(before)
    dated = one and not other and middle[:2] in ("19", "20") and _is_day(middle + end)
    if decimal or dated:
        return found[0]
    return f"{country or ''}{start}{one}****{other}{end}"


def _masked_parted(text: str, contacts: bool) -> str:
    """Digits in groups: from each group on, the first row of groups that makes a personal number."""
    groups = list(re.finditer(r"\d+[Xx]?", text))
    if sum(len(group[0]) for group in groups) < 15:
        return text
    shown, done, at = [], 0, 0
    while at < len(groups):
        size, hidden = _parted(groups, at, contacts)
        if hidden:
            shown += [text[done : groups[at].start()], hidden]
            done = groups[at + size - 1].end()
        at += size
    return "".join(shown) + text[done:]


def _parted(groups: list[re.Match[str]], at: int, contacts: bool) -> tuple[int, str]:
    """How many groups from `at` make a citizen's or a card's number, and how it is shown; (1, "") if none."""
    digits, sizes = "", []
    for count, group in enumerate(groups[at : at + 19], 1):
        digits += group[0].upper()
        sizes.append(len(group[0]))
        if len(digits) > 19:
            break
        if count == 1:
            continue
        if hidden := _citizen_of(digits, sizes):
            return count, hidden
        if contacts and _is_grouped_card(digits, sizes) and not _begins_day(groups, at + count - 1):
            return count, _shown_card(digits)
    return 1, ""


def _citizen_of(digits: str, sizes: list[int]) -> str:
    """The number with its day of birth hidden, empty if it is none. A day written 1990-03-07 beside two other
    numbers is no day of birth unless the check digit bears it out."""
    if not _PROVINCE.match(digits):
        return ""
    if len(digits) == 18 and is_citizens_number(digits):
        chance = sizes[1:4] == [4, 2, 2] and ric.calc_check_digit(digits[:17]) != digits[17]
        return "" if chance else f"{digits[:6]}********{digits[14:]}"
    if sizes == [6, 6, 3] and _is_day("19" + digits[6:12]):
        return f"{digits[:6]}******{digits[12:]}"
    return ""


def _is_grouped_card(digits: str, sizes: list[int]) -> bool:
    """Whether groups are a bank card's; ten and eight digits are the code and number of an invoice."""
    grouped = all(4 <= size <= 13 for size in sizes[:-1]) and sizes != [10, 8]
    return grouped and 16 <= len(digits) <= 19 and digits.isdigit() and is_card(digits)


def _begins_day(groups: list[re.Match[str]], at: int) -> bool:
    """Whether a group is the year of a day written 2024-01-10, which is no part of the number before it."""
    return [len(group[0]) for group in groups[at : at + 3]] == [4, 2, 2]


def is_card(digits: str) -> bool:
    """Whether digits without blanks are a bank card's number."""
    category = len(digits) == 19 and digits.endswith("0000")
    if category or not re.fullmatch(r"\d{16,19}", digits, re.ASCII) or not _ISSUER.match(digits):
        return False
    return bool(luhn.is_valid(digits)) and not uscc.is_valid(digits)


def _masked_card(found: re.Match[str]) -> str:
    return _shown_card(found[0]) if is_card(found[0]) else found[0]


def _shown_card(digits: str) -> str:
    return digits[:6] + "*" * (len(digits) - 10) + digits[-4:]


def _is_day(digits: str) -> bool:
    try:
        date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return False
    return True
