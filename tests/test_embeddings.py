"""Embeddings: deterministic, independent of rows, renewed to the same bits, new firms without the others."""

from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gnn.embeddings.embedding import embed, embed_new, features, load, nearest, save, update
from gnn.embeddings.inputs import Spec, own_inputs, product_vectors, with_identity
from gnn.embeddings.propagation import from_bf16
from gnn.view import View
from graph import csr
from ledger.errors import FileUnreadable

GOODS = [
    "*塑料制品*尼龙切片",
    "*塑料制品*尼龙粒子",
    "*通用设备*轴承",
    "*电子元件*连接器 USB type-c",
    "*服装*衬衫",
]
WIDE = Spec(hops=("c", "s", "cs", "sc", "ccs"), share=(1, 0.5, 0.5, 0.5, 0.5, 0.5))


def world(names, seed=1, trades=60, noise=0, more_deals=()):
    """A view of made-up firms and deals; leaving firms out leaves their deals out and no others."""
    ids = sorted(names)
    row = {name: i for i, name in enumerate(ids)}
    pairs = {}
    everybody = [f"firm{i:03d}" for i in range(40)]
    rng = np.random.default_rng(seed)
    for _ in range(trades):
        a, b = (everybody[int(x)] for x in rng.integers(0, len(everybody), 2))
        product, amount = int(rng.integers(0, len(GOODS))), int(rng.integers(1, 90)) * 100_00
        if a in row and b in row and a != b:
            pairs.setdefault((row[a], row[b]), []).append((product, amount))
    for a, b in more_deals:
        pairs.setdefault((row[a], row[b]), []).append((1, 5_000_00))
    more = np.random.default_rng(noise)
    if noise:
        for pair in sorted(pairs)[:3]:
            pairs[pair].append((int(more.integers(0, len(GOODS))), 77_000_00))
    edges = sorted(pairs)
    graph = csr.build(len(ids), [a for a, _ in edges], [b for _, b in edges])
    items = [(0, a, b, product, fen) for (a, b) in edges for product, fen in pairs[a, b]]
    schema = {
        "month": pl.Int32,
        "src": pl.Int32,
        "dst": pl.Int32,
        "product": pl.Int32,
        "amount_fen": pl.Int64,
    }
    amounts = np.array([sum(fen for _, fen in pairs[pair]) for pair in edges], np.int64)
    enterprises = pl.DataFrame(
        {
            "id": ids,
            "name": ids,
            "code": ids,
            "region": [("3304", "3205", None)[len(i) % 3] for i in ids],
            "industry": ["C29"] * len(ids),
            "taxpayer": [None] * len(ids),
            "legal_form": ["有限公司"] * len(ids),
        }
    )
    return View(
        as_of=date(2025, 3, 31),
        months=["2025-03"],
        enterprises=enterprises,
        graph=graph,
        edge_of=csr.fixed(np.arange(graph.edges), np.int32),
        amount_fen=csr.fixed(amounts, np.int64),
        flow=pl.DataFrame(),
        items=pl.DataFrame(items, schema=schema, orient="row"),
        products=pl.DataFrame(
            {"id": GOODS, "tax_category": ["1070601010100000000", "10706", None, "", "104"], "item": GOODS}
        ),
        relations=pl.DataFrame(),
    )


NAMES = [f"firm{i:03d}" for i in range(30)]


def cosine(a, b):
    return (a * b).sum(axis=1) / np.maximum(np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1), 1e-9)


def same(one, other):
    assert (one.keys == other.keys).all()
    for a, b in (
        (one.own, other.own),
        (one.values, other.values),
        *((one.hops[word], other.hops[word]) for word in one.hops),
    ):
        assert a.tobytes() == b.tobytes()


def test_the_same_view_gives_the_same_bytes(tmp_path):
    one, other = embed(world(NAMES)), embed(world(NAMES))
    save(one, tmp_path / "a")
    save(other, tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    back = load(tmp_path / "a")
    same(back, one)
    assert (back.spec, back.versions) == (one.spec, one.versions)
    assert back.versions["as_of"] == "2025-03-31"


def test_rows_have_length_one_or_zero():
    found = from_bf16(embed(world(NAMES)).values)
    length = np.linalg.norm(found, axis=1)
    assert (np.abs(length - 1) < 0.01).all()


def test_what_is_no_embedding_is_refused(tmp_path):
    (tmp_path / "x").write_bytes(b"\x00" * 50)
    with pytest.raises(FileUnreadable):
        load(tmp_path / "x")


def test_a_firm_keeps_its_inputs_whatever_stands_around_it():
    """Rows move when firms come and go; a firm without changed deals keeps its own numbers and sign."""
    spec = Spec()
    alone, among = world(["firm003", "zzz"]), world(["firm003", "aaa", "abc", "zzz"])
    a, b = own_inputs(alone, spec), own_inputs(among, spec)
    assert (a[0] == b[2]).all()
    keys = [embed(w).keys for w in (alone, among)]
    assert (with_identity(a, keys[0], spec)[1] == with_identity(b, keys[1], spec)[3]).all()


def test_like_goods_have_like_vectors():
    found = product_vectors(world(NAMES).products, Spec(width=256))
    likeness = found @ found.T / np.outer(np.linalg.norm(found, axis=1), np.linalg.norm(found, axis=1))
    assert likeness[0, 1] > 0.5
    assert np.abs(likeness[0, 2:]).max() < 0.4


@settings(max_examples=15, deadline=None)
@given(
    st.sets(st.sampled_from(NAMES), min_size=2),
    st.sets(st.sampled_from(NAMES), min_size=2),
    st.integers(0, 3),
)
def test_a_night_gives_what_scratch_gives(before, after, noise):
    was, now = world(before), world(after, noise=noise)
    same(update(embed(was, WIDE), was, now), embed(now, WIDE))


def test_a_night_is_in_place_where_the_firms_are_the_same():
    was, now = world(NAMES), world(NAMES, noise=5)
    old = embed(was)
    values = old.values
    new = update(old, was, now)
    assert new.values is values
    assert (new.values != embed(was).values).any()
    same(new, embed(now))


def test_a_customer_changed_for_another_of_the_same_amount_is_seen():
    """Nobody's goods change, only who stands behind the link."""
    names = ["a", "b", "c", "d"]
    was = world(names, trades=0, more_deals=[("a", "b"), ("d", "c")])
    now = world(names, trades=0, more_deals=[("a", "c"), ("d", "b")])
    assert (embed(was).own == embed(now).own).all()
    assert (embed(was).hops["c"] != embed(now).hops["c"]).any()
    same(update(embed(was), was, now), embed(now))


def test_another_view_than_the_one_embedded_is_refused():
    with pytest.raises(ValueError, match="other firms"):
        update(embed(world(NAMES)), world(NAMES[1:]), world(NAMES))


def test_a_new_firm_is_embedded_by_its_own_links_and_items():
    tried, everybody = 0, world(NAMES, trades=200)
    whole = embed(everybody)
    for name in NAMES[::3]:
        known = embed(world([n for n in NAMES if n != name], trades=200))
        kept = known.values.copy()
        rows, values = embed_new(known, everybody)
        assert [everybody.enterprises["id"][int(r)] for r in rows] == [name]
        assert cosine(from_bf16(values), from_bf16(whole.values[rows]))[0] > 0.999
        assert (known.values == kept).all()
        tried += int(everybody.graph.out_indptr[rows[0] + 1] > everybody.graph.out_indptr[rows[0]])
    assert tried > 4


def test_several_new_firms_at_once_and_none():
    everybody = world(NAMES, trades=200)
    known = embed(world(NAMES[:24], trades=200), WIDE)
    rows, values = embed_new(known, everybody)
    assert len(rows) == 6
    assert (cosine(from_bf16(values), from_bf16(embed(everybody, WIDE).values[rows])) > 0.99).mean() >= 0.8
    assert len(embed_new(embed(everybody), everybody)[0]) == 0


@pytest.mark.parametrize("k", [1, 5, 29, 100])
def test_nearest_is_the_plain_order_of_cosines(k):
    embedding = embed(world(NAMES))
    values = from_bf16(embedding.values)
    for i in (0, 7, 29):
        likeness = cosine(values, values[i : i + 1])
        order = [j for j in np.lexsort((np.arange(30), -likeness)) if j != i][:k]
        rows, found = nearest(embedding, i, k)
        assert len(rows) == min(k, 29)
        np.testing.assert_allclose(found, likeness[order], atol=1e-5)
        assert set(rows.tolist()) == set(order) or k < 29
    with pytest.raises(IndexError):
        nearest(embedding, 30)


def test_features_are_own_inputs_beside_hops():
    embedding = embed(world(NAMES))
    found = features(embedding, np.array([3, 4]))
    assert found.shape == (2, 64 * 5)
    assert (found[0, :64] == from_bf16(embedding.own[3])).all()
    assert (found[1, -64:] == from_bf16(embedding.hops["sc"][4])).all()


@pytest.mark.parametrize("hops", [("cs",), ("x",), ("",)])
def test_a_hop_without_its_tail_is_refused(hops):
    with pytest.raises(ValueError, match="hop"):
        Spec(hops=hops, share=(1.0, 1.0))
