"""The seal of the audit chain's length: what it finds out, what it does not, and how it is made anew."""

import json
import shutil
import sqlite3
import stat
from contextlib import closing

import pytest

from ledger import audit, seals
from ledger import state as store
from ledger.errors import Conflict, InputError
from ledger.state import State
from tests.api_server import serving_folder
from tests.economy_home import dayan


@pytest.fixture
def state(tmp_path):
    state = State(tmp_path)
    for number in range(6):
        audit.note(state, "me", "enterprise_read", f"{number}")
    return state


def tampered(state, *statements):
    with closing(sqlite3.connect(state.path)) as connection:
        connection.execute("DROP TRIGGER IF EXISTS audit_is_never_cut")
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def found(state):
    return audit.check(state)


def test_the_seal_goes_with_every_entry(state):
    assert (found(state).entries, found(state).sealed, found(state).holds) == (6, True, True)
    with pytest.raises(RuntimeError), state.writing() as connection:
        audit.append(connection, "me", "enterprise_read", "7")
        raise RuntimeError
    assert found(state).holds  # what was taken back took its seal back
    key = state.path.with_name(seals.KEY)
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM audit WHERE number > 4",
        "DELETE FROM audit",
        "DELETE FROM audit_seal",
        "UPDATE audit_seal SET entries = 5",
        "UPDATE audit_seal SET at = ''",
    ],
)
def test_a_chain_that_was_cut_stays_so_whatever_is_entered_later(state, statement):
    tampered(state, statement)
    assert not found(state).holds
    audit.note(state, "me", "enterprise_read", "later")
    again = State(state.path.parent)
    audit.note(again, "me", "enterprise_read", "later still")
    assert not found(again).holds
    assert found(again).broken_at is None  # the chain itself looks sound: only the seal knows
    with pytest.raises(Conflict) as caught:
        audit.seal(again, "me")
    assert caught.value.code == "audit_not_sealed"


def test_a_cut_with_the_seal_of_that_length_is_not_forged_without_the_key(state, tmp_path):
    head = audit.entries(state)[3].hash
    other = State(tmp_path / "other")
    with other.writing() as connection:  # a key of somebody else's
        forged = seals.write(connection, 4, head)
    tampered(
        state,
        "DELETE FROM audit WHERE number > 4",
        f"UPDATE audit_seal SET entries = 4, head = '{head}', at = '{forged.at}', mac = '{forged.mac}'",
    )
    assert not found(state).holds


def test_a_lost_key_is_not_replaced_in_silence(state):
    state.path.with_name(seals.KEY).unlink()
    again = State(state.path.parent)
    audit.note(again, "me", "enterprise_read", "later")
    assert not found(again).holds
    assert not state.path.with_name(seals.KEY).exists()


def test_a_seal_made_anew_is_entered(state):
    tampered(state, "DELETE FROM audit WHERE number > 4")
    seal = audit.seal(state, "root", anew=True)
    assert found(state).holds
    (entry,) = audit.entries(state, wanted=audit.Chosen(action="audit_sealed"))
    assert (entry.by, entry.detail["was"]["entries"], entry.detail["found"]) == ("root", 6, 4)
    assert (seal.entries, seal.head) == (5, entry.hash)
    audit.note(state, "me", "enterprise_read", "later")
    assert found(state).holds


def test_a_store_from_before_seals_is_sealed_when_it_is_opened(state, monkeypatch):
    tampered(state, "DROP TABLE audit_seal", f"PRAGMA user_version = {len(store.MIGRATIONS) - 1}")
    state.path.with_name(seals.KEY).unlink()
    monkeypatch.setattr(store, "MIGRATIONS", _with_seals_last())
    again = State(state.path.parent)
    assert (found(again).entries, found(again).holds) == (6, True)


def _with_seals_last():
    rest = [script for script in store.MIGRATIONS if script is not seals.MIGRATION]
    return (*rest, seals.MIGRATION)


def test_a_folder_put_back_to_an_earlier_day_shows_by_the_seal_kept_elsewhere(state, tmp_path):
    then = tmp_path / "then"
    then.mkdir()
    with closing(sqlite3.connect(state.path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for name in (store.NAME, seals.KEY):
        shutil.copy(state.path.with_name(name), then / name)
    audit.note(state, "me", "enterprise_read", "what is to be forgotten")
    kept = seals.read(audit.seal(state, "me").line())
    assert audit.check(state, kept=kept).holds
    assert audit.check(State(then)).holds  # honest: the folder alone cannot tell
    assert not audit.check(State(then), kept=kept).holds


@pytest.mark.parametrize(
    "change", [{"mac": "0" * 64}, {"at": "yesterday"}, {"entries": 5}, {"head": "0" * 64}]
)
def test_a_kept_seal_that_is_not_ours_does_not_hold(state, change):
    told = json.loads(audit.seal(state, "me").line())
    assert not audit.check(state, kept=seals.read(json.dumps(told | change))).holds


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"entries": "6", "head": "", "at": "", "mac": ""}', "x"])
def test_what_is_no_seal_is_refused(text):
    with pytest.raises(InputError):
        seals.read(text)


def test_the_check_over_http_tells_of_a_cut(state):
    with serving_folder(state.path.parent) as client:
        assert (client.get("/v1/audit/check").json()["holds"]) is True
        tampered(state, "DELETE FROM audit WHERE number > 4")
        told = client.get("/v1/audit/check").json()
    assert (told["holds"], told["sealed"], told["broken_at"]) == (False, False, None)


@pytest.mark.slow
def test_the_commands_seal_and_verify(state, tmp_path):
    folder, file = state.path.parent, tmp_path / "seals.jsonl"
    sealed = dayan("audit", "seal", cwd=tmp_path, data=folder)
    assert sealed.returncode == 0, sealed.stderr
    file.write_text(sealed.stdout, "utf-8")
    assert dayan("audit", "verify", "--seal", str(file), cwd=tmp_path, data=folder).returncode == 0
    tampered(state, "DELETE FROM audit WHERE number > 4")
    for options in ([], ["--seal", str(file)]):
        cut = dayan("audit", "verify", *options, cwd=tmp_path, data=folder)
        assert cut.returncode == 1, cut.stdout
        assert "audit seal --anew" in " ".join(cut.stdout.split()) or options
