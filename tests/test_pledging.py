"""What may be pledged, noted and looked at when: no dispute, nothing ineligible, no day ahead."""

from datetime import date, timedelta
from decimal import Decimal

import polars as pl
import pytest

from ledger import claims, lending, portfolios, watch
from ledger.claims import Held, Search
from ledger.errors import Conflict, InputError, StoreUnavailable
from ledger.state import State
from services.lending import booking, servicing
from services.lending.eligibility import EXCLUSIONS, speaks_against
from services.lending.patrol import every_party, patrol
from services.lending.policy import policy_on, today
from services.lending.receivables import receivables
from services.lending.sales_index import SalesIndex
from services.lending.summary import summed
from tests.api_server import serving_folder
from tests.lending_world import CUT_OFF, build, fact, firm, inv
from tests.test_loan_watch import monthly

WAN = 1_000_000
TODAY = today()
AHEAD = str(TODAY + timedelta(days=1))
OTHER = "00000000000000aa"
FIRM = firm("A")
PATH = f"/v1/enterprises/{FIRM}"


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    rows = monthly("AB", "x", 1000, 1000) + monthly("AC", "y", 900, 900) + monthly("DB", "z", 0, 500)
    covered = {"A": (date(2024, 1, 1), CUT_OFF)}
    return build(tmp_path_factory.mktemp("pledging"), rows, statements=covered, parties={"A": OTHER})


@pytest.fixture(scope="module")
def client(world):
    def nobody():
        raise StoreUnavailable("store_silent", uri="bolt://nowhere:7687", detail="refused")

    with serving_folder(world.folder, store=nobody) as client:
        yield client


def pledge(client, *names, number="S-1", lang="en", **more):
    search = {"number": number, "on": str(TODAY), "result": "free"}
    asked = {"kind": "pledge", "holder": "某银行", "receivables": [fact(n) for n in names], "search": search}
    return client.post(f"{PATH}/claims", json={**asked, **more}, headers={"Accept-Language": lang})


def mark(client, name, kind, on=TODAY, proof="来函 7", **more):
    asked = {"receivable": fact(name), "kind": kind, "on": str(on), "proof": proof, **more}
    return client.post(f"{PATH}/receivables/marks", json=asked)


def row(client, name):
    told = client.get(f"{PATH}/receivables", params={"limit": 200, "open_only": False}).json()
    return next(one for one in told["items"] if one["fact"] == fact(name))


def problem(answer):
    told = answer.json()
    return answer.status_code, (told.get("errors") or [told])[0]["code"]


def test_a_disputed_receivable_is_not_pledged_until_the_dispute_is_settled(client):
    assert mark(client, "y23", "disputed").status_code == 200
    refused = pledge(client, "x23", "y23", lang="zh")
    assert problem(refused) == (409, "receivable_not_eligible")
    assert fact("y23") in refused.json()["detail"] and "有争议" in refused.json()["detail"]
    assert row(client, "x23")["claim"] is None  # all or none
    assert mark(client, "y23", "settled_dispute", proof="和解 7").status_code == 200
    made = pledge(client, "x23", "y23")
    assert made.status_code == 200
    assert mark(client, "y23", "disputed", proof="来函 8").status_code == 200
    assert pledge(client, "x23", "y23").json()["claim"]["id"] == made.json()["claim"]["id"]  # sent twice


def test_what_is_not_eligible_is_not_pledged_and_says_why(client):
    refused = pledge(client, "x1", number="S-4")
    assert problem(refused) == (409, "receivable_not_eligible")
    assert "overdue for too long" in refused.json()["detail"] and fact("x1") in refused.json()["detail"]


def test_the_store_itself_refuses_what_is_in_dispute(tmp_path):
    state, wanted = State(tmp_path), [Held("c", ("c", "c2"), 5)]
    claims.mark(state, FIRM, "c2", "disputed", CUT_OFF, "letter 1", "ann")
    with pytest.raises(Conflict) as refused:
        claims.hold(state, "pledge", FIRM, "bank", wanted, Search("S", CUT_OFF, "free"), "ann")
    assert refused.value.code == "receivable_disputed" and refused.value.params["receivable"] == "c"
    claims.mark(state, FIRM, "c2", "settled_dispute", CUT_OFF, "letter 2", "ann")
    assert claims.hold(state, "pledge", FIRM, "bank", wanted, Search("S", CUT_OFF, "free"), "ann")


def test_a_cap_on_one_buyer_keeps_nothing_out():
    assert speaks_against(["concentration"], 0) == [] == speaks_against(["advance_paid"], 5)
    assert speaks_against(["advance_paid", "concentration"], 0) == ["advance_paid"]
    assert all(speaks_against([one], 5) == [one] for one in EXCLUSIONS[:-2])


def test_nothing_is_noted_ahead(client):
    assert problem(mark(client, "x20", "confirmed", on=AHEAD)) == (400, "entry_in_future")
    assert row(client, "x20")["status"] == "unconfirmed"
    entry = {"number": "R-1", "on": AHEAD}
    assert problem(pledge(client, "x21", number="S-5", registered=entry)) == (400, "entry_in_future")
    claim = pledge(client, "x21", number="S-5").json()["claim"]["id"]
    assert problem(client.post(f"/v1/claims/{claim}/registration", json=entry)) == (400, "entry_in_future")


def test_a_mark_sent_twice_counts_once(client):
    for _ in range(3):
        assert mark(client, "x22", "collected", proof="回单 9", amount_fen=30_000).status_code == 200
    assert row(client, "x22")["settled_fen"] == 30_000
    assert mark(client, "x22", "collected", proof="回单 10", amount_fen=30_000).status_code == 200
    assert row(client, "x22")["settled_fen"] == 60_000


def test_a_mark_of_nothing_is_refused(tmp_path):
    with pytest.raises(InputError):
        claims.mark(State(tmp_path), FIRM, "f", "collected", CUT_OFF, "回单", "ann", -5)


def test_a_register_entry_once_noted_stays(tmp_path):
    state = State(tmp_path)
    made = claims.hold(state, "pledge", FIRM, "b", [Held("c", (), 5)], Search("S", CUT_OFF, "free"), "ann")
    noted = claims.register(state, made.id, "R-1", CUT_OFF, "ann")
    assert claims.register(state, made.id, "R-1", CUT_OFF, "ann") == noted
    with pytest.raises(Conflict):
        claims.register(state, made.id, "R-1", CUT_OFF - timedelta(days=1), "ann")
    claims.release(state, made.id, "bob", "repaid")
    with pytest.raises(Conflict) as refused:
        claims.register(state, made.id, "R-1", CUT_OFF, "ann")
    assert refused.value.code == "claim_released"


def test_a_buyers_next_due_day_lies_ahead_and_its_oldest_past_one_stands_apart(tmp_path):
    rows = [
        inv("AB", 200, 10, "old"),
        inv("AB", 100, 10, "late"),
        inv("AB", 5, 10, "new"),
        inv("AC", 90, 9, "c"),
    ]
    world = build(tmp_path, rows)
    owed = receivables(world.snapshot, world.ledger, 0)
    told = summed(owed, world.snapshot, 0, policy_on(CUT_OFF), CUT_OFF).buyers
    due = dict(owed.select("fact", "due_on").iter_rows())
    one = told.row(by_predicate=pl.col("buyer") == 1, named=True)
    assert (one["next_due_on"], one["overdue_since"]) == (due[fact("new")], due[fact("old")])
    assert one["next_due_on"] >= CUT_OFF > one["overdue_since"]
    other = told.row(by_predicate=pl.col("buyer") == 2, named=True)
    assert (other["next_due_on"], other["overdue_since"]) == (None, due[fact("c")])


def test_another_number_of_the_register_is_not_the_same_claim(tmp_path):
    state, wanted = State(tmp_path), [Held("c", (), 5)]
    asked = (state, "pledge", FIRM, "b", wanted, Search("S", CUT_OFF, "free"), "ann")
    made = claims.hold(*asked, registered=("R-1", CUT_OFF))
    assert claims.hold(*asked, registered=("R-1", CUT_OFF)) == made == claims.hold(*asked)
    with pytest.raises(Conflict) as refused:
        claims.hold(*asked, registered=("R-2", CUT_OFF))
    assert refused.value.params["claim"] == made.id


# Rounds


@pytest.fixture
def lent(world):
    """A revolving loan to D, whose largest buyer is gone, in a portfolio of its own; and its state store."""
    state = State(world.folder)
    with state.writing() as connection:
        name = f"p{len(portfolios.portfolios(connection))}"
        chosen = portfolios.make(connection, name, 10_000 * WAN, None, "ann").id
    granted = booking.Approved(name.ljust(16, "0"), firm("D"), 100 * WAN, Decimal("0.06"), 12, TODAY)
    wish = booking.Request(chosen, method="revolving", draw_fen=0)
    on = TODAY - timedelta(days=9)
    return state, chosen, booking.book(world.snapshot, state, granted, wish, "ann", on).loan


def test_no_round_is_made_ahead(client, lent):
    state, chosen, loan = lent
    refused = client.post(f"/v1/portfolios/{chosen}/rounds", json={"on": AHEAD})
    assert problem(refused) == (400, "entry_in_future")
    with state.reading() as connection:
        assert len(lending.entries(connection, loan.id)) == 1


def test_a_round_of_an_earlier_day_cuts_no_earlier_than_the_last_draw(world, lent):
    state, chosen, loan = lent
    drawn_on = TODAY - timedelta(days=2)
    servicing.draw(world.snapshot, state, loan.id, 40 * WAN, drawn_on, "d", "ann")
    index = SalesIndex.of(world.snapshot, world.ledger)
    patrol(world.snapshot, state, index, chosen, TODAY - timedelta(days=400))
    with state.reading() as connection:
        found = lending.entries(connection, loan.id)
    assert (found[-1].kind, found[-1].happened_on) == ("commitment_ended", drawn_on)
    assert found[-1].postings["commitment"] == -60 * WAN


def test_warnings_of_a_portfolio_are_those_of_every_party(client, world, lent):
    state, chosen, _ = lent
    assert every_party(world.snapshot, [OTHER, "no such party"]) == sorted({FIRM, OTHER, "no such party"})
    with state.writing() as connection:
        portfolios.join(connection, chosen, [FIRM], "ann")
        watch.raise_(connection, OTHER, "listed", CUT_OFF, "freeze", {"value": 1}, "watch")
    told = client.get(f"/v1/portfolios/{chosen}/warnings").json()
    assert OTHER in {one["party"] for one in told["items"]}


def test_a_cut_ends_what_is_open_in_every_portfolio(tmp_path):
    made = build(tmp_path, monthly("AB", "x", 0, 1000) + monthly("AC", "y", 900, 900), parties={"A": OTHER})
    state, on = State(tmp_path), TODAY - timedelta(days=9)
    chosen = []
    for number, party in enumerate((FIRM, OTHER)):
        with state.writing() as connection:
            chosen.append(portfolios.make(connection, f"p{number}", 10_000 * WAN, None, "ann").id)
        granted = booking.Approved(f"{number}" * 16, party, 100 * WAN, Decimal("0.06"), 12, TODAY)
        wish = booking.Request(chosen[-1], method="revolving", draw_fen=0)
        booking.book(made.snapshot, state, granted, wish, "ann", on)
    index = SalesIndex.of(made.snapshot, made.ledger)
    assert patrol(made.snapshot, state, index, chosen[0], TODAY).cut_fen == 200 * WAN
    assert patrol(made.snapshot, state, index, chosen[1], TODAY).cut_fen == 0
