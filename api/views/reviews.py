"""Pairs that may be one firm, for a person to decide; and what was decided, as judgements in the ledger."""

from dataclasses import dataclass
from typing import Any

import polars as pl

from api.models_match import Decision, Review, ReviewDecision, ReviewDone, Reviews, ReviewSide
from api.paging import Cursor
from api.views.match import enterprises_of, score_row
from api.views.notes import shown_of
from extraction.personal import masked_text
from graph.snapshot import Snapshot
from ledger import audit
from ledger.errors import NotFound
from ledger.ids import stable_id, stable_ids
from ledger.ledger import Ledger
from ledger.state import State
from ledger.words import message

LISTING = "reviews"
#: Sort key of the list: the impact, then 60 bits of the review's id.
KEYS = 2
DECISIONS = ("same", "different", "later")


@dataclass(frozen=True)
class Deciding:
    """Where decisions go, and who decides."""

    ledger: Ledger
    state: State
    by: str


def review_id(a: str, b: str) -> str:
    """The id of the question whether two parties are one firm, whichever is named first."""
    return stable_id("review", *sorted((a, b)))


def reviews(
    snapshot: Snapshot, ledger: Ledger, wanted: str, limit: int, after: Cursor | None, lang: str
) -> Reviews:
    """A page of the pairs that are open, put off (`later`) or `decided`; the largest impact first."""
    judged = decisions(ledger)
    asked = (
        snapshot.scan("reviews")
        .with_columns(id=_ids("a", "b"))
        .with_columns(_number=pl.col("id").str.slice(0, 15).str.to_integer(base=16, dtype=pl.Int64))
        .join(judged.lazy(), on="id", how="left")
        .filter(_standing(wanted))
        .sort("impact_fen", "_number", descending=[True, False])
        .collect()
    )
    rest = asked
    if after:
        impact, number = after.key
        less, same = pl.col("impact_fen") < impact, pl.col("impact_fen") == impact
        rest = asked.filter(less | (same & (pl.col("_number") > number)))
    page = rest.head(limit)
    last = page.select("impact_fen", "_number").row(-1) if rest.height > limit else None
    parties = {*page["a"], *page["b"]}
    enterprises, codes = enterprises_of(snapshot, parties), _codes(snapshot, parties)
    return Reviews(
        snapshot=snapshot.id,
        as_of=snapshot.as_of,
        items=[_review(row, enterprises, codes, lang) for row in page.iter_rows(named=True)],
        total=asked.height,
        next=Cursor(LISTING, snapshot.id, last).text() if last else None,
        note=shown_of(page.height, asked.height, lang) if page.height < asked.height else None,
    )


def decide(
    deciding: Deciding, snapshot: Snapshot | None, id_: str, decision: Decision, why: str, lang: str
) -> ReviewDone:
    """Record a decision; it takes the place of an earlier one on the same pair. Raises NotFound."""
    ledger = deciding.ledger
    pair = _pair(ledger, snapshot, id_)
    said = masked_text(why)
    # The chain first: no judgement stands that it does not tell of.
    detail = {"decision": decision, "a": pair[0], "b": pair[1], "why": said}
    audit.note(deciding.state, deciding.by, "review_decided", id_, **detail)
    standing = _judgements(ledger).filter(pl.col("id") == id_)
    for judgement, kind in standing.select("judgement", "kind").iter_rows():
        if kind != decision:
            ledger.judge("undo", judgement, "", deciding.by, said)
    judgement = None if decision == "undo" else ledger.judge(decision, *pair, deciding.by, said)
    now = decisions(ledger).filter(pl.col("id") == id_)
    return ReviewDone(
        snapshot=snapshot.id if snapshot else None,
        as_of=snapshot.as_of if snapshot else None,
        id=id_,
        decided=_decision(now.row(0, named=True)) if now.height else None,
        judgement=judgement,
        message=message(f"review_{decision}", lang),
    )


def decisions(ledger: Ledger) -> pl.DataFrame:
    """id, decision, by, at, why: what stands of each judged pair, the newest where several do."""
    return _judgements(ledger).unique("id", keep="last", maintain_order=True).select(
        "id", "by", "at", decision="kind", said="why"
    )  # fmt: skip


def _judgements(ledger: Ledger) -> pl.DataFrame:
    standing = ledger.judgements().filter(pl.col("kind").is_in(DECISIONS))
    return standing.with_columns(id=_ids("subject", "object"))


def _ids(a: str, b: str) -> pl.Expr:
    """`review_id` over columns."""
    return stable_ids(pl.lit("review"), pl.min_horizontal(a, b), pl.max_horizontal(a, b))


def _standing(wanted: str) -> pl.Expr:
    decided = pl.col("decision").is_in(["same", "different"])
    by_state = {"open": pl.col("decision").is_null(), "later": pl.col("decision") == "later"}
    return by_state.get(wanted, decided).fill_null(False)


def _pair(ledger: Ledger, snapshot: Snapshot | None, id_: str) -> tuple[str, str]:
    """The two parties of a review: asked by the last build, or judged before."""
    judged = ledger.tables.scan("judgements").filter(pl.col("kind").is_in(DECISIONS))
    places = [judged.select(a="subject", b="object")]
    if snapshot is not None:
        places.insert(0, snapshot.scan("reviews").select("a", "b"))
    for place in places:
        found = place.filter(_ids("a", "b") == id_).head(1).collect()
        if found.height:
            a, b = found.row(0)
            return min(a, b), max(a, b)
    raise NotFound("review_not_found", review=id_)


def _codes(snapshot: Snapshot, parties: set[str]) -> dict[str, str]:
    found = snapshot.members.filter(pl.col("party").is_in(sorted(parties)), pl.col("scheme") != "name")
    return dict(found.select("party", "code").drop_nulls().iter_rows())


def _review(row: dict[str, Any], enterprises: dict[str, str], codes: dict[str, str], lang: str) -> Review:
    def side(which: str) -> ReviewSide:
        party = row[which]
        return ReviewSide(
            party=party,
            name=row[f"name_{which}"] or "",
            code=codes.get(party),
            enterprise=enterprises.get(party),
        )

    return Review(
        id=row["id"],
        left=side("a"),
        right=side("b"),
        score=row["score"],
        impact_fen=row["impact_fen"],
        tie=row["tie"],
        features=[score_row(feature, lang) for feature in row["features"] or ()],
        decided=_decision(row) if row["decision"] else None,
    )


def _decision(row: dict[str, Any]) -> ReviewDecision:
    return ReviewDecision(decision=row["decision"], by=row["by"], at=row["at"], why=row["said"] or "")
