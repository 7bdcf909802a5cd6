"""How credit stands for each firm: its newest application or decision, and its loans."""

import sqlite3
from datetime import date

import polars as pl

from graph.snapshot import Snapshot

#: What an offer may be: a decision that waits for a person, or an application for a decision, is `waiting`.
OFFERS = ("none", "waiting", "approved", "expired", "declined")
LOANS = ("none", "waiting", "active")
_HOLDS = """
SELECT d.party AS party, d.number AS number, d.id AS decision, d.valid_until AS until,
       COALESCE((SELECT e.status FROM decision_events e WHERE e.decision = d.id
                 ORDER BY e.number DESC LIMIT 1), d.status) AS status, a.number AS asked
FROM decisions d JOIN applications a ON a.id = d.application WHERE a.state <> 'withdrawn'
"""


def offers(connection: sqlite3.Connection, parties: pl.DataFrame, today: date) -> pl.DataFrame:
    """enterprise, offer (of OFFERS but none), decision: the newest. `parties`: party, enterprise."""
    decided = [
        (row["party"], row["asked"], row["decision"], _offer(row["status"], row["until"], today))
        for row in connection.execute(_HOLDS)
    ]
    open_ = connection.execute("SELECT party, number FROM applications WHERE state = 'applied'")
    waiting = [(row["party"], row["number"], None, "waiting") for row in open_]
    schema = {"party": pl.String, "asked": pl.Int64, "decision": pl.String, "offer": pl.String}
    rows = pl.DataFrame(decided + waiting, schema=schema, orient="row").join(parties, on="party")
    return (
        rows.sort("asked").group_by("enterprise", maintain_order=True).agg(pl.col("offer", "decision").last())
    )


def loans(connection: sqlite3.Connection, parties: pl.DataFrame) -> pl.DataFrame:
    """enterprise, loan: active where any loan of the firm runs, else waiting where one waits."""
    rows = connection.execute(
        "SELECT party, state FROM loans WHERE state IN ('active', 'waiting')"
    ).fetchall()
    held = pl.DataFrame(
        [tuple(r) for r in rows], schema={"party": pl.String, "loan": pl.String}, orient="row"
    )
    return held.join(parties, on="party").group_by("enterprise").agg(pl.col("loan").min())


def parties_of(snapshot: Snapshot) -> pl.DataFrame:
    """party, code, enterprise: every party of a snapshot, the enterprises' own ids among them."""
    members = snapshot.members.select("party", "code", "enterprise")
    own = snapshot.enterprises.select(party="id", code="code").with_row_index("enterprise")
    own = own.select("party", "code", pl.col("enterprise").cast(pl.Int32))
    return pl.concat([members, own]).unique(["party"], keep="first", maintain_order=True)


def _offer(status: str, until: str, today: date) -> str:
    if status == "manual_review":
        return "waiting"
    return "expired" if status == "approved" and until < today.isoformat() else status
