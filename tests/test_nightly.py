"""The benches `nightly` and `gpu` at a small size, and the layered graph they stand on."""

import numpy as np
import pytest

from bench.nightly_graph import EACH, TIERS, generate, opened
from bench.nightly_head import trained
from graph import csr


def test_the_layered_graph_is_what_it_says(tmp_path):
    generate(tmp_path, 20_000)
    world = opened(tmp_path)
    graph = world.graph
    again = csr.build(graph.nodes, graph.src, graph.dst)
    assert (again.in_edges == graph.in_edges).all()
    assert (again.out_indptr == graph.out_indptr).all()
    sold = np.diff(graph.out_indptr)
    assert (sold[world.tier == 0] == 0).all()
    assert 0.97 * EACH < sold[world.tier > 0].mean() <= EACH
    step = world.tier[graph.src] - world.tier[graph.dst]
    assert set(np.unique(step)) == {0, 1, 2}
    assert (step == 0).mean() == pytest.approx(0.1, abs=0.01)
    cross = (world.chain[graph.src] != world.chain[graph.dst]).mean()
    assert cross == pytest.approx(0.1, abs=0.01)
    assert (world.product < 0).mean() == pytest.approx(0.4, abs=0.02)
    assert world.tier.max() == TIERS - 1


def test_the_same_seed_gives_the_same_graph(tmp_path):
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        (tmp_path / name).mkdir()
        generate(tmp_path / name, 3_000, seed)
    files = {name: (tmp_path / name / "dst.npy").read_bytes() for name in "abc"}
    assert files["a"] == files["b"] != files["c"]


def test_the_head_learns_what_can_be_learnt():
    rng = np.random.default_rng(1)
    label = rng.integers(0, 4, 6_000).astype(np.int32)
    x = (rng.normal(0, 1, (6_000, 8)) + np.eye(4, 8)[label] * 6).astype(np.float32)
    head = trained(x[:5_000], label[:5_000], 4)
    found, sure = head(x[5_000:])
    assert (found == label[5_000:]).mean() > 0.97
    assert ((sure >= 0.25) & (sure <= 1.001)).all()


@pytest.mark.slow
def test_a_small_night_finds_what_was_planted():
    from bench.nightly import run

    figures = run(firms=60_000)
    assert figures["enterprises"] == 60_000
    assert figures["chain_right"] >= 0.98
    assert figures["depth_within_half"] >= 0.9
    assert figures["position_right"] > figures["position_right_text_only"] + 0.2
    assert {"seconds", "peak_gb", "cpu_seconds"} <= set(figures)


@pytest.mark.slow
def test_torch_gives_what_the_kernels_give():
    pytest.importorskip("torch")
    from bench.gpu import run

    figures = run(firms=20_000)
    assert figures["agreement_cpu_device"] >= 0.999
    assert figures["gpu"] is None or figures["agreement"] >= 0.999
