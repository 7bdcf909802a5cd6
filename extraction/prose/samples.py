"""Sentences with their names marked, from JSON lines in two forms.

Ours: `{"text": …, "spans": [[start, end, label], …]}`, `end` one behind the last character, with an
optional `source` (what the sentence was made from). The form of CLUENER: `{"text": …, "label":
{label: {name: [[first, last], …]}}}`, `last` being the last character itself.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from extraction.prose.tags import Place
from ledger.errors import InputError, Problem

_TOLD = 20  # wrong rows named one by one


@dataclass(frozen=True)
class Sample:
    """One sentence; `spans` are (start, end, label), `source` names what it was made from."""

    text: str
    spans: tuple[Place, ...]
    source: str = ""


def read_samples(paths: Iterable[Path]) -> list[Sample]:
    """All sentences of the files. InputError naming file and row of what cannot be used."""
    samples: list[Sample] = []
    problems: list[Problem] = []
    for path in paths:
        for row, found in _rows(path):
            if isinstance(found, Sample):
                samples.append(found)
            else:
                problems.append(Problem("names_row_unusable", path.name, row, "text", found))
    if problems:
        told = "; ".join(f"{p.file} {p.row}: {p.value}" for p in problems[:_TOLD])
        raise InputError("names_data_unusable", tuple(problems), rows=f"{len(problems):,}", detail=told)
    if not samples:
        raise InputError("names_data_empty")
    return samples


def held_out(samples: Iterable[Sample], one_in: int = 10) -> tuple[list[Sample], list[Sample]]:
    """(to train on, to measure on): all sentences of one source fall on the same side, whatever else
    is there."""
    sides: tuple[list[Sample], list[Sample]] = ([], [])
    for sample in samples:
        digest = sha256((sample.source or sample.text).encode()).digest()
        sides[int.from_bytes(digest[:4], "big") % one_in == 0].append(sample)
    return sides


def _rows(path: Path) -> Iterator[tuple[int, Sample | str]]:
    """Row number and the sample there, or why there is none."""
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError("names_file_unreadable", file=str(path), detail=type(error).__name__) from None
    for row, line in enumerate(lines, start=1):
        if line.strip():
            try:
                yield row, _sample(json.loads(line))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                yield row, f"{type(error).__name__}: {error}"


def _sample(raw: Any) -> Sample:
    text = raw["text"]
    if not isinstance(text, str) or not text:
        raise ValueError("text")
    marks = _theirs(raw["label"]) if "label" in raw else [(a, b, label) for a, b, label in raw["spans"]]
    for start, end, label in marks:
        fits = isinstance(start, int) and isinstance(end, int) and 0 <= start < end <= len(text)
        if not fits or not isinstance(label, str) or not label:
            raise ValueError(f"[{start}, {end}, {label}]")
    return Sample(text, tuple(sorted(set(marks))), str(raw.get("source", "")))


def _theirs(label: Any) -> list[Place]:
    return [
        (first, last + 1, kind)
        for kind, names in label.items()
        for places in names.values()
        for first, last in places
    ]
