"""Which product is made of which, from transactions alone."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.supplysim_production import learnt, mean_average_precision, pmi, synthetic
from gnn.production.inputs import learn_inputs, recipes

FIRM_A, FIRM_B, RAW, SHOP = 0, 1, 2, 3
FLOUR, SALT, BREAD, PAPER = 10, 11, 12, 13


def _bakeries(units: list[int], flour: int = 3, salt: int = 2) -> pl.DataFrame:
    """Two bakeries that buy flour and salt for each loaf a step before; one also buys paper."""
    rows = []
    for t, n in enumerate(units):
        for firm in (FIRM_A, FIRM_B):
            rows += [(2 * t, RAW, firm, FLOUR, flour * n), (2 * t, RAW, firm, SALT, salt * n)]
            rows.append((2 * t + 1, firm, SHOP, BREAD, n))
        rows.append((2 * t, RAW, FIRM_A, PAPER, 7))
    names = ["ts", "source", "target", "product", "weight"]
    return pl.DataFrame(rows, schema=names, orient="row")


@settings(max_examples=8, deadline=None)
@given(st.lists(st.integers(1, 40), min_size=8, max_size=20), st.integers(1, 9), st.integers(1, 9))
def test_amounts_of_a_known_recipe_are_found(units: list[int], flour: int, salt: int) -> None:
    found = recipes(learn_inputs(_bakeries(units, flour, salt)))
    amounts = {item: amount for product, item, amount in found.iter_rows() if product == BREAD}
    assert amounts[FLOUR] == pytest.approx(flour, rel=0.02)
    assert amounts[SALT] == pytest.approx(salt, rel=0.02)


def test_an_input_only_one_maker_buys_comes_last() -> None:
    found = learn_inputs(_bakeries([3, 8, 1, 5, 2, 9, 4, 6, 7, 2]))
    bread = found.filter(pl.col("product") == BREAD)
    assert bread["input"].to_list()[-1] == PAPER
    assert bread["score"].is_sorted(descending=True)
    assert bread.filter(pl.col("input") == PAPER)["covered"].item() == 0.5


def test_a_product_nobody_sells_gets_what_is_bought_and_never_used() -> None:
    found = learn_inputs(_bakeries([3, 8, 1, 5, 2, 9, 4, 6, 7, 2]), products=[BREAD, 99])
    unseen = found.filter(pl.col("product") == 99)
    assert unseen["score"].max() <= 0.5
    used = unseen.filter(pl.col("input") == FLOUR)["score"].item()
    assert unseen.filter(pl.col("input") == BREAD)["score"].item() > used


def test_order_of_rows_does_not_matter() -> None:
    table, *_ = synthetic(seed=3)
    assert learn_inputs(table).equals(learn_inputs(table.sample(fraction=1, shuffle=True, seed=5)))


def test_nothing_bought_gives_an_empty_table() -> None:
    assert learn_inputs(_bakeries([1]).clear()).height == 0


@pytest.mark.parametrize("seen", [1.0, 0.8])
def test_beats_counting_firms_where_the_truth_is_known(seen: float) -> None:
    table, truth, first, size = synthetic(seed=1, seen=seen)
    sold = set(table["product"].unique().to_list())
    truth = {product: inputs for product, inputs in truth.items() if product in sold}
    ours = mean_average_precision(learnt(table, first, size), truth, first)
    assert ours > mean_average_precision(pmi(table, first, size), truth, first)
    assert ours > 0.9
