"""The demo's nylon maker, found by its data alone: when it buys, ships, is paid, what it pays every month."""

import pytest

from graph.snapshot import open_snapshot
from ledger.ledger import Ledger
from services.cashflow.ground import ground_of
from services.cashflow.habits import fixed_of, habits_of
from services.cashflow.outlook import outlook_of
from services.cashflow.path import Asked
from tests.economy_home import dayan, make_home

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return make_home(tmp_path_factory.mktemp("story"))


@pytest.fixture(scope="module")
def ground(home):
    return ground_of(open_snapshot(home), Ledger(home))


@pytest.fixture(scope="module")
def firm(ground):
    """The one firm whose statements and both books are in."""
    (found,) = [n for n in ground.bank.stated if all(until[n] for until in ground.own_until)]
    return found


def test_it_buys_in_april_and_august_ships_in_september_and_is_paid_at_the_years_end(ground, firm):
    habits = {one.what: one.months for one in habits_of(ground, firm)}
    assert habits == {"buys": (4, 8), "ships": (9,), "paid": (12,)}
    delays = ground.delays
    edges = ground.source.customers(firm)
    seen = [int(delays.of[e]) for e in edges if delays.paid[int(delays.of[e])]]
    assert seen
    assert {delays.held[row].month for row in seen if delays.held[row]} == {12}


def test_its_fixed_outlays_are_found(ground, firm):
    found = {(one.kind, one.every) for one in fixed_of(ground, firm)}
    assert found == {("wages", 1), ("social", 1), ("tax", 1), ("fee", 1), ("rent", 3)}


def test_its_known_flows_hold_its_order_its_rent_and_its_taxes(ground, firm):
    outlook = outlook_of(ground, [firm], Asked(365), None)
    assert (outlook.path.basis, outlook.opening_on) == ("own", ground.as_of)
    kinds = {one.kind for one in outlook.path.known}
    assert {"receivable", "payable", "contract", "rent", "wages", "social", "tax"} <= kinds
    rents = [one for one in outlook.path.known if one.kind == "rent"]
    assert len(rents) == 4  # told once, by the lease, and not again by the account
    assert not [one for one in outlook.path.known if one.kind == "trade"]
    assert 0.2 < outlook.known[0] / outlook.expected[0].sum() < 0.8
    # its customers settle at the year's end: that month brings far more than all of the second half before
    inflow = outlook.expected[0]
    assert inflow[334:365].sum() > 2 * inflow[181:334].sum()


def test_the_command_tells_it_in_words(home, ground, firm, tmp_path):
    name = str(ground.source.enterprises["name"][firm])
    for lang, words in (("en", "April and August"), ("zh", "4月、8月")):
        done = dayan("cashflow", name, "--horizon", 3, cwd=tmp_path, data=home, DAYAN_LANG=lang)
        assert done.returncode == 0, done.stderr
        assert words in done.stdout
        assert "2026-03-31" in done.stdout
    unknown = dayan("cashflow", "没有这家", cwd=tmp_path, data=home, DAYAN_LANG="en")
    assert unknown.returncode == 1
    assert "no such enterprise" in unknown.stderr
    wrong = dayan("cashflow", name, "--step", "year", cwd=tmp_path, data=home, DAYAN_LANG="en")
    assert wrong.returncode == 2
