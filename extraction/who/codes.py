"""How the codes of two firms stand to each other: equal, a veto, one misread, or nothing said."""

from functools import cache
from typing import Literal

from extraction.credit_codes import is_credit_code, is_filler
from seeds.name_words import name_words

Relation = Literal["equal", "organisation", "misread", "differ", "none"]
_ORGANISATION = slice(8, 17)
_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def plain_code(code: str) -> str:
    """A code as it is compared: upper case, no blanks; empty where it only fills the field or is masked."""
    text = "".join(code.upper().split())
    return "" if not text.strip("0") or "*" in text or is_filler(text) else text


def compare_codes(a: str, b: str) -> Relation:
    """How two plain codes stand to each other.

    Different valid credit codes are a veto. Where one has the wrong check digit and differs in one
    glyph that readers confuse, it is the other one misread. A tax number of 15 digits that ends with
    the organisation code inside a credit code is that firm's number from before 2015.
    """
    if not a or not b:
        return "none"
    valid_a, valid_b = is_credit_code(a), is_credit_code(b)
    if a == b:
        return "equal" if valid_a or len(a) != 18 else "none"
    if valid_a and valid_b:
        return "differ"
    if (valid_a or valid_b) and _misread(a, b):
        return "misread"
    if (valid_a and _holds_organisation(b, a)) or (valid_b and _holds_organisation(a, b)):
        return "organisation"
    return "none"


def misreadings(code: str) -> list[str]:
    """The valid credit codes that an invalid code of 18 characters may be, one confused glyph apart."""
    if len(code) != 18 or is_credit_code(code):
        return []
    found = []
    for at, glyph in enumerate(code):
        for other in sorted(_confused().get(glyph, frozenset())):
            tried = code[:at] + other + code[at + 1 :]
            if is_credit_code(tried):
                found.append(tried)
    return found


def _misread(a: str, b: str) -> bool:
    if len(a) != len(b):
        return False
    differing = [(x, y) for x, y in zip(a, b, strict=True) if x != y]
    return len(differing) == 1 and differing[0][1] in _confused().get(differing[0][0], frozenset())


def _holds_organisation(tax: str, credit: str) -> bool:
    """Whether an older tax number ends with the organisation code of `credit`, and that is well formed."""
    return len(tax) == 15 and tax[6:] == credit[_ORGANISATION] and _is_organisation(tax[6:])


def _is_organisation(code: str) -> bool:
    if not (code.isascii() and code.isalnum()):
        return False
    total = sum(int(c, 36) * w for c, w in zip(code[:8], _WEIGHTS, strict=True))
    check = (11 - total % 11) % 11
    return code[8] == ("X" if check == 10 else str(check))


@cache
def _confused() -> dict[str, frozenset[str]]:
    table: dict[str, frozenset[str]] = {}
    for group in name_words().code_glyphs:
        for glyph in group:
            table[glyph] = table.get(glyph, frozenset()) | (group - {glyph})
    return table
