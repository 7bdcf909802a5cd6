"""What characters were misread is set right where the paper itself leaves no doubt: the QR code has the
number, the rate follows from amount and tax, an unlabelled number is printed twice.

Nothing is set right that would make an altered paper look sound: amounts are compared, never replaced; what
was surely read stays as it is printed, and a code that says otherwise is told; a rate that was set right is
less sure than a person wants.
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
from extraction.photo.gate import SURE
from extraction.photo.words import METHOD, hull
from extraction.vat_rates import vat_rates
from ledger.money import decimal_of

#: How sure a rate is that was set right, and a value of the QR code: where day and amount on the paper are
#: the code's too, and where they are not.
MENDED, CODED, ALONE = 0.8, 0.9, 0.7
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
    same_day = bool(code.issued) and _day(paper.text("issued")) == _day(code.issued)
    same_amount = code.path in paper.header and decimal_of(paper.text(code.path)) == code.amount
    found = Value("", "qr", CODED if same_day and same_amount else ALONE, page, place)
    for path, text in (("number", code.number), ("code", code.code)):
        if text:
            _take(paper, path, replace(found, text=text))
            paper.compared.append(agreed([path], paper.text(path) == text))
    if code.issued:
        if not paper.text("issued"):
            paper.header["issued"] = replace(found, text=code.issued)
        paper.compared.append(agreed(["issued"], _day(paper.text("issued")) == _day(code.issued)))
    if code.path and code.amount is not None and code.path in paper.header:
        paper.compared.append(agreed([code.path], same_amount))


def _take(paper: Paper, path: str, found: Value) -> None:
    """What the code says, where nothing was read, or few digits otherwise and those with doubt: a sticker
    with another code must not turn one invoice into a second."""
    read = paper.header.get(path)
    if read is None or not read.text:
        paper.header[path] = found
    elif read.text != found.text and read.confidence < SURE and _off(read.text, found.text) <= _MISREAD:
        paper.header[path] = replace(read, text=found.text, method="qr", confidence=found.confidence)


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
