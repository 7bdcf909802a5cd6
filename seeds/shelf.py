"""A shelf of wealth products that do not exist: what matching is shown and tested with.

No public list of real products can be shipped, so this one is drawn: kinds, risk levels, locks, notice, days
to settle, caps of quick redemption, benchmark ranges with their period, least amounts and fees. The same seed
gives the same shelf, and every product says that it is synthetic. `seeds.shelf_file` reads a real one.
"""

from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import yaml
from numpy.typing import NDArray

#: Columns of a shelf. Rates are yearly shares; amounts are fen; `lock_days` is the least holding or the
#: closed period; `settle_days` the exchange days from an order of redemption to the money (T+N).
COLUMNS: dict[str, pl.DataType] = {
    "id": pl.String(),
    "name": pl.String(),
    "issuer": pl.String(),
    "kind": pl.String(),
    "form": pl.String(),
    "level": pl.Int8(),
    "audience": pl.String(),
    "investors": pl.String(),
    "lock_days": pl.Int32(),
    "notice_days": pl.Int32(),
    "confirm_days": pl.Int32(),
    "settle_days": pl.Int32(),
    "quick_cap_fen": pl.Int64(),
    "benchmark_kind": pl.String(),
    "benchmark_low": pl.Float64(),
    "benchmark_high": pl.Float64(),
    "benchmark_from": pl.Date(),
    "benchmark_until": pl.Date(),
    "least_fen": pl.Int64(),
    "step_fen": pl.Int64(),
    "most_fen": pl.Int64(),
    "subscribe_rate": pl.Float64(),
    "redeem_rate": pl.Float64(),
    "manage_rate": pl.Float64(),
    "size_fen": pl.Int64(),
    "on_sale_from": pl.Date(),
    "on_sale_until": pl.Date(),
    "synthetic": pl.Boolean(),
}
KINDS = (
    *("cash_management", "fixed_income", "fixed_income_plus", "structured_deposit"),
    *("mixed", "equity", "commodity_derivative"),
)
FORMS = ("open", "min_hold", "closed")
INVESTORS = ("both", "natural", "institution")
AUDIENCES = ("public", "private")
BENCHMARKS = ("benchmark", "seven_day")
#: Products of the shelf, and the day from which its periods are counted.
PRODUCTS, SINCE = 10_000, date(2025, 1, 1)

_YUAN = 100


@cache
def _source() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "shelf.yaml").read_text("utf-8"))
    return found


def shelf(products: int = PRODUCTS, seed: int = 1) -> pl.DataFrame:
    """A generated shelf: one row a product, columns as in COLUMNS, `synthetic` true in each."""
    source = _source()
    rng = np.random.default_rng([seed, products])
    of_kind = rng.choice(len(source["kinds"]), products, p=_weights([k["share"] for k in source["kinds"]]))
    parts = [_of_kind(source, k, np.flatnonzero(of_kind == i), rng) for i, k in enumerate(source["kinds"])]
    frame = pl.concat([part for part in parts if part.height]).sort("number")
    return frame.select(pl.col(name).cast(kind) for name, kind in COLUMNS.items())


def _weights(values: list[float]) -> NDArray[np.float64]:
    weights = np.array(values, np.float64)
    return np.asarray(weights / weights.sum(), np.float64)


def _drawn(rng: np.random.Generator, choices: dict[Any, float], size: int) -> NDArray[Any]:
    """Keys drawn by their weights."""
    return np.array(list(choices))[rng.choice(len(choices), size, p=_weights(list(choices.values())))]


def _of_kind(
    source: dict[str, Any], kind: dict[str, Any], numbers: NDArray[np.int64], rng: np.random.Generator
) -> pl.DataFrame:
    """The products of one kind, in any order."""
    n = len(numbers)
    level = _drawn(rng, kind["levels"], n)
    lock = _drawn(rng, kind["lock"], n)
    private = rng.random(n) < source["private_share"][kind["kind"]]
    middle = kind["rate"] + kind["slope"] * np.log1p(lock / 30) / np.log1p(365 / 30)
    middle = middle + kind["spread"] * np.clip(rng.standard_normal(n), -2.2, 2.2) + 0.002 * private
    middle = np.maximum(middle + 0.001 * (level - min(kind["levels"])), 0.005)
    half = kind["range"] * rng.uniform(0.5, 1.0, n)
    least = np.where(
        private,
        _drawn(rng, source["least_private_yuan"], n),
        _drawn(rng, source["least_yuan"], n),
    )
    quick = rng.random(n) < kind["quick"]
    caps = _drawn(rng, source["quick_cap_yuan"], n)
    closed = kind["form"] == "closed"
    begins = rng.integers(0, 500, n) - 60
    days = rng.integers(60, 200, n)
    window = closed & (rng.random(n) < 0.3)
    since = [SINCE + timedelta(days=int(d)) for d in np.where(window, begins, 0)]
    until = [s + timedelta(days=int(d)) if w else None for s, d, w in zip(since, days, window, strict=True)]
    issuer = np.array(source["issuers"])[rng.integers(0, len(source["issuers"]), n)]
    series = np.array(source["series"])[rng.integers(0, len(source["series"]), n)]
    return pl.DataFrame(
        {
            "number": numbers,
            "id": [f"S{i + 1:06d}" for i in numbers],
            "name": [f"{a}理财{b}{i + 1}号（合成）" for a, b, i in zip(issuer, series, numbers, strict=True)],
            "issuer": [f"{a}理财（合成）" for a in issuer],
            "kind": [kind["kind"]] * n,
            "form": [kind["form"]] * n,
            "level": level,
            "audience": np.where(private, "private", "public"),
            "investors": _drawn(rng, source["investors"], n),
            "lock_days": lock,
            "notice_days": np.where((lock == 0) | closed, 0, rng.choice([0, 0, 0, 1, 3, 7], n)),
            "confirm_days": rng.choice([1, 1, 2], n) if kind["settle"][0] else np.zeros(n, np.int64),
            "settle_days": rng.choice(kind["settle"], n),
            "quick_cap_fen": [int(c) * _YUAN if q else None for q, c in zip(quick, caps, strict=True)],
            "benchmark_kind": ["seven_day" if kind["kind"] == "cash_management" else "benchmark"] * n,
            "benchmark_low": np.round(middle - half, 4),
            "benchmark_high": np.round(middle + half, 4),
            "benchmark_from": since,
            "benchmark_until": [
                s + timedelta(days=max(int(d), 365)) for s, d in zip(since, lock, strict=True)
            ],
            "least_fen": least * _YUAN,
            "step_fen": np.where(least >= 10_000, 1_000, 1) * _YUAN,
            "most_fen": [
                int(v) * _YUAN if v else None for v in rng.choice([0, 0, 0, 5_000_000, 20_000_000], n)
            ],
            "subscribe_rate": np.where(lock >= 365, rng.choice([0, 0, 0.0005], n), 0.0),
            "redeem_rate": np.where((lock > 0) & (not closed), rng.choice([0, 0, 0, 0.0002], n), 0.0),
            "manage_rate": rng.choice([0.001, 0.0015, 0.002, 0.003], n),
            "size_fen": (np.exp(rng.normal(20.3, 1.0, n)) * _YUAN).astype(np.int64),
            "on_sale_from": since,
            "on_sale_until": until,
            "synthetic": [True] * n,
        },
        schema_overrides={"quick_cap_fen": pl.Int64, "most_fen": pl.Int64, "on_sale_until": pl.Date},
    )
