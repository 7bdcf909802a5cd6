"""Receivables: what is owed by whom, due when, how old, held by whom, and what may be lent on it."""

import multiprocessing
from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.paper_tables import PAPER_TABLES
from ledger import audit, claims
from ledger.claims import Held, Search
from ledger.errors import Conflict, InputError, NotFound
from ledger.state import State
from services.lending import export
from services.lending.policy import policy_on
from services.lending.receivables import RECEIVABLES, receivables
from services.lending.sales_index import SalesIndex
from services.lending.summary import summed
from tests.lending_world import CUT_OFF, build, fact, firm, inv

DAY = timedelta(days=1)


def owed(world, letter="A", as_of=None, **more):
    rows = receivables(world.snapshot, world.ledger, world.row(letter), as_of, **more)
    assert rows.schema == RECEIVABLES
    return {row["fact"]: row for row in rows.iter_rows(named=True)}


def settled(*rows):
    """seller, buyer, invoice, fen, basis[, days ago]."""
    told = [
        {
            "seller": ord(r[0]) - 65, "buyer": ord(r[1]) - 65, "payment": fact(f"p{n}"), "amount_fen": r[3],
            "invoice": r[2] and fact(r[2]), "basis": r[4],
            "happened_on": CUT_OFF - (r[5] if r[5:] else 1) * DAY,
        }
        for n, r in enumerate(rows)
    ]  # fmt: skip
    return pl.DataFrame(
        told, schema_overrides={k: v for k, v in PAPER_TABLES["settlements"].items() if k in told[0]}
    )


COVERED = {"A": (date(2024, 1, 1), CUT_OFF)}


def test_a_red_invoice_is_held_against_the_blue_one_it_names(tmp_path):
    world = build(tmp_path, [
        inv("AB", 20, 1000, "one"), inv("AB", 19, 500, "two"),
        inv("AB", 5, -300, "r1", reverses="one"), inv("AB", 4, -500, "r2", reverses="two"),
    ])  # fmt: skip
    rows = owed(world)
    assert set(rows) == {fact("one"), fact("two")}
    assert (rows[fact("one")]["red_fen"], rows[fact("one")]["open_fen"]) == (-30_000, 70_000)
    assert (rows[fact("two")]["status"], rows[fact("two")]["open_fen"]) == ("reversed", 0)
    assert "reversed" in rows[fact("two")]["excluded_by"]


def test_a_red_invoice_that_names_none_lowers_the_newest(tmp_path):
    world = build(tmp_path, [
        inv("AB", 60, 1000, "old"), inv("AB", 20, 400, "new"), inv("AC", 10, 900, "other"),
        inv("AB", 5, -600, "red", reverses=None),
    ])  # fmt: skip
    left = {name: owed(world)[fact(name)]["open_fen"] for name in ("old", "new", "other")}
    assert left == {"old": 80_000, "new": 0, "other": 90_000}


def test_void_is_out_and_says_so(tmp_path):
    world = build(tmp_path, [inv("AB", 20, 1000, "one"), inv("AB", 20, 700, "gone", status="void")])
    row = owed(world)[fact("gone")]
    assert (row["status"], row["open_fen"], row["eligible_fen"]) == ("void", 0, 0)
    assert row["excluded_by"] == ["void"]


def test_an_earlier_view_knows_nothing_later(tmp_path):
    world = build(tmp_path, [
        inv("AB", 90, 1000, "one"), inv("AB", 30, 500, "two"), inv("AB", 5, -1000, "r", reverses="one"),
        inv("AB", 80, 200, "late", known=CUT_OFF - 10 * DAY),
    ], settlements=settled(("A", "B", "two", 50_000, "proven", 3)))  # fmt: skip
    then = owed(world, as_of=CUT_OFF - 40 * DAY)
    assert set(then) == {fact("one")}
    assert then[fact("one")]["open_fen"] == 100_000
    assert then[fact("one")]["age_days"] == 50
    now = owed(world)
    assert now[fact("one")]["open_fen"] == 0 and now[fact("two")]["status"] == "collected"
    assert fact("late") in now


def test_payments_come_off_and_what_may_be_one_is_asked(tmp_path):
    world = build(
        tmp_path,
        [inv("AB", 50, 1000, "part"), inv("AB", 49, 500, "whole"), inv("AC", 40, 800, "tie")],
        statements=COVERED,
        settlements=settled(
            ("A", "B", "part", 30_000, "proven"), ("A", "B", "part", 10_000, "assumed"),
            ("A", "B", "whole", 50_000, "proven"), ("A", "C", "tie", 80_000, "asked"),
        ),
    )  # fmt: skip
    rows = owed(world)
    part = rows[fact("part")]
    assert (part["settled_fen"], part["assumed_fen"], part["open_fen"]) == (30_000, 10_000, 60_000)
    assert part["unpaid"] == "statements"
    assert rows[fact("whole")]["status"] == "collected" and rows[fact("whole")]["unpaid"] is None
    assert rows[fact("tie")]["unpaid"] == "asked" and "payment_asked" in rows[fact("tie")]["excluded_by"]


def test_money_given_back_on_a_reversed_sale_leaves_nothing_open(tmp_path):
    world = build(
        tmp_path,
        [inv("AB", 50, 1000, "one"), inv("AB", 20, -400, "red", reverses="one")],
        settlements=settled(("A", "B", "one", 100_000, "proven"), ("A", "B", "red", -40_000, "proven")),
    )
    row = owed(world)[fact("one")]
    assert (row["settled_fen"], row["open_fen"]) == (60_000, 0)


def test_what_a_buyer_paid_in_advance_comes_off_what_may_be_lent(tmp_path):
    world = build(
        tmp_path,
        [inv("AB", 30, 1000, "one"), inv("AC", 30, 1000, "two")],
        statements=COVERED,
        settlements=settled(("A", "B", None, 30_000, "proven")),
    )
    rows = owed(world)
    assert rows[fact("one")]["open_fen"] == 100_000
    assert "advance_paid" in rows[fact("one")]["excluded_by"]
    assert rows[fact("one")]["eligible_fen"] <= 70_000
    assert "advance_paid" not in rows[fact("two")]["excluded_by"]


def test_unpaid_needs_proof(tmp_path):
    rows = [inv("AB", 30, 1000, "one"), inv("AC", 30, 1000, "two"), inv("AD", 30, 1000, "three")]
    bare = owed(build(tmp_path / "bare", rows))[fact("one")]
    assert bare["unpaid"] == "not_proven"
    assert bare["excluded_by"][0] == "unpaid_not_proven" and bare["eligible_fen"] == 0
    assert bare["if_proven_fen"] == 100_000
    proven = owed(build(tmp_path / "proven", rows, statements=COVERED))[fact("one")]
    assert (proven["unpaid"], proven["eligible_fen"], proven["advance_fen"]) == (
        "statements",
        100_000,
        70_000,
    )
    early = {"A": (date(2024, 1, 1), CUT_OFF - 60 * DAY)}
    assert owed(build(tmp_path / "early", rows, statements=early))[fact("one")]["unpaid"] == "not_proven"
    hole = {"A": (CUT_OFF - 10 * DAY, CUT_OFF)}
    assert owed(build(tmp_path / "hole", rows, statements=hole))[fact("one")]["unpaid"] == "not_proven"


def contract(**terms):
    base = {"seller": 0, "buyer": 1, "contract": fact("c")}
    types = {"seller": pl.Int32, "buyer": pl.Int32, "until": pl.Date}
    row = {**base, "kind": "framework", "starts": date(2024, 1, 1), "until": None}
    contracts = pl.DataFrame([row], schema_overrides=types)
    told = [{**base, "term": 1, "kind": "payment", "share": 1.0, **terms}]
    return {"contracts": contracts, "contract_terms": pl.DataFrame(told)}


@pytest.mark.parametrize(
    ("terms", "day", "basis"),
    [
        ({"trigger": "invoice", "days": 30}, date(2025, 6, 10), "contract"),  # 11 May + 30
        ({"trigger": "statement", "days": 60}, date(2025, 7, 30), "contract"),  # end of May + 60
        ({"trigger": "date", "due_on": date(2025, 9, 1)}, date(2025, 9, 1), "printed"),
        ({"trigger": "signing", "days": 3}, date(2025, 7, 10), "assumed"),  # not after the invoice: assumed
    ],
)
def test_the_contract_says_when_else_the_policy(tmp_path, terms, day, basis):
    issued = (CUT_OFF - date(2025, 5, 11)).days
    world = build(tmp_path, [inv("AB", issued, 1000, "one")], **contract(**terms))
    row = owed(world)[fact("one")]
    assert (row["due_on"], row["due_basis"]) == (day, basis)


def test_a_due_day_rolls_to_a_banking_day_and_law_names_the_term_of_large_buyers(tmp_path):
    issued = (CUT_OFF - date(2025, 8, 4)).days  # + 60 days: 3 October, a holiday
    world = build(
        tmp_path,
        [inv("AB", issued, 1000, "large"), inv("AC", issued, 1000, "public")],
        enterprises={"B": {"size": "large"}, "C": {"code": "119900000000000000"}},
    )
    rows = owed(world)
    assert rows[fact("large")]["due_basis"] == rows[fact("public")]["due_basis"] == "law"
    assert rows[fact("large")]["due_on"] == date(2025, 10, 9)
    assert rows[fact("public")]["due_on"] == date(2025, 9, 3)
    assert rows[fact("large")]["overdue_days"] == (CUT_OFF - date(2025, 10, 9)).days


@pytest.mark.parametrize(
    ("days", "bucket"),
    [(0, "d0_30"), (30, "d0_30"), (31, "d31_60"), (60, "d31_60"), (61, "d61_90"), (90, "d61_90"),
     (91, "d91_180"), (180, "d91_180"), (181, "d181_365"), (365, "d181_365"), (366, "d366")],
)  # fmt: skip
def test_buckets_of_age(tmp_path, days, bucket):
    assert owed(build(tmp_path, [inv("AB", days, 10, "one")]))[fact("one")]["bucket"] == bucket


def test_every_exclusion_is_named(tmp_path):
    groups = pl.DataFrame([{"id": "g" * 16, "kind": "control", "size": 2}])
    ties = pl.DataFrame({"group": ["g" * 16] * 2, "enterprise": [0, 2]})
    listings = pl.DataFrame(
        [{"enterprise": 3, "list": "dishonest", "happened_on": date(2025, 1, 1), "fact": "x"}]
    )
    world = build(
        tmp_path,
        [inv("AB", 300, 100, "overdue"), inv("AC", 20, 100, "kin"), inv("AD", 20, 100, "listed"),
         inv("AE", 20, 100, "person"), inv("AF", 20, 100, "bought", books="purchase"),
         inv("AF", 20, 100, "fine")],
        statements=COVERED, groups=groups, group_members=ties, listings=listings,
        enterprises={"E": {"legal_form": "person"}},
    )  # fmt: skip
    rows = owed(world)
    why = {name: rows[fact(name)]["excluded_by"] for name in ("overdue", "kin", "listed", "person", "bought")}
    assert why == {
        "overdue": ["overdue"], "kin": ["related_party"], "listed": ["buyer_knocked_out"],
        "person": ["natural_person"], "bought": ["own_books_missing"],
    }  # fmt: skip
    # The cap on one buyer takes the rest: 40 % of what is eligible.
    assert rows[fact("fine")]["excluded_by"] == ["concentration"]
    assert rows[fact("fine")]["eligible_fen"] == 4_000
    before = owed(world, as_of=date(2024, 12, 1))
    assert before == {}


@pytest.mark.slow
@given(
    amounts=st.lists(st.tuples(st.sampled_from("BCD"), st.integers(1, 10**9)), min_size=1, max_size=8),
    paid=st.lists(st.integers(0, 10**9), max_size=8),
)
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_amounts_add_up(tmp_path_factory, amounts, paid):
    rows = [inv(f"A{b}", 10 + n, 1, f"i{n}") for n, (b, _) in enumerate(amounts)]
    rows = [type(r)(r.pair, r.day, fen, r.fact) for r, (_, fen) in zip(rows, amounts, strict=True)]
    payments = [
        ("A", b, f"i{n}", fen, "proven") for n, ((b, _), fen) in enumerate(zip(amounts, paid, strict=False))
    ]
    more = {"settlements": settled(*payments)} if payments else {}
    world = build(tmp_path_factory.mktemp("w"), rows, statements=COVERED, **more)
    told = list(owed(world).values())
    assert sum(r["amount_fen"] for r in told) == sum(fen for _, fen in amounts)
    for r in told:
        assert r["open_fen"] == max(0, r["amount_fen"] + r["red_fen"] - r["settled_fen"] - r["assumed_fen"])
        assert 0 <= r["advance_fen"] <= r["eligible_fen"] <= r["if_proven_fen"] <= r["open_fen"]
    whole = sum(r["eligible_fen"] for r in told)
    cap = 0.4 * sum(r["open_fen"] for r in told)
    for buyer in {r["buyer"] for r in told}:
        assert sum(r["eligible_fen"] for r in told if r["buyer"] == buyer) <= cap or whole == 0


def test_inferred_links_never_appear(tmp_path):
    links = pl.DataFrame([{"src": 0, "dst": 5, "probability": 0.99, "rank": 1, "way": "paths"}])
    world = build(tmp_path, [inv("AB", 20, 100, "one")], inferred_links=links)
    assert {r["buyer"] for r in owed(world).values()} == {1}


def test_the_summary_says_what_it_cannot_know(tmp_path):
    rows = [inv("AB", 100, 3000, "x"), inv("AC", 50, 1000, "y"), inv("AC", 20, -500, "r", reverses="y")]
    day, rules = CUT_OFF, policy_on(CUT_OFF)
    bare = build(tmp_path / "bare", rows)
    told = summed(receivables(bare.snapshot, bare.ledger, 0), bare.snapshot, 0, rules, day)
    by_name = {one.name: one for one in told.figures}
    assert by_name["dso_days"].value is None and by_name["dso_days"].reason == "unpaid_not_proven"
    assert by_name["dilution"].value == round(500 / 4000, 4) and by_name["top5_share"].value == 1.0
    seen = build(tmp_path / "seen", rows, statements=COVERED)
    told = summed(receivables(seen.snapshot, seen.ledger, 0), seen.snapshot, 0, rules, day)
    assert {one.name: one.value for one in told.figures}["dso_days"] == 365.0
    assert told.sums["open_fen"] == sum(told.buckets.values()) == told.buyers["open_fen"].sum() == 350_000
    other = build(tmp_path / "other", [inv("AB", 100, 3000, "x", books="purchase")])
    told = summed(receivables(other.snapshot, other.ledger, 0), other.snapshot, 0, rules, day)
    assert {one.reason for one in told.figures} == {"own_books_missing"}


# Claims


def free(number="S-1"):
    return Search(number, date(2026, 1, 2), "free")


def held(name, *also):
    return Held(fact(name), tuple(also), 100_000)


def test_a_pledge_shows_and_is_let_go_again(tmp_path):
    world = build(tmp_path, [inv("AB", 20, 1000, "one"), inv("AC", 20, 1000, "two")], statements=COVERED)
    state = State(tmp_path)
    made = claims.hold(
        state, "pledge", firm("A"), "某银行", [held("one")], free(), "ann", ("R-7", date(2026, 1, 3))
    )
    row = owed(world)[fact("one")]
    assert (row["status"], row["claim"], row["holder"], row["register_number"]) == (
        "pledged",
        made.id,
        "某银行",
        "R-7",
    )
    assert row["excluded_by"] == ["held"] and row["eligible_fen"] == 0
    claims.release(state, made.id, "bob", "repaid")
    assert owed(world)[fact("one")]["status"] == "unconfirmed"
    again = claims.hold(state, "purchase", firm("A"), "保理公司", [held("one")], free("S-2"), "ann")
    assert owed(world)[fact("one")]["status"] == "purchased" and again.id != made.id
    assert audit.verify(state) is None


def test_a_second_claim_is_refused_under_any_name_of_the_invoice(tmp_path):
    state = State(tmp_path)
    made = claims.hold(
        state, "pledge", firm("A"), "one bank", [held("x", fact("x2")), held("y")], free(), "ann"
    )
    for wanted in ([held("x")], [held("x2")], [held("z"), held("y")], [held("q", fact("x2"))]):
        with pytest.raises(Conflict) as refused:
            claims.hold(state, "purchase", firm("A"), "another", wanted, free("S-9"), "ann")
        assert refused.value.code == "receivable_held" and refused.value.params["claim"] == made.id
    # All or none: what was named beside the one that is held is free.
    claims.hold(state, "pledge", firm("A"), "another", [held("z")], free("S-3"), "ann")


def test_the_same_sent_twice_is_one_claim(tmp_path):
    state = State(tmp_path)
    one = claims.hold(state, "pledge", firm("A"), "bank", [held("x")], free(), "ann")
    assert claims.hold(state, "pledge", firm("A"), "bank", [held("x")], free(), "ann") == one


def test_a_claim_needs_the_registers_word(tmp_path):
    state = State(tmp_path)
    with pytest.raises(InputError):
        claims.hold(state, "pledge", firm("A"), "bank", [held("x")], free(" "), "ann")
    with pytest.raises(Conflict) as refused:
        claims.hold(
            state, "pledge", firm("A"), "bank", [held("x")], Search("S", date(2026, 1, 1), "taken"), "ann"
        )
    assert refused.value.code == "receivable_taken_elsewhere"
    with pytest.raises(NotFound):
        claims.release(state, "0" * 16, "ann", "why")


def _pledge(folder, number, gate, out):
    gate.wait()
    try:
        claims.hold(
            State(folder),
            "pledge",
            firm("A"),
            f"bank {number}",
            [held("x"), held("y")],
            free(f"S{number}"),
            "p",
        )
        out.put("held")
    except Conflict as error:
        out.put(error.code)


@pytest.mark.slow
def test_of_many_processes_that_pledge_at_once_one_does(tmp_path):
    spawn = multiprocessing.get_context("spawn")
    State(tmp_path)._prepare()
    gate, out = spawn.Barrier(4), spawn.Queue()
    workers = [spawn.Process(target=_pledge, args=(tmp_path, n, gate, out)) for n in range(4)]
    for worker in workers:
        worker.start()
    told = sorted(out.get(timeout=60) for _ in workers)
    for worker in workers:
        worker.join(30)
    assert told == ["held", *["receivable_held"] * 3]
    assert len(claims.claims_of(State(tmp_path), [firm("A")])) == 1


def test_confirmation_dispute_and_collection_by_paper(tmp_path):
    world = build(
        tmp_path, [inv("AB", 20, 1000, "one"), inv("AC", 20, 1000, "two"), inv("AD", 20, 1000, "three")]
    )
    state = State(tmp_path)
    day = date(2026, 1, 5)  # noted after the cut-off: it holds all the same
    claims.mark(state, firm("A"), fact("one"), "confirmed", day, "确认函 7", "ann")
    row = owed(world)[fact("one")]
    assert (row["status"], row["unpaid"], row["eligible_fen"]) == ("confirmed", "confirmed", 40_000)
    assert row["advance_bp"] == 8_000
    claims.mark(state, firm("A"), fact("one"), "disputed", day, "来函", "ann")
    assert "disputed" in owed(world)[fact("one")]["excluded_by"]
    claims.mark(state, firm("A"), fact("one"), "settled_dispute", day, "和解", "ann")
    assert "disputed" not in owed(world)[fact("one")]["excluded_by"]
    claims.mark(state, firm("A"), fact("two"), "collected", day, "回单", "ann", 60_000)
    claims.mark(state, firm("A"), fact("three"), "collected", day, "回单", "ann")
    rows = owed(world)
    assert rows[fact("two")]["open_fen"] == 40_000 and rows[fact("three")]["status"] == "collected"
    assert owed(world, as_of=CUT_OFF - DAY)[fact("three")]["open_fen"] == 100_000
    with pytest.raises(InputError):
        claims.mark(state, firm("A"), fact("two"), "confirmed", day, " ", "ann")


def test_the_index_gives_what_the_ledger_gives(tmp_path):
    world = build(
        tmp_path, [inv("AB", 20, 10, "a"), inv("BC", 30, 20, "b"), inv("AC", 40, 30, "c", books="both")]
    )
    index = SalesIndex.of(world.snapshot, world.ledger)
    for letter in "ABC":
        assert owed(world, letter) == owed(world, letter, index=index)
    assert owed(world)[fact("c")]["attested"] == "both"


# Files


def test_files_keep_codes_as_text(tmp_path):
    from io import BytesIO

    from python_calamine import CalamineWorkbook

    world = build(
        tmp_path,
        [inv("AB", 20, 1234, "one")],
        enterprises={"B": {"name": "=1+1", "code": "919900000000000001"}},
    )
    rows = receivables(world.snapshot, world.ledger, 0)
    frame = export.table(rows, world.snapshot, "zh")
    text = export.as_csv(frame, "zh")
    assert text.startswith(b"\xef\xbb\xbf") and "\t=1+1,\t919900000000000001,\t2500" in text.decode(
        "utf-8-sig"
    )
    sheet = (
        CalamineWorkbook.from_filelike(BytesIO(export.as_xlsx(frame, "zh"))).get_sheet_by_index(0).to_python()
    )
    assert sheet[0][:3] == ["买方", "统一社会信用代码", "发票号码"]
    assert sheet[1][:3] == ["=1+1", "919900000000000001", "25000000000000000001"]
    assert sheet[1][sheet[0].index("未收（元）")] == 1234.0
