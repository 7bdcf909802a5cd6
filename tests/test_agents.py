"""Tools for agents: the API's operations with the API's keys, scopes, rows and audit record."""

import json
import shutil
import sys
from pathlib import Path

import anyio
import pytest
import uvicorn

from api.app import create_app
from ledger import audit
from ledger.audit import Chosen
from ledger.errors import InputError
from ledger.state import State
from tests.access_keys import key_for
from tests.api_server import serving, settings_for
from tests.economy_home import environment
from tests.tiny_graph import FIRMS, firm, tiny

pytest.importorskip("mcp")
from dayan.agents import TOOLS, Tools, run, server_of, web_app

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def made_once(tmp_path_factory):
    return tiny(tmp_path_factory.mktemp("agents") / "tiny").folder


@pytest.fixture(scope="module")
def open_app(made_once):
    """Where nobody needs a key."""
    return create_app(settings_for(made_once, rate="0"))


@pytest.fixture
def folder(made_once, tmp_path):
    return Path(shutil.copytree(made_once, tmp_path / "tiny"))


@pytest.fixture
def app(folder):
    return create_app(settings_for(folder, rate="0"))


def called(app, name, key=None, **given):
    async def call():
        async with app.router.lifespan_context(app):
            return await Tools(app, None).call(name, given, f"Bearer {key}" if key else None)

    return anyio.run(call)


def test_every_tool_is_an_operation_with_a_whole_schema(open_app):
    tools = {tool.name: tool for tool in Tools(open_app, None).described()}
    assert set(tools) == set(TOOLS)
    for tool in tools.values():
        text = json.dumps(tool.input_schema)
        assert "#/components" not in text
        assert tool.description
        for part in text.split('"#/$defs/')[1:]:
            assert part.split('"')[0] in tool.input_schema["$defs"]
    assert tools["enterprise"].input_schema["required"] == ["enterprise"]
    assert tools["decide_credit"].annotations.read_only_hint is False


def test_a_tool_answers_what_the_api_answers_and_is_entered(app, folder):
    answer = called(app, "enterprise", enterprise=firm("A"))
    assert not answer.is_error
    assert answer.structured_content["name"] == FIRMS["A"][0]
    (entry,) = audit.entries(State(folder), wanted=Chosen(action="enterprise_read"))
    assert (entry.by, entry.subject) == ("local", firm("A"))
    found = called(app, "match", body={"queries": [{"name": "慈溪齿轮"}]})
    assert (found.is_error, found.structured_content["total"]) == (False, 1)


def test_scopes_and_rows_are_those_of_the_key(app, folder):
    owner = key_for(folder, "owner", parties=(firm("C"),))
    assert called(app, "enterprise", owner, enterprise=firm("C")).is_error is False
    for given, code in (
        ({"name": "enterprise", "enterprise": firm("G")}, "enterprise_not_found"),
        ({"name": "similar", "enterprise": firm("C")}, "rows_not_kept"),
        ({"name": "exposures", "portfolio": "0" * 16}, "rows_not_kept"),
    ):
        name = given.pop("name")
        answer = called(app, name, owner, **given)
        assert (answer.is_error, answer.structured_content["code"]) == (True, code)
        assert FIRMS["G"][0] not in answer.content[0].text
    assert called(app, "list_chains").structured_content["code"] == "key_needed"


@pytest.mark.parametrize("id_", ["../keys", "%2e%2e/keys", "..", "", f"{'0' * 16}/../../keys", "x?y=1"])
def test_an_argument_leads_to_no_other_route(open_app, id_):
    answer = called(open_app, "enterprise", enterprise=id_)
    assert answer.is_error
    assert answer.structured_content["code"] in ("request_invalid", "route_not_found", "enterprise_not_found")


def test_there_are_no_other_tools(open_app):
    for name in ("make_key", "upload_documents", "nothing"):
        with pytest.raises(InputError):
            called(open_app, name)


def test_it_is_not_served_to_others(folder):
    settings = settings_for(folder, tls="proxy", host="0.0.0.0", allowed_hosts="dayan.bank.cn")
    with pytest.raises(InputError) as caught:
        run(settings, http=True)
    assert caught.value.code == "mcp_not_loopback"


def post(client, method, key=None, host=None, **params):
    headers = {"Accept": "application/json, text/event-stream", "MCP-Protocol-Version": "2025-06-18"}
    headers |= {"Authorization": f"Bearer {key}"} if key else {}
    headers |= {"Host": host} if host else {}
    body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
    return client.post("/mcp", json=body, headers=headers)


def test_over_http_each_request_bears_its_own_key(app, folder):
    owner = key_for(folder, "owner", parties=(firm("C"),))
    # A key of the process must never stand in for a request without one.
    tools = Tools(app, key_for(folder, "analyst", holder="b"))
    with serving(web_app(server_of(tools), "127.0.0.1")) as client:
        given = {"name": "enterprise", "arguments": {"enterprise": firm("C")}}
        told = post(client, "tools/call", owner, **given)
        assert told.json()["result"]["structuredContent"]["name"] == FIRMS["C"][0], told.text
        for key in (None, owner[:-2] + "zz"):
            refused = post(client, "tools/call", key, **given).json()["result"]
            assert refused["isError"]
            assert refused["structuredContent"]["status"] == 401
        assert post(client, "tools/call", owner, host="evil.example", **given).status_code == 421
    assert uvicorn.__version__


@pytest.mark.slow
def test_over_standard_input_with_the_key_of_the_environment(folder):
    from mcp import ClientSession, StdioServerParameters
    from mcp.client.stdio import stdio_client

    owner = key_for(folder, "owner", parties=(firm("C"),))

    async def talk():
        command = StdioServerParameters(
            command=sys.executable,
            args=["-m", "dayan", "mcp", "--data", str(folder)],
            env=environment(DAYAN_KEY=owner),
            cwd=str(ROOT),
        )
        async with stdio_client(command) as (read, write), ClientSession(read, write) as session:
            await session.initialize()
            names = {tool.name for tool in (await session.list_tools()).tools}
            own = await session.call_tool("enterprise", {"enterprise": firm("C")})
            other = await session.call_tool("enterprise", {"enterprise": firm("G")})
            return names, own, other

    names, own, other = anyio.run(talk)
    assert names == set(TOOLS)
    assert (own.is_error, other.is_error) == (False, True)
