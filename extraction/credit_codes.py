"""Numbers that name a taxpayer: credit codes with their check digit, older tax numbers, people's own."""

import re
from dataclasses import dataclass
from functools import lru_cache

from stdnum.cn import uscc

from extraction.personal import is_citizens_number
from ledger.names import masked_number

#: Digits 3 to 8 that no registry issues: the mark of invented firms (DOMAIN).
SYNTHETIC_REGION = "990000"
_SHAPE = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}")
_TAX = re.compile(r"[0-9A-Z]{15}|[0-9A-Z]{17,18}|[0-9A-Z]{20}")
_FOREIGN = re.compile(r"[A-Z]{2}[0-9A-Z]{5,13}")
_BORN = re.compile(r"\d{6}\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\d{3}")
#: What people and tills type where a number must stand: one to three characters over and over, digits
#: counting up or down, or a region followed by one digit only.
_REPEATED = re.compile(r"(.{1,3})\1{3,}.{0,2}")
_NO_FIRM = re.compile(r"\d{6}(\d)\1{8,}")
_COUNTED = ("0123456789" * 4, "9876543210" * 4, "123456789" * 4, "987654321" * 4)
_FORMS = {"91": "company", "92": "individual_business", "93": "cooperative"}


@dataclass(frozen=True)
class TaxNumber:
    """What a code is: its scheme (`uscc`, `tax`, '' for none of these), the code fit to be shown, the
    legal form it implies, whether it identifies nobody (its check digit is wrong, or it is a filler),
    and whether it is a filler."""

    scheme: str
    shown: str
    legal_form: str | None = None
    suspicious: bool = False
    filler: bool = False


@lru_cache(maxsize=200_000)
def tax_number(code: str) -> TaxNumber:
    """What `code` (upper case, no blanks) is.

    18 characters with the right check digit (GB 32100) are a credit code; other numbers of 15, 17, 18
    or 20 characters are tax numbers that cannot be verified. Numbers that hold a citizen's own number
    (bare, or 20 characters of an individual business) are shown masked. Fillers are what nobody is.
    """
    if is_filler(code):
        return TaxNumber("tax", code, suspicious=True, filler=True)
    if is_credit_code(code):
        return TaxNumber("uscc", code, _FORMS.get(code[:2]))
    if _TAX.fullmatch(code):
        personal, legal_form = _personal(code)
        shown = masked_number(code) if personal else code
        return TaxNumber("tax", shown, legal_form, len(code) == 18 and not personal)
    return TaxNumber("tax" if _FOREIGN.fullmatch(code) else "", code)


def _personal(code: str) -> tuple[bool, str | None]:
    """Whether a tax number holds a citizen's own, and the legal form that implies."""
    if is_citizens_number(code):
        return True, "person"
    if len(code) == 20 and is_citizens_number(code[:18]):
        return True, "individual_business"
    if len(code) == 17 and _BORN.match(code):
        return True, "individual_business"
    return len(code) == 15 and bool(_BORN.match(code)), None


def is_credit_code(code: str) -> bool:
    """Whether `code` is a unified social credit code: shape and check digit.

    python-stdnum wants a digit in the first two places; village collectives and others carry a
    letter there, so the shape is tested here and the check digit there.
    """
    return bool(_SHAPE.fullmatch(code)) and uscc.calc_check_digit(code[:17]) == code[17]


def is_filler(code: str) -> bool:
    """Whether `code` has the length of a tax number and is what people type who have none to give."""
    if not _TAX.fullmatch(code):
        return False
    if _REPEATED.fullmatch(code) or _NO_FIRM.fullmatch(code):
        return True
    return any(code in digits for digits in _COUNTED)


def is_synthetic(code: str) -> bool:
    """Whether a credit code belongs to an invented firm."""
    return len(code) == 18 and code[2:8] == SYNTHETIC_REGION
