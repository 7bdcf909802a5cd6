"""The credit desk over a world by hand: applications, decisions, replays, objections, reviews."""

import json
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta

import polars as pl
import pytest

from ledger import audit, credit, credit_lists
from ledger.errors import Conflict, Forbidden, InputError, NotFound
from ledger.state import State
from services.credit import rates
from services.credit.churn import churn_in_use, churn_of
from services.credit.desk import Review
from services.credit.inputs import Use
from services.credit.policy import challengers, champion, read_policy, shipped
from services.credit.pricing import price
from tests.credit_stand_in import (
    CONSENT,
    RICH,
    TODAY,
    A,
    B,
    E,
    Model,
    Sources,
    decided,
    desk,
    policies,
    snapshot_in,
    wish,
)


@pytest.fixture
def at(tmp_path):
    """(desk maker, state): the desk with changed rooms over one world."""
    state, snapshot = State(tmp_path), snapshot_in(tmp_path)
    return lambda sources=None, **more: desk(
        snapshot, tmp_path, state, sources, policies=more.pop("policies", policies()), **more
    )


def test_a_sound_firm_is_approved_with_reasons_limit_rate_and_versions(at):
    answer = decided(at())
    assert answer["status"] == "approved"
    assert 300 <= answer["score"] <= 850
    assert answer["limit"]["amount_fen"] == 60_00  # a fifth of what it sold: three months of 100 yuan
    assert answer["limit"]["bound_by"] == "sales"
    assert answer["rate"]["annual_simple"] == "0.0600"
    assert answer["rate"]["over_lpr_bp"] == 300
    assert answer["valid_until"] == str(TODAY + timedelta(days=30))
    assert {r["code"] for r in answer["reasons"]} == {"limit_bound_sales", "feature_lowers_risk"}
    assert answer["reasons"][1]["evidence_ids"] == ["f" * 16]
    assert (answer["policy_version"], answer["model_version"]) == ("chain-sme@2026.3", Model.version)
    assert answer["by_machine_alone"] is True
    assert {one["rule"] for one in answer["audits"]} >= {
        "list_dishonest",
        "books",
        "model",
        "limit",
        "authority",
    }


def test_each_dealing_says_what_the_answer_would_be_without_it(at):
    (deal,) = decided(at())["dealings"]
    assert (deal["partner"], deal["side"], deal["count"], deal["months"]) == (B, "customer", 3, 3)
    assert deal["partner_grade"] == "B"
    model = Model()
    with_it, without = (model.pd([[6.0, 0.05, n, 3.0]])[0] for n in (4.0, 3.0))
    assert deal["sound_without"] == pytest.approx(1 - without, abs=1e-6)
    assert deal["effect"] == pytest.approx(without - with_it, abs=2e-6)
    assert deal["effect"] > 0


def test_a_refusal_gives_one_to_four_reasons_and_one_thing_to_do(at):
    bad = {"log_sales": 3.0, "overdue_share": 0.9, "seen_customers": 0.0, "position_level": 5.0}
    answer = decided(at(Sources(values=bad)))
    assert answer["status"] == "declined"
    assert 1 <= len(answer["reasons"]) <= 4
    assert answer["reasons"][0]["feature"] == "overdue_share"
    assert all(r["direction"] == "raises_risk" for r in answer["reasons"])
    assert answer["advice"] == "collect_overdue"
    assert answer["limit"]["amount_fen"] == 0


def test_what_is_inferred_grounds_no_refusal_and_is_marked_where_it_speaks(at):
    bad = {"log_sales": 6.0, "overdue_share": 0.05, "seen_customers": 4.0, "position_level": 50.0}
    refused = decided(at(Sources(values=bad)))
    assert refused["status"] == "declined"
    answer = decided(at(Sources(values=bad, inferred=("position_level",))))
    assert answer["status"] == "approved"
    assert answer["observed_only"]["pd"] < answer["pd"]
    assert answer["observed_only"]["inferred"] == ["position_level"]
    good = dict(bad, position_level=-20.0)
    lifted = decided(at(Sources(values=good, inferred=("position_level",))))
    assert {r["basis"] for r in lifted["reasons"] if r["feature"] == "position_level"} == {"inferred"}


@pytest.mark.parametrize("list_", ["dishonest", "consumption_limited", "abnormal", "serious", "tax_abnormal"])
def test_a_listed_firm_is_refused_before_the_model(tmp_path, list_):
    state = State(tmp_path)
    on = pl.DataFrame(
        {"enterprise": [0], "list": [list_], "happened_on": [date(2025, 1, 1)], "fact": ["e" * 16]}
    )
    made = desk(snapshot_in(tmp_path, listings=on), tmp_path, state, policies=policies())
    answer = decided(made)
    assert answer["status"] == "declined"
    assert answer["reasons"][0]["code"] == f"list_{list_}"
    assert answer["reasons"][0]["evidence_ids"] == ["e" * 16]
    assert answer["advice"] == "clear_listing"


def test_a_listing_that_has_ended_or_not_begun_counts_for_nothing(tmp_path):
    ended = {"happened_on": [date(2024, 1, 1), TODAY + timedelta(days=1)],
             "until": [TODAY - timedelta(days=1), None]}  # fmt: skip
    on = pl.DataFrame({"enterprise": [0, 0], "list": ["serious"] * 2, "fact": ["e" * 16, "d" * 16], **ended})
    made = desk(snapshot_in(tmp_path, listings=on), tmp_path, State(tmp_path), policies=policies())
    assert decided(made)["status"] == "approved"


def test_a_listed_partner_refers_and_never_declines(tmp_path):
    on = pl.DataFrame(
        {"enterprise": [1], "list": ["dishonest"], "happened_on": [date(2025, 1, 1)], "fact": ["e" * 16]}
    )
    made = desk(snapshot_in(tmp_path, listings=on), tmp_path, State(tmp_path), policies=policies())
    answer = decided(made)
    assert answer["status"] == "manual_review"
    assert answer["reasons"][0]["code"] == "related_list"
    assert answer["reasons"][0]["params"]["party"] == B


def test_a_listed_group_member_refers(tmp_path):
    groups = pl.DataFrame({"id": ["g"], "kind": ["control"], "size": [2]})
    members = pl.DataFrame({"group": ["g", "g"], "enterprise": [0, 3], "tie": ["HEAD", "OWNS"]})
    on = pl.DataFrame(
        {"enterprise": [3], "list": ["serious"], "happened_on": [date(2025, 1, 1)], "fact": ["e" * 16]}
    )
    made = desk(
        snapshot_in(tmp_path, listings=on, groups=groups, group_members=members), tmp_path, State(tmp_path),
        policies=policies(),
    )  # fmt: skip
    answer = decided(made)
    assert (answer["status"], answer["reasons"][0]["params"]["tie"]) == ("manual_review", "control")


def test_a_cancelled_firm_and_an_excluded_industry_are_refused(tmp_path):
    said = {"name": "status", "value": "revoked", "source": "registry", "fact": "e" * 16}
    status = pl.DataFrame([{"enterprise": 0, **said}])
    made = desk(snapshot_in(tmp_path, attributes=status), tmp_path, State(tmp_path), policies=policies())
    assert decided(made)["reasons"][0]["code"] == "standing_closed"
    assert decided(made, purpose="equity")["reasons"][-1]["code"] == "purpose_excluded"


def test_an_imported_list_declines_expires_and_can_be_appealed(at):
    made = at()
    rows = "code,name,list,since,until,source,reason\nA1,甲,own_black,2026-11-01,2026-12-31,风险部,逾期\n"
    (entry,) = credit_lists.read_csv(rows, "list.csv")
    with made.state.writing() as connection:
        assert credit_lists.keep(connection, [entry, entry], "risk") == 1
    answer = decided(made)
    assert (answer["status"], answer["reasons"][0]["code"]) == ("declined", "list_own_black")
    with made.state.writing() as connection:
        credit_lists.appeal(connection, entry.id, "upheld", "paid since")
    assert decided(made)["status"] == "approved"
    with made.state.writing() as connection, pytest.raises(Conflict, match="closed"):
        credit_lists.appeal(connection, entry.id, "open", "")


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("A1,甲,nonsense,2025-01-01,,x,", "list_unknown"),
        (",甲,serious,2025-01-01,,x,", "list_cell_missing"),
        ("A1,甲,serious,2025-02-30,,x,", "list_date_unreadable"),
        ("A1,甲,serious,2025-02-03,2025-01-01,x,", "list_ends_before_it_begins"),
    ],
)
def test_a_list_with_a_row_that_cannot_stand_is_refused_whole(row, code):
    with pytest.raises(InputError) as caught:
        credit_lists.read_csv("code,name,list,since,until,source,reason\n" + row + "\n", "l.csv")
    assert [(p.code, p.row) for p in caught.value.problems] == [(code, 1)]


def test_thin_books_go_to_a_person_or_get_less_and_say_so(at):
    nothing = decided(at(), party=E)
    assert (nothing["status"], nothing["reasons"][0]["code"]) == ("manual_review", "books_nothing")
    thin = decided(at(policies=policies(own_months__3="own_months: 4",
                                        thin_cap_fen__30000000="thin_cap_fen: 5000")))  # fmt: skip
    assert (thin["status"], thin["limit"]["amount_fen"]) == ("approved", 50_00)
    assert thin["reasons"][0]["code"] == "limit_bound_thin_books"


def test_the_smallest_figure_binds_and_all_are_told(at):
    poor = replace(RICH, cash_net_fen=(10_00, 20_00, 400_00))
    answer = decided(at(Sources(money_is=poor)))
    assert (answer["limit"]["amount_fen"], answer["limit"]["bound_by"]) == (5_00, "cash_path")
    parts = {part["name"]: part for part in answer["limit"]["parts"]}
    assert (parts["cash_path"]["base_fen"], parts["cash_path"]["share"]) == (10_00, 0.5)
    assert (parts["receivables"]["amount_fen"], parts["receivables"]["applies"]) == (140_000_00, False)
    owed = decided(at(), product="receivables", amount_fen=150_000_00)
    assert (owed["limit"]["amount_fen"], owed["limit"]["bound_by"]) == (140_000_00, "receivables")
    empty = decided(at(Sources(money_is=replace(RICH, cash_net_fen=(-5, -4)))))
    assert (empty["status"], empty["reasons"][0]["code"]) == ("manual_review", "limit_below_least")


def test_what_is_owed_already_is_taken_off_every_bound_and_counts_for_authority(at):
    free = decided(at())
    bound = next(p for p in free["limit"]["parts"] if p["name"] == "grade")["amount_fen"]
    owes = Use("borrower", B, 10 * bound, bound, "cut", "policy")
    owing = decided(at(Sources(uses_are=(owes,))))
    assert owing["limit"]["amount_fen"] == 0 < free["limit"]["amount_fen"]
    assert next(p for p in owing["limit"]["parts"] if p["name"] == "owed")["amount_fen"] == bound
    assert owing["status"] != "approved"
    most = free["limit"]["amount_fen"]
    more = decided(at(Sources(uses_are=(replace(owes, before_fen=50_00),), machine_most=most - 1_00)))
    assert "authority" in [reason["code"] for reason in more["reasons"]]


def test_an_exposure_limit_cuts_or_refers_and_is_named_with_its_use(at):
    cut = Use("core", B, 1_000_00, 970_00, "cut", "policy")
    answer = decided(at(Sources(uses_are=(cut,))))
    assert (answer["status"], answer["limit"]["amount_fen"]) == ("approved", 30_00)
    told = next(r for r in answer["reasons"] if r["code"] == "exposure_cut")
    used = [told["params"][name] for name in ("limit_fen", "before_fen", "after_fen")]
    assert used == [1_000_00, 970_00, 1_030_00]
    assert answer["exposures"][0]["after_fen"] == 1_000_00
    refer = replace(cut, effect="refer")
    answer = decided(at(Sources(uses_are=(refer,))))
    assert (answer["status"], answer["reasons"][0]["code"]) == ("manual_review", "exposure_full")


def test_limits_that_cut_come_before_limits_that_refer(at):
    refer, cut = (
        Use("group", "g", 1_000_00, 965_00, "refer", "law"),
        Use("core", B, 1_000_00, 970_00, "cut", "x"),
    )
    answer = decided(at(Sources(uses_are=(refer, cut))))
    assert (answer["status"], answer["limit"]["amount_fen"]) == ("approved", 30_00)
    tight = replace(refer, before_fen=980_00)
    answer = decided(at(Sources(uses_are=(tight, cut))))
    assert (answer["status"], answer["limit"]["proposed_fen"]) == ("manual_review", 30_00)
    assert answer["reasons"][0]["params"]["dimension"] == "group"


def test_above_the_machines_authority_a_person_decides(at):
    answer = decided(at(Sources(machine_most=50_00)))
    assert (answer["status"], answer["reasons"][0]["code"]) == ("manual_review", "authority")
    assert answer["without_person"] == "approved"


def test_no_rate_within_bounds_goes_to_a_person(at):
    answer = decided(at(Sources(rate=None)))
    assert (answer["status"], answer["reasons"][0]["code"]) == ("manual_review", "price_unprofitable")


def test_the_banks_rating_is_refused_as_a_feature_by_name(at):
    rated = Sources(values={"信誉评级": 3.0}, its_model=Model(names=("信誉评级",), weights=(1.0,)))
    with pytest.raises(Conflict) as caught:
        decided(at(rated))
    assert caught.value.code == "rating_is_no_feature"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"scope": ("invoices",)}, "consent_missing"),
        ({"purpose": "marketing"}, "consent_other_purpose"),
        ({"until": TODAY - timedelta(days=1)}, "consent_not_in_force"),
        ({"given_on": TODAY + timedelta(days=1)}, "consent_not_in_force"),
    ],
)
def test_without_consent_in_force_nothing_is_taken_in(at, changed, code):
    with pytest.raises(InputError) as caught:
        at().apply(wish(A, consent=replace(CONSENT, **changed)), "clerk")
    assert caught.value.code == code


def test_consent_that_has_ended_since_refuses_the_decision(at):
    made = at()
    application = made.apply(wish(A), "clerk")
    later = replace(made, today=lambda: TODAY + timedelta(days=400))
    with pytest.raises(InputError) as caught:
        later.decide(application.id, "clerk")
    assert caught.value.code == "consent_not_in_force"


def test_unknown_firms_products_and_amounts_are_refused(at):
    made = at()
    with pytest.raises(NotFound):
        made.apply(wish("f" * 16), "clerk")
    with pytest.raises(InputError):
        made.apply(wish(A, product="mortgage"), "clerk")
    with pytest.raises(InputError):
        made.apply(wish(A, amount_fen=10**12), "clerk")


def test_a_party_of_an_enterprise_may_apply_and_stays_named(at):
    answer = decided(at(), party="00000000000000aa")
    assert (answer["party"], answer["enterprise"]) == ("00000000000000aa", A)


def test_an_application_only_goes_on(at):
    made = at()
    application = made.apply(wish(A), "clerk")
    made.withdraw(application.id, "clerk")
    for again in (lambda: made.decide(application.id, "x"), lambda: made.withdraw(application.id, "x")):
        with pytest.raises(Conflict) as caught:
            again()
        assert caught.value.code == "application_state"
    other = made.apply(wish(A), "clerk")
    made.decide(other.id, "clerk")
    with pytest.raises(Conflict):
        made.decide(other.id, "clerk")
    with made.state.writing() as connection:
        assert credit.book(connection, other.id, TODAY).limit_fen == 60_00
    with pytest.raises(Conflict):
        made.withdraw(other.id, "clerk")
    for wrong in ("UPDATE applications SET state = 'applied'", "DELETE FROM applications",
                  "UPDATE decisions SET status = 'declined'", "DELETE FROM decisions"):  # fmt: skip
        with pytest.raises(sqlite3.IntegrityError), made.state.writing() as connection:
            connection.execute(wrong)


def test_an_expired_or_refused_decision_is_not_booked(at):
    made = at()
    application = made.apply(wish(A), "clerk")
    made.decide(application.id, "clerk")
    with made.state.writing() as connection, pytest.raises(Conflict) as caught:
        credit.book(connection, application.id, TODAY + timedelta(days=31))
    assert caught.value.code == "decision_expired"
    refused = made.apply(wish(A, purpose="equity"), "clerk")
    made.decide(refused.id, "clerk")
    with made.state.writing() as connection, pytest.raises(Conflict) as caught:
        credit.book(connection, refused.id, TODAY)
    assert caught.value.code == "decision_not_approved"


def test_one_key_decides_once_however_many_ask_at_once(at):
    made = at()
    with ThreadPoolExecutor(8) as pool:
        entered = list(pool.map(lambda _: made.apply(wish(A), "clerk", "k1").id, range(16)))
        assert len(set(entered)) == 1
        got = list(pool.map(lambda _: made.decide(entered[0], "clerk", "k2").answer, range(16)))
    assert len(set(got)) == 1
    with made.state.reading() as connection:
        assert connection.execute("SELECT count(*) FROM decisions").fetchone()[0] == 1
        assert connection.execute("SELECT count(*) FROM applications").fetchone()[0] == 1
    with pytest.raises(Conflict) as caught:
        made.apply(wish(A, months=6), "clerk", "k1")
    assert caught.value.code == "idempotency_key_reused"


def test_without_a_key_two_that_decide_at_once_make_one_decision(at):
    made = at()
    id_ = made.apply(wish(A), "clerk").id

    def ask(_):
        try:
            return made.decide(id_, "clerk").id
        except Conflict as error:
            return error.code

    with ThreadPoolExecutor(8) as pool:
        got = list(pool.map(ask, range(8)))
    assert sorted(set(got) - {"application_state"}) == [next(g for g in got if g != "application_state")]
    assert len([g for g in got if g != "application_state"]) == 1


def test_a_decision_replays_whatever_became_of_graph_ledger_policy_and_rates(tmp_path, monkeypatch):
    state = State(tmp_path)
    made = desk(snapshot_in(tmp_path), tmp_path, state, policies=policies())
    kept = made.decide(made.apply(wish(A), "clerk").id, "clerk")
    on = pl.DataFrame(
        {"enterprise": [0], "list": ["serious"], "happened_on": [date(2025, 1, 1)], "fact": ["e" * 16]}
    )
    moved = snapshot_in(tmp_path, listings=on)
    assert moved.id != kept.snapshot
    stranger = Sources(
        values={"log_sales": 1.0, "overdue_share": 1.0, "seen_customers": 0.0, "position_level": 9.0}
    )
    later = desk(moved, tmp_path, state, stranger, policies=policies(valid_days__30="valid_days: 7"))
    with monkeypatch.context() as patch:  # what is known of rates changes, too
        patch.setattr(rates, "lpr_on", None)
        patch.setattr(stranger, "churn", None)
        again, same = later.replay(kept.id)
    assert same
    assert again == kept.answer
    assert stranger.asked == []
    assert decided(later)["status"] == "declined"


def test_another_model_does_not_pass_for_a_replay(at):
    made = at()
    kept = made.decide(made.apply(wish(A), "clerk").id, "clerk")
    other = replace(made, sources=Sources(its_model=Model(weights=(-0.2, 5.0, -0.1, 0.2))))
    assert other.replay(kept.id)[1] is False


def test_who_refuses_a_machines_word_alone_gets_a_person(at):
    made = at()
    application = made.apply(wish(A), "clerk")
    answer = json.loads(made.decide(application.id, "clerk", machine_refused=True).answer)
    assert (answer["status"], answer["by_machine_alone"]) == ("manual_review", False)
    refused = made.decide(made.apply(wish(A, purpose="equity"), "clerk").id, "clerk")
    assert refused.status == "declined"
    objected = made.object_to(refused.id, "I want a person", "clerk")
    assert (objected.holds, objected.limit_fen) == ("manual_review", 0)
    with pytest.raises(Conflict):
        made.object_to(refused.id, "again", "clerk")


def test_a_review_needs_another_person_a_reason_and_counts_as_override(at):
    made = at()
    refused = made.decide(made.apply(wish(A, purpose="equity"), "clerk").id, "clerk")
    yes = Review("approved", 40_00, "policy_exception", "seen the plant and the orders")
    with pytest.raises(Conflict) as caught:
        made.review(refused.id, yes, "reviewer")
    assert caught.value.code == "decision_not_referred"
    made.object_to(refused.id, "", "owner")
    for who in ("clerk", "owner"):
        with pytest.raises(Forbidden) as caught:
            made.review(refused.id, yes, who)
        assert caught.value.code == "four_eyes"
    for wrong in (
        replace(yes, why="ok"),
        replace(yes, reason="because"),
        replace(yes, status="manual_review"),
        replace(yes, limit_fen=10**12),
    ):
        with pytest.raises(InputError):
            made.review(refused.id, wrong, "reviewer")
    done = made.review(refused.id, yes, "reviewer")
    assert (done.holds, done.limit_fen, done.events[-1].override) == ("approved", 40_00, True)
    with pytest.raises(Conflict):
        made.object_to(refused.id, "", "owner")
    with made.state.reading() as connection:
        assert credit.decisions(connection, status="approved")[0].id == refused.id
    referred = at(Sources(machine_most=50_00))
    plain = referred.decide(referred.apply(wish(A), "clerk").id, "clerk")
    done = referred.review(plain.id, replace(yes, limit_fen=None), "reviewer")
    assert (done.holds, done.limit_fen, done.events[-1].override) == ("approved", 60_00, False)


def test_a_challenger_is_recorded_beside_and_decides_nothing(at):
    near = Sources(
        values={"log_sales": 6.0, "overdue_share": 0.36, "seen_customers": 1.0, "position_level": 3.0}
    )
    made = at(near)
    kept = made.decide(made.apply(wish(A), "clerk").id, "clerk")
    assert kept.status == "approved"
    assert "narrow" not in kept.answer
    with made.state.reading() as connection:
        assert credit.challengers(connection, kept.id) == {"chain-sme-narrow@2026.3": "manual_review"}


def test_a_policy_is_kept_with_what_it_decided_and_never_under_another_text(at):
    made = at()
    made.decide(made.apply(wish(A), "clerk").id, "clerk")
    other = at(policies=policies(version="2026.3", valid_days__30="valid_days: 7"))
    with pytest.raises(Conflict) as caught:
        decided(other)
    assert caught.value.code == "policy_changed"


def test_everything_done_is_in_the_audit_chain(at):
    made = at()
    kept = made.decide(made.apply(wish(A), "clerk").id, "clerk")
    made.object_to(kept.id, "", "owner")
    made.review(kept.id, Review("declined", None, "risk_too_high", "too much at once"), "reviewer")
    actions = [entry.action for entry in audit.entries(made.state)]
    assert actions == ["application_entered", "decision_made", "decision_objected", "decision_reviewed"]
    assert audit.verify(made.state) is None


def test_shipped_policies_name_a_source_for_every_rule():
    assert champion(TODAY).role == "champion"
    assert [one.role for one in challengers(TODAY)] == ["challenger"]
    for policy in shipped():
        assert all(rule.source for rule in policy.knock_outs)
    with pytest.raises(NotFound):
        champion(date(2020, 1, 1))
    with pytest.raises(InputError):
        read_policy("id: x")
    with pytest.raises(InputError):
        read_policy(champion(TODAY).body.replace("below: 0.02", "below: 0.9"))


def test_the_table_that_priced_is_kept_and_prices_the_same():
    version, text = churn_in_use()
    assert churn_in_use() == (version, text)
    for pd in (0.01, 0.05, 0.12):
        assert price(pd, 0.45, churn_of(text)) == price(pd, 0.45)
