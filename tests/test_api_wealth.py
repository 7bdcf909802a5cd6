"""Wealth over the API: plans with their reasons, refusals, wording, flows of a product."""

from datetime import date, timedelta

import numpy as np
import pytest

from api.routes import wealth
from bench.wealth_check import Rung, broken
from bench.wealth_plans import Path, _case
from graph.snapshot import Snapshot
from ledger.errors import StoreUnavailable
from services.wealth.customer import Assessment, Customer
from services.wealth.match import Question
from services.wealth.stock import Stock
from tests.api_server import serving_folder
from tests.tiny_graph import firm, tiny

#: A day long after the data end.
TODAY = date(2027, 3, 1)
ASSESSED = {"level": "C2", "assessor": "branch 12", "assessed_on": "2024-01-01", "expires_on": "2026-12-31"}


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    def nobody():
        raise StoreUnavailable("store_silent", uri="bolt://nowhere:7687", detail="refused")

    with serving_folder(tiny(tmp_path_factory.mktemp("tiny")).folder, store=nobody) as client:
        yield client


@pytest.fixture(scope="module")
def day(client):
    return client.get("/v1/chains").json()["as_of"]


def question(day, **changes):
    rng = np.random.default_rng(4)
    out = (rng.random((40, 90)) * 1_500_000).astype(int)
    told = {**ASSESSED, "assessed_on": day, "expires_on": str(date.fromisoformat(day) + timedelta(days=300))}
    return {
        "cash_path": {"inflow_fen": np.zeros_like(out).tolist(), "outflow_fen": out.tolist()},
        "customer": {"assessment": told, "individual_business": False},
        "as_of": "2025-06-30" if day < "2025-01-01" else day,
        "horizon_days": 90,
        "opening_fen": 200_000_000,
        **changes,
    }


@pytest.fixture(scope="module")
def body(day):
    asked = question(day)
    asked["customer"]["assessment"]["assessed_on"] = asked["as_of"]
    asked["customer"]["assessment"]["expires_on"] = asked["as_of"]
    return asked


def ask(client, body, status=200, lang="en"):
    answer = client.post("/v1/wealth/matches", json=body, headers={"Accept-Language": lang})
    assert answer.status_code == status, answer.text
    return answer.json()


def test_a_plan_says_how_much_in_what_until_when(client, body):
    from datetime import date

    found = ask(client, body)
    assert (
        sum(one["amount_fen"] for one in found["rungs"]) + found["account_fen"]
        == found["amount_fen"]
        == 200_000_000
    )
    assert found["counts"]["shelf"] == 10_000
    assert found["shortlist_total"] == found["counts"]["shortlist"] == 500
    assert len(found["shortlist"]) == 20
    assert all(one["product"]["level"] in ("R1", "R2") for one in found["rungs"])
    assert float(found["scenario"]["rate"]) > float(found["scenario"]["open_products_rate"])
    assert found["risk"]["cvar_share"] <= found["risk"]["cvar_limit"]
    assert found["synthetic"] is True
    # the checker of the bench, on what the API told
    products = Stock(None)
    day_ = date.fromisoformat(body["as_of"])
    rungs = [
        Rung(
            products.product(one["product"]["id"]),
            one["amount_fen"],
            *(date.fromisoformat(one[name]) for name in ("buy_on", "until", "money_on")),
        )
        for one in found["rungs"]
    ]
    flows = (np.array(body["cash_path"][name], np.int64) for name in ("inflow_fen", "outflow_fen"))
    asked = Question(Customer(Assessment("C2", "x", day_, day_)), day_, 90, 200_000_000)
    path = Path(date.fromisoformat(found["start"]), *flows)
    assert broken(_case(asked, path), rungs, found["account_fen"]) == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_wording_promises_nothing_and_leaves_no_gap(client, body, lang):
    found = ask(client, body, lang=lang)
    text = str(found)
    assert "预期收益" not in text
    assert "expected yield" not in text
    sentences = [
        found["scenario"]["text"],
        found["risk"]["text"],
        found["counts"]["text"],
        found["account_text"],
    ]
    sentences += [*found["notes"], *(one["text"] for one in found["rungs"])]
    assert all("{" not in one for one in sentences)
    for one in found["shortlist"]:
        assert one["benchmark"]["warning"]
        assert one["benchmark"]["since"]
        assert one["synthetic"] is True
    if lang == "zh":
        assert found["scenario"]["label"] == "情景测算"
        assert {one["benchmark"]["label"] for one in found["shortlist"]} <= {
            "业绩比较基准",
            "七日年化收益率（过往业绩）",
        }


def test_the_same_question_gives_the_same_bytes(client, body):
    first, second = (client.post("/v1/wealth/matches", json=body).content for _ in range(2))
    assert first == second


def test_refusals_say_why(client, body):
    def coded(status=400, **changes):
        return ask(client, {**body, **changes}, status)["code"]

    assert coded(customer={}) == "wealth_not_assessed"
    old = {**body["customer"]["assessment"], "assessed_on": "2020-01-01", "expires_on": "2020-12-31"}
    assert coded(customer={"assessment": old}) == "wealth_assessment_expired"
    assert coded(cash_path=None) == "wealth_path_or_firm"
    assert coded(enterprise=firm("C")) == "wealth_path_or_firm"
    assert coded(opening_fen=None) == "wealth_opening_unknown"
    assert coded(amount_fen=300_000_000) == "wealth_amount_above"
    assert coded(reserve_fen=200_000_000) == "wealth_no_money"
    uneven = {"inflow_fen": [[1] * 90], "outflow_fen": [[1] * 91]}
    assert coded(cash_path=uneven) == "wealth_path_rows"
    assert coded(horizon_days=91) == "wealth_path_short"
    assert coded(422, customer={"assessment": {**old, "level": "C6"}}) == "request_invalid"


def test_money_kept_outside_the_plan_pays_first(client, body):
    less = ask(client, {**body, "amount_fen": 50_000_000})
    assert less["reserve_fen"] == 150_000_000
    assert less["amount_fen"] == 50_000_000
    assert less["account_fen"] < 2_000_000  # what is needed lies outside


def test_an_individual_business_is_shown_what_persons_may_buy(client, body):
    person = {**body["customer"], "individual_business": True}
    found = ask(client, {**body, "customer": person})
    assert found["customer"]["natural_person"] is True
    assert {one["investors"]["id"] for one in found["shortlist"]} <= {"both", "natural"}


def test_flows_of_a_product(client):
    answer = client.get("/v1/wealth/products/S000123/flows", params={"days": 21, "as_of": "2025-06-30"})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert len(found["days"]) == 21
    assert len(found["weeks"]) == 3
    assert all(one["redeemed"]["low_fen"] <= one["redeemed"]["high_fen"] for one in found["days"])
    assert {one["side"] for one in found["accuracy"]} == {"subscribed", "redeemed"}
    assert found["synthetic"] is True
    assert client.get("/v1/wealth/products/NONE/flows").json()["code"] == "wealth_product_not_found"


def test_an_enterprise_is_matched_by_its_own_cash_path(client, body, day):
    asked = {**body, "cash_path": None, "enterprise": firm("C"), "as_of": None, "horizon_days": 30}
    asked["customer"] = {"assessment": {**ASSESSED, "assessed_on": day, "expires_on": day}}
    found = ask(client, asked)
    assert found["enterprise"]["id"] == firm("C")
    assert found["basis"] == "partial"
    assert found["amount_fen"] == 200_000_000
    assert any("others' papers" in note for note in found["notes"])


@pytest.fixture
def real(client):
    """The same data as if they were no synthetic ones, on a day long after they ended."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Snapshot, "synthetic", property(lambda self: False))
        patch.setattr(wealth, "beijing_today", lambda: TODAY)
        yield client


def assessed(body, on, until, **changes):
    level = {**ASSESSED, "assessed_on": str(on), "expires_on": str(until)}
    return {**body, "customer": {"assessment": level, "individual_business": False}, **changes}


def test_an_assessment_is_judged_today_however_far_the_data_reach(real, body):
    days = timedelta(days=1)
    ended = ask(real, assessed(body, TODAY - 200 * days, TODAY - days), 400)
    assert ended["code"] == "wealth_assessment_expired"
    old = ask(real, body, 400)  # was in force on the data's day
    assert old["code"] == "wealth_assessment_expired"
    found = ask(real, assessed(body, TODAY, TODAY))  # made after the data ended
    assert found["proposed_on"] == str(TODAY)
    assert ask(real, assessed(body, TODAY + days, TODAY + days), 400)["code"] == "wealth_assessed_later"


def test_a_plan_on_data_that_ended_long_ago_warns_by_code_and_sentence(real, body, day):
    found = ask(real, assessed(body, TODAY, TODAY))
    assert [one["code"] for one in found["warnings"]] == ["data_stale"]
    assert day in found["warnings"][0]["text"]
    assert found["warnings"][0]["text"] in found["notes"]
    flows = real.get("/v1/wealth/products/S000123/flows", params={"as_of": "2025-06-30"}).json()
    assert [one["code"] for one in flows["warnings"]] == ["data_stale"]


def test_synthetic_data_take_their_own_day_for_today_and_say_so(client, body):
    found = ask(client, body)
    assert found["proposed_on"] == found["day"] == body["as_of"]
    assert [one["code"] for one in found["warnings"]] == ["data_synthetic_clock"]
