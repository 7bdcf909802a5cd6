"""Industry chains as data: the YAML files of `chains/` and of the user, as Python values.

A chain is a directed graph of segments. `tier` is the planted place of a segment: 0 is the end
product, positive tiers lie upstream, negative ones downstream. A user's own chain is a file of
the same form; it is read by the same code and refused with the same sentences.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ledger.errors import InputError

FOLDER = Path(__file__).parent / "chains"
ROLES = ("manufacture", "trade", "service")
_REQUIRED = ("id", "name", "tier", "role", "items", "tax_categories", "industry", "feeds")


@dataclass(frozen=True)
class Segment:
    """A place in a chain: what is sold there, under which codes, and which segments it feeds.

    `unit`, `price` (yuan without tax for one unit) and `trades` (words in firm names) only serve
    the generator; the rest is what positions are found by.
    """

    id: str
    chain: str
    name: dict[str, str]
    tier: int
    role: str
    items: tuple[str, ...]
    tax_categories: tuple[str, ...]  # prefixes of the 19 digits
    industry: tuple[str, ...]  # GB/T 4754
    feeds: tuple[str, ...]  # ids of segments it sells to
    end: bool = False
    unit: str = "件"
    price: float = 100.0
    trades: tuple[str, ...] = ("科技",)


@dataclass(frozen=True)
class Core:
    """A core enterprise named by the chain's file."""

    name: str
    code: str
    segment: str
    region: str


@dataclass(frozen=True)
class Chain:
    """One industry chain: its segments in the order of the file, its cores, its yearly season."""

    id: str
    name: dict[str, str]
    segments: tuple[Segment, ...]
    cores: tuple[Core, ...]
    season: tuple[float, ...] = (1.0,) * 12

    def segment(self, identifier: str) -> Segment:
        """The segment with that id; KeyError when the chain has none."""
        for segment in self.segments:
            if segment.id == identifier:
                return segment
        raise KeyError(identifier)


def load_chains(folder: Path | None = None, *more: Path) -> tuple[Chain, ...]:
    """Every chain of `folder` (default: those shipped) and of `more` (files or folders), by file name.

    InputError, with the file and the place in it, for anything that is not a chain.
    """
    chains: list[Chain] = []
    seen: set[str] = set()
    for path in _files(folder or FOLDER, *more):
        chain = read_chain(path)
        for identifier in (chain.id, *(segment.id for segment in chain.segments)):
            if identifier in seen:
                raise InputError("chain_id_twice", id=identifier, file=path.name)
            seen.add(identifier)
        chains.append(chain)
    return tuple(chains)


def read_chain(path: Path) -> Chain:
    """The chain in one YAML file. InputError when it is none."""
    try:
        raw = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise InputError("chain_unreadable", file=path.name, detail=str(error)) from error
    if not isinstance(raw, dict):
        raise InputError("chain_unreadable", file=path.name, detail="not a mapping")
    _require(raw, ("id", "name", "segments"), path, "chain")
    name, segments = _name(raw["name"], path, "chain"), _list(raw["segments"], path, "chain", "segments")
    chain = Chain(
        id=str(raw["id"]),
        name=name,
        segments=tuple(_segment(entry, str(raw["id"]), path) for entry in segments),
        cores=tuple(_core(entry, path) for entry in _list(raw.get("cores") or [], path, "chain", "cores")),
        season=_season(raw.get("season"), path),
    )
    _check(chain, path)
    return chain


def _files(*places: Path) -> Iterator[Path]:
    for place in places:
        found = sorted((*place.glob("*.yaml"), *place.glob("*.yml"))) if place.is_dir() else [place]
        if not found:
            raise InputError("chain_none", folder=place.name)
        yield from found


def _segment(raw: Any, chain: str, path: Path) -> Segment:
    where = str(raw.get("id", "?")) if isinstance(raw, dict) else "?"
    _require(raw, _REQUIRED, path, where)
    if not isinstance(raw["tier"], int) or isinstance(raw["tier"], bool):
        raise _wrong(path, where, "tier", f"{raw['tier']!r} is not a whole number")
    if raw["role"] not in ROLES:
        raise _wrong(path, where, "role", f"{raw['role']!r} is none of {', '.join(ROLES)}")
    price = raw.get("price", 100.0)
    if not isinstance(price, int | float) or price <= 0:
        raise _wrong(path, where, "price", f"{price!r} is not above 0")
    lists = ("items", "tax_categories", "industry", "feeds", "trades")
    texts = {key: tuple(str(v) for v in _list(raw.get(key, []), path, where, key)) for key in lists}
    for category in texts["tax_categories"]:
        if not (category.isdigit() and len(category) <= 19):
            raise _wrong(path, where, "tax_categories", f"{category!r} is no prefix of 19 digits")
    return Segment(
        id=str(raw["id"]),
        chain=chain,
        name=_name(raw["name"], path, where),
        tier=raw["tier"],
        role=raw["role"],
        items=texts["items"],
        tax_categories=texts["tax_categories"],
        industry=texts["industry"],
        feeds=texts["feeds"],
        end=bool(raw.get("end", False)),
        unit=str(raw.get("unit", "件")),
        price=float(price),
        trades=texts["trades"] or ("科技",),
    )


def _core(raw: Any, path: Path) -> Core:
    _require(raw, ("name", "code", "segment"), path, "cores")
    return Core(str(raw["name"]), str(raw["code"]), str(raw["segment"]), str(raw.get("region", "")))


def _season(raw: Any, path: Path) -> tuple[float, ...]:
    if raw is None:
        return (1.0,) * 12
    values = _list(raw, path, "chain", "season")
    if len(values) != 12 or not all(isinstance(v, int | float) and v > 0 for v in values):
        raise _wrong(path, "chain", "season", "12 numbers above 0 are wanted")
    return tuple(float(v) for v in values)


def _check(chain: Chain, path: Path) -> None:
    ids = {segment.id for segment in chain.segments}
    if len(ids) != len(chain.segments):
        twice = next(s.id for s in chain.segments if sum(o.id == s.id for o in chain.segments) > 1)
        raise InputError("chain_id_twice", id=twice, file=path.name)
    for segment in chain.segments:
        for target in segment.feeds:
            if target not in ids:
                raise InputError("chain_feeds_unknown", segment=segment.id, target=target, file=path.name)
    for core in chain.cores:
        if core.segment not in ids:
            raise InputError("chain_feeds_unknown", segment=core.name, target=core.segment, file=path.name)
    if not any(segment.end for segment in chain.segments):
        raise InputError("chain_no_end", file=path.name)


def _require(raw: Any, fields: tuple[str, ...], path: Path, where: str) -> None:
    if not isinstance(raw, dict):
        raise _wrong(path, where, "", "not a mapping")
    for name in fields:
        if raw.get(name) is None:
            raise InputError("chain_field_missing", file=path.name, where=where, field=name)


def _list(raw: Any, path: Path, where: str, name: str) -> list[Any]:
    if not isinstance(raw, list):
        raise _wrong(path, where, name, "not a list")
    return raw


def _name(raw: Any, path: Path, where: str) -> dict[str, str]:
    """A name in both languages; a bare text stands for both."""
    if isinstance(raw, str):
        return {"zh": raw, "en": raw}
    if not isinstance(raw, dict) or not raw.get("zh"):
        raise _wrong(path, where, "name", "a text, or {zh, en}, is wanted")
    return {"zh": str(raw["zh"]), "en": str(raw.get("en") or raw["zh"])}


def _wrong(path: Path, where: str, name: str, detail: str) -> InputError:
    return InputError("chain_field_wrong", file=path.name, where=where, field=name, detail=detail)
