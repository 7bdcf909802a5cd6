"""Data that ended long ago: decisions go to a person, forecasts and plans say so; a demo keeps its day."""

import json
from dataclasses import replace
from datetime import date, timedelta

import polars as pl
import pytest

import services.freshness as freshness
from extraction.credit_codes import SYNTHETIC_REGION
from ledger.state import State
from services.credit.policy import read_policy
from tests.credit_stand_in import TODAY, A, decided, desk, policies, snapshot_in, wish

CUT_OFF = date(2025, 3, 31)
REAL = "91110108551385082Q"


def firms(until: date | None = date(2025, 3, 5), code="A1"):
    names = ["a", "b", "c", "d", "e"]
    return pl.DataFrame(
        {
            "id": [f"{i:016x}" for i in range(5)], "name": names, "code": [code, *names[1:]], "hub": False,
            "own_sales_until": pl.Series([until, None, None, None, None], dtype=pl.Date),
        }
    )  # fmt: skip


@pytest.fixture
def at(tmp_path):
    """A desk over a world of this kind on a day."""

    def made(day=TODAY, rules=None, **tables):
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        folder.mkdir()
        one = desk(snapshot_in(folder, **tables), folder, State(folder), policies=rules or policies())
        return replace(one, today=lambda: day)

    return made


def days_after(day, n):
    return day + timedelta(days=n)


@pytest.mark.parametrize(("days", "code"), [(92, None), (93, "data_stale"), (600, "data_stale")])
def test_real_data_that_ended_long_ago_refer_with_a_sentence(at, days, code):
    made = at(days_after(CUT_OFF, days), synthetic=False, enterprises=firms())
    day = made.today()
    consent = replace(wish(A).consent, given_on=day, until=day)
    kept = made.decide(made.apply(wish(A, consent=consent), "clerk").id, "clerk")
    answer = json.loads(kept.answer)
    assert (answer["status"], [r["code"] for r in answer["reasons"]][:1] == ["data_stale"]) == (
        ("manual_review", True) if code else ("approved", False)
    )
    (audit,) = [one for one in answer["audits"] if one["rule"] == "data_stale"]
    assert (audit["outcome"], audit["params"]["data_days"]) == ("refer" if code else "pass", days)
    assert audit["params"]["judged_on"] == str(day)
    assert made.replay(kept.id) == (kept.answer, True)


def test_books_of_the_firm_that_ended_long_before_the_data_refer(at):
    day = days_after(CUT_OFF, 30)
    consent = replace(wish(A).consent, given_on=day, until=day)
    # 30 September is 212 days before, 31 October 181
    for until, code in ((date(2024, 9, 3), "books_stale"), (date(2024, 10, 3), None), (None, None)):
        answer = decided(at(day, synthetic=False, enterprises=firms(until)), consent=consent)
        told = [r["code"] for r in answer["reasons"] if r["code"].endswith("_stale")]
        assert told == ([code] if code else [])


def test_synthetic_data_are_judged_as_of_their_cut_off_and_a_real_firm_among_them_is_not(at):
    answer = decided(at(enterprises=firms()))
    assert (answer["status"], answer["synthetic"]) == ("approved", True)
    (audit,) = [one for one in answer["audits"] if one["rule"] == "data_stale"]
    assert (audit["params"]["judged_on"], audit["params"]["data_days"]) == (str(CUT_OFF), 0)
    assert decided(at(enterprises=firms(code=REAL)))["reasons"][0]["code"] == "data_stale"
    assert SYNTHETIC_REGION not in REAL


def test_a_policy_from_before_the_rule_and_a_decision_kept_before_it_stay_as_they_were(at):
    without = [p.body.replace("stale:", "unread:") for p in policies()]
    old = tuple(read_policy(text.replace("2026.3", "2025.1")) for text in without)
    answer = decided(at(rules=old, synthetic=False, enterprises=firms()))
    assert answer["status"] == "approved"
    assert "data_stale" not in {one["rule"] for one in answer["audits"]}


def test_a_forecast_warns_by_the_age_of_its_data(tmp_path):
    snapshot = snapshot_in(tmp_path, synthetic=False, enterprises=firms(date(2024, 8, 30)))

    def codes(days, firm=None, source=snapshot):
        return [code for code, _ in freshness.warnings(source, days_after(CUT_OFF, days), firm, 92, 185)]

    assert [codes(n) for n in (0, 1, 92, 93)] == [[], ["data_behind"], ["data_behind"], ["data_stale"]]
    assert codes(0, 0) == ["books_stale"]  # ended before the data did
    assert codes(200, 1) == ["data_stale"]
    invented = snapshot_in(tmp_path / "other", enterprises=firms())
    assert (codes(0, source=invented), codes(600, source=invented)) == ([], ["data_synthetic_clock"])
