"""The standard Theta method for many series at once: half a trend line, half a smoothed level.

Source: V. Assimakopoulos and K. Nikolopoulos, The theta model: a decomposition approach to forecasting
(2000), in the state-space form of J. Fiorucci and others, Models for optimising the theta method and their
relationship to state space models (2016), theta 2. The smoothing weight lies in 0.1 … 0.99; for each weight
the best first level is a plain quotient, so only the weight is searched. Series whose autocorrelation at a
year is significant (90 %, two-sided) are first cleared of a classical multiplicative season; `period` 0
clears nothing.
"""

from collections.abc import Sequence

import numpy as np
from numba import njit

from graph.csr import Float64, Int64, fixed

_ALPHA_LOW, _ALPHA_HIGH = 0.1, 0.99
_GRID = 45
_GOLDEN = 0.6180339887498949
#: Errors of the first months depend on the first level alone and are not counted.
_SKIPPED = 3
#: Normal quantile of 95 %.
_SIGNIFICANT = 1.6448536269514722


def theta_forecasts(series: Sequence[Float64], horizon: int, period: int = 12) -> Float64:
    """float64[n, horizon] for n series of any lengths. One of less than four months repeats its mean.
    ValueError where a value is not finite."""
    flat, starts = packed(series)
    if not np.isfinite(flat).all():
        raise ValueError("Theta needs whole series")
    out = np.zeros((len(series), horizon))
    _all(flat, starts, horizon, period, out)
    return out


def deseasonalised(series: Sequence[Float64], period: int = 12) -> tuple[Float64, Float64, Int64]:
    """All series end to end without their seasons, float64[n, period] the factor of the months that follow
    (1 where a series shows no season), and where each series begins: int64[n + 1]."""
    flat, starts = packed(series)
    plain, season = np.array(flat), np.ones((len(series), period))
    _cleared(flat, starts, period, plain, season)
    return plain, season, starts


def packed(series: Sequence[Float64]) -> tuple[Float64, Int64]:
    """All series end to end, and where each begins: int64[n + 1]."""
    lengths = [len(one) for one in series]
    starts = np.concatenate([[0], np.cumsum(lengths)])
    flat = np.concatenate([np.asarray(one, np.float64) for one in series]) if series else np.zeros(0)
    return fixed(flat, np.float64), fixed(starts, np.int64)


@njit(nogil=True, cache=True)
def _all(flat: Float64, starts: Int64, horizon: int, period: int, out: Float64) -> None:
    for i in range(len(starts) - 1):
        y = flat[starts[i] : starts[i + 1]]
        if len(y) <= _SKIPPED:
            out[i] = y.mean() if len(y) else 0.0
            continue
        season = np.ones(max(period, 1))
        plain = _clear(y, period, season)
        _theta(plain, out[i])
        for h in range(horizon):
            out[i, h] *= season[h % len(season)]


@njit(nogil=True, cache=True)
def _cleared(flat: Float64, starts: Int64, period: int, plain: Float64, season: Float64) -> None:
    for i in range(len(starts) - 1):
        plain[starts[i] : starts[i + 1]] = _clear(flat[starts[i] : starts[i + 1]], period, season[i])


@njit(nogil=True, cache=True)
def _clear(y: Float64, period: int, season: Float64) -> Float64:
    """y without its season, whose factors for the months after y are written to `season`."""
    n = len(y)
    if period == 0 or n < 2 * period or y.min() <= 0 or not _seasonal(y, period):
        return y.copy()
    factor = _factors(y, period)
    if factor.min() < 0.01:
        return y.copy()
    plain = np.empty(n)
    for t in range(n):
        plain[t] = y[t] / factor[t % period]
    for h in range(period):
        season[h] = factor[(n + h) % period]
    return plain


@njit(nogil=True, cache=True)
def _seasonal(y: Float64, period: int) -> bool:
    n, centred = len(y), y - y.mean()
    spread = (centred * centred).sum()
    if spread <= 0:
        return False
    before = 0.0
    r = 0.0
    for lag in range(1, period + 1):
        r = (centred[lag:] * centred[: n - lag]).sum() / spread
        if lag < period:
            before += r * r
    return bool(abs(r) / np.sqrt((1 + 2 * before) / n) > _SIGNIFICANT)


@njit(nogil=True, cache=True)
def _factors(y: Float64, period: int) -> Float64:
    """Mean ratio of each month of the year to the centred moving mean, scaled to mean 1."""
    n, half = len(y), period // 2
    total, count = np.zeros(period), np.zeros(period)
    for t in range(half, n - half):
        mean = y[t - half : t + half + 1].sum()
        if period % 2 == 0:
            mean -= 0.5 * (y[t - half] + y[t + half])
        total[t % period] += y[t] * period / mean
        count[t % period] += 1
    factor = total / np.maximum(count, 1.0)
    scaled: Float64 = factor / factor.mean()
    return scaled


@njit(nogil=True, cache=True)
def _theta(y: Float64, out: Float64) -> None:
    n = len(y)
    middle = (n + 1) / 2
    slope = 0.0
    for t in range(n):
        slope += (t + 1 - middle) * y[t]
    slope *= 12.0 / (n * (n * n - 1.0))
    intercept = y.mean() - slope * middle
    alpha = _best_alpha(y, intercept, slope)
    _, first = _errors(y, intercept, slope, alpha)
    level = first
    for t in range(n):
        level = alpha * y[t] + (1 - alpha) * level
    for h in range(len(out)):
        rest = (1 - alpha) ** (n + h)
        out[h] = level + 0.5 * (intercept * rest + slope * (1 - rest * (1 - alpha)) / alpha)
        level = alpha * out[h] + (1 - alpha) * level


@njit(nogil=True, cache=True)
def _best_alpha(y: Float64, intercept: float, slope: float) -> float:
    step = (_ALPHA_HIGH - _ALPHA_LOW) / _GRID
    best, least = _ALPHA_LOW, np.inf
    for k in range(_GRID + 1):
        error, _ = _errors(y, intercept, slope, _ALPHA_LOW + k * step)
        if error < least:
            best, least = _ALPHA_LOW + k * step, error
    low, high = max(best - step, _ALPHA_LOW), min(best + step, _ALPHA_HIGH)
    for _ in range(30):
        left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
        if _errors(y, intercept, slope, left)[0] < _errors(y, intercept, slope, right)[0]:
            high = right
        else:
            low = left
    return 0.5 * (low + high)


@njit(nogil=True, cache=True)
def _errors(y: Float64, intercept: float, slope: float, alpha: float) -> tuple[float, float]:
    """Least sum of squared one-step errors over the first level, and that level.

    An error is u[t] - first * (1 - alpha) ** t, where u is the error with a first level of 0.
    """
    uu = up = pp = 0.0
    level, rest = 0.0, 1.0
    for t in range(len(y)):
        u = y[t] - level - 0.5 * (intercept * rest + slope * (1 - rest * (1 - alpha)) / alpha)
        if t >= _SKIPPED:
            uu += u * u
            up += u * rest
            pp += rest * rest
        level = alpha * y[t] + (1 - alpha) * level
        rest *= 1 - alpha
    if pp <= 0:
        return uu, 0.0
    first = up / pp
    return max(uu - up * first, 0.0), first
