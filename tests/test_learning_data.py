"""What learning is given: nothing later than the day, splits by time, reverse edges after the split."""

import subprocess
import sys
from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gnn.data import new_links, node_labels, pyg_of, shuffled, split, to_pyg, typed_of, with_reverse, without
from gnn.extra import needed
from gnn.node_features import FIRM_FEATURES, TEXT, projected
from gnn.typed import EDGE_TYPES, SUPPLIES, typed_graph
from graph.model import EDGES, NODES
from graph.snapshot import write_snapshot
from ledger.errors import MissingExtra
from ledger.words import labels as words
from tests.graphs import firm_id
from tests.learning_worlds import World, layered

DAY = date(2025, 2, 28)  # two months are over
LATER = st.dates(date(2025, 3, 1), date(2025, 6, 30))
SAID = [
    ("industry", "2653"),
    ("industry", "36"),
    ("region", "330482"),
    ("taxpayer", "general"),
    ("size", "small"),
]
BEFORE = st.one_of(st.none(), st.dates(date(2024, 1, 1), DAY))


def sales(months, firms):
    who = st.integers(0, firms - 1)
    return st.lists(
        st.tuples(months, who, st.one_of(st.none(), who), st.integers(0, 7), st.integers(-500, 90_000)),
        max_size=20,
    )


def ties(firms, first, known):
    kinds = st.sampled_from(["OWNS", "GUARANTEES", "SHARES", "LEGAL_REP_OF", "of_no_kind"])
    source = st.one_of(st.integers(0, firms - 1), st.sampled_from(["p1", "p2"]))
    share = st.one_of(st.none(), st.sampled_from([0.2, 0.6]))
    until = st.one_of(st.none(), LATER)
    return st.lists(
        st.tuples(kinds, source, st.integers(0, firms - 1), share, first, until, known), max_size=6
    )


def said(firms, first):
    pairs = st.sampled_from(SAID)
    rows = st.tuples(st.integers(0, firms - 1), pairs, first)
    return st.lists(rows.map(lambda r: (r[0], *r[1], r[2], None)), max_size=6)


early = st.builds(World, sales(st.integers(0, 1), 6), ties(6, BEFORE, BEFORE), said(6, BEFORE))
late = st.builds(
    World, sales(st.integers(2, 5), 12), ties(12, LATER, st.none()), said(12, LATER), st.integers(0, 9)
)


def together(one: World, other: World) -> World:
    return World(one.sales + other.sales, one.ties + other.ties, one.said + other.said, other.undated)


@given(early, late, late)
@settings(max_examples=15, deadline=None)
def test_whatever_comes_later_changes_no_byte(now, one, other):
    """Other sums, links, goods, firms, ties and registry entries after the day; other undated columns."""
    first, second = (typed_graph(together(now, then).tables(), DAY) for then in (one, other))
    assert first.fingerprint() == second.fingerprint()


@given(early, late)
@settings(max_examples=6, deadline=None)
def test_a_day_after_everything_sees_as_much_as_no_day(now, then):
    world = together(now, then).tables()
    dated, whole = typed_graph(world, date(2025, 6, 30)), typed_graph(world)
    assert all(np.array_equal(dated.links[e].x, whole.links[e].x) for e in EDGE_TYPES)
    assert set(dated.nodes["enterprise"].id) <= set(whole.nodes["enterprise"].id)


EARLY = World(
    [(0, 0, 1, 0, 50_000), (1, 0, 1, 1, 70_000), (1, 1, None, 3, 9_000)],
    [("OWNS", "p1", 0, 0.6, date(2020, 1, 1), None, None)],
    [(0, "industry", "2653", None, None), (1, "size", "small", DAY, None)],
)


@pytest.mark.parametrize(
    "changed",
    [
        replace(EARLY, sales=[*EARLY.sales, (1, 0, 1, 0, 1)]),
        replace(EARLY, sales=[*EARLY.sales, (1, 2, 1, 0, 100)]),
        replace(EARLY, ties=[("OWNS", "p1", 0, 0.5, date(2020, 1, 1), None, None)]),
        replace(EARLY, said=[(0, "industry", "3611", None, None), EARLY.said[1]]),
    ],
)
def test_what_comes_before_the_day_is_seen(changed):
    assert typed_graph(EARLY.tables(), DAY).fingerprint() != typed_graph(changed.tables(), DAY).fingerprint()


def test_who_is_not_yet_known_is_not_even_a_lonely_node():
    tie = ("OWNS", "p2", 7, 0.1, None, None, date(2025, 4, 1))
    later = replace(EARLY, sales=[*EARLY.sales, (3, 7, 1, 6, 100)], ties=[*EARLY.ties, tie])
    graph = typed_graph(later.tables(), DAY)
    assert graph.nodes["enterprise"].id.tolist() == sorted([firm_id(0), firm_id(1)])
    assert graph.nodes["person"].id.tolist() == ["p1"]
    assert len(graph.nodes["product"].id) == 3
    assert firm_id(7) in typed_graph(later.tables()).nodes["enterprise"].id


def test_a_quiet_month_counts_whether_or_not_more_comes():
    quiet = replace(EARLY, sales=EARLY.sales[:1])
    more = replace(quiet, sales=[*quiet.sales, (2, 0, None, 0, 1)])
    graphs = [typed_graph(world.tables(), DAY) for world in (quiet, more)]
    assert graphs[0].fingerprint() == graphs[1].fingerprint()
    assert graphs[0].links[SUPPLIES].x[0, -2:].tolist() == pytest.approx([1 / 12, 1 / 12])


def test_the_end_of_a_tie_is_not_known_while_it_holds():
    ends = [("GUARANTEES", 0, 1, None, date(2024, 5, 1), until, None) for until in (None, date(2025, 3, 3))]
    graphs = [typed_graph(replace(EARLY, ties=[tie]).tables(), DAY) for tie in ends]
    assert graphs[0].fingerprint() == graphs[1].fingerprint()
    assert graphs[0].links["enterprise", "GUARANTEES", "enterprise"].index.shape == (2, 1)


def test_the_numbers_are_those_of_the_months_that_are_over():
    graph = typed_graph(replace(EARLY, sales=[*EARLY.sales, (2, 0, 1, 0, 10**9)]).tables(), DAY)
    firms = graph.nodes["enterprise"]
    seller, shop = firms.id.tolist().index(firm_id(0)), firms.id.tolist().index(firm_id(1))
    of = {name: firms.x[:, i] for i, name in enumerate(firms.features)}
    assert of["sales_log"][seller] == pytest.approx(np.log10(1201))
    assert of["purchases_log"][shop] == pytest.approx(np.log10(1201))
    assert of["consumers_share"][shop] == 1 and of["consumers_share"][seller] == 0
    assert of["sales_months"][seller] == 1 and of["sales_top_share"][seller] == 1
    supply = graph.links[SUPPLIES]
    assert supply.index.tolist() == [[seller], [shop]]
    assert supply.x[0, supply.features.index("amount_log")] == pytest.approx(np.log10(1201))


def test_kinds_are_those_of_the_model_and_every_feature_has_its_sentence():
    graph = typed_graph(EARLY.tables())
    assert {n.lower() for n in NODES} - {"account"} == set(graph.nodes)
    assert {kind for _, kind, _ in graph.links} == set(EDGES) - {"STANDS_IN"}
    assert {f"feature_{name}" for name in FIRM_FEATURES} <= set(words())
    for nodes in graph.nodes.values():
        assert nodes.x.shape == (len(nodes.id), len(nodes.features)) and nodes.x.dtype == np.float32
        assert np.isfinite(nodes.x).all()


def test_a_snapshot_and_its_tables_give_one_graph(tmp_path):
    world = layered(20)[0].tables()
    assert (
        typed_graph(write_snapshot(tmp_path, world), DAY).fingerprint()
        == typed_graph(world, DAY).fingerprint()
    )


def test_projections_keep_likeness_and_ask_nobody_else():
    few = projected([["钢", "板"], ["钢", "管"], ["牛", "奶"], []], TEXT)
    more = projected([["糖"], ["钢", "板"]], TEXT)
    assert np.array_equal(few[0], more[1])
    assert few[0] @ few[1] > abs(few[0] @ few[2]) and not few[3].any()


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 7), st.integers(0, 7)), min_size=1, max_size=30))
@settings(max_examples=10, deadline=None)
def test_new_links_are_those_first_seen_between_two_days(told):
    world = World([(m, a, b, 0, 100) for m, a, b in told]).tables()
    now, then = typed_graph(world, DAY), typed_graph(world, date(2025, 4, 30))
    pairs, unknown = new_links(now, then)
    first = {}
    for m, a, b in sorted(told):
        first.setdefault((firm_id(a), firm_id(b)), m)
    ids = set(now.nodes["enterprise"].id)
    fresh = {pair for pair, m in first.items() if m in (2, 3)}
    assert {tuple(now.nodes["enterprise"].id[list(p)]) for p in pairs.T} == {
        p for p in fresh if set(p) <= ids
    }
    assert unknown == sum(not set(p) <= ids for p in fresh)


def test_labels_are_not_from_later_and_stay_in_their_part():
    world, layer = layered(60)
    said_of = pl.DataFrame({"id": list(layer), "label": list(layer.values())})
    graph = typed_graph(world.tables(), DAY)
    whole = node_labels(graph, said_of)
    parts = np.stack([whole.train, whole.val, whole.test])
    assert whole.classes == ("a", "b", "c") and (parts.sum(axis=0) == (whole.y >= 0)).all()
    assert parts.any(axis=1).all()
    days = pl.Series([date(2025, 2, 1), date(2025, 3, 1), None] * 20)
    dated = node_labels(graph, said_of.with_columns(known_on=days))
    later = {i for i, day in zip(layer, days, strict=True) if day == date(2025, 3, 1)}
    known = {i for i, y in zip(graph.nodes["enterprise"].id, dated.y, strict=True) if y >= 0}
    assert known == set(graph.nodes["enterprise"].id) - later
    kept = dated.y >= 0
    assert (dated.train[kept] == whole.train[kept]).all()


def test_a_shuffled_graph_keeps_goods_and_degrees():
    graph = typed_graph(layered()[0].tables())
    other = shuffled(graph)
    for end in (0, 1):
        assert np.array_equal(
            *(np.bincount(g.links[SUPPLIES].index[end], minlength=90) for g in (graph, other))
        )
    assert not np.array_equal(graph.links[SUPPLIES].index, other.links[SUPPLIES].index)
    makes = ("enterprise", "MAKES", "product")
    assert np.array_equal(graph.links[makes].x, other.links[makes].x)
    bare = without(graph, {"SUPPLIES"}, {"resale"})
    assert bare.links[SUPPLIES].index.shape == (2, 0) and bare.nodes["enterprise"].features == ("resale",)


def test_the_core_comes_without_the_extra():
    code = (
        "import sys, gnn, gnn.data, gnn.typed, gnn.models, gnn.models.hops, gnn.registry.folder, gnn.drift;"
        "print([m for m in ('torch', 'torch_geometric', 'lightgbm', 'sklearn') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_without_the_extra_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(MissingExtra) as caught:
        to_pyg(EARLY.tables())
    assert "learn" in caught.value.text("zh") and "torch" in caught.value.text("en")


def test_a_fault_of_ours_is_not_called_a_missing_extra():
    with pytest.raises(ModuleNotFoundError):
        needed("gnn.no_such_room")


def same_bytes(one, other) -> bool:
    """Whether two HeteroData hold the same, type by type and byte by byte."""

    def told(data):
        yield data.metadata(), data.as_of, data.features
        for store in data.stores[1:]:
            for key, value in sorted(store.items()):
                yield key, value.tolist() if value.dtype == object else value.numpy().tobytes()

    return list(told(one)) == list(told(other))


@pytest.mark.slow
def test_hetero_data_is_the_same_graph_and_as_blind_to_what_comes_later():
    pytest.importorskip("torch")
    worlds = [replace(EARLY, sales=[*EARLY.sales, (m, 0, 9, m, m)], undated=m) for m in (3, 5)]
    one, other = (to_pyg(world.tables(), DAY) for world in worlds)
    assert same_bytes(one, other)
    assert not same_bytes(one, to_pyg(worlds[0].tables()))
    assert one.validate()
    graph = typed_graph(worlds[0].tables(), DAY)
    assert typed_of(one).fingerprint() == typed_of(with_reverse(one)).fingerprint() == graph.fingerprint()
    torch = needed("torch")
    assert one["enterprise"].x.dtype == one["product"].x.dtype == torch.float32
    fewer = one.subgraph({"enterprise": torch.tensor([1, 0])})
    assert fewer["enterprise"].id.tolist() == graph.nodes["enterprise"].id[[1, 0]].tolist()


@pytest.mark.slow
@given(st.integers(0, 99))
@settings(max_examples=10, deadline=None)
def test_reverse_edges_are_made_after_the_split(seed):
    pytest.importorskip("torch")
    world = layered(30, 6, seed)[0].tables()
    days = [date(2025, 2, 28), date(2025, 3, 31), date(2025, 4, 30)]
    assert not any(kind.startswith("rev_") for _, kind, _ in to_pyg(world).edge_types)
    parts = split(world, *days)
    asked = []
    for part in parts:
        ids = part["enterprise"].id
        assert not any(kind.startswith("rev_") for _, kind, _ in part.edge_types)
        assert part[SUPPLIES].edge_label_index.shape[1] > 0
        asked.append({tuple(ids[list(p)]) for p in part[SUPPLIES].edge_label_index.T.tolist()})
    for at, part in enumerate(parts):
        both, ids = with_reverse(part), part["enterprise"].id
        forth = {tuple(ids[list(p)]) for p in both[SUPPLIES].edge_index.T.tolist()}
        back = {
            tuple(ids[list(p)])
            for p in both["enterprise", "rev_SUPPLIES", "enterprise"].edge_index.T.tolist()
        }
        assert {(b, a) for a, b in back} == forth
        assert not any(labels & forth for labels in asked[at:])
        assert "edge_label_index" not in both["enterprise", "rev_SUPPLIES", "enterprise"]
        assert set(part["enterprise"].id) == set(typed_graph(world, days[at]).nodes["enterprise"].id)
    with pytest.raises(ValueError, match="ascend"):
        split(world, days[1], days[0], days[2])


@pytest.mark.slow
def test_it_is_reached_from_the_room_itself():
    pytest.importorskip("torch")
    import gnn

    assert same_bytes(gnn.to_pyg(EARLY.tables()), pyg_of(typed_graph(EARLY.tables())))
    with pytest.raises(AttributeError):
        _ = gnn.to_dgl
