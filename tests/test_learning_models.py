"""Models of the graph: each learns, repeats itself, comes back from disk, and places who it never saw."""

import sys
from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl
import pytest
from safetensors.numpy import load_file

from gnn.data import LinkLabels, NodeLabels, link_labels, node_labels, split
from gnn.extra import needed
from gnn.models import KINDS, Model, Spec, fit, load
from gnn.models.ablations import accuracy, majority, variants
from gnn.models.hops import hops
from gnn.models.inputs import firm_inputs, input_names, neighbours
from gnn.models.mlp import dense, encoded, pair_scores, probabilities
from gnn.registry.folder import Seen, in_use, promote, register
from gnn.registry.learned import feature_groups, trained
from gnn.typed import SUPPLIES, typed_graph
from ledger.errors import Conflict, InputError, MissingExtra
from tests.graphs import firm_id
from tests.learning_worlds import World, layered

SMALL = Spec(layers=2, hidden=16, embedding=8, epochs=60, patience=15, rate=0.02)


@pytest.fixture(scope="module")
def world():
    return layered(120)


@pytest.fixture(scope="module")
def graph(world):
    return typed_graph(world[0].tables())


@pytest.fixture(scope="module")
def labels(world, graph) -> NodeLabels:
    layer = world[1]
    return node_labels(graph, pl.DataFrame({"id": list(layer), "label": list(layer.values())}))


@pytest.fixture(scope="module")
def learned(graph, labels) -> dict[str, Model]:
    pytest.importorskip("torch")
    return {kind: fit(graph, labels, replace(SMALL, kind=kind)) for kind in KINDS}


def test_hops_are_means_over_customers_and_suppliers():
    graph = typed_graph(World([(0, 0, 1, 0, 100), (0, 0, 2, 1, 100), (0, 3, 1, 2, 300)]).tables())
    x = firm_inputs(graph, signs=False)
    out, into = neighbours(graph, "customers"), neighbours(graph, "suppliers")
    ids = graph.nodes["enterprise"].id.tolist()
    sellers = graph.links[SUPPLIES].index[0]
    for i in range(4):
        customers = graph.links[SUPPLIES].index[1][sellers == i]
        mean = x[customers].mean(axis=0) if len(customers) else np.zeros(x.shape[1])
        assert np.allclose((out @ x)[i], mean, atol=1e-5)
    z, width = hops(graph, "nodes", 2), x.shape[1]
    assert z.shape == (len(ids), 7 * width) and len(input_names(graph, signs=False)) == width
    assert np.allclose(z[:, 4 * width : 5 * width], out @ (into @ x), atol=1e-5)


def test_a_head_is_the_formula():
    rng = np.random.default_rng(0)
    shapes = {"first.weight": (5, 3), "first.bias": (5,), "second.weight": (2, 5), "second.bias": (2,)}
    weights = {name: rng.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}
    weights |= {"shift": np.ones(3, np.float32), "scale": np.full(3, 2, np.float32)}
    weights |= {f"{name}.weight": np.eye(2, dtype=np.float32) for name in ("head", "seller", "buyer")}
    weights |= {f"{name}.bias": np.zeros(2, np.float32) for name in ("head", "seller", "buyer")}
    x = rng.normal(size=(4, 3)).astype(np.float32)
    hidden = np.maximum((x - 1) * 2 @ weights["first.weight"].T + weights["first.bias"], 0)
    h = encoded(x, weights)
    assert np.allclose(h, hidden @ weights["second.weight"].T + weights["second.bias"], atol=1e-5)
    assert np.allclose(probabilities(h, weights), np.exp(h) / np.exp(h).sum(axis=1, keepdims=True), atol=1e-6)
    assert np.allclose(pair_scores(h, np.asarray([[0, 1], [2, 2]]), weights), [h[0] @ h[2], h[1] @ h[2]])


@pytest.mark.slow
def test_what_cannot_be_asked_for_is_refused(graph, labels):
    pytest.importorskip("torch")
    for wrong, code in (({"kind": "none"}, "model_kind_unknown"), ({"device": "abacus"}, "model_no_device")):
        with pytest.raises(InputError) as caught:
            fit(graph, labels, replace(SMALL, **wrong))
        assert caught.value.code == code
    with pytest.raises(InputError) as caught:
        fit(graph, replace(labels, train=np.zeros_like(labels.train)), SMALL)
    assert caught.value.code == "model_no_labels"


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_each_learns_what_majority_does_not_know(kind, graph, labels, learned):
    found = learned[kind].predict(graph)
    assert np.allclose(found.sum(axis=1), 1, atol=1e-5) and found.shape == (120, 3)
    assert accuracy(found, labels) > majority(labels) + 0.25
    assert learned[kind].embed(graph).shape == (120, 8)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_gives_the_same_bytes_and_touches_nobody_elses(kind, graph, labels, learned):
    torch = needed("torch")
    torch.manual_seed(5)
    before = torch.get_rng_state()
    again = fit(graph, labels, replace(SMALL, kind=kind))
    assert torch.equal(before, torch.get_rng_state())
    assert {k: v.tobytes() for k, v in again.weights.items()} == {
        k: v.tobytes() for k, v in learned[kind].weights.items()
    }
    other = fit(graph, labels, replace(SMALL, kind=kind, seed=2))
    assert any(not np.array_equal(other.weights[k], again.weights[k]) for k in again.weights)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_saved_model_comes_back_the_same(kind, graph, learned, tmp_path):
    learned[kind].save(tmp_path)
    back = load(tmp_path)
    assert replace(back, weights={}) == replace(learned[kind], weights={}, more=back.more)
    assert np.array_equal(back.predict(graph), learned[kind].predict(graph))


@pytest.mark.slow
def test_numpy_says_what_pytorch_says(graph, learned):
    torch = needed("torch")
    from gnn.models.sign import Sign

    model, z = learned["sign"], torch.from_numpy(hops(graph, "nodes", 2))
    module = Sign(z, model.spec)
    module.load_state_dict({name: torch.from_numpy(model.weights[name]) for name in module.state_dict()})
    head = torch.nn.Linear(8, 3)
    head.load_state_dict({p: torch.from_numpy(model.weights[f"head.{p}"]) for p in ("weight", "bias")})
    with torch.no_grad():
        h = module.eval()(z)
        said = head(h).softmax(dim=1)
    assert np.abs(model.embed(graph) - h.numpy()).max() < 1e-4
    assert np.abs(model.predict(graph) - said.numpy()).max() < 1e-4
    assert np.abs(dense(h.numpy(), model.weights, "head") - head(h).detach().numpy()).max() < 1e-4


@pytest.mark.slow
def test_a_trained_sign_runs_without_torch_and_the_others_say_what_they_need(
    graph, learned, tmp_path, monkeypatch
):
    for kind, model in learned.items():
        model.save(tmp_path / kind)
    said = learned["sign"].predict(graph)
    for name in [m for m in sys.modules if m.partition(".")[0] in ("torch", "torch_geometric")] + ["torch"]:
        monkeypatch.setitem(sys.modules, name, None)
    for kind in ("sign", "dirsage", "hetero", "tasks"):
        monkeypatch.delitem(sys.modules, f"gnn.models.{kind}", raising=False)
    assert np.array_equal(load(tmp_path / "sign").predict(graph), said)
    for kind in ("dirsage", "hetero"):
        with pytest.raises(MissingExtra):
            load(tmp_path / kind).predict(graph)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_new_firms_are_embedded_without_training(kind, world, learned):
    """A newcomer that trades as firm 0 does is placed where firm 0 is."""
    told, layer = world
    twin = [
        (m, 500 if a == 0 else a, 500 if b == 0 else b, w, f) for m, a, b, w, f in told.sales if 0 in (a, b)
    ]
    more = typed_graph(replace(told, sales=told.sales + twin).tables())
    ids = more.nodes["enterprise"].id.tolist()
    found = dict(zip(ids, learned[kind].predict(more).argmax(axis=1), strict=True))
    assert set(ids) - set(layer) == {firm_id(500)} and len(ids) == 121
    assert "abc"[found[firm_id(500)]] == layer[firm_id(0)]


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_links_that_come_are_ranked_above_others(kind, world):
    pytest.importorskip("torch")
    days = [date(2025, 1, 31), date(2025, 2, 28), date(2025, 3, 31)]
    train, val, test = split(world[0].tables(), *days, as_of=date(2025, 4, 30))
    told = link_labels(train, val)
    assert isinstance(told, LinkLabels)
    spec = replace(SMALL, kind=kind, hidden=32, rate=0.005, epochs=150, patience=40)
    model = fit(train, told, spec)
    pairs = test[SUPPLIES].edge_label_index.numpy()
    rng = np.random.default_rng(0)
    others = np.stack([pairs[0], rng.integers(0, len(test["enterprise"].id), pairs.shape[1])])
    true, drawn = (model.predict(test, p) for p in (pairs, others))
    assert (true > drawn).mean() + 0.5 * (true == drawn).mean() > 0.65
    with pytest.raises(InputError):
        model.predict(test)


@pytest.mark.slow
def test_other_features_are_refused(graph, learned):
    for model in learned.values():
        with pytest.raises(Conflict) as caught:
            model.embed(variants(graph)["degree"])
        assert caught.value.code == "model_other_features"


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_a_model_goes_through_the_registry(kind, graph, labels, learned, tmp_path):
    model = learned[kind]
    rivals = {"majority": {"accuracy": majority(labels)}}
    figures = ("accuracy", {"accuracy": accuracy(model.predict(graph), labels)}, int(labels.test.sum()))
    seen = Seen("0" * 16, graph.as_of, True, 120, graph.links[SUPPLIES].index.shape[1])
    given = trained(model, seen, figures, ("majority", rivals))
    version = register(tmp_path, "segment", given)
    assert register(tmp_path, "segment", given) == version
    promote(tmp_path, "segment", version)
    found = in_use(tmp_path, "segment")
    assert np.array_equal(load(found.folder).predict(graph), model.predict(graph))
    assert load_file(found.folder / "weights.safetensors").keys() == model.weights.keys()
    assert sum(feature_groups(model).values()) == sum(len(names) for names in model.inputs.values())
    card = (found.folder / "CARD.md").read_text("utf-8")
    assert "feature_" not in card and "figure_" not in card


@pytest.mark.slow
def test_cuda_gives_what_the_cpu_gives(graph, labels):
    pytest.importorskip("torch")
    if not needed("torch").cuda.is_available():
        pytest.skip("no CUDA device")
    for kind in KINDS:
        model = fit(graph, labels, replace(SMALL, kind=kind, device="cuda"))
        assert accuracy(model.predict(graph), labels) > majority(labels) + 0.25
        on_cpu = replace(model, spec=replace(model.spec, device="cpu"))
        assert np.abs(on_cpu.embed(graph) - model.embed(graph)).max() < 1e-3


@pytest.mark.slow
def test_on_a_generated_economy_each_beats_majority(tmp_path):
    """Segment of an enterprise, labels of the economy's open 30 %; prints what less information reaches."""
    pytest.importorskip("torch")
    from dayan.pipeline import compute
    from extraction.ingest import ingest
    from ledger.ledger import Ledger
    from seeds.chains import load_chains
    from seeds.economy import generate

    generate(tmp_path / "economy", 2000, 10_000)
    ledger = Ledger(tmp_path / "home")
    ingest([tmp_path / "economy/documents"], ledger)
    tables, _ = compute(ledger, load_chains())
    graph = typed_graph(tables)
    open_ones = pl.read_parquet(tmp_path / "economy/labels.parquet").filter("primary")
    told = tables.enterprises.select("id", "code").join(open_ones, on="code").sort("id")
    labels = node_labels(graph, told.select("id", label="segment"))
    least = majority(labels)
    print(f"\n{len(labels.classes)} segments, {labels.train.sum()} to learn from; majority {least:.3f}")
    for kind in KINDS:
        spec = Spec(kind, hidden=128, epochs=60)
        if kind == "hetero":  # it costs ten times as much an epoch
            spec = replace(spec, hidden=32, epochs=50, rate=0.02)
        whole = accuracy(fit(graph, labels, spec).predict(graph), labels)
        shuffled = variants(graph)["shuffled"]
        without_graph = accuracy(fit(shuffled, labels, spec).predict(shuffled), labels)
        print(f"{kind}: {whole:.3f}, shuffled graph {without_graph:.3f}")
        assert whole > least + 0.2
