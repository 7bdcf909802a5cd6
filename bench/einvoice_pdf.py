"""Invoices as PDF for the bench `einvoices`: sampled invoices in every layout, and one layout kept out of
development, written, read and compared with what they were written from."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from bench.einvoice_truth import NOTHING, compare, found_in, is_cell, truth_of
from extraction.normalise import normalise_stacked
from extraction.pdf_words import read_pdf
from extraction.reader import InvoiceReader
from extraction.readers import reader_for
from extraction.seldom import seldom_collected
from extraction.source import Source
from seeds.paper import PaperInvoice
from seeds.papers_pdf import LAYOUTS, write_pdf
from seeds.sample_invoices import sample_invoices

#: Invoices for each layout; lines of those whose speed is measured (as most invoices have).
_EACH, _MOST_LINES = 40, 8
#: Columns that a trade's own form does not print.
_NOT_PRINTED = {"building": frozenset({"spec", "unit", "qty", "price"})}


def measured(say: Callable[[str], None]) -> dict[str, object]:
    """Shares of header values and line cells that are right: by layout, over all, and kept out."""
    counts = {name: _count(name, _papers(name), say) for name in LAYOUTS}
    total: Counter[str] = sum(counts.values(), Counter())
    figures = _shares("pdf_generated", total)
    figures["pdf_layouts"] = {name: _shares("", count) for name, count in counts.items()}
    figures |= _shares("pdf_kept", _kept())
    return figures


def _papers(layout: str) -> Iterator[tuple[bytes, dict[str, Any]]]:
    form = LAYOUTS[layout]
    most = 2 if form.a_page > 1 else 40
    for invoice in sample_invoices(_EACH, era=form.era, most=most):
        yield write_pdf(invoice, layout), _printed(invoice, _NOT_PRINTED.get(layout, frozenset()))


def _printed(invoice: PaperInvoice, unprinted: frozenset[str] = frozenset()) -> dict[str, Any]:
    """The truth without what the paper does not say: tax of exempt lines is *** or 0.00, which both say
    that there is none."""
    truth = truth_of(invoice)
    for line, cells in zip(invoice.lines, truth["lines"], strict=True):
        for name in unprinted | ({"tax"} if line.rate is None else set()):
            del cells[name]
    return truth


def _kept() -> Counter[str]:
    """The layout that nobody who writes readers has seen: counted, never looked at."""
    try:
        from seeds.kept_out import invoice_pdf
    except ImportError:
        return Counter()
    papers = ((invoice_pdf(i), _printed(i)) for i in sample_invoices(_EACH))
    return _count("kept out", papers, lambda _: None)


def _count(
    name: str, papers: Iterator[tuple[bytes, dict[str, Any]]], say: Callable[[str], None]
) -> Counter[str]:
    counts: Counter[str] = Counter()
    for data, truth in papers:
        count_one(Source(f"{name}.pdf", data), [truth], counts, say)
    return counts


def count_one(
    source: Source, truths: list[dict[str, Any]], counts: Counter[str], say: Callable[[str], None]
) -> None:
    """Compare one PDF with the invoices it should hold; note what was wrong and not warned about."""
    reader = reader_for(source)
    found = {f.header["number"]: f for f in found_in(reader.facts(source) if reader else None)}
    for truth in truths:
        mine = found.get(truth["number"], NOTHING)
        expected = {key: value for key, value in truth.items() if key != "qr"}  # a picture, not text
        wrong = 0
        for key, right in compare(expected, mine, printed=True):
            counts[f"{'cells' if is_cell(key) else 'header'}_{'right' if right else 'wrong'}"] += 1
            wrong += not right
            if not right:
                say(f"{source.name} {truth['number']}: {key}")
        counts["silent"] += bool(wrong and mine.header and not mine.warned)
        counts["documents"] += 1


def _shares(start: str, counts: Counter[str]) -> dict[str, object]:
    """Shares right with their numbers; nothing where nothing was measured."""
    figures: dict[str, object] = {}
    start = f"{start}_" if start else ""
    for kind in ("header", "cells"):
        if total := counts[f"{kind}_right"] + counts[f"{kind}_wrong"]:
            figures[f"{start}{kind}"] = counts[f"{kind}_right"] / total
            figures[f"{start}{kind}_values"] = total
    if counts["documents"]:
        figures[f"{start}silent"] = counts["silent"]
    return figures


def rate(papers: list[bytes], name: str) -> float:
    """Documents read and normalised in a CPU second, as a bulk load does: in batches, best of three."""
    fresh = ([Source(f"{name}{turn}", data) for data in papers] for turn in range(3))
    with seldom_collected():
        return max(len(papers) / _seconds(sources) for sources in fresh)


def _seconds(sources: list[Source]) -> float:
    start = time.process_time()
    rows = []
    for source in sources:
        reader = reader_for(source)
        if isinstance(reader, InvoiceReader):
            rows.append(reader.rows(source))
    normalise_stacked(rows)
    return time.process_time() - start


def pages_of(papers: list[bytes]) -> float:
    """Pages of a document, on average."""
    return sum(len(read_pdf(Source("pages", data)).pages) for data in papers) / len(papers)


def rate_papers(count: int) -> list[PaperInvoice]:
    """Invoices for measuring speed."""
    return list(sample_invoices(count, most=_MOST_LINES))


def rate_pdfs(count: int) -> list[bytes]:
    """PDFs for measuring speed: all layouts in turn."""
    digital, old = list(sample_invoices(count, most=_MOST_LINES)), list(sample_invoices(count, 20, "old", 8))
    names = list(LAYOUTS)
    return [
        write_pdf(
            (digital if LAYOUTS[names[i % len(names)]].era == "digital" else old)[i], names[i % len(names)]
        )
        for i in range(count)
    ]
