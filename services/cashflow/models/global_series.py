"""One model for many long positive series: classical forecasts first, then trees say where those go wrong.

For each series and each origin the base is the geometric mean of dynamic Theta and damped smoothing. The
trees see the shape of the last months, what the same months did in the two years before, how far the
classical forecasts disagree, and the horizon; they answer with the logarithm of actual over base. All
series and all earlier origins teach the same trees. Needs the extra `finance` to grow them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit

from gnn.extra import needed
from graph.csr import Float64, Int64
from services.cashflow.models.smoothing import damped, dynamic_theta
from services.cashflow.models.theta import deseasonalised, packed, theta_forecasts

_LAGS, _SHAPE = 18, 8
FEATURES = 1 + _LAGS + 2 + _SHAPE + 3
_SHORTEST = 30
_CLIP = 1.0


@dataclass(frozen=True)
class Growing:
    """How the trees are grown. `backs`: months before the end at which earlier origins lie; `trust`: how much
    of the trees' answer is taken (1: all)."""

    backs: tuple[int, ...] = (12, 18, 21, 24, 27, 30, 33, 36, 39, 42, 45, 48, 54, 60)
    trees: int = 100
    rate: float = 0.07
    leaves: int = 15
    features: float = 0.3
    rows: float = 0.3
    least: int = 100
    weight: float = 0.3
    trust: float = 1.0
    seed: int = 1


GROWING = Growing()


def global_forecasts(series: Sequence[Float64], horizon: int, growing: Growing = GROWING) -> Float64:
    """float64[n, horizon] for n positive series of at least 30 months. MissingExtra without LightGBM;
    ValueError where a value is not above 0 or no series is long enough to learn from."""
    if any(len(one) < _SHORTEST or not (np.asarray(one) > 0).all() for one in series):
        raise ValueError(f"every series needs {_SHORTEST} months above 0")
    booster = grow(series, horizon, growing)
    features, base = described(series, horizon)
    said = np.stack([booster.predict(features[h]) for h in range(horizon)], 1)
    forecast: Float64 = base * np.exp(growing.trust * said)
    return forecast


def grow(series: Sequence[Float64], horizon: int, growing: Growing = GROWING) -> Any:
    """The trees, grown on earlier origins of the same series."""
    lightgbm = needed("lightgbm")
    rows, targets, weights = [], [], []
    for back in growing.backs:
        past = [(one[:-back], one[len(one) - back :]) for one in series if len(one) - back >= _SHORTEST]
        if not past:
            continue
        features, base = described([known for known, _ in past], horizon)
        steady = 1 / np.maximum([_yearly_change(known) for known, _ in past], 0.02)
        for h in range(min(horizon, back)):
            actual = np.array([later[h] for _, later in past])
            rows.append(features[h])
            targets.append(np.clip(np.log(actual / base[:, h]), -_CLIP, _CLIP))
            weights.append(steady**growing.weight)
    if not rows:
        raise ValueError("no series is long enough to learn from")
    data = lightgbm.Dataset(
        np.concatenate(rows), np.concatenate(targets), weight=np.concatenate(weights), free_raw_data=True
    )
    return lightgbm.train(_parameters(growing), data, growing.trees)


def described(series: Sequence[Float64], horizon: int) -> tuple[np.ndarray, Float64]:
    """float32[horizon, n, FEATURES] and the base, float64[n, horizon], all from the series' own past."""
    least = 0.01 * np.array([one.mean() for one in series])[:, None]
    parts = [np.maximum(f(series, horizon), least) for f in (dynamic_theta, damped, theta_forecasts)]
    base = np.exp((np.log(parts[0]) + np.log(parts[1])) / 2)
    plain, season, starts = deseasonalised(series)
    flat, _ = packed(series)
    out = np.full((horizon, len(series), FEATURES), np.nan, np.float32)
    _describe(np.log(flat), np.log(np.maximum(plain, 1e-9)), np.log(season), starts, np.log(base), out)
    for h in range(horizon):
        for place, part in enumerate((parts[0], parts[2])):
            out[h, :, FEATURES - 2 + place] = np.log(part[:, h] / base[:, h])
    return out, base


def _yearly_change(known: Float64) -> float:
    return float(np.abs(known[12:] - known[:-12]).mean() / known[-12:].mean())


def _parameters(growing: Growing) -> dict[str, Any]:
    return {
        "objective": "l1",
        "num_leaves": growing.leaves,
        "learning_rate": growing.rate,
        "min_data_in_leaf": growing.least,
        "feature_fraction": growing.features,
        "bagging_fraction": growing.rows,
        "bagging_freq": 1,
        "lambda_l2": 1.0,
        "num_threads": 1,
        "verbosity": -1,
        "deterministic": True,
        "force_col_wise": True,
        "seed": growing.seed,
    }


@njit(nogil=True, cache=True)
def _describe(
    logs: Float64, plain: Float64, season: Float64, starts: Int64, base: Float64, out: np.ndarray
) -> None:
    horizon = out.shape[0]
    for i in range(len(starts) - 1):
        y, d = logs[starts[i] : starts[i + 1]], plain[starts[i] : starts[i + 1]]
        n = len(y)
        level = d[n - 3 :].mean()
        change = np.abs(d[1:] - d[:-1])
        year = 12
        slope = 0.0
        for t in range(24):
            slope += (t - 11.5) * d[n - 24 + t]
        for h in range(horizon):
            row = out[h, i]
            row[0] = h
            for lag in range(min(_LAGS, n)):
                row[1 + lag] = d[n - 1 - lag] - level
            at = n + h - year
            while at >= n:
                at -= year
            row[1 + _LAGS] = y[at] - base[i, h]
            if at >= year:
                row[2 + _LAGS] = y[at - year] - base[i, h]
            first = 3 + _LAGS
            row[first] = base[i, 0] - season[i, 0] - level
            row[first + 1] = (
                base[i, horizon - 1] - base[i, 0] - season[i, (horizon - 1) % year] + season[i, 0]
            )
            row[first + 2] = change.mean()
            row[first + 3] = change[len(change) - year :].mean()
            row[first + 4] = season[i].std()
            row[first + 5] = n
            row[first + 6] = d[n - year :].mean() - d[n - 2 * year : n - year].mean()
            row[first + 7] = slope * 12.0 / 1150.0
            row[first + 8] = season[i, h % year]
