"""Views, notes and watchlists over the API: whose they are, who reads them, what is kept of them."""

import sqlite3

import pytest

from ledger import views
from ledger.audit import Chosen, entries
from ledger.errors import StoreUnavailable
from ledger.state import State
from tests.access_keys import bearing, key_for
from tests.api_server import serving_folder
from tests.tiny_graph import FIRMS, OTHER_PARTY_OF_C, firm, tiny

NAMES = {letter: row[0] for letter, row in FIRMS.items()}


def nobody():
    raise StoreUnavailable("store_silent", uri="bolt://nowhere:7687", detail="refused")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tiny(tmp_path_factory.mktemp("desk")).folder


@pytest.fixture(scope="module")
def client(folder):
    with serving_folder(folder, store=nobody) as client:
        yield client


@pytest.fixture(scope="module")
def li(folder):
    return bearing(key_for(folder, "analyst", holder="li.ming"))


@pytest.fixture(scope="module")
def wang(folder):
    return bearing(key_for(folder, "credit", holder="wang.fang"))


def made(client, headers, path, **body):
    answer = client.post(f"/v1/{path}", json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    return answer.json()


def refused(answer):
    return answer.status_code, answer.json()["code"]


def a_view(client, headers, **more):
    body = {"name": " 看板 ", "kind": "explorer", "state": {"nodes": [firm("A")]}} | more
    return made(client, headers, "views", **body)["view"]


def test_a_view_opens_again_as_it_was_kept(client, li):
    view = a_view(client, li, state={"nodes": [firm("A")], "zoom": 1.5, "open": None})
    assert (view["name"], view["own"], view["shared"], view["by"]) == ("看板", True, False, "li.ming")
    again = client.get(f"/v1/views/{view['id']}", headers=li).json()["view"]
    assert again == view
    assert again["state"] == {"nodes": [firm("A")], "zoom": 1.5, "open": None}


def test_a_view_is_its_owners_until_it_is_shared(client, li, wang):
    view = a_view(client, li)["id"]
    assert refused(client.get(f"/v1/views/{view}", headers=wang)) == (404, "view_not_found")
    client.patch(f"/v1/views/{view}", json={"shared": True}, headers=li)
    seen = client.get(f"/v1/views/{view}", headers=wang).json()["view"]
    assert (seen["own"], seen["by"]) == (False, "li.ming")
    for answer in (
        client.patch(f"/v1/views/{view}", json={"name": "x"}, headers=wang),
        client.delete(f"/v1/views/{view}", headers=wang),
    ):
        assert refused(answer) == (403, "not_the_owner")
    assert client.get(f"/v1/views/{view}", headers=li).json()["view"]["name"] == "看板"


def test_views_are_listed_newest_first_a_page_at_a_time(client, wang):
    ids = [a_view(client, wang, kind="map", name=str(i))["id"] for i in range(3)]
    seen, cursor = [], None
    while True:
        params = {"kind": "map", "limit": 2, **({"cursor": cursor} if cursor else {})}
        page = client.get("/v1/views", params=params, headers=wang).json()
        seen += [item["id"] for item in page["items"]]
        assert page["total"] == 3
        assert "state" not in page["items"][0]
        if (cursor := page["next"]) is None:
            break
    assert seen == ids[::-1]


def test_a_state_of_more_than_64_kib_is_refused(client, li):
    body = {"name": "x", "kind": "list", "state": {"text": "字" * (views.LARGEST // 3)}}
    assert refused(client.post("/v1/views", json=body, headers=li)) == (400, "view_too_large")


def test_what_was_deleted_lends_its_id_to_nobody(client, li):
    first = a_view(client, li)["id"]
    assert client.delete(f"/v1/views/{first}", headers=li).json()["id"] == first
    assert refused(client.get(f"/v1/views/{first}", headers=li)) == (404, "view_not_found")
    assert a_view(client, li)["id"] != first


def test_a_write_sent_twice_is_done_once(client, li):
    headers = li | {"Idempotency-Key": "k1"}
    body = {"name": "once", "kind": "map", "state": {}}
    first, second = (client.post("/v1/views", json=body, headers=headers).json() for _ in range(2))
    assert first == second
    other = client.post("/v1/views", json=body | {"name": "other"}, headers=headers)
    assert refused(other) == (409, "idempotency_key_reused")


def test_who_only_reads_the_graph_keeps_nothing(client, folder, li):
    reader = bearing(key_for(folder, "analyst", holder="reader", scopes=("graph:read",)))
    body = {"name": "x", "kind": "map", "state": {}}
    assert refused(client.post("/v1/views", json=body, headers=reader)) == (403, "scope_missing")
    shared = a_view(client, li, shared=True)["id"]
    assert client.get(f"/v1/views/{shared}", headers=reader).status_code == 200


@pytest.mark.parametrize("path", ["views", "notes", "watchlists", "changes", "queries"])
def test_keys_bound_to_firms_see_none_of_it(client, folder, path):
    owner = bearing(key_for(folder, "owner", parties=(firm("C"),), holder=path))
    assert refused(client.get(f"/v1/{path}", headers=owner)) == (403, "rows_not_kept")


def test_a_note_on_a_firm_is_found_under_any_of_its_ids(client, li):
    note = made(client, li, "notes", enterprise=OTHER_PARTY_OF_C, text=" 需要核实 ")["note"]
    assert (note["text"], note["enterprise"]) == ("需要核实", {"id": firm("C"), "name": NAMES["C"]})
    for id_ in (firm("C"), OTHER_PARTY_OF_C):
        found = client.get(f"/v1/notes?enterprise={id_}", headers=li).json()
        assert [one["id"] for one in found["items"]] == [note["id"]]


def test_a_note_on_a_link_names_both_ends(client, li):
    note = made(client, li, "notes", seller=firm("G"), buyer=firm("H"), text="x")["note"]
    assert (note["enterprise"]["name"], note["partner"]["name"]) == (NAMES["G"], NAMES["H"])
    ask = {"seller": firm("G"), "buyer": firm("H")}
    assert client.get("/v1/notes", params=ask, headers=li).json()["total"] == 1
    back = {"seller": firm("H"), "buyer": firm("G")}
    assert client.get("/v1/notes", params=back, headers=li).json()["total"] == 0
    assert client.get(f"/v1/notes?enterprise={firm('H')}", headers=li).json()["total"] == 1
    assert refused(client.get(f"/v1/notes?seller={firm('G')}", headers=li)) == (400, "note_about")


def test_every_version_of_a_note_is_kept(client, folder, li, wang):
    note = made(client, li, "notes", enterprise=firm("A"), text="one", shared=True)["note"]["id"]
    assert refused(client.patch(f"/v1/notes/{note}", json={"text": "no"}, headers=wang)) == (
        403,
        "not_the_owner",
    )
    client.patch(f"/v1/notes/{note}", json={"text": "two"}, headers=li)
    client.patch(f"/v1/notes/{note}", json={"text": "two"}, headers=li)
    told = client.get(f"/v1/notes/{note}/history", headers=wang).json()["items"]
    assert [(one["version"], one["text"]) for one in told] == [(2, "two"), (1, "one")]
    with State(folder).writing() as connection, pytest.raises(sqlite3.IntegrityError):
        connection.execute("UPDATE note_versions SET text = 'x' WHERE note = ?", (note,))


def test_a_deleted_note_is_gone_and_the_audit_chain_tells_of_it(client, folder, li, wang):
    note = made(client, li, "notes", enterprise=firm("B"), text="x", shared=True)["note"]["id"]
    assert refused(client.delete(f"/v1/notes/{note}", headers=wang)) == (403, "not_the_owner")
    client.delete(f"/v1/notes/{note}", headers=li)
    assert client.get(f"/v1/notes?enterprise={firm('B')}", headers=li).json()["total"] == 0
    assert refused(client.get(f"/v1/notes/{note}/history", headers=li)) == (404, "note_not_found")
    told = [entry.action for entry in entries(State(folder), wanted=Chosen(subject=note))]
    assert told == ["note_made", "note_deleted"]


def test_notes_on_nobody_are_refused(client, li):
    body = {"enterprise": "0" * 16, "text": "x"}
    assert refused(client.post("/v1/notes", json=body, headers=li)) == (404, "enterprise_not_found")
    for wrong in ({"text": "x"}, {"enterprise": firm("A"), "text": " "}, {"seller": firm("A"), "text": "x"}):
        assert client.post("/v1/notes", json=wrong, headers=li).status_code == 422
    long = {"enterprise": firm("A"), "text": "x" * 4_001}
    assert client.post("/v1/notes", json=long, headers=li).status_code == 422


def test_a_watchlist_takes_firms_in_and_lets_them_go(client, li):
    ids = [firm("A"), OTHER_PARTY_OF_C, firm("A")]
    body = made(client, li, "watchlists", name="关注", enterprises=ids)
    assert [one["id"] for one in body["enterprises"]] == sorted([firm("A"), firm("C")], key=_party)
    list_ = body["watchlist"]["id"]
    changed = client.patch(
        f"/v1/watchlists/{list_}", json={"add": [firm("B")], "remove": [firm("C")]}, headers=li
    ).json()
    assert {one["id"] for one in changed["enterprises"]} == {firm("A"), firm("B")}
    page = client.get(f"/v1/lists/screen?watchlist={list_}", headers=li).json()
    assert {one["id"] for one in page["items"]} == {firm("A"), firm("B")}
    client.delete(f"/v1/watchlists/{list_}", headers=li)
    gone = client.get(f"/v1/lists/screen?watchlist={list_}", headers=li)
    assert refused(gone) == (404, "watchlist_not_found")


def _party(id_):
    return OTHER_PARTY_OF_C if id_ == firm("C") else id_


def test_anothers_watchlist_is_read_where_shared_and_never_changed(client, li, wang):
    own = made(client, li, "watchlists", name="own", enterprises=[firm("A")])["watchlist"]["id"]
    assert refused(client.get(f"/v1/watchlists/{own}", headers=wang)) == (404, "watchlist_not_found")
    hidden = client.get(f"/v1/lists/screen?watchlist={own}", headers=wang)
    assert refused(hidden) == (404, "watchlist_not_found")
    client.patch(f"/v1/watchlists/{own}", json={"shared": True}, headers=li)
    assert client.get(f"/v1/watchlists/{own}", headers=wang).json()["watchlist"]["own"] is False
    add = client.patch(f"/v1/watchlists/{own}", json={"add": [firm("B")]}, headers=wang)
    assert refused(add) == (403, "not_the_owner")


def test_before_the_first_build_views_are_kept_and_firms_are_unknown(tmp_path):
    with serving_folder(tmp_path, store=nobody) as client:
        body = {"name": "x", "kind": "map", "state": {}}
        assert client.post("/v1/views", json=body).status_code == 201
        assert client.get("/v1/views").json()["snapshot"] is None
        assert client.get("/v1/watchlists").json()["items"] == []
        note = {"enterprise": firm("A"), "text": "x"}
        assert client.post("/v1/notes", json=note).status_code == 404
