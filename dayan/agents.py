"""`dayan mcp`: the API as tools for agents, over standard input or HTTP on this machine.

A tool is an operation of the API: calling it is a request to the application in this process, with the
caller's own key. So scopes, rows, rates, masks and the audit record are those of the API, and there is
no second way in. Over HTTP the key is the request's; over standard input it is `DAYAN_KEY` (never an
argument: arguments show in lists of processes). Needs the extra `agents`.
"""

import json
import os
import re
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpx
from fastapi import FastAPI

from api.app import create_app
from api.settings import Settings, is_loopback
from dayan.target import target_of
from ledger.errors import InputError, MissingExtra

if TYPE_CHECKING:
    from mcp import types
    from mcp.server.lowlevel import Server

#: Operations that are tools, and whether calling one leaves everything as it is.
TOOLS = {
    "search_enterprises": True,
    "enterprise": True,
    "position": True,
    "neighbours": True,
    "evidence": True,
    "enterprise_scores": True,
    "enterprise_features": True,
    "enterprise_groups": True,
    "similar": True,
    "list_chains": True,
    "chain_enterprises": True,
    "match": True,
    "receivables": True,
    "exposures": True,
    "cashflow_forecast": True,
    "wealth_match": True,
    "list_applications": True,
    "list_decisions": True,
    "credit_decision": True,
    "apply_for_credit": False,
    "decide_credit": False,
}
INSTRUCTIONS = (
    "Industry-chain graphs of small firms. Find a firm with search_enterprises, then ask by its id. Amounts "
    "ending in _fen are int64 fen. A null with a reason is not zero. What is marked inferred is no customer, "
    "receivable or exposure. Wealth yields are scenarios, no promise."
)
_REF = re.compile(r"#/components/schemas/(\w+)")
_BASE = "http://localhost"


class Tools:
    """The tools of one application, as they are described and called."""

    def __init__(self, app: FastAPI, key: str | None) -> None:
        self.app, self.key = app, key
        description = app.openapi()
        self._schemas = description["components"]["schemas"]
        self._operations = {
            operation["operationId"]: (method.upper(), path, operation)
            for path, item in description["paths"].items()
            for method, operation in item.items()
            if operation["operationId"] in TOOLS
        }

    def described(self) -> "list[types.Tool]":
        """Every tool with its schema, read off the API's own description."""
        from mcp import types

        return [
            types.Tool(
                name=name,
                description=operation["description"],
                input_schema=self._input(operation),
                annotations=types.ToolAnnotations(read_only_hint=TOOLS[name], open_world_hint=False),
            )
            for name, (_, _, operation) in self._operations.items()
        ]

    async def call(
        self, name: str, given: dict[str, Any], authorization: str | None
    ) -> "types.CallToolResult":
        """What the API answers; a refusal is the tool's error, in the API's own words."""
        from mcp import types

        if name not in self._operations:
            raise InputError("tool_unknown", tool=name[:60])
        method, path, operation = self._operations[name]
        arguments = dict(given)
        body = arguments.pop("body", None)
        for parameter in operation.get("parameters", ()):
            if parameter["in"] == "path":
                path = path.replace(
                    f"{{{parameter['name']}}}", _segment(arguments.pop(parameter["name"], ""))
                )
        headers = {"Authorization": authorization} if authorization else {}
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=_BASE, timeout=120) as client:
            answer = await client.request(method, path, params=arguments, json=body, headers=headers)
        told = answer.json()
        return types.CallToolResult(
            content=[types.TextContent(type="text", text=json.dumps(told, ensure_ascii=False))],
            structured_content=told,
            is_error=not answer.is_success,
        )

    def _input(self, operation: dict[str, Any]) -> dict[str, Any]:
        """The arguments of an operation: its parameters, and `body`; every schema it needs beside them."""
        parameters = [p for p in operation.get("parameters", ()) if p["in"] in ("path", "query")]
        properties = {p["name"]: {**p["schema"], "description": p.get("description", "")} for p in parameters}
        required = [p["name"] for p in parameters if p.get("required")]
        if "requestBody" in operation:
            properties["body"] = operation["requestBody"]["content"]["application/json"]["schema"]
            required.append("body")
        schema = {"type": "object", "properties": properties, "required": required}
        needed = self._needed(schema)
        text = json.dumps({**schema, "additionalProperties": False, **({"$defs": needed} if needed else {})})
        made: dict[str, Any] = json.loads(_REF.sub(r"#/$defs/\1", text))
        return made

    def _needed(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The named schemas that `schema` leads to."""
        found: dict[str, Any] = {}
        waiting = _REF.findall(json.dumps(schema))
        while waiting:
            name = waiting.pop()
            if name not in found:
                found[name] = self._schemas[name]
                waiting += _REF.findall(json.dumps(found[name]))
        return found


def server_of(tools: Tools) -> "Server[Any]":
    """The tools as a server of the Model Context Protocol. Raises MissingExtra."""
    try:
        from mcp import types
        from mcp.server.lowlevel import Server
    except ImportError as error:
        raise MissingExtra("agents_extra_missing", extra="agents", package=str(error.name)) from None

    async def list_tools(_context: Any, _params: Any) -> types.ListToolsResult:
        return types.ListToolsResult(tools=tools.described())

    async def call_tool(context: Any, params: types.CallToolRequestParams) -> types.CallToolResult:
        return await tools.call(
            params.name, params.arguments or {}, authorization_of(context.request, tools.key)
        )

    return Server(
        "dayan", instructions=INSTRUCTIONS, on_list_tools=list_tools, on_call_tool=call_tool, version="1"
    )


def authorization_of(request: Any, key: str | None) -> str | None:
    """Whose key a call bears: that of its own HTTP request, and only where there is no request, ours."""
    if request is not None:
        shown: str | None = request.headers.get("authorization")
        return shown
    return f"Bearer {key}" if key else None


def run(settings: Settings, http: bool) -> None:
    """Serve until the input closes or somebody interrupts. Raises InputError, MissingExtra."""
    import anyio

    if http and (not is_loopback(settings.host) or settings.tls):
        raise InputError("mcp_not_loopback", host=settings.host)
    app = create_app(settings, store=target_of(settings).connect, warm=True)
    tools = Tools(app, os.environ.get("DAYAN_KEY") or None)
    server = server_of(tools)
    anyio.run(_over_http if http else _over_stdio, settings, app, server)


async def _over_stdio(_settings: Settings, app: FastAPI, server: "Server[Any]") -> None:
    from mcp.server.stdio import stdio_server

    async with AsyncExitStack() as opened:
        await opened.enter_async_context(app.router.lifespan_context(app))
        read, write = await opened.enter_async_context(stdio_server())
        await server.run(read, write, server.create_initialization_options())


async def _over_http(settings: Settings, app: FastAPI, server: "Server[Any]") -> None:
    import uvicorn

    from dayan.console import err
    from dayan.serving import bind
    from ledger.words import message

    listener, port = bind(settings.host, settings.port)
    err.print(message("serving", settings.lang, url=f"http://{settings.host}:{port}/mcp"))
    config = uvicorn.Config(web_app(server, settings.host), log_level="warning", access_log=False)
    config.proxy_headers = False
    async with app.router.lifespan_context(app):
        with listener:
            await uvicorn.Server(config).serve(sockets=[listener])


def web_app(server: "Server[Any]", host: str) -> Any:
    """The server over streamable HTTP at /mcp: without sessions, and only for names of this machine."""
    return server.streamable_http_app(
        json_response=True, stateless_http=True, host="127.0.0.1" if host == "localhost" else host
    )


def _segment(value: object) -> str:
    """A value as one segment of a path: it cannot lead elsewhere."""
    text = str(value)
    return "-" if text in ("", ".", "..") else quote(text, safe="")
