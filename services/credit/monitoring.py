"""How a policy and its model fare: drift, calibration, approval by kind of firm, overrides.

The population stability index has no fixed bars here: 0.10 and 0.25 depend on the number of cases and bins
(Yurdakul and Naranjo, 2020). Beside it stands the band that chance alone gives: the 95th percentile over
draws of so many cases from the reference itself.
"""

import json
import sqlite3
from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from gnn.calibration import calibration_error
from ledger import credit
from services.credit.prepared import Prepared

Float64 = NDArray[np.float64]
BINS, DRAWS, SEED = 10, 400, 20_260_101
#: Fewer cases than this on either side say nothing about drift.
LEAST = 50
#: Kinds of firms that approval is told of.
DIMENSIONS = ("region", "size", "sector", "level", "thin")


def psi(reference: Float64, current: Float64, edges: Float64) -> float:
    """Σ (c - r) · ln(c / r) over the bins between `edges`, null (NaN) being one of its own; half a case is
    added to each bin, so that an empty one stays finite."""
    return _psi(_shares(reference, edges), _shares(current, edges))


def edges_of(reference: Float64, bins: int = BINS) -> Float64:
    """Inner edges of bins that hold equal parts of the reference; equal edges once."""
    known = reference[~np.isnan(reference)]
    if not len(known):
        return np.empty(0)
    return np.unique(np.quantile(known, np.linspace(0, 1, bins + 1)[1:-1]))


def drift(name: str, reference: Float64, current: Float64) -> dict[str, Any]:
    """name, psi, band (what chance gives in 19 of 20 cases), moved, reference and current: cases. psi is None
    where there are too few."""
    told: dict[str, Any] = {"name": name, "reference": len(reference), "current": len(current)}
    if min(len(reference), len(current)) < LEAST:
        return {**told, "psi": None, "band": None, "moved": None}
    edges = edges_of(reference)
    value, rng = psi(reference, current, edges), np.random.default_rng(SEED)
    which = np.where(np.isnan(reference), len(edges) + 1, np.searchsorted(edges, reference, side="right"))
    shares = np.bincount(which, minlength=len(edges) + 2) / len(reference)
    n = len(current)
    chance = [
        _psi(_smooth(rng.multinomial(len(reference), shares)), _smooth(rng.multinomial(n, shares)))
        for _ in range(DRAWS)
    ]
    band = float(np.quantile(chance, 0.95))
    return {**told, "psi": round(value, 4), "band": round(band, 4), "moved": value > band}


def rates(decisions: pl.DataFrame, dimensions: Sequence[str] = DIMENSIONS) -> list[dict[str, Any]]:
    """Approval by kind of firm: dimension, value, count, approved (share), low and high of its 95 % interval
    (Wilson 1927)."""
    found = []
    for name in dimensions:
        sums = decisions.group_by(value=pl.col(name).cast(pl.String).fill_null("-")).agg(
            count=pl.len(), yes=(pl.col("status") == "approved").sum()
        )
        for value, count, yes in sums.sort("value").iter_rows():
            low, high = _wilson(yes, count)
            share = round(yes / count, 4)
            found.append(
                {
                    "dimension": name,
                    "value": value,
                    "count": count,
                    "approved": share,
                    "low": low,
                    "high": high,
                }
            )
    return found


def calibration(pd: Float64, bad: NDArray[np.bool_], bins: int = 5) -> dict[str, Any]:
    """Expected calibration error, and by bin of equal cases: told and observed default shares."""
    order = np.argsort(pd, kind="stable")
    groups = [part for part in np.array_split(order, bins) if len(part)]
    rows = [
        {"told": round(float(pd[g].mean()), 4), "observed": round(float(bad[g].mean()), 4), "count": len(g)}
        for g in groups
    ]
    return {"ece": round(calibration_error(pd, bad), 4), "count": len(pd), "bins": rows}


def decided(connection: sqlite3.Connection, prepared: Prepared, limit: int = 100_000) -> pl.DataFrame:
    """Decisions kept, one row each: id, decided_on, status, machine, score, pd, reviewed, override, region,
    size, sector, level, thin, values (of the features, as kept)."""
    firms = prepared.snapshot.enterprises
    rows = []
    for one in credit.decisions(connection, limit=limit):
        answer, inputs = json.loads(one.answer), json.loads(one.inputs)
        firm = prepared.snapshot.index_of(one.party)
        firm = prepared.parties.get(one.party) if firm is None else firm
        kind = {} if firm is None else firms.row(firm, named=True)
        books = inputs["books"]
        rows.append(
            {
                "id": one.id,
                "decided_on": answer["decided_on"],
                "status": one.holds,
                "machine": answer["status"],
                "score": float(answer["score"]),
                "pd": answer["pd"],
                "reviewed": any(e.kind == "reviewed" for e in one.events),
                "override": any(e.override for e in one.events),
                "region": (kind.get("region") or "")[:2] or None,
                "size": kind.get("size"),
                "sector": (kind.get("industry") or "")[:2] or None,
                "level": inputs["level"],
                "thin": any(a["rule"] == "books" and a["outcome"] != "pass" for a in answer["audits"]),
                "own_months": books["own_months"],
                "values": dict(zip(inputs["names"], inputs["values"], strict=True)),
            }
        )
    return pl.DataFrame(rows, infer_schema_length=None) if rows else pl.DataFrame({"status": []})


def report(
    decisions: pl.DataFrame, since: str, features: Sequence[str], outcomes: dict[str, bool] | None = None
) -> dict[str, Any]:
    """Drift of what was decided from `since` (ISO date) on against what was decided before, approval by kind
    of firm, overrides, and calibration where `outcomes` (decision → defaulted) are known."""
    if decisions.is_empty():
        return {"decisions": 0, "drift": [], "rates": [], "reviewed": 0, "overrides": 0, "calibration": None}
    before = decisions.filter(pl.col("decided_on") < since)
    after = decisions.filter(pl.col("decided_on") >= since)
    moved = [drift("score", before["score"].to_numpy(), after["score"].to_numpy())]
    for name in features:
        moved.append(drift(name, *(_column(part, name) for part in (before, after))))
    told = None
    if outcomes:
        known = decisions.filter(pl.col("id").is_in(list(outcomes)))
        bad = np.array([outcomes[one] for one in known["id"]], np.bool_)
        told = calibration(known["pd"].to_numpy(), bad)
    return {
        "decisions": decisions.height,
        "drift": moved,
        "rates": rates(decisions),
        "reviewed": int(decisions["reviewed"].sum()),
        "overrides": int(decisions["override"].sum()),
        "calibration": told,
    }


def _column(rows: pl.DataFrame, name: str) -> Float64:
    told = [values.get(name) for values in rows["values"]]
    return np.array([np.nan if value is None else value for value in told], np.float64)


def _shares(values: Float64, edges: Float64) -> Float64:
    which = np.where(np.isnan(values), len(edges) + 1, np.searchsorted(edges, values, side="right"))
    return _smooth(np.bincount(which, minlength=len(edges) + 2))


def _smooth(counts: NDArray[np.int64]) -> Float64:
    return np.asarray((counts + 0.5) / (counts.sum() + 0.5 * len(counts)))


def _psi(reference: Float64, current: Float64) -> float:
    return float(np.sum((current - reference) * np.log(current / reference)))


def _wilson(yes: int, count: int, z: float = 1.96) -> tuple[float, float]:
    share, spread = yes / count, z * z / count
    middle = (share + spread / 2) / (1 + spread)
    half = z * float(np.sqrt(share * (1 - share) / count + spread / (4 * count))) / (1 + spread)
    return round(max(0.0, middle - half), 4), round(min(1.0, middle + half), 4)
