"""Features over HTTP: the catalogue, one enterprise as of a day, and what a wrong question is answered."""

import pytest

from api.models_features import EnterpriseFeatures
from ledger.errors import StoreUnavailable
from services.features import CATALOGUE, FEATURE_SET_VERSION
from tests.api_server import serving_folder
from tests.tiny_graph import OTHER_PARTY_OF_C, TRADE, firm, tiny


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    def nobody():
        raise StoreUnavailable("store_silent", uri="bolt://nowhere:7687", detail="refused")

    with serving_folder(tiny(tmp_path_factory.mktemp("tiny")).folder, store=nobody) as client:
        yield client


def ask(client, letter: str, status: int = 200, lang: str = "en", **params: str):
    headers = {"Accept-Language": lang}
    answer = client.get(f"/v1/enterprises/{firm(letter)}/features", params=params, headers=headers)
    assert answer.status_code == status, answer.text
    return answer.json()


def items(body):
    return {item["name"]: item for item in body["items"]}


def test_the_catalogue_lists_every_feature_in_both_languages(client):
    for lang, said in (("en", "customers"), ("zh", "客户数")):
        body = client.get("/v1/features", headers={"Accept-Language": lang}).json()
        assert [item["name"] for item in body["items"]] == list(CATALOGUE)
        assert (body["total"], body["feature_set_version"]) == (len(CATALOGUE), FEATURE_SET_VERSION)
        assert items(body)["customers"]["label"] == said


def test_an_enterprise_answers_with_values_reasons_and_lineage(client):
    body = ask(client, "C", as_of="2025-12-31")
    told = items(body)
    assert list(told) == list(CATALOGUE)
    assert EnterpriseFeatures.model_validate(body).total == len(CATALOGUE)
    assert body["in_graph"] is True
    assert told["seen_customers"]["value"] == 1
    assert told["log_sales"]["value"] is None
    assert told["log_sales"]["missing"] == "no_sales_books"
    assert told["log_sales"]["missing_text"] == "none of its own sales books is in"
    assert told["size_class"]["value"] == 2
    lineage = {block["rests_on"]: block for block in body["lineage"]}
    assert set(lineage) == {item["rests_on"] for item in body["items"]}
    bought = [link for link in lineage["links"]["links"] if link["buyer"]["id"] == firm("C")]
    assert {link["seller"]["id"] for link in bought} == {firm(x) for x in "ABK"}
    assert sum(link["amount_fen"] for link in bought if link["seller"]["id"] == firm("A")) == 100 * sum(
        TRADE["AC"]
    )


def test_the_links_of_its_lineage_lead_to_their_invoices(client):
    body = ask(client, "C", as_of="2025-12-31", names="seen_customers")
    (block,) = body["lineage"]
    for link in block["links"]:
        answer = client.get(link["evidence"])
        assert answer.status_code == 200
        assert answer.json()["total"] >= link["invoices"] > 0


def test_only_what_is_named_is_told_in_the_order_of_the_catalogue(client):
    body = ask(client, "C", names="size_class, seen_customers")
    assert [item["name"] for item in body["items"]] == ["seen_customers", "size_class"]
    assert body["total"] == 2


def test_before_the_first_paper_there_is_no_graph(client):
    body = ask(client, "C", as_of="2024-12-31", names="seen_customers", lang="zh")
    assert body["in_graph"] is False
    assert items(body)["seen_customers"]["missing"] == "no_graph"
    assert body["day"] == "2024-12-31"
    assert body["lineage"][0]["links"] == []


def test_an_unknown_name_day_or_enterprise_is_refused(client):
    assert ask(client, "C", 400, names="nothing")["code"] == "feature_unknown"
    assert ask(client, "C", 422, as_of="9999-12-31")["code"] == "request_invalid"
    assert ask(client, "C", 422, names="x;drop")["code"] == "request_invalid"
    assert client.get(f"/v1/enterprises/{'0' * 16}/features").json()["code"] == "enterprise_not_found"


def test_a_party_of_an_enterprise_leads_to_it(client):
    answer = client.get(f"/v1/enterprises/{OTHER_PARTY_OF_C}/features", follow_redirects=False)
    assert answer.status_code == 308
    assert firm("C") in answer.headers["location"]


def test_the_same_question_gives_the_same_bytes(client):
    path = f"/v1/enterprises/{firm('C')}/features"
    assert client.get(path).content == client.get(path).content
