"""The small data files of this room as Python values: places, name parts, taxes, utilities, calendar."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Place:
    """A place by its GB/T 2260 code; `weight` is roughly how many firms sit there."""

    code: str
    name: str
    short: str
    weight: float


@dataclass(frozen=True)
class TaxCategory:
    """What a tax category prints between asterisks, and its general VAT rate in percent."""

    short: str
    rate: int


@dataclass(frozen=True)
class Utility:
    """A supplier everybody buys from; it stands in no segment."""

    id: str
    name: dict[str, str]
    items: tuple[str, ...]
    tax_categories: tuple[str, ...]
    industry: tuple[str, ...]
    trades: tuple[str, ...]
    unit: str
    price: float
    one_in: int
    reach: float
    kind: str


@dataclass(frozen=True)
class GenericItem:
    """An item that anybody may sell and that says nothing about a segment."""

    item: str
    tax_category: str
    unit: str
    price: float


def _read(name: str) -> Any:
    return yaml.safe_load((_FOLDER / name).read_text("utf-8"))


@cache
def places() -> tuple[Place, ...]:
    """Every place, in the order of the file."""
    return tuple(Place(**entry) for entry in _read("places.yaml"))


@cache
def names() -> dict[str, Any]:
    """The parts of invented names, see `names.yaml`."""
    return dict(_read("names.yaml"))


@cache
def _taxes() -> dict[str, TaxCategory]:
    return {prefix: TaxCategory(**entry) for prefix, entry in _read("tax.yaml").items()}


def tax_category(code: str) -> TaxCategory:
    """The entry with the longest prefix of `code`. KeyError when none fits."""
    table = _taxes()
    for length in range(len(code), 0, -1):
        if (found := table.get(code[:length])) is not None:
            return found
    raise KeyError(code)


@cache
def utilities() -> tuple[Utility, ...]:
    """The suppliers everybody buys from."""
    lists = ("items", "tax_categories", "industry", "trades")
    return tuple(
        Utility(**{**entry, **{key: tuple(entry[key]) for key in lists}})
        for entry in _read("utilities.yaml")["utilities"]
    )


def utility_signs() -> tuple[list[str], list[str]]:
    """What utilities and general services sell: item words and tax category prefixes."""
    known = utilities()
    return [item for u in known for item in u.items], [p for u in known for p in u.tax_categories]


@cache
def generic_items() -> tuple[GenericItem, ...]:
    """Items that say nothing about a segment."""
    return tuple(GenericItem(**entry) for entry in _read("utilities.yaml")["generic"])


@cache
def lunar_new_year() -> dict[int, date]:
    """Year → first day of the lunar year."""
    return dict(_read("calendar.yaml")["lunar_new_year"])
