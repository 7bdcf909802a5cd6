"""Who is who at a build: pairs that exact keys join, and the pairs a person is asked about.

A name without a code joins a coded firm where the answer is clear (`extraction.who.clear`). The rest
that looks alike is asked, the question first whose answer would move most money. What people decided
is never asked again; what they put off is not joined and stands at the end.
"""

from dataclasses import dataclass
from typing import Any

import polars as pl

from extraction.credit_codes import is_filler
from extraction.who import weights as w
from extraction.who.answers import Answer, Query
from extraction.who.clear import is_clear
from extraction.who.codes import misreadings
from extraction.who.joins import CODED, SAME_PARTY, exact_joins, grouped, judged, stated_names
from extraction.who.known import Known
from extraction.who.match import match

_COLUMNS: dict[str, Any] = {
    "a": pl.String,  # party without a code of its own, or with a misread one
    "b": pl.String,  # party it may be
    "name_a": pl.String,
    "name_b": pl.String,
    "score": pl.Float64,
    "impact_fen": pl.Int64,
    "tie": pl.Boolean,
    "features": pl.List(
        pl.Struct({"name": pl.String, "gave": pl.Float64, "left": pl.String, "right": pl.String})
    ),
}
ASKS = pl.Schema(_COLUMNS)
_CHUNK = 2000
_SHOWN = 3
#: What a query says beside the name, as the columns of table `parties`.
_SAID = ("account", "phone", "address", "region")


@dataclass(frozen=True)
class NameEvidence:
    """`same_party`: pairs that are one firm (as `extraction.matching.Evidence.same_party`); `asks`
    (`ASKS`): pairs to ask a person about, those first whose answer would change the graph most."""

    same_party: pl.DataFrame
    asks: pl.DataFrame


def match_names(
    parties: pl.DataFrame,
    aliases: pl.DataFrame,
    judgements: pl.DataFrame,
    amounts: pl.DataFrame,
    joined: pl.DataFrame | None = None,
) -> NameEvidence:
    """Who is who among the rows of table `parties`.

    `amounts` (party, amount_fen): money that hangs on each party; `joined` (a, b): pairs that other
    evidence joins already, which are not asked about.
    """
    stated = stated_names(parties)
    pairs, _ = exact_joins(stated, aliases, judgements)
    together = [pairs, judged(judgements, "same"), *([joined.select("a", "b")] if joined is not None else [])]
    group = dict(grouped([frame.select("a", "b") for frame in together]).iter_rows())
    open_ = _open(stated, parties, group)
    known = Known.of(_answerable(parties, open_), aliases, judgements)
    clear, unlike = _answered(open_, known, judgements)
    asked = pl.concat([_misread(stated), unlike])
    same = pl.concat([pairs.match_to_schema(SAME_PARTY), clear])
    return NameEvidence(same, _asks(asked, group, judgements, amounts))


def _open(stated: pl.DataFrame, parties: pl.DataFrame, group: dict[str, str]) -> pl.DataFrame:
    """party, name, bare, account, phone, address, region: parties without a code that exact keys left
    alone and that bear a name worth asking about; `bare`: not even a number of their own."""
    rows = stated.filter(pl.col("open") & pl.col("why").is_null() & (pl.col("name") != ""))
    filler = pl.col("scope").str.starts_with("unverified/") & pl.col("code").map_elements(
        is_filler, return_dtype=pl.Boolean
    )
    alone = (
        rows.filter(~pl.col("party").is_in(list(group)))
        .unique("party", keep="first", maintain_order=True)
        .select("party", "name", bare=(pl.col("scheme") == "name") | filler)
    )
    told = parties.join(alone.select("party"), on="party", how="semi")
    for column in _SAID:
        alone = alone.join(_commonest(told, column), on="party", how="left", maintain_order="left")
    return alone.with_columns(pl.col(_SAID).fill_null(""))


def _commonest(parties: pl.DataFrame, column: str) -> pl.DataFrame:
    """party and what most of its statements say in `column`, of equally many the smaller."""
    return (
        parties.filter(pl.col(column).fill_null("") != "")
        .group_by("party", column)
        .agg(pl.len().alias("times"))
        .sort("party", "times", column, descending=[False, True, False])
        .unique("party", keep="first", maintain_order=True)
        .select("party", column)
    )


def _answerable(parties: pl.DataFrame, open_: pl.DataFrame) -> pl.DataFrame:
    """Everybody who may be the answer: all but those who ask."""
    return parties.join(open_.select("party"), on="party", how="anti")


def _answered(
    open_: pl.DataFrame, known: Known, judgements: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What the search finds for each open party: (`SAME_PARTY`, where it is clear; `_FOUND`, the best
    candidate and those as good as it, to be asked)."""
    coded = set(known.firms.filter(pl.col("scheme").is_in(CODED))["party"])
    held = {pair for kind in ("different", "later") for pair in judged(judgements, kind).iter_rows()}
    joined, asked = [], []
    for low in range(0, open_.height if known.firms.height else 0, _CHUNK):
        part = open_.slice(low, _CHUNK)
        queries = [Query(**row) for row in part.select("name", *_SAID).iter_rows(named=True)]
        answers = match(queries, known, _SHOWN)
        for party, bare, answer in zip(part["party"], part["bare"], answers, strict=True):
            firm = answer.accepted.party if answer.accepted else ""
            pair = (min(party, firm), max(party, firm))
            if bare and firm in coded and pair not in held and is_clear(answer):
                joined.append((*pair, "name_score", 0, 0))
            else:
                asked += _questions(party, answer)
    return (
        pl.DataFrame(joined, schema=SAME_PARTY, orient="row").sort("a", "b"),
        pl.DataFrame(asked, schema=_FOUND, orient="row"),
    )


def _questions(party: str, answer: Answer) -> list[tuple[Any, ...]]:
    """Rows of `_FOUND`: whom to ask about; nobody where the best candidate is rejected."""
    best = answer.candidates[0] if answer.candidates else None
    if best is None or best.verdict == "reject":
        return []
    rows = []
    for other in answer.candidates:
        if other is best or (answer.tie and best.score - other.score < w.TIE):
            features = [
                {"name": f.name, "gave": f.gave, "left": f.left, "right": f.right} for f in other.features
            ]
            rows.append(
                (party, other.party, answer.query.name, other.name, other.score, answer.tie, features)
            )
    return rows


_FOUND = {name: dtype for name, dtype in _COLUMNS.items() if name != "impact_fen"}


def _misread(stated: pl.DataFrame) -> pl.DataFrame:
    """Numbers that fail their check digit and are one glyph away from the code of a firm in the ledger."""
    coded = stated.filter(pl.col("scheme") == "uscc").unique("party", keep="first", maintain_order=True)
    of_code = {code: (party, name) for party, code, name in coded.select("party", "code", "name").iter_rows()}
    wrong = stated.filter((pl.col("scheme") != "uscc") & (pl.col("code").str.len_chars() == 18))
    rows = []
    for party, code, name in (
        wrong.unique("party", keep="first", maintain_order=True).select("party", "code", "name").iter_rows()
    ):
        for tried in misreadings(code):
            if tried in of_code:
                other, other_name = of_code[tried]
                features = [
                    {"name": "who_code", "gave": w.WEIGHTS.code_misread, "left": code, "right": tried}
                ]
                rows.append((party, other, name, other_name, w.WEIGHTS.code_misread, False, features))
    return pl.DataFrame(rows, schema=_FOUND, orient="row")


def _asks(
    asked: pl.DataFrame, group: dict[str, str], judgements: pl.DataFrame, amounts: pl.DataFrame
) -> pl.DataFrame:
    """The questions that are open, most money first; what was put off comes last."""
    if asked.is_empty():
        return pl.DataFrame(schema=ASKS)
    own = amounts.group_by("party").agg(pl.col("amount_fen").abs().sum())
    money = dict(own.iter_rows())
    ends = asked.with_columns(
        low=pl.min_horizontal("a", "b"),
        high=pl.max_horizontal("a", "b"),
        group_a=pl.Series([group.get(party, party) for party in asked["a"]], dtype=pl.String),
        group_b=pl.Series([group.get(party, party) for party in asked["b"]], dtype=pl.String),
        # Joining moves what hangs on the smaller of the two.
        impact_fen=pl.Series(
            [
                min(money.get(a, 0), money.get(b, 0)) or money.get(a, 0)
                for a, b in asked.select("a", "b").iter_rows()
            ],
            dtype=pl.Int64,
        ),
    )
    decided = pl.concat([judged(judgements, kind) for kind in ("same", "different")]).rename(
        {"a": "low", "b": "high"}
    )
    later = judged(judgements, "later").rename({"a": "low", "b": "high"}).with_columns(put_off=pl.lit(1))
    return (
        ends.filter(pl.col("group_a") != pl.col("group_b"))
        .join(decided, on=["low", "high"], how="anti")
        .join(later, on=["low", "high"], how="left")
        .sort(
            pl.col("put_off").fill_null(0), "impact_fen", "score", "a", "b",
            descending=[False, True, True, False, False],
        )
        .unique(["low", "high"], keep="first", maintain_order=True)
        .select(pl.col(name).cast(dtype) for name, dtype in ASKS.items())
    )  # fmt: skip
