"""经济依存客户: firms that would fail with one partner, by its share of their receipts or spending.

Shares are of the last months of the view, net and without tax, and only of a side whose own books are in:
elsewhere the share is null, and the amount is "at least so much".
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from gnn.groups.policy import GroupPolicy
from gnn.groups.ties import Found
from gnn.view import View
from graph.csr import Mask
from graph.group_tables import GROUP_TABLES
from graph.kernels.trivial import sums, window

_KEYS = ["enterprise", "side"]


@dataclass(frozen=True)
class Dependence:
    """Table `dependence` of `graph.group_tables`, and the groups of kind `dependent`."""

    rows: pl.DataFrame
    found: Found


def dependence(view: View, coverage: pl.DataFrame, hubs: Mask, policy: GroupPolicy) -> Dependence:
    """Who depends on whom.

    `coverage`: enterprise, side, month of own books, as in the snapshot; `hubs`: bool[n], suppliers that
    everybody buys from. Around each partner on whom somebody depends there is one group; not around a hub
    that sells, nor around one with more dependents than the policy allows: that one is looked through as a
    core enterprise.
    """
    if not view.months:
        return Dependence(_blank(), _found(_blank(), view))
    last = date.fromisoformat(f"{view.months[-1]}-01")
    wanted = window(view.months, last, policy.dependence_months)
    amount, active = sums(view.graph.edges, view.flow, wanted)
    edges = pl.DataFrame(
        {"src": view.graph.src, "dst": view.graph.dst, "amount_fen": np.maximum(amount, 0), "months": active}
    )
    sides = [
        _largest(edges.rename({"src": "enterprise", "dst": "partner"}), "sale", _retail(view, wanted)),
        _largest(edges.rename({"dst": "enterprise", "src": "partner"}), "purchase", None),
    ]
    most = pl.concat(sides).filter(
        (pl.col("amount_fen") > 0)
        & (pl.col("amount_fen") / pl.col("whole_fen") >= policy.dependence_from)
        & (pl.col("months") >= policy.active_months)
    )
    rows = _rows(
        _judged(most.join(_books(view, coverage, wanted, most, policy), on=_KEYS, how="left"), hubs, policy)
    )
    return Dependence(rows, _found(rows, view))


def _blank() -> pl.DataFrame:
    return pl.DataFrame(schema=GROUP_TABLES["dependence"])


def _retail(view: View, wanted: Mask) -> pl.DataFrame:
    """enterprise, retail: what each sold to consumers in the `wanted` months."""
    sold = view.items.filter(pl.col("dst").is_null() & pl.Series(wanted).gather(view.items["month"]))
    return sold.group_by(enterprise="src").agg(pl.col("amount_fen").sum().clip(0).alias("retail"))


def _largest(links: pl.DataFrame, side: str, retail: pl.DataFrame | None) -> pl.DataFrame:
    """Each firm's largest partner on one side, with what all of that side adds up to."""
    whole = links.group_by("enterprise").agg(pl.col("amount_fen").sum().alias("whole_fen"))
    if retail is not None:
        whole = whole.join(retail, on="enterprise", how="left")
        whole = whole.select("enterprise", pl.col("whole_fen") + pl.col("retail").fill_null(0))
    best = links.sort("enterprise", "amount_fen", "partner", descending=[False, True, False])
    best = best.unique("enterprise", keep="first", maintain_order=True)
    return best.join(whole, on="enterprise").select(
        "enterprise", "partner", "amount_fen", "months", "whole_fen", side=pl.lit(side)
    )


def _books(
    view: View, coverage: pl.DataFrame, wanted: Mask, most: pl.DataFrame, policy: GroupPolicy
) -> pl.DataFrame:
    """enterprise, side, books: own where own books run over enough months and miss none that others show."""
    serial = np.array([int(m[:4]) * 12 + int(m[5:]) for m in view.months])
    first = int(serial[wanted].min())
    months = pl.DataFrame({"month": view.months, "at": np.arange(len(serial)), "serial": serial})
    months = months.cast({"at": pl.Int32})
    asked = most.select(_KEYS)
    covered = (
        coverage.join(asked, on=_KEYS, how="semi").join(months, on="month").select(*_KEYS, "at", "serial")
    )
    span = pl.col("serial").max() - pl.max_horizontal(pl.col("serial").min(), pl.lit(first)) + 1
    told = covered.group_by(_KEYS).agg(span.alias("span"))
    missed = _traded(view, wanted, asked).join(covered, on=[*_KEYS, "at"], how="anti").select(_KEYS).unique()
    missed = missed.with_columns(missed=pl.lit(True))
    own = (pl.col("span") >= policy.own_months) & pl.col("missed").is_null()
    return (
        told.filter(pl.col("span") > 0)
        .join(missed, on=_KEYS, how="left")
        .select(*_KEYS, books=pl.when(own).then(pl.lit("own")).otherwise(pl.lit("partial")))
    )


def _traded(view: View, wanted: Mask, asked: pl.DataFrame) -> pl.DataFrame:
    """enterprise, side, at: the `wanted` months in which anybody's papers show trade on a side asked for."""
    flow = view.flow.filter((pl.col("amount_fen") > 0) & pl.Series(wanted).gather(view.flow["month"]))
    ends = pl.DataFrame({"sale": view.graph.src, "purchase": view.graph.dst})
    parts = []
    for side in ("sale", "purchase"):
        firm = ends[side].gather(flow["edge"])
        said = flow.select(pl.lit(side).alias("side"), at="month").with_columns(firm.alias("enterprise"))
        parts.append(said.join(asked, on=_KEYS, how="semi").unique())
    return pl.concat(parts)


def _judged(most: pl.DataFrame, hubs: Mask, policy: GroupPolicy) -> pl.DataFrame:
    """With share and outcome."""
    own = pl.col("books") == "own"
    depends = most.with_columns(
        share=pl.when(own).then(pl.col("amount_fen") / pl.col("whole_fen")),
        hub=pl.Series(hubs).gather(most["partner"]) & (pl.col("side") == "purchase"),
    )
    counted = (
        depends.filter(own, ~pl.col("hub"))
        .group_by("partner")
        .agg(pl.col("enterprise").n_unique().alias("dependents"))
    )
    common = pl.col("dependents").fill_null(0) > policy.most_dependents
    outcome = (
        pl.when(pl.col("books").is_null())
        .then(pl.lit("seen"))
        .when(~own)
        .then(pl.lit("partial"))
        .when("hub")
        .then(pl.lit("hub"))
        .when(common)
        .then(pl.lit("common"))
        .otherwise(pl.lit("depends"))
    )
    return depends.join(counted, on="partner", how="left").with_columns(outcome=outcome)


def _rows(judged: pl.DataFrame) -> pl.DataFrame:
    columns = (pl.col(name).cast(dtype) for name, dtype in GROUP_TABLES["dependence"].items())
    return judged.select(columns).sort("enterprise", "side")


def _found(rows: pl.DataFrame, view: View) -> Found:
    """One group a partner on whom somebody depends."""
    kept = rows.filter(pl.col("outcome") == "depends")
    ids = view.enterprises["id"]
    tie = (
        pl.when(pl.col("side") == "sale").then(pl.lit("DEPENDS_SALES")).otherwise(pl.lit("DEPENDS_PURCHASES"))
    )
    ties = kept.with_columns(
        tie.alias("tie"), ids.gather(kept["partner"]).alias("to"), key="partner", to_is_person=pl.lit(False)
    )
    centres = kept.select(key="partner", enterprise="partner", tie=pl.lit("HEAD")).unique()
    groups = kept.group_by(key="partner").agg(pl.col("amount_fen").sum())
    groups = groups.with_columns(head="key").sort("key")
    return Found.of("dependent", groups, pl.concat([ties, centres], how="diagonal"))
