"""What is left of a firm's business without its best partners and months, by hand."""

from datetime import date

import numpy as np
import pytest

from services.features import features
from tests.feature_world import Sold, World, end_of, tables

LAST = 23


def _world() -> World:
    """D sells F 600 and H 400 yuan a month for a year, then F 900 and J 600; one month is larger."""
    sold = []
    for month in range(LAST + 1):
        fen = 1_000_00 if month < 12 else 1_500_00
        sold += [
            Sold("D", "F", month, fen * 6 // 10, "METAL"),
            Sold("D", "H" if month < 12 else "J", month, fen * 4 // 10, "METAL"),
            Sold("B", "D", month, 500_00, "ORE"),
        ]
    sold += [Sold("D", "F", 21, 20_000_00, "METAL"), Sold("D", "F", 22, 100_00, "METAL", "void")]
    sold += [Sold("B", "D", 5, 900_00, "ORE")]
    return World(sold=sold, own=frozenset(["D:sale", "D:purchase"]))


@pytest.fixture(scope="module")
def found():
    return features(tables(_world()), None, end_of(LAST))


TOTAL, F = 50_000, 38_000
MONTHS = np.array([1000.0] * 12 + [1500.0] * 12)
MONTHS[21] += 20_000


@pytest.mark.parametrize(("name", "value"), [
    ("log_sales_total", np.log10(TOTAL + 1)),
    ("log_sales_beyond_month", np.log10(TOTAL - 21_500 + 1)),
    ("log_sales_beyond_months", np.log10(TOTAL - 24_500 + 1)),
    ("log_sales_best_months", np.log10(24_501)),
    ("log_sales_median_month", np.log10(1251)),
    ("sales_months_small", 1),
    ("sales_months_large", 0),
    ("sales_volatility_all", MONTHS.std() / MONTHS.mean()),
    ("sales_idle_share", 0),
    ("log_sales_beyond_top1", np.log10(TOTAL - F + 1)),
    ("log_sales_beyond_top3", 0),
    ("log_sales_steady", np.log10(TOTAL + 1)),
    ("steady_customer_share", 1),
    ("once_customer_share", 0),
    ("top1_customer_all", F / TOTAL),
    ("hhi_customers_all", (F**2 + 4_800**2 + 7_200**2) / TOTAL**2),
    ("longest_customer", 24),
    ("log_purchases_total", np.log10(12_901)),
    ("loss_months_share", 1 / 24),
    ("buying_only_share", 0),
    ("log_sales_over_purchases", np.log10(TOTAL + 1) - np.log10(12_901)),
])  # fmt: skip
def test_by_hand(found, name, value):
    assert found.value(_world().row("D"), name) == pytest.approx(value, abs=1e-9)


def test_of_others_books_nothing_is_told(found):
    row = _world().row("F")
    assert found.value(row, "log_sales_total") is None
    assert found.reason(row, "log_sales_total") == "no_sales_books"


def test_on_an_earlier_day_later_months_count_nowhere():
    early = features(tables(_world()), None, date(2024, 12, 31))
    assert early.value(_world().row("D"), "log_sales_total") == pytest.approx(np.log10(12_001))
    assert early.value(_world().row("D"), "longest_customer") == 12


def test_a_snapshot_from_before_the_columns_says_so():
    older = tables(_world())
    coverage = older.coverage.select("enterprise", "side", "month", "invoices")
    from dataclasses import replace

    found = features(replace(older, coverage=coverage), None, end_of(LAST))
    assert found.reason(_world().row("D"), "sales_weekend_share") == "older_snapshot"
    assert found.reason(_world().row("D"), "sales_full_rate_share") == "older_snapshot"
