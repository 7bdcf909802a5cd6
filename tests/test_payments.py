"""What a payment is for: names before amounts, sums, parts, fees; ties stay ties, and no fen counts twice."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extraction.payments_desk import Deal, Due, Payment
from extraction.payments_pair import match_pair
from extraction.payments_reasons import WEIGHTS, confidence
from extraction.payments_sums import chance, choices, roundness, runs
from extraction.payments_text import names_contract, said
from ledger.words import label

MARCH = date(2025, 3, 1).toordinal()


def due(n, yuan, day=0, **more):
    """Invoice n, `day` days after the first of March."""
    return Due(f"i{n}", f"2533200000{n:010d}", MARCH + day, round(yuan * 100), **more)


def paid(n, yuan, day=60, text=None):
    return Payment(f"p{n}", MARCH + day, round(yuan * 100), said(text))


def settled(payments, dues, deals=None, basis="proven"):
    rows = match_pair(payments, dues, deals)
    return sorted((r.payment, r.invoice or r.contract, r.amount / 100) for r in rows if r.basis == basis)


def rules(payments, dues, deals=None):
    return {r.rule for r in match_pair(payments, dues, deals)}


ODD = [due(1, 10_233.17), due(2, 8_411.90, 3), due(3, 27_600.55, 9), due(4, 940.08, 33)]


def odd():
    return [Due(d.fact, d.number, d.day, d.total) for d in ODD]


def test_an_amount_that_one_open_invoice_has_is_for_that_invoice():
    assert settled([paid(1, 8_411.90)], odd()) == [("p1", "i2", 8_411.90)]


def test_a_lump_sum_pays_neighbours_and_leaves_out_a_disputed_one():
    assert settled([paid(1, 8_411.90 + 27_600.55)], odd()) == [
        ("p1", "i2", 8_411.90),
        ("p1", "i3", 27_600.55),
    ]
    assert settled([paid(1, 10_233.17 + 27_600.55)], odd()) == [
        ("p1", "i1", 10_233.17),
        ("p1", "i3", 27_600.55),
    ]


@pytest.mark.parametrize("fee", [5, 10.5, 50])
def test_a_banks_fee_may_be_missing_and_is_not_claimed_again(fee):
    rows = match_pair([paid(1, 27_600.55 - fee), paid(2, fee, 90)], odd())
    assert [(r.payment, r.invoice) for r in rows if r.basis == "proven"] == [("p1", "i3")]
    assert rows[0].reasons[0].name == "fee_missing"


def test_small_change_may_be_left_off_but_round_sums_are_no_small_change():
    assert settled([paid(1, 27_600)], [due(1, 27_600.55), due(2, 9_000.11)]) == []
    assert settled([paid(1, 27_601)], [due(1, 27_601.55), due(2, 9_000.11)]) == [("p1", "i1", 27_601)]


def test_words_that_name_invoices_decide_and_may_name_ranges_and_ends():
    equal = [due(n, 5_000, n) for n in range(1, 5)]
    assert settled([paid(1, 5_000, text=f"货款{equal[2].number}")], equal) == [("p1", "i3", 5_000)]
    equal = [due(n, 5_000, n) for n in range(1, 5)]
    assert settled([paid(1, 5_000, text="付票尾号0002")], equal) == [("p1", "i2", 5_000)]
    odd_numbers = [due(12_345_670 + n, 1_000 + n) for n in range(1, 5)]
    words = "发票号12345671-73"
    assert [p for _, p, _ in settled([paid(1, 3_006, text=words)], odd_numbers)] == [
        "i12345671",
        "i12345672",
        "i12345673",
    ]


def test_a_part_of_a_named_invoice_is_taken_and_the_rest_stays_open():
    dues = odd()
    first = paid(1, 10_000, text=f"部分货款 {dues[2].number}")
    assert settled([first, paid(2, 17_600.55, 90)], dues) == [("p1", "i3", 10_000), ("p2", "i3", 17_600.55)]


def test_words_that_name_one_invoice_while_the_amount_fits_another_are_asked_about():
    dues = odd()
    rows = match_pair([paid(1, 8_411.90, text=dues[2].number)], dues)
    assert {(r.basis, r.rule) for r in rows} == {("asked", "named_other")}
    assert {r.invoice for r in rows} == {"i2", "i3"}


def test_equal_invoices_are_a_tie_that_a_month_in_the_words_may_decide():
    equal = [due(1, 5_000), due(2, 5_000, 20), due(3, 5_000, 45)]
    rows = match_pair([paid(1, 5_000)], equal)
    assert [(r.invoice, r.basis, r.rule) for r in rows] == [(f"i{n}", "asked", "tie") for n in (1, 2, 3)]
    assert rows[0].confidence == pytest.approx(1 / 3, abs=0.01)
    equal = [due(1, 5_000), due(2, 5_000, 20), due(3, 5_000, 45)]
    assert settled([paid(1, 5_000, text="4月货款")], equal) == [("p1", "i3", 5_000)]


def test_a_sum_in_which_one_invoice_could_be_another_is_a_tie():
    dues = [due(1, 700.70), due(2, 811.10, 2), due(3, 700.70, 4)]
    assert rules([paid(1, 1_511.80)], dues) == {"tie"}
    apart = [due(1, 700.70), due(2, 811.10, 2), due(3, 50.01, 3), due(4, 700.70, 4)]
    assert rules([paid(1, 1_511.80)], apart) == {"tie"}
    two_ways = [due(1, 300.11), due(2, 211.10, 2), due(3, 99.99, 3), due(4, 411.22, 4)]
    assert rules([paid(1, 511.21)], two_ways) == {"tie"}


def test_instalments_meet_the_invoice_they_make_up():
    payments = [paid(1, 9_000, 20), paid(2, 1_233.17, 70), paid(3, 15_000, 40), paid(4, 12_600.55, 90)]
    assert settled(payments, odd()) == [
        ("p1", "i1", 9_000),
        ("p2", "i1", 1_233.17),
        ("p3", "i3", 15_000),
        ("p4", "i3", 12_600.55),
    ]


def test_a_part_is_proven_only_where_nothing_else_is_open():
    assert settled([paid(1, 3_000)], [due(1, 10_233.17)]) == [("p1", "i1", 3_000)]
    assert settled([paid(1, 3_000)], odd()[:2]) == []


def test_what_is_left_goes_in_order_and_is_called_an_assumption():
    rows = match_pair([paid(1, 12_000)], odd())
    assert [(r.invoice, r.amount, r.basis) for r in rows] == [
        ("i1", 1_023_317, "assumed"),
        ("i2", 176_683, "assumed"),
    ]
    assert all(r.confidence < 0.5 for r in rows)


def test_round_amounts_prove_less_than_odd_ones():
    dues = [due(n, 1_000 * n, n) for n in range(1, 30)]
    assert settled([paid(1, 7_000, 90)], dues) == []
    assert settled([paid(1, 7_000.37, 90)], [*dues, due(99, 7_000.37)]) == [("p1", "i99", 7_000.37)]


def test_a_pair_that_always_pays_whole_invoices_is_believed_with_round_ones():
    dues = [due(n, 1_000 * n, n) for n in range(1, 30)]
    payments = [paid(n, 1_000 * n, 90 + n) for n in range(1, 30, 2)]
    assert len(settled(payments, dues)) == 15


def test_red_invoices_net_and_credits_are_set_off():
    back = ((MARCH + 10, -100_000),)
    assert settled([paid(1, 9_233.17)], [due(1, 10_233.17, reds=back), due(2, 5_000.01)]) == [
        ("p1", "i1", 9_233.17)
    ]
    later = ((MARCH + 70, -100_000),)
    dues = [due(1, 10_233.17, reds=later), due(2, 5_000.01, 80)]
    assert settled([paid(1, 10_233.17), paid(2, 4_000.01, 100)], dues) == [
        ("p1", "i1", 10_233.17),
        ("p2", "i2", 4_000.01),
    ]


def test_prepayments_follow_the_contract_to_its_invoice():
    deal = Deal("c1", "HT2025-017", MARCH - 30, 10_000_000, (3_000_000, 7_000_000))
    payments = [paid(1, 30_000, -20, "预付款 HT2025017"), paid(2, 70_000, 40)]
    dues = [due(1, 100_000, 5, deal=0), due(2, 3_333.33, 6)]
    assert settled(payments, dues, [deal]) == [("p1", "i1", 30_000), ("p2", "i1", 70_000)]
    deal = Deal("c1", "HT2025-017", MARCH - 30, 10_000_000, (3_000_000, 7_000_000))
    assert settled([paid(1, 30_000, -20)], [], [deal]) == [("p1", "c1", 30_000)]


def test_a_deduction_is_asked_about():
    rows = match_pair([paid(1, 26_000, text="货款 扣除质量索赔")], odd())
    assert [(r.invoice, r.basis, r.rule) for r in rows] == [("i3", "asked", "deduction")]


def test_the_reasons_add_up_to_the_confidence():
    (row,) = match_pair([paid(1, 8_411.90)], odd())
    assert row.confidence == confidence(row.reasons)
    assert row.confidence > 0.9
    assert sum(r.gave for r in row.reasons) == pytest.approx(8.0)


amounts = st.integers(1, 60).map(lambda n: n * 1_234_5)
odd_or_round = st.one_of(amounts, st.integers(1, 40).map(lambda n: n * 100_000))


@settings(deadline=None)
@given(
    st.lists(st.tuples(odd_or_round, st.integers(0, 90)), max_size=8),
    st.lists(
        st.tuples(odd_or_round, st.integers(0, 120), st.sampled_from([None, "3月货款", "发票00000002"])),
        max_size=8,
    ),
    st.lists(st.tuples(st.integers(0, 7), st.integers(0, 100)), max_size=2),
)
def test_no_fen_is_spent_twice_and_no_invoice_paid_beyond_its_total(bills, moved, reds):
    dues = [due(n, fen / 100, day) for n, (fen, day) in enumerate(bills)]
    for n, day in reds:
        if n < len(dues):
            dues[n].reds = ((MARCH + day, -dues[n].total // 2),)
    payments = [paid(n, fen / 100, day, text) for n, (fen, day, text) in enumerate(moved)]
    rows = [r for r in match_pair(payments, dues) if r.basis != "asked"]
    for payment in payments:
        assert sum(r.amount for r in rows if r.payment == payment.fact) == payment.amount - payment.left
        assert payment.left >= 0
    for one in dues:
        assert sum(r.amount for r in rows if r.invoice == one.fact) == one.paid <= one.total
    assert all(r.amount > 0 for r in rows)
    assert all(
        r.basis == ("proven" if r.rule != "in_order" and r.confidence >= 0.9 else "assumed") for r in rows
    )


@settings(deadline=None)
@given(st.lists(amounts, min_size=1, max_size=10), st.data())
def test_runs_and_choices_find_what_is_there(values, data):
    low = data.draw(st.integers(0, len(values) - 1))
    high = data.draw(st.integers(low + 1, len(values)))
    wanted = sum(values[low:high])
    if high - low > 1:
        assert tuple(range(low, high)) in runs(values, wanted)
    assert all(sum(values[i] for i in c) == wanted for c in choices(values, wanted))


def test_chance_grows_with_roundness_and_with_the_sums_tried():
    assert roundness(1_250_000) == 10_000
    assert roundness(1_023_317) == 1
    assert chance([1_023_317], 100, 10_000_000) < chance([1_000_000], 100, 10_000_000)
    assert choices([100_000 * n for n in range(1, 12)], 700_000) == []


def test_every_reason_has_its_words_in_both_languages():
    for name in (*WEIGHTS, "equally_good"):
        assert label(f"paid_{name}", "zh") != label(f"paid_{name}", "en")


def test_words_are_read_as_people_write_them():
    words = said("付2024年11-12月货款 发票 25332000000012345678、票号尾号5679 合同号HT-2024/08")
    assert words.months == ((2024, 11), (2024, 12))
    assert "25332000000012345678" in words.numbers
    assert words.tails == ("5679",)
    assert names_contract(words, "HT2024-08")
    assert not names_contract(words, "HT2024-09")
    assert said("代平湖尼龙有限公司支付货款").for_another
    assert not said("货款").for_another
    assert said(None).numbers == ()
