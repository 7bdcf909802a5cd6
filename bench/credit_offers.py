"""Offers: how many sound firms of the demo the credit policy as a whole makes an offer, at which loss.

The baseline is the champion policy blind beyond levels 1 and 2. Ours is the same policy without the blinkers,
at the largest cut-off at which no larger a share of those approved defaulted than of the baseline's: a point
of the same curve, both read off loans of firms that no model was shown, booked last. Beside it stand the
policy's own cut-off and one chosen ahead, on earlier loans that are shown to everybody. A sound firm is one
whose loan did not default; an offer is an approval by the machine alone, knock-outs, thin books and the
limits of sales and grade included. Levels 4 to 6 are those that the economy planted.

`--data DIR`: a demo folder (default ./dayan-data). `bench.credit_reach` asks the same of the model alone.
"""

import json
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from bench.measure import Measure
from graph.snapshot import Snapshot, open_snapshot
from ledger.ledger import Ledger
from services.credit.columns import rule
from services.credit.judging import Model
from services.credit.models import load_model
from services.credit.policy import Policy, champion
from services.credit.prepared import Prepared
from services.features.door import Door

BASELINE_LEVEL, DEEP = 2, (4, 6)
#: The latest loans, by booking, that the policies are judged on; the first day with enough months before it.
LATE, FIRST = 0.3, date(2024, 6, 30)
CUTS = np.round(np.arange(0.01, 1.0, 0.005), 3)


@dataclass(frozen=True)
class Judged:
    """Loans with what the rules say of their firms: bad, tier, level, pd (the better of the two), open (no
    rule but the cut-off speaks against it), shown (to everybody)."""

    rows: pl.DataFrame

    def approved(self, cut: float, most_level: int | None = None) -> pl.Series:
        """Which are approved below a cut-off, by a policy that sees so many levels."""
        seen = pl.lit(True)
        if most_level is not None:
            seen = (pl.col("level").abs() <= most_level).fill_null(False)
        return self.rows.select(pl.col("open") & (pl.col("pd") < cut) & seen).to_series()

    def loss(self, approved: pl.Series) -> float:
        """Share of the approved that defaulted; 0 where none is approved."""
        bad = self.rows.filter(approved)["bad"].to_numpy()
        return float(bad.mean()) if len(bad) else 0.0

    def reach(self, approved: pl.Series, tiers: tuple[int, int] | None = None) -> float:
        """Share of sound firms approved, of all or of some planted tiers."""
        sound = self.rows.with_columns(yes=approved).filter(~pl.col("bad"))
        if tiers is not None:
            sound = sound.filter(pl.col("tier").is_between(*tiers))
        return float(sound["yes"].to_numpy().mean()) if sound.height else 0.0


def offers(
    snapshot: Snapshot,
    ledger: Ledger,
    model: Model,
    labels: pl.DataFrame,
    loans: pl.DataFrame,
    tiers: pl.DataFrame,
) -> dict[str, Any]:
    """The figures. `labels`: loans that a cut-off may be chosen on, `loans`: those judged: code, booked_on,
    defaulted; `tiers`: code, tier."""
    policy = champion(date(2026, 1, 1))
    whole = pl.concat([labels.with_columns(shown=True), loans.with_columns(shown=False)], how="diagonal")
    every = judged(snapshot, ledger, model, policy, whole, tiers)
    early, late = Judged(every.rows.filter("shown")), later(Judged(every.rows.filter(~pl.col("shown"))))
    base = late.approved(policy.approve_below, BASELINE_LEVEL)
    cut = largest_cut(late, late.loss(base))
    early_loss = early.loss(early.approved(policy.approve_below, BASELINE_LEVEL))
    ahead = largest_cut(early, early_loss)
    everybody = pl.Series([True] * late.rows.height)
    return {
        "offers": three(late, late.approved(cut)),
        "offers_cut": cut,
        "offers_ahead": three(late, late.approved(ahead)),
        "offers_ahead_cut": ahead,
        "offers_policy": three(late, late.approved(policy.approve_below)),
        "offers_baseline": three(late, base),
        "offers_all_loss": round(late.loss(everybody), 4),
        "offers_loans": {"early": early.rows.height, "late": late.rows.height},
        "offers_sound_deep": late.rows.filter(~pl.col("bad") & pl.col("tier").is_between(*DEEP)).height,
        "offers_not_open": late.rows.filter(~pl.col("open")).height,
    }


def three(loans: Judged, approved: pl.Series) -> dict[str, float]:
    """reach, deep and loss of those approved."""
    figures = loans.reach(approved), loans.reach(approved, DEEP), loans.loss(approved)
    return dict(zip(("reach", "deep", "loss"), (round(one, 4) for one in figures), strict=True))


def judged(
    snapshot: Snapshot, ledger: Ledger, model: Model, policy: Policy, loans: pl.DataFrame, tiers: pl.DataFrame
) -> Judged:
    """What the rules say of each loan's firm as of the last quarter's end before its booking."""
    prepared = Prepared(snapshot, ledger)
    firms = snapshot.enterprises.select("code").with_row_index("enterprise").cast({"enterprise": pl.Int32})
    day = pl.col("booked_on").dt.offset_by("1d").dt.truncate("1q").dt.offset_by("-1d")
    known = loans.with_columns(day=day).join(firms, on="code", maintain_order="left")
    known = known.filter(pl.col("day").is_between(FIRST, snapshot.as_of)).sort("day", "code")
    # With no cut-off of its own the policy says what its other rules come to.
    open_policy = replace(policy, approve_below=1.01, decline_from=1.01)
    found = []
    for on in known["day"].unique().sort():
        told = rule(prepared, model, open_policy, Door(snapshot, on).features())
        part = known.filter(pl.col("day") == on)
        found.append(part.join(told, on="enterprise", maintain_order="left"))
    seats = tiers.unique("code", keep="first", maintain_order=True)
    rows = pl.concat(found).join(seats, on="code", how="left", maintain_order="left")
    kept = ("code", "booked_on", "tier", "level", "shown")
    pd = pl.min_horizontal("pd", "pd_observed")
    return Judged(rows.select(*kept, bad="defaulted", pd=pd, open=pl.col("status") == "approved"))


def ended(loans: pl.DataFrame, day: date) -> pl.DataFrame:
    """Loans booked so long ago that good and bad are known alike on the day."""
    known = loans.filter(pl.col("known_on") <= day)
    latest = known.filter(~pl.col("defaulted"))["booked_on"].max()
    return known.filter(pl.col("booked_on") <= latest)


def later(every: Judged) -> Judged:
    """The LATE latest loans by booking."""
    days = every.rows["booked_on"].sort()
    return Judged(every.rows.filter(pl.col("booked_on") >= days[int(len(days) * (1 - LATE))]))


def largest_cut(loans: Judged, loss: float) -> float:
    """The largest cut-off at which no larger a share of the approved defaulted."""
    good = [cut for cut in CUTS if loans.loss(loans.approved(float(cut))) <= loss]
    return float(max(good, default=CUTS[0]))


def run(data: Path | None = None) -> dict[str, object]:
    """The figures on a demo folder with the model that comes with the package."""
    home = data or Path("dayan-data")
    snapshot, economy = open_snapshot(home), home / "economy"
    loans = pl.read_parquet(economy / "truth" / "loans.parquet")
    labels = ended(pl.read_parquet(economy / "loan_labels.parquet"), snapshot.as_of)
    seats = [
        pl.read_parquet(at) for at in (economy / "labels.parquet", economy / "truth" / "positions.parquet")
    ]
    tiers = pl.concat(seats, how="diagonal").filter(pl.col("primary")).select("code", "tier")
    with Measure() as measure:
        figures: dict[str, object] = offers(snapshot, Ledger(home), load_model(None), labels, loans, tiers)
    figures |= measure.figures()
    for name, value in figures.items():
        print(f"{name}: {json.dumps(value, ensure_ascii=False)}")
    return figures
