"""The phrase box: what may be asked, what a phrase means, and the rows that the graph store gives."""

import pytest

from api.saved_queries import meant_by, saved_queries
from cypher import statements
from graph.project import project
from graph.publish import publish
from ledger.errors import StoreUnavailable
from ledger.words import labels
from tests.api_server import serving_folder
from tests.neo4j import launcher
from tests.tiny_graph import FIRMS, OTHER_PARTY_OF_C, YUAN, code, firm, tiny

NAMES = {letter: row[0] for letter, row in FIRMS.items()}


def nobody():
    raise StoreUnavailable("store_silent", uri="bolt://nowhere:7687", detail="refused")


@pytest.fixture(scope="module")
def economy(tmp_path_factory):
    return tiny(tmp_path_factory.mktemp("queries"))


@pytest.fixture(scope="module")
def client(economy):
    with serving_folder(economy.folder, store=nobody) as client:
        yield client


def meant(client, phrase, lang="zh"):
    answer = client.get("/v1/queries", params={"phrase": phrase}, headers={"Accept-Language": lang})
    return [(one["name"], one["params"]) for one in answer.json()["meant"]]


def test_only_reading_statements_are_saved_queries():
    read = {one.name for one in statements() if one.mode == "read"}
    assert set(saved_queries()) <= read
    assert not {one.name for one in statements() if one.folder in ("build", "bulk")} & set(saved_queries())


def test_every_query_and_parameter_has_a_name_and_phrases_in_both_languages():
    for query in saved_queries().values():
        assert f"query_{query.name}" in labels()
        assert {f"query_param_{kind}" for kind in query.params.values()} <= set(labels())
        for lang in ("zh", "en"):
            for phrase in query.phrases[lang]:
                asked = {name for name, kind in query.params.items() if kind != "limit"}
                assert all(f"{{{name}}}" in phrase for name in asked), phrase


def test_every_phrase_is_understood_as_its_own_query():
    for query in saved_queries().values():
        for phrases in query.phrases.values():
            for phrase in phrases:
                said = phrase.format(**{name: f"某{name}公司" for name in query.params})
                assert query.name in [one.query.name for one in meant_by(said)], phrase


def test_a_phrase_names_its_enterprises(client):
    assert meant(client, f"{NAMES['C']}的供应商？") == [("suppliers", {"id": firm("C")})]
    assert meant(client, "suppliers of 慈溪齿轮", "en") == [("suppliers", {"id": firm("C")})]
    both = meant(client, f"从{NAMES['A']}到{NAMES['G']}的供货路径")
    assert ("shortest_path", {"start": firm("A"), "goal": firm("G")}) in both
    assert meant(client, "玩具汽车产业链的环节")[0] == ("chain_segments", {"chain": "toy-car"})
    assert meant(client, "有哪些产业链") == [("chain_list", {})]


def test_what_fits_no_saved_query_means_nothing(client):
    assert meant(client, "MATCH (n) DETACH DELETE n") == []
    assert meant(client, "今天天气如何") == []


def test_a_name_that_nobody_bears_is_not_clear(client):
    body = client.get("/v1/queries", params={"phrase": "suppliers of nobody at all"}).json()
    assert [(one["clear"], one["said"][0]["meant"]) for one in body["meant"]] == [(False, [])]


@pytest.mark.parametrize(
    ("name", "params", "status", "code_"),
    [
        ("mark_build", {}, 404, "query_not_found"),
        ("delete_enterprise", {}, 404, "query_not_found"),
        ("suppliers", {}, 400, "request_invalid"),
        ("suppliers", {"id": "0" * 16}, 404, "enterprise_not_found"),
        ("suppliers", {"id": firm("A"), "limit": 201}, 400, "request_invalid"),
        ("suppliers", {"id": firm("A"), "more": 1}, 400, "request_invalid"),
        ("chain_segments", {"chain": "none"}, 404, "chain_not_found"),
        ("segment_enterprises", {"segment": "none"}, 404, "segment_not_found"),
        ("suppliers", {"id": firm("A")}, 503, "store_silent"),
    ],
)
def test_what_cannot_be_asked_is_refused(client, name, params, status, code_):
    answer = client.post(f"/v1/queries/{name}", json={"params": params})
    assert (answer.status_code, answer.json()["code"]) == (status, code_)


@pytest.fixture(scope="module", params=["embedded", pytest.param("neo4j", marks=pytest.mark.neo4j)])
def asking(request, economy):
    """A client whose store holds the tiny economy."""
    store = request.getfixturevalue(f"_{request.param}")
    if store.run("build") != [{"snapshot": economy.snapshot.id}]:
        launcher.wipe(store)
        publish(store, project(economy.snapshot), None, economy.snapshot.id)
    with serving_folder(economy.folder, store=store) as client:
        yield client


@pytest.mark.slow
def test_every_saved_query_is_answered(asking):
    values = {
        "enterprise": firm("C"), "chain": "toy-car", "segment": "part", "code": code("C"), "text": "慈溪",
        "limit": 2,
    }  # fmt: skip
    for query in saved_queries().values():
        params = {name: values[kind] for name, kind in query.params.items()}
        if query.name == "shortest_path":
            params |= {"start": firm("A"), "goal": firm("G")}
        answer = asking.post(f"/v1/queries/{query.name}", json={"params": params})
        assert answer.status_code == 200, answer.text
        body = answer.json()
        assert all(len(row) == len(body["columns"]) for row in body["rows"])
        for column in body["columns"]:
            assert f"query_column_{column['name']}" in labels(), (query.name, column["name"])


@pytest.mark.slow
def test_rows_are_those_of_the_enterprise_as_it_is_now(asking):
    body = asking.post("/v1/queries/suppliers", json={"params": {"id": OTHER_PARTY_OF_C, "limit": 1}}).json()
    names = [column["name"] for column in body["columns"]]
    row = dict(zip(names, body["rows"][0], strict=True))
    assert (row["id"], row["amount_fen"]) == (firm("A"), 9_500 * YUAN)
    assert (body["total"], body["note"]) == (1, "the first 1 are listed")
