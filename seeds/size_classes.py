"""Size class of an enterprise (大中小微) from industry, employees, revenue and assets, inputs shown."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

#: Classes from the top; what meets none of them is micro.
_CLASSES = ("large", "medium", "small")
_WAN = 1_000_000  # fen in 万元


@dataclass(frozen=True)
class SizeClass:
    """The class, the rule's category, and what it rests on: measure → (value, least of that class).

    `size` None: `missing` names what is not known.
    """

    size: str | None
    category: str | None
    rests_on: dict[str, tuple[int, int]]
    missing: tuple[str, ...]
    source: str


@dataclass(frozen=True)
class _Category:
    id: str
    divisions: tuple[tuple[int, int], ...]
    least: dict[str, dict[str, int]]


def size_class(
    industry: str | None, employees: int | None, revenue_fen: int | None, assets_fen: int | None = None
) -> SizeClass:
    """The class of an enterprise. `industry`: GB/T 4754 code, with or without its letter.

    Measures not known make the class unknown where they could change it; amounts in fen, of a year.
    """
    source, categories = _rules()
    category = _category(industry, categories)
    if category is None:
        return SizeClass(None, None, {}, ("industry",), source)
    known = {"employees": employees, "revenue": revenue_fen, "assets": assets_fen}
    for size in _CLASSES:
        least = {m: n if m == "employees" else n * _WAN for m, n in category.least[size].items()}
        given = {m: (v, least[m]) for m in least if (v := known[m]) is not None}
        if any(value < needed for value, needed in given.values()):
            continue
        if missing := tuple(m for m in least if known[m] is None):
            return SizeClass(None, category.id, given, missing, source)
        return SizeClass(size, category.id, given, (), source)
    small = {m: n if m == "employees" else n * _WAN for m, n in category.least["small"].items()}
    rests_on = {m: (v, small[m]) for m in small if (v := known[m]) is not None}
    return SizeClass("micro", category.id, rests_on, (), source)


def _category(industry: str | None, categories: tuple[_Category, ...]) -> _Category | None:
    found = re.fullmatch(r"[A-T]?(\d{2})(\d)?\d?", (industry or "").strip().upper())
    if found is None:
        return None
    division, group = int(found[1]), int(found[1] + found[2]) if found[2] else -1
    narrow = (c for c in categories if any(a <= group <= b for a, b in c.divisions if a > 99))
    wide = (c for c in categories if any(a <= division <= b for a, b in c.divisions))
    return next(narrow, None) or next(wide, None)


@cache
def _rules() -> tuple[str, tuple[_Category, ...]]:
    raw = yaml.safe_load((Path(__file__).parent / "size_classes.yaml").read_text("utf-8"))
    categories = tuple(
        _Category(c["id"], tuple((a, b) for a, b in c["divisions"]), {s: dict(c[s]) for s in _CLASSES})
        for c in raw["categories"]
    )
    return str(raw["source"]), categories
