"""`dayan serve`: API and pages on a loopback port, the next free one when it is taken; a worker beside."""

import errno
import socket
from collections.abc import Callable

import uvicorn

from api.app import create_app
from api.logs import configure
from api.settings import Settings, is_loopback
from dayan.console import out
from dayan.target import target_of
from dayan.work import beside
from ledger.access import any_active
from ledger.errors import Conflict
from ledger.state import State
from ledger.words import message

#: How many ports are tried above the one asked for.
TRIES = 50


def serve(settings: Settings, then: Callable[[str], None] = lambda _: None) -> None:
    """Serve until interrupted; `then` hears the address once the port is bound.

    Raises Conflict `serve_needs_key` where others than this machine's user may come, no key holds and no
    provider signs them in.
    """
    away = settings.tls or not is_loopback(settings.host)
    if away and not settings.oidc_issuer and not any_active(State(settings.data)):
        raise Conflict("serve_needs_key", host=settings.host)
    configure(settings.log_format)
    listener, port = bind(settings.host, settings.port)
    if port != settings.port:
        out.print(message("port_taken", settings.lang, taken=settings.port, port=port))
    shown = f"[{settings.host}]" if ":" in settings.host else settings.host
    url = f"http://{shown}:{port}"
    out.print(message("serving", settings.lang, url=url))
    then(url)
    app = create_app(settings, store=target_of(settings).connect, warm=True)
    # Whoever comes through a proxy may write what they like into X-Forwarded-*: none of it is believed.
    config = uvicorn.Config(
        app, log_level="warning", access_log=False, server_header=False, proxy_headers=False
    )
    server = uvicorn.Server(config)
    with listener, beside(settings):
        server.run(sockets=[listener])


def bind(host: str, port: int) -> tuple[socket.socket, int]:
    """A listening socket at `port` or the next free one above. Conflict when none is free."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for candidate in range(port, min(port + TRIES, 65536)):
        # asyncio turns Nagle's delay off only where the protocol is named.
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, candidate))
            listener.listen(128)
        except OSError as error:
            listener.close()
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise
        else:
            return listener, candidate
    raise Conflict("no_free_port", port=port, last=port + TRIES - 1)
