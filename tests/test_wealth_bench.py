"""Flows of real products: the figures that the bench prints, where the data is there."""

import pytest

from bench.wealth_flows import FLOWS, _median, _panel, _wmape, yuebao

pytestmark = [pytest.mark.data, pytest.mark.slow]


@pytest.fixture(scope="module", autouse=True)
def data():
    if not FLOWS.is_dir():
        pytest.skip(f"no data at {FLOWS.name}")


def test_a_month_in_one_go_is_within_its_bar_and_beats_its_rivals():
    figures = yuebao(FLOWS)
    assert figures["mape"] <= 0.18
    table = figures["yuebao"]
    assert table["season"]["scored"] < table["weekday_median_4"]["scored"] < table["last_week"]["scored"]


def test_medians_of_like_days_are_counted_as_published():
    panel = _panel(FLOWS)
    origins = [panel.days - 7 * i for i in range(12, 0, -1)]
    assert 0.33 <= _wmape(panel, origins, lambda o: _median(panel, o, False))[0] <= 0.37
    assert 0.44 <= _wmape(panel, origins, lambda o: panel.flows[:, :, o - 7 : o])[0] <= 0.50


def test_a_folder_without_the_files_is_none(tmp_path):
    assert _panel(tmp_path) is None
    assert yuebao(tmp_path) is None
