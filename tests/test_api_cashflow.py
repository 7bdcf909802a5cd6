"""POST /v1/cashflow/forecast: from a question to an answer that adds up and says what it rests on."""

from datetime import date

import pytest

from api.views import cashflow as views
from graph.snapshot import Snapshot
from ledger.errors import StoreUnavailable
from services.cashflow.outlook import Shortfall
from tests.api_server import serving_folder
from tests.cash_world import YUAN, firm_id, steady

CUT = date(2025, 12, 31)


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cash")
    steady(CUT).write(folder)

    def nobody():
        raise StoreUnavailable("store_silent", uri="bolt://nowhere:7687", detail="refused")

    with serving_folder(folder, store=nobody) as client:
        yield client


def ask(client, status=200, lang="en", **question):
    answer = client.post("/v1/cashflow/forecast", json=question, headers={"Accept-Language": lang})
    assert answer.status_code == status, answer.text
    return answer.json()


def expected(body, side):
    return [one[side]["expected_fen"] for one in body["items"]]


def test_a_firm_is_told_by_month_with_what_is_known(client):
    body = ask(client, enterprise=firm_id(0))
    assert (body["of"]["name"], body["basis"], body["amount_basis"]) == ("企业0", "own", "with_tax")
    assert (body["opening_fen"], body["opening_basis"]) == (500_000 * YUAN, "statement")
    assert len(body["items"]) == 12
    assert body["items"][1]["first"] == "2026-02-01"
    for one in body["items"]:
        for side in ("inflow", "outflow", "balance"):
            lows = [i["low_fen"] for i in one[side]["intervals"]]
            highs = [i["high_fen"] for i in one[side]["intervals"]]
            assert lows == sorted(lows, reverse=True)  # 80 within 90 within 95
            assert highs == sorted(highs)
    moved = sum(expected(body, "inflow")) - sum(expected(body, "outflow"))
    assert body["items"][-1]["balance"]["expected_fen"] == body["opening_fen"] + moved
    assert body["inflow"]["expected_fen"] == sum(expected(body, "inflow"))
    assert 0 < body["inflow"]["known_share"] < 0.5
    assert body["shortfall"]["probability"] < 0.5
    assert {one["basis"] for one in body["delays"]} == {"edge"}
    assert body["accuracy"][0]["level"] == "firm_month"
    assert any(one["name"] == "spring_festival" for one in body["calendar"])


def test_days_and_weeks_sum_to_the_same_months(client):
    by = {step: ask(client, enterprise=firm_id(0), step=step, horizon=n) for step, n in
          (("month", 3), ("day", 90), ("week", 13))}  # fmt: skip
    for side in ("inflow", "outflow"):
        days = expected(by["day"], side)
        assert expected(by["month"], side) == [sum(days[:31]), sum(days[31:59]), sum(days[59:90])]
        weeks = by["week"]["items"]
        until = [(date.fromisoformat(one["last"]) - date(2026, 1, 1)).days + 1 for one in weeks]
        for number, end in enumerate(until):
            if end <= 90:
                start = until[number - 1] if number else 0
                assert expected(by["week"], side)[number] == sum(days[start:end])


def test_a_chain_and_a_portfolio_are_the_sums_of_their_firms(client):
    chain = ask(client, chain="toy")
    portfolio = ask(client, portfolio=[firm_id(n) for n in (0, 1, 3, 0)])
    parts = [ask(client, enterprise=firm_id(n)) for n in (0, 1, 3)]
    assert chain["of"]["firms"] == portfolio["of"]["firms"] == 3
    for side in ("inflow", "outflow"):
        total = [sum(values) for values in zip(*(expected(one, side) for one in parts), strict=True)]
        assert expected(chain, side) == expected(portfolio, side) == total
        assert chain[side]["known_fen"] == pytest.approx(sum(one[side]["known_fen"] for one in parts), abs=3)
    assert chain["items"][0]["balance"] is None
    assert chain["shortfall"] is None
    assert {"cashflow_sum", "cashflow_no_opening"} <= {one["code"] for one in chain["notes"]}
    assert ask(client, chain="toy", opening_fen=10**9)["items"][0]["balance"] is not None


def test_partial_books_are_said_in_both_languages(client):
    for lang in ("zh", "en"):
        body = ask(client, lang=lang, enterprise=firm_id(3))
        assert (body["basis"], body["shortfall"], body["opening_fen"]) == ("partial", None, None)
        texts = [one["text"] for part in ("notes", "habits", "delays", "accuracy") for one in body[part]]
        assert len(body["notes"]) >= 4
        assert all("{" not in text for text in texts)
    given = ask(client, enterprise=firm_id(3), opening_fen=0)
    assert given["shortfall"]["basis"] == "partial"
    assert "at least" in given["shortfall"]["text"]


def test_a_year_not_announced_is_told(client):
    body = ask(client, enterprise=firm_id(0), horizon=13)
    assert "cashflow_year_unannounced" in {one["code"] for one in body["notes"]}
    assert "cashflow_year_unannounced" not in {
        one["code"] for one in ask(client, enterprise=firm_id(0))["notes"]
    }


def test_the_same_question_gives_the_same_bytes(client):
    question = {"enterprise": firm_id(0), "step": "week"}
    first, second = (client.post("/v1/cashflow/forecast", json=question).content for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    ("question", "status", "code"),
    [
        ({}, 400, "cashflow_one_of"),
        ({"enterprise": firm_id(0), "chain": "toy"}, 400, "cashflow_one_of"),
        ({"enterprise": "0" * 16}, 404, "enterprise_not_found"),
        ({"chain": "none"}, 404, "chain_not_found"),
        ({"enterprise": firm_id(0), "horizon": -1}, 422, "request_invalid"),
        ({"enterprise": firm_id(0), "horizon": 20}, 400, "cashflow_horizon"),
        ({"enterprise": firm_id(0), "levels": [100]}, 422, "request_invalid"),
        ({"enterprise": firm_id(0), "stpe": "day"}, 422, "request_invalid"),
        ({"enterprise": firm_id(0), "as_of": "2001-01-01"}, 400, "cashflow_before_data"),
        ({"enterprise": firm_id(0), "as_of": "2026-01-01"}, 400, "cashflow_after_data"),
        ({"portfolio": [firm_id(0)] * 2_001}, 400, "cashflow_portfolio_large"),
        ({"portfolio": [firm_id(0), "f" * 16]}, 404, "enterprise_not_found"),
    ],
)
def test_what_cannot_be_asked_is_refused(client, question, status, code):
    body = ask(client, status, **question)
    assert body["code"] == code
    if code == "cashflow_portfolio_large":
        assert "2000" in body["detail"]


def test_the_age_of_the_data_and_what_receivables_are_is_told(client):
    notes = ask(client, enterprise=firm_id(0))["notes"]
    codes = {one["code"] for one in notes}
    assert "data_synthetic_clock" in codes
    assert "cashflow_receivables" in codes
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Snapshot, "synthetic", property(lambda self: False))
        patch.setattr(views, "beijing_today", lambda: date(2026, 11, 22))
        told = {one["code"]: one["text"] for one in ask(client, enterprise=firm_id(0))["notes"]}
    assert "2025-12-31, 326 days before 2026-11-22" in told["data_stale"]


def test_a_shortfall_on_one_day_names_no_range_and_nothing_short_no_amount():
    on, first, last = date(2026, 5, 6), date(2026, 5, 2), date(2026, 6, 1)
    said = views.shortfall_text(Shortfall(0.005, on, on, on, 0, None), "en")
    assert said.endswith("scenarios, first on 2026-05-06; in 95 % of scenarios nothing is short")
    said = views.shortfall_text(Shortfall(0.5, on, first, last, 980_000, None), "en")
    assert "around 2026-05-06 (2026-05-02 to 2026-06-01)" in said
    assert said.endswith("no more than CNY 9,800.00 is short")
