"""The policy over all firms of a snapshot at once, in columns: for backtests, monitoring and reach.

The same rules in the same order as one decision (`services.credit.decision`), on what can be known of every
firm without asking its cash path or receivables one by one: the limit here is that of sales, grade and thin
books. A test holds the two together.
"""

from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from services.credit.inputs import Finding
from services.credit.judging import Model
from services.credit.knockouts import hits_of
from services.credit.policy import Policy
from services.credit.prepared import Prepared
from services.features.door import Door, door
from services.features.frame import Features

WINDOW = 12
Ints = NDArray[np.int64]


def judged(
    prepared: Prepared, model: Model, policy: Policy, as_of: date | None = None, *, keep: bool = False
) -> pl.DataFrame:
    """One row a firm: enterprise, pd, pd_observed, score, grade, status, limit_fen, level,
    own_months, seen_months, sold_months, thin, hit (code of the first knock-out), sales_fen.

    `keep`: leave the features of that day with the door for whoever asks next; else they are let go of.
    """
    snapshot = prepared.snapshot
    day = snapshot.as_of if as_of is None else as_of
    place = door(snapshot, day) if keep else Door(snapshot, day)
    return rule(prepared, model, policy, place.features())


def rule(prepared: Prepared, model: Model, policy: Policy, every: Features) -> pl.DataFrame:
    """`judged` on features that are at hand."""
    day = every.as_of
    pd = np.clip(model.pd(every.matrix(model.names)), 0.0, 1.0)
    observed = np.clip(model.pd(every.observed().matrix(model.names)), 0.0, 1.0)
    books = _books(prepared, day)
    frame = pl.DataFrame(
        {
            "enterprise": np.arange(len(pd), dtype=np.int32),
            "pd": pd.round(6),
            "pd_observed": observed.round(6),
            "level": pl.Series(np.asarray(every.columns["level"].values, np.float64))
            .fill_nan(None)
            .round()
            .cast(pl.Int32),
            **books,
            **_hits(prepared, policy, day, len(pd)),
        }
    )
    return _settled(frame, policy)


def _settled(frame: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Grade, limit and status from the columns."""
    enough = pl.col("own_months") >= policy.own_months
    seen = pl.max_horizontal("own_months", "seen_months")
    unseen = (seen == 0) & pl.lit(policy.nothing_refers)
    few = (seen > 0) & (seen < policy.seen_months)
    far = pl.lit(False)
    if policy.max_level is not None:
        far = (pl.col("level").abs() > policy.max_level).fill_null(True)
    best = pl.min_horizontal("pd", "pd_observed")
    grade, cap = pl.lit(policy.grades[-1].grade), pl.lit(policy.grades[-1].cap_fen)
    for one in reversed(policy.grades[:-1]):
        grade = pl.when(best < one.below).then(pl.lit(one.grade)).otherwise(grade)
        cap = pl.when(best < one.below).then(pl.lit(one.cap_fen)).otherwise(cap)
    sales = (pl.col("sales_fen") * policy.sales_share).floor().cast(pl.Int64)
    thin_cap = pl.when(~enough | pl.col("sales_fen").is_null()).then(policy.thin_cap_fen)
    limit = pl.min_horizontal(cap, sales, thin_cap) // policy.round_to_fen * policy.round_to_fen
    least = policy.product("working_capital").least_fen
    unsold = (seen > 0) & (pl.col("sold_months") < (policy.sold_months or 0))
    refer = pl.col("refers") | (~enough & (unseen | few | unsold)) | far
    status = (
        pl.when(pl.col("declines") | (best >= policy.decline_from) | (pl.col("limit_fen") < least))
        .then(pl.lit("declined"))
        .when(refer | (best >= policy.approve_below))
        .then(pl.lit("manual_review"))
        .otherwise(pl.lit("approved"))
    )
    return frame.with_columns(thin=~enough, grade=grade, limit_fen=limit).with_columns(status=status)


def _books(prepared: Prepared, day: date) -> dict[str, Ints | pl.Series]:
    """own_months, seen_months, sold_months, sales_fen of the twelve full months before the day."""
    until = prepared.snapshot.months_until(day)
    own = prepared.own_rows.filter(pl.col("month").is_between(until - WINDOW, until - 1))
    flow = prepared.flow_rows(until - WINDOW, until)
    n = prepared.snapshot.counts["enterprises"]
    src, dst = (prepared.snapshot.column("edges", end)[flow["edge"].to_numpy()] for end in ("src", "dst"))
    month, apart = flow["month"].to_numpy(), ~prepared.hubs[src]
    named = np.concatenate([src, dst[apart]]).astype(np.int64)
    months = np.unique(named * 4096 + np.concatenate([month, month[apart]]))
    sold = np.zeros(n, np.int64)
    np.add.at(sold, src, flow["amount_fen"].to_numpy())
    told = prepared.sales_rows.filter(
        pl.col("m").is_between(until - WINDOW, until - 1) & pl.col("invoiced_fen").is_not_null()
    )
    who, invoiced = told["enterprise"].to_numpy(), np.zeros(n, np.int64)
    np.add.at(invoiced, who, told["invoiced_fen"].to_numpy())
    any_sold = np.bincount(np.concatenate([src, who]), minlength=n) > 0
    sales = pl.Series(np.maximum(np.maximum(sold, invoiced), 0))
    sellers = np.concatenate([src, who, own["enterprise"].to_numpy()]).astype(np.int64)
    when = np.concatenate([month, told["m"].to_numpy(), own["month"].to_numpy()])
    selling = np.unique(sellers * 4096 + when) // 4096
    return {
        "sold_months": np.bincount(selling, minlength=n).astype(np.int64),
        "own_months": np.bincount(own["enterprise"].to_numpy(), minlength=n).astype(np.int64),
        "seen_months": np.bincount(months // 4096, minlength=n).astype(np.int64),
        "sales_fen": pl.select(pl.when(pl.Series(any_sold)).then(sales)).to_series(),
    }


def _hits(prepared: Prepared, policy: Policy, day: date, n: int) -> dict[str, NDArray[np.bool_] | pl.Series]:
    """declines, refers, hit: what the knock-outs say; listed firms refer those that hang on them."""
    declines, refers = np.zeros(n, np.bool_), np.zeros(n, np.bool_)
    codes: list[str | None] = [None] * n
    for firm, found in _own_findings(prepared, day).items():
        for hit in hits_of(found, policy):
            (declines if hit.effect == "decline" else refers)[firm] = True
            codes[firm] = codes[firm] or hit.code
        if any(one.kind != "industry" for one in found):
            for other, related in _related(prepared, firm, found, day):
                if hits_of(related, policy):
                    refers[other] = True
    return {"declines": declines, "refers": refers, "hit": pl.Series(codes, dtype=pl.String)}


def _own_findings(prepared: Prepared, day: date) -> dict[int, list[Finding]]:
    """Findings of firms by row: entries that hold on the day, and industries that policies may exclude."""
    found: dict[int, list[Finding]] = {}
    for firm, industry in enumerate(prepared.snapshot.enterprises["industry"]):
        if industry is not None:
            found[firm] = [Finding("self", "", "industry", industry, None, None, "registry", None)]
    for firm, entries in prepared.entries.items():
        held = [e for e in entries if e.holds(day)]
        found.setdefault(firm, []).extend(
            Finding("self", "", e.kind, e.value, None, None, e.source, e.fact) for e in held
        )
    return found


def _related(
    prepared: Prepared, firm: int, found: list[Finding], day: date
) -> list[tuple[int, list[Finding]]]:
    """Firms that a listed one refers: of its groups, and those it makes up so much of."""
    until = prepared.snapshot.months_until(day)
    told = [
        (other, [_as(one, "group", kind, None) for one in found])
        for kind, other in prepared.groups.get(firm, [])
    ]
    for mine in prepared.traded(firm, until):
        side = "supplier" if mine.side == "customer" else "customer"
        theirs = [t for t in prepared.traded(mine.partner, until) if t.side == side]
        whole = sum(t.amount_fen for t in theirs)
        share = mine.amount_fen / whole if whole > 0 else 0.0
        told.append((mine.partner, [_as(one, "partner", side, share) for one in found]))
    return told


def _as(one: Finding, whom: str, tie: str, share: float | None) -> Finding:
    return Finding(whom, "", one.kind, one.value, None, None, one.source, one.fact, None, tie, share)
