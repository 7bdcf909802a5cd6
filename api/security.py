"""What every request passes first: checks of Host, Origin and address, a size limit; what every answer bears.

The Host check stops DNS rebinding: a foreign page whose name was made to point at 127.0.0.1 still
sends its own name. The Origin check on writes stops a foreign page from writing through the user's
browser. Both hold from the first commit, keys or none.
"""

import asyncio
import time
from collections.abc import Mapping
from types import MappingProxyType

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import on_dayan_error, on_http_error, on_unknown_error
from api.keyring import check_address
from api.observing import Observer
from api.recorder import Recorder
from api.session import SAFE_METHODS
from ledger.errors import DayanError, Forbidden

LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})
#: Bodies are small JSON, but on the paths that `larger` names.
LARGEST_BODY = 2**20
CSP = (
    "default-src 'self'; img-src 'self' data:; style-src 'self'; frame-ancestors 'none'; "
    "base-uri 'none'; form-action 'self'; object-src 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def check_host(headers: Headers, allowed: frozenset[str]) -> None:
    """Exactly one Host header, naming us, whatever its port. Raises Forbidden."""
    hosts = headers.getlist("host")
    if len(hosts) != 1 or _name(hosts[0]) not in allowed:
        raise Forbidden("host_not_allowed", host=", ".join(hosts)[:200])


def check_origin(method: str, headers: Headers) -> None:
    """A write comes from our own pages or from no page at all. Raises Forbidden.

    A browser always names the Origin of a cross-site write; programs name none and pass.
    """
    if method in SAFE_METHODS:
        return
    origin = headers.get("origin")
    foreign = headers.get("sec-fetch-site", "none") not in ("none", "same-origin")
    if foreign or (origin is not None and not _same_place(origin, headers["host"])):
        raise Forbidden("origin_not_allowed", origin=(origin or "")[:200])


def _same_place(origin: str, host: str) -> bool:
    scheme, _, place = origin.partition("://")
    return scheme in ("http", "https") and place.lower() == host.lower()


def _name(host: str) -> str:
    """The name in a Host header, without its port: `[::1]:8000` → `[::1]`."""
    host = host.strip().lower()
    if host.startswith("["):
        return host.partition("]")[0] + "]"
    return host.partition(":")[0]


class Guard:
    """The outermost layer: checks in; headers, the audit record of what was read and a log line out."""

    def __init__(
        self,
        app: ASGIApp,
        recorder: Recorder,
        observer: Observer,
        allowed_hosts: tuple[str, ...] = (),
        largest_body: int = LARGEST_BODY,
        larger: Mapping[str, int] = MappingProxyType({}),
    ) -> None:
        self.app = app
        self.recorder, self.observer = recorder, observer
        self.allowed = LOOPBACK_NAMES | frozenset(allowed_hosts)
        self.largest_body = largest_body
        self.larger = larger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        answer = _Answer(scope, send, self.recorder)
        request = Request(scope, receive)
        with self.observer.request(scope, answer):
            try:
                check_host(request.headers, self.allowed)
                check_origin(request.method, request.headers)
                check_address(request)
                await self.app(scope, self._limited(request, receive), answer.send)
            except DayanError as error:
                if answer.status:
                    raise
                await on_dayan_error(request, error)(scope, receive, answer.send)
            except HTTPException as error:
                await on_http_error(request, error)(scope, receive, answer.send)
            except Exception as error:
                if answer.status:  # too late to say so
                    raise
                if isinstance(error.__cause__, DayanError):  # the audit record could not be made
                    await on_dayan_error(request, error.__cause__)(scope, receive, answer.send)
                    return
                await on_unknown_error(request, error)(scope, receive, answer.send)

    def _limited(self, request: Request, receive: Receive) -> Receive:
        """`receive` that stops a body over the limit, declared or streamed."""
        declared = request.headers.get("content-length", "0")
        largest = self.larger.get(request.url.path, self.largest_body)
        if not declared.isdecimal() or int(declared[:20]) > largest:
            raise HTTPException(413)
        seen = 0

        async def limited() -> Message:
            nonlocal seen
            incoming = await receive()
            seen += len(incoming.get("body", b""))
            if seen > largest:
                raise HTTPException(413)
            return incoming

        return limited


class _Answer:
    """Passes an answer on with our headers, once what it shows is in the audit chain."""

    def __init__(self, scope: Scope, send: Send, recorder: Recorder) -> None:
        self.scope, self.pass_on, self.recorder = scope, send, recorder
        self.status, self.started = 0, time.perf_counter()

    async def send(self, outgoing: Message) -> None:
        if outgoing["type"] == "http.response.start":
            await self._record(outgoing["status"])
            self.status = outgoing["status"]
            headers = MutableHeaders(scope=outgoing)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            if self.scope["path"].startswith("/v1"):
                headers.setdefault("Cache-Control", "no-store")
        await self.pass_on(outgoing)

    async def _record(self, status: int) -> None:
        """Enter what this answer shows, or what it refuses to show. Raises Busy, Conflict."""
        deeds = self.scope.get("state", {}).pop("deeds", [])
        refused = status >= 400
        told = [
            deed
            for deed in deeds
            if deed.action == "sign_in_failed" or (deed.action == "read_refused") == refused
        ]
        if told:
            await asyncio.wrap_future(self.recorder.enter(told))
