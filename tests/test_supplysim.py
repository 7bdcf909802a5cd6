"""The ranker of next transactions and the published protocol it is measured by."""

import gzip
import json
import pickle
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from bench.supplysim import HOME
from bench.supplysim_production import mean_average_precision, synthetic, truth_of
from bench.supplysim_protocol import World, counted, read_world, sets_of
from gnn.temporal.plan import columns, learnt_recipes, orders
from gnn.temporal.ranker import fit, table
from gnn.temporal.sampling import Ranked, Steps, drawn, reciprocal_ranks

small_world = cache(synthetic)


@pytest.fixture(scope="module")
def steps() -> Steps:
    rows, _, firms, products = small_world(seed=2)
    return Steps.of(rows, firms, firms + products)


def test_negatives_are_never_true_in_their_step_and_of_the_right_kinds(steps: Steps) -> None:
    sets = drawn(steps, 80, 90, 92, seed=4)
    known = steps.until(80)
    old = set(known.key(known.source, known.target, known.product).tolist())
    for step, keys in zip(sets.step.tolist(), sets.keys, strict=True):
        rows = steps.at(step)
        assert len(keys) == 19
        true = set(steps.key(steps.source[rows], steps.target[rows], steps.product[rows]).tolist())
        assert keys[0] in true
        assert not true & set(keys[1:].tolist())
        assert len(set(keys.tolist())) == 19
        assert set(keys[1:10].tolist()) <= old
        places = [
            np.concatenate(steps.apart(keys[[k]])) != np.concatenate(steps.apart(keys[:1]))
            for k in range(10, 19)
        ]
        assert [int(np.flatnonzero(p).item()) for p in places] == [0] * 3 + [1] * 3 + [2] * 3


def test_draw_is_by_count_and_repeatable(steps: Steps) -> None:
    one, two = drawn(steps, 80, 81, 90, seed=1), drawn(steps, 80, 81, 90, seed=1)
    assert (one.keys == two.keys).all()
    known = steps.until(80)
    keys, count = np.unique(known.key(known.source, known.target, known.product), return_counts=True)
    times = np.array([(one.keys[:, 1:10] == key).sum() for key in keys])
    assert times[count >= np.quantile(count, 0.8)].mean() > times[count <= np.median(count)].mean()


def test_ties_share_the_middle_rank() -> None:
    scores = np.array([[1.0, 1, 1, 0], [2, 3, 1, 0], [0, 0, 0, 0]])
    assert reciprocal_ranks(scores).tolist() == [1 / 2, 1 / 2, 1 / 2.5]


def test_features_of_a_step_do_not_see_it_or_anything_later(steps: Steps) -> None:
    known = learnt_recipes(steps.until(80))
    sets = drawn(steps, 80, 85, 91, seed=3)
    before, names = table(steps, sets, known)
    for step in (85, 89):
        later = steps.ts >= step
        changed = replace(
            steps,
            source=np.where(later, steps.target, steps.source),
            target=np.where(later, steps.source, steps.target),
            weight=np.where(later, steps.weight * 7 + 1, steps.weight),
        )
        rows = np.repeat(sets.step <= step, sets.keys.shape[1])
        after, _ = table(changed, sets, known)
        assert (before[rows] == after[rows]).all()
        assert (before[~rows] != after[~rows]).any()
    assert len(names) == before.shape[1]
    assert np.isfinite(before).all()


def test_what_is_fitted_does_not_see_later_steps(steps: Steps) -> None:
    later = steps.ts > 80
    changed = replace(steps, weight=np.where(later, steps.weight * 9, steps.weight))
    one, two = learnt_recipes(steps.until(80)), learnt_recipes(changed.until(80))
    assert (one.amounts == two.amounts).all()
    assert (drawn(steps, 80, 70, 80, 0).keys == drawn(changed.until(80), 80, 70, 80, 0).keys).all()


def test_orders_explain_what_waits_in_stock(steps: Steps) -> None:
    known = learnt_recipes(steps)
    product = int(np.flatnonzero((known.amounts > 0).sum(axis=1) >= 2)[0])
    takes = known.amounts[product]
    made = np.zeros((steps.firms, steps.products), bool)
    made[5, product] = True
    known = replace(known, hidden=known.hidden * 0, unseen_supply=known.unseen_supply & False)
    stock = np.zeros(made.shape)
    first, second = np.flatnonzero(takes)[:2]
    stock[5, first] = 4 * takes[first]
    ordered, taken = orders(columns(known, made), stock)
    assert ordered[0] > 3.5
    assert taken[5, second] > 3.5 * takes[second]


@pytest.mark.slow
def test_stock_says_more_than_counts(steps: Steps) -> None:
    pytest.importorskip("lightgbm", reason="needs the extra `learn`")
    sets = drawn(steps, 90, 91, 119, seed=0)
    with_stock = reciprocal_ranks(fit(steps, 90, repeats=1).scores(steps, sets)).mean()
    counts = reciprocal_ranks(fit(steps, 90, repeats=1, stock=False).scores(steps, sets)).mean()
    assert with_stock > counts + 0.02


def _written(folder: Path, gz: bool) -> None:
    rows, _, firms, products = small_world(seed=2)
    names = [f"firm{i}" for i in range(firms)] + [f"product{i}" for i in range(products)]
    meta = {
        "product_threshold": firms,
        "train_max_ts": 80,
        "val_max_ts": 100,
        "id2entity": {str(i): name for i, name in enumerate(names)},
    }
    (folder / "std_meta.json").write_text(json.dumps(meta))
    text = rows.write_csv()
    if gz:
        (folder / "std.csv.gz").write_bytes(gzip.compress(text.encode()))
    else:
        (folder / "std.csv").write_text(text)


def _world(folder: Path, gz: bool = False) -> World:
    _written(folder, gz)
    world = read_world(folder, "std", folder)
    assert world is not None
    return world


def test_plain_and_packed_files_are_read_alike(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    plain, packed = _world(tmp_path / "a"), _world(tmp_path / "b", gz=True)
    assert plain.table.equals(packed.table)
    assert plain.has_test
    assert read_world(tmp_path, "shocks", tmp_path) is None


def test_stored_negatives_go_before_drawn_ones(tmp_path: Path) -> None:
    world = _world(tmp_path)
    sets, source = sets_of(world, "test", 0)
    assert source == "drawn"
    kept = {}
    for step, keys in zip(sets.step.tolist(), sets.keys, strict=True):
        s, b, p = world.steps.apart(keys)
        triplets = np.column_stack([s, b, p + world.threshold])
        kept[(*triplets[0].tolist(), step)] = triplets[1:].tolist()
    (tmp_path / "std_test_ns.pkl").write_bytes(pickle.dumps(kept))
    stored, source = sets_of(world, "test", 0)
    assert source == "stored"
    assert (stored.keys == sets.keys).all()


def test_a_file_of_negatives_that_is_code_is_refused(tmp_path: Path) -> None:
    world = _world(tmp_path)
    (tmp_path / "std_test_ns.pkl").write_bytes(pickle.dumps(print))
    with pytest.raises(pickle.UnpicklingError):
        sets_of(world, "test", 0)


def test_counting_knows_training_only_unless_streaming(tmp_path: Path) -> None:
    world = _world(tmp_path)
    last = world.steps.ts[-1]
    rows = world.steps.at(int(last))
    key = world.steps.key(world.steps.source[rows], world.steps.target[rows], world.steps.product[rows])
    sets = Ranked(np.full(len(key), last), key[:, None])
    past = world.table.filter(pl.col("ts") <= world.train_max)
    by_hand = past.group_by("source", "target", "product").len()
    of = {(s, b, p): n for s, b, p, n in by_hand.iter_rows()}
    want = [
        of.get((s, b, p + world.threshold), 0)
        for s, b, p in zip(*(x.tolist() for x in world.steps.apart(key)), strict=True)
    ]
    assert counted(world, sets)[:, 0].tolist() == want
    assert (counted(world, sets, streaming=True) >= counted(world, sets)).all()


@pytest.mark.parametrize("form", ["json", "csv"])
def test_truth_is_read_by_name(tmp_path: Path, form: str) -> None:
    if form == "json":
        (tmp_path / "production.json").write_text(json.dumps({"bread": ["flour", "salt", "gold"]}))
    else:
        (tmp_path / "std_prod_graph.csv").write_text("source,dest\nflour,bread\nsalt,bread\n")
    assert truth_of(tmp_path, "std", ("mill", "flour", "salt", "bread")) == {3: {1, 2}}
    assert truth_of(tmp_path / "none", "std", ()) is None


def test_average_precision_by_hand() -> None:
    scores = np.zeros((4, 4))
    scores[0] = [9, 3, 2, 1]  # its own score does not count
    assert mean_average_precision(scores, {10: {11, 13}}, 10) == pytest.approx((1 + 2 / 3) / 2)
    assert mean_average_precision(scores, {10: {11, 12, 13}}, 10) == 1


@pytest.mark.data
@pytest.mark.parametrize("name", ["std", "shocks", "missing"])
def test_binary_counting_reproduces_the_published_figure(name: str) -> None:
    world = read_world(HOME, name, HOME)
    if world is None:
        pytest.skip(f"no supplysim data at {HOME.name}")
    sets, _ = sets_of(world, "val", 0)
    known = (counted(world, sets) > 0).astype(float)
    assert reciprocal_ranks(known).mean() == pytest.approx(0.174, abs=0.004)
