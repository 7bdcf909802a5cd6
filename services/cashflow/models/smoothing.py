"""Two more classical forecasts for many long series at once: dynamic optimised Theta, and damped smoothing.

Sources: J. Fiorucci and others, Models for optimising the theta method and their relationship to state space
models (2016), the dynamic model with theta free; E. Gardner, Exponential smoothing: the state of the art II
(2006), damped trend with a multiplicative season that may move. Weights are searched on fixed grids, so the
same series gives the same forecast.
"""

from collections.abc import Sequence

import numpy as np
from numba import njit

from graph.csr import Float64, Int64, fixed
from services.cashflow.models.theta import _clear, packed

_ALPHAS = fixed(np.append(np.arange(0.1, 0.96, 0.05), 0.99), np.float64)
_THETAS = fixed([1.0, 1.15, 1.3, 1.5, 1.75, 2.0, 2.5, 3.0, 4.0, 6.0, 10.0, 30.0], np.float64)
_LEVELS = fixed([0.05, 0.1, 0.2, 0.3, 0.45, 0.6, 0.8, 0.95], np.float64)
_TRENDS = fixed([0.0, 0.1, 0.3], np.float64)
_DAMPED = fixed([0.8, 0.9, 0.97], np.float64)
_MOVING = fixed([0.06, 0.15], np.float64)
_SKIPPED = 3


def dynamic_theta(series: Sequence[Float64], horizon: int, period: int = 12) -> Float64:
    """float64[n, horizon]: Theta whose trend line is refitted month by month and counts as much as it
    deserves."""
    flat, starts = packed(series)
    out = np.zeros((len(series), horizon))
    _dynamic_all(flat, starts, period, _ALPHAS, _THETAS, out)
    return out


def damped(series: Sequence[Float64], horizon: int, period: int = 12) -> Float64:
    """float64[n, horizon]: smoothed level, a trend that dies out, and a season that may move."""
    flat, starts = packed(series)
    out = np.zeros((len(series), horizon))
    _damped_all(flat, starts, period, _LEVELS, _TRENDS, _DAMPED, _MOVING, out)
    return out


@njit(nogil=True, cache=True)
def _dynamic_all(
    flat: Float64, starts: Int64, period: int, alphas: Float64, thetas: Float64, out: Float64
) -> None:
    for i in range(len(starts) - 1):
        season = np.ones(period)
        y = _clear(flat[starts[i] : starts[i + 1]], period, season)
        if len(y) <= _SKIPPED:
            out[i] = y.mean() if len(y) else 0.0
            continue
        _dynamic(y, alphas, thetas, out[i])
        for h in range(out.shape[1]):
            out[i, h] *= season[h % period]


@njit(nogil=True, cache=True)
def _line(mean: float, slope: float, t: int, value: float) -> tuple[float, float, float]:
    """Running mean, slope and intercept of the trend line with one more value, the t-th from 0."""
    mean = (t * mean + value) / (t + 1)
    slope = ((t - 1) * slope + 6 * (value - mean) / (t + 1)) / (t + 2)
    return mean, slope, mean - slope * (t + 2) / 2


@njit(nogil=True, cache=True)
def _dynamic(y: Float64, alphas: Float64, thetas: Float64, out: Float64) -> None:
    n = len(y)
    intercept, slope = np.zeros(n + 1), np.zeros(n + 1)
    mean = y[0]
    intercept[0] = intercept[1] = y[0]
    for t in range(1, n):
        mean, slope[t + 1], intercept[t + 1] = _line(mean, slope[t], t, y[t])
    best, first = np.inf, 0.0
    alpha, theta = 0.5, 2.0
    for a in alphas:
        for one in thetas:
            error, level = _dynamic_errors(y, a, 1 - 1 / one, intercept, slope)
            if error < best:
                best, first, alpha, theta = error, level, a, one
    level = first
    for t in range(n):
        level = alpha * y[t] + (1 - alpha) * level
    b, a0 = slope[n], intercept[n]
    for h in range(len(out)):
        rest = (1 - alpha) ** (n + h)
        out[h] = level + (1 - 1 / theta) * (a0 * rest + b * (1 - rest * (1 - alpha)) / alpha)
        level = alpha * out[h] + (1 - alpha) * level
        mean, b, a0 = _line(mean, b, n + h, out[h])


@njit(nogil=True, cache=True)
def _dynamic_errors(
    y: Float64, alpha: float, share: float, intercept: Float64, slope: Float64
) -> tuple[float, float]:
    uu = up = pp = 0.0
    level, rest = 0.0, 1.0
    for t in range(len(y)):
        u = y[t] - level - share * (intercept[t] * rest + slope[t] * (1 - rest * (1 - alpha)) / alpha)
        if t >= _SKIPPED:
            uu += u * u
            up += u * rest
            pp += rest * rest
        level = alpha * y[t] + (1 - alpha) * level
        rest *= 1 - alpha
    first = up / pp if pp > 0 else 0.0
    return uu - up * first, first


@njit(nogil=True, cache=True)
def _damped_all(
    flat: Float64,
    starts: Int64,
    period: int,
    levels: Float64,
    trends: Float64,
    damping: Float64,
    moving: Float64,
    out: Float64,
) -> None:
    for i in range(len(starts) - 1):
        y = flat[starts[i] : starts[i + 1]]
        n, ahead = len(y), np.ones(period)
        if n == 0:
            continue
        _clear(y, period, ahead)
        season, trial = np.empty(period), np.empty(out.shape[1])
        for h in range(period):
            season[(n + h) % period] = ahead[h]
        best, alpha, trend, phi = np.inf, 0.5, 0.0, 0.9
        for a in levels:
            for b in trends:
                for p in damping:
                    error = _damped(y, season, a, a * b, p, 0.0, trial)
                    if error < best:
                        best, alpha, trend, phi = error, a, b, p
                        out[i] = trial
        for g in moving:
            error = _damped(y, season, alpha, alpha * trend, phi, g, trial)
            if error < best:
                best = error
                out[i] = trial


@njit(nogil=True, cache=True)
def _damped(
    y: Float64, season: Float64, alpha: float, beta: float, phi: float, gamma: float, out: Float64
) -> float:
    """Sum of one-step errors to the power 1.5 (between mean and median); the forecast goes to `out`."""
    n, period, moved = len(y), len(season), season.copy()
    level, trend = _begin(y, season)
    total = 0.0
    for t in range(n):
        plain = level + phi * trend
        factor = moved[t % period]
        error = y[t] - plain * factor
        if t >= _SKIPPED:
            total += abs(error) ** 1.5
        level, trend = plain + alpha * error / factor, phi * trend + beta * error / factor
        if gamma > 0 and plain > 0:
            moved[t % period] = max(factor + gamma * error / plain, 0.01)
    sum_phi, power = 0.0, 1.0
    for h in range(len(out)):
        power *= phi
        sum_phi += power
        out[h] = (level + sum_phi * trend) * moved[(n + h) % period]
    return total


@njit(nogil=True, cache=True)
def _begin(y: Float64, season: Float64) -> tuple[float, float]:
    """Level and trend before the first month, from the first two years."""
    n, period = len(y), len(season)
    first = min(n, period)
    level = 0.0
    for t in range(first):
        level += y[t] / season[t] / first
    trend = 0.0
    if n >= 2 * period:
        second = 0.0
        for t in range(period, 2 * period):
            second += y[t] / season[t - period] / period
        trend = (second - level) / period
        level -= trend * (period / 2 + 0.5)
    return level, trend
