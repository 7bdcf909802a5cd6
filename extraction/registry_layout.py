"""The layout of registry extracts (`layouts/registry.yaml`): two tables and the words in their columns."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from extraction.layout import Form, Layout, heading
from extraction.vocabulary import bare

#: Columns of codes, figures and dates.
CODED = frozenset(
    {
        *("code", "other_code", "person_key", "share", "amount", "first", "until", "region"),
        *("as_of", "employees", "revenue"),
    }
)


@dataclass(frozen=True)
class Registry:
    """The layout file. `words`: column → word → our key; a kind's key ends in /in or /out. `listed_by`:
    a list → the columns that only its own publication has."""

    name: str
    version: int
    tables: tuple[Layout, ...]
    words: dict[str, dict[str, str]]
    listed_by: dict[str, tuple[str, ...]]


@cache
def registry() -> Registry:
    """The bundled layout."""
    raw = yaml.safe_load((Path(__file__).parent / "layouts" / "registry.yaml").read_text("utf-8"))
    words = {
        column: {bare(str(word)): key for key, every in table.items() for word in every}
        for column, table in raw["words"].items()
    }
    tables = tuple(_table(name, raw, table) for name, table in raw["tables"].items())
    listed_by = {name: tuple(columns) for name, columns in raw["listed_by"].items()}
    return Registry(raw["name"], int(raw["version"]), tables, words, listed_by)


def _table(name: str, raw: dict[str, Any], table: dict[str, Any]) -> Layout:
    form = Form(tuple(tuple(need.split("|")) for need in table["needs"]), None)
    columns = {c: tuple(heading(str(h)) for h in headings) for c, headings in table["columns"].items()}
    return Layout(name, int(raw["version"]), raw["title"], "lines", "tax", "none", {}, (form,), columns)
