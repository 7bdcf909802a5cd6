"""Positions, firms alike, suggested links and what goods are made of, over a real server."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from dayan.learning import learned, models_of
from gnn.embeddings.embedding import embed
from gnn.view import view_of
from graph.project import project
from graph.snapshot import write_snapshot
from ledger.ledger import Ledger
from tests.api_server import serving_folder
from tests.learned_world import chain, world

TOY = chain(ore="metal", metal="part", part="car", glue="part")
NAMES = "abcdefghijklmnopz"


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    folder = tmp_path_factory.mktemp("positions")
    firms = dict.fromkeys("abcd", "ore") | dict.fromkeys("efgh", "metal") | dict.fromkeys("ijkl", "glue")
    firms |= dict.fromkeys("mnop", "part") | {"z": "car", "q": None}
    firms["e"] = None  # its goods bear no name
    links = [(a, b) for a in "abcd" for b in "efgh"] + [(a, b) for a in "efghijkl" for b in "mnop"]
    links += [(a, "z") for a in "mnop"]
    links.remove(("d", "h"))
    made = world(firms, links)
    ends = {"zh": "玩具", "en": "toys"}
    segments = [
        {
            "id": s.id,
            "name": dict(s.name),
            "tier": s.tier,
            "role": s.role,
            "end": s.end,
            "feeds": list(s.feeds),
        }
        for s in TOY.segments
    ]
    core = {"enterprise": sorted(firms).index("z"), "name": "z", "code": "z"}
    made = replace(made, chains=[{"id": "toy", "name": ends, "segments": segments, "cores": [core]}])
    tables = learned(made, Ledger(folder), [TOY], models_of(folder), lambda _: None)
    hidden = pl.DataFrame(
        {"src": [3], "dst": [7], "probability": [0.42], "rank": [1], "way": ["goods"], "product": [None]},
        schema_overrides={"src": pl.Int32, "dst": pl.Int32, "rank": pl.Int32, "product": pl.Int32},
    )
    tables = replace(tables, inferred_links=hidden)
    snapshot = write_snapshot(folder, tables)
    with serving_folder(folder) as client:
        yield client, snapshot, {name: f"{i:016x}" for i, name in enumerate(sorted(firms))}


def test_a_position_says_how_sure_it_is_on_what_basis_and_along_which_goods(published):
    client, _, ids = published
    told = client.get(f"/v1/enterprises/{ids['a']}/position").json()
    (here,) = told["positions"]
    assert told["placed"] and here["segment"]["id"] == "ore" and here["basis"] == "observed"
    assert (here["tier"], here["level"], here["core"]["name"]) == (3, 3, "z")
    hops = here["path"]["hops"]
    assert [hop["from"]["name"] for hop in hops] == ["a", hops[1]["from"]["name"], hops[2]["from"]["name"]]
    assert hops[-1]["to"]["name"] == "z" and here["path"]["upstream"]
    assert hops[0]["items"] == ["ORE"] and hops[0]["months"] == ["2025-01", "2025-02", "2025-03"]
    assert all(hop["feeds"] is not False for hop in hops)
    gave = {sign["sign"]: sign["gave"] for sign in told["signs"]}
    assert gave["own"] > 1 and gave["customers"] > 1 and "ore" in told["text"]


def test_a_firm_whose_goods_have_no_names_is_inferred_and_says_so(published):
    client, _, ids = published
    told = client.get(f"/v1/enterprises/{ids['e']}/position", headers={"Accept-Language": "zh"}).json()
    (here,) = told["positions"]
    assert here["segment"]["id"] == "metal" and here["basis"] == "inferred"
    assert 0.5 <= here["probability"] < 1 and "推断" in told["text"]
    assert here["depth"] == pytest.approx(2.0, abs=0.2)
    assert {sign["sign"] for sign in told["signs"]} & {"customers", "suppliers", "weighty"}


def test_that_a_firm_cannot_be_placed_is_an_answer(published):
    client, _, ids = published
    told = client.get(f"/v1/enterprises/{ids['q']}/position").json()
    assert (told["placed"], told["positions"], told["signs"]) == (False, [], [])
    assert "cannot be placed" in told["text"]


def test_firms_alike_sell_the_same_to_the_same(published):
    client, snapshot, ids = published
    told = client.get(f"/v1/enterprises/{ids['i']}/similar?limit=3").json()
    assert {one["name"] for one in told["items"]} == set("jkl")
    first = told["items"][0]
    assert first["shared_products"] == ["GLUE"] and first["shared_customers"] == 4
    assert first["segment"]["id"] == "glue" and 0.5 < first["similarity"] <= 1
    assert np.array_equal(snapshot.embedding, embed(view_of(snapshot)).values)


def test_a_suggested_link_shows_paths_and_is_nobodys_customer(published):
    client, snapshot, ids = published
    told = client.get(f"/v1/enterprises/{ids['d']}/suggested-links").json()
    (link,) = told["items"]
    assert (link["partner"]["name"], link["direction"], link["basis"]) == ("h", "customer", "inferred")
    assert link["probability"] == 0.42 and link["of_paths"] == 9 and len(link["paths"]) == 3
    assert {path["rival"]["name"] for path in link["paths"]} <= set("abc")
    assert {one["kind"] for one in link["against_paths"]} <= {"reverse", "elsewhere", "served"}
    assert all(one["firms"] and one["text"] for one in link["against_paths"])
    other = client.get(f"/v1/enterprises/{ids['h']}/suggested-links").json()["items"][0]
    assert (other["partner"]["name"], other["direction"]) == ("d", "supplier")
    seller, buyer = (snapshot.index_of(ids[name]) for name in "dh")
    assert snapshot.edge_between(seller, buyer) is None
    row = project(snapshot)["SUPPLIES"].filter(src=ids["d"], dst=ids["h"]).row(0, named=True)
    assert (row["basis"], row["confidence"], row["amount_fen"], row["count"]) == (
        "inferred",
        0.42,
        None,
        None,
    )
    assert "no customers" in told["note"]


def test_what_goods_are_made_of_is_learned_and_compared_with_the_chains_file(published):
    client, snapshot, _ = published
    told = client.get("/v1/chains/toy/made-of").json()
    assert snapshot.made_of.height == len(told["items"])
    assert client.get("/v1/chains/none/made-of").status_code == 404
