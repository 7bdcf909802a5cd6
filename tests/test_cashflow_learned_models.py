"""Trees over panels and over long series: what they are shown, and that the graph's news reaches them."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("lightgbm")

from services.cashflow.models import fit_panel, panel_of
from services.cashflow.models.accuracy import wape
from services.cashflow.models.boosted import GrownAtOrigins, described, grow
from services.cashflow.models.buyers import LATEST, Due, together
from services.cashflow.models.global_series import Growing, global_forecasts
from services.cashflow.models.selection import Tournament
from services.cashflow.models.smoothing import damped, dynamic_theta

START = date(2022, 1, 1)
CUMCM = Path(__file__).parents[1] / ".." / "shared" / "data" / "cumcm2020c"


def world(suppliers: int = 220, months: int = 22) -> tuple[np.ndarray, Due]:
    """Suppliers with one buyer each, who is invoiced irregularly and pays one or three months later."""
    rng = np.random.default_rng(4)
    invoiced = rng.lognormal(8, 1, (suppliers, 1)) * rng.lognormal(0, 0.9, (suppliers, months))
    delay = np.where(np.arange(suppliers) % 2, 1, 3)
    paid = np.zeros((suppliers, months, LATEST))
    received = np.zeros((suppliers, months))
    for i, lag in enumerate(delay):
        paid[i, : months - lag, lag] = invoiced[i, : months - lag]
        received[i, lag:] = invoiced[i, : months - lag]
    received[:, 0] = np.nan
    return received, Due(np.arange(suppliers), invoiced, paid)


def test_trees_learn_when_buyers_pay_and_shuffled_buyers_tell_nothing():
    received, due = world()
    tournament = Tournament(panel_of(received, START), 2)
    pool, errors = due.of_pool(), {}
    for name, extra in {"plain": pool, "graph": together(pool, due), "shuffled": due.shuffled(1)}.items():
        grown = grow(tournament, 20, extra)
        assert grown is not None
        forecast = grown.forecast(tournament.panel.until(20), tournament.best(20, "rows"))
        errors[name] = wape(received[:, 20:22], forecast)
    assert errors["graph"] < 0.85 * min(errors["plain"], errors["shuffled"])


def test_trees_see_nothing_after_the_origin():
    received, due = world(60, 20)
    panel = panel_of(received, START)
    tournament = Tournament(panel, 2)
    base = tournament.best(16, "rows")
    shown = described(panel.until(16), base, due)
    later = received.copy()
    later[:, 16:] *= 100
    invoiced, paid = due.invoiced.copy(), due.paid.copy()
    invoiced[:, 16:] *= 100
    paid[:, 16:] *= 100
    changed = panel_of(later, START)
    again = described(changed.until(16), base, Due(due.supplier, invoiced, paid))
    assert np.array_equal(shown, again, equal_nan=True)
    one, two = (GrownAtOrigins(Tournament(p, 2)).forecast(p.until(16), base) for p in (panel, changed))
    assert one.tobytes() == two.tobytes()


def test_grown_trees_are_weighed_like_any_member_and_answer_without_the_library():
    received, _ = world(120, 24)
    tournament = Tournament(panel_of(received, START), 2)
    grown = grow(tournament, 22)
    assert grown is not None
    model = fit_panel(tournament.panel.until(22), 2, grown)
    assert set(model.weights) == {"pooled", "theta", "learned"}
    assert sum(w[0] for w in model.weights.values()) == pytest.approx(1.0)
    assert np.isfinite(model.forecast(received[:, :22]).mean).all()
    assert grow(tournament, 13) is None


def series(count: int = 60) -> list[np.ndarray]:
    """Growing, seasonal, noisy, each of its own length."""
    rng, out = np.random.default_rng(8), []
    for _ in range(count):
        t = np.arange(int(rng.integers(72, 110)))
        season = np.exp(rng.normal(0, 0.2, 12))[t % 12]
        out.append(
            rng.lognormal(6, 1)
            * np.exp(rng.normal(0.004, 0.004) * t)
            * season
            * rng.lognormal(0, 0.05, len(t))
        )
    return out


@pytest.mark.slow
def test_one_model_of_all_series_beats_repeating_the_year():
    whole = series()
    known, later = [one[:-12] for one in whole], np.array([one[-12:] for one in whole])
    ours = global_forecasts(known, 12, Growing(backs=(12, 18, 24, 30), trees=60))
    naive = np.array([one[-12:] for one in known])
    assert np.abs(later - ours).mean() < 0.8 * np.abs(later - naive).mean()
    again = global_forecasts(known, 12, Growing(backs=(12, 18, 24, 30), trees=60))
    assert ours.tobytes() == again.tobytes()
    with pytest.raises(ValueError, match="30 months"):
        global_forecasts([np.ones(20)], 3)


def test_smoothing_follows_trend_and_season():
    t = np.arange(96)
    season = 1 + 0.3 * np.sin(t / 6 * np.pi)
    one = (100 + t) * season
    ahead = (100 + np.arange(96, 108)) * season[:12]
    for found in (dynamic_theta([one], 12)[0], damped([one], 12)[0]):
        assert np.abs(found / ahead - 1).max() < 0.1
    short = dynamic_theta([np.array([2.0, 4.0])], 3)[0]
    assert short == pytest.approx(3.0)


@pytest.mark.data
@pytest.mark.slow
def test_real_books_are_read_as_they_were_measured():
    if not CUMCM.exists():
        pytest.skip("the real data is absent: ../shared/data/cumcm2020c")
    from bench.cashflow_panel import _rivals, at_origins, load, scores

    books = load(CUMCM)
    assert books.panel.rows == 532
    found = scores(books, at_origins(books, _rivals()["mean of 12 months"]))
    assert found["month"] == pytest.approx(0.612, abs=0.002)
    assert found["quarter"] == pytest.approx(0.472, abs=0.002)
    assert found["sales"] == pytest.approx(0.254, abs=0.002)
    assert found["purchases"] == pytest.approx(0.169, abs=0.002)
    naive = scores(books, at_origins(books, _rivals()["last month"]))
    assert naive["month"] == pytest.approx(0.790, abs=0.002)
