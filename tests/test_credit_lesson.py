"""Loans with features as they were known before the booking, and the lesson made of them."""

from datetime import date
from itertools import pairwise

import numpy as np
import polars as pl
import pytest

from gnn.registry.folder import promote, register
from ledger.errors import Conflict, InputError
from services.credit.models import load_model
from services.credit.models.dated import dated, typed
from services.credit.models.lesson import closed, evaluate, grades, lesson, own, served, split
from services.features import NUMBERS, features
from tests.test_features_strength import _world, tables

NAMES = ("log_sales", "sales_void_share_all")


@pytest.fixture(scope="module")
def world():
    made = tables(_world())
    firms = made.enterprises.with_columns(code=pl.col("id"))
    from dataclasses import replace

    return replace(made, enterprises=firms)


def loans(world, *days: date, bad: bool = False) -> pl.DataFrame:
    code = world.enterprises["id"][_world().row("D")]
    return pl.DataFrame({"code": [code] * len(days), "booked_on": list(days), "defaulted": [bad] * len(days)})


def test_features_are_of_the_quarter_that_was_over_before_the_booking(world):
    found = dated(world, loans(world, date(2025, 3, 30), date(2025, 3, 31), date(2025, 5, 2)), NAMES)
    assert found.table["day"].to_list() == [date(2024, 12, 31), date(2025, 3, 31), date(2025, 3, 31)]
    for row, day in zip(found.cases.rows, found.table["day"], strict=True):
        asked = features(world, [_world().row("D")], day, NAMES).matrix(NAMES)
        np.testing.assert_array_equal(row, asked[0])


def test_loans_too_early_or_of_strangers_are_left_out(world):
    with pytest.raises(InputError) as none:
        dated(world, loans(world, date(2024, 2, 1)), NAMES)
    assert none.value.code == "loans_none"
    stranger = loans(world, date(2025, 5, 2)).with_columns(code=pl.lit("nobody"))
    with pytest.raises(InputError):
        dated(world, stranger, NAMES)


def test_a_rating_is_refused_before_any_loan_is_read(world):
    with pytest.raises(Conflict):
        dated(world, pl.DataFrame(), ("log_sales", "信誉评级"))


def test_a_csv_of_words_is_read_and_nonsense_is_refused():
    text = pl.DataFrame(
        {"code": ["a", "b", "c"], "booked_on": ["2025-01-31"] * 3, "defaulted": ["是", "False", "maybe"]}
    )
    assert typed(text)["defaulted"].to_list() == [True, False]
    assert typed(text)["known_on"][0] == date(2026, 1, 31)
    with pytest.raises(InputError):
        typed(text.with_columns(booked_on=pl.lit("soon")))
    with pytest.raises(InputError):
        typed(text.drop("booked_on"))


def test_quick_defaults_of_the_latest_bookings_do_not_count():
    frame = pl.DataFrame(
        {
            "code": ["a", "b", "c"],
            "booked_on": [date(2024, 6, 30), date(2024, 12, 31), date(2025, 9, 30)],
            "defaulted": [False, True, True],
            "known_on": [date(2025, 6, 30), date(2025, 3, 1), date(2025, 10, 20)],
        }
    )
    assert closed(frame, date(2025, 12, 31))["code"].to_list() == ["a"]


def test_served_features_mean_the_same_however_long_the_books_are():
    assert set(served()) < set(NUMBERS)
    assert not {"books_months", "log_sales_total", "seen_customers"} & set(served())
    assert "buyers_log_sales" in served() and "buyers_log_sales" not in own(served())


def test_grades_count_every_loan_once():
    pd = np.array([0.0, 0.005, 0.01, 0.5, 1.0])
    rows = grades(pd, np.array([False, False, True, True, True]))
    assert [row["loans"] for row in rows] == [2, 1, 0, 0, 0, 2]
    assert sum(row["defaults"] for row in rows) == 3
    assert all(a["score"] > b["score"] for a, b in pairwise(rows))


@pytest.mark.slow
def test_a_lesson_on_a_small_economy_is_kept_promoted_and_used(tmp_path):
    from dayan.pipeline import compute
    from extraction.ingest import ingest
    from ledger.ledger import Ledger
    from seeds.chains import load_chains
    from seeds.economy import generate

    economy = tmp_path / "economy"
    generate(economy, 3000, 15_000)
    ledger = Ledger(tmp_path / "home")
    ingest([economy / "documents"], ledger)
    made, _ = compute(ledger, load_chains())
    known = pl.concat(
        [pl.read_parquet(economy / "loan_labels.parquet"), pl.read_parquet(economy / "truth/loans.parquet")]
    )
    trained = lesson(made, known, "0" * 16, True)
    assert trained.metrics["auc"] > 0.55
    assert set(trained.ablations) >= {"own_books", "one_feature"}
    version = register(tmp_path, "credit", trained)
    promote(tmp_path, "credit", version, even_so=True)
    model = load_model(tmp_path)
    assert model.version == version
    asked = date.fromisoformat(trained.model["asked_from"])
    again = evaluate(made, known, model, asked)
    assert again["auc"] > 0.5
    early, late = split(dated(made, closed(known, made.as_of), model.names))
    assert early.table["booked_on"].max() < late.table["booked_on"].min()
    assert not set(early.table["firm"]) & set(late.table["firm"])
