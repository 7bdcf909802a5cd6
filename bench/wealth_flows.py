"""Part of bench `wealth`: flows of real products, a week ahead (AFAC) and a month ahead in one go (Yu'ebao).

Methods are compared on origins before the scored ones; the one that is best there is the figure. Everything
else is printed beside it.
"""

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl
import yaml

from ledger.errors import MissingExtra
from services.wealth.pooled import Learner, Member, boosted, linear
from services.wealth.product_flows import calendar
from services.wealth.rows import Floats, Panel
from services.wealth.season import Days, forecast

FLOWS = Path(__file__).parents[2] / "shared" / "data" / "flows"
WEEK, ORIGINS = 7, 12
SCORED = [(2014, month) for month in range(4, 9)]
BEFORE = [(2013, 12), (2014, 1), (2014, 2), (2014, 3)]
SHARES = np.array([0.45, 0.55])


def afac(folder: Path) -> dict[str, object] | None:
    """`wmape`, half of subscriptions and half of redemptions, over the last 12 weeks; None: no data."""
    panel = _panel(folder)
    if panel is None:
        return None
    scored = [panel.days - WEEK * i for i in range(ORIGINS, 0, -1)]
    before = [origin - WEEK * ORIGINS for origin in scored]
    learner = Learner(panel, WEEK)
    methods: dict[str, Callable[[int], Floats | None]] = {
        "last_week": lambda o: panel.flows[:, :, o - WEEK : o],
        "median_4_of_type": lambda o: _median(panel, o, False),
        "median_4_of_weekday": lambda o: _median(panel, o, True),
    }
    learned: dict[str, Member] = {"linear": linear, "boosted": boosted}
    kept: dict[tuple[str, int], Floats | None] = {}

    def told(name: str, origin: int) -> Floats | None:
        if (name, origin) not in kept:
            kept[name, origin] = learner.forecast(origin, learned[name])
        return kept[name, origin]

    try:
        told("boosted", before[0])
    except MissingExtra:
        del learned["boosted"]
    methods |= {name: partial(told, name) for name in learned}
    if len(learned) == 2:
        # Medians of logs lie a little above what absolute errors of sums ask for: shrunk a little, or not.
        for factor in (1.0, 0.975, 0.95, 0.925):
            methods[f"linear_boosted_{factor:g}"] = partial(_blended, told, factor)
    table = {}
    for name, method in methods.items():
        table[name] = {
            "before": _wmape(panel, before, method)[0],
            **dict(zip(("scored", "apply", "redeem"), _wmape(panel, scored, method), strict=True)),
        }
    chosen = min(table, key=lambda name: table[name]["before"])
    return {
        "wmape": table[chosen]["scored"],
        "wmape_method": chosen,
        "wmape_core": table["linear"]["scored"],
        "wmape_days": panel.days,
        "wmape_until": (panel.first + timedelta(days=panel.days - 1)).isoformat(),
        "afac": table,
    }


def _blended(told: Callable[[str, int], Floats | None], factor: float, origin: int) -> Floats:
    """Geometric mean of both learned methods, times `factor`."""
    both = [told(name, origin) for name in ("linear", "boosted")]
    assert both[0] is not None
    assert both[1] is not None
    return np.asarray(factor * np.sqrt(both[0] * both[1]), np.float64)


def _panel(folder: Path) -> Panel | None:
    """The funds of every file `afac*series*.csv` in the folder, each day once."""
    files = sorted(folder.glob("afac*series*.csv")) or sorted(folder.glob("*.csv"))
    views = [f"uv_key_page_{i}" for i in (1, 2, 3)]
    parts = []
    for file in files:
        frame = pl.read_csv(file, schema_overrides={"fund_code": pl.String, "transaction_date": pl.String})
        if {"fund_code", "transaction_date", "apply_amt", "redeem_amt"} <= set(frame.columns):
            views = [name for name in views if name in frame.columns]
            parts.append(frame.select("fund_code", "transaction_date", "apply_amt", "redeem_amt", *views))
    if not parts:
        return None
    day = pl.col("transaction_date").str.replace_all("-", "").str.to_date("%Y%m%d")
    frame = pl.concat(parts, how="diagonal").with_columns(day).unique(["fund_code", "transaction_date"])
    frame = frame.sort("fund_code", "transaction_date")
    counts = frame.group_by("transaction_date").len().sort("transaction_date")
    funds = frame["fund_code"].n_unique()
    whole = counts.filter(pl.col("len") == funds)["transaction_date"]
    first, last = whole[0], whole[-1]
    if (last - first).days + 1 != len(whole):
        raise ValueError("days are missing between the first and the last")
    frame = frame.filter(pl.col("transaction_date").is_between(first, last))
    days = len(whole)

    def cube(name: str) -> Floats:
        return frame[name].to_numpy().astype(np.float64).reshape(funds, days)

    signals = np.stack([cube(name) for name in views]) if views else np.empty((0, funds, days))
    flows = np.maximum(np.stack([cube("apply_amt"), cube("redeem_amt")]), 1.0)
    return Panel(flows, first, calendar(first, days + WEEK).trading, np.maximum(signals, 1.0))


def _median(panel: Panel, origin: int, weekday: bool) -> Floats:
    """The median of the last four days of the same type, and of the same weekday where `weekday`."""
    found = []
    for t in range(origin, origin + WEEK):
        same = np.flatnonzero(panel.trading[:origin] == panel.trading[t])
        if weekday:
            alike = same[(t - same) % 7 == 0]
            same = alike if len(alike) >= 4 else same
        found.append(np.median(panel.flows[:, :, same[-4:]], axis=2))
    return np.stack(found, axis=2)


def _wmape(
    panel: Panel, origins: list[int], method: Callable[[int], Floats | None]
) -> tuple[float, float, float]:
    off, whole = np.zeros(2), np.zeros(2)
    for origin in origins:
        told = method(origin)
        came = panel.flows[:, :, origin : origin + WEEK]
        assert told is not None
        off += np.abs(told[:, :, : came.shape[2]] - came).sum(axis=(1, 2))
        whole += came.sum(axis=(1, 2))
    each = off / whole
    return round(float(each.mean()), 4), round(float(each[0]), 4), round(float(each[1]), 4)


def yuebao(folder: Path) -> dict[str, object] | None:
    """`mape` of five months told in one go on their eve; None where the data is not there."""
    file = folder / "yuebao_daily.csv"
    if not file.is_file():
        return None
    frame = pl.read_csv(file)
    dates = [date(d // 10_000, d // 100 % 100, d % 100) for d in frame["Date"]]
    flows = np.stack([frame["purchase"].to_numpy(), frame["redeem"].to_numpy()]).astype(np.float64)
    days = _days(dates[0], len(dates))
    methods: dict[str, Callable[[int, int], Floats]] = {
        "last_week": lambda o, n: flows[:, o - WEEK + np.arange(n) % WEEK],
        "weekday_median_4": lambda o, n: _weekday_median(flows, days, o, n),
        "season_1_week": lambda o, n: forecast(flows[:, :o], days, n, memories=(7,)),
        "season_2_weeks": lambda o, n: forecast(flows[:, :o], days, n, memories=(14,)),
        "season_4_weeks": lambda o, n: forecast(flows[:, :o], days, n, memories=(28,)),
        "season_no_quarter": lambda o, n: forecast(flows[:, :o], days, n, quarter=False),
        "season_no_day_of_month": lambda o, n: forecast(flows[:, :o], days, n, of_month=(False,)),
        "season_logs": lambda o, n: forecast(flows[:, :o], days, n, relative=False),
        "season": lambda o, n: forecast(flows[:, :o], days, n),
    }
    table: dict[str, dict[str, object]] = {}
    for name, method in methods.items():
        scored, over, months = _mape(flows, dates, SCORED, method)
        before, _, early = _mape(flows, dates, BEFORE, method)
        table[name] = {
            **{"scored": scored, "over_30_percent": over, "months": months},
            **{"before": before, "last_before": early[-1]},
        }
    memories = [name for name in table if name.endswith(("week", "weeks")) and name != "last_week"]
    of_before = min(memories, key=lambda name: float(str(table[name]["before"])))
    return {
        "mape": table["season"]["scored"],
        "mape_over_30_percent": table["season"]["over_30_percent"],
        "mape_memory_of_before": table[of_before]["scored"],
        "yuebao": table,
    }


def _days(first: date, count: int) -> Days:
    told = yaml.safe_load((Path(__file__).parent / "wealth_days.yaml").read_text("utf-8"))
    off = {
        begin + timedelta(days=i) for begin, end in told["days_off"] for i in range((end - begin).days + 1)
    }
    every = [first + timedelta(days=i) for i in range(count)]
    trading = [day.weekday() < 5 and day not in off for day in every]
    worked = [is_open or day in told["worked"] for is_open, day in zip(trading, every, strict=True)]
    return Days(first, np.array(trading), np.array(worked))


def _weekday_median(flows: Floats, days: Days, origin: int, count: int) -> Floats:
    found = []
    known = np.arange(origin)
    for t in range(origin, origin + count):
        same = known[days.trading[:origin] == days.trading[t]]
        alike = same[(t - same) % 7 == 0] if days.trading[t] or (days.first.weekday() + t) % 7 >= 5 else same
        found.append(np.median(flows[:, alike[-4:]], axis=1))
    return np.stack(found, axis=1)


def _mape(
    flows: Floats, dates: list[date], months: list[tuple[int, int]], method: Callable[[int, int], Floats]
) -> tuple[float, float, list[float]]:
    """Mean over months of .45 MAPE of purchases + .55 of redemptions; share of days more than 30 % off."""
    each, over = [], []
    for year, month in months:
        at = [i for i, day in enumerate(dates) if (day.year, day.month) == (year, month)]
        off = np.abs(method(at[0], len(at)) - flows[:, at]) / flows[:, at]
        each.append(round(float(SHARES @ off.mean(axis=1)), 4))
        over.append(float(SHARES @ (off > 0.3).mean(axis=1)))
    return round(float(np.mean(each)), 4), round(float(np.mean(over)), 4), each
