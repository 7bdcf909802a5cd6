"""Proofs over the API: what a figure was worked out from adds up to it, and each row opens the next step."""

from datetime import date

import pytest

from gnn.scores.momentum import behind
from gnn.view import view_of
from ledger import at_risk, lending
from ledger.errors import StoreUnavailable
from ledger.state import State
from services.lending.policy import today
from tests import test_api_lending, test_api_positions, test_api_reviews, test_api_scores, test_scores
from tests.access_keys import bearing, key_for
from tests.api_server import serving_folder
from tests.cash_world import firm_id, steady
from tests.test_api_lending import WAN, decided

# The worlds of the routes that proofs are about.
world, client, portfolio = test_api_lending.world, test_api_lending.client, test_api_lending.portfolio
published = test_api_positions.published
reviewed_folder = test_api_reviews.folder
EN = {"Accept-Language": "en"}


def nobody():
    raise StoreUnavailable("store_silent", uri="bolt://nowhere:7687", detail="refused")


def proof(client, what, status=200, lang="en", **given):
    answer = client.get(f"/v1/proofs/{what}", params=given, headers={"Accept-Language": lang})
    assert answer.status_code == status, answer.text
    return answer.json()


def part(body, name):
    return next(one for one in body["parts"] if one["name"] == name)


def grounds(body):
    return {one["name"]: one["text"] for one in body["grounds"]}


def opens(row):
    return {key: value for key, value in row["opens"].items() if value}


def follow(client, row):
    """The proof that a row leads on to."""
    assert row["opens"]["of"] == "worked"
    return proof(client, row["opens"]["what"], **row["opens"]["given"])


@pytest.fixture(scope="module")
def cash(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cash")
    steady(date(2025, 12, 31)).write(folder)
    with serving_folder(folder, store=nobody) as client:
        yield client


@pytest.fixture(scope="module")
def forecast(cash):
    asked = {"enterprise": firm_id(0), "opening_fen": 7_000_000}
    return cash.post("/v1/cashflow/forecast", json=asked, headers=EN).json()


@pytest.mark.parametrize("flow", ["inflow", "outflow"])
def test_a_cash_figure_is_that_of_the_forecast_step_by_step(cash, forecast, flow):
    given = {"enterprise": firm_id(0), "flow": flow, "opening_fen": 7_000_000}
    whole = proof(cash, "cash", **given)
    assert whole["amount_fen"] == forecast[flow]["expected_fen"]
    total = 0
    for step in forecast["items"]:
        told = proof(cash, "cash", **given, first=step["first"])
        assert told["amount_fen"] == step[flow]["expected_fen"]
        total += told["amount_fen"]
    assert total == whole["amount_fen"]


def test_a_cash_figure_names_its_known_flows_its_features_and_its_draws(cash, forecast):
    body = proof(cash, "cash", enterprise=firm_id(0), flow="inflow", opening_fen=7_000_000)
    known = [one for one in forecast["known"] if one["direction"] == "in"]
    rows = part(body, "known")["rows"]
    assert sorted(row["amount_fen"] for row in rows) == sorted(one["amount_fen"] for one in known)
    assert {row["opens"]["of"] for row in rows} <= {"fact", "link", "worked"}
    assert part(body, "features")["rows"][0]["opens"]["name"] == "log_sales"
    assert grounds(body)["scenarios"] == str(forecast["scenarios"])
    assert grounds(body)["assumptions"] == forecast["policy"]
    assert grounds(body)["seed"].isdigit()
    assert proof(cash, "cash", enterprise=firm_id(0), flow="inflow", opening_fen=7_000_000) == body


def test_a_balance_is_the_opening_and_every_step_until_then(cash, forecast):
    step = forecast["items"][2]
    given = {"enterprise": firm_id(0), "flow": "balance", "opening_fen": 7_000_000}
    body = proof(cash, "cash", **given, first=step["first"])
    assert body["amount_fen"] == step["balance"]["expected_fen"]
    moved = part(body, "steps")["rows"]
    assert len(moved) == 6
    assert 7_000_000 + sum(row["amount_fen"] for row in moved) == body["amount_fen"]
    assert follow(cash, moved[0])["amount_fen"] == moved[0]["amount_fen"]
    proof(cash, "cash", status=404, **given, first="2026-01-17")


def test_a_late_buyer_moves_what_the_what_if_says(cash):
    buyer = cash.get(f"/v1/enterprises/{firm_id(0)}/partner-months?side=customers").json()["items"][0]["id"]
    asked = {"enterprise": firm_id(0), "buyer": buyer, "days": 30}
    told = cash.post("/v1/cashflow/late", json=asked).json()
    body = proof(cash, "late", **asked)
    rows = part(body, "moved")["rows"]
    assert [row["amount_fen"] for row in rows] == [
        one["late_inflow_fen"] - one["usual_inflow_fen"] for one in told["items"]
    ]
    assert body["amount_fen"] == sum(row["amount_fen"] for row in rows)
    link = part(body, "behind")["rows"][1]
    assert opens(link) == {"of": "link", "id": firm_id(0), "partner": buyer}


@pytest.mark.parametrize("measure", ["open", "proven", "eligible", "if_proven"])
def test_a_sum_of_receivables_is_its_invoices(client, measure):
    id_ = test_api_lending.firm("A")
    ledger = client.get(f"/v1/enterprises/{id_}/receivables", params={"limit": 200}).json()
    body = proof(client, "receivables", enterprise=id_, measure=measure)
    assert body["amount_fen"] == ledger[f"{measure}_fen"]
    invoices = [one for one in body["parts"] if one["name"] == "invoices"]
    rows = invoices[0]["rows"] if invoices else []
    assert sum(row["amount_fen"] for row in rows) == body["amount_fen"]
    assert {row["opens"]["id"] for row in rows} <= {one["fact"] for one in ledger["items"]}


def test_a_sum_of_one_buyer_and_age_and_a_ratio_with_its_inputs(client):
    id_ = test_api_lending.firm("A")
    ledger = client.get(f"/v1/enterprises/{id_}/receivables").json()
    buyer = ledger["buyers"][0]
    for age in buyer["ageing"]:
        given = {"measure": "open", "buyer": buyer["id"], "bucket": age["bucket"]}
        assert proof(client, "receivables", enterprise=id_, **given)["amount_fen"] == age["open_fen"]
    dilution = proof(client, "receivables", enterprise=id_, measure="dilution")
    inputs = [row["amount_fen"] for row in part(dilution, "inputs")["rows"]]
    figure = next(one for one in ledger["figures"] if one["name"] == "dilution")
    assert figure["value"] == round(-inputs[0] / inputs[1], 4)
    assert grounds(dilution)["policy"] == ledger["policy"]


def test_the_use_of_a_limit_is_the_loans_and_approvals_that_make_it(client, world, portfolio):
    id_ = test_api_lending.firm("A")
    before = proof(client, "exposure", enterprise=id_, dimension="borrower", subject=id_)
    approved = decided(world, "A", 30)
    loan = client.post("/v1/loans", json={"decision": decided(world, "A", 20), "portfolio": portfolio})
    assert loan.status_code == 200, loan.text
    body = proof(client, "exposure", enterprise=id_, dimension="borrower", subject=id_)
    assert body["amount_fen"] == before["amount_fen"] + 50 * WAN
    rows = part(body, "loans")["rows"]
    assert sum(row["amount_fen"] for row in rows) == body["amount_fen"]
    assert approved in {row["opens"]["id"] for row in rows}
    assert {row["opens"]["of"] for row in rows} == {"decision"}
    assert set(grounds(body)) >= {"policy", "limit", "rule", "over"}
    told = client.get(
        f"/v1/portfolios/{portfolio}/exposures", params={"enterprise": id_, "amount_fen": WAN}
    ).json()
    for use in told["asked"]["uses"]:
        given = {name: use[name] for name in ("dimension", "subject", "over")}
        one = proof(client, "exposure", enterprise=id_, portfolio=portfolio, **given)
        assert one["amount_fen"] == use["before_fen"], use["dimension"]
        assert sum(row["amount_fen"] for row in part(one, "loans")["rows"]) == use["before_fen"]
    proof(client, "exposure", status=404, enterprise=id_, dimension="chain", subject="nowhere")
    with State(world.folder).reading() as connection:
        items, sums = at_risk.items(connection, today()), lending.at_risk(connection, today())
    for one in sums:
        mine = [i.fen for i in items if (i.party, i.portfolio) == (one.party, one.portfolio)]
        assert sum(mine) == one.fen
    assert sum(i.fen for i in items) == sum(one.fen for one in sums)


def test_a_seat_tells_its_path_its_signs_and_its_model(published):
    client, _, ids = published
    told = client.get(f"/v1/enterprises/{ids['a']}/position", headers=EN).json()
    body = proof(client, "seat", enterprise=ids["a"], chain="toy")
    hops = told["positions"][0]["path"]["hops"]
    assert [row["amount_fen"] for row in part(body, "hops")["rows"]] == [hop["amount_fen"] for hop in hops]
    assert [row["text"] for row in part(body, "signs")["rows"]] == [sign["text"] for sign in told["signs"]]
    assert len(grounds(body)["model"]) == 16
    proof(client, "seat", status=404, enterprise=ids["a"], chain="watch")


def test_likeness_and_a_suggested_link_tell_the_links_behind_them(published):
    client, _, ids = published
    one = client.get(f"/v1/enterprises/{ids['a']}/similar").json()["items"][0]
    body = proof(client, "alike", enterprise=ids["a"], other=one["id"])
    assert part(body, "shared_customers")["total"] == one["shared_customers"] > 0
    assert part(body, "shared_customers")["rows"][0]["opens"]["id"] == ids["a"]
    proof(client, "alike", status=404, enterprise=ids["a"], other=ids["a"])
    told = client.get(f"/v1/enterprises/{ids['d']}/suggested-links").json()["items"][0]
    body = proof(client, "suggested", enterprise=ids["d"], partner=told["partner"]["id"])
    assert body["value"] == "42%"
    assert all(row["opens"]["of"] == "link" for row in part(body, "paths")["rows"])
    proof(client, "suggested", status=404, enterprise=ids["a"], partner=ids["z"])


@pytest.fixture(scope="module")
def scored(tmp_path_factory):
    folder = test_api_scores.folder.__wrapped__(tmp_path_factory)
    with serving_folder(folder, store=nobody) as client:
        yield client


def test_a_score_opens_the_links_of_the_firms_behind_it(scored):
    id_ = test_api_scores.firm("C")
    told = scored.get(f"/v1/enterprises/{id_}/scores", headers=EN).json()
    for one in told["items"]:
        given = {"chain": (one["chain"] or {}).get("id"), "segment": (one["segment"] or {}).get("id")}
        body = proof(
            scored, "score", enterprise=id_, name=one["name"], **{k: v for k, v in given.items() if v}
        )
        assert body["text"] == one["text"]
        assert part(body, "links_of")["rows"][0]["opens"]["of"] == "feature"
        for found in (row for told_ in body["parts"] if told_["name"] == "firms" for row in told_["rows"]):
            assert found["opens"]["of"] == "link"
            side = "customers" if found["opens"]["id"] == id_ else None
            link = {"partner": found["opens"]["partner"], "side": side or "customers"}
            evidence = scored.get(f"/v1/enterprises/{found['opens']['id']}/evidence", params=link)
            assert evidence.status_code == 200, evidence.text
    proof(scored, "score", status=404, enterprise=id_, name="no_such_score")
    proof(scored, "momentum", status=404, chain="toy-car", segment="nowhere")


def test_the_firms_behind_a_momentum_add_up_to_it():
    regions, stands = ["330482"] * 6, dict.fromkeys(range(5), "nylon")
    months = [*test_scores.MONTHS[:2], *test_scores.MONTHS[12:14]]
    sales = [(months[1], f, 5, test_scores.NYLON, 100) for f in range(5)]
    sales += [(months[2], f, 5, test_scores.NYLON, yuan) for f, yuan in enumerate((110, 120, 90, 999, 999))]
    own = [(f, "sale", months) for f in range(4)]
    whole = test_scores.tables(sales, own, test_scores.MONTHS[:14], regions, stands)
    row = test_scores.scored(whole)["momentum"].row(0, named=True)
    frames = whole.ordered()
    firms = behind(view_of(whole), frames["coverage"], frames["positions"].select("enterprise"))
    assert firms["enterprise"].to_list() == [3, 1, 0, 2]
    assert (firms["now"].sum(), firms["before"].sum()) == (row["sales_fen"], row["before_fen"])
    assert firms.height == row["firms"]


def test_what_was_sold_in_some_months_is_the_links_of_those_months(scored):
    months = scored.get(f"/v1/enterprises/{test_api_scores.firm('C')}/partner-months?side=customers").json()
    told = [sum(one["by_month"][at] for one in months["items"]) for at in range(2)]
    body = proof(scored, "sold", enterprise=test_api_scores.firm("C"), months=",".join(months["months"][:2]))
    assert body["amount_fen"] == sum(told)
    assert [row["amount_fen"] for row in part(body, "months")["rows"]] == told
    assert sum(row["amount_fen"] for row in part(body, "customers")["rows"]) == sum(told)


def test_a_firm_that_a_what_if_hits_tells_its_path(scored):
    asked = {"enterprise": test_api_scores.firm("A"), "shock": "stop"}
    told = scored.post("/v1/chains/toy-car/whatif", json=asked, headers=EN).json()
    for side, fen in (("goods", "peak_fen"), ("money", "short_fen")):
        whole = proof(scored, "hit", chain="toy-car", side=side, **asked)
        assert whole["amount_fen"] == told[side][fen]
        for hit in told[side]["items"]:
            body = proof(scored, "hit", chain="toy-car", side=side, hit=hit["id"], **asked)
            assert (body["amount_fen"], body["text"]) == (hit[fen], hit["text"])
            assert part(body, "assumed")["total"] == len(told["assumptions"])
    proof(scored, "hit", status=404, chain="toy-car", side="goods", hit="0" * 16, **asked)


def test_a_pair_tells_the_papers_of_either_side(reviewed_folder):
    with serving_folder(reviewed_folder) as client:
        one = client.get("/v1/reviews").json()["items"][0]
        body = proof(client, "pair", review=one["id"])
        assert body["amount_fen"] == one["impact_fen"]
        assert {one["left"]["name"], one["right"]["name"]} == set(body["title"].split(" / "))
        proof(client, "pair", status=404, review="0" * 16)


def test_a_plan_of_idle_money_is_worked_out_again_rung_by_rung(tmp_path):
    folder = tmp_path / "cash"
    steady(date(2025, 12, 31)).write(folder)
    assessed = {"level": "C2", "assessor": "x", "assessed_on": "2025-09-01", "expires_on": "2036-08-31"}
    customer = {"assessment": assessed, "investor_class": "ordinary"}
    asked = {"enterprise": firm_id(0), "horizon_days": 90, "opening_fen": 5_000_000_000, "reserve_fen": 0}
    with serving_folder(folder, store=nobody) as client:
        plan = client.post("/v1/wealth/matches", json={**asked, "customer": customer}, headers=EN).json()
        assert plan["rungs"]
        for at, rung in enumerate(plan["rungs"]):
            body = proof(client, "wealth", **asked, **assessed, rung=at)
            assert (body["title"], body["amount_fen"]) == (rung["product"]["name"], rung["amount_fen"])
            flows = [row for row in part(body, "money")["rows"] if row["opens"]]
            assert {follow(client, row)["what"] for row in flows} == {"cash"}
        whole = proof(client, "wealth", **asked, **assessed)
        assert whole["amount_fen"] == plan["account_fen"]
        assert grounds(whole)["policy"] == plan["policy"]
        proof(client, "wealth", status=404, **asked, **assessed, rung=len(plan["rungs"]))


def test_proofs_ask_for_the_scope_of_what_they_prove(tmp_path):
    steady(date(2025, 12, 31)).write(tmp_path)
    analyst, bound = key_for(tmp_path, "analyst"), key_for(tmp_path, "owner", parties=(firm_id(0),))
    given = {"enterprise": firm_id(0), "flow": "inflow"}
    with serving_folder(tmp_path, store=nobody, values={"rate": "0"}) as client:
        assert client.get("/v1/proofs/cash", params=given, headers=bearing(bound)).status_code == 403
        limit = {"enterprise": firm_id(0), "dimension": "borrower", "subject": firm_id(0)}
        assert client.get("/v1/proofs/exposure", params=limit, headers=bearing(analyst)).status_code == 403


def test_a_proof_names_its_snapshot(cash):
    body = proof(cash, "cash", lang="zh", enterprise=firm_id(0), flow="outflow")
    assert body["snapshot"] in grounds(body)["snapshot"]
    assert body["title"].startswith("预计流出")
