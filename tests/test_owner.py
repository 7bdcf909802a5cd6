"""What the owner of a firm reaches with a key: own papers and money, nothing of others or of the bank's."""

from threading import Event

import polars as pl
import pytest

from api import roles
from api.data import Data
from api.handed import Handed
from api.hiding import own_decision
from dayan import tasks, work
from graph.snapshot import open_snapshot
from ledger import audit, jobs, lending, portfolios
from ledger.access import NewKey
from ledger.errors import InputError, StoreUnavailable
from ledger.ids import party_id
from ledger.ledger import Ledger
from ledger.state import State
from services.credit.prepared import Prepared
from tests.access_keys import bearing, key_for
from tests.api_server import serving_folder, settings_for
from tests.ledgers import BUYER, SELLER, THIRD, csv_bytes, line, table
from tests.lending_world import build, firm
from tests.test_api_credit import Rooms, asked
from tests.test_api_documents import xml
from tests.test_api_lending import decided
from tests.test_loan_watch import monthly
from tests.tiny_graph import firm as tiny_firm
from tests.tiny_graph import tiny

ZH = {"Accept-Language": "zh"}


def refusal(answer):
    return answer.status_code, answer.json()["code"]


def nobody():
    raise StoreUnavailable("store_silent", uri="bolt://nowhere:7687", detail="refused")


# Papers


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(tasks, "ISOLATED", False)
    return tmp_path / "data"


@pytest.fixture
def client(folder):
    with serving_folder(folder, values={"rate": "0"}) as client:
        yield client


def owner_of(folder, code, holder):
    return key_for(folder, "owner", holder=holder, parties=(party_id("uscc", "", code),))


def hand_in(client, key, *files, **options):
    given = [("files", (name, data)) for name, data in files]
    return client.post("/v1/documents", files=given, data={"build": "false", **options}, headers=bearing(key))


def read_in(client, folder, key, *files, **options):
    told = hand_in(client, key, *files, **options)
    assert told.status_code == 202, told.text
    work.work(settings_for(folder), Event(), until_idle=True)
    return told.json()["job"]


def ids(client, key, path="/v1/documents"):
    answer = client.get(path, headers=bearing(key)).json()
    assert answer["total"] == len(answer["items"])
    return {item["id"] for item in answer["items"]}


def test_an_owner_hands_in_papers_watches_them_and_reads_what_was_found(client, folder):
    owner = owner_of(folder, SELLER, "li.ming")
    job = read_in(client, folder, owner, ("发票.xml", xml(1)), ("junk", b"\0\1junk"))
    told = client.get(f"/v1/jobs/{job}", headers=bearing(owner, **ZH)).json()
    assert (told["state"], told["by"], told["documents"]) == ("done", "li.ming", {"read": 1, "failed": 1})
    assert ids(client, owner, "/v1/jobs") == {job}
    (document,) = ids(client, owner)
    path = f"/v1/documents/{document}"
    assert client.get(path, headers=bearing(owner)).json()["facts"] == 1
    assert client.get(f"{path}/fields", headers=bearing(owner)).json()["items"]
    assert client.get(f"{path}/rejects", headers=bearing(owner)).status_code == 200
    assert client.get(f"{path}/original", headers=bearing(owner)).content == xml(1)
    correction = client.patch(
        f"{path}/fields", json=[{"path": "number", "value": "1"}], headers=bearing(owner)
    )
    assert refusal(correction) == (403, "rows_not_kept")  # who proves by a paper does not correct it
    for method, forbidden in (("POST", "/v1/jobs"), ("POST", f"/v1/jobs/{job}/stop")):
        assert client.request(method, forbidden, headers=bearing(owner)).status_code in (403, 422)


def test_another_owner_finds_none_of_it(client, folder):
    owner, other = owner_of(folder, SELLER, "li.ming"), owner_of(folder, THIRD, "wang.fang")
    job = read_in(client, folder, owner, ("发票.xml", xml(1)))
    (document,) = ids(client, owner)
    assert ids(client, other) == ids(client, other, "/v1/jobs") == set()
    for path in ("", "/fields", "/pages", "/page/1.png", "/rejects", "/original"):
        answer = client.get(f"/v1/documents/{document}{path}", headers=bearing(other))
        assert refusal(answer) == (404, "document_not_found"), path
    assert refusal(client.get(f"/v1/jobs/{job}", headers=bearing(other))) == (404, "job_not_found")
    refused = audit.entries(State(folder), wanted=audit.Chosen(subject=document, action="read_refused"))
    assert {entry.by for entry in refused} == {"wang.fang"}


def test_one_holder_with_keys_to_two_firms_is_two_callers(client, folder):
    first, second = owner_of(folder, SELLER, "book.keeper"), owner_of(folder, THIRD, "book.keeper")
    job = read_in(client, folder, first, ("发票.xml", xml(1)))
    assert refusal(client.get(f"/v1/jobs/{job}", headers=bearing(second))) == (404, "job_not_found")
    assert ids(client, second) == set()
    renewed = owner_of(folder, SELLER, "book.keeper")
    assert ids(client, renewed, "/v1/jobs") == {job}


def test_papers_about_the_own_firm_alone_are_seen_whoever_handed_them_in(client, folder):
    bank, owner = key_for(folder, "analyst"), owner_of(folder, BUYER, "li.ming")
    read_in(client, folder, bank, ("bare.xml", xml(1)))
    (bare,) = ids(client, bank)
    rows = [line(1), line(2, 购方识别号=THIRD, 购买方名称="别家")]
    read_in(client, folder, bank, ("sales.csv", csv_bytes(table(rows))), owner=SELLER)
    read_in(client, folder, bank, ("mixed.csv", csv_bytes(table([line(3)]))), owner=SELLER)
    assert ids(client, owner) == {bare}  # not the seller's books, though each names the buyer
    for other in ids(client, bank) - {bare}:
        answer = client.get(f"/v1/documents/{other}", headers=bearing(owner))
        assert refusal(answer) == (404, "document_not_found")
    assert client.get(f"/v1/documents/{bare}", headers=bearing(owner)).status_code == 200
    # nothing is masked in an original: only who handed it in has seen it
    answer = client.get(f"/v1/documents/{bare}/original", headers=bearing(owner))
    assert refusal(answer) == (403, "scope_missing")
    assert len(ids(client, owner_of(folder, SELLER, "zhao.si"))) == 3


def test_nobody_lays_books_at_another_firms_door(client, folder):
    owner = owner_of(folder, SELLER, "li.ming")
    refused = hand_in(client, owner, ("账.csv", csv_bytes(table([line(1)]))), owner=BUYER)
    assert refusal(refused) == (403, "owner_not_own")
    assert jobs.count(State(folder)) == 0


def test_an_owner_is_bound_to_firms_by_name():
    with pytest.raises(InputError) as caught:
        roles.check(NewKey("a", "owner", portfolio="f" * 16))
    assert caught.value.code == "key_unbound"


# Money


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    rows = monthly("AB", "x", 1000, 1000) + monthly("DB", "z", 0, 500)
    return build(tmp_path_factory.mktemp("owner"), rows)


@pytest.fixture(scope="module")
def lender(world):
    with serving_folder(world.folder, store=nobody, values={"rate": "0"}) as client:
        yield client


def test_an_owner_sees_own_receivables_and_loans_and_no_others(lender, world):
    state = State(world.folder)
    with state.writing() as connection:
        portfolio = portfolios.make(connection, "小微", 10**13, "", "me").id
    officer = key_for(world.folder, "credit", holder="officer")
    loans = {}
    for letter in "AD":
        wanted = {"decision": decided(world, letter, wan=10), "portfolio": portfolio}
        booked = lender.post("/v1/loans", json=wanted, headers=bearing(officer)).json()
        loans[letter] = booked["loan"]["id"]
    owner = key_for(world.folder, "owner", holder="li.ming", parties=(firm("A"),))
    assert ids(lender, owner, "/v1/loans") == {loans["A"]}
    for path in (f"?portfolio={portfolio}", f"?enterprise={firm('A')}"):
        assert ids(lender, owner, f"/v1/loans{path}") == {loans["A"]}
    assert lender.get(f"/v1/loans?enterprise={firm('D')}", headers=bearing(owner)).status_code == 404
    for path in ("", "/schedule", "/entries"):
        mine = lender.get(f"/v1/loans/{loans['A']}{path}", headers=bearing(owner, **ZH))
        assert mine.status_code == 200
        assert "officer" not in mine.text
        theirs = lender.get(f"/v1/loans/{loans['D']}{path}", headers=bearing(owner))
        assert refusal(theirs) == (404, "loan_not_found")
    assert (
        lender.get(f"/v1/loans/{loans['A']}", headers=bearing(owner, **ZH)).json()["loan"]["entered_by"]
        == "银行"
    )
    assert lender.get(f"/v1/enterprises/{firm('A')}/receivables", headers=bearing(owner)).json()["total"]
    assert lender.get(f"/v1/enterprises/{firm('D')}/receivables", headers=bearing(owner)).status_code == 404
    for path in (f"/v1/portfolios/{portfolio}", f"/v1/portfolios/{portfolio}/exposures", "/v1/portfolios"):
        assert lender.get(path, headers=bearing(owner)).status_code == 403
    for path in ("repayments", "draws", "approval"):
        answer = lender.post(f"/v1/loans/{loans['A']}/{path}", json={}, headers=bearing(owner))
        assert answer.status_code == 403
    with state.reading() as connection:
        assert len(lending.loans(connection)) == 2


def test_lists_of_money_are_entered_as_read(lender, world):
    reviewer = key_for(world.folder, "reviewer", holder="reviewer")
    with State(world.folder).reading() as connection:
        portfolio = portfolios.portfolios(connection, 0, 1)[0].id
    for path in ("/v1/applications", f"/v1/portfolios/{portfolio}/exposures"):
        answer = lender.get(path, headers=bearing(reviewer))
        assert answer.status_code == 200
        entry = audit.entries(State(world.folder), limit=10_000)[-1]
        assert (entry.action, entry.by) == ("enterprises_listed", "reviewer"), path
        assert {firm("A"), firm("D")} <= set(entry.detail["enterprises"])


# Decisions


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    folder = tiny(tmp_path_factory.mktemp("desk") / "tiny").folder
    with pytest.MonkeyPatch.context() as patch:
        rooms = Rooms(prepared=Prepared(open_snapshot(folder), Ledger(folder)))
        patch.setattr(Data, "credit_rooms", lambda self, snapshot: rooms)
        with serving_folder(folder, values={"rate": "0"}) as client:
            yield client, folder


def test_what_is_the_banks_own_leaves_an_owners_decision(desk):
    client, folder = desk
    officer, owner = (
        key_for(folder, "credit", holder="officer"),
        key_for(folder, "owner", holder="li.ming", parties=(tiny_firm("A"),)),
    )
    entered = client.post("/v1/applications", json=asked("A"), headers=bearing(officer)).json()
    made = client.post(
        "/v1/credit/decisions", json={"application": entered["id"]}, headers=bearing(officer)
    ).json()
    path = f"/v1/credit/decisions/{made['decision_id']}"
    for shown in (
        client.get(path, headers=bearing(owner)),
        client.get(f"{path}/replay", headers=bearing(owner)),
    ):
        told = shown.json()
        assert (told["score"], told["grade"], told["limit"]) == (made["score"], made["grade"], made["limit"])
        assert {use["dimension"] for use in told["exposures"]} <= {"borrower"}
        assert {one["partner_grade"] for one in told["dealings"]} <= {None}
        assert not any(rule["params"] for rule in told["audits"])
    assert client.get(f"{path}/replay", headers=bearing(owner)).json()["same"]
    application = client.get(f"/v1/applications/{entered['id']}", headers=bearing(owner)).json()
    assert application["by"] == "the bank"
    other = key_for(folder, "owner", holder="wang", parties=(tiny_firm("B"),))
    assert refusal(client.get(path, headers=bearing(other))) == (404, "decision_not_found")
    with_paper = asked("A", documents=["0" * 64])
    answer = client.post("/v1/applications", json=with_paper, headers=bearing(owner))
    assert refusal(answer) == (404, "document_not_found")


def test_the_names_of_others_papers_are_not_told(desk, monkeypatch):
    client, folder = desk
    owner = key_for(folder, "owner", holder="wang", parties=(tiny_firm("C"),))
    path = f"/v1/enterprises/{tiny_firm('C')}/evidence?partner={tiny_firm('A')}&side=suppliers"

    def names():
        told = client.get(path, headers=bearing(owner)).json()
        return {paper["name"] for fact in told["items"] for paper in fact["documents"]}

    assert names() == {"a paper of somebody else"}  # even own books, where a rejected row may be anybody's
    book = pl.col("name").str.contains("慈溪")
    monkeypatch.setattr(Handed, "only", lambda self, documents: documents.filter(book))
    assert names() == {"a paper of somebody else", "账簿.zip/2025/慈溪齿轮进项.xlsx"}


def test_a_kept_decision_loses_what_is_the_banks_own():
    use = {"dimension": "core", "subject": "f" * 16, "limit_fen": 10, "before_fen": 9, "after_fen": 12}
    own = {**use, "dimension": "borrower"}
    reason = {"code": "exposure_cut", "feature": None, "value": None, "basis": "observed"}
    answer = {
        "score": 600,
        "dealings": [{"partner": "a" * 16, "partner_grade": "B3", "effect": 0.1}],
        "exposures": [use, own],
        "reasons": [
            {**reason, "params": use},
            {**reason, "params": own},
            {**reason, "code": "price_unprofitable", "params": {"pd": 0.2, "lgd": 0.45}},
        ],
        "audits": [
            {"rule": "exposure_core", "outcome": "cut", "params": use},
            {"rule": "exposure_borrower", "outcome": "cut", "params": own},
            {"rule": "authority", "outcome": "pass", "params": {"most_fen": 5}},
        ],
    }
    told = own_decision(answer)
    assert told["dealings"] == [{"partner": "a" * 16, "partner_grade": None, "effect": 0.1}]
    assert told["exposures"] == [own]
    assert [one["code"] for one in told["reasons"]] == [
        "bank_limit_cut",
        "exposure_cut",
        "price_unprofitable",
    ]
    assert [one["params"] for one in told["reasons"]] == [{}, own, {"pd": 0.2}]
    assert [one["rule"] for one in told["audits"]] == ["exposure_borrower", "authority"]
    assert not any(one["params"] for one in told["audits"])
    assert answer["exposures"] == [use, own]  # the kept one stays


def test_what_people_of_the_bank_wrote_stays_theirs(desk):
    client, folder = desk
    owner = key_for(folder, "owner", holder="li.ming", parties=(tiny_firm("B"),))
    reviewer = key_for(folder, "reviewer", holder="zhao.liu")
    entered = client.post("/v1/applications", json=asked("B"), headers=bearing(owner)).json()
    body = {"application": entered["id"], "machine_refused": True}
    made = client.post("/v1/credit/decisions", json=body, headers=bearing(owner)).json()
    review = {"status": "declined", "reason": "papers_doubtful", "why": "the mother-in-law said so"}
    path = f"/v1/credit/decisions/{made['decision_id']}"
    assert client.post(f"{path}/review", json=review, headers=bearing(reviewer)).status_code == 200
    (event,) = client.get(path, headers=bearing(owner)).json()["events"]
    assert (event["by"], event["why"], event["reason"]) == ("the bank", "", "papers_doubtful")
    (kept,) = client.get(path, headers=bearing(reviewer)).json()["events"]
    assert (kept["by"], kept["why"]) == ("zhao.liu", review["why"])
    assert client.get(f"/v1/applications/{entered['id']}", headers=bearing(owner)).json()["by"] == "li.ming"
    client.get("/v1/credit/decisions", headers=bearing(reviewer))
    entry = audit.entries(State(folder), limit=10_000)[-1]
    assert (entry.action, entry.by) == ("enterprises_listed", "zhao.liu")
    assert tiny_firm("B") in entry.detail["enterprises"]
