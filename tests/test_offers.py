"""An approved decision is an offer: taken or turned down once, by the owner or by the bank for them; what the
owner is asked to agree to, and when they may apply again."""

import json
import sqlite3
from datetime import date, timedelta

import pytest

from api.data import Data
from extraction.dates import beijing_today
from graph.snapshot import open_snapshot
from ledger import audit, credit, lending, offers, portfolios
from ledger.credit import Consent, Decision
from ledger.errors import Conflict, DayanError
from ledger.ledger import Ledger
from ledger.state import MIGRATIONS, State
from services.credit.consents import consent_text, consent_texts
from services.credit.offers import Word, answer_offer
from services.credit.prepared import Prepared
from services.credit.reapply import read_reapply, reapply
from services.lending import booking
from services.lending.booking import Request
from tests.access_keys import bearing, key_for
from tests.api_server import serving_folder
from tests.credit_stand_in import decided as decided_at
from tests.credit_stand_in import desk, policies, snapshot_in
from tests.lending_world import build, firm, inv
from tests.test_api_credit import Rooms, asked
from tests.tiny_graph import firm as tiny_firm
from tests.tiny_graph import tiny

START = date(2026, 1, 15)
WAN = 1_000_000
TAKE = Word("accepted")


@pytest.fixture
def world(tmp_path):
    made = build(tmp_path, [inv("AB", 20, 1000, "1")])
    with State(tmp_path).writing() as connection:
        portfolios.make(connection, "one", 10_000 * WAN, None, "ann")
    return made


@pytest.fixture
def state(world):
    return State(world.folder)


def offered(state, wan=100, entered_as="owner", status="approved"):
    """The id of a decision in the store, valid for thirty days."""
    consent = Consent("v1", ("invoices",), "credit_decision", START, START + timedelta(days=300))
    with state.writing() as connection:
        given = {"product": "working_capital", "amount_fen": wan * WAN, "months": 12, "purpose": "wages"}
        made = credit.enter(
            connection, consent=consent, party=firm("A"), by="li", entered_as=entered_as, **given
        )
        answer = {"rate": {"annual_simple": "0.06"}, "term": 12, "limit": {"amount_fen": wan * WAN}}
        kept = Decision(
            id=made.id[::-1], application=made.id, party=firm("A"), status=status,
            valid_until=START + timedelta(days=30), policy="p", model="m", snapshot="s", inputs="{}",
            answer=json.dumps(answer), by="li", at="2026-01-01",
        )  # fmt: skip
        credit.decide(connection, kept, [])
        return kept.id


def application(state, decision):
    with state.reading() as connection:
        return credit.application(connection, credit.decision(connection, decision).application)


def book(world, decision, by="ann"):
    state = State(world.folder)
    with state.reading() as connection:
        portfolio = portfolios.portfolios(connection)[0].id
    return booking.book_decision(world.snapshot, state, decision, Request(portfolio), by, START)


def code_of(what, *given, **more):
    with pytest.raises(DayanError) as caught:
        what(*given, **more)
    return caught.value.code


# Taken, turned down


def test_an_offer_is_taken_once_and_told(state):
    decision = offered(state)
    kept = answer_offer(state, decision, Word("accepted", 100 * WAN, "interest_bullet"), "li", START)
    assert (kept.said, kept.amount_fen, kept.said_on, kept.for_customer) == (
        "accepted",
        100 * WAN,
        START,
        False,
    )
    again = answer_offer(state, decision, TAKE, "li", START + timedelta(days=60))
    assert again == kept
    deeds = [one for one in audit.entries(state) if one.action == "offer_accepted"]
    assert [(one.by, one.subject, one.detail["amount_fen"]) for one in deeds] == [("li", decision, 100 * WAN)]
    assert application(state, decision).state == "decided"
    assert code_of(answer_offer, state, decision, Word("declined"), "li", START) == "offer_accepted_already"
    for wrong in ("UPDATE offer_answers SET said = 'declined'", "DELETE FROM offer_answers"):
        with pytest.raises(sqlite3.IntegrityError), state.writing() as connection:
            connection.execute(wrong)


def test_an_offer_that_is_turned_down_is_withdrawn(state):
    decision = offered(state)
    kept = answer_offer(state, decision, Word("declined", why="too dear"), "li", START)
    assert (kept.said, kept.why) == ("declined", "too dear")
    assert application(state, decision).state == "withdrawn"
    assert code_of(answer_offer, state, decision, TAKE, "li", START) == "offer_declined_already"
    assert answer_offer(state, decision, Word("declined"), "li", START) == kept
    with state.reading() as connection:
        assert lending.at_risk(connection, START) == []


def test_the_bank_says_how_it_knows_and_then_approves_nothing(world, state):
    decision = offered(state, 500)
    for_them = Word("accepted", for_customer=True, why=" ")
    assert code_of(answer_offer, state, decision, for_them, "olga", START) == "offer_why_missing"
    told = Word("accepted", for_customer=True, why="signed at the counter")
    assert answer_offer(state, decision, told, "olga", START).for_customer
    loan = book(world, decision).loan
    assert loan.state == "waiting"
    assert code_of(booking.approve, world.snapshot, state, loan.id, "olga", "x", START) == "loan_four_eyes"
    with pytest.raises(sqlite3.IntegrityError), state.writing() as connection:  # nor by a back door
        connection.execute("INSERT INTO loan_approvals VALUES (?, 'olga', 'approved', 'x', 'y')", (loan.id,))


def test_what_is_no_offer_is_not_taken(state):
    late, other = START + timedelta(days=31), Word("accepted", 99 * WAN)
    assert code_of(answer_offer, state, offered(state), TAKE, "li", late) == "decision_expired"
    assert code_of(answer_offer, state, offered(state), other, "li", START) == "offer_changed"
    refused = offered(state, status="declined")
    assert code_of(answer_offer, state, refused, TAKE, "li", START) == "decision_not_approved"
    gone, ended = offered(state), offered(state)
    with state.writing() as connection:
        credit.move(connection, credit.decision(connection, gone).application, "withdrawn")
        credit.end_consent(connection, credit.decision(connection, ended).application, "li")
    assert code_of(answer_offer, state, gone, TAKE, "li", START) == "application_state"
    assert code_of(answer_offer, state, ended, TAKE, "li", START) == "consent_taken_back"
    assert code_of(answer_offer, state, "0" * 16, TAKE, "li", START) == "decision_not_found"


# Booking


def test_what_an_owner_entered_is_booked_once_they_took_the_offer(world, state):
    own, ours = offered(state), offered(state, entered_as="bank")
    assert code_of(book, world, own) == "offer_not_accepted"
    assert book(world, ours).loan.state == "active"
    answer_offer(state, own, TAKE, "li", START)
    assert book(world, own).loan.state == "active"
    assert application(state, own).state == "booked"


def test_what_the_customer_turned_down_is_not_booked(world, state):
    decision = offered(state, entered_as="bank")
    told = Word("declined", for_customer=True, why="said so on the telephone")
    answer_offer(state, decision, told, "olga", START)
    assert code_of(book, world, decision) == "offer_declined_already"


def test_a_refused_loans_application_is_decided_again(world, state):
    decision = offered(state, 500)
    answer_offer(state, decision, TAKE, "li", START)
    loan = book(world, decision).loan
    assert (loan.state, application(state, decision).state) == ("waiting", "booked")
    booking.approve(world.snapshot, state, loan.id, "bob", "too much", START, refuse=True)
    assert application(state, decision).state == "decided"
    assert code_of(book, world, decision) == "loan_refused"
    with state.reading() as connection:  # what is not lent again hangs on nobody
        assert lending.at_risk(connection, START) == []
        found = credit.decision(connection, decision)
        with pytest.raises(Conflict):
            offers.check_offered(connection, found, START)
    other = offered(state, entered_as="bank")
    book(world, other)
    with pytest.raises(sqlite3.IntegrityError), state.writing() as connection:
        credit.unbook(connection, other)  # a loan that runs stays booked


def test_a_store_from_before_has_its_refused_loans_applications_mended(tmp_path):
    """As the migration finds it: booked, though the loan was refused."""
    connection = sqlite3.connect(tmp_path / "old.sqlite")
    for script in MIGRATIONS[:-1]:
        connection.executescript(script)
    connection.execute(
        "INSERT INTO applications (id, party, product, amount_fen, months, purpose, consent, documents, by,"
        " at, state) VALUES ('a', 'p', 'order', 1, 1, 'tax', '{}', '[]', 'li', 'x', 'decided')"
    )
    connection.execute(
        "INSERT INTO decisions (id, application, party, status, valid_until, policy, model, snapshot, inputs,"
        " answer, by, at) VALUES ('d', 'a', 'p', 'approved', 'x', 'x', 'x', 'x', 'x', 'x', 'x', 'x')"
    )
    connection.execute("UPDATE applications SET state = 'booked'")
    connection.execute(
        "INSERT INTO portfolios (id, name, capital_fen, by, created) VALUES ('f', 'f', 1, 'x', 'x')"
    )
    connection.execute(
        "INSERT INTO loans (id, decision, portfolio, party, amount_fen, rate, method, term_months, starts_on,"
        " ends_on, policy, request, state, entered_by, entered_at) VALUES ('l', 'd', 'f', 'p', 1, '0.1',"
        " 'equal_instalment', 1, 'x', 'x', 'x', '{}', 'refused', 'x', 'x')"
    )
    connection.executescript(MIGRATIONS[-1])
    assert connection.execute("SELECT state, entered_as FROM applications").fetchall() == [
        ("decided", "bank")
    ]
    connection.close()


# When to apply again


def test_when_to_apply_again_is_policy(tmp_path):
    rule = read_reapply({"at_once": ["other_purpose"], "otherwise": "next_month", "source": "ours"})
    now, later = (reapply(rule, advice, date(2026, 12, 31))["reapply"] for advice in ("other_purpose", "x"))
    assert (now["after"], now["why"]) == ("2026-12-31", "at_once")
    assert (later["after"], later["why"]) == ("2027-01-01", "next_month")
    assert reapply(rule, None, START) == {"reapply": None}
    assert reapply(None, "x", START) == {}  # decisions from before the rule replay as they were
    snapshot = snapshot_in(tmp_path / "graph")
    made = desk(snapshot, tmp_path / "graph", State(tmp_path))
    told = decided_at(made, purpose="equity")
    assert (told["advice"], told["reapply"]["why"]) == ("other_purpose", "at_once")
    assert told["reapply"]["after"] == told["decided_on"]
    changed = policies(version="2027.1", **{"other_purpose, smaller_or_longer": "smaller_or_longer"})
    made = desk(snapshot, tmp_path / "graph", State(tmp_path / "other"), policies=changed)
    assert decided_at(made, purpose="equity")["reapply"]["why"] == "next_month"


# Over the API


@pytest.fixture(scope="module")
def counter(tmp_path_factory):
    folder = tiny(tmp_path_factory.mktemp("offers") / "tiny").folder
    with pytest.MonkeyPatch.context() as patch:
        rooms = Rooms(prepared=Prepared(open_snapshot(folder), Ledger(folder)))
        patch.setattr(Data, "credit_rooms", lambda self, snapshot: rooms)
        with serving_folder(folder, values={"rate": "0"}) as client:
            yield client, folder


def post(client, key, path, body, lang="en"):
    return client.post(f"/v1/{path}", json=body, headers=bearing(key, **{"Accept-Language": lang}))


def entered(client, key, **more):
    """An application of firm A and the decision on it."""
    made = post(client, key, "applications", asked("A", **more)).json()
    return made, post(client, key, "credit/decisions", {"application": made["id"]}).json()


def test_an_owner_takes_the_offer_and_the_bank_sees_it(counter):
    client, folder = counter
    owner = key_for(folder, "owner", holder="li.ming", parties=(tiny_firm("A"),))
    officer = key_for(folder, "credit", holder="officer")
    made, decision = entered(client, owner)
    assert (made["entered_as"], decision["acceptance_needed"], decision["offer_answer"]) == (
        "owner",
        True,
        None,
    )
    path = f"credit/decisions/{decision['decision_id']}"
    with State(folder).writing() as connection:
        portfolio = portfolios.make(connection, "一", 10**13, "", "me").id
    wish = {"decision": decision["decision_id"], "portfolio": portfolio}
    answer = post(client, officer, "loans", wish)
    assert (answer.status_code, answer.json()["code"]) == (409, "offer_not_accepted")
    other = key_for(folder, "owner", holder="wang", parties=(tiny_firm("B"),))
    assert post(client, other, f"{path}/acceptance", {}).status_code == 404
    offer = client.get(f"/v1/{path}/offer", headers=bearing(owner)).json()
    body = {"amount_fen": offer["amount_fen"], "method": "interest_bullet"}
    taken = post(client, owner, f"{path}/acceptance", body)
    assert taken.status_code == 200, taken.text
    assert taken.json()["offer_answer"]["said"] == "accepted"
    assert taken.json()["offer_answer"]["by"] == "li.ming"
    assert post(client, owner, f"{path}/acceptance", body).json() == taken.json()
    told = client.get(f"/v1/applications/{made['id']}", headers=bearing(officer, **{"Accept-Language": "zh"}))
    said = told.json()["offer_answer"]
    assert (said["said_text"], said["said_on"], said["method"]) == (
        "客户已接受",
        str(beijing_today()),
        "interest_bullet",
    )
    for otherwise in ({}, {"method": "interest_bullet", "months": 36, "override": "he wants it so"}):
        answer = post(client, officer, "loans", wish | otherwise)
        assert (answer.status_code, answer.json()["code"]) == (409, "offer_accepted_otherwise")
    loan = post(client, officer, "loans", wish | {"method": "interest_bullet"}).json()["loan"]
    assert loan["offer_answer"]["said"] == "accepted"
    assert client.get(f"/v1/{path}/replay", headers=bearing(officer)).json()["same"]
    assert post(client, owner, f"{path}/objection", {}).status_code == 409


def test_the_bank_answers_for_a_customer_with_a_reason(counter):
    client, folder = counter
    owner = key_for(folder, "owner", holder="li.ming", parties=(tiny_firm("A"),))
    officer = key_for(folder, "credit", holder="officer.two")
    made, decision = entered(client, officer)
    assert (made["entered_as"], decision["acceptance_needed"]) == ("bank", False)
    path = f"credit/decisions/{decision['decision_id']}/declining"
    assert post(client, officer, path, {}).json()["code"] == "offer_why_missing"
    done = post(client, officer, path, {"why": "they borrow elsewhere"}).json()
    assert (done["offer_answer"]["said"], done["offer_answer"]["for_customer"]) == ("declined", True)
    seen = client.get(f"/v1/applications/{made['id']}", headers=bearing(owner)).json()
    assert seen["state"] == "withdrawn"
    assert (seen["offer_answer"]["by"], seen["offer_answer"]["why"]) == ("the bank", "")


def test_a_refusal_says_when_to_apply_again(counter):
    client, folder = counter
    officer = key_for(folder, "credit", holder="officer")
    made = post(client, officer, "applications", asked("E", purpose="equity")).json()
    body = {"application": made["id"]}
    told = post(client, officer, "credit/decisions", body, "zh").json()
    assert (told["reapply_after"], told["reapply_why"]) == (told["decided_on"], "at_once")
    assert told["reapply_text"] == "办好就可以马上再申请"


# Consent


def test_the_text_of_consent_is_data_and_what_was_shown_is_recorded(counter):
    client, folder = counter
    owner = key_for(folder, "owner", holder="li.ming", parties=(tiny_firm("A"),))
    shown = {
        lang: client.get("/v1/consent", headers=bearing(owner, **{"Accept-Language": lang})).json()
        for lang in ("zh", "en")
    }
    assert [len(one["parts"]) for one in shown.values()] == [4, 4]
    assert shown["zh"]["parts"] != shown["en"]["parts"]
    for one in shown.values():
        assert all("{" not in part["text"] for part in one["parts"])
        assert one["until"] in one["parts"][2]["text"]
    told = shown["zh"]
    consent = {"text": told["version"], **{k: told[k] for k in ("scope", "purpose", "given_on", "until")}}
    made = post(client, owner, "applications", asked("A", consent=consent)).json()
    assert made["consent"] == consent
    longer = {**consent, "until": str(date.fromisoformat(told["until"]) + timedelta(days=1))}
    wider = {**consent, "scope": [*consent["scope"], "credit_bureau"]}
    for wrong in (longer, wider):
        answer = post(client, owner, "applications", asked("A", consent=wrong))
        assert answer.json()["code"] == "consent_beyond_text"
    unknown = {**consent, "text": "mine"}
    answer = post(client, owner, "applications", asked("A", consent=unknown))
    assert answer.json()["code"] == "consent_text_unknown"
    assert client.get("/v1/consent?version=none", headers=bearing(owner)).status_code == 404


def test_the_texts_are_whole_and_last_as_long_as_they_say():
    for one in consent_texts():
        assert {"scope", "purpose"} <= set(vars(one)) and one.source
        for part in one.parts:
            assert all(part.title[lang] and part.text[lang] for lang in ("zh", "en"))
    text = consent_text("consent-2026-1")
    wanted = {
        date(2026, 11, 22): date(2027, 11, 21),
        date(2024, 2, 29): date(2025, 2, 28),
        date(2027, 12, 31): date(2028, 12, 30),
        date(2026, 1, 1): date(2026, 12, 31),
    }
    assert {day: text.last_day(day) for day in wanted} == wanted
