"""A stand-in for an OpenAI-compatible server on the loopback: it answers as a test tells it to."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Reply:
    """What to answer: a status, bytes, further headers; `drip` seconds between single bytes."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    drip: float = 0.0


def said(content: Any) -> Reply:
    """The usual answer with `content` as the assistant's message (JSON unless it is a text)."""
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    message = {"choices": [{"message": {"role": "assistant", "content": text}}]}
    return Reply(json.dumps(message).encode())


def names(*pairs: tuple[Any, Any]) -> Reply:
    """An answer in the asked-for form."""
    return said({"names": [{"label": label, "text": text} for label, text in pairs]})


@dataclass
class StandIn:
    """Its address and every request it got: (path, headers, JSON body)."""

    url: str
    requests: list[tuple[str, dict[str, str], Any]]


@contextmanager
def stand_in(answer: Callable[[Any], Reply]) -> Iterator[StandIn]:
    """A server that answers each request by `answer(JSON body)`."""
    requests: list[tuple[str, dict[str, str], Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            requests.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            reply = answer(body)
            self.send_response(reply.status)
            for key, value in reply.headers.items():
                self.send_header(key, value)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            try:
                step = 1 if reply.drip else max(1, len(reply.body))
                for begin in range(0, len(reply.body), step):
                    self.wfile.write(reply.body[begin : begin + step])
                    self.wfile.flush()
                    time.sleep(reply.drip)
            except (BrokenPipeError, ConnectionResetError):
                pass  # whoever asked has had enough

        def do_GET(self) -> None:
            requests.append((self.path, {}, None))
            self.send_error(405)

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield StandIn(f"http://127.0.0.1:{server.server_address[1]}/v1", requests)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
