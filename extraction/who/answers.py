"""Questions about who is meant, and answers that can be read: candidates with their score as a table."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Verdict = Literal["accept", "ask", "reject"]


@dataclass(frozen=True)
class Query:
    """Who is asked for: any of these, as a paper has it. `region`: GB/T 2260 digits."""

    name: str = ""
    code: str = ""
    address: str = ""
    phone: str = ""
    account: str = ""
    region: str = ""


@dataclass(frozen=True)
class Feature:
    """One row of the score: `name` is a label's key (`who_…`), `gave` log-odds, what stood left and right."""

    name: str
    gave: float
    left: str
    right: str


@dataclass(frozen=True)
class Candidate:
    """A firm that may be meant. `score` is the sum of what the features gave; `confidence` how likely it
    is, given the other candidates and that nobody known may be meant. `why` (with `params`) is the code
    of a sentence: why accepted, why asked, why not."""

    party: str
    name: str
    code: str
    score: float
    confidence: float
    verdict: Verdict
    features: tuple[Feature, ...]
    why: str
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """The answer to one query. `tie`: the best two are equally good; `why`: the code of a sentence."""

    query: Query
    verdict: Literal["accept", "ask", "none"]
    accepted: Candidate | None
    candidates: tuple[Candidate, ...]
    tie: bool
    why: str
