"""The saved queries as data: which statements a visitor may ask, with which parameters, in which phrases.

Never free Cypher: a phrase is only held against the patterns of `saved_queries.yaml`.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import yaml

from cypher import statement
from ledger.errors import NotFound

ParamKind = Literal["enterprise", "chain", "segment", "code", "text", "limit"]
MOST, USUAL = 200, 40
_FILE = Path(__file__).with_name("saved_queries.yaml")
_AROUND = " \t\n?？。.!！，,"


@dataclass(frozen=True)
class SavedQuery:
    """One question: the statement's name, its parameters in order, and how people may say it."""

    name: str
    params: dict[str, ParamKind]
    phrases: dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class Phrase:
    """What somebody said, as a question: the parameters as they stand in the phrase."""

    query: SavedQuery
    said: dict[str, str]


@cache
def saved_queries() -> dict[str, SavedQuery]:
    """Every saved query by name. ValueError where one does not fit its statement, or changes anything."""
    found = {}
    for entry in yaml.safe_load(_FILE.read_text("utf-8")):
        phrases = {lang: tuple(said) for lang, said in entry["phrases"].items()}
        made = SavedQuery(entry["name"], entry["params"], phrases)
        wanted = statement(made.name)
        if wanted.mode != "read" or set(wanted.params) != set(made.params):
            raise ValueError(f"{made.name} does not fit its statement")
        found[made.name] = made
    return found


def saved_query(name: str) -> SavedQuery:
    """The saved query of that name. Raises NotFound."""
    found = saved_queries().get(name)
    if found is None:
        raise NotFound("query_not_found", query=name[:60])
    return found


def meant_by(phrase: str) -> list[Phrase]:
    """The questions that a phrase may be, those that leave least to their parameters first."""
    said = phrase.strip(_AROUND)
    found = []
    for query in saved_queries().values():
        for patterns in query.phrases.values():
            for pattern in patterns:
                hit = _regex(pattern).fullmatch(said)
                if hit:
                    values = {name: value.strip(_AROUND) for name, value in hit.groupdict().items()}
                    found.append(Phrase(query, values))
    return sorted(found, key=lambda one: sum(map(len, one.said.values())))


@cache
def _regex(pattern: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", pattern)
    text = "".join(
        f"(?P<{part}>.+?)" if i % 2 else r"\s*".join(map(re.escape, part.split())) + (r"\s*" if part else "")
        for i, part in enumerate(parts)
    )
    return re.compile(text, re.IGNORECASE)
