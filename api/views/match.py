"""Who is meant by a name, a code, an account: the matcher's answers in the reader's words."""

from typing import TYPE_CHECKING, Any

import polars as pl

from api.data import Data
from api.models_match import MatchCandidate, MatchQuestion, MatchResult, MatchResults, ScoreRow, Why
from extraction.personal import masked_text
from graph.snapshot import Snapshot
from ledger.words import labels, message, messages

if TYPE_CHECKING:
    from extraction.who import Answer, Candidate, Known


def match(
    data: Data, snapshot: Snapshot | None, asked: MatchQuestion, explain: bool, lang: str
) -> MatchResults:
    """The answers to `asked`, in its order; with `explain` each candidate's table of features."""
    from extraction.who import Query
    from extraction.who import match as meant

    queries = [Query(**query.model_dump()) for query in asked.queries]
    answers = meant(queries, known(data), asked.limit)
    parties = {c.party for answer in answers for c in answer.candidates}
    parties |= {answer.accepted.party for answer in answers if answer.accepted}
    enterprises = enterprises_of(snapshot, parties)
    return MatchResults(
        snapshot=snapshot.id if snapshot else None,
        as_of=snapshot.as_of if snapshot else None,
        items=[_result(answer, enterprises, explain, lang) for answer in answers],
        total=len(answers),
    )


def known(data: Data) -> "Known":
    """All parties of the ledger, ready to be matched; made once for a state of the ledger."""
    from extraction.who import Known

    ledger = data.ledger
    state = tuple(ledger.tables.version(table) for table in ("documents", "judgements"))
    return data.known.get(
        state,
        lambda: Known.of(
            ledger.scan("parties").collect(), ledger.scan("aliases").collect(), ledger.judgements()
        ),
    )


def known_of(data: Data, parties: frozenset[str]) -> "Known":
    """Of the parties of the ledger these alone, ready to be matched: for who may see no others."""
    from extraction.who import Known

    mine, ledger = sorted(parties), data.ledger
    own, judged = pl.col("party").is_in(mine), ledger.judgements()
    both = pl.col("subject").is_in(mine) & pl.col("object").is_in(mine)
    return Known.of(
        ledger.scan("parties").filter(own).collect(),
        ledger.scan("aliases").filter(own).collect(),
        judged.filter(both),
    )


def enterprises_of(snapshot: Snapshot | None, parties: set[str]) -> dict[str, str]:
    """Party → the enterprise it belongs to in the snapshot, for those that it knows."""
    if snapshot is None or not parties:
        return {}
    found = snapshot.members.filter(pl.col("party").is_in(sorted(parties))).select("party", "enterprise")
    return {party: snapshot.id_of(index) for party, index in found.iter_rows()}


def score_row(feature: dict[str, Any], lang: str) -> ScoreRow:
    """A row of the score's table in words."""
    named = labels().get(feature["name"])
    return ScoreRow(
        feature=feature["name"],
        text=named["zh" if lang == "zh" else "en"] if named else feature["name"],
        gave=feature["gave"],
        left=masked_text(feature["left"] or ""),
        right=masked_text(feature["right"] or ""),
    )


def why(code: str, params: dict[str, Any], lang: str) -> Why:
    """A reason in words; its code where nobody wrote it a sentence."""
    filling = {name: value for name, value in params.items() if name not in ("code", "lang")}
    return Why(code=code, message=message(code, lang, **filling) if code in messages() else code)


def _result(answer: "Answer", enterprises: dict[str, str], explain: bool, lang: str) -> MatchResult:
    # The reason of the whole is that of one of its candidates; so what fills its sentence is too.
    params = next((dict(c.params) for c in answer.candidates if c.why == answer.why), {})
    return MatchResult(
        verdict=answer.verdict,
        tie=answer.tie,
        why=why(answer.why, params, lang),
        accepted=answer.accepted.party if answer.accepted else None,
        candidates=[_candidate(c, enterprises, explain, lang) for c in answer.candidates],
    )


def _candidate(
    candidate: "Candidate", enterprises: dict[str, str], explain: bool, lang: str
) -> MatchCandidate:
    features = [
        score_row({"name": f.name, "gave": f.gave, "left": f.left, "right": f.right}, lang)
        for f in candidate.features
    ]
    return MatchCandidate(
        party=candidate.party,
        enterprise=enterprises.get(candidate.party),
        name=candidate.name,
        code=candidate.code or None,
        score=candidate.score,
        confidence=candidate.confidence,
        verdict=candidate.verdict,
        why=why(candidate.why, dict(candidate.params), lang),
        features=features if explain else None,
    )
