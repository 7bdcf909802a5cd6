"""Flows of products: nothing later is looked at, effects are found, quotas keep sizes in their band."""

from datetime import date, timedelta

import numpy as np
import pytest

from ledger.errors import InputError
from seeds import shelf_history
from services.wealth import season
from services.wealth.pooled import Learner, least_absolute, linear
from services.wealth.product_flows import Band, calendar, drawn_by, product_flows, same_weekday
from services.wealth.rows import Panel, calendar_of, rows_from
from services.wealth.stock import Stock

FIRST = date(2024, 12, 1)


def panel(days=160, products=4, seed=1, horizon=7):
    """Flows with a weekday effect and closed days, of a few products."""
    rng = np.random.default_rng(seed)
    trading = calendar(FIRST, days + horizon).trading
    weekday = (FIRST.weekday() + np.arange(days)) % 7
    level = np.exp(rng.normal(8, 1, (2, products, 1)))
    effect = np.where(trading[:days], 0.3 * (weekday == 0), -1.5)
    flows = level * np.exp(effect + rng.normal(0, 0.1, (2, products, days)))
    return Panel(flows, FIRST, trading, np.empty((0, products, days)))


def test_rows_look_at_nothing_later():
    whole = panel()
    told = calendar_of(whole)
    cut = whole.flows.copy()
    cut[:, :, 100:] = 1.0
    changed = Panel(cut, whole.first, whole.trading, whole.signals)
    assert np.array_equal(rows_from(whole, told, 100, 7).x, rows_from(changed, told, 100, 7).x)
    other = cut.copy()
    other[:, :, 99] *= 5
    later = Panel(other, whole.first, whole.trading, whole.signals)
    assert not np.array_equal(rows_from(later, told, 100, 7).x, rows_from(changed, told, 100, 7).x)


def test_a_lesson_ends_on_the_eve_of_its_day():
    whole = panel()
    cut = whole.flows.copy()
    cut[:, :, 120:] = 1.0
    told = Learner(whole).forecast(120, linear)
    assert np.array_equal(
        told, Learner(Panel(cut, whole.first, whole.trading, whole.signals)).forecast(120, linear)
    )


def test_the_pooled_model_beats_the_median_of_like_days():
    whole = panel(200)
    learner = Learner(whole)
    off = rival = 0.0
    for origin in (170, 177, 184, 191):
        came = whole.flows[:, :, origin : origin + 7]
        told = learner.forecast(origin, linear)
        off += np.abs(told - came).sum()
        for i in range(7):
            same = np.flatnonzero(whole.trading[:origin] == whole.trading[origin + i])[-4:]
            rival += np.abs(np.median(whole.flows[:, :, same], axis=2) - came[:, :, i]).sum()
    assert off < 0.95 * rival


def test_too_short_a_history_tells_nothing():
    assert Learner(panel(30)).forecast(12, linear) is None


def test_least_absolute_is_not_moved_by_outliers():
    rng = np.random.default_rng(1)
    design = np.stack([np.ones(200), rng.normal(size=200)], axis=1)
    target = design @ np.array([1.0, 2.0])
    target[::10] += 50
    assert least_absolute(design, target, np.ones(200), 1e-6) == pytest.approx([1, 2], abs=0.05)


def test_the_season_finds_effects_and_follows_the_level():
    days = season.Days(FIRST, *(calendar(FIRST, 230).trading, calendar(FIRST, 230).worked))
    columns = season.effects(days, 230, True, True)
    effect = np.where(days.trading, 0.0, -1.0) + 0.4 * (columns[:, 0] > 0)
    level = np.where(np.arange(230) < 120, 5.0, 6.0)
    noise = np.random.default_rng(3).normal(0, 0.05, (2, 230))
    flows = np.exp(level + effect + noise)
    told = season.forecast(flows[:, :200], days, 30)
    assert np.abs(told - flows[:, 200:]).sum() / flows[:, 200:].sum() < 0.12
    assert np.array_equal(told, season.forecast(np.concatenate([flows[:, :200]], axis=1), days, 30))


def test_relative_errors_pull_a_forecast_down():
    """MAPE punishes too much more than too little."""
    days = season.Days(FIRST, calendar(FIRST, 180).trading, calendar(FIRST, 180).worked)
    flows = np.exp(np.random.default_rng(2).normal(5, 0.7, (1, 150)))
    low, middle = (season.forecast(flows, days, 30, relative=r).mean() for r in (True, False))
    assert low < 0.9 * middle


def history(days=300, size=10**11):
    open_days = calendar(FIRST, days).trading.tolist()
    return shelf_history.history("S000007", size, open_days, FIRST)


def test_a_generated_history_does_not_depend_on_the_stretch_asked_for():
    open_days = calendar(FIRST, 40).trading.tolist()
    whole = shelf_history.history("S000007", 10**11, open_days, FIRST)
    later = shelf_history.history("S000007", 10**11, open_days[10:], FIRST + timedelta(days=10))
    assert np.array_equal(whole[:, 10:], later)


@pytest.fixture(scope="module")
def told():
    return product_flows(history(), FIRST, 28, 10**11, Band(98 * 10**9, 103 * 10**9))


def test_flows_have_intervals_and_beat_the_median_of_weekdays(told):
    low, middle, high = (told.daily_fen[:, i] for i in range(3))
    assert (low <= middle).all()
    assert (middle <= high).all()
    assert all(mine < rival for mine, rival in zip(told.error, told.rival, strict=True))
    assert 0.7 <= told.coverage <= 0.9
    assert told.start == FIRST + timedelta(days=300)
    assert sum(one.last.toordinal() - one.first.toordinal() + 1 for one in told.weeks) == 28


def test_quotas_keep_sizes_in_the_band(told):
    for week in told.weeks:
        assert week.size_fen[2] <= 103 * 10**9 + 1
        assert week.quota_fen >= 0
    narrow = product_flows(history(), FIRST, 28, 10**11, Band(98 * 10**9, 100 * 10**9))
    assert sum(week.quota_fen for week in narrow.weeks) < sum(week.quota_fen for week in told.weeks)
    below = product_flows(history(), FIRST, 28, 10**11, Band(110 * 10**9, 120 * 10**9))
    assert below.weeks[0].needed_fen > 0


def test_known_holders_who_need_their_money_draw_it():
    drawn = np.zeros((20, 28), np.int64)
    drawn[:, 9] = 5 * 10**9
    plain = product_flows(history(), FIRST, 28, 10**11, Band(0, 10**12))
    held = product_flows(history(), FIRST, 28, 10**11, Band(0, 10**12), drawn, known=0.2)
    at = 9
    assert held.daily_fen[1, 1, at] == pytest.approx(0.8 * plain.daily_fen[1, 1, at] + 5 * 10**9, rel=0.02)
    assert held.daily_fen[1, 1, 3] < plain.daily_fen[1, 1, 3]
    assert np.array_equal(held.daily_fen[0], plain.daily_fen[0])


def test_a_holder_draws_no_more_than_it_holds():
    need = np.array([[0, 10, 10, 40, 90]])
    assert drawn_by(need, 50).tolist() == [[0, 10, 0, 30, 10]]


def test_a_short_history_is_refused():
    with pytest.raises(InputError) as caught:
        product_flows(history(60), FIRST, 28, 10**11, Band(0, 10**12))
    assert caught.value.code == "wealth_history_short"


def test_same_weekday_is_a_median_of_four():
    flows = np.arange(28, dtype=float)[None]
    assert same_weekday(flows, 8)[0].tolist() == [10.5, 11.5, 12.5, 13.5, 14.5, 15.5, 16.5, 10.5]


def test_a_folder_of_ones_own_books_is_served(tmp_path):
    heads = "id,name,issuer,kind,form,level,lock_days,settle_days,benchmark_low,benchmark_high,benchmark_from"
    (tmp_path / "products.csv").write_text(
        f"{heads},least_yuan,size_yuan\nA1,甲,乙,fixed_income,open,R2,0,1,2,3,2025-01-01,1,1000000\n", "utf-8"
    )
    rows = [f"A1,{FIRST + timedelta(days=i)},100,50" for i in range(0, 200, 2)]
    (tmp_path / "flows.csv").write_text(
        "product,day,subscribed_yuan,redeemed_yuan\n" + "\n".join(rows), "utf-8"
    )
    stock = Stock(tmp_path)
    product = stock.product("A1")
    flows, first = stock.history(product, FIRST + timedelta(days=150))
    assert (first, flows.shape) == (FIRST, (2, 151))
    assert flows[:, 0].tolist() == [10_000, 5_000]
    assert flows[:, 1].tolist() == [0, 0]
    assert not product["synthetic"]
