"""`dayan receivables` and `dayan loans`: what a person at the command line sees and gets."""

from datetime import date

import pytest
from typer.testing import CliRunner

from dayan.cli import app
from ledger import lending
from ledger.errors import InputError
from ledger.state import State
from services.lending import servicing
from tests.lending_world import build, firm, inv
from tests.test_api_lending import decided


@pytest.fixture
def world(tmp_path, monkeypatch):
    monkeypatch.setenv("DAYAN_LANG", "en")
    monkeypatch.setenv("COLUMNS", "200")
    return build(tmp_path, [inv("AB", 20, 1234, "one"), inv("AC", 100, 4321, "two")])


def run(world, *args):
    done = CliRunner().invoke(app, [*args, "--data", str(world.folder)])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.output


def test_who_owes_what(world):
    told = run(world, "receivables", firm("A"))
    assert "1,234.00" in told and "4,321.00" in told and "not proven unpaid" in told
    file = world.folder / "owed.csv"
    run(world, "receivables", firm("A"), "--out", str(file))
    assert (
        file.read_bytes().startswith(b"\xef\xbb\xbf") and len(file.read_text("utf-8-sig").splitlines()) == 3
    )
    with pytest.raises(InputError):
        run(world, "receivables", firm("A"), "--out", str(world.folder / "owed.pdf"))


def test_a_loan_at_the_command_line(world, monkeypatch):
    monkeypatch.setattr(servicing, "today", lambda: date(2100, 1, 1))
    run(world, "loans", "portfolios", "--make", "one", "--capital", "100000")
    with State(world.folder).reading() as connection:
        (row,) = connection.execute("SELECT id FROM portfolios").fetchall()
    decision = decided(world)
    told = run(world, "loans", "book", decision, "--portfolio", row["id"])
    assert run(world, "loans", "book", decision, "--portfolio", row["id"]) == told
    loan = told.split()[0]
    assert run(world, "loans", "schedule", loan).count("\n") == 14
    with State(world.folder).reading() as connection:
        first = lending.instalments(connection, loan)[0]
    paid = str((first.principal_fen + first.interest_fen) / 100)
    run(world, "loans", "repay", loan, paid, "--reference", "r1", "--on", str(first.due_on))
    with State(world.folder).reading() as connection:
        assert lending.balances(connection)["loan_principal"] == 100_000_000 - first.principal_fen
    assert loan in run(world, "loans", "list")
    assert "own" not in run(world, "loans", "round", row["id"])
    with pytest.raises(InputError):
        run(world, "loans", "repay", loan, "many", "--reference", "r2")
