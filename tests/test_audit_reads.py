"""The audit record of reads: entered before the answer leaves, in one chain, exported and verified."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from api.recorder import Recorder
from ledger import audit
from ledger import state as store
from ledger.audit import Chosen, Deed
from ledger.errors import Busy
from ledger.state import State
from ledger.words import labels
from tests.access_keys import bearing, key_for
from tests.api_server import serving_folder
from tests.economy_home import dayan
from tests.tiny_graph import OTHER_PARTY_OF_C, firm, tiny

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tiny(tmp_path_factory.mktemp("audit") / "tiny").folder


@pytest.fixture
def client(folder):
    with serving_folder(folder) as client:
        yield client


def newest(folder, count=1, **chosen):
    return audit.entries(State(folder), limit=10_000, wanted=Chosen(**chosen))[-count:]


def deed(number=0):
    return Deed("me", "enterprise_read", f"{number:016x}", {"operation": "enterprise"})


def test_every_read_of_an_enterprise_stands_in_the_chain_when_its_answer_is_here(client, folder):
    for path in ("", "/position", "/scores", "/sales"):
        assert client.get(f"/v1/enterprises/{firm('A')}{path}").status_code == 200
        (entry,) = newest(folder)
        assert (entry.by, entry.action, entry.subject) == ("local", "enterprise_read", firm("A"))
    assert entry.detail["operation"] == "sales"
    assert audit.verify(State(folder)) is None


def test_lists_name_every_enterprise_that_they_show(client, folder):
    shown = client.get("/v1/chains/toy-car/enterprises?segment=part").json()["items"]
    (entry,) = newest(folder)
    assert (entry.action, entry.subject) == ("enterprises_listed", str(len(shown)))
    assert entry.detail["enterprises"] == [item["id"] for item in shown]
    client.get("/v1/enterprises?q=齿轮")
    assert newest(folder)[0].detail["enterprises"] == [firm("C")]


def test_every_action_has_its_words():
    assert [action for action in audit.ACTIONS if f"audit_{action}" not in labels()] == []


def test_what_shows_nothing_is_no_read(client, folder):
    before = len(newest(folder, 10_000))
    for path in (
        f"/v1/enterprises/{'0' * 16}",
        f"/v1/enterprises/{OTHER_PARTY_OF_C}",
        "/v1/chains",
        "/health",
    ):
        client.get(path, follow_redirects=False)
    assert len(newest(folder, 10_000)) == before


def test_a_read_names_the_key_and_the_holder(tmp_path):
    folder = tiny(tmp_path / "tiny").folder
    text = key_for(folder)
    with serving_folder(folder) as client:
        client.get(f"/v1/enterprises/{firm('B')}", headers=bearing(text))
    (entry,) = newest(folder)
    assert (entry.by, entry.detail["key"]) == ("li.ming", text[3:15])
    assert text[16:] not in json.dumps(entry.detail)


def test_where_it_cannot_be_entered_nothing_is_read(client, folder, monkeypatch):
    client.get(f"/v1/enterprises/{firm('A')}")
    monkeypatch.setattr(store, "PATIENCE", 0.05)
    with closing(sqlite3.connect(folder / store.NAME, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with serving_folder(folder) as fresh:
            answer = fresh.get(f"/v1/enterprises/{firm('A')}")
        other.execute("ROLLBACK")
    assert (answer.status_code, answer.json()["code"]) == (423, "state_busy")
    assert "高温尼龙" not in answer.text


def test_many_at_once_make_one_chain(tmp_path):
    state = State(tmp_path)
    recorder = Recorder(state)

    def reader(n):
        for i in range(50):
            recorder.enter([deed(n * 50 + i)]).result(10)

    threads = [threading.Thread(target=reader, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for n in range(20):
        audit.note(state, "me", "job_stopped", str(n))  # others write the chain meanwhile
    for thread in threads:
        thread.join()
    recorder.close()
    found = audit.entries(state, limit=1_000)
    assert len(found) == 420
    assert {e.subject for e in found if e.action == "enterprise_read"} == {f"{n:016x}" for n in range(400)}
    assert audit.verify(state) is None


def test_a_deed_that_cannot_be_entered_says_so_and_the_next_can(tmp_path, monkeypatch):
    monkeypatch.setattr(store, "PATIENCE", 0.05)
    state = State(tmp_path)
    recorder = Recorder(state)
    recorder.enter([deed()]).result(5)
    with state.writing(), pytest.raises(Busy):
        recorder.enter([deed()]).result(5)
    recorder.enter([deed()]).result(5)
    recorder.close()
    assert len(audit.entries(state)) == 2


def test_who_gives_up_waiting_stops_nobody_else(tmp_path):
    state = State(tmp_path)
    recorder = Recorder(state)
    recorder.enter([deed()]).result(5)
    with state.writing():
        given_up, broken = recorder.enter([deed(1)]), recorder.enter([Deed("me", "no_action", "", {})])
        given_up.cancel()
    with pytest.raises(ValueError, match="no_action"):
        broken.result(20)
    recorder.enter([deed(2)]).result(5)
    recorder.close()
    recorder.enter([deed(3)]).result(5)  # it starts again
    recorder.close()
    assert audit.verify(state) is None
    assert {e.subject for e in audit.entries(state)} >= {f"{n:016x}" for n in (0, 2, 3)}


@pytest.mark.slow
def test_a_killed_server_has_entered_every_read_that_it_answered(tmp_path):
    """SIGKILL in the middle of reads: no answer that a client holds is missing from the chain."""
    folder = tiny(tmp_path / "tiny").folder
    script = (
        "import sys; from pathlib import Path; from tests.api_server import serving_folder\n"
        "import time\n"
        "with serving_folder(Path(sys.argv[1])) as client:\n"
        "    print(client.base_url, flush=True); time.sleep(60)\n"
    )
    server = subprocess.Popen([sys.executable, "-c", script, str(folder)], cwd=ROOT, stdout=subprocess.PIPE)
    base, answered = server.stdout.readline().decode().strip(), []

    def reader():
        with httpx.Client(base_url=base, trust_env=False) as client, pytest.raises(httpx.HTTPError):
            while True:
                if client.get(f"/v1/enterprises/{firm('A')}").status_code == 200:
                    answered.append(1)

    threads = [threading.Thread(target=reader) for _ in range(4)]
    for thread in threads:
        thread.start()
    until = time.monotonic() + 60
    while len(answered) <= 100 and time.monotonic() < until:
        time.sleep(0.01)
    os.kill(server.pid, signal.SIGKILL)
    for thread in threads:
        thread.join()
    server.wait()
    server.stdout.close()
    entered = len(audit.entries(State(folder), limit=100_000))
    assert 20 < len(answered) <= entered <= len(answered) + 4
    assert audit.verify(State(folder)) is None


# Export and verification


def test_the_chain_is_paged_filtered_checked_and_exported(client, folder):
    for letter in "ABC":
        client.get(f"/v1/enterprises/{firm(letter)}")
    seen, cursor = [], ""
    while cursor is not None:
        page = client.get(f"/v1/audit?limit=2{cursor and '&cursor=' + cursor}").json()
        seen += [item["number"] for item in page["items"]]
        cursor = page["next"]
    assert seen == list(range(1, len(seen) + 1))
    about = client.get(f"/v1/audit?subject={firm('B')}").json()["items"]
    assert {item["subject"] for item in about} == {firm("B")}
    assert client.get("/v1/audit?since=2999-01-01").json()["items"] == []
    assert client.get("/v1/audit?until=2999-01-01&by=local&limit=1").json()["items"]
    checked = client.get("/v1/audit/check").json()
    assert (checked["holds"], checked["broken_at"], checked["entries"]) == (True, None, len(seen))
    export = client.get("/v1/audit/export")
    assert export.headers["content-type"].startswith("application/jsonl")
    assert newest(folder)[0].action == "audit_exported"
    lines = export.text.splitlines()
    assert audit.verify_lines(lines, checked["head"]) == audit.check(State(folder), checked["head"])


@pytest.mark.parametrize("change", ["by", "subject", "detail", "swap", "cut", "put in"])
def test_a_changed_export_is_found_out(tmp_path, change):
    state = State(tmp_path)
    for n in range(6):
        audit.note(state, "me", "enterprise_read", f"{n}", operation="x")
    lines = [audit.line(entry).decode() for entry in audit.entries(state)]
    head = audit.head(state)
    told = json.loads(lines[2])
    if change in told:
        told[change] = {} if change == "detail" else "nobody"
        lines[2] = json.dumps(told)
    elif change == "swap":
        lines[2], lines[3] = lines[3], lines[2]
    elif change == "put in":
        lines.insert(2, lines[1])
    else:
        del lines[5]
    found = audit.verify_lines(lines, head)
    assert found.broken_at == (None if change == "cut" else 3)
    assert not found.holds_head  # what was cut off at the end shows by the seal kept elsewhere


@pytest.mark.slow
def test_the_commands_make_keys_and_verify_the_chain(tmp_path):
    folder = tiny(tmp_path / "tiny").folder
    made = dayan(
        "keys", "make", "li.ming", "--role", "owner", "--firm", "慈溪齿轮有限公司", cwd=tmp_path, data=folder
    )
    assert made.returncode == 0, made.stderr
    text = made.stdout.strip()
    assert text.startswith("dy_")
    assert "every request" in made.stderr
    listed = dayan("keys", "list", cwd=tmp_path, data=folder).stdout
    assert text[:15] in listed
    assert text[16:] not in listed
    assert firm("C") in listed
    with serving_folder(folder) as client:
        assert client.get(f"/v1/enterprises/{firm('C')}", headers=bearing(text)).status_code == 200
        assert dayan("keys", "revoke", text[3:15], cwd=tmp_path, data=folder).returncode == 0
        assert client.get(f"/v1/enterprises/{firm('C')}", headers=bearing(text)).status_code == 401
    assert dayan("keys", "make", "x", "--role", "root", cwd=tmp_path, data=folder).returncode == 2
    assert dayan("audit", "export", "a.jsonl", cwd=tmp_path, data=folder).returncode == 0
    assert dayan("audit", "verify", "a.jsonl", cwd=tmp_path).returncode == 0
    head = audit.head(State(folder))
    assert dayan("audit", "verify", "--head", head, cwd=tmp_path, data=folder).returncode == 0
    assert dayan("audit", "verify", "--head", "f" * 64, cwd=tmp_path, data=folder).returncode == 1
    with closing(sqlite3.connect(folder / store.NAME)) as connection:
        connection.execute("DROP TRIGGER audit_is_never_changed")
        connection.execute("UPDATE audit SET by = 'nobody' WHERE number = 2")
        connection.commit()
    broken = dayan("audit", "verify", cwd=tmp_path, data=folder)
    assert broken.returncode == 1
    assert "entry 2" in broken.stdout
