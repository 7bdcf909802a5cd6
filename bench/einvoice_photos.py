"""Photographs of generated invoices for the bench `einvoices`: sheets on a table, seen aslant in uneven
light, and scans a little askew; read, compared with what they were written from; how many passed in silence.

No real photographs with truth are at hand; noise, blur and perspective stand in for a telephone.
"""

import resource
import time
from collections import Counter
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter
from pypdfium2 import PdfDocument

from bench.einvoice_truth import NOTHING, compare, found_in, is_cell, truth_of
from extraction.photo.reader import PhotoReader
from extraction.source import Source
from ledger.errors import FileUnreadable, MissingExtra
from seeds.papers_pdf import LAYOUTS, write_pdf
from seeds.sample_invoices import sample_invoices

#: Invoices of each layout and manner, of at most so many lines.
_EACH, _MOST_LINES = 3, 4
MANNERS = ("photo", "scan")
#: Layouts of one form a page without data attached: a photograph knows of none.
_LAYOUTS = tuple(name for name, form in LAYOUTS.items() if form.a_page == 1 and not form.attached)
_UNPRINTED = {"building": ("spec", "unit", "qty", "price")}
_Pixels = npt.NDArray[np.uint8]


def photo_figures(say: Callable[[str], None], each: int = _EACH) -> dict[str, object]:
    """Keys `photo_*`; only that the extra is missing where it is."""
    counts: Counter[str] = Counter()
    began = time.process_time()
    try:
        for name, data, truth in _papers(each):
            _count(name, data, truth, counts, say)
    except MissingExtra:
        return {"photo_skipped": "the extra ocr is not installed"}
    seconds = time.process_time() - began
    figures: dict[str, object] = {"photo_documents": counts["documents"]}
    for kind in ("header", "cells"):
        figures[f"photo_{kind}"] = counts[f"{kind}_right"] / max(counts[kind], 1)
        figures[f"photo_{kind}_values"] = counts[kind]
    figures["photo_straight"] = counts["straight"] / max(counts["documents"], 1)
    figures["photo_straight_wrong"] = counts["straight_wrong"]
    figures["photo_refused"] = counts["refused"]
    figures["photo_cpu_s"] = round(seconds / max(counts["documents"], 1), 2)
    figures["photo_peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return figures


def photographed(pdf: bytes, seed: int, manner: str = "photo", kind: str = "JPEG") -> bytes:
    """The first page of a PDF as a picture: a `photo` on a table, a `scan` askew, or `clean`."""
    with PdfDocument(pdf) as document:
        scale = (150 if manner == "scan" else 200) / 72
        sheet = document[0].render(scale=scale).to_pil().convert("RGB")
    chance = np.random.default_rng(seed)
    if manner == "scan":
        sheet = sheet.rotate(float(chance.uniform(-1.5, 1.5)), Image.Resampling.BICUBIC, fillcolor="white")
    elif manner == "photo":
        sheet = _on_table(sheet, chance)
    out = BytesIO()
    sheet.save(out, kind, quality=85)
    return out.getvalue()


def _on_table(sheet: Image.Image, chance: np.random.Generator) -> Image.Image:
    """A sheet seen aslant on a brown table, darker on one side, a little out of focus, with noise."""
    width, height = sheet.size
    size = round(width * 1.3), round(height * 1.5)
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=float)
    placed = corners + np.array([(size[0] - width) / 2, (size[1] - height) / 2])
    placed += chance.uniform(-0.05, 0.05, (4, 2)) * width
    way = _projection(placed, corners)
    how: dict[str, Any] = {"resample": Image.Resampling.BICUBIC}
    seen = sheet.transform(size, Image.Transform.PERSPECTIVE, way, **how)
    mask = Image.new("L", sheet.size, 255).transform(size, Image.Transform.PERSPECTIVE, way)
    table = Image.new("RGB", size, (96, 78, 60))
    table.paste(seen, mask=mask)
    pixels = np.asarray(table.filter(ImageFilter.GaussianBlur(0.8)), dtype=float)
    pixels = pixels * np.linspace(0.75, 1, size[0])[None, :, None]
    pixels += chance.normal(0, 4, pixels.shape)
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def _projection(source: npt.NDArray[Any], target: npt.NDArray[Any]) -> list[float]:
    """The eight numbers by which four places become four others."""
    rows, values = [], []
    for (x, y), (u, v) in zip(source, target, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    found: list[float] = np.linalg.solve(np.array(rows), np.array(values)).tolist()
    return found


def _papers(each: int) -> Iterator[tuple[str, bytes, dict[str, Any]]]:
    for manner in MANNERS:
        for layout in _LAYOUTS:
            invoices = sample_invoices(each, seed=77, era=LAYOUTS[layout].era, most=_MOST_LINES)
            for number, invoice in enumerate(invoices):
                pdf = write_pdf(invoice, layout)
                with PdfDocument(pdf) as document:
                    if len(document) > 1:
                        continue
                truth = truth_of(invoice)
                for line, cells in zip(invoice.lines, truth["lines"], strict=True):
                    for key in (*_UNPRINTED.get(layout, ()), *(("tax",) if line.rate is None else ())):
                        del cells[key]
                yield f"{layout} {manner} {number}", photographed(pdf, number, manner), truth


def _count(
    name: str, data: bytes, truth: dict[str, Any], counts: Counter[str], say: Callable[[str], None]
) -> None:
    try:
        found = next(iter(found_in(PhotoReader().facts(Source(f"{name}.jpg", data)))), NOTHING)
    except FileUnreadable as error:
        found = NOTHING
        counts["refused"] += 1
        say(str(error))
    wrong = 0
    for key, right in compare(truth, found, printed=True):
        kind = "cells" if is_cell(key) else "header"
        counts[kind] += 1
        counts[f"{kind}_right"] += right
        wrong += not right
        if not right:
            say(f"{name}: {key}")
    straight = bool(found.header) and not found.warned
    counts["documents"] += 1
    counts["straight"] += straight
    counts["straight_wrong"] += bool(straight and wrong)
