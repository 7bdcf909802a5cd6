"""The catalogue of features: names, units, what each rests on; `catalogue.yaml` is the one list."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

from ledger.words import label, message

Kind = Literal["number", "flag", "text"]

#: Why a feature is null; the first is none. Sentences: `feature_missing_<code>` of the words.
REASONS = (
    "",
    "no_graph",
    "no_sales_books",
    "no_purchase_books",
    "books_old",
    "books_short",
    "nothing_sold",
    "nothing_bought",
    "no_year_before",
    "no_own_partners",
    "partners_unknown",
    "no_statements",
    "no_payments",
    "not_in_chain",
    "no_core",
    "segment_unknown",
    "no_register",
    "no_contracts",
    "not_stated",
    "inferred",
    "older_snapshot",
    "no_named_customers",
)
CODE = {reason: number for number, reason in enumerate(REASONS)}


@dataclass(frozen=True)
class Kept:
    """One feature. `unit`: key of a label `unit_…`; `basis`: own (own books), seen (anybody's papers, so at
    least that much), stated (a register or contract), position (observed or inferred, firm by firm);
    `version` counts changes of its meaning; `lineage`: which papers it rests on."""

    name: str
    group: str
    unit: str
    kind: Kind
    basis: str
    version: int
    lineage: str

    def label(self, lang: str = "en") -> str:
        """What it is called."""
        return label(f"feature_{self.name}", lang)

    def sentence(self, lang: str = "en") -> str:
        """What it says."""
        return message(f"feature_{self.name}", lang)


@cache
def _file() -> dict[str, Any]:
    text = (Path(__file__).parent / "catalogue.yaml").read_text("utf-8")
    return dict(yaml.safe_load(text))


def _read() -> dict[str, Kept]:
    found = {}
    for group, rows in _file()["groups"].items():
        for name, said in rows.items():
            unit, basis, lineage, *more = said
            kind: Kind = "flag" if unit == "flag" else "text" if unit == "text" else "number"
            version = int(more[0]) if more else 1
            found[name] = Kept(name, group, unit, kind, basis, version, lineage)
    return found


#: Every feature by name, in the order of the columns.
CATALOGUE: dict[str, Kept] = _read()
#: Counts changes to the set: a feature added, dropped or given another meaning.
FEATURE_SET_VERSION = str(_file()["version"])
#: Names of the features a model can take: numbers and flags.
NUMBERS = tuple(name for name, kept in CATALOGUE.items() if kept.kind != "text")
