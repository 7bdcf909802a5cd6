"""Drift: the same gives 0, a turned embedding is the same, a shifted feature asks for action."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gnn.drift import Sample, alignment, drift_report, psi
from ledger.words import messages

COLUMNS = arrays(
    np.float64, st.integers(1, 60), elements=st.one_of(st.just(np.nan), st.floats(-1e6, 1e6), st.just(0.0))
)


def sample(n=2000, seed=1, embedding=None, **columns) -> Sample:
    rng = np.random.default_rng(seed)
    drawn = {
        "sales_log": rng.normal(6, 1, n),
        "top_share": rng.beta(1, 3, n),
        "retail": (rng.random(n) < 0.1) * 1.0,
    }
    return Sample(pl.Series([f"{i:04d}" for i in range(n)]), pl.DataFrame({**drawn, **columns}), embedding)


def rows(report: pl.DataFrame) -> dict:
    return {r["feature"]: r for r in report.iter_rows(named=True)}


@given(COLUMNS)
def test_the_same_is_zero(values):
    assert psi(values, values) == 0


@given(COLUMNS, COLUMNS)
def test_it_is_never_negative_and_no_matter_in_which_order(one, other):
    value = psi(one, other)
    assert np.isfinite(value) and value >= 0
    assert psi(one[::-1], np.random.default_rng(0).permutation(other)) == pytest.approx(value)


def test_it_is_the_sum_of_the_formula():
    old, new = np.arange(100.0), np.concatenate([np.arange(50.0), np.arange(50.0)])
    p = np.full(10, 10.5) / 105
    q = np.asarray([20.5] * 5 + [0.5] * 5) / 105
    assert psi(old, new) == pytest.approx(((q - p) * np.log(q / p)).sum())


def test_a_draw_of_the_same_is_stable_and_a_shift_asks_for_action():
    old = sample()
    report = rows(drift_report(old, sample(seed=2)))
    assert {r["band"] for r in report.values()} == {"stable"}
    moved = rows(drift_report(old, sample(seed=2, sales_log=np.random.default_rng(3).normal(7, 1, 2000))))
    assert moved["sales_log"]["band"] == "act" and moved["sales_log"]["psi"] > 0.25
    assert moved["top_share"]["band"] == "stable"
    assert moved["sales_log"]["sentence"] == "drift_act"


@pytest.mark.parametrize(("share", "band"), [(0.1, "stable"), (0.25, "watch"), (0.5, "act")])
def test_a_heap_of_zeros_does_not_hide_a_change(share, band):
    flag = (np.random.default_rng(4).random(2000) < share) * 1.0
    assert rows(drift_report(sample(), sample(seed=2, retail=flag)))["retail"]["band"] == band


def test_a_constant_that_becomes_another_is_seen():
    assert psi(np.full(500, 5.0), np.full(500, 3.0)) > 0.25
    assert psi(np.full(500, 5.0), np.full(500, np.nan)) > 0.25


@given(st.integers(0, 2**20), st.integers(2, 12))
@settings(max_examples=20, deadline=None)
def test_a_turned_embedding_is_the_same_after_alignment(seed, width):
    rng = np.random.default_rng(seed)
    old = rng.normal(size=(1500, width)) * rng.uniform(0.5, 2, width)
    turn, _ = np.linalg.qr(rng.normal(size=(width, width)))
    order = rng.permutation(1500)  # and the firms in another order
    turned = Sample(pl.Series([f"{i:04d}" for i in order]), embedding=(old @ turn)[order])
    reference = Sample(pl.Series([f"{i:04d}" for i in range(1500)]), embedding=old)
    report = drift_report(reference, turned)
    assert report.height == width and report["psi"].max() < 0.01
    assert alignment(reference, turned)[1] < 1e-9


def test_an_embedding_that_says_something_else_is_seen():
    rng = np.random.default_rng(5)
    old = rng.normal(size=(2000, 4))
    bent = np.where(old > 0, old * 3, old)
    report = drift_report(sample(embedding=old), sample(embedding=bent))
    assert "act" in report.filter(pl.col("feature").str.starts_with("embedding_"))["band"]
    assert alignment(sample(embedding=old), sample(embedding=bent))[1] > 0.5
    with pytest.raises(ValueError, match="turned"):
        drift_report(sample(embedding=old), Sample(pl.Series(["x"]), embedding=old[:1]))


def test_features_that_come_and_go_and_too_few_firms_say_so():
    old, new = sample(extra=np.ones(2000)), sample(seed=2, other=np.ones(2000))
    report = rows(drift_report(old, new))
    assert (report["extra"]["sentence"], report["other"]["sentence"]) == ("drift_gone", "drift_new")
    assert (report["extra"]["reference"], report["extra"]["current"], report["extra"]["psi"]) == (
        2000,
        0,
        None,
    )
    assert {r["band"] for r in rows(drift_report(sample(60), sample(60, seed=2))).values()} == {"unsure"}
    sentences = {f"drift_{code}" for code in ("stable", "watch", "act", "unsure", "new", "gone")}
    assert sentences <= set(messages())
    with pytest.raises(ValueError, match="one row a firm"):
        Sample(pl.Series(["a"]), embedding=np.zeros((2, 2)))
