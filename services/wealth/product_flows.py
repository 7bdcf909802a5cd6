"""A product's own flows: subscriptions and redemptions to come, and the quota that keeps its size.

    redemptions = (1 − known) · forecast from history + what known holders draw when their cash runs out
    size        = today + subscriptions − redemptions + yield

`known` is the share of the product in the hands of firms whose cash paths are at hand. Scenarios put errors
of past forecasts, week by week, on the forecast. The quota of a week is the most that may be sold until its
end so that the size stays below the band's upper end in nine scenarios of ten; what is needed keeps it above
the lower.
"""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from ledger.errors import InputError
from services.calendar import is_banking_day
from services.wealth.rows import Floats
from services.wealth.season import Days, forecast

#: Days of history that are needed; past forecasts that errors are taken from, a week apart.
LEAST_DAYS, ORIGINS = 120, 16
#: Scenarios in which a size may leave its band on one side.
LEFT = 0.1
WEEK = 7


@dataclass(frozen=True)
class Band:
    """Bounds of a product's size, in fen."""

    low_fen: int
    high_fen: int


@dataclass(frozen=True)
class Week:
    """A week to come: means and 80 % intervals of both sides, the size at its end, and what may be sold."""

    first: date
    last: date
    subscribed_fen: tuple[int, int, int]
    redeemed_fen: tuple[int, int, int]
    size_fen: tuple[int, int, int]
    quota_fen: int
    needed_fen: int


@dataclass(frozen=True)
class ProductFlows:
    """`daily_fen`: int64[2, 3, days], low, mean and high of subscriptions and redemptions; `error`: mean
    absolute error of past forecasts over the flow, of both sides; `rival`: the same of the median of the last
    four days of that weekday; `known`: share in known hands."""

    start: date
    daily_fen: np.ndarray
    weeks: list[Week]
    error: tuple[float, float]
    rival: tuple[float, float]
    known: float
    coverage: float


def calendar(first: date, days: int) -> Days:
    """The days that the flow model looks at: exchanges keep weekends closed even where they are worked."""
    every = [first + timedelta(days=i) for i in range(days)]
    worked = np.array([is_banking_day(day) for day in every])
    return Days(first, worked & np.array([day.weekday() < 5 for day in every]), worked)


def product_flows(
    history_fen: np.ndarray,
    first: date,
    horizon: int,
    size_fen: int,
    band: Band,
    drawn_fen: np.ndarray | None = None,
    known: float = 0.0,
    yearly: float = 0.0,
    scenarios: int = 300,
) -> ProductFlows:
    """Flows of the `horizon` days after `history_fen` (int64[2, days] from `first` on).

    `drawn_fen`: int64[k, horizon], what known holders draw, by scenario. Raises InputError on a history too
    short to learn from.
    """
    days = history_fen.shape[1]
    if days < LEAST_DAYS:
        raise InputError("wealth_history_short", days=days, least=LEAST_DAYS)
    flows = np.maximum(history_fen.astype(np.float64), 100.0)
    dated = calendar(first, days + horizon)
    middle = forecast(flows, dated, horizon, relative=False)
    errors, actual, rival = _past(flows, dated, horizon)
    drawn = _drawn(middle, errors, scenarios)
    inside, coverage = _intervals(middle, errors)
    if drawn_fen is not None and known > 0:
        holders = drawn_fen[np.arange(scenarios) % len(drawn_fen)]
        drawn[:, 1] = (1 - known) * drawn[:, 1] + holders
        inside[1] = np.stack([np.quantile(drawn[:, 1], q, axis=0) for q in (0.1, 0.5, 0.9)])
    daily = np.stack([inside[:, 0], drawn.mean(axis=0), inside[:, 2]], axis=1)
    start = first + timedelta(days=days)
    weeks = _weeks(drawn, start, size_fen, band, yearly)
    return ProductFlows(
        start=start,
        daily_fen=np.rint(daily).astype(np.int64),
        weeks=weeks,
        error=actual,
        rival=rival,
        known=known,
        coverage=coverage,
    )


def _past(
    flows: Floats, dated: Days, horizon: int
) -> tuple[Floats, tuple[float, float], tuple[float, float]]:
    """Log errors of forecasts made before, float64[origins, sides, horizon]; how far off both were."""
    days = flows.shape[1]
    origins = [days - horizon - WEEK * i for i in range(ORIGINS)]
    origins = [o for o in origins if o >= LEAST_DAYS // 2]
    errors, off, off_rival, whole = [], np.zeros(2), np.zeros(2), np.zeros(2)
    for origin in origins:
        shown = Days(dated.first, dated.trading[: origin + horizon], dated.worked[: origin + horizon])
        told = forecast(flows[:, :origin], shown, horizon, relative=False)
        came = flows[:, origin : origin + horizon]
        errors.append(np.log(came) - np.log(told))
        off += np.abs(came - told).sum(axis=1)
        off_rival += np.abs(came - same_weekday(flows[:, :origin], horizon)).sum(axis=1)
        whole += came.sum(axis=1)
    of = (float(off[0] / whole[0]), float(off[1] / whole[1]))
    return np.array(errors), of, (float(off_rival[0] / whole[0]), float(off_rival[1] / whole[1]))


def same_weekday(flows: Floats, horizon: int, weeks: int = 4) -> Floats:
    """The simplest rival: the median of the last four days of the same weekday, float64[sides, horizon]."""
    last = np.stack([flows[:, flows.shape[1] - WEEK * w :][:, :WEEK] for w in range(1, weeks + 1)])
    return np.asarray(np.median(last, axis=0)[:, np.arange(horizon) % WEEK], np.float64)


def _drawn(middle: Floats, errors: Floats, scenarios: int) -> Floats:
    """Scenarios float64[k, sides, horizon]: for each week the errors of that week of a past forecast."""
    rng = np.random.default_rng([scenarios, middle.shape[1]])
    weeks = (middle.shape[1] + WEEK - 1) // WEEK
    origin = rng.integers(0, len(errors), (scenarios, weeks))
    found = np.empty((scenarios, *middle.shape))
    for week in range(weeks):
        part = slice(week * WEEK, (week + 1) * WEEK)
        found[:, :, part] = middle[None, :, part] * np.exp(errors[origin[:, week], :, part])
    return found


def _intervals(middle: Floats, errors: Floats) -> tuple[Floats, float]:
    """80 % intervals by split conformal, float64[sides, 3, horizon], and the share of the later half of past
    errors that intervals from the earlier half would have held."""
    half = max(len(errors) // 2, 1)
    later, earlier = errors[:half], errors[half:] if len(errors) > 1 else errors
    hit = []
    for side in range(middle.shape[0]):
        low, high = _bounds(earlier[:, side].ravel())
        hit.append((later[:, side] >= low) & (later[:, side] <= high))
    bounds = [_bounds(errors[:, side].ravel()) for side in range(middle.shape[0])]
    rows = [
        np.stack([middle[s] * np.exp(low), middle[s], middle[s] * np.exp(high)])
        for s, (low, high) in enumerate(bounds)
    ]
    return np.stack(rows), float(np.mean(hit))


def _bounds(errors: Floats) -> tuple[float, float]:
    n = len(errors)
    ranked = np.sort(errors)
    low, high = int(np.floor(0.1 * (n + 1))) - 1, int(np.ceil(0.9 * (n + 1))) - 1
    return float(ranked[max(low, 0)]), float(ranked[min(high, n - 1)])


def _weeks(drawn: Floats, start: date, size_fen: int, band: Band, yearly: float) -> list[Week]:
    """The weeks with their quotas, each given that earlier quotas are kept."""
    horizon = drawn.shape[2]
    size = np.full(len(drawn), float(size_fen))
    found = []
    for begin in range(0, horizon, WEEK):
        end = min(begin + WEEK, horizon)
        sold, drawn_out = drawn[:, 0, begin:end].sum(axis=1), drawn[:, 1, begin:end].sum(axis=1)
        kept = size * (1 + yearly * (end - begin) / 365) - drawn_out
        quota = _quota(kept, sold, float(band.high_fen))
        needed = max(0.0, band.low_fen - float(np.quantile(kept, LEFT)))
        size = kept + np.minimum(sold, quota)
        found.append(
            Week(
                first=start + timedelta(days=begin),
                last=start + timedelta(days=end - 1),
                subscribed_fen=_three(sold),
                redeemed_fen=_three(drawn_out),
                size_fen=_three(size),
                quota_fen=int(quota),
                needed_fen=int(np.ceil(needed)),
            )
        )
    return found


def _quota(kept: Floats, sold: Floats, high: float) -> float:
    """The most that may be sold so that size stays below `high` in all but `LEFT` of the scenarios; no more
    than anybody asks for in any scenario."""
    most = float(sold.max())
    if float(np.quantile(kept + sold, 1 - LEFT)) <= high:
        return most
    low, top = 0.0, most
    for _ in range(40):
        at = (low + top) / 2
        if float(np.quantile(kept + np.minimum(sold, at), 1 - LEFT)) <= high:
            low = at
        else:
            top = at
    return low


def _three(values: Floats) -> tuple[int, int, int]:
    low, high = np.quantile(values, [0.1, 0.9])
    return round(float(low)), round(float(values.mean())), round(float(high))


def drawn_by(need_fen: np.ndarray, holding_fen: int) -> np.ndarray:
    """What a holder draws a day when its needs (int64[k, days], in all until each day) are met from this
    holding: int64[k, days]."""
    met = np.minimum(need_fen, holding_fen)
    return np.asarray(np.diff(met, axis=1, prepend=0), np.int64)
