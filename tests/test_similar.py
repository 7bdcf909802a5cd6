"""Are the firms nearest in the embedding alike? Beside chance and text alone, on labels all may see."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from dayan.pipeline import compute
from extraction.ingest import ingest
from gnn.embeddings.embedding import embed, nearest
from gnn.embeddings.inputs import Spec
from gnn.view import view_of
from ledger.ledger import Ledger
from seeds.chains import load_chains
from seeds.economy import generate

pytestmark = pytest.mark.slow


def in_the_ten_nearest(embedding, segment):
    """Labelled firms of the same segment among the ten nearest labelled ones, of those that could be."""
    labelled = np.flatnonzero(segment >= 0)
    known = replace(embedding, keys=embedding.keys[labelled], values=embedding.values[labelled])
    met = possible = 0
    for i, own in enumerate(segment[labelled]):
        rows, _ = nearest(known, i, 10)
        met += int((segment[labelled[rows]] == own).sum())
        possible += min(10, int((segment == own).sum()) - 1)
    return met / possible


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("similar")
    generate(folder / "economy", 1_200, 4_800)
    ledger = Ledger(folder / "home")
    ingest([folder / "economy" / "documents"], ledger)
    view = view_of(compute(ledger, load_chains())[0])
    labels = pl.read_parquet(folder / "economy" / "labels.parquet").filter("primary")
    number = {name: n for n, name in enumerate(labels["segment"].unique().sort())}
    told = dict(zip(labels["code"], labels["segment"], strict=True))
    return view, np.array([number[told[code]] if code in told else -1 for code in view.enterprises["code"]])


@pytest.mark.parametrize("hidden", [0.0, 0.4])
def test_similar_firms_stand_in_the_same_segment(world, hidden):
    view, segment = world
    silent = np.flatnonzero(np.random.default_rng(1).random(view.firms) < hidden).tolist()
    view = replace(view, items=view.items.filter(~pl.col("src").is_in(silent)))
    found = in_the_ten_nearest(embed(view), segment)
    text = in_the_ten_nearest(embed(view, Spec(hops=(), share=(1.0,))), segment)
    embedding = embed(view)
    order = np.random.default_rng(2).permutation(embedding.firms)
    chance = in_the_ten_nearest(replace(embedding, values=embedding.values[order]), segment)
    print(f"hidden {hidden}: embedding {found:.3f}, text only {text:.3f}, shuffled {chance:.3f}")
    assert found > 5 * chance
    assert found > text
