"""Layouts of ledgers, as data: which columns a ledger has, under which headings, and whose books it is.

A layout is one YAML file in `layouts/` or in a folder of the user's own:

    name: our_ledger            # stored with every document; never reuse one for another meaning
    version: 1                  # raise it when the meaning changes: documents are then read anew
    title: {zh: 我们的台账, en: our ledger}
    rows: lines                 # lines (several rows may be one invoice) | invoices (each row is one)
    codes: tax                  # tax numbers | own: codes that mean something only in this ledger
    owner: column               # column | either_side | preamble | none
    preamble: {owner_code: '税号：(\\w+)'}          # with owner: preamble, patterns above the header
    forms:                      # the columns that must be there; the first form that fits tells the side
      - {needs: [number|digital_number, issued, amount], side: sale}
    columns:                    # canonical column (extraction/rows.py) → headings, best first
      number: [发票号码]
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from extraction.rows import COLUMNS
from extraction.vocabulary import bare
from ledger.errors import InputError

#: Columns of layouts beyond the canonical ones: the 20-digit number beside an older one, and a mark
#: that only serves to recognise the layout.
EXTRA_COLUMNS = ("digital_number", "selected")
_KEYS = {"name", "version", "title", "rows", "codes", "owner", "preamble", "forms", "columns"}
_CHOICES = {
    "rows": ("lines", "invoices"),
    "codes": ("tax", "own"),
    "owner": ("column", "either_side", "preamble", "none"),
}


@dataclass(frozen=True)
class Form:
    """One form of a layout: the columns it needs (each a tuple of alternatives) and the side it is."""

    needs: tuple[tuple[str, ...], ...]
    side: str | None


@dataclass(frozen=True)
class Layout:
    """One layout of a ledger; see the module's docstring."""

    name: str
    version: int
    title: dict[str, str]
    rows: str
    codes: str
    owner: str
    preamble: dict[str, re.Pattern[str]]
    forms: tuple[Form, ...]
    columns: dict[str, tuple[str, ...]]  # headings in bare form

    def columns_in(self, header: list[str]) -> dict[str, int]:
        """Canonical column → index of the cell of `header` that names it."""
        places: dict[str, int] = {}
        for index, cell in enumerate(header):
            places.setdefault(heading(cell), index)
        found = {}
        for name, headings in self.columns.items():
            if hits := [places[h] for h in headings if h in places]:
                found[name] = hits[0]
        return found

    def form_of(self, columns: Iterable[str]) -> Form | None:
        """The first form whose needs are all met."""
        there = set(columns)
        fits = (f for f in self.forms if all(there.intersection(options) for options in f.needs))
        return next(fits, None)


def heading(cell: str) -> str:
    """A column heading as it is compared: bare, without unit and marks of mandatory cells."""
    return re.sub(r"\((?:元|¥|RMB|人民币)\)$|[*:]", "", bare(cell))


@cache
def bundled_layouts() -> tuple[Layout, ...]:
    """The layouts that come with the product."""
    return load_layouts(Path(__file__).parent / "layouts")


def load_layouts(folder: Path) -> tuple[Layout, ...]:
    """Every layout of `folder` for invoices, sorted by file name. InputError names the file that is wrong."""
    paths = sorted(p for p in folder.glob("*.y*ml") if p.suffix in (".yaml", ".yml"))
    layouts = tuple(_load(path) for path in paths if path.stem != "registry")
    names = [layout.name for layout in layouts]
    if twice := next((n for n in names if names.count(n) > 1), None):
        raise InputError("layout_invalid", file=folder.name, detail=f"name: {twice}")
    return layouts


def _load(path: Path) -> Layout:
    try:
        raw = yaml.safe_load(path.read_text("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InputError("layout_invalid", file=path.name, detail=_first_line(error)) from error
    try:
        return read_layout(raw)
    except (ValueError, KeyError, TypeError, AttributeError, re.error) as error:
        raise InputError("layout_invalid", file=path.name, detail=_first_line(error)) from error


def read_layout(raw: dict[str, Any]) -> Layout:
    """A layout from its YAML. ValueError or KeyError says which entry is wrong."""
    if not isinstance(raw, dict):
        raise ValueError("not a mapping")
    if unknown := set(raw) - _KEYS:
        raise ValueError(f"unknown entry: {sorted(unknown)[0]}")
    for key, choices in _CHOICES.items():
        if raw[key] not in choices:
            raise ValueError(f"{key}: {raw[key]} (one of {', '.join(choices)})")
    columns = {name: tuple(heading(str(h)) for h in headings) for name, headings in raw["columns"].items()}
    for name in (*columns, *(raw.get("preamble") or {})):
        _known(name)
    return Layout(
        name=str(raw["name"]),
        version=int(raw["version"]),
        title={lang: str(raw["title"][lang]) for lang in ("zh", "en")},
        rows=raw["rows"],
        codes=raw["codes"],
        owner=raw["owner"],
        preamble={name: re.compile(p) for name, p in (raw.get("preamble") or {}).items()},
        forms=tuple(_form(form, columns) for form in raw["forms"]),
        columns=columns,
    )


def _form(raw: dict[str, Any], columns: dict[str, tuple[str, ...]]) -> Form:
    needs = tuple(tuple(need.split("|")) for need in raw["needs"])
    if not needs:
        raise ValueError("forms: needs is empty")
    for option in (option for options in needs for option in options):
        if option not in columns:
            raise ValueError(f"forms: {option} is not among the columns")
    if (side := raw.get("side")) not in (None, "sale", "purchase"):
        raise ValueError(f"side: {side}")
    return Form(needs, side)


def _known(name: str) -> None:
    if name == "row" or (name not in COLUMNS and name not in EXTRA_COLUMNS):
        raise ValueError(f"columns: {name}")


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
