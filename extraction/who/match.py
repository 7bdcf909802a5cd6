"""Who is meant: candidates for names, codes, accounts, with a score that is a table and a reason in words.

Order of evidence: an equal valid credit code decides; a different one is a veto, unless one of the two
is the other misread; then names, by exact keys and by rare letters; then account, telephone, address.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import polars as pl
from numpy.typing import NDArray
from rapidfuzz import fuzz

from extraction.who import encoded as n
from extraction.who import weights as w
from extraction.who.answers import Answer, Candidate, Query, Verdict
from extraction.who.codes import compare_codes, misreadings, plain_code
from extraction.who.encoded import Int64, Names, UInt64, encoded
from extraction.who.known import Known, evidence_words, plain_evidence
from extraction.who.letters import spelled
from extraction.who.parts import FORMS, parted
from extraction.who.search import features, search
from extraction.who.sentences import NO_NAME, table, why_not
from extraction.who.tokens import find

#: Candidates looked at beyond those asked for: evidence beside the name may bring one forward.
_MORE = 4
_COMPANY = tuple(FORMS.index(form) for form in ("company", "joint_stock", "partnership", "public"))


@dataclass(frozen=True)
class _Asked:
    """The queries in the form the search wants: parts and arrays of names, plain evidence."""

    queries: Sequence[Query]
    parts: pl.DataFrame
    names: Names
    codes: list[str]
    accounts: list[str]
    phones: list[str]
    addresses: list[str]


def match(queries: Sequence[Query], known: Known, limit: int = 10) -> list[Answer]:
    """An answer for each query, with at most `limit` candidates, best first."""
    if not queries:
        return []
    asked = _asked(queries, known)
    found = search(
        known.rarity, known.index, asked.names, known.names, known.firm,
        most=limit + _MORE, extra=_extra_tokens(asked),
    )  # fmt: skip
    pairs = np.argwhere(found.row >= 0).astype(np.int32)
    pairs[:, 1] = found.row[pairs[:, 0], pairs[:, 1]]
    gave = np.zeros((len(pairs), w.WIDTH), np.float32)
    features(known.rarity, asked.names, known.names, pairs, gave)
    beside = _Beside(asked, known, pairs)
    beside.add(gave)
    parts = parted(known.rows["name"].gather(pairs[:, 1]))
    ends = np.searchsorted(pairs[:, 0], np.arange(len(queries) + 1))
    return [
        _answer(asked, known, i, slice(ends[i], ends[i + 1]), pairs, gave, beside, parts, limit)
        for i in range(len(queries))
    ]


def _asked(queries: Sequence[Query], known: Known) -> _Asked:
    parts = parted(pl.Series([query.name for query in queries], dtype=pl.String))
    region = pl.Series([_region(query.region) for query in queries], dtype=pl.Int32)
    placed = parts.with_columns(place=pl.when(pl.col("place") > 0).then("place").otherwise(region))
    plain = {
        kind: plain_evidence(kind, pl.Series([getattr(q, kind) for q in queries], dtype=pl.String)).to_list()
        for kind in ("code", "account", "phone")
    }
    addresses = pl.DataFrame({"a": [query.address for query in queries]}).select(spelled(pl.col("a")))
    return _Asked(
        queries, placed, encoded(placed, known.sounds),
        plain["code"], plain["account"], plain["phone"], addresses.to_series().to_list(),
    )  # fmt: skip


def _region(text: str) -> int:
    return int(text) if len(text) == 6 and text.isascii() and text.isdigit() else 0


def _extra_tokens(asked: _Asked) -> tuple[Int64, UInt64]:
    """Tokens of each query's code (and what it may be misread from), account and telephone."""
    at, kinds, values = [0], [], []
    for code, account, phone in zip(asked.codes, asked.accounts, asked.phones, strict=True):
        for kind, value in (
            *(("code", each) for each in (code, *misreadings(code)) if code),
            *((("account", account),) if account else ()),
            *((("phone", phone),) if phone else ()),
        ):
            kinds.append(kind)
            values.append(value)
        at.append(len(kinds))
    tokens = np.empty(len(kinds), np.uint64)
    for kind in ("code", "account", "phone"):
        where = [i for i, each in enumerate(kinds) if each == kind]
        tokens[where] = evidence_words(kind, pl.Series([values[i] for i in where], dtype=pl.String))
    return np.array(at, np.int64), tokens


class _Beside:
    """What speaks beside the names: codes, accounts, telephones, addresses, names on record, judgements."""

    _GIVES: ClassVar = {
        "equal": w.WEIGHTS.code_equal,
        "organisation": w.WEIGHTS.code_misread,
        "misread": w.WEIGHTS.code_misread,
        "differ": w.WEIGHTS.code_differs,
    }

    def __init__(self, asked: _Asked, known: Known, pairs: NDArray[np.int32]) -> None:
        self.asked, self.known, self.pairs = asked, known, pairs
        firms = pl.Series(np.unique(known.firm[pairs[:, 1]]) if len(pairs) else [], dtype=pl.Int32)
        held = known.evidence.filter(pl.col("firm").is_in(firms.implode()))
        self.held: dict[tuple[int, str], list[str]] = {}
        for firm, kind, value in held.iter_rows():
            self.held.setdefault((firm, kind), []).append(value)
        self.kinds = known.rows["kind"].gather(pairs[:, 1]).to_list()
        self.relation: list[str] = []

    def of(self, pair: int, kind: str) -> list[str]:
        """What the firm of a pair is known to have."""
        return self.held.get((int(self.known.firm[self.pairs[pair, 1]]), kind), [])

    def add(self, gave: NDArray[np.float32]) -> None:
        """Write what this evidence gives into the table."""
        for k, (i, row) in enumerate(self.pairs.tolist()):
            relation = self._code(self.asked.codes[i], self.of(k, "code"))
            self.relation.append(relation)
            gave[k, w.CODE] = self._GIVES.get(relation, 0.0)
            if relation == "equal":  # the code says more than any name: a branch has a code of its own
                gave[k, w.BRANCH] = max(gave[k, w.BRANCH], 0.0)
            account, phone, address = self.asked.accounts[i], self.asked.phones[i], self.asked.addresses[i]
            if account and account in self.of(k, "account"):
                gave[k, w.ACCOUNT] = w.WEIGHTS.account_equal
            if phone and phone in self.of(k, "phone"):
                gave[k, w.PHONE] = (
                    w.WEIGHTS.phone_equal if self._bearers(phone) <= 2 else w.WEIGHTS.phone_shared
                )
            gave[k, w.ADDRESS] = self._address(address, self.of(k, "address"))
            if self.kinds[k] != "own":
                gave[k, w.FORMER] = w.WEIGHTS.on_record
            whole = int(self.asked.names.words[i, n.WHOLE_WORD])
            if whole in self.known.apart.get(int(self.known.firm[row]), ()):
                gave[k, w.JUDGED] = w.WEIGHTS.judged_different

    @staticmethod
    def _code(code: str, codes: list[str]) -> str:
        said = {compare_codes(code, each) for each in codes}
        return next((s for s in ("equal", "misread", "organisation", "differ") if s in said), "none")

    def _bearers(self, phone: str) -> int:
        token = evidence_words("phone", pl.Series([phone]))[0]
        number = find(self.known.index, token)
        return int(self.known.index.at[number + 1] - self.known.index.at[number]) if number >= 0 else 99

    @staticmethod
    def _address(address: str, addresses: list[str]) -> float:
        if len(address) < 6 or not addresses:
            return 0.0
        plain = pl.DataFrame({"a": addresses}).select(spelled(pl.col("a"))).to_series().to_list()
        best = max(fuzz.partial_ratio(address, each) for each in plain)
        return (
            w.WEIGHTS.address_equal
            if best >= 95
            else w.WEIGHTS.address_close
            if best >= 75
            else w.WEIGHTS.address_far
        )


def _answer(
    asked: _Asked, known: Known, i: int, mine: slice, pairs: NDArray[np.int32],
    gave: NDArray[np.float32], beside: _Beside, parts: pl.DataFrame, limit: int,
) -> Answer:  # fmt: skip
    query, scores = asked.queries[i], gave[mine].sum(axis=1, dtype=np.float64)
    order = np.argsort(-scores, kind="stable")[:limit]
    sure = confidences(scores)
    tie = len(order) > 1 and scores[order[0]] - scores[order[1]] < w.TIE and sure[order[0]] >= w.ASK
    candidates = []
    for place, k in enumerate(order.tolist()):
        pair = mine.start + k
        row, relation = int(pairs[pair, 1]), beside.relation[pair]
        given = gave[pair]
        verdict, why = _verdict(asked, i, given, float(sure[k]), relation, place, bool(tie))
        firm = known.firms.row(int(known.firm[row]), named=True)
        rows = table(
            asked.parts.row(i, named=True),
            parts.row(pair, named=True),
            given,
            _told(asked, known, i, row, beside, pair),
        )
        against = why_not(rows)
        params = {"firm": firm["name"] or firm["code"], "left": against.left, "right": against.right}
        candidates.append(
            Candidate(
                firm["party"],
                firm["name"],
                firm["code"],
                round(float(scores[k]), 2),
                round(float(sure[k]), 4),
                verdict,
                rows,
                why or against.name,
                params,
            )
        )
    return _concluded(query, asked, i, tuple(candidates), bool(tie))


def confidences(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """How likely each candidate is the one meant, given the others and that it may be none of them."""
    top = max(0.0, float(scores.max())) if len(scores) else 0.0
    odds = np.exp(np.maximum(scores - top, -700))
    return np.asarray(odds / (odds.sum() + np.exp(-top)))


def _verdict(
    asked: _Asked, i: int, given: NDArray[np.float32], sure: float, relation: str, place: int, tie: bool
) -> tuple[Verdict, str]:
    """What to do with a candidate and the sentence that says why; an empty one is found in its table."""
    if relation == "equal" and place == 0:
        return "accept", "who_same_code"
    if against := _veto(given, relation):
        return "reject", against
    if sure < w.ASK:
        return "reject", ""
    if doubt := _doubt(asked, i, given, sure, relation, place, tie):
        return "ask", doubt
    return "accept", "who_same_name" if given[w.WHOLE] > 0 else "who_near_name"


def _veto(given: NDArray[np.float32], relation: str) -> str:
    if relation == "differ":
        return "who_other_code"
    if given[w.JUDGED] < 0:
        return "who_judged_different"
    return "who_is_branch" if given[w.BRANCH] <= w.WEIGHTS.branch_or_head else ""


def _doubt(
    asked: _Asked, i: int, given: NDArray[np.float32], sure: float, relation: str, place: int, tie: bool
) -> str:
    """Why a candidate that no veto struck is not accepted without asking; empty where nothing speaks so."""
    beside_name = given[w.ACCOUNT] + given[w.PHONE] + given[w.ADDRESS] > w.WEIGHTS.phone_equal
    known_place = given[w.PLACE] > w.WEIGHTS.phone_shared or given[w.FORMER] < 0
    doubts = (
        ("who_tie", tie and place < 2),
        ("who_code_misread", relation == "misread"),
        ("who_organisation", relation == "organisation"),
        ("who_second", place > 0),
        ("who_unsure", sure < w.ACCEPT),
        ("who_only_short", given[w.SHORT] != 0 and not beside_name),
        ("who_common", not (distinctive(asked, i) or known_place or beside_name)),
    )
    return next((why for why, stands in doubts if stands), "")


def distinctive(asked: _Asked, i: int) -> bool:
    """Whether a name says enough to be accepted by itself: a place, or a company's form and a brand."""
    names = asked.names
    return bool(
        names.numbers[i, n.PLACE] > 0
        or names.numbers[i, n.FORM] in _COMPANY
        or names.words[i, n.BRANCH_WORD] != 0
    )


def _told(
    asked: _Asked, known: Known, i: int, row: int, beside: _Beside, pair: int
) -> dict[str, tuple[str, str]]:
    """What stood left and right of the rows that are not parts of the name."""
    query, held = asked.queries[i], known.rows.row(row, named=True)
    days = f"{held['from'] or ''}–{held['until'] or ''}" if held["from"] or held["until"] else ""
    return {
        "start": ("", f"{known.firms.height}"),
        "rarity": ("", f"{int(known.shared[row])}"),
        "code": (asked.codes[i], ", ".join(beside.of(pair, "code"))),
        "account": (asked.accounts[i][-4:], ", ".join(each[-4:] for each in beside.of(pair, "account"))),
        "phone": (asked.phones[i][-4:], ", ".join(each[-4:] for each in beside.of(pair, "phone"))),
        "address": (query.address, "; ".join(beside.of(pair, "address"))),
        "former": (query.name, f"{held['name']} {days}".strip()),
        "judged": (query.name, held["name"]),
    }


def _concluded(query: Query, asked: _Asked, i: int, candidates: tuple[Candidate, ...], tie: bool) -> Answer:
    best = candidates[0] if candidates else None
    if best is not None and best.verdict == "accept":
        return Answer(query, "accept", best, candidates, tie, best.why)
    asks = [candidate for candidate in candidates if candidate.verdict == "ask"]
    if asks:
        return Answer(query, "ask", None, candidates, tie, asks[0].why)
    reason = asked.parts["why"][i]
    if reason is not None and not plain_code(query.code):
        return Answer(query, "none", None, candidates, False, NO_NAME[reason])
    why = "who_nobody" if best is None else best.why
    return Answer(query, "none", None, candidates, False, why)
