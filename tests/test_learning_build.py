"""What a build learns: from nearly empty books, with models that are none, and what it must not touch."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from dayan.learning import learned, links_model, models_of, positions_model
from gnn.positions.table import OBSERVED
from gnn.registry.folder import shipped
from gnn.trees import from_arrays
from graph.csr import build
from graph.positions import Placing, positions
from ledger.errors import Conflict
from ledger.ledger import Ledger
from seeds.chains import load_chains
from tests.learned_world import chain, world

TOY = chain(ore="metal", metal="part", part="car")


def learn(folder, tables, chains=(TOY,)):
    return learned(tables, Ledger(folder), list(chains), models_of(folder), lambda _: None)


@pytest.mark.parametrize("links", [[], [("a", "b")]])
def test_books_with_hardly_anything_in_them_are_learned_from(tmp_path, links):
    tables = world({"a": "ore", "b": None, "c": None}, links)
    if not links:
        tables = replace(tables, months=[])
    made = learn(tmp_path, tables, load_chains())
    assert made.ordered()["positions"].filter(basis=OBSERVED).is_empty()
    assert made.inferred_links.is_empty() and made.goods_paths.is_empty()


def test_an_inferred_firm_keeps_the_levels_that_its_links_lead_to(tmp_path):
    firms = dict.fromkeys("abc", "ore") | dict.fromkeys("def", "metal") | dict.fromkeys("xy", "part")
    firms |= {"m": None, "z": "car"}
    links = [(a, b) for a in "abc" for b in "defm"] + [(a, b) for a in "defm" for b in "xy"]
    links += [("x", "z"), ("y", "z"), ("m", "z")]  # m also sells to the core itself
    tables = world(firms, links)
    names = sorted(firms)
    core = {"enterprise": names.index("z"), "name": "z", "code": "z"}
    tables = replace(tables, chains=[{"id": "toy", "name": {}, "segments": [], "cores": [core]}])
    made = learn(tmp_path, tables)
    row = made.positions.filter(enterprise=names.index("m")).row(0, named=True)
    assert (row["segment"], row["basis"], row["level"]) == ("metal", "inferred", 1)
    known = learn(tmp_path, replace(tables, chains=tables.chains)).positions
    assert known.equals(made.positions)


def test_a_model_of_another_make_is_refused_before_it_is_used(tmp_path):
    found = shipped("links")
    assert links_model(found).trees.feature.max() < len(found.about["model"]["columns"])
    with pytest.raises(Conflict) as refused:
        positions_model(found)
    assert refused.value.code == "model_of_other_make"
    weights = {**found.weights, "trees.feature": np.full_like(found.weights["trees.feature"], 10**6)}
    with pytest.raises(Conflict) as refused:
        links_model(replace(found, weights=weights))
    assert refused.value.code == "model_damaged"
    falling = {**shipped("positions").weights, "segment.named.true": np.array([0.9, 0.1])}
    with pytest.raises(Conflict):
        positions_model(replace(shipped("positions"), weights=falling))


@pytest.mark.parametrize(
    ("name", "values"),
    [("left", 0), ("right", 10**6), ("left", -(10**6)), ("feature", -1), ("leaf_at", 0)],
)
def test_trees_that_go_round_or_out_are_none(name, values):
    arrays = {k: np.array(v) for k, v in shipped("links").weights.items() if k.startswith("trees.")}
    arrays[f"trees.{name}"][1] = values
    with pytest.raises(ValueError, match="no trees"):
        from_arrays(arrays)


def test_an_inferred_firm_stays_in_another_chain_whose_core_it_reaches():
    """0 is inferred into chain a, and deals with the core enterprise of chain b alone."""
    frame = {"enterprise": [1], "chain": ["b"], "segment": ["b-end"], "share": [1.0], "role": ["manufacture"]}
    placed = pl.DataFrame(frame, schema_overrides={"enterprise": pl.Int32})
    guessed = placed.with_columns(
        enterprise=pl.lit(0, pl.Int32), chain=pl.lit("a"), segment=pl.lit("a-end"), share=pl.lit(0.8)
    )
    ends = [("a", "a-end", 0, "manufacture", True, True), ("b", "b-end", 0, "manufacture", True, True)]
    columns = ["chain", "segment", "tier", "role", "end", "terminal"]
    every = np.ones(1, np.bool_)
    given = Placing(
        chains=["a", "b"],
        segments=pl.DataFrame(ends, schema=columns, orient="row"),
        placed=placed,
        cores={"b": [1]},
        graph=build(2, [0], [1]),
        amount_fen=np.array([100_00], np.int64),
        usable=every,
        counted=every,
        counted_down=every,
        inferred=guessed,
    )
    rows = {r["chain"]: r for r in positions(given).filter(enterprise=0).iter_rows(named=True)}
    assert rows["b"]["level"] == 1 and rows["b"]["segment"] is None
