"""From parties to enterprises: who is one firm, by which name, and what is known of it.

A party is what one book or paper calls a firm. Parties joined by rule (with their evidence) or by a
person's judgement are one enterprise; its id is that of its best party: credit code before other tax
number before a ledger's own code before a bare name; among equals the one that keeps books of its own,
for that is how the firm is known to itself; then the smaller id.
"""

from dataclasses import dataclass

import polars as pl

from ledger.components import components
from ledger.ids import SCHEMES

#: Attributes a registry or an invoice may state; the commonest statement counts.
ATTRIBUTES = ("region", "industry", "size", "taxpayer", "legal_form")
_SAME = pl.Schema(
    {"a": pl.String, "b": pl.String, "reason": pl.String, "matches": pl.Int64, "covered": pl.Int64}
)


@dataclass(frozen=True)
class Resolved:
    """`enterprise_of`: party → enterprise. `parties`: one row a party with its best name and attributes.
    `members`: enterprise, party, reason (null for the naming party), evidence."""

    enterprise_of: pl.DataFrame
    parties: pl.DataFrame
    members: pl.DataFrame


def resolve(
    parties: pl.DataFrame, same: pl.DataFrame, judgements: pl.DataFrame, owners: pl.Series
) -> Resolved:
    """Join parties into enterprises. `owners` are the parties that keep books.

    `parties` are the ledger's statements (several a party), `same` the rule's pairs (a, b, reason,
    matches), `judgements` what people decided: `same` adds a pair, `different` strikes one out and
    wins over any rule.
    """
    stated = best_statements(parties)
    pairs = _judged(same, judgements)
    groups = components(pairs["a"], pairs["b"]).rename({"item": "party", "smallest": "group"})
    rank = pl.col("scheme").replace_strict(
        list(SCHEMES), list(range(len(SCHEMES))), default=len(SCHEMES), return_dtype=pl.Int8
    )
    grouped = (
        stated.select("party", "scheme")
        .join(groups, on="party", how="left")
        .with_columns(
            pl.col("group").fill_null(pl.col("party")),
            rank.alias("rank"),
            pl.col("party").is_in(owners.implode()).alias("keeps_books"),
        )
        .sort("group", "rank", "keeps_books", "party", descending=[False, False, True, False])
    )
    enterprise_of = grouped.select("party", pl.col("party").first().over("group").alias("enterprise"))
    return Resolved(enterprise_of.sort("party"), stated, _members(enterprise_of, pairs))


def best_statements(parties: pl.DataFrame) -> pl.DataFrame:
    """One row a party: for each column the value stated most often, ties to the smaller."""
    keys = parties.select("party", "scheme", "scope", "code").unique("party", keep="any").sort("party")
    for column in ("name", *ATTRIBUTES):
        said = (
            parties.lazy()
            .filter(pl.col(column).is_not_null())
            .group_by("party", column)
            .agg(pl.len().alias("times"))
            .sort("party", "times", column, descending=[False, True, False])
            .unique("party", keep="first", maintain_order=True)
            .select("party", column)
            .collect()
        )
        keys = keys.join(said, on="party", how="left", maintain_order="left")
    return keys


def _judged(same: pl.DataFrame, judgements: pl.DataFrame) -> pl.DataFrame:
    """The pairs that join parties: what people called the same, then the rule's, strongest evidence
    first, leaving out any that would bring together two whom a person called different."""
    ends = (
        pl.min_horizontal("subject", "object").alias("a"),
        pl.max_horizontal("subject", "object").alias("b"),
    )
    by_hand = judgements.filter(pl.col("kind") == "same").select(
        *ends,
        pl.lit("judged_same").alias("reason"),
        pl.lit(0, pl.Int64).alias("matches"),
        pl.lit(0, pl.Int64).alias("covered"),
    )
    rule = same.with_columns(a=pl.min_horizontal("a", "b"), b=pl.max_horizontal("a", "b"))
    ranked = rule.sort("matches", "a", "b", descending=[True, False, False])
    pairs = pl.concat([by_hand.match_to_schema(_SAME), ranked.match_to_schema(_SAME)])
    apart = judgements.filter(pl.col("kind") == "different").select(ends)
    return pairs if apart.is_empty() else _kept_apart(pairs, list(apart.iter_rows()))


def _kept_apart(pairs: pl.DataFrame, apart: list[tuple[str, str]]) -> pl.DataFrame:
    """`pairs`, taken one after another, without those that would join two that are to stay apart.

    Only the groups that hold such a pair are walked through; they are few and small.
    """
    group = components(pairs["a"], pairs["b"])
    of = dict(group.iter_rows())
    torn = {of[a] for a, b in apart if of.get(a) is not None and of.get(a) == of.get(b)}
    held = pairs.join(group, left_on="a", right_on="item", how="left", maintain_order="left")
    suspect = held.filter(pl.col("smallest").is_in(list(torn)))
    members: dict[str, set[str]] = {}
    dropped: list[tuple[str, str]] = []
    for a, b in suspect.select("a", "b").iter_rows():
        left, right = members.get(a, {a}), members.get(b, {b})
        union = left | right
        if any(x in union and y in union for x, y in apart):
            dropped.append((a, b))
            continue
        members |= dict.fromkeys(union, union)
    gone = pl.DataFrame(dropped, schema={"a": pl.String, "b": pl.String}, orient="row")
    return pairs.join(gone, on=["a", "b"], how="anti", maintain_order="left")


def _members(enterprise_of: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """Parties of enterprises that have more than one, and the strongest reason each is there."""
    several = enterprise_of.filter(pl.len().over("enterprise") > 1)
    reasons = (
        pl.concat(
            [
                pairs.select(party="a", reason="reason", evidence="matches"),
                pairs.select(party="b", reason="reason", evidence="matches"),
            ]
        )
        .sort("party", "evidence", "reason", descending=[False, True, False])
        .unique("party", keep="first", maintain_order=True)
    )
    naming = pl.col("party") == pl.col("enterprise")
    joined = several.join(reasons, on="party", how="left").with_columns(
        pl.when(naming).then(None).otherwise("reason").alias("reason"),
        pl.when(naming).then(0).otherwise(pl.col("evidence").fill_null(0)).alias("evidence"),
    )
    alone = enterprise_of.filter(pl.len().over("enterprise") == 1).with_columns(
        pl.lit(None, pl.String).alias("reason"), pl.lit(0, pl.Int64).alias("evidence")
    )
    return pl.concat([joined.select(alone.columns), alone]).sort("enterprise", ~naming, "party")
