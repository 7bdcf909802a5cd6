"""What characters were misread is set right where the paper itself leaves no doubt: the QR code has the
number, the rate follows from amount and tax, an unlabelled number is printed twice.

A value set right keeps its place and is never surer than `MENDED`. Nothing is set right that would make an
altered paper look sound: amounts are compared, never replaced.
"""

import re
from collections import Counter
from dataclasses import replace
from decimal import Decimal

from extraction.amounts import rate_of
from extraction.paper import Paper, Value
from extraction.paper_checks import agreed
from extraction.pdf_words import Page, Word
from extraction.photo.codes import InvoiceCode
from extraction.photo.words import METHOD, hull
from extraction.vat_rates import vat_rates
from ledger.money import decimal_of

#: How sure a value is that was set right, and one that stands only in the QR code.
MENDED, CODED = 0.9, 0.9
#: Digits of a number that may be misread where the QR code says what it is.
_MISREAD = 3
_NUMBER, _CODE = re.compile(r"(?:N[o0°]\.?|№)?\.?(\d{8})"), re.compile(r"(\d{10}|\d{12})")
_DIGITS = re.compile(r"\d+")
#: 塑料制品*尼龙扎带: the category of goods stands between two asterisks, never before one.
_FAINT = re.compile(r"[\u4e00-\u9fff、（）]{2,20}\*[^*]+")
#: Share of a page in which the numbers of a form stand, from the top.
_HEAD = 0.3


def unlabelled(paper: Paper, page: Page) -> None:
    """Code and number of a paper form, which stand there without a label, and the number mostly twice."""
    if "number" in paper.header and "code" in paper.header:
        return
    head = [w for w in page.words if w.y1 < _HEAD * page.height]
    for path, pattern in (("number", _NUMBER), ("code", _CODE)):
        if path in paper.header or (path == "code" and len(paper.text("number")) != 8):
            continue
        found = [(m[1], w) for w in head if (m := pattern.fullmatch(w.text.replace(" ", "")))]
        counts = Counter(text for text, _ in found)
        if not counts or (len(counts) > 1 and counts.most_common(2)[0][1] == counts.most_common(2)[1][1]):
            continue
        text, times = counts.most_common(1)[0]
        word = next(w for t, w in found if t == text)
        paper.put(path, _value(text, word, page, 0.9 if times > 1 else 0.7))


def _value(text: str, word: Word, page: Page, sure: float) -> Value:
    return Value(text, METHOD, sure, page.number, word.box)


def with_code(paper: Paper, code: InvoiceCode, page: int) -> None:
    """Compare a paper (its boxes on the picture already) with its QR code; take from it what is misread."""
    place = hull(code.corners)
    paper.extra["qr"] = Value(code.text, "qr", 1.0, page, place)
    number = paper.text("number")
    if not number or (number != code.number and _off(number, code.number) <= _MISREAD):
        _take(paper, "number", code.number, page, place)
    paper.compared.append(agreed(["number"], paper.text("number") == code.number))
    if code.code:
        if not paper.text("code") or _off(paper.text("code"), code.code) <= _MISREAD:
            _take(paper, "code", code.code, page, place)
        paper.compared.append(agreed(["code"], paper.text("code") == code.code))
    if code.issued:
        if not paper.text("issued"):
            _take(paper, "issued", code.issued, page, place)
        paper.compared.append(agreed(["issued"], _day(paper.text("issued")) == _day(code.issued)))
    if code.path and code.amount is not None and code.path in paper.header:
        paper.compared.append(agreed([code.path], decimal_of(paper.text(code.path)) == code.amount))


def _take(paper: Paper, path: str, text: str, page: int, place: str) -> None:
    read = paper.header.get(path)
    if read is None:
        paper.header[path] = Value(text, "qr", CODED, page, place)
    elif read.text != text:
        paper.header[path] = replace(read, text=text, method="qr", confidence=CODED)


def _off(one: str, other: str) -> int:
    """Places at which two texts of one length differ; many where their lengths differ."""
    if len(one) != len(other):
        return len(other)
    return sum(a != b for a, b in zip(one, other, strict=True))


def _day(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in _DIGITS.findall(text)[:3])


def set_right(paper: Paper) -> None:
    """Items whose first asterisk was too faint; rates that are none: the one that amount and tax allow."""
    for line in paper.lines:
        if "item" in line and _FAINT.fullmatch(line["item"].text):
            line["item"] = replace(line["item"], text="*" + line["item"].text)
        amount, tax = (decimal_of(line[p].text) if p in line else None for p in ("amount", "tax"))
        if not amount or tax is None or "rate" not in line:
            continue
        read, known = rate_of(line["rate"].text)
        if known and (read is None or abs(amount * read - tax) <= Decimal("0.065")):
            continue
        fits = {r.rate for r in vat_rates() if abs(amount * r.rate - tax) <= Decimal("0.015")}
        if len(fits) == 1:
            text = f"{(fits.pop() * 100).normalize():f}%"
            line["rate"] = replace(line["rate"], text=text, confidence=min(line["rate"].confidence, MENDED))
