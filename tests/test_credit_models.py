"""Credit models: they add up, keep to their directions, know no bank's rating, outlive a file."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.errors import Conflict, NotFound
from services.credit.models import load_model, refuse_rating, score
from services.credit.models.directions import direction_of, directions, without
from services.credit.models.figures import all_of, auc, brier, ks, log_loss
from services.credit.models.fitting import Cases, fit_boosted, fit_card, fit_line, scales, solve
from services.credit.models.members import scaled
from services.credit.models.model import CreditModel, arrays_of, from_arrays, logistic
from services.credit.models.splits import folds
from services.credit.models.training import train
from services.features import CATALOGUE, NUMBERS
from tests.credit_worlds import DIRECTION, NAMES, PLAN, blended, cases

_VALUE = st.one_of(st.floats(-20, 20), st.just(float("nan")))
_ROW = st.lists(_VALUE, min_size=4, max_size=4)


def test_the_blend_holds_all_three_parts():
    assert blended().kinds == ("card", "line", "boosted")


@given(_ROW)
@settings(max_examples=60, deadline=None)
def test_contributions_and_base_add_up_to_the_log_odds(row):
    model = blended()
    rows = np.array([row])
    odds = model.base + model.contributions(rows).sum()
    assert logistic(np.array([odds]))[0] == pytest.approx(model.pd(rows)[0], abs=1e-12)
    assert 0 < model.pd(rows)[0] < 1


@given(_ROW, st.integers(0, 3), st.floats(0, 30))
@settings(max_examples=150, deadline=None)
def test_more_of_a_feature_never_moves_the_risk_the_wrong_way(row, at, more):
    if np.isnan(row[at]) or not DIRECTION[at]:
        return
    higher = list(row)
    higher[at] += more
    low, high = blended().pd(np.array([row, higher]))
    assert (high - low) * DIRECTION[at] >= -1e-12


@pytest.mark.parametrize("fit", [
    lambda c: fit_line(c, 0.0, 1.0),
    lambda c: fit_card(c, 4, 4, 1.0),
    lambda c: fit_boosted(c, 40, 0.1, 10, 1),
])  # fmt: skip
def test_each_part_keeps_to_a_direction_that_the_cases_speak_against(fit):
    c = cases()
    member = fit(Cases(c.rows, c.bad, -c.direction, c.group))
    values = np.linspace(2, 10, 30)
    rows = np.tile(np.nanmean(c.rows, axis=0), (30, 1))
    rows[:, 0] = values
    steps = np.diff(member.given(rows)[:, 0])
    assert (steps >= -1e-12).all()


def test_contributions_are_beyond_the_average_of_the_training_cases():
    np.testing.assert_allclose(blended().contributions(cases().rows).mean(axis=0), 0, atol=1e-9)


def test_it_ranks_and_is_calibrated_on_cases_it_never_saw():
    fresh = cases(4000, seed=9)
    told = blended().pd(fresh.rows)
    assert auc(told, fresh.bad) > 0.8
    assert told.mean() == pytest.approx(fresh.bad.mean(), abs=0.04)


@pytest.mark.parametrize("name", ["信誉评级", "bank_rating", "Rating", "信用评级", "own rating"])
def test_a_banks_rating_is_refused_by_name(name):
    with pytest.raises(Conflict) as refused:
        refuse_rating(["log_sales", name])
    assert refused.value.code == "rating_is_no_feature" and name in str(refused.value)
    c = cases()
    with pytest.raises(Conflict):
        train((*NAMES[:3], name), c)
    with pytest.raises(Conflict):
        CreditModel((name,), (), 1.0, 0.0, np.zeros(1))


def test_names_that_only_sound_like_it_are_let_in():
    refuse_rating(["operating_margin", "generating_sets"])
    refuse_rating(NUMBERS)


def test_a_model_read_back_says_the_same():
    model = blended()
    about, arrays = arrays_of(model)
    again = from_arrays(json.loads(json.dumps(about)), arrays, "v")
    assert (again.pd(cases().rows) == model.pd(cases().rows)).all()
    assert again.version == "v"


@pytest.mark.parametrize(("key", "value"), [
    ("mean", np.zeros(3)),
    ("calibration", np.array([-1.0, 0.0])),
    ("1.scale", np.zeros(4)),
    ("0.points", np.zeros(2)),
    ("2.owner", np.zeros(1, np.int64)),
    ("1.weight", np.full(4, np.nan)),
    ("weights", np.array([1.0, -1.0, 1.0])),
])  # fmt: skip
def test_a_damaged_file_is_no_model(key, value):
    about, arrays = arrays_of(blended())
    with pytest.raises((ValueError, KeyError)):
        from_arrays(about, {**arrays, key: value}, "v")


def test_the_same_training_gives_the_same_bytes():
    again = train(NAMES, cases(), PLAN)
    for (key, one), (_, other) in zip(
        sorted(arrays_of(blended())[1].items()), sorted(arrays_of(again)[1].items()), strict=True
    ):
        assert one.tobytes() == other.tobytes(), key


def test_rows_of_another_width_are_refused():
    with pytest.raises(ValueError, match="columns"):
        blended().pd(np.zeros((1, 3)))


def test_one_outcome_alone_teaches_nothing():
    c = cases(50)
    with pytest.raises(ValueError, match="outcomes"):
        train(NAMES, Cases(c.rows, np.zeros(50, np.bool_), c.direction, c.group))


def test_score_doubles_the_odds_and_stays_in_its_range():
    assert score(1 / 21) == 640
    assert score(1 / 41) == 675
    assert score(0.0) == 850 and score(1.0) == 300
    assert all(score(p) >= score(p + 0.01) for p in np.arange(0, 0.99, 0.01))


def test_the_line_is_at_its_optimum():
    c = cases()
    z = scaled(c.rows, *scales(c.rows), 3.0)
    weight, base = solve(z, c.bad, 4.0, 2.0, np.zeros(4, np.int64))
    slope = z.T @ (logistic(z @ weight + base) - c.bad) + 2.0 * weight
    assert np.all(np.abs(slope[weight != 0] + 4.0 * np.sign(weight[weight != 0])) < 0.05)
    assert np.all(np.abs(slope[weight == 0]) <= 4.05)
    assert abs((logistic(z @ weight + base) - c.bad).sum()) < 0.05


@pytest.mark.parametrize("values", [np.zeros(30), np.full(30, np.nan), np.r_[np.zeros(25), np.arange(5)]])
def test_a_card_bears_columns_of_one_value_nulls_and_ties(values):
    bad = np.arange(30) % 3 == 0
    rows = np.stack([values, np.where(bad, 5.0, 1.0) + np.arange(30) / 100], axis=1)
    card = fit_card(Cases(rows, bad, np.zeros(2, np.int64), np.arange(30)), 2, 4, 1.0)
    assert np.isfinite(card.given(np.array([[np.nan, np.nan], [99.0, -99.0]]))).all()
    assert auc(card.given(rows).sum(axis=1), bad) > 0.9


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=4, max_size=40))
def test_ranking_is_the_share_of_pairs_told_right(pairs):
    told = np.array([value / 5 for value, _ in pairs])
    bad = np.array([outcome for _, outcome in pairs])
    if bad.all() or not bad.any():
        with pytest.raises(ValueError, match="outcomes"):
            auc(told, bad)
        return
    wins = [(a > b) + 0.5 * (a == b) for a in told[bad] for b in told[~bad]]
    assert auc(told, bad) == pytest.approx(np.mean(wins))
    apart = max(abs((told[bad] <= t).mean() - (told[~bad] <= t).mean()) for t in told)
    assert ks(told, bad) == pytest.approx(apart)
    assert brier(told, bad) == pytest.approx(np.mean((told - bad) ** 2))
    assert log_loss(told, bad) >= 0


@given(st.integers(0, 10**6), st.integers(10, 80))
@settings(max_examples=30)
def test_folds_keep_groups_together_and_share_the_defaults_out(seed, n):
    rng = np.random.default_rng(seed)
    group, bad = rng.integers(0, n // 2, n), rng.random(n) < 0.3
    if len(np.unique(group)) < 5:
        return
    part = folds(bad, group, 5, seed)
    assert all(len(np.unique(part[group == g])) == 1 for g in np.unique(group))
    worst = [len(np.unique(group[bad & (part == k)])) for k in range(5)]
    assert max(worst) - min(worst) <= 1
    assert (part == folds(bad, group, 5, seed)).all()


def test_the_lists_name_features_of_the_catalogue():
    assert set(directions()) <= set(CATALOGUE)
    for of in ("grows_with_books", "rests_on_dates"):
        listed = set(CATALOGUE) - set(without(tuple(CATALOGUE), of))
        assert listed, of
    assert direction_of(["log_sales", "depth"]).tolist() == [-1, 0]


def test_the_shipped_model_looks_at_the_catalogue_and_keeps_to_its_directions():
    model = load_model()
    assert set(model.names) <= set(NUMBERS)
    rng = np.random.default_rng(1)
    rows = rng.normal(0, 3, (200, len(model.names)))
    rows[rng.random(rows.shape) < 0.3] = np.nan
    base = model.pd(rows)
    assert ((base > 0) & (base < 1)).all()
    for at, way in enumerate(direction_of(model.names)):
        if way:
            more = rows.copy()
            more[:, at] += 2.0
            assert ((model.pd(more) - base) * way >= -1e-12).all(), model.names[at]


def test_a_folder_without_a_model_of_its_own_gets_the_shipped_one(tmp_path):
    assert load_model(tmp_path).version == load_model().version


def test_a_shipped_folder_that_holds_nothing(monkeypatch, tmp_path):
    monkeypatch.setattr("services.credit.models.model.SHIPPED", tmp_path)
    with pytest.raises(NotFound):
        load_model()


def test_figures_by_name():
    assert set(all_of(np.array([0.1, 0.9]), np.array([False, True]))) == {"auc", "ks", "brier"}
