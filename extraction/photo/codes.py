"""The QR code of a Chinese invoice: its number, date and amount, which the print can be compared with.

Older invoices: `01,<kind>,<code>,<number>,<amount without tax>,<YYYYMMDD>,<check code>,<CRC>,`; fully
digitalised ones: `01,31|32,,<number>,<total with tax>,<YYYYMMDD>,,<CRC>`. Amounts without a meaning that is
sure stay unread: rail and air tickets carry theirs in other ways.
"""

import re
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from extraction.photo.needed import needed
from extraction.photo.picture import Matrix, Pixels
from ledger.money import decimal_of

_AMOUNT_WITHOUT_TAX = frozenset({"01", "04", "10", "20"})
_TOTAL = frozenset({"31", "32"})
_DAY = re.compile(r"(20\d\d)(\d\d)(\d\d)")


@dataclass(frozen=True)
class InvoiceCode:
    """What a code says; `corners` `(4, 2)` in pixels of the picture it was found in."""

    text: str
    code: str
    number: str
    issued: str  # YYYY-MM-DD
    path: str  # `amount` or `total`, '' where the code's kind does not tell
    amount: Decimal | None
    corners: Matrix


def invoice_codes(pixels: Pixels, file: str) -> list[InvoiceCode]:
    """The invoice codes on a picture, from top to bottom. MissingExtra without the extra `ocr`."""
    reader = needed("zxingcpp", file)
    grey = np.ascontiguousarray(pixels.mean(axis=2).astype(np.uint8))
    found = []
    for barcode in reader.read_barcodes(grey, formats=reader.BarcodeFormat.QRCode):
        place = barcode.position
        corners = [place.top_left, place.top_right, place.bottom_right, place.bottom_left]
        points = np.array([[p.x, p.y] for p in corners], dtype=np.float64)
        if (code := parsed(barcode.text, points)) is not None:
            found.append(code)
    return sorted(found, key=lambda c: (float(c.corners[:, 1].mean()), c.text))


def parsed(text: str, corners: Matrix) -> InvoiceCode | None:
    """The payload of a code; None where it is none of an invoice."""
    parts = [part.strip() for part in text.split(",")]
    if len(parts) < 7 or parts[0] != "01" or not parts[3].isdigit() or len(parts[3]) not in (8, 20):
        return None
    day = _DAY.fullmatch(parts[5])
    path = "amount" if parts[1] in _AMOUNT_WITHOUT_TAX else "total" if parts[1] in _TOTAL else ""
    issued = f"{day[1]}-{day[2]}-{day[3]}" if day else ""
    return InvoiceCode(text, parts[2], parts[3], issued, path, decimal_of(parts[4]), corners)
