"""Calibration: curves that never fall, thresholds that keep their precision."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gnn.calibration import calibration_error, fit_curve, least_confidence


@given(st.integers(0, 2**32), st.integers(1, 3000))
def test_a_curve_never_falls_and_never_promises_certainty(seed, cases):
    rng = np.random.default_rng(seed)
    raw = rng.random(cases)
    curve = fit_curve(raw, rng.random(cases) < raw**2)
    told = curve(np.linspace(0, 1, 200))
    assert (np.diff(told) >= -1e-12).all()
    assert told.min() >= 0 and told.max() < 1
    assert told[0] < 0.5 or raw.min() == 0


def test_a_belief_of_nothing_is_told_as_nothing():
    curve = fit_curve(np.full(500, 0.98), np.ones(500, bool))
    assert curve(np.array([0.0]))[0] == 0 < curve(np.array([0.2]))[0] < 0.5 < curve(np.array([0.98]))[0]


def test_an_overconfident_model_is_brought_down():
    rng = np.random.default_rng(1)
    raw = rng.random(60_000)
    right = rng.random(60_000) < raw**3
    half = raw[:30_000], right[:30_000]
    curve = fit_curve(*half)
    assert calibration_error(raw[30_000:], right[30_000:]) > 0.2
    assert calibration_error(curve(raw[30_000:]), right[30_000:]) < 0.015


def test_all_right_is_told_as_nearly_sure_and_more_so_with_more_cases():
    few, many = (fit_curve(np.full(n, 0.9), np.ones(n, bool)) for n in (20, 2000))
    assert few(np.array([0.9]))[0] < many(np.array([0.9]))[0] < 1


def test_the_threshold_is_the_lowest_that_keeps_the_precision():
    told = np.array([0.9, 0.8, 0.7, 0.6, 0.5])
    right = np.array([True, True, False, True, False])
    assert least_confidence(told, right, 0.75) == 0.6
    assert least_confidence(told, right, 0.9) == 0.8
    assert least_confidence(told, ~right, 0.9) > 1


def test_equal_confidences_stand_or_fall_together():
    told, right = np.array([0.9, 0.9, 0.9, 0.2]), np.array([True, False, False, True])
    assert least_confidence(told, right, 0.9) > 1
