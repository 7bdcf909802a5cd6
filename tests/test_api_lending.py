"""Lending over HTTP: receivables and claims, portfolios and exposures, a loan from decision to payoff."""

import json
from datetime import date, timedelta

import pytest

from ledger import credit
from ledger.credit import Consent, Decision
from ledger.errors import StoreUnavailable
from ledger.state import State
from services.lending import servicing
from services.lending.policy import today
from tests.access_keys import bearing, key_for
from tests.api_server import serving_folder
from tests.lending_world import CUT_OFF, build, fact, firm
from tests.test_loan_watch import monthly

WAN = 1_000_000
TODAY = today()  # the server's own day, in Beijing
ZH = {"Accept-Language": "zh"}


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    rows = monthly("AB", "x", 1000, 1000) + monthly("AC", "y", 900, 900) + monthly("DB", "z", 0, 500)
    rows += monthly("DC", "w", 300, 300)
    covered = {"A": (date(2024, 1, 1), CUT_OFF)}
    return build(tmp_path_factory.mktemp("lending"), rows, statements=covered)


@pytest.fixture(scope="module")
def client(world):
    def nobody():
        raise StoreUnavailable("store_silent", uri="bolt://nowhere:7687", detail="refused")

    with serving_folder(world.folder, store=nobody) as client:
        yield client


@pytest.fixture(scope="module")
def portfolio(client):
    asked = {"name": "小微", "capital_fen": 10_000 * WAN}
    return client.post("/v1/portfolios", json=asked).json()["portfolio"]["id"]


def decided(world, letter="A", wan=100, status="approved", months=12, n=0):
    """Put an application and its decision into the state store, as the credit desk does."""
    party, state = firm(letter), State(world.folder)
    consent = Consent("v1", ("invoices",), "credit_decision", TODAY, TODAY + timedelta(days=300))
    given = {"product": "working_capital", "months": months, "purpose": "wages", "by": "desk"}
    with state.writing() as connection:
        made = credit.enter(connection, consent=consent, party=party, amount_fen=wan * WAN, **given)
        answer = {"rate": {"annual_simple": "0.0600"}, "term": months, "limit": {"amount_fen": wan * WAN}}
        id_ = made.id[::-1]
        credit.decide(
            connection,
            Decision(
                id=id_, application=made.id, party=party, status=status, policy="p", model="m", snapshot="s",
                valid_until=TODAY + timedelta(days=30), inputs="{}", answer=json.dumps(answer), by="desk",
                at="2026-01-01",
            ),
            [],
        )  # fmt: skip
    return id_


def test_receivables_page_by_page(client):
    path = f"/v1/enterprises/{firm('A')}/receivables"
    told = client.get(path, params={"limit": 20}, headers=ZH).json()
    assert told["amount_basis"] == "with_tax" and told["on"] == str(CUT_OFF) and told["total"] == 48
    assert (
        told["open_fen"] == told["amount_fen"] == 24 * 190_000 == sum(b["open_fen"] for b in told["ageing"])
    )
    assert told["proven_fen"] == told["open_fen"]
    assert [b["id"] for b in told["buyers"]] == [firm("B"), firm("C")]
    assert {f["name"]: f["value"] for f in told["figures"]}["top5_share"] == 1.0
    assert told["items"][0]["status_text"] == "未确权" and "未证实未付" in told["notes"][0]
    seen = [i["fact"] for i in told["items"]]
    while told["next"]:
        told = client.get(path, params={"limit": 20, "cursor": told["next"]}).json()
        seen += [i["fact"] for i in told["items"]]
    assert len(seen) == len(set(seen)) == 48
    one = client.get(path, params={"buyer": firm("C"), "limit": 200}).json()
    assert one["total"] == 24 and {i["buyer"]["id"] for i in one["items"]} == {firm("C")}
    then = client.get(path, params={"on": "2024-06-30"}).json()
    assert then["total"] == 12
    assert client.get("/v1/enterprises/ffffffffffffffff/receivables").status_code == 404


def test_files_of_receivables(client):
    path = f"/v1/enterprises/{firm('A')}/receivables/file"
    sheet = client.get(path)
    assert sheet.content[:2] == b"PK" and "receivables-" in sheet.headers["content-disposition"]
    text = client.get(path, params={"format": "csv"}, headers=ZH)
    assert text.headers["content-type"].startswith("text/csv") and text.content.startswith(b"\xef\xbb\xbf")
    assert len(text.content.decode("utf-8-sig").splitlines()) == 49


def claim(*names, number="S-1", result="free", on=TODAY, **more):
    search = {"number": number, "on": str(on), "result": result}
    base = {"kind": "pledge", "holder": "某银行", "receivables": [fact(n) for n in names], "search": search}
    return {**base, **more}


def test_a_receivable_is_pledged_once(client):
    path = f"/v1/enterprises/{firm('A')}/claims"
    made = client.post(path, json=claim("x23", "x22")).json()["claim"]
    assert made["amount_fen"] == 200_000 and made["kind_text"]
    assert client.post(path, json=claim("x23", "x22")).json()["claim"] == made  # sent twice
    refused = client.post(path, json=claim("y23", "x23", number="S-2"), headers=ZH)
    assert (refused.status_code, refused.json()["code"]) == (409, "receivable_held")
    assert "不能重复" in refused.json()["detail"]
    item = next(
        i
        for i in client.get(f"/v1/enterprises/{firm('A')}/receivables", params={"limit": 200}).json()["items"]
        if i["fact"] == fact("x23")
    )
    assert (item["status"], item["claim"], item["excluded_by"]) == ("pledged", made["id"], ["held"])
    noted = client.post(f"/v1/claims/{made['id']}/registration", json={"number": "R-1", "on": str(TODAY)})
    assert noted.json()["claim"]["register_number"] == "R-1"
    assert client.get(path).json()["total"] == 1
    assert client.post(f"/v1/claims/{made['id']}/release", json={"why": "repaid"}).json()["claim"]["released"]
    assert client.post(path, json=claim("x23", number="S-3")).status_code == 200


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        (claim("y22", result="taken"), 409, "receivable_taken_elsewhere"),
        (claim("y1", on=TODAY - timedelta(days=8)), 400, "receivable_search_old"),
        (claim("y1", on=TODAY + timedelta(days=1)), 400, "receivable_search_old"),
        (claim("nobody's"), 404, "receivable_unknown"),
        (claim(), 422, "request_invalid"),
    ],
)
def test_what_is_no_claim(client, asked, status, code):
    answer = client.post(f"/v1/enterprises/{firm('A')}/claims", json=asked)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_buyers_word(client):
    asked = {"receivable": fact("y20"), "kind": "confirmed", "on": str(TODAY), "proof": "确认函"}
    told = client.post(f"/v1/enterprises/{firm('A')}/receivables/marks", json=asked)
    assert told.status_code == 200
    items = client.get(f"/v1/enterprises/{firm('A')}/receivables", params={"limit": 200}).json()["items"]
    assert next(i for i in items if i["fact"] == fact("y20"))["status"] == "confirmed"
    asked["receivable"] = "0" * 16
    assert client.post(f"/v1/enterprises/{firm('A')}/receivables/marks", json=asked).status_code == 404


def test_portfolios_are_made_changed_and_closed(client, portfolio):
    made = client.post("/v1/portfolios", json={"name": "试点", "capital_fen": WAN}).json()["portfolio"]
    twice = client.post("/v1/portfolios", json={"name": "试点", "capital_fen": 1})
    assert twice.status_code == 409
    path = f"/v1/portfolios/{made['id']}"
    assert client.patch(path, json={"note": "first"}).json()["portfolio"]["note"] == "first"
    put = client.post(f"{path}/enterprises", json={"enterprises": [firm("B")]}).json()
    assert [one["id"] for one in put["items"]] == [firm("B")] and put["unknown"] == []
    assert client.post(f"{path}/enterprises", json={"enterprises": ["0" * 15 + "f"]}).status_code == 404
    assert client.delete(f"{path}/enterprises/{firm('B')}").json()["total"] == 0
    assert client.delete(f"{path}/enterprises/{firm('B')}").status_code == 404
    assert client.delete(path).json()["portfolio"]["closed"]
    assert client.patch(path, json={"note": "x"}).status_code == 409
    page = client.get("/v1/portfolios", params={"limit": 1}).json()
    assert page["next"] and page["total"] == 2
    assert client.get("/v1/portfolios", params={"cursor": page["next"]}).json()["items"][0]["closed"]
    assert client.get("/v1/portfolios/0000000000000000").status_code == 404


def test_a_loan_from_decision_to_the_last_fen(client, world, portfolio, monkeypatch):
    decision = decided(world)
    asked = {"decision": decision, "portfolio": portfolio}
    made = client.post("/v1/loans", json=asked).json()
    assert made["made"] and made["loan"]["state"] == "active" and made["loan"]["rate"] == "0.0600"
    assert made["account"]["outstanding_fen"] == 100 * WAN and {u["dimension"] for u in made["limits"]} >= {
        "borrower"
    }
    again = client.post("/v1/loans", json=asked).json()
    assert not again["made"] and again["loan"] == made["loan"]
    with State(world.folder).reading() as connection:
        application = credit.decision(connection, decision).application
        assert credit.application(connection, application).state == "booked"
    path = f"/v1/loans/{made['loan']['id']}"
    plan = client.get(f"{path}/schedule").json()
    assert plan["principal_fen"] == 100 * WAN and plan["total"] == 12
    due = plan["items"][0]
    money = {"amount_fen": due["total_fen"], "on": due["due_on"], "reference": "bank-1"}
    ahead = client.post(f"{path}/repayments", json=money)
    assert (ahead.status_code, ahead.json()["errors"][0]["code"]) == (400, "entry_in_future")
    monkeypatch.setattr(servicing, "today", lambda: date.fromisoformat(plan["items"][-1]["due_on"]))
    paid = client.post(f"{path}/repayments", json=money).json()["account"]
    assert paid["outstanding_fen"] == 100 * WAN - due["principal_fen"] and paid["due_fen"] == 0
    assert client.post(f"{path}/repayments", json=money).json()["account"] == paid
    late = client.get(path, params={"on": str(date.fromisoformat(due["due_on"]) + timedelta(days=60))}).json()
    assert late["account"]["overdue_days"] > 0 and late["account"]["classed"] == "special_mention"
    for entry in client.get(f"{path}/entries", headers=ZH).json()["items"]:
        assert sum(line["amount_fen"] for line in entry["postings"]) == 0 and entry["kind_text"]
    too_much = client.post(f"{path}/repayments", json={**money, "amount_fen": 10**12, "reference": "b2"})
    assert (too_much.status_code, too_much.json()["code"]) == (400, "loan_paid_too_much")
    assert (
        client.post(f"{path}/draws", json={**money, "reference": "d"}).json()["code"] == "loan_not_revolving"
    )
    assert client.get("/v1/loans", params={"enterprise": firm("A")}).json()["total"] == 1
    assert client.get("/v1/loans", params={"portfolio": portfolio, "state": "closed"}).json()["total"] == 0
    assert client.get(f"/v1/portfolios/{portfolio}").json()["portfolio"]["loans"] == 1


def test_exposures_name_the_limit_and_its_use(client, world, portfolio):
    path = f"/v1/portfolios/{portfolio}/exposures"
    told = client.get(path, params={"enterprise": firm("B"), "amount_fen": 2_000 * WAN}, headers=ZH).json()
    assert told["total_fen"] >= 90 * WAN and told["items"][0]["dimension_text"]
    assert (told["asked"]["action"], told["asked"]["left_fen"]) == ("cut", 1_500 * WAN)
    broken = next(u for u in told["asked"]["uses"] if u["breaks"])
    assert (broken["dimension"], broken["before_fen"], broken["limit_fen"]) == ("borrower", 0, 1_500 * WAN)
    asked = {"decision": decided(world, "B", 2_000), "portfolio": portfolio}
    refused = client.post("/v1/loans", json=asked, headers=ZH)
    assert (refused.status_code, refused.json()["code"]) == (409, "exposure_limit")
    said = refused.json()["detail"]
    assert all(one in said for one in ("单一客户", "甲乙丙B有限公司", "15,000,000.00", "20,000,000.00"))


def test_each_subject_of_a_limit_bears_its_name(client, portfolio):
    path = f"/v1/portfolios/{portfolio}/exposures"
    for headers, industry, region in ((ZH, "化学原料", "浙江省"), ({}, "chemical", "Zhejiang")):
        told = client.get(path, params={"enterprise": firm("B"), "amount_fen": WAN}, headers=headers).json()
        named = {u["dimension"]: u["subject_text"] for u in told["asked"]["uses"]}
        assert industry in named["industry"] and named["region"] == region
        assert named["borrower"] == "甲乙丙B有限公司"
        assert told["house_total_fen"] >= told["total_fen"] and told["approved_fen"] >= 0


@pytest.mark.parametrize("name", [" ", "\u3000\u3000"])
def test_a_portfolio_of_blanks_is_none(client, portfolio, name):
    made = client.post("/v1/portfolios", json={"name": name, "capital_fen": 1})
    changed = client.patch(f"/v1/portfolios/{portfolio}", json={"name": name})
    assert (made.status_code, changed.status_code) == (422, 422)


@pytest.mark.parametrize(("status", "code"), [("declined", "decision_not_approved")])
def test_a_refusal_is_not_booked(client, world, portfolio, status, code):
    asked = {"decision": decided(world, "C", status=status), "portfolio": portfolio}
    assert client.post("/v1/loans", json=asked).json()["code"] == code
    asked["decision"] = "f" * 16
    assert client.post("/v1/loans", json=asked).status_code == 404


def test_a_round_warns_and_a_warning_stays_until_somebody_lifts_it(client, world, portfolio):
    asked = {
        "decision": decided(world, "D", 10),
        "portfolio": portfolio,
        "method": "revolving",
        "draw_fen": 0,
    }
    assert client.post("/v1/loans", json=asked).status_code == 200
    told = client.post(f"/v1/portfolios/{portfolio}/rounds", json={}).json()
    codes = {(one["borrower"]["id"], one["code"]) for one in told["warnings"]}
    assert (firm("D"), "largest_buyer_gone") in codes and told["cut_fen"] == 10 * WAN
    assert {one["code"] for one in told["not_shown"]} == {"buyer_pays_later"}
    assert client.post(f"/v1/portfolios/{portfolio}/rounds", json={}).json()["raised"] == 0
    first = next(one for one in told["warnings"] if one["code"] == "largest_buyer_gone")
    assert first["text"] and first["action"] == "cut"
    lifted = client.post(f"/v1/warnings/{first['id']}/lift", json={"why": "new buyer signed"})
    assert lifted.json()["warning"]["lifted_by"]
    standing = client.get(f"/v1/portfolios/{portfolio}/warnings").json()
    assert first["id"] not in {one["id"] for one in standing["items"]}
    every = client.get(f"/v1/portfolios/{portfolio}/warnings", params={"standing": False}).json()
    assert every["total"] == standing["total"] + 1


def test_four_eyes_over_the_wire(world, portfolio):
    """The last test of the module: from the first key on, every request needs one."""

    def nobody():
        raise StoreUnavailable("store_silent", uri="bolt://nowhere:7687", detail="refused")

    ann = bearing(key_for(world.folder, "credit", "ann"))
    bob = bearing(key_for(world.folder, "approver", "bob"))
    decision = decided(world, "C", 500)
    with serving_folder(world.folder, store=nobody) as client:
        asked = {"decision": decision, "portfolio": portfolio}
        made = client.post("/v1/loans", json=asked, headers=ann)
        loan = made.json()["loan"]
        assert loan["state"] == "waiting" and loan["approvals_needed"] == 1 and made.json()["account"] is None
        yes = {"verdict": "approved", "why": "papers seen"}
        path = f"/v1/loans/{loan['id']}/approval"
        own = client.post(path, json=yes, headers=ann)
        assert own.status_code in (403, 409)
        done = client.post(path, json=yes, headers=bob).json()
        assert done["loan"]["state"] == "active" and done["loan"]["approvals"][0]["by"] == "bob"
        assert client.post("/v1/loans", json=asked, headers=bob).status_code in (200, 403)
        assert client.get("/v1/loans").status_code == 401
