"""The checks that the values of one paper pass or fail, and how sure each value is; for every format.

A check is arithmetic or a rule that ties values together; its code has a label in the words of the trade.
Whether a failed one rejects an invoice or warns is decided in `extraction.normalise`; here every value
gets the list of those it passed, and its confidence.

Confidence: a value begins with that of its method (1.0 what a program wrote as data, 0.9 what was found by
tags or by its place in the print). Each of up to two checks that it passed takes away four fifths of the
doubt; one that it failed halves the confidence. So printed figures that nothing confirms stay at 0.9, with
one check 0.98, with two 0.996; a value that contradicts another never stands above 0.5.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING

from extraction.amount_words import fen_in_words
from extraction.amounts import rate_of
from extraction.credit_codes import is_credit_code
from ledger.money import decimal_of

if TYPE_CHECKING:
    from extraction.paper import Paper, Value

#: Codes of the checks; each has a label `check_<code>`.
CHECKS = (
    *("amount_plus_tax", "lines_sum", "words_agree", "check_digit", "number_form", "date_form"),
    *("rate_times_amount", "quantity_times_price", "layers_agree"),
)
_DIGITAL = re.compile(r"\d{20}")
_OLD_NUMBER, _OLD_CODE = re.compile(r"\d{8}"), re.compile(r"\d{10}(?:\d{2})?")
_DATE = re.compile(r"(?:19|20)\d\d[-/年.]?(?:0?[1-9]|1[0-2])[-/月.]?(?:0?[1-9]|[12]\d|3[01])(?!\d)")
_CENT = Decimal("0.01")
#: Tax of a line may be rounded, or worked out on the total; as `extraction.values` allows.
_TAX_OFF, _PRICE_OFF = Decimal("0.065"), Decimal("0.005")

#: One outcome: the check, whether it held, the paths it is about.
Outcome = tuple[str, bool, tuple[str, ...]]


def outcomes(paper: "Paper") -> list[Outcome]:
    """Every check that could be made, with whether it held and of what."""
    return [*_header(paper), *_lines(paper), *paper.compared]


def checked(paper: "Paper") -> tuple[dict[str, list[str]], frozenset[str]]:
    """Path → codes of the checks it passed, and the paths of values that failed one."""
    passed: dict[str, list[str]] = defaultdict(list)
    failed: set[str] = set()
    for code, held, paths in outcomes(paper):
        for path in paths:
            if held:
                passed[path].append(code)
            else:
                failed.add(path)
    return passed, frozenset(failed)


@lru_cache(maxsize=1_000)
def confidence(given: float, passed: int, *, failed: bool) -> float:
    """How sure a value is: see the top of this module."""
    if failed:
        return round(given / 2, 4)
    return round(1 - (1 - given) * 0.2 ** min(passed, 2), 4)


def _header(paper: "Paper") -> Iterator[Outcome]:
    header = paper.header
    for side in ("seller.code", "buyer.code"):
        if len(code := paper.text(side)) == 18 and code[0] not in "0123456":
            yield "check_digit", is_credit_code(code.upper()), (side,)
    if "number" in header and paper.derived.get("kind") != "foreign":
        yield from _number(paper.text("number"), paper.text("code"))
    if "issued" in header:
        yield "date_form", bool(_DATE.match(paper.text("issued"))), ("issued",)
    amount, tax, total = (_decimal(header, path) for path in ("amount", "tax", "total"))
    if amount is not None and total is not None:
        if tax is not None:
            yield "amount_plus_tax", amount + tax == total, ("amount", "tax", "total")
        elif not paper.text("tax").strip("*"):
            yield "amount_plus_tax", amount == total, ("amount", "total")
    if total is not None and "words" in header:
        fen = fen_in_words(paper.text("words"))
        yield "words_agree", fen is not None and Decimal(fen) / 100 == total, ("words", "total")


def _number(number: str, code: str) -> Iterator[Outcome]:
    if code:
        held = bool(_OLD_NUMBER.fullmatch(number) and _OLD_CODE.fullmatch(code))
        yield "number_form", held, ("number", "code")
    elif number.isdigit():
        yield "number_form", bool(_DIGITAL.fullmatch(number)), ("number",)


def _lines(paper: "Paper") -> Iterator[Outcome]:
    if not paper.lines:
        return
    for path in ("amount", "tax"):
        total = _decimal(paper.header, path)
        parts = [_decimal(values, path) for values in paper.lines]
        known = [p for p in parts if p is not None]
        if total is None or len(known) < len(parts):
            continue
        held = abs(sum(known) - total) <= _CENT * len(parts)
        yield "lines_sum", held, (path, *(f"lines[{n}].{path}" for n in range(1, len(parts) + 1)))
    for number, values in enumerate(paper.lines, 1):
        yield from line_outcomes(values, f"lines[{number}].")


def line_outcomes(values: dict[str, "Value"], start: str = "") -> Iterator[Outcome]:
    """The checks among the figures of one line; `start` goes before each path."""
    amount = _decimal(values, "amount")
    if amount is None:
        return
    if "rate" in values:
        rate, tax = rate_of(values["rate"].text)[0], _decimal(values, "tax")
        if rate is not None and tax is not None:
            held = abs(amount * rate - tax) <= _TAX_OFF
            yield "rate_times_amount", held, (f"{start}rate", f"{start}amount", f"{start}tax")
    quantity, price = _decimal(values, "quantity"), _decimal(values, "price")
    if quantity is not None and price is not None:
        off = abs(quantity * price - amount)
        held = off <= 1 or off <= abs(amount) * _PRICE_OFF
        yield "quantity_times_price", held, (f"{start}quantity", f"{start}price", f"{start}amount")


def _decimal(values: dict[str, "Value"], path: str) -> Decimal | None:
    value = values.get(path)
    return None if value is None else decimal_of(value.text)


def agreed(paths: Iterable[str], held: bool) -> Outcome:
    """The outcome that two layers of a paper (its data and its print) say the same, or do not."""
    return "layers_agree", held, tuple(paths)
