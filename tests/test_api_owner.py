"""What only an owner asks: what is proven, what an offer comes to, taking consent back."""

from datetime import date

import pytest

from api.data import Data
from graph.snapshot import open_snapshot
from ledger import audit
from ledger.ledger import Ledger
from ledger.state import State
from services.credit.prepared import Prepared
from services.lending.policy import today
from tests.access_keys import bearing, key_for
from tests.api_server import serving_folder
from tests.test_api_credit import Rooms, asked
from tests.tiny_graph import firm, tiny


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tiny(tmp_path_factory.mktemp("owner") / "tiny").folder


@pytest.fixture(scope="module")
def client(folder):
    with pytest.MonkeyPatch.context() as patch:
        rooms = Rooms(prepared=Prepared(open_snapshot(folder), Ledger(folder)))
        patch.setattr(Data, "credit_rooms", lambda self, snapshot: rooms)
        with serving_folder(folder, values={"rate": "0"}) as client:
            yield client


@pytest.fixture(scope="module")
def owner(folder):
    return key_for(folder, "owner", holder="li.ming", parties=(firm("A"),))


def sent(client, key, path, body=None, status=200, lang="en"):
    answer = client.post(path, json=body, headers=bearing(key, **{"Accept-Language": lang}))
    assert answer.status_code == status, answer.text
    return answer.json()


def decided(client, key, **changed):
    entered = sent(client, key, "/v1/applications", asked("A", **changed), 201)
    made = sent(client, key, "/v1/credit/decisions", {"application": entered["id"]}, 201)
    return entered, made


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_is_proven_and_the_one_paper(client, owner, lang):
    headers = bearing(owner, **{"Accept-Language": lang})
    told = client.get(f"/v1/enterprises/{firm('A')}/proven", headers=headers).json()
    assert [line["code"] for line in told["lines"]] == [
        *("sales", "purchases", "buyers", "suppliers", "payments", "contracts")
    ]
    for line in told["lines"]:
        assert str(line["count"]) in line["text"] or not line["count"]
        assert not line["proven"] or line["count"]
        assert (line["feature"] is not None) is (line["count"] > 0)
    assert told["best"]["text"]
    assert {one["product"] for one in told["products"]} == {"working_capital", "receivables", "order"}
    other = client.get(f"/v1/enterprises/{firm('B')}/proven", headers=headers)
    assert other.status_code == 404


def test_an_offer_adds_up_to_the_fen(client, owner):
    _, made = decided(client, owner, amount_fen=90_000_00, months=6)
    assert made["status"] == "approved", made["reasons"]
    path = f"/v1/credit/decisions/{made['decision_id']}/offer"
    told = client.get(path, headers=bearing(owner)).json()
    assert (told["amount_fen"], told["rate"], told["months"]) == (
        made["limit"]["amount_fen"],
        made["rate"],
        made["term"],
    )
    assert told["starts_on"] == str(today())
    equal, bullet = told["ways"]
    for way in (equal, bullet):
        assert way["total_fen"] == told["amount_fen"] + way["interest_fen"]
        assert date.fromisoformat(way["first_due_on"]) > today()
        assert way["instalments"] == 6
    assert equal["first_fen"] * 5 + equal["last_fen"] == equal["total_fen"]
    assert bullet["last_fen"] > told["amount_fen"] > bullet["first_fen"]
    assert equal["interest_fen"] < bullet["interest_fen"]


def test_where_nothing_is_offered_the_offer_says_so(client, owner):
    _, made = decided(client, owner, purpose="property")
    assert made["status"] == "declined"
    answer = client.get(f"/v1/credit/decisions/{made['decision_id']}/offer", headers=bearing(owner))
    assert (answer.status_code, answer.json()["code"]) == (409, "decision_not_approved")


def test_consent_taken_back_ends_what_was_asked_for(client, owner, folder):
    entered, made = decided(client, owner)
    path = f"/v1/applications/{entered['id']}/consent/withdraw"
    other = key_for(folder, "owner", holder="wang", parties=(firm("B"),))
    refused = client.post(path, headers=bearing(other))
    assert (refused.status_code, refused.json()["code"]) == (404, "application_not_found")
    first = sent(client, owner, path)
    assert (first["state"], first["consent_ended"] is None) == ("withdrawn", False)
    assert sent(client, owner, path) == first  # taken back twice it stays as it was
    entries = [e for e in audit.entries(State(folder), limit=10_000) if e.action == "consent_withdrawn"]
    assert [(e.subject, e.by) for e in entries] == [(entered["id"], "li.ming")]
    objection = client.post(
        f"/v1/credit/decisions/{made['decision_id']}/objection", json={}, headers=bearing(owner)
    )
    assert objection.json()["code"] == "application_state"


def test_nothing_is_decided_without_consent(client, owner):
    entered = sent(client, owner, "/v1/applications", asked("A"), 201)
    assert entered["consent_ended"] is None
    sent(client, owner, f"/v1/applications/{entered['id']}/consent/withdraw")
    answer = client.post("/v1/credit/decisions", json={"application": entered["id"]}, headers=bearing(owner))
    assert (answer.status_code, answer.json()["code"]) == (409, "application_state")
