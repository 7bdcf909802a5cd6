"""What changed between two published snapshots: over the API, for everybody and for who is watched."""

import os
from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from graph.snapshot import open_snapshot, write_snapshot
from ledger import watch
from ledger.errors import StoreUnavailable
from ledger.state import State
from services.desk.changes import difference
from tests.access_keys import bearing, key_for
from tests.api_server import serving_folder
from tests.tiny_graph import FIRMS, OTHER_PARTY_OF_C, YUAN, firm, invoices, tables

ROWS = {letter: i for i, letter in enumerate(sorted(FIRMS, key=firm))}
NAMES = {letter: row[0] for letter, row in FIRMS.items()}


def nobody():
    raise StoreUnavailable("store_silent", uri="bolt://nowhere:7687", detail="refused")


def earlier():
    """The tiny economy before: no link JD nor GI, B elsewhere, I unknown, F in no segment, H in one more."""
    whole = tables(invoices())
    gone = ROWS["I"]

    def without(frame, *columns):
        kept = frame.filter(~pl.any_horizontal(pl.col(name) == gone for name in columns))
        down = [pl.when(pl.col(n) > gone).then(pl.col(n) - 1).otherwise(pl.col(n)).alias(n) for n in columns]
        return kept.with_columns(down)

    pairs = whole.edges.with_row_index("edge").filter(
        ~((pl.col("src") == ROWS["J"]) & (pl.col("dst") == ROWS["D"])),
        (pl.col("src") != gone) & (pl.col("dst") != gone),
    )
    number = pairs.select("edge").with_row_index("now").cast(pl.Int32)
    whole.edges = without(pairs.drop("edge"), "src", "dst")
    for name in ("flow", "edge_products", "evidence"):
        frame = getattr(whole, name).cast({"edge": pl.Int32}).join(number, on="edge")
        setattr(whole, name, frame.drop("edge").rename({"now": "edge"}))
    whole.enterprises = whole.enterprises.filter(pl.col("id") != firm("I"))
    whole.members = without(whole.members, "enterprise").cast({"enterprise": pl.Int32})
    place = pl.col("enterprise")
    whole.positions = without(
        whole.positions.with_columns(
            segment=pl.when(place == ROWS["B"]).then(pl.lit("part"))
            .when(place == ROWS["F"]).then(None)
            .when(place == ROWS["J"]).then(pl.lit("part")).otherwise("segment"),
            level=pl.when(place == ROWS["E"]).then(2).otherwise("level"),
        ),
        "enterprise",
    )  # fmt: skip
    core = [pl.when(pl.col("core") > gone).then(pl.col("core") - 1).otherwise(pl.col("core")).alias("core")]
    whole.positions = whole.positions.with_columns(core)
    for name in ("makes", "buys", "coverage"):
        setattr(whole, name, without(getattr(whole, name), "enterprise").cast({"enterprise": pl.Int32}))
    for chain in whole.chains:
        for one in chain["cores"]:
            one["enterprise"] -= one["enterprise"] > gone
    return whole


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("changes")
    old = write_snapshot(folder, earlier())
    long_ago = (datetime.now(UTC) - timedelta(days=40)).timestamp()
    os.utime(old.folder / "manifest.json", (long_ago, long_ago))
    whole = tables(invoices())
    whole.listings = pl.DataFrame({"enterprise": [ROWS["D"]], "list": ["abnormal"], "fact": ["f"]})
    write_snapshot(folder, whole)
    return folder


@pytest.fixture(scope="module")
def client(folder):
    with serving_folder(folder, store=nobody, values={"local_user": "always"}) as client:
        yield client


def watching(client, *letters):
    body = {"name": "-".join(letters), "enterprises": [firm(letter) for letter in letters]}
    return client.post("/v1/watchlists", json=body).json()["watchlist"]["id"]


def test_new_firms_places_and_links_are_told(client):
    body = client.get("/v1/changes").json()
    assert body["compared"] is True
    assert body["before"]["published"] < body["after"]["published"]
    assert [one["id"] for one in body["new_enterprises"]["items"]] == [firm("I")]
    placed = {one["enterprise"]["id"]: one["new"] for one in body["placed"]["items"]}
    assert placed == {firm("F"): False, firm("I"): True}
    assert [one["enterprise"]["id"] for one in body["unplaced"]["items"]] == [firm("J")]
    links = [(one["seller"]["id"], one["buyer"]["id"]) for one in body["new_links"]["items"]]
    assert links == [(firm("G"), firm("I")), (firm("J"), firm("D")), (firm("K"), firm("I"))]
    assert body["new_links"]["amount_fen"] == (15_000 + 100 + 10) * YUAN
    assert body["gone"] == 0


def test_what_is_left_off_is_said(client):
    body = client.get("/v1/changes?limit=1").json()
    assert (len(body["new_links"]["items"]), body["new_links"]["total"]) == (1, 3)
    assert body["new_links"]["note"] == "1 of 3"


def test_watched_firms_raise_alerts_the_gravest_first(client, folder):
    with State(folder).writing() as connection:
        watch.raise_(connection, firm("B"), "overdue", date(2025, 6, 1), "freeze", {}, "watch")
    list_ = watching(client, "B", "D", "E", "F", "I", "J")
    body = client.get(f"/v1/watchlists/{list_}/alerts").json()
    told = [(one["kind"], one["enterprise"]["id"]) for one in body["items"]]
    assert sorted(told) == sorted(
        [
            ("warning", firm("B")), ("listed", firm("D")), ("unplaced", firm("J")), ("segment", firm("B")),
            ("level", firm("E")), ("placed", firm("F")), ("placed", firm("I")), ("new_enterprise", firm("I")),
            *[("new_link", firm("I"))] * 2, ("new_link", firm("J")),
        ]
    )  # fmt: skip
    kinds = [kind for kind, _ in told]
    assert kinds[:4] == ["warning", "listed", "unplaced", "segment"]
    assert all("{" not in one["text"] for one in body["items"])
    moved = next(one for one in body["items"] if one["kind"] == "segment")
    assert "part" in moved["before"]
    assert body["items"][0]["on"] == "2025-06-01"
    first = client.get(f"/v1/watchlists/{list_}/alerts?limit=1").json()
    assert (first["items"], first["total"], first["note"]) == (body["items"][:1], 11, "1 of 11")


def test_warnings_are_for_those_who_may_see_loans(client, folder):
    list_ = watching(client, "B")
    client.patch(f"/v1/watchlists/{list_}", json={"shared": True})
    analyst = bearing(key_for(folder, "analyst"))
    body = client.get(f"/v1/watchlists/{list_}/alerts", headers=analyst).json()
    assert body["hidden"] == ["warning"]
    assert "warning" not in {one["kind"] for one in body["items"]}


def test_the_first_page_tells_of_watchlists_with_alerts_on(client):
    before = client.get("/v1/changes").json()["alerts"]
    list_ = watching(client, "G")
    now = client.get("/v1/changes").json()["alerts"]
    assert now["watchlists"] == before["watchlists"] + 1
    assert [one["kind"] for one in client.get(f"/v1/watchlists/{list_}/alerts").json()["items"]] == [
        "new_link"
    ]
    client.patch(f"/v1/watchlists/{list_}", json={"alerts": False})
    assert client.get("/v1/changes").json()["alerts"]["watchlists"] == before["watchlists"]


def test_since_names_a_snapshot_or_a_day(client, folder):
    old = client.get("/v1/changes").json()["before"]["id"]
    assert client.get(f"/v1/changes?since={old}").json()["new_links"]["total"] == 3
    day = (datetime.now(UTC) - timedelta(days=20)).date()
    assert client.get(f"/v1/changes?since={day}").json()["before"]["id"] == old
    none = client.get("/v1/changes?since=2020-01-01").json()
    assert (none["compared"], none["new_links"]["total"]) == (False, 0)
    current = client.get("/v1/changes").json()["snapshot"]
    assert client.get(f"/v1/changes?since={current}").json()["compared"] is False
    assert client.get(f"/v1/changes?since={'0' * 16}").json()["code"] == "snapshot_not_found"
    assert client.get("/v1/changes?since=2020-13-45").status_code == 400


def test_a_single_snapshot_says_so(tmp_path):
    write_snapshot(tmp_path, tables(invoices()))
    with serving_folder(tmp_path, store=nobody) as client:
        body = client.get("/v1/changes").json()
    assert (body["compared"], body["before"]) == (False, None)
    assert "only one published snapshot" in body["text"]


def test_a_merge_makes_no_new_link(tmp_path):
    """C's other party was an enterprise of its own before; its links are C's now."""
    now = write_snapshot(tmp_path, tables(invoices()))
    split = tables(invoices())
    own = split.enterprises.with_columns(pl.col("id"))
    extra = own.filter(pl.col("id") == firm("C")).with_columns(id=pl.lit(OTHER_PARTY_OF_C))
    every = pl.concat([own, extra]).sort("id")
    row = {id_: i for i, id_ in enumerate(every["id"])}
    to = {i: row[id_] for i, id_ in enumerate(own["id"])}
    for name, columns in (
        ("edges", ("src", "dst")), ("positions", ("enterprise", "core")), ("members", ("enterprise",)),
        ("makes", ("enterprise",)), ("buys", ("enterprise",)), ("coverage", ("enterprise",)),
    ):  # fmt: skip
        frame = getattr(split, name)
        setattr(split, name, frame.with_columns(pl.col(c).replace(to).cast(pl.Int32) for c in columns))
    for chain in split.chains:
        for one in chain["cores"]:
            one["enterprise"] = to[one["enterprise"]]
    moved = pl.when(pl.col("party") == OTHER_PARTY_OF_C).then(row[OTHER_PARTY_OF_C]).otherwise("enterprise")
    split.members = split.members.with_columns(enterprise=moved.cast(pl.Int32))
    seller = pl.when(pl.col("src") == row[firm("C")]).then(row[OTHER_PARTY_OF_C]).otherwise("src")
    edges = split.edges.with_row_index("edge").with_columns(src=seller.cast(pl.Int32)).sort("src", "dst")
    number = edges.select("edge").with_row_index("now").cast(pl.Int32)
    split.edges, split.enterprises = edges.drop("edge"), every
    for name in ("flow", "edge_products", "evidence"):
        frame = getattr(split, name).cast({"edge": pl.Int32}).join(number, on="edge")
        setattr(split, name, frame.drop("edge").rename({"now": "edge"}))
    before = write_snapshot(tmp_path / "old", split)
    found = difference(before, open_snapshot(tmp_path, now.id))
    assert (found.links.height, len(found.new), found.gone, found.places.height) == (0, 0, 1, 0)
