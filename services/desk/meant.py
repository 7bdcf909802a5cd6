"""Which enterprises a pasted list means: exact codes and names in columns; what is left, by the matcher.

Order of evidence: code, name, former or other name, the same letters (traditional or simplified, with or
without signs), then names alike. What several firms bear is ambiguous, whoever is named first.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl

from extraction.who import Answer, Known, Query, match
from extraction.who.codes import plain_code
from extraction.who.letters import spelled
from graph.snapshot import Snapshot
from ledger.names import normal_form, normal_forms

#: Ways of meaning a firm, the surest first.
WAYS = ("code", "name", "former_name", "letters", "alike")
#: Candidates told for one query.
CANDIDATES = 3
#: What may be a code among the words of a line.
_CODE = re.compile("^[0-9A-Za-z]{8,24}$")
_CREDIT = re.compile("[0-9]{2}[0-9A-Za-z]{16}")


@dataclass(frozen=True)
class Meant:
    """What one query means: `enterprise` the best row, None where nothing fits.

    `score`: 1 where a key is equal, else the matcher's confidence. `candidates`: (row, score), best first.
    """

    way: str | None
    score: float | None
    ambiguous: bool
    enterprise: int | None
    candidates: tuple[tuple[int, float | None], ...] = ()


@dataclass(frozen=True)
class Index:
    """What queries are looked up in: way (row of WAYS), key, enterprise; each once."""

    keys: pl.DataFrame


def index_of(snapshot: Snapshot) -> Index:
    """The index of a snapshot."""
    number = pl.int_range(pl.len(), dtype=pl.Int32)
    firms = snapshot.enterprises.select("name", "code", enterprise=number)
    members = snapshot.members.select("name", "code", "enterprise")
    other = snapshot.scan("names").select("name", "enterprise").collect()
    both = pl.concat([firms, members])
    codes = both.select(key=pl.col("code").str.to_uppercase().str.strip_chars(), enterprise="enterprise")
    every = pl.concat([both.select("name", "enterprise"), other])
    parts = [
        codes.with_columns(way=pl.lit(0, pl.Int8)),
        both.select(key=normal_forms(pl.col("name")), enterprise="enterprise", way=pl.lit(1, pl.Int8)),
        other.select(key=normal_forms(pl.col("name")), enterprise="enterprise", way=pl.lit(2, pl.Int8)),
        every.select(key=spelled(pl.col("name")), enterprise="enterprise", way=pl.lit(3, pl.Int8)),
    ]
    keys = pl.concat(part.select("way", "key", "enterprise") for part in parts).drop_nulls()
    return Index(keys.filter(pl.col("key") != "").unique(maintain_order=True))


def query_of(line: str) -> Query:
    """A pasted line as a query: a code alone, a name alone, or both with a blank, tab or comma between."""
    words = [word for word in re.split(r"[\t,，;；|]+", line.strip()) if word.strip()]
    code = next((word.strip() for word in words if _CODE.match(word.strip())), "")
    if not code and (found := _CREDIT.search(line)):
        code = found[0]
    name = line if len(words) < 2 else next((word for word in words if word.strip() != code), "")
    return Query(
        name="" if name.strip() == code else name.replace(code, "").strip() if code else name, code=code
    )


def meant(
    snapshot: Snapshot, index: Index, known: Callable[[], Known], queries: Sequence[Query]
) -> list[Meant]:
    """What each query means, in their order. The matcher sees those that no key tells; who is `known` is
    asked for them alone."""
    found = _by_keys(index, queries)
    rest = [i for i in range(len(queries)) if i not in found]
    answers = match([queries[i] for i in rest], known(), CANDIDATES) if rest else []
    rows = _rows(snapshot, answers)
    for i, answer in zip(rest, answers, strict=True):
        found[i] = _alike(answer, rows)
    return [found[i] for i in range(len(queries))]


def _by_keys(index: Index, queries: Sequence[Query]) -> dict[int, Meant]:
    """Query → what an equal key says, by the first way that says anything."""
    asked = pl.DataFrame(
        {
            "query": pl.int_range(len(queries), eager=True, dtype=pl.Int32),
            "code": [plain_code(query.code) for query in queries],
            "name": [normal_form(query.name) for query in queries],
            "raw": [query.name for query in queries],
        }
    ).with_columns(letters=spelled(pl.col("raw")))
    wanted = pl.concat(
        asked.select("query", way=pl.lit(way, pl.Int8), key=column)
        for way, column in ((0, "code"), (1, "name"), (2, "name"), (3, "letters"))
    ).filter(pl.col("key") != "")
    hits = wanted.join(index.keys, on=["way", "key"])
    first = pl.col("way") == pl.col("way").min()
    told = hits.group_by("query").agg(
        pl.col("way").min(),
        pl.col("enterprise").filter(first).unique().sort().alias("firms"),
        pl.col("enterprise").filter(pl.col("way") > 0).unique().sort().alias("named"),
    )
    return {query: _keyed(way, firms, named) for query, way, firms, named in told.iter_rows()}


def _keyed(way: int, firms: list[int], named: list[int]) -> Meant:
    """What equal keys say. A code of one firm beside the name of another is for a person to settle."""
    both = [*firms, *(firm for firm in named if firm not in firms)]
    at_odds = way == 0 and bool(named) and not set(firms) & set(named)
    candidates = tuple((firm, 1.0) for firm in (both if at_odds else firms)[:CANDIDATES])
    return Meant(WAYS[way], 1.0, len(firms) > 1 or at_odds, firms[0], candidates)


def _rows(snapshot: Snapshot, answers: Sequence[Answer]) -> dict[str, int]:
    """Party → row of its enterprise, of every candidate."""
    parties = {c.party for answer in answers for c in answer.candidates}
    known = snapshot.members.filter(pl.col("party").is_in(sorted(parties))).select("party", "enterprise")
    return dict(known.iter_rows())


def _alike(answer: Answer, rows: dict[str, int]) -> Meant:
    """What the matcher says. A firm that came after the build is no candidate yet."""
    seen: dict[int, float | None] = {}
    for one in answer.candidates:
        if one.verdict != "reject" and one.party in rows:
            seen.setdefault(rows[one.party], one.confidence)
    candidates = tuple(seen.items())
    accepted = rows.get(answer.accepted.party) if answer.accepted else None
    best = accepted if accepted is not None else (candidates[0][0] if candidates else None)
    if best is None:
        return Meant(None, None, False, None)
    unsure = accepted is None or answer.tie or answer.verdict == "ask"
    return Meant("alike", seen.get(best), unsure, best, candidates)
