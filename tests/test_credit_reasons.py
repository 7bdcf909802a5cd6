"""Reasons of a model: which features may be one, how much they must matter, and which facts stand behind."""

import json
from dataclasses import dataclass, replace

import numpy as np
import pytest

from ledger.state import State
from services.credit.models import load_model
from services.credit.models.model import arrays_of, from_arrays
from services.credit.reasons import LEAST, effect_of
from tests.credit_stand_in import RICH, Model, Sources, decided, desk, policies, snapshot_in


@dataclass
class Undirected(Model):
    """May move the risk either way by one of its features."""

    aside: tuple[str, ...] = ()

    @property
    def directions(self):
        return {name: way for name, way in super().directions.items() if name not in self.aside}


@pytest.fixture
def at(tmp_path):
    state, snapshot = State(tmp_path), snapshot_in(tmp_path)
    return lambda sources: desk(snapshot, tmp_path, state, sources, policies=policies())


POOR = {"log_sales": 3.0, "overdue_share": 0.25, "seen_customers": 1.0, "position_level": 4.0}


def _features(answer):
    return [r["feature"] for r in answer["reasons"] if r["feature"]]


def test_an_effect_is_what_the_probability_would_be_without():
    assert effect_of(0.5, 0.0) == 0
    assert effect_of(0.2, np.log(0.25) - np.log(0.1 / 0.9)) == pytest.approx(0.1)
    assert effect_of(0.1, -1.0) < 0 < effect_of(0.1, 1.0)
    assert np.isfinite([effect_of(0.0, 2.0), effect_of(1.0, -2.0)]).all()


def test_a_feature_without_a_direction_is_no_reason(at):
    told = decided(at(Sources(values=POOR)))
    assert "overdue_share" in _features(told)
    aside = decided(at(Sources(values=POOR, its_model=Undirected(aside=("overdue_share",)))))
    assert aside["pd"] == told["pd"]
    assert "overdue_share" not in _features(aside)


def test_an_offer_that_is_cut_says_what_raises_the_risk(at):
    answer = decided(at(Sources(values=POOR)))
    assert answer["status"] == "approved"
    assert answer["reasons"][0]["code"] == "limit_bound_sales"
    assert [r["direction"] for r in answer["reasons"][1:3]] == ["raises_risk", "raises_risk"]
    first = answer["reasons"][1]
    assert (first["feature"], first["params"]["side"]) == ("overdue_share", "high")
    assert first["params"]["effect"] == effect_of(answer["pd"], 1.25)
    assert all(abs(r["params"]["effect"]) >= LEAST for r in answer["reasons"] if r["feature"])


def test_a_good_firm_is_told_of_the_cut_off_where_nothing_moves_much(at):
    small = Model(weights=(0.001, 0.01, -0.001, 0.001))
    answer = decided(at(Sources(its_model=small)), amount_fen=10_00)
    assert [r["code"] for r in answer["reasons"]] == ["pd_within"]
    assert answer["reasons"][0]["params"]["pd"] == answer["pd"]


def test_what_is_missing_speaks_for_nobody(at):
    class Missing(Model):
        def contributions(self, rows):
            rows = np.asarray(rows, float)
            return np.where(np.isnan(rows), np.array([-0.8, 0.8, -0.8, 0.8]), np.zeros(rows.shape))

    none = {"log_sales": None, "overdue_share": None, "seen_customers": 4.0, "position_level": 3.0}
    answer = decided(at(Sources(values=none, its_model=Missing())))
    assert _features(answer) == ["overdue_share"]
    assert answer["reasons"][-1]["code"] == "feature_unknown"


def test_of_two_figures_of_the_same_thing_one_is_a_reason(at):
    names = ("top1_customer", "top5_customers", "sales_red_share", "sales_red_share_all")
    model = Model(names=names, weights=(1.0, 0.9, 3.0, 2.0), base=-3.0)
    answer = decided(at(Sources(values=dict.fromkeys(names, 0.5), its_model=model)))
    assert _features(answer) == ["sales_red_share", "top1_customer"]


def test_without_statements_whole_books_are_not_asked_for_again(at):
    told = replace(RICH, cash_reason="cash_no_statements")
    values = {"log_sales": 6.0, "overdue_share": 0.05, "seen_customers": 4.0, "position_level": 3.0}
    answer = decided(at(Sources(values=values, money_is=told, machine_most=1)))
    assert (answer["status"], answer["advice"]) == ("manual_review", "hand_in_statements")


def test_a_partial_cash_path_is_told_and_bounds_nothing(at):
    partial = replace(RICH, cash_net_fen=(-500_00, -400_00, 900_00), cash_reason="cash_no_statements")
    answer = decided(at(Sources(money_is=partial)))
    assert (answer["status"], answer["limit"]["bound_by"]) == ("approved", "sales")
    part = next(p for p in answer["limit"]["parts"] if p["name"] == "cash_path")
    assert (part["base_fen"], part["applies"], part["reason"]) == (-500_00, False, "cash_no_statements")
    whole = decided(at(Sources(money_is=replace(partial, cash_reason=None))))
    assert (whole["status"], whole["limit"]["bound_by"]) == ("manual_review", "cash_path")


def test_the_shipped_model_keeps_its_directions_in_its_file():
    model = load_model()
    assert model.directions["sales_red_share"] == 1
    assert model.directions["log_sales"] == -1
    assert not {"sales_weekend_share", "sales_month_end_share", "retail_share"} & set(model.directions)
    about, arrays = arrays_of(model)
    about = json.loads(json.dumps(about))
    assert from_arrays({**about, "directions": {"log_sales": -1}}, arrays, "v").directions == {
        "log_sales": -1
    }
    del about["directions"]
    assert from_arrays(about, arrays, "v").directions == model.directions
    with pytest.raises(ValueError, match="direction"):
        from_arrays({**about, "directions": {"log_sales": 3}}, arrays, "v")
