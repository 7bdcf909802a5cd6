"""The embedded engine's own process: one ArcadeDB behind loopback Bolt, alive while somebody uses it.

Run as a script by `graph.embedded`: `python -P child.py RUN STORE INSTANCE`, working directory STORE. It
holds the file lock `RUN/engine.lock` for as long as it lives (the operating system lets go of it,
whatever kills us), writes `RUN/store.json` once it answers, and counts its users by their open control
connections: a user that dies, even by kill -9, closes its own. When the last has been gone for
`LINGER_S` it stops. Imports nothing of the product, so that it starts from anywhere.
"""

import hmac
import json
import os
import secrets
import selectors
import signal
import socket
import sys
import threading
import time
from pathlib import Path
from typing import Any

from filelock import FileLock

#: Seconds the engine stays after the last user left, so that the next command starts at once.
LINGER_S = 3.0
#: Seconds the first user has to come; its starter may have been killed.
FIRST_USER_S = 30.0
#: Seconds a predecessor may take to write its pages and go.
PREDECESSOR_S = 120.0
DATABASE = "dayan"
USER = "root"
#: The engine's event logs that are kept; it begins one at every start.
EVENT_LOGS = 5
#: Java heap, and the pages it caches (a quarter of the heap by default). 200,000 nodes and as many
#: edges load at full speed in it, and the process stays under 1 GB.
HEAP = "700m"
JVM_ARGS = (
    "-XX:+UseSerialGC",  # two cores are the rule, and it needs the least memory
    "-XX:+ExitOnOutOfMemoryError",  # a dead process is noticed and replaced, a sick one is not
    "-XX:MaxMetaspaceSize=256m",
    "-XX:MaxDirectMemorySize=256m",
    "-Xss1m",
)


def main(run: Path, folder: Path, instance: str) -> None:
    """Serve until nobody is left."""
    with FileLock(run / "engine.lock", timeout=PREDECESSOR_S):
        _prune(folder / "log")
        password = secrets.token_urlsafe(24)
        server, bolt = start_engine(folder, password)
        users = Users(token := secrets.token_urlsafe(24))
        for name in ("SIGTERM", "SIGINT"):
            signal.signal(getattr(signal, name), lambda *_: users.stop())
        publish(
            run / "store.json",
            {
                "instance": instance,
                "pid": os.getpid(),
                "uri": f"bolt://127.0.0.1:{bolt}",
                "user": USER,
                "password": password,
                "database": DATABASE,
                "control": users.port,
                "token": token,
            },
        )
        users.serve()
        stop_engine(server)


def start_engine(folder: Path, password: str) -> tuple[Any, int]:
    """A running server and its Bolt port. The stored users go first: every run has its own password."""
    from arcadedb_embedded.jvm import start_jvm
    from arcadedb_embedded.server import ArcadeDBServer

    for stored in (folder / "config").glob("server-users*"):
        stored.unlink()
    start_jvm(heap_size=HEAP, jvm_args=list(JVM_ARGS))
    bolt = free_port()
    config = {
        "host": "127.0.0.1",
        "http_port": str(free_port()),
        "mode": "production",  # no file access from queries, and commits reach the disk
        "server_plugins": "Bolt:com.arcadedb.bolt.BoltProtocolPlugin",
        "bolt_port": bolt,
        "bolt_defaultDatabase": DATABASE,
    }
    server = ArcadeDBServer(str(folder), password, config)
    server.start()
    server.create_database(DATABASE)
    return server, bolt


def stop_engine(server: Any) -> None:
    """Write the pages and go. Java threads that linger would hold the process, so it ends hard."""
    watchdog = threading.Timer(60, os._exit, (1,))
    watchdog.daemon = True
    watchdog.start()
    server.stop()
    os._exit(0)


class Users:
    """Who uses the engine: a loopback listener, and one open connection for each user."""

    def __init__(self, token: str) -> None:
        self._token = token.encode()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._listener.setblocking(False)
        self._select = selectors.DefaultSelector()
        self._select.register(self._listener, selectors.EVENT_READ)
        self._known: set[socket.socket] = set()
        self._leave_at = time.monotonic() + FIRST_USER_S
        self._stopping = False
        self.port: int = self._listener.getsockname()[1]

    def stop(self) -> None:
        """Leave at the next look, whoever is still here."""
        self._stopping = True

    def serve(self) -> None:
        """Return when the last user has been gone long enough; then nobody can come in any more."""
        while not self._stopping and (self._known or time.monotonic() < self._leave_at):
            for key, _ in self._select.select(timeout=0.2):
                if key.fileobj is self._listener:
                    self._welcome()
                else:
                    self._hear(key.fileobj)  # type: ignore[arg-type]
        self._listener.close()

    def _welcome(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError:  # gone before it was let in
            return
        connection.setblocking(False)
        self._select.register(connection, selectors.EVENT_READ)

    def _hear(self, connection: socket.socket) -> None:
        """The first thing a user says is the token; after that only that it goes."""
        try:
            said = connection.recv(1024)
        except OSError:
            said = b""
        if connection not in self._known and hmac.compare_digest(said.strip(), self._token):
            self._known.add(connection)
            connection.sendall(b"ok\n")
            return
        self._select.unregister(connection)
        connection.close()
        if connection in self._known:
            self._known.remove(connection)
            self._leave_at = time.monotonic() + LINGER_S


def publish(path: Path, what: dict[str, Any]) -> None:
    """Write `path` at once and for its owner alone."""
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(what, file)
    draft.replace(path)


def free_port() -> int:
    """A loopback port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _prune(logs: Path) -> None:
    for old in sorted(logs.glob("server-event-log-*"))[: -EVENT_LOGS or None]:
        old.unlink()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
