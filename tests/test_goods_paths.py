"""Paths of goods: what each firm buys feeds what it sells."""

import numpy as np

from gnn.positions.goods_paths import present, reached, way, ways
from gnn.positions.plain import what_is_plain
from gnn.positions.seats import nobody
from gnn.view import view_of
from tests.learned_world import chain, world

TOY = chain(ore="metal", metal="part", part="car", rope="box", box="car", car="shop")


def found(firms, links, core="z", upstream=True):
    tables = world(firms, links)
    view = view_of(tables)
    plain = what_is_plain(view, [TOY])
    names = tables.enterprises["name"].to_list()
    stands = present(plain, nobody(view.firms))
    all_ways = ways(view, plain, stands, 0, [names.index(core)], upstream)
    return names, view, all_ways


def path(firms, links, start, **more):
    names, view, all_ways = found(firms, links, **more)
    best = way(all_ways, view.graph, names.index(start))
    return None if best is None else "".join(names[i] for i in best.firms)


CHAIN = {"a": "ore", "b": "metal", "c": "part", "z": "car"}


def test_a_chain_of_goods_is_found_link_by_link():
    links = [("a", "b"), ("b", "c"), ("c", "z")]
    assert path(CHAIN, links, "a") == "abcz"
    names, view, all_ways = found(CHAIN, links)
    best = way(all_ways, view.graph, names.index("a"))
    assert [(view.graph.src[e], view.graph.dst[e]) for e in best.edges] == [(0, 1), (1, 2), (2, 3)]
    assert 0 < best.worth <= 1


def test_a_shorter_way_on_which_goods_do_not_feed_is_not_taken():
    firms = CHAIN | {"r": "rope"}
    links = [("a", "b"), ("b", "c"), ("c", "z"), ("a", "r"), ("r", "z")]  # ore to a rope maker, rope to a car
    assert path(firms, links, "a") == "abcz"
    assert path(firms, [("a", "r"), ("r", "z")], "a") is None


def test_who_sells_rope_to_a_packer_goes_through_the_boxes():
    firms = CHAIN | {"r": "rope", "x": "box"}
    assert path(firms, [("r", "x"), ("x", "z")], "r") == "rxz"


def test_trade_that_matters_is_shown_before_a_trifle():
    firms = CHAIN | {"d": "part"}
    tables = world(firms, [("a", "c"), ("b", "c"), ("c", "z"), ("b", "d"), ("d", "z")])
    cut = (tables.flow["edge"] == 1).to_numpy()  # b → c, who buys more from a
    tables.flow = tables.flow.with_columns(amount_fen=np.where(cut, 1_00, tables.flow["amount_fen"]))
    view = view_of(tables)
    plain = what_is_plain(view, [TOY])
    all_ways = ways(view, plain, present(plain, nobody(view.firms)), 0, [4])
    assert way(all_ways, view.graph, 1).firms == (1, 3, 4)


def test_downstream_the_path_leads_from_the_core():
    firms, links = {"z": "car", "y": "shop", "w": None}, [("z", "y"), ("y", "w")]
    assert path(firms, links, "y", upstream=False) == "zy"
    assert path(firms, links, "y") is None


def test_who_reaches_no_core_has_no_path():
    names, view, all_ways = found(CHAIN | {"q": "ore"}, [("a", "b"), ("b", "c"), ("c", "z")])
    assert way(all_ways, view.graph, names.index("q")) is None
    assert [names[i] for i in reached(all_ways)] == ["a", "b", "c", "z"]


def test_a_core_known_by_its_purchases_only_stands_at_the_end_of_its_chain():
    assert path(CHAIN | {"z": None}, [("b", "c"), ("c", "z")], "b") == "bcz"


def test_a_loop_of_sales_ends():
    firms = {"a": "metal", "b": "metal", "c": "part", "z": "car"}
    assert path(firms, [("a", "b"), ("b", "a"), ("b", "c"), ("c", "b"), ("c", "z")], "b") == "bcz"
