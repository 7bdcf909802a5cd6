"""An administrator sees who is signed in with a browser, and ends a session before its time."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dayan.cli import app
from ledger import audit, sessions
from ledger.errors import NotFound
from ledger.sessions import Person
from ledger.state import State
from tests.access_keys import bearing, key_for
from tests.api_server import serving_folder
from tests.test_api_access import made_once as made_once  # noqa: PLC0414 - the fixture
from tests.test_api_access import nobody
from tests.test_api_session import NAME, own, signed_in, who

IDLE = timedelta(minutes=30)
LI = Person("https://provider.example", "1", "li.ming", "credit")


@pytest.fixture
def folder(made_once, tmp_path):
    return Path(shutil.copytree(made_once, tmp_path / "tiny"))


@pytest.fixture
def client(folder):
    with serving_folder(folder, store=nobody, values={"rate": "0"}) as client:
        yield client


def test_a_session_of_the_provider_is_ended_by_an_administrator(client, folder):
    root = key_for(folder, "admin", holder="root")
    state = State(folder)
    begun, token = sessions.begin(state, LI, 8, IDLE)
    cookie = {"Cookie": f"{NAME}={token}"}
    assert who(client, **cookie)["name"] == "li.ming"
    told = client.get("/v1/sessions", headers=bearing(root)).json()
    (item,) = told["items"]
    assert (item["id"], item["holder"], item["method"], item["key"], item["role"]) == (
        begun.id,
        "li.ming",
        "oidc",
        None,
        "credit",
    )
    assert token not in str(told)
    path = f"/v1/sessions/{begun.id}/end"
    ended = client.post(path, headers=bearing(root))
    assert (ended.status_code, ended.json()["session"]["holder"]) == (200, "li.ming")
    after = who(client, **cookie)
    assert after["signed_in"] is False
    assert client.post(path, headers=bearing(root)).json()["code"] == "session_not_found"
    assert client.get("/v1/sessions", headers=bearing(root)).json()["total"] == 0
    (entry,) = [one for one in audit.entries(state, limit=10_000) if one.action == "session_ended"]
    assert (entry.by, entry.subject, entry.detail) == (
        "root",
        begun.id,
        {"holder": "li.ming", "method": "oidc"},
    )


def test_sessions_of_keys_are_listed_and_nobody_else_ends_them(client, folder):
    officer, root = key_for(folder, "credit", holder="officer"), key_for(folder, "admin", holder="root")
    signed_in(client, officer)
    (item,) = client.get("/v1/sessions", headers=bearing(root)).json()["items"]
    assert (item["holder"], item["method"]) == ("officer", "key")
    path = f"/v1/sessions/{item['id']}/end"
    for headers in (bearing(officer), own(client)):
        assert client.post(path, headers=headers).status_code == 403
    assert client.get("/v1/sessions", headers=bearing(officer)).status_code == 403
    assert who(client)["name"] == "officer"
    assert client.post(path, headers=bearing(root)).status_code == 200
    assert who(client)["signed_in"] is False


def test_a_session_that_is_over_by_time_is_not_listed(folder):
    state = State(folder)
    sessions.begin(state, LI, 0, IDLE)
    assert sessions.listed(state, IDLE) == []
    with pytest.raises(NotFound):
        sessions.end_for(state, "root", "0" * 12)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_command_lists_and_ends(folder, lang, monkeypatch):
    monkeypatch.setenv("DAYAN_LANG", lang)
    run = CliRunner().invoke
    nothing = run(app, ["sessions", "list", "--data", str(folder)])
    assert nothing.exit_code == 0 and nothing.output.strip()
    begun, _ = sessions.begin(State(folder), LI, 8, IDLE)
    listed = run(app, ["sessions", "list", "--data", str(folder)])
    assert begun.id in listed.output and "li.ming" in listed.output
    ended = run(app, ["sessions", "end", begun.id, "--data", str(folder)])
    assert ended.exit_code == 0 and "li.ming" in ended.output
    assert sessions.count(State(folder)) == 0
    assert run(app, ["sessions", "end", begun.id, "--data", str(folder)]).exit_code != 0
