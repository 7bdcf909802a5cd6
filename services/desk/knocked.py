"""Which knock-out rules hit each firm by itself: its lists, its standing with the registry, its industry.

Only what is about the firm: what listed relations and partners do is for a decision to say.
"""

import sqlite3
from datetime import date

import polars as pl

from graph.snapshot import Snapshot
from services.credit.policy import Policy, champion

_NONE = pl.DataFrame(schema={"enterprise": pl.Int32, "code": pl.String})


def knocked(snapshot: Snapshot, day: date) -> pl.DataFrame:
    """enterprise, knock_outs (list[str], sorted): of what the snapshot holds, by the policy of `day`."""
    rules = champion(day)
    hits = pl.concat([_entries(snapshot, rules, day), _industry(snapshot, rules)])
    return (
        hits.group_by("enterprise").agg(pl.col("code").unique().sort().alias("knock_outs")).sort("enterprise")
    )


def imported(connection: sqlite3.Connection, parties: pl.DataFrame, day: date) -> pl.DataFrame:
    """enterprise, knock_outs of the lists that the bank keeps itself, those whose appeal was upheld left out.

    `parties`: code, enterprise.
    """
    rules = _values(champion(day), "list")
    rows = connection.execute(
        "SELECT code, list FROM standing_lists WHERE since <= ? AND (until IS NULL OR until >= ?)"
        " AND COALESCE(appeal, '') <> 'upheld'",
        (str(day), str(day)),
    ).fetchall()
    said = pl.DataFrame(
        [tuple(row) for row in rows], schema={"code": pl.String, "value": pl.String}, orient="row"
    )
    hits = said.join(rules, on="value").join(parties, on="code")
    return (
        hits.group_by("enterprise").agg(pl.col("rule").unique().sort().alias("knock_outs")).sort("enterprise")
    )


def _entries(snapshot: Snapshot, rules: Policy, day: date) -> pl.DataFrame:
    begun = pl.col("happened_on").is_null() | (pl.col("happened_on") <= day)
    stands = begun & (pl.col("until").is_null() | (pl.col("until") >= day))
    listed = snapshot.scan("listings").filter(stands).select("enterprise", value="list").collect()
    status = (
        snapshot.scan("attributes")
        .filter(stands & (pl.col("name") == "status"))
        .select("enterprise", "value")
    ).collect()
    parts = [
        rows.join(_values(rules, kind), on="value").select("enterprise", code="rule")
        for rows, kind in ((listed, "list"), (status, "standing"))
    ]
    return pl.concat([_NONE, *parts])


def _industry(snapshot: Snapshot, rules: Policy) -> pl.DataFrame:
    codes = snapshot.enterprises.select(
        code=pl.col("industry").str.strip_chars_start("ABCDEFGHIJKLMNOPQRST")
    ).with_row_index("enterprise")
    parts = [
        codes.filter(
            pl.any_horizontal(pl.col("code").str.starts_with(value) for value in rule.values)
        ).select(pl.col("enterprise").cast(pl.Int32), code=pl.lit(rule.code))
        for rule in rules.knock_outs
        if rule.kind == "industry"
    ]
    return pl.concat([_NONE, *parts])


def _values(rules: Policy, kind: str) -> pl.DataFrame:
    """value, rule: what a rule of a kind is about."""
    pairs = [(value, rule.code) for rule in rules.knock_outs if rule.kind == kind for value in rule.values]
    return pl.DataFrame(pairs, schema={"value": pl.String, "rule": pl.String}, orient="row")
