"""Bench `einvoices`: are the values of e-invoices read right, header and lines, one by one, and how fast?

OFD and PDF with truth: every value of `truth.json`, taken from the ledger's tables where those hold it, else
from `fields`. 数电票 XML: no real file with truth is at hand, so generated ones are written and read back.
PDF: likewise, in every layout of `seeds.papers_pdf` and in one kept out of development; where the data
folder has PDFs with truth, `pdf_header` and `pdf_cells` are theirs. What is missing counts as wrong.

Photographs and scans: pictures made of generated invoices (`bench.einvoice_photos`), with the extra `ocr`.

Speed: documents read and normalised in a CPU second, generated ones of one to eight lines.
"""

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.einvoice_pdf import count_one, measured, pages_of, rate, rate_papers, rate_pdfs
from bench.einvoice_photos import photo_figures
from bench.einvoice_truth import NOTHING, compare, found_in, truth_of
from extraction.readers import reader_for
from extraction.rows import Facts
from extraction.source import Source, sources
from ledger.errors import InputError
from seeds.papers import write_digital_xml, write_ofd
from seeds.sample_invoices import sample_invoices

_DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "einvoices"
_GENERATED = 200
_SHOWN = 20  # wrong values named one by one


def run(data: Path | None = None) -> dict[str, object]:
    """Read everything, print tables, return the figures."""
    folder, console = data or _DATA, Console()
    say = _Saying(console)
    tally = _Tally()
    _read_folder(folder, tally, say)
    _read_generated(tally.counts["数电票 XML"], say)
    right, total = (sum(c[k] for c in tally.counts.values()) for k in ("right", "all"))
    figures: dict[str, object] = {
        "structured": right / total,
        "structured_by": tally.shares(),
        "values": {name: c["all"] for name, c in tally.counts.items()},
        "read": dict(sorted(tally.read.items())),
        "skipped": dict(sorted(tally.skipped.items())),
        **measured(say),
        **photo_figures(say),
    }
    figures |= _pdf_bars(figures, tally.pdf) | _rates()
    _print(console, tally, figures)
    return figures


def structured(folder: Path) -> dict[str, float]:
    """Share of values right in structured formats only: of the folder's files and of generated ones."""
    say, tally = _Saying(Console()), _Tally()
    _read_folder(folder, tally, say)
    _read_generated(tally.counts["数电票 XML"], say)
    return tally.shares()


@dataclass
class _Tally:
    """What was counted: values of structured formats, of PDFs with truth, documents read and not read."""

    counts: dict[str, Counter[str]] = field(
        default_factory=lambda: {"OFD": Counter(), "数电票 XML": Counter()}
    )
    pdf: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    read: Counter[str] = field(default_factory=Counter)

    def shares(self) -> dict[str, float]:
        """Share right of each structured format."""
        return {name: c["right"] / c["all"] for name, c in self.counts.items() if c["all"]}


def _read_folder(folder: Path, tally: _Tally, say: "_Saying") -> None:
    """Every file of the folder, those with truth compared."""
    listed = folder / "truth.json"
    truth = json.loads(listed.read_text("utf-8")) if listed.exists() else {}
    files = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()} | set(truth)
    for name in sorted(files - {"truth.json"}):
        path, expected = folder / name, truth.get(name)
        facts = _facts(path, say)
        if facts is None:
            tally.skipped[path.suffix.lstrip(".")] += 1
        else:
            tally.read[facts.format] += 1
        if expected is None:
            continue
        if path.suffix.lower() == ".pdf":
            data = path.read_bytes() if path.exists() else b""
            count_one(Source(name, data), _several(expected), tally.pdf, say)
        else:
            _count(path.name, expected, facts, tally.counts["OFD"], say)


def _read_generated(counts: Counter[str], say: "_Saying") -> None:
    for invoice in sample_invoices(_GENERATED):
        facts = _facts_of(Source("generated", write_digital_xml(invoice)))
        _count(invoice.number, truth_of(invoice), facts, counts, say)


class _Saying:
    """Names the first wrong values one by one."""

    def __init__(self, console: Console) -> None:
        self._console, self._left = console, _SHOWN

    def __call__(self, sentence: str) -> None:
        if self._left > 0:
            self._left -= 1
            self._console.print(f"[red]{sentence}", highlight=False)


def _several(expected: Any) -> list[dict[str, Any]]:
    """A truth of one invoice, or of several in one file (a list)."""
    return expected if isinstance(expected, list) else [expected]


def _count(
    name: str, expected: dict[str, Any], facts: Facts | None, counts: Counter[str], say: _Saying
) -> None:
    found = next(iter(found_in(facts)), NOTHING)
    for key, right in compare(expected, found):
        counts["all"] += 1
        counts["right"] += right
        if not right:
            say(f"{name}: {key}")


def _pdf_bars(generated: dict[str, object], real: Counter[str]) -> dict[str, object]:
    """The figures that have bars: of the PDFs with truth in the data folder, else of the generated ones."""
    figures: dict[str, object] = {"pdf_source": "data" if real["documents"] else "generated"}
    for kind in ("header", "cells"):
        values = real[f"{kind}_right"] + real[f"{kind}_wrong"]
        figures[f"pdf_{kind}"] = (
            real[f"{kind}_right"] / values if values else generated.get(f"pdf_generated_{kind}")
        )
    figures["pdf_silent"] = real["silent"] if real["documents"] else generated.get("pdf_generated_silent")
    return figures


def _rates() -> dict[str, float]:
    """Documents a CPU second."""
    papers, pdfs = rate_papers(300), rate_pdfs(150)
    return {
        "pdf_rate": round(rate(pdfs, "pdf"), 1),
        "pdf_rate_pages": round(pages_of(pdfs), 2),  # of a document, on average
        "ofd_rate": round(rate([write_ofd(p) for p in papers[:150]], "ofd"), 1),
        "xml_rate": round(rate([write_digital_xml(p) for p in papers], "xml"), 1),
    }


def _print(console: Console, tally: _Tally, figures: dict[str, object]) -> None:
    table = Table("format", "values", "right", "share", title="structured e-invoices, value by value")
    for name, count in tally.counts.items():
        if count["all"]:
            share = count["right"] / count["all"]
            table.add_row(name, str(count["all"]), str(count["right"]), f"{share:.4f}")
    console.print(table)
    console.print("数电票 XML: a round trip of generated files; no real file with truth is at hand.")
    for key, value in figures.items():
        if key.startswith(("pdf_", "photo_")) or key.endswith("_rate"):
            console.print(f"{key}: {value}")
    for title, counter in (("skipped (no reader yet)", tally.skipped), ("read", tally.read)):
        console.print(f"{title}: " + ", ".join(f"{name} {n}" for name, n in sorted(counter.items())))


def _facts(path: Path, say: _Saying) -> Facts | None:
    for source in sources(path):
        if isinstance(source, InputError):
            say(f"{path.name}: {source}")
            return None
        try:
            return _facts_of(source)
        except InputError as error:
            say(f"{path.name}: {error}")
            return None
    return None


def _facts_of(source: Source) -> Facts | None:
    reader = reader_for(source)
    return None if reader is None else reader.facts(source)
