"""Runs a real Neo4j for tests and benchmarks: fetched by Maven once, started from one Java file.

`DAYAN_TEST_NEO4J=bolt://user:password@host:port` uses a server that is already there instead; it must
be empty, because the tests wipe it.
"""

import os
import secrets
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock

from graph.engine import connect
from graph.store import Store

HERE = Path(__file__).parent
LIB = HERE / "lib"
VARIABLE = "DAYAN_TEST_NEO4J"
START_S = 120
JVM_ARGS = ("-Xmx1g", "--add-opens=java.base/java.nio=ALL-UNNAMED", "-cp", f"{LIB}/*")
WANTS = f"needs a Neo4j: install Java 17 or newer and Maven, or set {VARIABLE}=bolt://user:password@host:port"


class Unavailable(Exception):
    """There is no Neo4j here and no way to get one; says what to install."""


@contextmanager
def neo4j_store(home: Path) -> Iterator[Store]:
    """A store at a Neo4j that is empty: one of our own under `home`, or the one that is set."""
    if given := os.environ.get(VARIABLE):
        with connect(given, home) as store:
            if raw(store, "MATCH (n) RETURN n LIMIT 1"):
                raise RuntimeError(f"{VARIABLE} names a database that is not empty; the tests would wipe it")
            yield store
            wipe(store)
        return
    with own_server(home) as uri, connect(uri, home) as store:
        yield store


@contextmanager
def own_server(home: Path) -> Iterator[str]:
    """A server of our own for as long as the block runs; its address with credentials."""
    fetch()
    port, password = _free_port(), secrets.token_hex(8)
    process = subprocess.Popen(
        [_java(), *JVM_ARGS, str(HERE / "Neo4jServer.java"), str(home), str(port), password],
        stdin=subprocess.PIPE,  # it ends when this is closed, even by our death
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdin and process.stdout
    timer = threading.Timer(START_S, process.kill)  # a start that failed may leave the process up
    timer.start()
    said: list[str] = []
    drain = threading.Thread(target=process.stdout.read)  # a full pipe would stop it
    try:
        for line in process.stdout:
            said.append(line)
            if line.strip() == "ready":
                break
        else:
            raise RuntimeError("Neo4j did not start:\n" + "".join(said[-20:]))
        timer.cancel()
        drain.start()
        yield f"bolt://neo4j:{password}@127.0.0.1:{port}"
    finally:
        timer.cancel()
        process.stdin.close()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if drain.ident:
            drain.join()
        process.stdout.close()


def fetch() -> None:
    """Put the jars under `lib`, once. Raises Unavailable where that cannot be done."""
    _java()
    LIB.mkdir(exist_ok=True)
    with FileLock(LIB / "fetch.lock"):
        if (LIB / "complete").exists():
            return
        if not (maven := shutil.which("mvn")):
            raise Unavailable(WANTS)
        goal = ["dependency:copy-dependencies", "-DincludeScope=runtime", f"-DoutputDirectory={LIB}"]
        subprocess.run([maven, "-B", "-q", "-f", str(HERE / "pom.xml"), *goal], check=True)
        (LIB / "complete").touch()


def raw(store: Store, text: str, **params: object) -> list[dict[str, object]]:
    """Any Cypher, for arranging and looking behind the store's back in tests."""
    database = store._address.database
    records, _, _ = store._driver.execute_query(text, params, database_=database)
    return [record.data() for record in records]


def wipe(store: Store) -> None:
    """Nothing is left, whoever wrote it."""
    while raw(store, "MATCH (n) WITH n LIMIT 10000 DETACH DELETE n RETURN count(*) AS n")[0]["n"]:
        pass


def _java() -> str:
    if not (java := shutil.which("java")):
        raise Unavailable(WANTS)
    return java


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
