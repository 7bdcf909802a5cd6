"""What a decision asks often is answered without reading the whole anew, and says the same."""

import os
import shutil
import sqlite3
from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger import claims
from ledger.state import IDLE, State
from ledger.tables import Tables
from services.lending.receivables import lendable, receivables
from services.lending.sales_index import SalesIndex
from services.lending.ties import parties_in, rows_of, sums, ties
from tests.lending_world import CUT_OFF, build, fact, firm, inv

DAY = timedelta(days=1)


@pytest.fixture
def opened(monkeypatch):
    """How often the store was opened."""
    made, real = [], sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *a, **k: made.append(a) or real(*a, **k))
    return made


def _count(state: State) -> int:
    with state.reading() as connection:
        return int(connection.execute("SELECT COUNT(*) FROM jobs").fetchone()[0])


def test_a_connection_waits_for_the_next_transaction(tmp_path, opened):
    state = State(tmp_path)
    _count(state)
    before = len(opened)
    for _ in range(5):
        _count(state)
    assert len(opened) == before


def test_what_raised_leaves_nothing_open(tmp_path):
    state = State(tmp_path)
    _count(state)
    for block in (state.reading, state.writing):
        with pytest.raises(ZeroDivisionError), block():
            raise ZeroDivisionError
    with state.writing() as connection:  # a transaction still open would refuse to begin another
        assert connection.in_transaction
    assert _count(state) == 0


def test_connections_that_wait_are_few_and_of_this_process(tmp_path, monkeypatch, opened):
    state = State(tmp_path)
    blocks = [state.reading() for _ in range(IDLE + 3)]
    for block in blocks:
        block.__enter__()
    for block in blocks:
        block.__exit__(None, None, None)
    assert len(state._idle) == IDLE
    before, me = len(opened), os.getpid()
    monkeypatch.setattr(os, "getpid", lambda: me + 1)
    _count(state)
    assert len(opened) == before + 1


def test_a_store_that_was_put_back_from_a_backup_is_read_anew(tmp_path):
    state, other = State(tmp_path / "a"), State(tmp_path / "b")
    _count(state)
    with other.writing() as connection:
        connection.execute(
            "INSERT INTO jobs (id, kind, state, owner, params, created) "
            "VALUES ('x', 'build', 'queued', 'me', '{}', '')"
        )
    with sqlite3.connect(tmp_path / "copy") as copy, other.reading() as connection:
        connection.backup(copy)
    copy.close()
    assert _count(state) == 0
    for path in (tmp_path / "a").iterdir():
        path.unlink()
    shutil.copy(tmp_path / "copy", state.path)
    assert _count(state) == 1


def _rows(n: int) -> pl.DataFrame:
    return pl.DataFrame({"reading": [f"{n}"], "sha256": [f"{n:064x}"], "event": ["read"]})


def test_the_version_of_a_table_follows_whoever_writes_it(tmp_path):
    here, there = Tables(tmp_path), Tables(tmp_path)
    assert here.version("documents") == -1
    for n in range(4):
        there.append("documents", _rows(n))
        assert here.version("documents") == there._open("documents").version()
    here.merge("documents")
    assert there.version("documents") == here._open("documents").version()


def test_the_version_is_found_where_the_log_was_cleared(tmp_path):
    tables = Tables(tmp_path)
    for n in range(3):
        tables.append("documents", _rows(n))
    latest = tables.version("documents")
    tables._open("documents").create_checkpoint()
    tables.append("documents", _rows(9))
    for path in (tmp_path / "documents" / "_delta_log").glob("*.json"):
        if int(path.stem) <= latest:
            path.unlink()
    assert tables.version("documents") == latest + 1 == Tables(tmp_path).version("documents")


@pytest.mark.parametrize("covered", [{}, {"A": (date(2024, 1, 1), CUT_OFF)}])
@pytest.mark.parametrize("confirmed", [False, True])
def test_what_may_be_lent_on_is_the_sum_of_the_receivables(tmp_path, covered, confirmed):
    sold = [inv("AB", 20, 1000, "one"), inv("AC", 9, 700, "two"), inv("AD", 3, 400, "three")]
    world = build(tmp_path, sold, statements=covered)
    state = State(tmp_path)
    if confirmed:
        claims.mark(state, firm("A"), fact("two"), "confirmed", CUT_OFF - DAY, "letter 7", "clerk")
    index = SalesIndex.of(world.snapshot, world.ledger)
    row = world.row("A")
    whole = receivables(world.snapshot, world.ledger, row, CUT_OFF, index=index, state=state)
    found = lendable(world.snapshot, world.ledger, row, CUT_OFF, index=index, state=state)
    assert found == (whole["eligible_fen"].sum(), whole["advance_fen"].sum())
    assert (found[0] > 0) is bool(covered or confirmed)


@given(owed=st.dictionaries(st.integers(0, 5), st.integers(1, 10**15)), asked=st.lists(st.integers(0, 5)))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_hangs_on_the_ties_of_some_firms(tmp_path_factory, owed, asked):
    world = _world(tmp_path_factory)
    slow: dict[tuple[str, str], tuple[int, int]] = {}
    for one in sorted(set(asked)):
        for _, dimension, subject in ties(world.snapshot, [one]).iter_rows():
            slow.setdefault((dimension, subject), (0, 0))
    for one, fen in owed.items():
        for _, dimension, subject in ties(world.snapshot, [one]).iter_rows():
            if (dimension, subject) in slow:
                whole, n = slow[dimension, subject]
                slow[dimension, subject] = (whole + fen, n + 1)
    assert sums(world.snapshot, asked, owed) == slow
    every = ties(world.snapshot, asked)
    assert every.rows() == [row for one in sorted(set(asked)) for row in ties(world.snapshot, [one]).rows()]


def test_the_parties_of_a_firm(tmp_path_factory):
    world = _world(tmp_path_factory)
    for (
        row,
        party,
    ) in world.snapshot.members.select("enterprise", "party").iter_rows():
        assert party in parties_in(world.snapshot, row)
        assert rows_of(world.snapshot, [party]) == {party: row}


_WORLDS = []


def _world(tmp_path_factory):
    if not _WORLDS:
        sold = [inv("AB", 20, 1000, "one"), inv("CB", 9, 700, "two"), inv("DF", 3, 400, "three")]
        sold += [inv("EF", 3, 400, "four")]
        _WORLDS.append(build(tmp_path_factory.mktemp("world"), sold))
    return _WORLDS[0]
