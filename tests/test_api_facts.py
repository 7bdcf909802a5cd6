"""Facts over the API: every kind of paper in words, down to its documents and up to what rests on it."""

import pytest

from ledger.ledger import Ledger
from ledger.state import State
from tests.api_server import serving_folder
from tests.economy_home import make_home

KINDS = ("invoices", "bank_flows", "contracts", "declarations", "relations", "statements", "attributes")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return make_home(tmp_path_factory.mktemp("facts"))


@pytest.fixture(scope="module")
def client(home):
    with serving_folder(home, values={"local_user": "always"}) as client:
        yield client


def first(home, table):
    return Ledger(home).tables.scan(table).sort("fact").select("fact").head(1).collect().item()


def ask(client, fact, lang="zh"):
    return client.get(f"/v1/facts/{fact}", headers={"Accept-Language": lang})


@pytest.mark.parametrize("table", KINDS)
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_kind_of_fact_is_told_with_its_papers(client, home, table, lang):
    body = ask(client, first(home, table), lang).json()
    assert body["table"] == table
    assert body["papers"], "a fact stands on a paper"
    assert sum(paper["counts"] for paper in body["papers"]) == 1
    assert all(paper["synthetic"] for paper in body["papers"])
    named = {value["name"]: value for value in body["values"]}
    assert all(value["label"] and value["value"] for value in named.values())
    if lang == "en":
        assert not any("一" <= mark <= "鿿" for value in named.values() for mark in value["label"])


def test_an_invoice_names_its_link_and_both_firms(client, home):
    ledger = Ledger(home)
    fact = (
        ledger.tables.scan("invoices")
        .filter(status="normal", side="sale")
        .drop_nulls("buyer")
        .sort("fact")
        .head(1)
        .collect()
        .row(0, named=True)
    )
    body = ask(client, fact["fact"]).json()
    named = {value["name"]: value for value in body["values"]}
    assert body["link"]["seller"] == named["seller"]["enterprise"]
    assert body["link"]["buyer"] == named["buyer"]["enterprise"]
    behind = client.get(
        f"/v1/enterprises/{body['link']['seller']['id']}/evidence",
        params={"partner": body["link"]["buyer"]["id"], "side": "customers", "limit": 200},
    ).json()
    assert fact["fact"] in {item["fact"] for item in behind["items"]}
    assert int(named["amount_fen"]["value"]) == fact["amount_fen"]
    assert body["tables"][0]["name"] == "invoice_lines"


def test_a_decision_that_names_a_fact_is_found_from_it(client, home):
    fact = first(home, "bank_flows")
    with State(home).writing() as connection:
        connection.execute("PRAGMA defer_foreign_keys = ON")
        answer = f'{{"evidence_ids": ["{fact}"]}}'
        row = ("d1", "a1", "p", "approved", "2026-01-01", "v", "m", "s", "{}", answer)
        connection.execute(
            "INSERT INTO applications (id, party, product, amount_fen, months, purpose, consent, documents,"
            " state, by, at) VALUES ('a1', 'p', 'working_capital', 1, 1, 'tax', '{}', '[]', 'decided',"
            " 'x', 'y')"
        )
        connection.execute(
            "INSERT INTO decisions (id, application, party, status, valid_until, policy, model, snapshot,"
            " inputs, answer, by, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'x', 'y')",
            row,
        )
    body = ask(client, fact).json()
    assert [one["id"] for one in body["decisions"]] == ["d1"]
    assert body["decisions_total"] == 1
    assert ask(client, first(home, "contracts")).json()["decisions"] == []


def test_a_fact_that_nobody_says_is_not_found(client):
    missing = ask(client, "0" * 16)
    assert (missing.status_code, missing.json()["code"]) == (404, "fact_not_found")
    assert ask(client, "not-a-fact").status_code == 422
