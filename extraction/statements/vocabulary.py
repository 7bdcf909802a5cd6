"""The words of `words.yaml`, compiled once: headings, marks of direction, patterns, rules."""

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import yaml
from opencc import OpenCC

from extraction.vocabulary import bare

_BRACKETED = re.compile(r"\[[^\]]*\]|【[^】]*】")
_UNIT = re.compile(
    r"\((?:单位:?)?[+-]?(?:人民币)?(?:元|万元|¥|RMB|CNY|人民币|本币)\)|/元|\(\+?-?元\)|,?单位:?元|[*:#\"'`=]"
)
_LATIN = re.compile(r"[A-Z][A-Z.'’&,/ ()-]*[A-Z.)]|[A-Z]")
_HAN = re.compile(r"[\u4e00-\u9fff]")
#: Latin letters that belong to a Chinese heading.
_KEPT = ("D/C", "C/D", "DC")


@dataclass(frozen=True)
class Role:
    """Which headings make a column this role; `many`: every such column is."""

    name: str
    headings: tuple[str, ...]
    like: re.Pattern[str] | None
    many: bool


@dataclass(frozen=True)
class Rule:
    """One line of a table of rules: what it concludes, and from which words, other side, direction. `both`:
    words and other side must fit, else either does."""

    gives: str
    words: re.Pattern[str] | None
    who: re.Pattern[str] | None
    direction: str
    both: bool = False


@dataclass(frozen=True)
class Words:
    """All of `words.yaml`."""

    roles: dict[str, tuple[Role, ...]]
    needs: dict[str, tuple[tuple[tuple[str, ...], ...], ...]]
    never: frozenset[str]
    either: dict[str, frozenset[str]]
    flags: dict[str, str]
    opening: frozenset[str]
    closing: frozenset[str]
    totals: frozenset[str]
    whole_totals: frozenset[str]
    ends: tuple[str, ...]
    preamble: dict[str, re.Pattern[str]]
    period: re.Pattern[str]
    labels: frozenset[str]
    banks: re.Pattern[str]
    channels: dict[str, re.Pattern[str]]
    currencies: dict[str, str]
    unsuccessful: frozenset[str]
    refunds: re.Pattern[str]
    ways: tuple[Rule, ...]
    purposes: tuple[Rule, ...]
    in_words: str
    out_words: str
    inner: re.Pattern[str]
    firms: re.Pattern[str]
    bill_kinds: dict[str, str]
    bill_events: tuple[Rule, ...]


@lru_cache(maxsize=20_000)
def plain(cell: str) -> str:
    """A heading as it is compared: half width, simplified, no blanks or units, 账 for 帐, Chinese alone
    where there is Chinese (banks print both languages in one cell)."""
    text = _simplified(bare(cell)).replace("帐", "账")
    if _HAN.search(text):
        text = _BRACKETED.sub("", text)
        if not any(mark in text for mark in _KEPT):
            text = _LATIN.sub("", text)
    return _UNIT.sub("", text).strip("()./-|,").strip() if text not in ("+", "-") else text


def _simplified(text: str) -> str:
    """Traditional characters, as banks of Hong Kong and Macau print them, in simplified ones."""
    return str(_converter().convert(text)) if _HAN.search(text) else text


@cache
def _converter() -> OpenCC:
    return OpenCC("t2s")


@cache
def words() -> Words:
    """The words of the file beside this module."""
    raw = yaml.safe_load((Path(__file__).parent / "words.yaml").read_text("utf-8"))
    needs = {
        kind: tuple(tuple(tuple(str(o).split("+")) for o in group) for group in groups)
        for kind, groups in raw["needs"].items()
    }
    return Words(
        roles={kind: _roles(table) for kind, table in raw["roles"].items()},
        needs=needs,
        never=_bare(raw["never"]),
        either={role: frozenset(plain(str(w)) for w in every) for role, every in raw["either"].items()},
        flags={bare(str(w)): sense for sense, every in raw["flags"].items() for w in every},
        opening=_bare(raw["opening"]),
        closing=_bare(raw["closing"]),
        totals=_bare(raw["totals"]),
        whole_totals=_bare(raw["whole_totals"]),
        ends=tuple(raw["ends"]),
        preamble={name: re.compile(text, re.IGNORECASE) for name, text in raw["preamble"].items()},
        period=re.compile(raw["period"]),
        labels=_bare(raw["labels"]),
        banks=re.compile(raw["banks"]),
        channels={name: re.compile(text, re.IGNORECASE) for name, text in raw["channels"].items()},
        currencies={bare(str(w)): code for w, code in raw["currencies"].items()},
        unsuccessful=_bare(raw["unsuccessful"]),
        refunds=re.compile(raw["refunds"], re.IGNORECASE),
        ways=tuple(_rule(r, "way") for r in raw["ways"]),
        purposes=tuple(_rule(r, "purpose") for r in raw["purposes"]),
        in_words=raw["in_words"],
        out_words=raw["out_words"],
        inner=re.compile(raw["inner"]),
        firms=re.compile(raw["firms"]),
        bill_kinds={bare(str(w)): kind for kind, every in raw["bill_kinds"].items() for w in every},
        bill_events=tuple(_rule(r, "event") for r in raw["bill_events"]),
    )


def _roles(table: dict[str, Any]) -> tuple[Role, ...]:
    return tuple(
        Role(
            name,
            tuple(plain(str(h)) for h in role["is"]),
            re.compile(role["like"]) if role.get("like") else None,
            bool(role.get("many")),
        )
        for name, role in table.items()
    )


def _rule(raw: dict[str, Any], gives: str) -> Rule:
    compiled = {key: re.compile(raw[key], re.IGNORECASE) for key in ("words", "who") if key in raw}
    return Rule(
        raw[gives],
        compiled.get("words"),
        compiled.get("who"),
        raw.get("direction", ""),
        bool(raw.get("both")),
    )


def _bare(every: list[Any]) -> frozenset[str]:
    return frozenset(bare(str(word)) for word in every)
