"""Scores and what-if over the API: the tiny economy, with the tables that a build adds."""

from dataclasses import fields

import pytest

from gnn.contagion.shake import Assumptions
from gnn.scores.chain import chain_scores
from gnn.view import view_of
from graph.snapshot import write_snapshot
from ledger.errors import StoreUnavailable
from ledger.words import labels, messages
from seeds.chains import Chain
from tests.api_server import serving_folder
from tests.tiny_graph import FIRMS, OTHER_PARTY_OF_C, firm, invoices, tables, tiny

NAMES = {letter: row[0] for letter, row in FIRMS.items()}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tiny")
    tiny(folder)
    whole = tables(invoices())
    frames = whole.ordered()
    given = (frames["positions"], frames["enterprises"], frames["coverage"])
    toy = Chain("toy-car", {"zh": "玩具汽车", "en": "toy cars"}, (), ())
    for table, frame in chain_scores(view_of(whole), *given, [toy]).items():
        setattr(whole, table, frame)
    write_snapshot(folder, whole)
    return folder


@pytest.fixture(scope="module")
def client(folder):
    def nobody():
        raise StoreUnavailable("store_silent", uri="bolt://nowhere:7687", detail="refused")

    with serving_folder(folder, store=nobody) as client:
        yield client


def ask(client, status=200, chain="toy-car", lang="en", **question):
    answer = client.post(f"/v1/chains/{chain}/whatif", json=question, headers={"Accept-Language": lang})
    assert answer.status_code == status, answer.text
    return answer.json()


def scores(client, letter, lang="en"):
    answer = client.get(f"/v1/enterprises/{firm(letter)}/scores", headers={"Accept-Language": lang})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_scores_tell_the_firms_behind_them_and_what_is_not_known(client):
    body = scores(client, "C")
    found = {item["name"]: item for item in body["items"]}
    assert body["total"] == len(body["items"]) == len(found)
    # C's purchase books are in for one month, too few of the four; its sales books are not
    for name in ("top1_customer", "top1_supplier"):
        assert (found[name]["value"], found[name]["basis"]) == (None, "partial")
        assert "at least CNY" in found[name]["text"]
    assert found["substitutes"]["at_least"] == 2  # D and L stand in its segment
    assert body["customers"][0]["partner"]["name"] == NAMES["E"]
    assert [one["partner"]["name"] for one in body["suppliers"]][:2] == [NAMES["A"], NAMES["B"]]
    assert body["suppliers"][0]["partner"]["level"] == 3
    assert all("{" not in item["text"] for item in body["items"])


def test_scores_are_told_in_chinese(client):
    body = scores(client, "A", "zh")
    texts = [item["text"] for item in body["items"]]
    assert all("{" not in text for text in texts)
    assert any(" 元" in text for text in texts)
    assert body["momentum"][0]["reason"] == "momentum_no_year_before"


def test_scores_of_a_member_live_at_the_enterprise(client):
    answer = client.get(f"/v1/enterprises/{OTHER_PARTY_OF_C}/scores", follow_redirects=False)
    assert answer.status_code == 308
    assert answer.headers["location"] == f"/v1/enterprises/{firm('C')}/scores"


def test_a_stopped_supplier_is_felt_along_the_chain(client):
    body = ask(client, enterprise=firm("A"), shock="stop", assumptions={"spare": 0, "cover_weeks": 1})
    assert body["enterprise"]["name"] == NAMES["A"]
    assert body["starts"] > body["as_of"]
    hit = {one["name"]: one for one in body["goods"]["items"]}
    assert NAMES["C"] in hit
    assert NAMES["D"] not in hit
    c, e = hit[NAMES["C"]], hit[NAMES["E"]]
    assert (c["week"], c["segment"]["id"], c["level"]) == (2, "part", 2)
    assert c["week"] < e["week"]
    assert [h["to"]["name"] for h in e["paths"][0]["hops"]] == [NAMES["C"], NAMES["E"]]
    first = e["paths"][0]["hops"][0]
    assert (first["from"]["name"], first["items"]) == (NAMES["A"], ["高温尼龙切片"])
    assert first["missing_fen"] == first["amount_fen"] > 0
    assert body["goods"]["total"] == len(body["goods"]["items"])
    # nobody's own books are in far enough: amounts are told, shares are not
    assert (c["basis"], c["share"], c["output_lost"]) == ("partial", None, None)
    assert NAMES["A"] in c["text"]


def test_paying_late_is_felt_upstream_and_named_in_both_languages(client):
    for lang in ("en", "zh"):
        body = ask(client, lang=lang, enterprise=firm("G"), shock="late", days=60)
        assert body["goods"]["total"] == 0
        hit = {one["name"]: one for one in body["money"]["items"]}
        assert {NAMES["E"], NAMES["F"]} <= set(hit)
        e = hit[NAMES["E"]]
        assert [h["to"]["name"] for h in e["paths"][0]["hops"]] == [NAMES["G"]]
        assert 0 < e["short_fen"] < e["missed_fen"]
        assert all("{" not in one["text"] for one in hit.values())
        assert body["notes"]
    later = ask(client, enterprise=firm("G"), shock="late", days=90)
    assert later["money"]["short_fen"] > body["money"]["short_fen"]


def test_a_capped_list_says_so_and_keeps_the_totals(client):
    whole = ask(client, enterprise=firm("G"), shock="late", days=90)["money"]
    one = ask(client, enterprise=firm("G"), shock="late", days=90, limit=1)["money"]
    assert whole["total"] > 1
    assert (one["note"], one["total"]) == (f"1 of {whole['total']}", whole["total"])
    assert one["items"] == whole["items"][:1]
    assert one["short_fen"] == whole["short_fen"]


def test_every_assumption_is_named_and_can_be_set(client):
    body = ask(client, enterprise=firm("A"), shock="stop", assumptions={"cover_weeks": 3, "weeks": 4})
    told = {one["name"]: one for one in body["assumptions"]}
    assert set(told) == {one.name for one in fields(Assumptions)}
    assert (told["cover_weeks"]["value"], told["cover_weeks"]["default"]) == (3, False)
    assert told["spare"]["default"] is True
    assert body["weeks"] == 4
    for one in fields(Assumptions):
        assert f"assume_{one.name}" in labels()
        assert f"assume_text_{one.name}" in messages()


def test_what_cannot_be_asked_is_refused(client):
    assert ask(client, 400, enterprise=firm("G"), shock="late")["code"] == "whatif_days_missing"
    assert ask(client, 400, enterprise=firm("K"), shock="stop")["code"] == "whatif_not_in_chain"
    assert (
        ask(client, 400, chain="watch", enterprise=firm("G"), shock="stop")["code"] == "whatif_not_in_chain"
    )
    assert ask(client, 404, chain="none", enterprise=firm("G"), shock="stop")["code"] == "chain_not_found"
    assert ask(client, 404, enterprise="0" * 16, shock="stop")["code"] == "enterprise_not_found"
    for wrong in ({"shock": "late", "days": 0}, {"shock": "burn"}, {"shock": "stop", "starts": "9999-12-31"}):
        assert ask(client, 422, enterprise=firm("G"), **wrong)["code"] == "request_invalid"


def test_a_member_of_an_enterprise_may_be_named(client):
    assert ask(client, enterprise=OTHER_PARTY_OF_C, shock="stop")["enterprise"]["name"] == NAMES["C"]


def test_the_same_question_gives_the_same_bytes(client):
    question = {"enterprise": firm("A"), "shock": "stop"}
    first, second = (client.post("/v1/chains/toy-car/whatif", json=question).content for _ in range(2))
    assert first == second
