"""Invented loans: the same every time, and trouble runs from buyers to suppliers."""

import json
from dataclasses import asdict

import numpy as np
import polars as pl
import pytest

from ledger.errors import InputError
from seeds.chains import load_chains
from seeds.economy import plant_loans
from seeds.firms import plan_firms
from seeds.goods import world_of
from seeds.links import plan_links
from seeds.loans import DEPENDENT, MONTHS, failures, loans_of, spread_of, weakness
from seeds.trade import plan_trade


@pytest.fixture(scope="module")
def plan():
    world = world_of(load_chains())
    firms = plan_firms(world, 3000, 5)
    links = plan_links(world, firms, 15000, 5)
    return firms, links, plan_trade(firms, links, 5)


def test_the_same_loans_every_time(plan):
    assert loans_of(*plan, 5).equals(loans_of(*plan, 5))
    assert not loans_of(*plan, 5).equals(loans_of(*plan, 6))


def test_a_loan_says_when_it_was_booked_and_how_it_ended(plan):
    loans = loans_of(*plan, 5)
    assert loans["synthetic"].all() and loans["code"].is_unique().all()
    assert loans["code"].is_sorted() and (loans["amount_fen"] > 0).all()
    bad = loans.filter("defaulted")
    assert 0.02 < bad.height / loans.height < 0.12
    year = (pl.col("defaulted_on") - pl.col("booked_on")).dt.total_days()
    assert bad.select(year.is_between(1, 366)).to_series().all()
    assert (bad["known_on"] == bad["defaulted_on"]).all()
    good = loans.filter(~pl.col("defaulted"))
    assert good["defaulted_on"].null_count() == good.height
    assert (
        good.select((pl.col("known_on") - pl.col("booked_on")).dt.total_days().is_between(364, 367))
        .to_series()
        .all()
    )


def test_core_enterprises_and_utilities_borrow_nothing(plan):
    firms = plan[0]
    apart = [*firms.code.gather(firms.cores), *firms.code.filter(pl.Series(firms.utility >= 0))]
    assert not loans_of(*plan, 5)["code"].is_in(apart).any()


def test_suppliers_of_weak_buyers_fail_more_because_of_them(plan):
    firms, links, trade = plan
    spread, weak = spread_of(links, trade), weakness(firms, trade, 5)
    trouble = np.bincount(spread.supplier, spread.weight * weak[spread.buyer], firms.count)
    able = (firms.segment >= 0) & ~np.isin(np.arange(firms.count), firms.cores)
    high, low = trouble > np.quantile(trouble[able], 0.75), trouble < np.quantile(trouble[able], 0.25)

    def apart(contagion):
        fell = failures(firms, links, trade, 5, contagion) < MONTHS
        return fell[able & high].mean() - fell[able & low].mean()

    assert apart(1.6) > apart(0.0) + 0.1


def test_a_large_share_weighs_more_than_its_size(plan):
    _, links, trade = plan
    spread = spread_of(links, trade)
    share = np.where(spread.weight >= DEPENDENT * 1.5, spread.weight / 1.8, spread.weight)
    assert (np.bincount(spread.supplier, share) <= 1 + 1e-6).all()
    assert spread.weight.max() > 1


def test_loans_beside_an_economy_that_had_none(tmp_path):
    from seeds import economy

    plan = economy._plan(1000, 5000, 3, lambda *_: None)
    manifest = economy._manifest(plan, 3, [], 0, 5000)
    (tmp_path / "economy.json").write_text(json.dumps(asdict(manifest)), "utf-8")
    plant_loans(tmp_path)
    shown = pl.read_parquet(tmp_path / "loan_labels.parquet")
    rest = pl.read_parquet(tmp_path / "truth" / "loans.parquet")
    whole = loans_of(plan.firms, plan.links, plan.trade, 3)
    assert pl.concat([shown, rest]).sort("code").equals(whole)
    assert 0.2 < shown.height / whole.height < 0.4
    before = (tmp_path / "loan_labels.parquet").read_bytes()
    plant_loans(tmp_path)
    assert (tmp_path / "loan_labels.parquet").read_bytes() == before


@pytest.mark.parametrize("text", ["", "{}", '{"complete": false, "enterprises": 1000, "links": 5000}'])
def test_a_folder_that_is_no_economy(tmp_path, text):
    (tmp_path / "economy.json").write_text(text, "utf-8")
    with pytest.raises(InputError):
        plant_loans(tmp_path)
