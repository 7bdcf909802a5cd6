"""Reviews: what waits for a person, in the order of its impact, and decisions that can be taken back."""

import dataclasses

import polars as pl
import pytest

from api.views.reviews import review_id
from graph.snapshot import write_snapshot
from ledger import audit
from ledger.ledger import Ledger
from ledger.state import State
from tests.api_server import serving_folder
from tests.tiny_graph import FIRMS, firm, invoices, tables, tiny

PAIRS = [("A", "B", 500), ("C", "D", 900), ("E", "F", 900), ("H", "I", 100)]


@pytest.fixture
def folder(tmp_path):
    folder = tiny(tmp_path).folder
    rows = [
        {
            "a": min(firm(a), firm(b)),
            "b": max(firm(a), firm(b)),
            "name_a": FIRMS[a if firm(a) < firm(b) else b][0],
            "name_b": FIRMS[b if firm(a) < firm(b) else a][0],
            "score": 3.5,
            "impact_fen": impact,
            "tie": a == "E",
            "features": [{"name": "who_brand", "gave": 2.5, "left": "甲", "right": "13812345678"}],
        }
        for a, b, impact in PAIRS
    ]
    write_snapshot(folder, dataclasses.replace(tables(invoices()), reviews=pl.DataFrame(rows)))
    return folder


@pytest.fixture
def client(folder):
    with serving_folder(folder) as client:
        yield client


def id_of(a: str, b: str) -> str:
    return review_id(firm(a), firm(b))


def waiting(client, state="open") -> list[str]:
    return [i["id"] for i in client.get(f"/v1/reviews?state={state}").json()["items"]]


def decide(client, a: str, b: str, decision: str, why: str = ""):
    return client.post(f"/v1/reviews/{id_of(a, b)}", json={"decision": decision, "why": why})


def test_the_largest_impact_comes_first_and_pages_hold_each_once(client):
    body = client.get("/v1/reviews").json()
    assert [i["impact_fen"] for i in body["items"]] == [900, 900, 500, 100]
    first = body["items"][2]
    assert first["id"] == id_of("A", "B")
    assert {first["left"]["name"], first["right"]["name"]} == {FIRMS["A"][0], FIRMS["B"][0]}
    assert {first["left"]["enterprise"], first["right"]["enterprise"]} == {firm("A"), firm("B")}
    assert first["features"][0]["gave"] == 2.5
    assert "13812345678" not in str(body)
    paged, cursor = [], None
    while True:
        page = client.get(f"/v1/reviews?limit=1{f'&cursor={cursor}' if cursor else ''}").json()
        paged += [i["id"] for i in page["items"]]
        if (cursor := page["next"]) is None:
            break
    assert paged == [i["id"] for i in body["items"]]


def test_a_decision_is_a_judgement_and_leaves_the_list(client, folder):
    answer = decide(client, "A", "B", "same", "one telephone").json()
    assert (answer["decided"]["decision"], answer["decided"]["by"]) == ("same", "local")
    assert "next build" in answer["message"]
    (judged,) = Ledger(folder).judgements().iter_rows(named=True)
    assert (judged["judgement"], judged["kind"], judged["why"]) == (
        answer["judgement"],
        "same",
        "one telephone",
    )
    assert {judged["subject"], judged["object"]} == {firm("A"), firm("B")}
    assert id_of("A", "B") not in waiting(client)
    assert waiting(client, "decided") == [id_of("A", "B")]
    assert [(e.action, e.detail["decision"]) for e in audit.entries(State(folder))] == [
        ("review_decided", "same")
    ]


def test_another_decision_takes_the_place_of_the_first(client, folder):
    for decision in ("same", "different", "later", "same", "same"):
        assert decide(client, "A", "B", decision).json()["decided"]["decision"] == decision
        assert Ledger(folder).judgements()["kind"].to_list() == [decision]


def test_an_undo_brings_the_question_back(client, folder):
    decide(client, "C", "D", "different")
    answer = decide(client, "C", "D", "undo").json()
    assert (answer["decided"], answer["judgement"]) == (None, None)
    assert Ledger(folder).judgements().is_empty()
    assert id_of("C", "D") in waiting(client)


def test_what_is_put_off_waits_elsewhere(client):
    decide(client, "H", "I", "later")
    assert id_of("H", "I") not in waiting(client)
    assert waiting(client, "later") == [id_of("H", "I")]


def test_a_decision_can_be_undone_after_the_question_is_gone(client, folder):
    decide(client, "A", "B", "same")
    write_snapshot(folder, tables(invoices()))
    assert waiting(client) == []
    assert decide(client, "A", "B", "undo").status_code == 200
    assert decide(client, "A", "C", "same").json()["code"] == "review_not_found"


def test_only_known_decisions_are_taken(client):
    assert decide(client, "A", "B", "perhaps").status_code == 422
    answer = client.post(
        f"/v1/reviews/{id_of('A', 'B')}", json={"decision": "same"}, headers={"Origin": "https://x.example"}
    )
    assert answer.json()["code"] == "origin_not_allowed"


def test_a_pair_is_one_question_whoever_is_named_first():
    assert review_id("a", "b") == review_id("b", "a") != review_id("a", "c")


def test_one_review_is_read_by_itself_before_and_after_it_was_decided(client, folder):
    listed = client.get("/v1/reviews").json()["items"]
    one = client.get(f"/v1/reviews/{id_of('A', 'B')}").json()
    shown = next(i for i in listed if i["id"] == one["id"])
    assert {name: one[name] for name in shown} == shown
    assert (one["state"], one["asked"]) == ("open", True)
    decide(client, "A", "B", "later")
    assert client.get(f"/v1/reviews/{id_of('A', 'B')}").json()["state"] == "later"
    decide(client, "A", "B", "same", "one telephone")
    one = client.get(f"/v1/reviews/{id_of('A', 'B')}").json()
    assert (one["state"], one["decided"]["why"], one["impact_fen"]) == ("decided", "one telephone", 500)
    write_snapshot(folder, tables(invoices()))  # the next build asks it no more
    gone = client.get(f"/v1/reviews/{id_of('A', 'B')}").json()
    assert (gone["asked"], gone["score"], gone["impact_fen"], gone["features"]) == (False, None, None, [])
    assert gone["decided"]["decision"] == "same"
    assert {gone["left"]["name"], gone["right"]["name"]} == {FIRMS["A"][0], FIRMS["B"][0]}
    assert client.get(f"/v1/reviews/{id_of('A', 'C')}").json()["code"] == "review_not_found"
