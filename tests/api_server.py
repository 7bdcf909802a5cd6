"""A real server over a data folder, on a free loopback port, with a client: what every API test talks to."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from api.app import create_app
from api.settings import Settings, load_settings


@contextmanager
def serving(app: Any) -> Iterator[httpx.Client]:
    """Serve `app` in a thread; yields a client that knows its address."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    listening.listen(128)
    server = uvicorn.Server(uvicorn.Config(app, access_log=False, log_level="error", lifespan="on"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        _await(server, thread)
        with httpx.Client(base_url=address(listening), timeout=30, trust_env=False) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join(15)
        listening.close()


def address(listening: socket.socket) -> str:
    """http://127.0.0.1:port of a listening socket."""
    host, port = listening.getsockname()
    return f"http://{host}:{port}"


@contextmanager
def serving_folder(
    folder: Path, *, values: dict[str, Any] | None = None, **options: Any
) -> Iterator[httpx.Client]:
    """Serve the data folder `folder`, with further settings `values`."""
    with serving(create_app(settings_for(folder, **(values or {})), **options)) as client:
        yield client


def settings_for(folder: Path, **values: Any) -> Settings:
    """Settings over `folder`, whatever the environment says of the data."""
    return load_settings(data=folder, **values)


def _await(server: uvicorn.Server, thread: threading.Thread) -> None:
    deadline = time.monotonic() + 20
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise RuntimeError("the server did not start")
        time.sleep(0.01)
