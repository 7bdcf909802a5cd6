"""What a key bound to some firms is told by every route of the API: of others nothing, not that they exist.

The walk asks each operation about own firms, partners and strangers; no answer bears an id, a name or a code
of a stranger that the question did not, and a stranger is answered as a firm that does not exist.
"""

import json
import re

import numpy as np
import pytest

from api.hiding import HIDDEN
from api.rows import OF_DESK
from api.views.shortest import shortest_links
from graph.snapshot import open_snapshot
from ledger.errors import StoreUnavailable
from ledger.ledger import Ledger
from tests.access_keys import bearing, key_for
from tests.api_server import serving_folder
from tests.bound_world import (
    ACCOUNT,
    FORMER,
    NAMES,
    OTHER_CODE,
    OTHER_NAME,
    OTHER_PARTY,
    OWN,
    PAIRS,
    PERSON,
    STRANGERS,
    UNMET_PERSON,
    bound_world,
    forbidden,
    review_of,
    text_of,
)
from tests.test_api_credit import asked
from tests.tiny_graph import FIRMS, code, firm

UNKNOWN = "0123456789abcdef"
KINDS = ["supply", "ownership", "guarantee", "person", "account", "other"]
#: Who is asked about: an own firm, another, a partner, a stranger, and nobody.
ASKED = ("C", "L", "E", "G")
ZH = {"Accept-Language": "zh"}


def nobody():
    raise StoreUnavailable("store_silent", uri="bolt://nowhere:7687", detail="refused")


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    return bound_world(tmp_path_factory.mktemp("bound") / "data")


@pytest.fixture(scope="module")
def client(world):
    with serving_folder(world.folder, store=nobody, values={"rate": "0"}) as client:
        yield client


@pytest.fixture(scope="module")
def walked(tmp_path_factory):
    """Another one, for walks that also write."""
    return bound_world(tmp_path_factory.mktemp("walked") / "data")


@pytest.fixture(scope="module")
def walking(walked):
    with serving_folder(walked.folder, store=nobody, values={"rate": "0"}) as client:
        yield client


def applied(client, world):
    """Applications and decisions of an own firm and of a stranger: ids of both kinds."""
    officer = bearing(key_for(world.folder, "credit", holder="officer"))
    entered, made = [], []
    for letter in "CG":
        answer = client.post("/v1/applications", json=asked(letter), headers=officer)
        entered.append(answer.json()["id"])
        wanted = {"application": entered[-1]}
        made.append(client.post("/v1/credit/decisions", json=wanted, headers=officer).json()["decision_id"])
    return entered, made


def edge(type_, a, b):
    return f"{type_}:{firm(a)}:{firm(b)}"


EDGES = [edge("SUPPLIES", *pair) for pair in ("AC", "CE", "LE", "EG", "GH", "KA", "DF")]
EDGES += [edge("INFERRED", *pair) for pair in ("CF", "GC", "CE", "FG", "AE")]
EDGES += [edge("GUARANTEES", "C", "F"), edge("GUARANTEES", "E", "C"), edge("GUARANTEES", "A", "E")]
EDGES += [f"LEGAL_REP_OF:{PERSON}:{firm('C')}", f"OWNS:{PERSON}:{firm('F')}", edge("OWNS", "G", "C")]
NODES = [*map(firm, FIRMS), PERSON, UNMET_PERSON, ACCOUNT, "e" * 16, OTHER_PARTY, UNKNOWN]


def bodies(world, operation):
    """Bodies that the operation is asked with: of own firms, and of everybody."""
    every = [
        NAMES["C"],
        NAMES["G"],
        code("G"),
        OTHER_CODE,
        "天行玩具汽车",
        "慈溪齿轮公司",
        "玩具汽车有限公司",
    ]
    return {
        "match_list": [{"text": "\n".join(every)}, {"text": f"{firm('G')}\n{firm('C')}"}],
        "match_list_file": [{"text": "\n".join(every)}],
        "expand": [
            {"enterprises": [firm("C"), firm("L")], "kinds": KINDS, "basis": "both"},
            {"enterprises": [firm("C"), PERSON, ACCOUNT], "kinds": KINDS, "limit": 1},
            {"enterprises": [firm("C")], "chain": "toy-car"},
            *({"enterprises": [id_], "kinds": KINDS} for id_ in (firm("G"), firm("E"), UNMET_PERSON)),
        ],
        "open_nodes": [{"ids": NODES, "kinds": KINDS, "basis": "both"}],
        "relations": [
            {"enterprises": [firm("C"), firm("L")], "kinds": KINDS},
            {"enterprises": [firm("C"), firm("G")], "kinds": KINDS},
        ],
        "common_partners": [
            {"enterprises": [firm("C"), firm("L")], "side": side} for side in ("customers", "suppliers")
        ],
        "edge_months": [{"edges": EDGES, "each": True}],
        "export_graph": [
            {"nodes": NODES, "edges": EDGES, "format": format_, "part": part}
            for format_ in ("csv", "graphml", "gexf", "json")
            for part in ("nodes", "edges")
        ],
        "make_watchlist": [{"name": "x", "enterprises": [firm(letter)]} for letter in ASKED],
        "change_watchlist": [{"add": [firm("L")], "remove": [UNKNOWN]}, {"add": [firm("G")]}],
        "decide_review": [{"decision": "later"}],
        "cashflow_forecast": [{"enterprise": firm("C")}, {"enterprise": firm("G")}],
        "apply_for_credit": [asked(letter) for letter in "CG"],
        "match": [{"queries": [{"name": NAMES["G"]}]}],
    }.get(operation, [{}])


QUERIES = {
    "search_enterprises": [{"q": q} for q in ("有限", "天行", "t", "9199", "玩具", code("G"))],
    "neighbours": [{"side": "suppliers"}],
    "evidence": [{"side": "customers", "partner": firm(x)} for x in ("E", "G")],
    "paths": [{"to": to, "chain": "toy-car"} for to in ("core", firm("L"), firm("E"), firm("G"))],
    "compare_maps": [{"before": "2025-05-31", "months": 2}],
    "chain_map": [{"color": color} for color in ("count", "amount", "risk", "growth", "region")]
    + [{"months": 3}],
    "chain_map_file": [{"format": "csv"}, {"format": "xlsx", "color": "risk"}],
    "screen": [
        {},
        {"hubs": True, "limit": 1},
        {"q": "天行"},
        {"core": firm("G")},
        {"core": firm("E")},
        {"is_core": True},
        {"sort": "name", "offset": 1},
        {"group": ACCOUNT},
        {"knocked_out": True},
    ],
    "screen_file": [{"format": "csv"}, {"format": "xlsx"}],
    "changes": [{}, {"since": "2025-09-30"}],
    "watchlist_alerts": [{}],
    "list_reviews": [{"state": state} for state in ("open", "later", "decided")],
}
DAY = {"on": "2025-03-31", "since": "2025-01-01"}


def questions(world, path, operation, more=None):
    """Every path and query that an operation is walked with."""
    ids = {
        **(more or {}),
        "{watchlist}": [world.own_list, world.shared_list, UNKNOWN], "{portfolio}": [world.portfolio],
        "{review}": [review_of(pair) for pair in PAIRS], "{group}": [ACCOUNT, "e" * 16],
        "{enterprise}": [*map(firm, ASKED), OTHER_PARTY], "{chain}": ["toy-car", "watch"],
    }  # fmt: skip
    paths = [path]
    for name, values in ids.items():
        if name in path:
            paths = [one.replace(name, value) for one in paths for value in values]
    queries = QUERIES.get(operation, [{}])
    if operation == "screen":
        queries = [*queries, {"watchlist": world.own_list}, {"watchlist": world.shared_list}]
    return [(re.sub(r"\{\w+\}", UNKNOWN, one), {**DAY, **query} if operation not in QUERIES else query)
            for one in paths for query in queries]  # fmt: skip


def described(client):
    description = client.get("/v1/openapi.json").json()
    return [
        (path, method.upper(), operation["operationId"])
        for path, item in description["paths"].items()
        for method, operation in item.items()
        if operation["x-scope"] != "public"
    ]


@pytest.mark.slow
@pytest.mark.parametrize("role", ["analyst", "credit", "reviewer", "owner"])
def test_no_route_tells_a_bound_caller_of_a_stranger(walking, walked, role):
    headers, words, answered = {**walked.keys[role], **ZH}, forbidden(), set()
    papers = Ledger(walked.folder).documents()["sha256"].to_list()
    entered, made = applied(walking, walked)
    more = {"{sha256}": papers, "{application}": entered, "{decision}": made, "{page}": ["1"]}
    for path, method, operation in described(walking):
        if operation in ("delete_watchlist", "upload_documents", "withdraw_application", "withdraw_consent"):
            continue
        for where, query in questions(walked, path, operation, more):
            for body in bodies(walked, operation) if method in ("POST", "PATCH") else [None]:
                answer = walking.request(method, where, params=query, json=body, headers=headers)
                assert answer.status_code < 500 or answer.json()["code"] == "store_silent", answer.text
                said, sent = text_of(answer), f"{where} {query} {json.dumps(body, ensure_ascii=False)}"
                told = {what for word, what in words.items() if word in said and word not in sent}
                assert not told, (operation, where, query, body, said[:2000])
                if answer.status_code == 200:
                    answered.add(operation)
    if role == "owner":
        assert not answered & OF_DESK
    else:
        scopes = {"analyst": set(), "credit": {"decide_review"}, "reviewer": {"decide_review"}}[role]
        assert answered >= OF_DESK - {"delete_watchlist", "make_watchlist", "paths"} - scopes


def test_the_walk_would_find_strangers_were_they_told(walking, walked):
    """The same questions of who sees all: nearly every route of the desk names strangers."""
    headers, words = {**bearing(key_for(walked.folder, "analyst", holder="all")), **ZH}, forbidden()
    telling = set()
    for path, method, operation in described(walking):
        if operation not in OF_DESK or operation == "delete_watchlist":
            continue
        for where, query in questions(walked, path, operation):
            for body in bodies(walked, operation) if method in ("POST", "PATCH") else [None]:
                said = text_of(walking.request(method, where, params=query, json=body, headers=headers))
                sent = f"{where} {query} {json.dumps(body, ensure_ascii=False)}"
                telling |= {operation for word in words if word in said and word not in sent}
    assert telling >= OF_DESK - {
        *("delete_watchlist", "make_watchlist", "change_watchlist", "paths", "list_chains", "compare_maps"),
        *("chain_map_file", "edge_months", "decide_review", "common_partners"),
    }


# What they do see


def ask(client, world, method, path, role="analyst", **more):
    answer = client.request(method, f"/v1/{path}", headers={**world.keys[role], **ZH}, **more)
    assert answer.status_code in (200, 201), answer.text
    return answer.json()


def letters(items):
    by_id = {firm(letter): letter for letter in FIRMS}
    return "".join(by_id.get(item["id"], "?") for item in items)


def test_a_screen_holds_own_rows_and_counts_them_alone(client, world):
    body = ask(client, world, "GET", "lists/screen", params={"hubs": True, "sort": "name", "limit": 1})
    assert (len(body["items"]), body["total"], body["note"]) == (1, 2, "显示 1 / 共 2")
    whole = ask(client, world, "GET", "lists/screen", params={"sort": "sales_fen"})["items"]
    assert letters(whole) == "CL"
    assert whole[0]["core"] == {"id": HIDDEN, "name": "其他企业"}
    assert whole[0]["customers"] == 1
    for question in ({"q": "天行"}, {"is_core": True}, {"knocked_out": True}, {"region": "33"}):
        assert ask(client, world, "GET", "lists/screen", params=question)["total"] == 0
    file = client.get("/v1/lists/screen/file?format=csv", headers={**world.keys["analyst"], **ZH}).text
    assert "其他企业" in file
    assert len(file.strip().splitlines()) == 3


def test_a_pasted_stranger_is_matched_as_a_name_that_nobody_bears(client, world):
    """Also where an own firm bears a like name, and without a trace in what is repeated."""
    lines = [NAMES["G"], code("G"), firm("G"), OTHER_NAME, FORMER, "谁也不是有限公司", NAMES["C"]]
    body = ask(client, world, "POST", "lists/match", json={"text": "\n".join(lines)})
    assert [item["status"] for item in body["items"]] == ["unmatched"] * 6 + ["matched"]
    assert [item["name"] or item["code"] for item in body["items"]] == lines
    assert (body["matched"], body["unmatched"], body["ambiguous"]) == (1, 6, 0)


def test_partners_are_named_and_nothing_else_is_told_of_them(client, world):
    body = ask(client, world, "POST", "graph/expand", json={"enterprises": [firm("C")]})
    assert set(letters(body["nodes"])) == set("CABEK")
    told = {node["id"]: node for node in body["nodes"]}
    partner, own = told[firm("E")], told[firm("C")]
    assert (partner["closed"], partner["name"], own["closed"]) == (True, NAMES["E"], False)
    assert own["sales_fen"] == 11_000_00
    empty = ("code", "segment", "level", "depth", "sales_fen", "customers", "suppliers", "region", "size")
    assert {partner[name] for name in empty} == {None}
    assert {one["side"]: (one["shown"], one["total"]) for one in body["expanded"]} == {
        "suppliers": (3, 3), "customers": (1, 1),
    }  # fmt: skip
    for filters in ({"chain": "toy-car"}, {"region": "33"}):  # where partners stand is not told
        narrowed = {"enterprises": [firm("C")], **filters}
        assert letters(ask(client, world, "POST", "graph/expand", json=narrowed)["nodes"]) == "C"


def test_ties_to_strangers_are_counted_and_not_shown(client, world):
    body = ask(client, world, "POST", "graph/expand", json={"enterprises": [firm("C")], "kinds": KINDS[1:]})
    ids = {node["id"] for node in body["nodes"]}
    assert ids == {firm("C"), firm("E"), PERSON, ACCOUNT}
    told = {one["kind"]: (one["total"], one["left_out"]) for one in body["expanded"]}
    assert (told["guarantee"], told["ownership"]) == ((1, 1), (0, 1))
    notes = {one["kind"]: one["note"] for one in body["expanded"]}
    assert notes["guarantee"] == "显示 1 / 共 1；另有 1 条连到您看不到的企业"
    person = ask(client, world, "POST", "graph/expand", json={"enterprises": [PERSON], "kinds": ["person"]})
    assert {e["id"] for e in person["edges"]} == {f"LEGAL_REP_OF:{PERSON}:{firm('C')}"}
    (counted,) = person["expanded"]  # of a person's own links it is not told how many there are
    assert (counted["total"], counted["left_out"]) == (1, 0)


def test_links_among_partners_are_none(client, world):
    body = ask(client, world, "POST", "graph/nodes", json={"ids": NODES, "kinds": KINDS, "basis": "both"})
    assert {node["id"] for node in body["nodes"]} == {*map(firm, OWN + "ABEK"), PERSON, ACCOUNT}
    own = {firm(letter) for letter in OWN}
    assert body["edges"]
    assert all({e["source"], e["target"]} & own for e in body["edges"])
    assert {e["id"] for e in body["edges"] if e["basis"] == "inferred"} == {edge("INFERRED", "C", "E")}
    assert set(body["missing"]) == {*map(firm, STRANGERS), UNMET_PERSON, "e" * 16, OTHER_PARTY, UNKNOWN}
    months = ask(client, world, "POST", "graph/months", json={"edges": EDGES, "each": True})
    assert {one["edge"] for one in months["each"]} == {edge("SUPPLIES", *pair) for pair in ("AC", "CE", "LE")}
    wanted = {"nodes": NODES, "edges": EDGES, "format": "json"}
    file = client.post("/v1/graph/export", json=wanted, headers=world.keys["analyst"])
    shown = {edge("SUPPLIES", *pair) for pair in ("AC", "CE", "LE")} | {edge("INFERRED", "C", "E")}
    shown |= {edge("GUARANTEES", "E", "C"), f"LEGAL_REP_OF:{PERSON}:{firm('C')}"}
    assert {e["id"] for e in file.json()["edges"]} == shown


def test_ways_lead_over_own_firms_and_their_partners(client, world):
    body = ask(client, world, "POST", "graph/relations", json={"enterprises": [firm("C"), firm("L")]})
    (pair,) = body["pairs"]
    assert (pair["shortest"], pair["ways"][0]["nodes"]) == (2, [firm("C"), firm("E"), firm("L")])
    assert "只看了您的企业及其往来" in pair["text"]
    common = {"enterprises": [firm("C"), firm("L")], "side": "customers"}
    body = ask(client, world, "POST", "graph/common", json=common)
    assert [item["enterprise"] for item in body["items"]] == [firm("E")]
    assert body["items"][0]["amount_fen"] == 11_200_00


def test_only_links_of_own_firms_are_walked(world):
    snapshot = open_snapshot(world.folder)
    own = np.zeros(snapshot.enterprises.height, bool)
    own[[snapshot.index_of(firm(letter)) for letter in OWN]] = True
    at = {letter: snapshot.index_of(firm(letter)) for letter in FIRMS}
    assert shortest_links(snapshot, [at["C"]], [at["G"]])[0]
    assert shortest_links(snapshot, [at["C"]], [at["G"]], own) == ({}, False)
    assert shortest_links(snapshot, [at["A"]], [at["E"]], own)[0].keys() == {at["A"], at["C"]}


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("graph/expand", {"enterprises": ["?"]}),
        ("graph/expand", {"enterprises": [firm("C"), "?"], "kinds": KINDS}),
        ("graph/relations", {"enterprises": [firm("C"), "?"]}),
        ("graph/common", {"enterprises": ["?", firm("C")]}),
        ("watchlists", {"name": "x", "enterprises": ["?"]}),
    ],
)
@pytest.mark.parametrize("stranger", [firm("G"), firm("E"), OTHER_PARTY, UNMET_PERSON, "e" * 16])
def test_a_stranger_is_refused_as_one_who_is_not(client, world, path, body, stranger):
    answers = []
    for id_ in (stranger, UNKNOWN):
        asked = json.loads(json.dumps(body).replace("?", id_))
        answer = client.post(f"/v1/{path}", json=asked, headers=world.keys["analyst"])
        answers.append((answer.status_code, answer.text.replace(id_, "-")))
    assert answers[0] == answers[1]
    assert answers[0][0] == 404


def test_a_screen_of_a_stranger_is_refused_as_one_of_nobody(client, world):
    for name, there in (("core", firm("G")), ("watchlist", world.shared_list)):
        answers = [
            client.get("/v1/lists/screen", params={name: id_}, headers=world.keys["analyst"])
            for id_ in (there, UNKNOWN)
        ]
        said = [
            (a.status_code, a.text.replace(id_, "-"))
            for a, id_ in zip(answers, (there, UNKNOWN), strict=True)
        ]
        assert said[0] == said[1]
        assert said[0][0] == 404


def test_what_changed_is_told_of_own_firms(client, world):
    body = ask(client, world, "GET", "changes", params={"since": world.earlier})
    assert body["compared"]
    assert [one["enterprise"]["id"] for one in body["placed"]["items"]] == [firm("C")]
    assert (body["placed"]["total"], body["new_enterprises"]["total"], body["gone"]) == (1, 0, 0)
    assert {a["enterprise"]["id"] for a in body["alerts"]["items"]} == {firm("C")}
    assert (body["alerts"]["total"], body["alerts"]["watchlists"]) == (1, 1)


def test_own_watchlists_hold_own_firms_and_say_what_they_leave_out(client, world):
    body = ask(client, world, "GET", f"watchlists/{world.own_list}")
    assert (letters(body["enterprises"]), body["unknown"], body["left_out"]) == ("C", [], 4)
    assert body["watchlist"]["size"] == 1
    listed = ask(client, world, "GET", "watchlists")
    assert world.shared_list not in {item["id"] for item in listed["items"]}
    assert (
        letters(ask(client, world, "GET", "lists/screen", params={"watchlist": world.own_list})["items"])
        == "C"
    )


def test_reviews_are_those_of_two_own_firms(client, world):
    body = ask(client, world, "GET", "reviews", params={"state": "decided"})
    (one,) = body["items"]
    assert (one["id"], body["total"]) == (review_of("CL"), 1)
    assert (one["decided"]["by"], one["decided"]["why"]) == ("zhang.san", "")
    assert ask(client, world, "GET", "reviews")["total"] == 0
    for pair in ("CG", "EG", "FH"):
        answer = client.post(
            f"/v1/reviews/{review_of(pair)}", json={"decision": "same"}, headers=world.keys["analyst"]
        )
        assert (answer.status_code, answer.json()["code"]) == (404, "review_not_found")


def test_a_map_is_one_of_own_firms(client, world):
    body = ask(client, world, "GET", "chains/toy-car/map", params={"color": "amount"})
    assert (body["total"], sum(cell["enterprises"] for cell in body["cells"])) == (2, 1)
    assert sum(cell["amount_fen"] for cell in body["cells"]) == 11_000_00
    assert (body["flows"], body["cores"], body["core_known"]) == ([], [], True)
    told = ask(client, world, "GET", "chains")
    assert (told["totals"]["enterprises"], told["totals"]["placed"]) == (2, 2)
    assert {item["id"]: item["enterprises"] for item in told["items"]} == {"toy-car": 2, "watch": 1}
    whole = client.get("/v1/chains", headers=bearing(key_for(world.folder, "analyst", holder="all"))).json()
    assert whole["totals"]["enterprises"] == len(FIRMS)


def test_the_session_says_what_a_bound_caller_may_call(client, world):
    told = {role: ask(client, world, "GET", "session", role)["operations"] for role in world.keys}
    assert set(told["analyst"]) >= OF_DESK
    assert not set(told["owner"]) & OF_DESK
    assert {"exposures"} & set(told["credit"]) and not {"exposures"} & set(told["analyst"])
    whole = client.get("/v1/session", headers=bearing(key_for(world.folder, "analyst", holder="all")))
    assert whole.json()["operations"] is None
