"""Pieces of the graph over the API: partners with caps, ways between firms, what is shared, months, files."""

import csv
import io
import json

import networkx as nx
import polars as pl
import pytest

from graph.snapshot import write_snapshot
from ledger.errors import StoreUnavailable
from tests.api_server import serving_folder
from tests.tiny_graph import FIRMS, OTHER_PARTY_OF_C, YUAN, firm, invoices, tables

NAMES = {letter: row[0] for letter, row in FIRMS.items()}
ROWS = {letter: i for i, letter in enumerate(sorted(FIRMS, key=firm))}
PERSON, GROUP = "a" * 16, "b" * 16


def nobody():
    raise StoreUnavailable("store_silent", uri="bolt://nowhere:7687", detail="refused")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pieces")
    whole = tables(invoices())
    ties = [
        ("GUARANTEES", firm("H"), False, None, firm("A"), None, 500),
        ("LEGAL_REP_OF", PERSON, True, "张**", firm("A"), None, None),
        ("OWNS", PERSON, True, "张**", firm("I"), 0.4, None),
        ("OWNS", firm("G"), False, None, firm("I"), 0.6, None),
    ]
    columns = ["kind", "src", "src_is_person", "src_label", "dst", "share", "amount_fen"]
    whole.relations = pl.DataFrame(ties, schema=columns, orient="row").with_columns(fact=pl.lit("f"))
    whole.groups = pl.DataFrame({"id": [GROUP], "kind": ["suspected"], "form": ["account"], "size": [2]})
    whole.group_members = pl.DataFrame(
        {"group": [GROUP] * 2, "enterprise": [ROWS["B"], ROWS["J"]], "tie": ["SHARES_ACCOUNT"] * 2}
    )
    whole.inferred_links = pl.DataFrame(
        {"src": [ROWS["A"]], "dst": [ROWS["F"]], "probability": [0.3], "rank": [1], "way": ["goods"]}
    )
    write_snapshot(folder, whole)
    return folder


@pytest.fixture(scope="module")
def client(folder):
    with serving_folder(folder, store=nobody) as client:
        yield client


def ask(client, path, status=200, **body):
    answer = client.post(f"/v1/graph/{path}", json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


def supplies(a, b):
    return f"SUPPLIES:{firm(a)}:{firm(b)}"


def test_partners_come_by_amount_and_the_cap_is_told(client):
    body = ask(client, "expand", enterprises=[firm("C")], limit=1)
    assert [edge["id"] for edge in body["edges"]] == [supplies("A", "C"), supplies("C", "E")]
    told = {one["side"]: one["note"] for one in body["expanded"]}
    assert told == {"suppliers": "1 of 3", "customers": "1 of 1"}
    assert body["nodes"][0]["name"] == NAMES["C"]
    assert body["edges"][0]["amount_fen"] == 9_500 * YUAN


def test_a_time_cuts_amounts_and_links(client):
    months = sorted({f"{i.day:%Y-%m}" for i in invoices()})
    first = [i for i in invoices() if i.pair == "AC" and f"{i.day:%Y-%m}" == months[0]]
    body = ask(client, "expand", enterprises=[firm("C")], side="suppliers", until=months[0])
    amounts = {edge["id"]: (edge["amount_fen"], edge["count"]) for edge in body["edges"]}
    assert amounts[supplies("A", "C")] == (sum(i.amount_fen for i in first), len(first))
    late = ask(client, "expand", enterprises=[firm("C")], side="suppliers", since="2099-01")
    assert (late["edges"], late["expanded"][0]["note"]) == ([], "0 of 0")


def test_filters_narrow_the_partners(client):
    least = ask(client, "expand", enterprises=[firm("C")], side="suppliers", amount_least_fen=400 * YUAN)
    assert {edge["source"] for edge in least["edges"]} == {firm("A"), firm("B")}
    here = ask(client, "expand", enterprises=[firm("C")], side="suppliers", region="3304")
    assert {edge["source"] for edge in here["edges"]} == {firm("A")}
    assert ask(client, "expand", enterprises=[firm("C")], chain="none")["edges"] == []


def test_inferred_links_come_only_where_asked_for(client):
    seen = ask(client, "expand", enterprises=[firm("A")], side="customers")
    assert {edge["basis"] for edge in seen["edges"]} == {"observed"}
    body = ask(client, "expand", enterprises=[firm("A")], side="customers", basis="inferred")
    (edge,) = body["edges"]
    assert (edge["id"], edge["probability"]) == (f"INFERRED:{firm('A')}:{firm('F')}", 0.3)
    assert edge["amount_fen"] is None


def test_people_guarantees_and_accounts_are_kinds_of_their_own(client):
    body = ask(client, "expand", enterprises=[firm("A")], kinds=["person", "guarantee", "ownership"])
    assert {edge["type"]: edge["kind"] for edge in body["edges"]} == {
        "LEGAL_REP_OF": "person", "GUARANTEES": "guarantee",
    }  # fmt: skip
    person = next(node for node in body["nodes"] if node["kind"] == "person")
    assert (person["name"], person["sales_fen"]) == ("张**", None)
    shared = ask(client, "expand", enterprises=[firm("B")], kinds=["account"])
    assert [node["kind"] for node in shared["nodes"]] == ["enterprise", "account"]


def test_a_person_leads_on_to_their_firms(client):
    body = ask(client, "expand", enterprises=[PERSON], kinds=["supply", "person"])
    assert {edge["target"] for edge in body["edges"]} == {firm("A"), firm("I")}
    assert [one["kind"] for one in body["expanded"]] == ["person"]


def test_ways_over_each_kind_are_told(client):
    body = ask(client, "relations", enterprises=[firm("A"), firm("I")], longest=6)
    (pair,) = body["pairs"]
    assert (pair["from"], pair["to"], pair["shortest"]) == (firm("A"), firm("I"), 2)
    by_kind = {tuple(way["kinds"]): way["nodes"] for way in pair["ways"]}
    assert [firm("A"), PERSON, firm("I")] in by_kind.values()
    supply = by_kind[("supply",)]
    assert supply == [firm(letter) for letter in "ACEGI"]
    ids = {edge["id"] for edge in body["edges"]}
    assert {id_ for way in pair["ways"] for id_ in way["edges"]} == ids
    assert {node["id"] for node in body["nodes"]} >= set(supply) | {PERSON}
    assert supplies("K", "A") not in ids  # over the hub nobody is related


def test_switched_off_kinds_carry_no_way(client):
    body = ask(client, "relations", enterprises=[firm("A"), firm("I")], kinds=["guarantee", "account"])
    (pair,) = body["pairs"]
    assert (pair["shortest"], pair["ways"], pair["cut"]) == (None, [], False)
    assert "nothing ties" in pair["text"]
    assert (
        ask(client, "relations", enterprises=[firm("B"), firm("J")], kinds=["account"])["pairs"][0][
            "shortest"
        ]
        == 2
    )


def test_a_way_may_lead_over_hubs_where_asked(client):
    two = [firm("B"), firm("H")]
    without = ask(client, "relations", enterprises=two, kinds=["supply"], longest=2)
    assert without["pairs"][0]["shortest"] is None
    pair = ask(client, "relations", enterprises=two, kinds=["supply"], longest=2, hubs=True)["pairs"][0]
    assert [way["nodes"] for way in pair["ways"]] == [[firm("B"), firm("K"), firm("H")]]


@pytest.mark.parametrize("longest", [1, 2, 3, 4])
def test_ways_are_those_of_a_plain_search(client, longest):
    graph = nx.Graph()
    for pair in {i.pair for i in invoices()}:
        if "K" not in pair:
            graph.add_edge(*pair)
    letters = "ABCDEFGHIJ"
    body = ask(client, "relations", enterprises=[firm(x) for x in letters], kinds=["supply"], longest=longest)
    by_id = {firm(x): x for x in FIRMS}
    assert len(body["pairs"]) == 45
    for pair in body["pairs"]:
        a, b = by_id[pair["from"]], by_id[pair["to"]]
        ways = sorted(nx.all_shortest_paths(graph, a, b)) if nx.has_path(graph, a, b) else []
        ways = [way for way in ways if len(way) - 1 <= longest]
        assert sorted([by_id[n] for n in way["nodes"]] for way in pair["ways"]) == ways
        assert pair["found"] == len(ways)


def test_hubs_are_no_common_suppliers(client):
    body = ask(client, "common", enterprises=[firm("C"), firm("D"), firm("E")])
    assert body["items"] == [{"enterprise": firm("B"), "shared": 2, "amount_fen": 2_000 * YUAN}]
    assert (body["hubs_left_out"], body["note"]) == (1, "1 of 1")
    assert {edge["id"] for edge in body["edges"]} == {supplies("B", "C"), supplies("B", "D")}
    assert ask(client, "common", enterprises=[firm("C")] * 2, status=400)["code"] == "relation_of_one"


def test_months_of_links_add_up_to_their_amounts(client):
    edges = [supplies("A", "C"), supplies("C", "E"), supplies("E", "A")]
    body = ask(client, "months", edges=edges, each=True)
    assert sum(body["amount_fen"]) == (9_500 + 11_000) * YUAN
    assert body["missing"] == [supplies("E", "A")]
    each = {one["edge"]: sum(one["amount_fen"]) for one in body["each"]}
    assert each == {edges[0]: 9_500 * YUAN, edges[1]: 11_000 * YUAN}


def test_a_saved_view_opens_with_what_its_ids_are_now(client):
    body = ask(client, "nodes", ids=[OTHER_PARTY_OF_C, firm("A"), "0" * 16], kinds=["supply"])
    assert [node["id"] for node in body["nodes"]] == [firm("C"), firm("A")]
    assert (body["moved"], body["missing"]) == ({OTHER_PARTY_OF_C: firm("C")}, ["0" * 16])
    assert [edge["id"] for edge in body["edges"]] == [supplies("A", "C")]


def test_suggested_links_among_nodes_come_only_where_asked_for(client):
    ends = [firm("A"), firm("F")]
    assert ask(client, "nodes", ids=ends)["edges"] == []
    (edge,) = ask(client, "nodes", ids=ends, basis="both")["edges"]
    assert (edge["id"], edge["basis"]) == (f"INFERRED:{firm('A')}:{firm('F')}", "inferred")
    assert ask(client, "nodes", ids=ends, basis="both", kinds=["ownership"])["edges"] == []
    assert ask(client, "nodes", ids=[firm("A")], basis="both")["edges"] == []


def view(client, **more):
    ids = {"nodes": [firm("A"), firm("C"), PERSON]}
    edges = [supplies("A", "C"), f"LEGAL_REP_OF:{PERSON}:{firm('A')}", supplies("C", "E")]
    return client.post("/v1/graph/export", json={**ids, "edges": edges, **more})


def test_the_very_view_is_taken_away(client, tmp_path):
    answer = view(client, format="graphml")
    (tmp_path / "g.graphml").write_bytes(answer.content)
    graph = nx.read_graphml(tmp_path / "g.graphml")
    assert set(graph.nodes) == {firm("A"), firm("C"), PERSON}
    assert sorted(v["kind"] for _, _, v in graph.edges(data=True)) == ["person", "supply"]
    assert answer.headers["x-left-out"] == "1"  # E is no part of the view
    assert graph.nodes[firm("A")]["label"] == NAMES["A"]
    (tmp_path / "g.gexf").write_bytes(view(client, format="gexf").content)
    assert nx.read_gexf(tmp_path / "g.gexf").number_of_edges() == 2
    told = json.loads(view(client, format="json").content)
    assert {edge["id"] for edge in told["edges"]} == {
        supplies("A", "C"),
        f"LEGAL_REP_OF:{PERSON}:{firm('A')}",
    }


def test_a_view_as_tables(client):
    rows = list(csv.DictReader(io.StringIO(view(client, format="csv").text.removeprefix("\ufeff"))))
    amounts = {row["link"]: row["amount (CNY, without tax)"] for row in rows}
    assert amounts["supplies"] == "9500.00"
    nodes = view(client, format="csv", part="nodes").text.removeprefix("\ufeff")
    assert {row["name"] for row in csv.DictReader(io.StringIO(nodes))} == {NAMES["A"], NAMES["C"], "张**"}


def test_unknown_enterprises_are_not_found(client):
    assert ask(client, "expand", enterprises=["0" * 16], status=404)["code"] == "enterprise_not_found"
    assert ask(client, "expand", enterprises=["x"], status=422)["code"] == "request_invalid"
