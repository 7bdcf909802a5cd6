"""What the words of a payment name: invoice numbers, contract numbers, months, and for whom it is paid."""

import re
from dataclasses import dataclass
from functools import lru_cache

from ledger.names import normal_form

#: Digits after which a number may be the end of an invoice's: fewer need a word such as 尾号 before them.
SHORTEST_TAIL, SHORTEST_NAMED_TAIL = 6, 4
#: Invoices that one range such as 12345678-85 may name.
LONGEST_RANGE = 200

_RANGE = re.compile(r"(?<!\d)(\d{8}|\d{20})(?:-|~|至|到|—|–)(\d{2,20})(?!\d)")
_NUMBER = re.compile(r"(?<!\d)\d{4,20}(?!\d)")
_TAIL_WORD = re.compile(
    r"(?:尾号|后[四4五5六6]位|票号|发票|INV(?:OICE)?|NO[.:]?)[^\d]{0,6}((?:\d{4,20}[、,，/;；和及]?)+)"
)
_MONTHS = re.compile(r"(?:(20\d\d|\d\d)年)?(?<!\d)(\d{1,2})(?:月?份?[-~至到、,，和](\d{1,2}))?月")
_COMPACT_MONTH = re.compile(r"(?<![A-Z\d\-_/(])(20\d\d)(?:[.\-/])?(0[1-9]|1[0-2])(?!\d)")
_FOR_DEBTOR = re.compile(
    r"代付|代支付|代为支付|受托支付|委托付款|代(?=.{2,40}(?:支付|付款|付|还))|代.{2,40}货款"
)


@dataclass(frozen=True, slots=True)
class Said:
    """`numbers`: whole numbers or ends of numbers; `tails`: shorter ends, with a word that says so; `months`:
    (year or None, month); `form`: the whole text in normal form; `for_another`: it says 代付 or the like."""

    numbers: tuple[str, ...] = ()
    tails: tuple[str, ...] = ()
    months: tuple[tuple[int | None, int], ...] = ()
    form: str = ""
    for_another: bool = False


NOTHING = Said()


@lru_cache(maxsize=100_000)
def said(text: str | None) -> Said:
    """What `text` (summary and remark of a payment) names."""
    if not text:
        return NOTHING
    form = normal_form(text)
    ranged = [number for first, last in _RANGE.findall(form) for number in _range(first, last)]
    plain = [n for n in _NUMBER.findall(form) if len(n) >= SHORTEST_TAIL]
    tails = [
        tail
        for run in _TAIL_WORD.findall(form)
        for tail in re.findall(r"\d+", run)
        if SHORTEST_NAMED_TAIL <= len(tail) < SHORTEST_TAIL
    ]
    return Said(
        numbers=tuple(dict.fromkeys([*ranged, *plain])),
        tails=tuple(dict.fromkeys(tails)),
        months=_months(form),
        form=form,
        for_another=bool(_FOR_DEBTOR.search(form)),
    )


def _range(first: str, last: str) -> list[str]:
    """12345678-85 → every number from the first to the last; none where that makes no sense."""
    whole = last if len(last) == len(first) else first[: -len(last)] + last if len(last) < len(first) else ""
    if not whole or not 0 < int(whole) - int(first) < LONGEST_RANGE:
        return []
    return [str(n).zfill(len(first)) for n in range(int(first), int(whole) + 1)]


def _months(form: str) -> tuple[tuple[int | None, int], ...]:
    found: list[tuple[int | None, int]] = []
    for year, first, last in _MONTHS.findall(form):
        full = (int(year) if len(year) == 4 else 2000 + int(year)) if year else None
        ends = (int(first), int(last or first))
        if 1 <= ends[0] <= ends[1] <= 12:
            found += [(full, month) for month in range(ends[0], ends[1] + 1)]
    found += [(int(year), int(month)) for year, month in _COMPACT_MONTH.findall(form)]
    return tuple(dict.fromkeys(found))


def names_contract(said_: Said, number: str) -> bool:
    """Whether the text names the contract of that number, whatever blanks and dashes either writes."""
    return _contract_form(number) in _contract_form(said_.form) if number and len(number) >= 4 else False


@lru_cache(maxsize=100_000)
def _contract_form(text: str) -> str:
    return re.sub(r"[-_—–/.()#]", "", normal_form(text))


def names_firm(said_: Said, name: str) -> bool:
    """Whether the text names the firm, by its full name."""
    form = normal_form(name)
    return len(form) >= 4 and form in said_.form
