"""Positions by all that speaks for them: what is plain, what links say, what cannot be said."""

import dataclasses

import numpy as np
import polars as pl
import pytest

from gnn.calibration import Curve, calibration_error
from gnn.positions.hiding import Hidden, hide
from gnn.positions.messages import link_table, neighbours_say
from gnn.positions.model import PositionModel, arrays_of, from_arrays, stand
from gnn.positions.plain import what_is_plain
from gnn.positions.signs import SIGNS, Signs, words_of
from gnn.positions.table import position_table
from gnn.positions.training import START, Settings, train
from gnn.view import view_of
from seeds.chains import load_chains
from tests.learned_world import chain, economy, seats, world

TOY = chain(ore="metal", metal="part", part="car", glue="part")


def plain_model(rounds: int = 3, least: float = 0.5) -> PositionModel:
    """The starting weights, uncalibrated."""
    same = Curve(np.array([0.0, 1.0]), np.array([0.0, 1.0]))
    weight = np.array([START[name] for name in SIGNS], np.float32)
    return PositionModel(np.tile(weight, (rounds, 2, 1)), (same, same), (same, same), least)


def toy(silent: str = "") -> tuple:
    """Ore makers sell to metal makers, these and glue makers to makers of parts, these to a car maker."""
    firms = dict.fromkeys("abcd", "ore") | dict.fromkeys("efgh", "metal") | dict.fromkeys("ijkl", "glue")
    firms |= dict.fromkeys("mnop", "part") | {"z": "car"}
    links = [(a, b) for a in "abcd" for b in "efgh"] + [(a, b) for a in "efghijkl" for b in "mnop"]
    links += [(a, "z") for a in "mnop"]
    tables = world({name: None if name in silent else item for name, item in firms.items()}, links)
    view = view_of(tables)
    return tables, view, what_is_plain(view, [TOY])


def segment_of(plain, found, tables, name: str) -> str | None:
    at = tables.enterprises["name"].to_list().index(name)
    return plain.seats.ids[found.best[at]] if found.placed[at] else None


def test_named_goods_say_where_a_firm_stands():
    tables, view, plain = toy()
    found = stand(view, plain, words_of(view, plain), plain_model())
    told = {name: segment_of(plain, found, tables, name) for name in "aeimz"}
    assert told == {"a": "ore", "e": "metal", "i": "glue", "m": "part", "z": "car"}


def test_a_firm_without_named_goods_stands_where_its_partners_say():
    tables, view, plain = toy(silent="ec")
    found = stand(view, plain, words_of(view, plain), plain_model())
    assert segment_of(plain, found, tables, "e") == "metal"  # buys ore, sells to makers of parts
    assert segment_of(plain, found, tables, "c") == "ore"  # sells to makers of metal
    assert not found.named[tables.enterprises["name"].to_list().index("e")]


def test_of_a_firm_without_goods_and_links_nothing_is_said():
    firms = {"a": "ore", "b": "metal", "c": None, "d": "car"}
    tables = world(firms, [("a", "b"), ("b", "d")])
    view = view_of(tables)
    plain = what_is_plain(view, [TOY])
    found = stand(view, plain, words_of(view, plain), plain_model(least=0.0))
    assert found.best[2] == -1 and found.confidence[2] == 0
    assert segment_of(plain, found, tables, "a") == "ore"


def test_the_table_tells_observed_from_inferred_and_levels_count_from_the_core():
    tables, view, plain = toy(silent="e")
    model = plain_model()
    found = stand(view, plain, words_of(view, plain), model)
    names = tables.enterprises["name"].to_list()
    table = position_table(view, plain, found, model, [TOY], {"toy": [names.index("z")]})
    row = {names[r["enterprise"]]: r for r in table.iter_rows(named=True)}
    assert (row["e"]["segment"], row["e"]["basis"], row["e"]["level"]) == ("metal", "inferred", 2)
    assert (row["f"]["segment"], row["f"]["basis"], row["f"]["level"]) == ("metal", "observed", 2)
    assert row["e"]["probability"] < row["f"]["probability"] <= 1
    assert row["e"]["depth"] == pytest.approx(row["f"]["depth"], abs=0.2)
    assert all(r["chain_probability"] >= (r["probability"] or 0) for r in row.values())


def test_a_trace_of_named_goods_gives_a_firm_no_second_seat():
    # e sells shoes, which stand in no chain, and once a little metal: it stands where its partners say, once.
    tables, _, _ = toy(silent="e")
    e, m = (tables.enterprises["name"].to_list().index(name) for name in "em")
    shoes, metal = tables.products.height, tables.products["item"].to_list().index("METAL")
    sold = pl.DataFrame(
        [(0, e, m, shoes, 100_000), (0, e, m, metal, 100)], schema=tables.item_flow.schema, orient="row"
    )
    tables = dataclasses.replace(
        tables,
        products=pl.concat([tables.products, tables.products.head(1).with_columns(item=pl.lit("SHOES"))]),
        item_flow=pl.concat([tables.item_flow, sold]),
    )
    view, model = view_of(tables), plain_model()
    plain = what_is_plain(view, [TOY])
    found = stand(view, plain, words_of(view, plain), model)
    table = position_table(view, plain, found, model, [TOY], {"toy": []})
    assert not table.select("enterprise", "chain").is_duplicated().any()
    (row,) = table.filter(pl.col("enterprise") == e).iter_rows(named=True)
    assert (row["segment"], row["basis"]) == ("metal", "inferred")


def test_a_neighbour_that_nobody_can_place_says_nothing():
    unknown = np.full((1, 4), -1, np.int16)
    lift = np.full((3, 3), 2.0, np.float32)
    said = neighbours_say(
        np.array([0, 1]), np.array([0], np.int32), np.ones(1, np.float32), unknown,
        np.zeros((1, 4), np.float32), lift, np.array([0]),
    )  # fmt: skip
    assert (said == 0).all()


def test_links_seen_more_often_than_chance_speak_for_their_ends():
    seller, buyer = np.array([[0], [0], [1]], np.int16), np.array([[1], [1], [2]], np.int16)
    sure = np.ones((3, 1), np.float32)
    of_buyers, of_sellers = link_table(seller, sure, buyer, sure, np.full((3, 3), 0.01))
    assert of_buyers[1].argmax() == 0 and of_buyers[2].argmax() == 1  # who buys like 1 buys from 0 …
    assert of_sellers[0].argmax() == 1 and of_sellers[1].argmax() == 2
    assert of_buyers[1, 0] > 1 > of_buyers[1, 1]


def test_what_each_sign_gave_adds_up_to_the_score():
    _, view, plain = toy(silent="e")
    words, model = words_of(view, plain), plain_model(rounds=1)
    found = stand(view, plain, words, model)
    signs = Signs(view, plain, words, plain.own).of(np.array([4]))[0]
    score = signs @ model.weight[0, 0]
    assert plain.seats.ids[found.best[4]] == "metal"
    assert found.gave[4].sum() == pytest.approx(float(score.max() - score.mean()), abs=1e-4)
    strongest = SIGNS[int(found.gave[4].argmax())]
    assert strongest in {"customers", "suppliers", "weighty"}


def test_a_model_comes_back_from_its_arrays():
    model = plain_model()
    back = from_arrays(arrays_of(model))
    assert (back.weight == model.weight).all() and back.least == model.least
    assert (back.segment[1].raw == model.segment[1].raw).all()


@pytest.mark.slow
def test_training_places_firms_it_was_not_shown_and_knows_how_sure_it_is():
    tables, labels, truth = economy()
    view = view_of(tables)
    from seeds.chains import load_chains

    hidden, silent = hide(view, Hidden(), 1)
    plain = what_is_plain(hidden, load_chains())
    words = words_of(hidden, plain)
    known, asked = (seats(frame, tables, plain.seats.number) for frame in (labels, truth))
    model = train(hidden, plain, words, known)
    found = stand(hidden, plain, words, model)
    scored = (asked[:, 0] >= 0) & ~plain.hubs
    right = (found.best[:, None] == asked).any(axis=1) & (found.best >= 0)
    assert (right & found.placed)[scored].mean() > 0.8
    assert right[scored & found.placed].mean() > 0.9
    assert (right & found.placed)[scored & silent].mean() > 0.6
    assert calibration_error(found.confidence[scored], right[scored]) < 0.05
    again = train(hidden, plain, words, known)
    assert (again.weight == model.weight).all()


@pytest.mark.slow
@pytest.mark.slow
def test_a_second_seat_is_told_as_likely_as_it_is():
    pytest.importorskip("torch")
    tables, labels, truth = economy(4_000, 2)
    view, chains = view_of(tables), load_chains()
    plain = what_is_plain(view, chains)
    number = {segment: i for i, segment in enumerate(plain.seats.ids)}
    model = train(view, plain, words_of(view, plain), seats(labels, tables, number))
    found = stand(view, plain, words_of(view, plain), model)
    told = position_table(view, plain, found, model, chains, {})
    firm, where = told["enterprise"].to_numpy(), plain.seats.numbers(told["segment"].fill_null(""))
    further = (found.best[firm] != where) & (
        told["segment"].is_not_null() & (told["basis"] == "observed")
    ).to_numpy()
    assert further.sum() > 100
    every = pl.concat([labels, truth.select(labels.columns)])  # the truth leaves out what the labels tell
    true = (seats(every, tables, number)[firm] == where[:, None]).any(axis=1)[further]
    probability = told["probability"].to_numpy()[further]
    assert abs(probability.mean() - true.mean()) < 0.1
    assert np.all((probability >= 0) & (probability <= 1))


def test_weights_trained_by_pytorch_give_the_same_without_it():
    torch = pytest.importorskip("torch")
    _, view, plain = toy(silent="ei")
    signs = Signs(view, plain, words_of(view, plain), plain.own).of(np.arange(view.firms))
    from gnn.positions.model import probabilities

    weight = np.tile(np.array([START[name] for name in SIGNS], np.float32), (view.firms, 1))
    with_torch = torch.softmax((torch.from_numpy(signs) * torch.from_numpy(weight)[:, None]).sum(2), dim=1)
    assert np.abs(with_torch.numpy() - probabilities(signs, weight)).max() < 1e-4


def test_labels_too_few_are_refused():
    _, view, plain = toy()
    with pytest.raises(ValueError, match="too few"):
        train(view, plain, words_of(view, plain), np.full((view.firms, 2), -1), Settings())


def test_hiding_takes_what_it_says_and_nothing_else():
    tables, _, _ = economy_like()
    view = view_of(tables)
    hidden, silent = hide(view, Hidden(links=0.3, texts=0.4, wrong=0.0, names=0, industries=0), 7)
    assert 0.2 < 1 - hidden.graph.edges / view.graph.edges < 0.4
    known = set(zip(view.graph.src.tolist(), view.graph.dst.tolist(), strict=True))
    assert set(zip(hidden.graph.src.tolist(), hidden.graph.dst.tolist(), strict=True)) <= known
    sellers = set(hidden.items["src"].to_list())
    assert sellers and not sellers & set(np.flatnonzero(silent).tolist())
    assert hidden.enterprises.equals(view.enterprises)
    moved, _ = hide(view, Hidden(links=0, texts=0, wrong=0.5), 7)
    wrong = set(zip(moved.graph.src.tolist(), moved.graph.dst.tolist(), strict=True)) - known
    assert len(wrong) > 0.2 * len(known)


def economy_like() -> tuple:
    """Sixty firms in three rows, each selling to every firm of the next."""
    names = [f"{row}{i:02d}" for row in "abc" for i in range(20)]
    firms = {name: {"a": "ore", "b": "metal", "c": "part"}[name[0]] for name in names}
    links = [(a, b) for a in names for b in names if ord(b[0]) == ord(a[0]) + 1]
    return world(firms, links), pl.DataFrame(), pl.DataFrame()
