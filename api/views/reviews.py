"""Pairs that may be one firm, for a person to decide; and what was decided, as judgements in the ledger."""

from dataclasses import dataclass
from typing import Any

import polars as pl

from api.models_match import Decision, Review, ReviewDecision, ReviewDone, ReviewOne, Reviews, ReviewSide
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
    """Where decisions go, and who decides; `parties`: of whom they may, None: of everybody."""

    ledger: Ledger
    state: State
    by: str
    parties: frozenset[str] | None = None


@dataclass(frozen=True)
class Reader:
    """Who reads: in which language; `parties`: those of the firms that they may see, None: all of them.

    A pair is theirs where both are. What others wrote about a decision may name anybody, and stays with who
    sees all."""

    lang: str
    by: str = ""
    parties: frozenset[str] | None = None

    def pairs(self) -> pl.Expr:
        """Which rows with parties `a` and `b` they may see."""
        if self.parties is None:
            return pl.lit(value=True)
        mine = sorted(self.parties)
        return pl.col("a").is_in(mine) & pl.col("b").is_in(mine)


def review_id(a: str, b: str) -> str:
    """The id of the question whether two parties are one firm, whichever is named first."""
    return stable_id("review", *sorted((a, b)))


def reviews(
    snapshot: Snapshot, ledger: Ledger, wanted: str, limit: int, after: Cursor | None, reader: Reader
) -> Reviews:
    """A page of the pairs that are open, put off (`later`) or `decided`; the largest impact first."""
    judged = decisions(ledger)
    asked = (
        snapshot.scan("reviews")
        .filter(reader.pairs())
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
        items=[_review(row, enterprises, codes, reader) for row in page.iter_rows(named=True)],
        total=asked.height,
        next=Cursor(LISTING, snapshot.id, last).text() if last else None,
        note=shown_of(page.height, asked.height, reader.lang) if page.height < asked.height else None,
    )


def review(snapshot: Snapshot, ledger: Ledger, id_: str, reader: Reader) -> ReviewOne:
    """One review, asked by the published build or only judged before it. Raises NotFound."""
    pair = _pair(ledger, snapshot, id_, reader.parties)
    stands = decisions(ledger).filter(pl.col("id") == id_)
    asked = snapshot.scan("reviews").filter(_ids("a", "b") == id_).head(1).collect()
    rows = asked if asked.height else _judged(snapshot, ledger, pair)
    enterprises, codes = enterprises_of(snapshot, set(pair)), _codes(snapshot, set(pair))
    joined = rows.with_columns(id=pl.lit(id_)).join(stands, on="id", how="left")
    told = _review(joined.row(0, named=True), enterprises, codes, reader)
    state = "open" if told.decided is None else "later" if told.decided.decision == "later" else "decided"
    return ReviewOne(
        snapshot=snapshot.id,
        as_of=snapshot.as_of,
        **{name: getattr(told, name) for name in ("id", "left", "right", "tie", "features", "decided")},
        score=told.score if asked.height else None,
        impact_fen=told.impact_fen if asked.height else None,
        state=state,  # type: ignore[arg-type]
        asked=bool(asked.height),
    )


def _judged(snapshot: Snapshot, ledger: Ledger, pair: tuple[str, str]) -> pl.DataFrame:
    """A pair that no build asks, as a row of `reviews`: names as they are known, nothing compared."""
    named = [snapshot.members.lazy(), ledger.scan("parties")]
    rows = pl.concat([one.select("party", "name") for one in named]).filter(pl.col("party").is_in(list(pair)))
    names = dict(rows.drop_nulls().collect().reverse().iter_rows())
    a, b = pair
    row: dict[str, object] = {"a": a, "b": b, "name_a": names.get(a), "name_b": names.get(b), "features": []}
    return pl.DataFrame([{**row, "score": 0.0, "impact_fen": 0, "tie": False}])


def decide(
    deciding: Deciding, snapshot: Snapshot | None, id_: str, decision: Decision, why: str, lang: str
) -> ReviewDone:
    """Record a decision; it takes the place of an earlier one on the same pair. Raises NotFound."""
    ledger = deciding.ledger
    pair = _pair(ledger, snapshot, id_, deciding.parties)
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
        decided=_decision(now.row(0, named=True), Reader(lang)) if now.height else None,
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


def _pair(
    ledger: Ledger, snapshot: Snapshot | None, id_: str, parties: frozenset[str] | None
) -> tuple[str, str]:
    """The two parties of a review, both among `parties`: asked by the last build, or judged before."""
    judged = ledger.tables.scan("judgements").filter(pl.col("kind").is_in(DECISIONS))
    places = [judged.select(a="subject", b="object")]
    if snapshot is not None:
        places.insert(0, snapshot.scan("reviews").select("a", "b"))
    for place in places:
        found = place.filter(_ids("a", "b") == id_).head(1).collect()
        if found.height and (parties is None or parties.issuperset(found.row(0))):
            a, b = found.row(0)
            return min(a, b), max(a, b)
    raise NotFound("review_not_found", review=id_)


def _codes(snapshot: Snapshot, parties: set[str]) -> dict[str, str]:
    found = snapshot.members.filter(pl.col("party").is_in(sorted(parties)), pl.col("scheme") != "name")
    return dict(found.select("party", "code").drop_nulls().iter_rows())


def _review(
    row: dict[str, Any], enterprises: dict[str, str], codes: dict[str, str], reader: Reader
) -> Review:
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
        features=[score_row(feature, reader.lang) for feature in row["features"] or ()],
        decided=_decision(row, reader) if row["decision"] else None,
    )


def _decision(row: dict[str, Any], reader: Reader) -> ReviewDecision:
    told = reader.parties is None or row["by"] == reader.by
    why = (row["said"] or "") if told else ""
    return ReviewDecision(decision=row["decision"], by=row["by"], at=row["at"], why=why)
