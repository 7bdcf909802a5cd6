"""Flows of many products a week ahead: one regression over all of them, least absolute error in logs.

    log flow = log median of the last six days of the type + b · columns

`b` minimises the sum of flow-weighted absolute errors with a ridge, by reweighted least squares; it needs
nothing but numpy. A gradient-boosted rival on the same rows (`boosted`) needs the extra `finance`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from services.wealth.rows import CALENDAR, LAGS, Floats, Panel, Rows, calendar_of, rows_from

_TAIL = len(CALENDAR) + 4
#: Ridge of the regression, the smallest error that is told apart, and rounds of reweighting.
RIDGE, SMALLEST, ROUNDS = 50.0, 0.03, 6
#: Days at the start that nothing is forecast from: the levels need them.
WARM = 40

Member = Callable[["Lesson", Rows], Floats]


@dataclass
class Learner:
    """A panel and the rows of every day of it, worked out once."""

    panel: Panel
    horizon: int = 7
    _told: Floats = field(init=False)
    _rows: dict[int, Rows | None] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._told = calendar_of(self.panel)

    def rows(self, origin: int) -> Rows | None:
        """The rows of the days from `origin` on."""
        if origin not in self._rows:
            self._rows[origin] = rows_from(self.panel, self._told, origin, self.horizon)
        return self._rows[origin]

    def lesson(self, origin: int) -> "Lesson":
        """Everything that was known on the eve of day `origin`."""
        logs = np.log(self.panel.flows)
        x, bases, targets, origins = [], [], [], []
        for q in range(min(WARM, origin), origin):
            rows = self.rows(q)
            if rows is None:
                continue
            n = min(self.horizon, origin - q)
            x.append(rows.x[:n].reshape(-1, rows.x.shape[-1]))
            bases.append(rows.base[:n].ravel())
            targets.append(np.moveaxis(logs[:, :, q : q + n], 2, 0).ravel())
            origins.append(np.full(bases[-1].shape, q))
        if not x:
            empty = np.empty(0)
            return Lesson(np.empty((0, 1)), empty, empty, empty)
        return Lesson(
            np.concatenate(x), np.concatenate(bases), np.concatenate(targets), np.concatenate(origins)
        )

    def forecast(self, origin: int, member: Member) -> Floats | None:
        """Flows of the days from `origin` on: float64[sides, products, horizon]; None: too few days."""
        rows, lesson = self.rows(origin), self.lesson(origin)
        if rows is None or not len(lesson.target):
            return None
        moved = member(lesson, rows).reshape(rows.base.shape)
        return np.moveaxis(np.exp(rows.base + moved), 0, 2)


@dataclass(frozen=True)
class Lesson:
    """Rows with known outcomes: `x` float64[n, columns], `base`, `target` (logs) and `origin` float64[n]."""

    x: Floats
    base: Floats
    target: Floats
    origin: Floats

    @property
    def weight(self) -> Floats:
        """The level of each row's flow over the mean level: an error counts in money, as in WMAPE."""
        weight = np.exp(self.base)
        return np.asarray(weight / weight.mean(), np.float64)


def linear(lesson: Lesson, rows: Rows) -> Floats:
    """The least-absolute-error regression; log change to each row's level, flat."""
    fitted = least_absolute(_design(lesson.x), lesson.target - lesson.base, lesson.weight, RIDGE)
    return np.asarray(_design(rows.x.reshape(-1, rows.x.shape[-1])) @ fitted, np.float64)


def boosted(lesson: Lesson, rows: Rows) -> Floats:
    """LightGBM on the same rows, absolute error. MissingExtra without `finance`."""
    from gnn.extra import needed

    lightgbm = needed("lightgbm")
    settings = {
        **{"objective": "l1", "learning_rate": 0.06, "num_leaves": 15, "min_data_in_leaf": 100, "seed": 1},
        **{"feature_fraction": 0.6, "bagging_fraction": 0.7, "bagging_freq": 1, "lambda_l2": 1.0},
        **{"verbose": -1, "num_threads": 1, "deterministic": True, "force_row_wise": True},
    }
    every = (lesson.origin.max() - lesson.origin) % 2 == 0  # neighbouring days say the same
    data = lightgbm.Dataset(
        lesson.x[every], (lesson.target - lesson.base)[every], weight=lesson.weight[every], free_raw_data=True
    )
    model = lightgbm.train(settings, data, 200)
    return np.asarray(model.predict(rows.x.reshape(-1, rows.x.shape[-1])), np.float64)


def least_absolute(design: Floats, target: Floats, weight: Floats, ridge: float) -> Floats:
    """argmin of sum(weight · |target − design · b|) + ridge: float64[columns]."""
    size = design.shape[1]
    penalty = np.eye(size) * ridge
    penalty[0, 0] = 1e-3
    now = weight
    fitted: Floats = np.zeros(size)
    for _ in range(ROUNDS):
        weighed = design * now[:, None]
        fitted = np.asarray(np.linalg.solve(weighed.T @ design + penalty, weighed.T @ target), np.float64)
        now = weight / np.maximum(np.abs(target - design @ fitted), SMALLEST)
    return fitted


def _design(x: Floats) -> Floats:
    """Columns of a row for a regression: levels and calendar, each also for trading days and redemptions."""
    side, ahead_of_type, told = x[:, -2:-1], x[:, -4:-3], x[:, -_TAIL:-4]
    trading = told[:, 7:8]
    levels = np.concatenate([np.ones((len(x), 1)), np.clip(x[:, :-_TAIL], -3, 3)], axis=1)
    since, until = np.minimum(told[:, 1:2], 8), np.minimum(told[:, 2:3], 8)
    weekday = told[:, :1] == np.arange(7)
    days = np.concatenate(
        [
            *(weekday * trading, trading, (since > 3) * trading, (until > 3) * trading),
            *(told[:, 4:5] < 2, told[:, 3:4] < 3, (told[:, 5:6] < 2) * trading),
            *(ahead_of_type / 7, ahead_of_type > 3),
        ],
        axis=1,
    ).astype(np.float64)
    lags = levels[:, 1 : 1 + LAGS] * ahead_of_type / 5
    return np.concatenate(
        [levels, levels * trading, days, days * side, levels * side * trading, lags], axis=1
    )
