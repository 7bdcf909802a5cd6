"""Reader of invoices as PDF with a text layer: Chinese VAT invoices old and fully digitalised, rail tickets,
and hybrid files, whose attached XML wins and is compared with the print.

The print is read by geometry alone (`extraction.pdf_invoice_forms`): makers draw in any order.
"""

import re
from dataclasses import replace
from decimal import Decimal, InvalidOperation

from lxml import etree

from extraction import paper as papers
from extraction.corrections import corrected_each
from extraction.digital_xml import digital_paper
from extraction.old_einvoice import is_old, old_paper
from extraction.paper import Paper, Value
from extraction.paper_checks import agreed, outcomes
from extraction.pdf_invoice_figures import lone_price
from extraction.pdf_invoice_forms import papers_of
from extraction.pdf_invoice_rows import METHOD
from extraction.pdf_words import Pdf, is_pdf, read_pdf
from extraction.reader import InvoiceReader
from extraction.rows import Rows
from extraction.source import Source
from extraction.ubl_cii import cii_paper, ubl_paper
from extraction.xbrl import xbrl_paper
from extraction.xml_safe import local, parse
from ledger.errors import InputError, Problem
from ledger.names import normal_form

#: Values that both layers state and that must agree.
_COMPARED = (
    *("code", "number", "issued", "seller.code", "buyer.code", "seller.name", "buyer.name"),
    *("amount", "tax", "total", "words"),
)
_COMPARED_CELLS = ("quantity", "price", "amount", "tax")
_NUMERIC = frozenset({"amount", "tax", "total", "quantity", "price"})
#: Check and its first path → the warning, where nothing else would be said of a misread value.
_WARNED = {("lines_sum", "tax"): "line_taxes_do_not_sum", ("number_form", "number"): "number_form_odd"}
_DIGITS = re.compile(r"\d+")


class PdfInvoiceReader(InvoiceReader):
    """Invoices as PDF."""

    name = "pdf_invoice"
    version = 1
    correctable = True

    def recognises(self, source: Source) -> bool:
        """By an invoice attached as XML, or by the words that every form prints."""
        if not is_pdf(source):
            return False
        try:
            pdf = read_pdf(source)
        except InputError:
            return False
        return _prints_invoice(pdf) or bool(_attached(pdf, source.name))

    def read(self, source: Source) -> Rows:
        """All invoices of the file as rows, one a line. FileUnreadable when it names no number."""
        pdf = read_pdf(source)
        printed = papers_of(pdf) if _prints_invoice(pdf) else []
        found = _paired(_attached(pdf, source.name), printed)
        said = corrected_each([paper for paper, _ in found], source.corrections)
        rows = papers.rows_of(said, self.name, self.version, source.name)
        return replace(rows, problems=_problems(found, source.name))


def _prints_invoice(pdf: Pdf) -> bool:
    """Whether the words of an invoice's form are among those drawn."""
    bare = pdf.text.replace(" ", "")
    if "铁路电子客票" in bare and "发票号码" in bare:
        return True
    named = "发票号码" in bare or "开票人" in bare
    return "价税合计" in bare and "开票日期" in bare and "发票" in bare and named


def _attached(pdf: Pdf, file: str) -> list[Paper]:
    """The invoices attached as XML; what is no invoice, or broken, is left to the print."""
    found = []
    for attached in pdf.attached:
        if not attached.data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
            continue
        try:
            paper = _paper_of(parse(attached.data, f"{file}/{attached.name}", mend=True))
        except InputError:
            continue
        if paper is not None and paper.text("number"):
            found.append(paper)
    return found


def _paper_of(root: etree._Element) -> Paper | None:
    name = local(root)
    if name == "EInvoice":
        return digital_paper(root)
    if name == "xbrl":
        return xbrl_paper(root)
    if name == "CrossIndustryInvoice":
        return cii_paper(root)
    if name in ("Invoice", "CreditNote"):
        return ubl_paper(root)
    return old_paper(root) if is_old(root) else None


def _paired(attached: list[Paper], printed: list[Paper]) -> list[tuple[Paper, list[tuple[str, str, str]]]]:
    """Each invoice with what its two layers disagree about (path, data, print). The data wins, the print
    fills what it lacks; an invoice that has one layer only stands as it is."""
    found: list[tuple[Paper, list[tuple[str, str, str]]]] = []
    rest = list(printed)
    for paper in attached:
        same = [p for p in rest if p.text("number") == paper.text("number")]
        if not same and len(attached) == len(printed) == 1:
            same = rest
        differing: list[tuple[str, str, str]] = []
        if same:
            rest.remove(same[0])
            differing = _compare(paper, same[0])
            _fill(paper, same[0])
        found.append((paper, differing))
    return found + [(paper, []) for paper in rest]


def _compare(paper: Paper, printed: Paper) -> list[tuple[str, str, str]]:
    """Values that both state and state differently; the others are noted as agreeing."""
    pairs = [(path, paper.header.get(path), printed.header.get(path)) for path in _COMPARED]
    if len(paper.lines) == len(printed.lines):
        for number, (mine, theirs) in enumerate(zip(paper.lines, printed.lines, strict=True), 1):
            pairs += [(f"lines[{number}].{p}", mine.get(p), theirs.get(p)) for p in _COMPARED_CELLS]
    both = [(path, a.text, b.text) for path, a, b in pairs if a is not None and b is not None]
    differing = [(path, a, b) for path, a, b in both if not _same(path.rpartition(".")[2], a, b)]
    if paper.lines and printed.lines and len(paper.lines) != len(printed.lines):
        differing.append(("lines", str(len(paper.lines)), str(len(printed.lines))))
    wrong = {path for path, _, _ in differing}
    paper.compared += [agreed([path], path not in wrong) for path, _, _ in both]
    return differing


def _same(kind: str, data: str, printed: str) -> bool:
    if kind in _NUMERIC:
        try:
            return Decimal(data) == Decimal(printed)
        except InvalidOperation:
            return data.strip("*") == printed.strip("*")
    if kind == "issued":
        return _day(data) == _day(printed)
    if kind == "name":
        return normal_form(data) == normal_form(printed)
    fold = str.maketrans("元圓（）", "圆圆()")
    return data.translate(fold).upper() == printed.translate(fold).upper()


def _day(text: str) -> tuple[int, ...]:
    digits = _DIGITS.findall(text)
    if digits and len(digits[0]) >= 8:
        return int(digits[0][:4]), int(digits[0][4:6]), int(digits[0][6:8])
    return tuple(int(d) for d in digits[:3])


def _fill(paper: Paper, printed: Paper) -> None:
    """What the data lacks from the print: header values, and cells where both have the same lines."""
    if len(paper.lines) == len(printed.lines):
        for mine, theirs in zip(paper.lines, printed.lines, strict=True):
            for path, value in theirs.items():
                mine.setdefault(path, value)
    for path, value in list(paper.header.items()):
        place = printed.header.get(path)
        if place is not None and value.box is None:
            paper.header[path] = _placed(value, place)
    paper.fill_from(printed)


def _placed(value: Value, printed: Value) -> Value:
    """A value of the data with the place at which the print shows it."""
    return Value(value.text, value.method, value.confidence, printed.page, printed.box)


def _problems(found: list[tuple[Paper, list[tuple[str, str, str]]]], file: str) -> list[Problem]:
    """Differences between the layers, failed checks of which normalising says nothing, and marks without a
    place, each at the first row of its invoice; prices without a quantity at their line."""
    problems, row = [], 1
    for paper, differing in found:
        for path, data, printed in differing:
            problems.append(Problem("layers_differ", file, row, path, f"{data} / {printed}"))
        for check, held, paths in () if _is_data(paper) else outcomes(paper):
            if not held and (code := _WARNED.get((check, paths[0]))):
                problems.append(Problem(code, file, row, paths[0], paper.text(paths[0])))
        if not _is_data(paper):
            problems += [
                Problem("quantity_missing", file, row + n, "quantity", line["price"].text)
                for n, line in enumerate(paper.lines)
                if lone_price(line)
            ]
        if (mark := paper.extra.get("void_mark")) and "status_word" not in paper.header:
            problems.append(Problem("void_mark_unplaced", file, row, "status_word", mark.text))
        row += max(len(paper.lines), 1)
    return problems


def _is_data(paper: Paper) -> bool:
    """Whether the number comes from attached data rather than from the print."""
    return paper.header["number"].method != METHOD if "number" in paper.header else False
