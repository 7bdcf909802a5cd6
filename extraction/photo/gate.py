"""What of an invoice on a picture a person should look at before it counts as sure.

A picture passes in silence only where everything that can be checked was checked and held: number and date
have their form, both credit codes their check digit, amount and tax make the total, words say the same,
lines add up, each line's rate and price fit, and no writing was read with doubt. Every other one is taken
with a warning for each doubtful value, the worst first; the page shows its box.
"""

from collections.abc import Iterator

from extraction.paper import Paper
from extraction.paper_checks import checked
from ledger.errors import Problem

#: Writing read with less than this is doubtful, whatever it says.
SURE = 0.85
#: Doubtful values that are told of at most: the sheet should be photographed again.
_TOLD = 6
#: Header value → the check that it must have passed, and the code of the sentence.
_MUST = {
    "number": ("number_form", "photo_number"),
    "issued": ("date_form", "photo_date"),
    "seller.code": ("check_digit", "photo_seller_code"),
    "buyer.code": ("check_digit", "photo_buyer_code"),
    "total": ("words_agree", "photo_total"),
    "amount": ("amount_plus_tax", "photo_amount"),
}
_NAMES = {"seller.name": "photo_seller_name", "buyer.name": "photo_buyer_name"}
#: Cells of which no arithmetic tells whether they are right.
_TEXTS = ("item", "specification")
_NOT_READ = "—"
#: Path → the checks that its value passed.
_Passed = dict[str, list[str]]


def doubts(paper: Paper, file: str, row: int, prefix: str = "") -> list[Problem]:
    """The doubtful values of one invoice as warnings at its first row; `prefix` before each path."""
    found: dict[str, str] = {}
    passed, failed = checked(paper)
    for path, code in (*_header(paper, passed, failed), *_lines(paper, passed, failed)):
        found.setdefault(path, code)
    values = dict(paper.header)
    for number, cells in enumerate(paper.lines, 1):
        values |= {f"lines[{number}].{path}": value for path, value in cells.items()}
    return [
        Problem(code, file, row, prefix + path, values[path].text if path in values else _NOT_READ)
        for path, code in list(found.items())[:_TOLD]
    ]


def _header(paper: Paper, passed: _Passed, failed: frozenset[str]) -> Iterator[tuple[str, str]]:
    for path, (check, code) in _MUST.items():
        doubtful = path not in paper.header or paper.header[path].confidence < SURE
        if doubtful or path in failed or check not in passed.get(path, ()):
            yield path, code
    if "code" in failed:  # of old forms, part of what names the invoice
        yield "code", "photo_number"
    for path, code in _NAMES.items():
        if path not in paper.header or paper.header[path].confidence < SURE:
            yield path, code


def _odd(text: str) -> bool:
    """Whether a text may be two cells in one, or lack its end: a blank in it, a bracket left open."""
    plain = text.replace("（", "(").replace("）", ")")
    return " " in plain.strip() or plain.count("(") != plain.count(")")


def _lines(paper: Paper, passed: _Passed, failed: frozenset[str]) -> Iterator[tuple[str, str]]:
    if not paper.lines:
        yield "lines[1].amount", "photo_line"
    for number, cells in enumerate(paper.lines, 1):
        start = f"lines[{number}]."
        for path, value in cells.items():
            if start + path in failed or value.confidence < SURE or (path in _TEXTS and _odd(value.text)):
                yield start + path, "photo_line"
        if "amount" in cells and "lines_sum" not in passed.get(f"{start}amount", ()):
            yield f"{start}amount", "photo_line"
        if ("quantity" in cells) != ("price" in cells):
            yield start + ("price" if "price" in cells else "quantity"), "photo_line"
        for path in ("item", "rate", "tax"):
            if path not in cells:
                yield start + path, "photo_line"
