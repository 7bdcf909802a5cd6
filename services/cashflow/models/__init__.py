"""Forecasts of monthly amounts: pooled season times level, Theta, trees, their mix, intervals, coherence.

`forecast_panel` is the door; `fit_panel` keeps what was settled. Everything here runs with the core install
except growing trees (extra `finance`).
"""

from services.cashflow.models.accuracy import Accuracy, statement
from services.cashflow.models.coherence import bottom_up, reconciled, scaled_to
from services.cashflow.models.forecast import (
    COVERAGES,
    Forecast,
    Learned,
    PanelModel,
    fit_panel,
    forecast_panel,
)
from services.cashflow.models.panel import Panel, month_number, observed, panel_of

__all__ = [
    "COVERAGES",
    "Accuracy",
    "Forecast",
    "Learned",
    "Panel",
    "PanelModel",
    "bottom_up",
    "fit_panel",
    "forecast_panel",
    "month_number",
    "observed",
    "panel_of",
    "reconciled",
    "scaled_to",
    "statement",
]
