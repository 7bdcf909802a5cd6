"""`dayan credit` over the tiny economy, with the real rooms and the shipped model."""

import json

import pytest
from typer.testing import CliRunner

from dayan.crediting import credit
from ledger.errors import Forbidden, InputError
from ledger.state import State
from tests.tiny_graph import firm, tiny


def dayan(folder, *args):
    done = CliRunner().invoke(credit, [*args, "--data", str(folder)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output.strip()


@pytest.mark.slow
def test_an_application_goes_all_the_way(tmp_path, monkeypatch):
    monkeypatch.setenv("DAYAN_LANG", "en")
    tiny(tmp_path)
    entered = dayan(tmp_path, "apply", firm("A"), "--amount", "1000", "--consent", "c1", "--by", "clerk")
    said = dayan(tmp_path, "decide", entered, "--json", "--person", "--by", "clerk")
    answer = json.loads(said)
    assert (answer["enterprise"]["id"], answer["status"]) == (firm("A"), "manual_review")
    assert answer["synthetic"] is True
    shown = dayan(tmp_path, "show", answer["decision_id"])
    assert "it replays to the same bytes" in shown
    review = (
        "review",
        answer["decision_id"],
        "approved",
        "--reason",
        "papers_seen",
        "--why",
        "books handed in",
    )
    with pytest.raises(Forbidden):
        dayan(tmp_path, *review, "--limit", "500", "--by", "clerk")
    done = dayan(tmp_path, *review, "--limit", "500", "--by", "reviewer")
    assert "approved" in done
    assert "500.00" in done
    monitored = json.loads(dayan(tmp_path, "monitor", "--since", "2026-01-01", "--json"))
    assert (monitored["decisions"], monitored["reviewed"]) == (1, 1)
    tested = dayan(tmp_path, "backtest", "--day", "2025-07-31")
    assert tested.count("@2026.3") == 2


def test_a_list_is_imported_once_and_whole_or_not_at_all(tmp_path):
    file = tmp_path / "list.csv"
    file.write_text(
        "code,name,list,since,until,source,reason\nA1,甲,own_black,2025-01-01,,风险部,\n", "utf-8-sig"
    )
    for new in ("1 new", "0 new"):
        assert new in dayan(tmp_path, "lists", str(file))
    file.write_text("code,list,since,source\nA1,own_black,soon,x\nA2,own_black,2025-01-01,x\n", "utf-8")
    with pytest.raises(InputError):
        dayan(tmp_path, "lists", str(file))
    with State(tmp_path).reading() as connection:
        assert connection.execute("SELECT count(*) FROM standing_lists").fetchone()[0] == 1
