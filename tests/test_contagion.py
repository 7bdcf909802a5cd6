"""What follows where a firm stops or pays late: bounds, monotony, and worlds small enough to count by hand.

A world here is n firms and flows (seller, buyer, kind of goods, yuan a week); `network` makes the arrays.
"""

import time
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gnn.contagion.network import Network
from gnn.contagion.paths import Debtors, goods_paths
from gnn.contagion.shake import NEVER, Assumptions, Shock, shake
from gnn.scores.books import Goods
from graph.csr import fixed, starts

YUAN = 100.0
#: No deadline: the machine may be busy.
SETTINGS = settings(deadline=None, max_examples=60, derandomize=True)
NO_BUFFER = Assumptions(cover_weeks=0.0, spare=0.0, cash_weeks=0.0)


def network(n, flows, *, traders=(), inside=None, stock=None) -> Network:
    links = sorted({(b, g, s): 0.0 for s, b, g, _ in flows if s != b})
    place = {key: i for i, key in enumerate(links)}
    amount = np.zeros(len(links))
    for s, b, g, yuan in flows:
        if s != b:
            amount[place[b, g, s]] += yuan * YUAN
    buyer, seller = (np.array([key[k] for key in links], np.int32) for k in (0, 2))
    slots = sorted({(b, g) for b, g, _ in links})
    number = {key: i for i, key in enumerate(slots)}
    slot = np.array([number[b, g] for b, g, _ in links], np.int32)
    through = [number.get((s, g), -1) if s in traders else -1 for b, g, s in links]
    slot_buyer = np.array([b for b, _ in slots], np.int32)
    everybody = np.ones(n, np.bool_)
    return Network(
        goods=Goods([f"k{i}" for i in range(9)], np.empty(0, np.int32), np.zeros(n, np.int32)),
        firms=fixed(np.arange(n), np.int32),
        inside=fixed(everybody if inside is None else inside, np.bool_),
        seller=fixed(seller, np.int32),
        buyer=fixed(buyer, np.int32),
        slot=fixed(slot, np.int32),
        amount=fixed(amount, np.float64),
        through=fixed(through, np.int32),
        slot_buyer=fixed(slot_buyer, np.int32),
        slot_good=fixed([g for _, g in slots], np.int32),
        slot_amount=fixed(np.bincount(slot, amount, len(slots)), np.float64),
        running=fixed(np.ones(len(slots)), np.bool_),
        slot_links=starts(slot, len(slots)),
        firm_slots=starts(slot_buyer, n),
        inputs=fixed(np.bincount(buyer, amount, n), np.float64),
        sales=fixed(np.bincount(seller, amount, n), np.float64),
        stock_weeks=fixed(np.zeros(n) if stock is None else stock, np.float64),
        own_sales=fixed(everybody, np.bool_),
        own_purchases=fixed(everybody, np.bool_),
    )


@st.composite
def worlds(draw):
    n = draw(st.integers(2, 9))
    ends = st.integers(0, n - 1)
    flow = st.tuples(ends, ends, st.integers(0, 3), st.integers(1, 1000))
    flows = draw(st.lists(flow, min_size=1, max_size=30))
    traders = draw(st.sets(ends, max_size=3))
    return n, flows, traders, draw(ends)


assumed = st.builds(
    Assumptions,
    cover_weeks=st.floats(0, 4),
    spare=st.floats(0, 1),
    needed_share=st.floats(0, 0.5),
    mixing=st.floats(0, 1),
    cash_weeks=st.floats(0, 4),
    term_days=st.floats(0, 120),
    passed_on=st.floats(0, 1),
    lag_weeks=st.integers(1, 3),
    weeks=st.integers(1, 15),
)

#: A maker of nylon 0 → insulation 1 → phones 2 → shop 3; 2 also buys screens of 4.
LINE = [(0, 1, 0, 70), (1, 2, 1, 140), (4, 2, 2, 700), (2, 3, 3, 1400)]


def test_a_stopped_maker_leaves_the_line_short_week_by_week():
    net = network(5, LINE)
    out = shake(net, Shock(0, "stop"), NO_BUFFER).goods
    assert out.first.tolist() == [NEVER, 1, 2, 3, NEVER]
    assert out.peak[1] == 70 * YUAN
    assert out.peak[2] == 140 * YUAN
    lost = 0.75 * 1.0 + 0.25 * 140 / 840  # the scarcest input, softened by the mean of both
    assert out.lost[2] == pytest.approx(lost)
    assert out.peak[3] == pytest.approx(1400 * YUAN * lost)


def test_stock_puts_it_off_and_is_used_up_once():
    net = network(5, LINE)
    out = shake(net, Shock(0, "stop"), Assumptions(cover_weeks=2.0, spare=0.0)).goods
    # Two weeks of stock at 1, then two at 2; the shop misses 79 % of a week, so its two weeks last longer.
    assert out.first.tolist() == [NEVER, 3, 6, 9, NEVER]
    assert out.total[1] == 24 * 70 * YUAN
    proven = network(5, LINE, stock=[0, 5, 0, 0, 0])
    assert shake(proven, Shock(0, "stop"), Assumptions(spare=0.0)).goods.first[1] == 6
    most = Assumptions(spare=0.0, cover_most=4.0)
    assert shake(proven, Shock(0, "stop"), most).goods.first[1] == 5


def test_a_full_substitute_leaves_nobody_short_and_a_part_of_one_less():
    flows = [(0, 1, 0, 70), (2, 1, 0, 70)]
    net = network(3, flows)
    full = Assumptions(cover_weeks=0.0, spare=1.0)
    assert shake(net, Shock(0, "stop"), full).goods.first.tolist() == [NEVER] * 3
    half = Assumptions(cover_weeks=0.0, spare=0.5)
    assert shake(net, Shock(0, "stop"), half).goods.peak[1] == pytest.approx(35 * YUAN)


def test_who_is_short_itself_is_no_substitute():
    # 2 makes the same as 1 and both live on 0: neither can make up for the other.
    net = network(4, [(0, 1, 0, 10), (0, 2, 0, 10), (1, 3, 1, 50), (2, 3, 1, 50)])
    out = shake(net, Shock(0, "stop"), Assumptions(cover_weeks=0.0, spare=1.0)).goods
    assert out.peak[3] == pytest.approx(100 * YUAN)


def test_a_trader_passes_on_the_goods_that_are_missing_and_no_others():
    flows = [(0, 1, 0, 50), (3, 1, 1, 50), (1, 2, 0, 55), (1, 4, 1, 55)]
    out = shake(network(5, flows, traders={1}), Shock(0, "stop"), NO_BUFFER).goods
    assert out.first.tolist() == [NEVER, 1, 2, NEVER, NEVER]
    maker = shake(network(5, flows), Shock(0, "stop"), NO_BUFFER).goods
    assert maker.first[4] == 2


def test_goods_that_are_little_of_what_is_bought_do_not_stop_a_maker():
    flows = [(0, 1, 0, 1), (2, 1, 1, 99), (1, 3, 2, 200)]
    out = shake(network(4, flows), Shock(0, "stop"), NO_BUFFER).goods
    assert out.first.tolist() == [NEVER, 1, NEVER, NEVER]


def test_paying_late_is_missed_for_as_many_days_and_passed_on():
    # 3 pays 2 late, who buys of 1, who buys of 0
    net = network(4, [(0, 1, 0, 100), (1, 2, 1, 100), (2, 3, 2, 100)])
    given = Assumptions(cash_weeks=0.0, passed_on=0.5)
    out = shake(net, Shock(3, "late", days=14), given)
    assert out.goods.first.tolist() == [NEVER] * 4
    assert out.money.first.tolist() == [3, 2, 1, NEVER]
    assert out.money.peak.tolist() == [50 * YUAN, 100 * YUAN, 200 * YUAN, 0]
    assert out.money.orders.tolist() == [0] * 4
    stop = shake(net, Shock(3, "stop"), Assumptions(cash_weeks=0.0, term_days=14))
    assert stop.money.peak.tolist() == out.money.peak.tolist()
    assert stop.money.orders.tolist() == [0, 0, 100 * YUAN, 0]


def test_cash_bears_what_it_covers():
    net = network(2, [(0, 1, 0, 100)])
    given = Assumptions(cash_weeks=2.0, outlay_share=0.9)
    assert shake(net, Shock(1, "late", days=12), given).money.first[0] == NEVER
    out = shake(net, Shock(1, "late", days=21), given).money
    assert out.first[0] == 2
    assert out.peak[0] == pytest.approx((300 - 2 * 90) * YUAN)


def test_firms_outside_the_chain_are_not_followed():
    net = network(5, LINE, inside=[True, True, False, True, True])
    out = shake(net, Shock(0, "stop"), NO_BUFFER)
    assert out.goods.first.tolist() == [NEVER, 1, NEVER, NEVER, NEVER]
    link = int(np.flatnonzero((net.seller == 1) & (net.buyer == 2))[0])
    assert out.goods.link_peak[link] == 140 * YUAN  # though what they get less is known


@SETTINGS
@given(worlds(), assumed)
def test_where_nothing_happens_nobody_is_short(world, assumptions):
    n, flows, traders, firm = world
    net = network(n, flows, traders=traders)
    for shock in (Shock(firm, "stop", size=0.0), Shock(firm, "late", days=0.0)):
        out = shake(net, shock, assumptions)
        assert not out.goods.first.any()
        assert not out.goods.link_total.any()
        assert not out.money.first.any()


@SETTINGS
@given(worlds(), assumed, st.floats(0, 1), st.floats(0, 1))
def test_a_larger_shock_never_hurts_less(world, assumptions, one, other):
    n, flows, traders, firm = world
    net = network(n, flows, traders=traders)
    low, high = (shake(net, Shock(firm, "stop", size=size), assumptions) for size in sorted((one, other)))
    _assert_no_better(low, high)


@SETTINGS
@given(worlds(), assumed, st.floats(0, 200), st.floats(0, 200))
def test_paying_later_never_hurts_less(world, assumptions, one, other):
    n, flows, traders, firm = world
    net = network(n, flows, traders=traders)
    low, high = (shake(net, Shock(firm, "late", days=d), assumptions) for d in sorted((one, other)))
    _assert_no_better(low, high)


def _assert_no_better(low, high):
    slack = 1.0 + 1e-9 * high.goods.total.sum()  # a fen: shortages below half a fen are dropped
    assert (low.goods.peak <= high.goods.peak + slack).all()
    assert (low.goods.total <= high.goods.total + slack * low.assumptions.weeks).all()
    slack = 1.0 + 1e-9 * high.money.peak.sum()
    assert (low.money.peak <= high.money.peak + slack).all()
    both = (low.goods.first > 1) & (low.goods.peak > slack)
    assert (high.goods.first[both] <= low.goods.first[both]).all()


@SETTINGS
@given(worlds(), assumed, st.floats(0, 1), st.floats(0, 200))
def test_nobody_misses_more_than_was_there(world, assumptions, size, days):
    n, flows, traders, firm = world
    net = network(n, flows, traders=traders)
    weeks, near = assumptions.weeks, 1 + 1e-9
    out = shake(net, Shock(firm, "stop", size=size), assumptions).goods
    from_it = net.seller == firm
    assert out.link_total[from_it].sum() <= net.amount[from_it].sum() * size * weeks * near
    assert (out.link_peak <= net.amount * near).all()
    missed = np.bincount(net.buyer, out.link_total, n)
    assert (out.total <= missed * near + weeks).all()
    assert ((out.lost >= 0) & (out.lost <= near)).all()
    money = shake(net, Shock(firm, "late", days=days, size=size), assumptions).money
    paid = net.buyer == firm
    assert money.link_missed[paid].sum() <= net.amount[paid].sum() * size * min(days / 7, weeks) * near + 1
    for payer in range(n):
        if payer != firm:
            passed = money.link_missed[net.buyer == payer].sum()
            assert passed <= assumptions.passed_on * money.peak[payer] * near + 1
    assert (money.peak <= money.missed * near).all()


@SETTINGS
@given(worlds())
def test_at_the_end_of_a_trade_no_more_is_missing_than_was_stopped(world):
    """Traders who sell no more than they buy multiply nothing."""
    n, flows, _, firm = world
    flows = [(s, b, 0, float(yuan)) for s, b, _, yuan in flows if s < b] or [(0, 1, 0, 1.0)]
    for trader in range(1, n):
        came = sum(yuan for _, b, _, yuan in flows if b == trader)
        goes = sum(yuan for s, _, _, yuan in flows if s == trader)
        if came:
            less = min(1.0, came / goes) if goes else 1.0
            flows = [(s, b, g, yuan * less if s == trader else yuan) for s, b, g, yuan in flows]
    net = network(n, flows, traders=set(range(n)))
    out = shake(net, Shock(firm, "stop"), NO_BUFFER).goods
    ends = np.setdiff1d(net.buyer, net.seller)
    assert out.peak[ends].sum() <= net.amount[net.seller == firm].sum() * (1 + 1e-9) + 1


@SETTINGS
@given(worlds(), assumed, st.randoms(use_true_random=False))
def test_the_order_of_firms_does_not_matter(world, assumptions, random):
    n, flows, traders, firm = world
    perm = list(range(n))
    random.shuffle(perm)
    moved = network(
        n, [(perm[s], perm[b], g, yuan) for s, b, g, yuan in flows], traders={perm[t] for t in traders}
    )
    net = network(n, flows, traders=traders)
    for shock in (("stop", 0.0), ("late", 45.0)):
        here = shake(net, Shock(firm, *shock), assumptions)
        there = shake(moved, Shock(perm[firm], *shock), assumptions)
        for name in ("peak", "total", "lost"):
            assert getattr(there.goods, name)[perm] == pytest.approx(getattr(here.goods, name), abs=1.0)
        assert there.money.peak[perm] == pytest.approx(here.money.peak, abs=1.0)


@SETTINGS
@given(worlds(), assumed)
def test_every_shortage_has_a_path_that_begins_at_the_firm_and_goes_on_in_time(world, assumptions):
    n, flows, traders, firm = world
    net = network(n, flows, traders=traders)
    out = shake(net, Shock(firm, "stop"), assumptions)
    for short in np.flatnonzero(out.goods.first):
        paths, total = goods_paths(net, out, int(short), 3)
        assert 0 < len(paths) <= total
        for path in paths:
            assert path[0].seller == firm
            assert path[-1].buyer == short
            assert all(a.buyer == b.seller for a, b in pairwise(path))
            assert all(0 < step.missing <= step.amount * (1 + 1e-9) for step in path)
    debtors = Debtors(net, out)
    for short in np.flatnonzero(out.money.first):
        paths, total = debtors.paths(int(short), 3)
        assert 0 < len(paths) <= total
        for path in paths:
            assert (path[0].seller, path[-1].buyer) == (short, firm)
            assert all(a.buyer == b.seller for a, b in pairwise(path))
            ends = [out.money.first[step.seller] for step in path]
            assert ends == sorted(ends, reverse=True)


def test_paths_name_the_goods_and_what_is_missing():
    net = network(5, LINE)
    out = shake(net, Shock(0, "stop"), NO_BUFFER)
    (path,), total = goods_paths(net, out, 3, 3)
    assert total == 1
    assert [(s.seller, s.buyer, s.good) for s in path] == [(0, 1, 0), (1, 2, 1), (2, 3, 3)]
    assert [s.missing for s in path[:2]] == [70 * YUAN, 140 * YUAN]


def test_paths_do_not_turn_in_circles():
    # 1 gets little from 0 and much from 2, who lives on 1.
    net = network(3, [(0, 1, 0, 10), (2, 1, 0, 90), (1, 2, 1, 50)])
    out = shake(net, Shock(0, "stop"), NO_BUFFER)
    assert out.goods.link_total[(net.seller == 2)].sum() > 0
    paths, total = goods_paths(net, out, 1, 3)
    assert total == 1
    assert [(s.seller, s.buyer) for s in paths[0]] == [(0, 1)]


def test_paths_go_by_the_goods_that_held_up_output():
    # 1 lacks a little of kind 0 at once, and later kind 1, which it needs.
    flows = [(0, 1, 0, 2), (0, 3, 2, 50), (3, 1, 1, 98), (1, 2, 3, 200)]
    net = network(4, flows)
    out = shake(net, Shock(0, "stop"), NO_BUFFER)
    (path,), _ = goods_paths(net, out, 2, 3)
    assert [(s.seller, s.buyer, s.good) for s in path] == [(0, 3, 2), (3, 1, 1), (1, 2, 3)]
    assert [[s.good for s in path] for path in goods_paths(net, out, 1, 3)[0]] == [[0], [2, 1]]


def test_whom_money_outside_the_chain_would_reach_is_not_followed():
    flows = [(0, 1, 0, 100), (1, 2, 1, 100)]
    net = network(3, flows, inside=[True, False, True])
    out = shake(net, Shock(2, "late", days=30), Assumptions(cash_weeks=0.0)).money
    assert out.first.tolist() == [NEVER] * 3
    assert out.link_missed.sum() > 0


@pytest.mark.slow
def test_a_chain_of_20_000_firms_is_shaken_in_well_under_a_second():
    rng = np.random.default_rng(1)
    n, m = 20_000, 100_000
    seller = rng.integers(0, n, m)
    buyer = np.minimum(seller + rng.integers(1, 2_000, m), n - 1)
    good = (seller % 40).tolist()
    flows = list(zip(seller.tolist(), buyer.tolist(), good, rng.integers(1, 999, m).tolist(), strict=True))
    net = network(n, flows)
    shake(net, Shock(0, "stop"))
    before = time.process_time()
    out = shake(net, Shock(5, "stop"))
    spent = time.process_time() - before
    again = shake(net, Shock(5, "stop"))
    assert out.goods.peak.tobytes() == again.goods.peak.tobytes()
    assert spent < 1.0
