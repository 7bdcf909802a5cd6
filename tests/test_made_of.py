"""What goods are made of, learned from trade alone."""

import pytest

from gnn.positions.plain import what_is_plain
from gnn.production.knowledge import LIFT, made_of
from gnn.view import view_of
from seeds.chains import load_chains
from tests.learned_world import chain, economy, world

TOY = chain(ore="metal", metal="part", part="car")


def inputs(firms, links):
    view = view_of(world(firms, links))
    found = made_of(view, what_is_plain(view, [TOY]))
    return {(r["segment"], r["input_segment"]): r for r in found.iter_rows(named=True)}


def test_what_all_makers_buy_and_others_do_not_is_what_their_goods_are_made_of():
    ores, metals, parts = ([f"{row}{i}" for i in range(6)] for row in "abc")
    firms = dict.fromkeys(ores, "ore") | dict.fromkeys(metals, "metal") | dict.fromkeys(parts, "part")
    firms["z"] = "car"
    links = [(a, b) for a in ores for b in metals] + [(a, b) for a in metals for b in parts]
    links += [(c, "z") for c in parts]
    found = inputs(firms, links)
    assert set(found) == {("metal", "ore"), ("part", "metal")}
    assert {row["basis"] for row in found.values()} == {"known"}
    assert found["metal", "ore"]["covered"] == 1 and found["metal", "ore"]["makers"] == 6


def test_what_everybody_buys_makes_nothing():
    makers = {kind: [f"{kind}{i}" for i in range(6)] for kind in ("ore", "metal", "part")}
    firms = {name: kind for kind, names in makers.items() for name in names} | {"z": "car", "s": "shovel"}
    links = [(a, b) for a in makers["ore"] for b in makers["metal"]]
    links += [("s", name) for names in makers.values() for name in names]
    links += [(b, c) for b in makers["metal"] for c in makers["part"]] + [(c, "z") for c in makers["part"]]
    found = inputs(firms, links)
    assert LIFT > 1 and not any(into is None for _, into in found)


@pytest.mark.slow
def test_trade_alone_recovers_most_of_the_chains_files():
    tables, _, _ = economy(4_000, 2)
    view = view_of(tables)
    plain = what_is_plain(view, load_chains())
    found = made_of(view, plain).drop_nulls(["segment", "input_segment"])
    best = found.sort("segment", "score", descending=[False, True]).unique(
        "segment", keep="first", maintain_order=True
    )
    assert (best["basis"] == "known").mean() > 0.8
