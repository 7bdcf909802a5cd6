"""The one way to the graph database: runs the statements of `cypher/`, whatever engine is behind.

Reads and writes are managed transactions, retried by the driver where the engine says so; never
auto-commit, which is not atomic on the embedded engine. Dates come back as Python's. When the
embedded process was killed, the next call joins or starts another.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import RLock
from types import TracebackType
from typing import Any, Self, TypeVar

import neo4j
import polars as pl
from neo4j import exceptions as bolt
from neo4j.time import Date, DateTime, Duration, Time

from cypher import Statement, statement
from graph.schema import Engine
from ledger.errors import Conflict, DayanError, InputError, StoreUnavailable

T = TypeVar("T")

#: Rows of one transaction. Measured: from 1,000 to 5,000 both engines gain, beyond they do not.
BATCH = 5_000
#: Rows that become a frame at once when a whole kind is listed.
CHUNK = 50_000
#: Seconds a server may work on one read before it gives up.
READ_S = 120.0


@dataclass(frozen=True)
class Address:
    """Where a database answers. Its `repr` holds no password."""

    uri: str
    user: str
    password: str | None = field(repr=False)
    database: str | None = None
    alive: Callable[[], bool] = lambda: True
    leave: Callable[[], None] = lambda: None
    pid: int | None = None


class Store:
    """A graph database. Safe to share between threads; close it or use it in a `with`."""

    def __init__(self, engine: Engine, locate: Callable[[], Address]) -> None:
        """Joins at once. Raises StoreUnavailable when nobody answers or the login is refused."""
        self.engine = engine
        self._locate, self._lock, self._closed = locate, RLock(), False
        self._address, self._driver = self._open()

    @property
    def uri(self) -> str:
        """Where the database answers, without credentials."""
        return self._address.uri

    @property
    def pid(self) -> int | None:
        """The embedded engine's process; None for a server."""
        return self._address.pid

    def run(self, name: str, **params: Any) -> list[dict[str, Any]]:
        """The rows of a reading statement. A read that lost its engine is asked again, once.

        Raises InputError for missing or unknown parameters, StoreUnavailable.
        """
        wanted = _checked(name, "read", params)
        return self._again(
            wanted,
            lambda tx: [
                dict(zip(row.keys(), map(native, row.values()), strict=True))
                for row in tx.run(wanted.text, params)
            ],
        )

    def frame(self, name: str, schema: pl.Schema, **params: Any) -> pl.DataFrame:
        """The rows of a reading statement as columns: for whole kinds. No rows gives an empty frame."""
        wanted = _checked(name, "read", params)

        def collect(tx: neo4j.ManagedTransaction) -> pl.DataFrame:
            result = tx.run(wanted.text, params)
            frames = [
                pl.DataFrame(rows, schema=schema, orient="row")
                for rows in _chunks((record.values() for record in result), CHUNK)
            ]
            return pl.concat(frames) if frames else pl.DataFrame(schema=schema)

        return self._again(wanted, collect)

    def write(
        self,
        name: str,
        rows: pl.DataFrame | Sequence[Sequence[Any]] | None = None,
        *,
        progress: Callable[[int], object] | None = None,
        **params: Any,
    ) -> int:
        """Run a writing statement, once for every batch of `rows`; how many rows found their place.

        A batch is whole or not at all; batches before a failed one stay. `progress` hears how many
        rows each batch had. Raises Conflict where a key is taken, StoreUnavailable.
        """
        if rows is None:
            return self._write(_checked(name, "write", params), params)
        wanted = _checked(name, "write", {**params, "rows": ()})
        written = 0
        for start in range(0, len(rows), BATCH):
            part = rows[start : start + BATCH]
            batch = part.rows() if isinstance(part, pl.DataFrame) else part
            written += self._write(wanted, {**params, "rows": batch})
            if progress:
                progress(len(batch))
        return written

    def schema(self) -> None:
        """Bring constraints and indexes about; those that stand are left."""
        for text in self.engine.schema:
            with self._translated("schema"), self._session(neo4j.WRITE_ACCESS) as session:
                session.execute_write(_prepare, text)

    def close(self) -> None:
        """Let go of the database. The embedded engine ends when its last user has gone."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._drop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _write(self, wanted: Statement, params: dict[str, Any]) -> int:
        def work(tx: neo4j.ManagedTransaction) -> int:
            return int(tx.run(wanted.text, params).single(strict=True)["written"])

        with self._translated(wanted.name), self._session(neo4j.WRITE_ACCESS) as session:
            return session.execute_write(work)

    def _again(self, wanted: Statement, work: Callable[[neo4j.ManagedTransaction], T]) -> T:
        """A read, repeated once when the embedded engine was lost on the way."""
        try:
            return self._read(wanted, work)
        except StoreUnavailable:
            if self._address.alive():
                raise
            return self._read(wanted, work)

    def _read(self, wanted: Statement, work: Callable[[neo4j.ManagedTransaction], T]) -> T:
        limited = neo4j.unit_of_work(timeout=READ_S)(work)
        with self._translated(wanted.name), self._session(neo4j.READ_ACCESS) as session:
            return session.execute_read(limited)

    @contextmanager
    def _session(self, access: str) -> Iterator[neo4j.Session]:
        with self._lock:
            if self._closed:
                raise StoreUnavailable("store_closed")
            if not self._address.alive():
                self._drop()
                self._address, self._driver = self._open()
            driver, database = self._driver, self._address.database
        with driver.session(database=database, default_access_mode=access) as session:
            yield session

    def _open(self) -> tuple[Address, neo4j.Driver]:
        address = self._locate()
        driver = neo4j.GraphDatabase.driver(
            address.uri,
            auth=(address.user, address.password) if address.password else None,
            max_transaction_retry_time=self.engine.retry_s,
            connection_timeout=10.0,
            notifications_min_severity="OFF",
            telemetry_disabled=True,
        )
        try:
            with self._translated("connect", address.uri):
                driver.verify_connectivity()
        except DayanError:
            driver.close()
            address.leave()
            raise
        return address, driver

    def _drop(self) -> None:
        self._driver.close()
        self._address.leave()

    @contextmanager
    def _translated(self, name: str, uri: str | None = None) -> Iterator[None]:
        """The driver's errors as ours."""
        where = uri or self._address.uri
        try:
            yield
        except bolt.AuthError as error:
            raise StoreUnavailable("store_refused", uri=where) from error
        except bolt.ConstraintError as error:
            raise Conflict("store_key_taken", statement=name, detail=_detail(error)) from error
        except bolt.ClientError as error:
            raise InputError("store_failed", statement=name, detail=_detail(error)) from error
        except (bolt.Neo4jError, bolt.DriverError, OSError) as error:
            raise StoreUnavailable("store_silent", uri=where, detail=_detail(error)) from error


def native(value: Any) -> Any:
    """A value of the driver as Python's own: the one place where `neo4j.time` ends."""
    if value is None or isinstance(value, (str, int, float)):
        return value
    if isinstance(value, (Date, DateTime, Time)):
        return value.to_native()
    if isinstance(value, Duration):
        return value.iso_format()
    if isinstance(value, (list, tuple)):
        return [native(item) for item in value]
    if isinstance(value, (dict, neo4j.graph.Entity)):
        return {key: native(item) for key, item in value.items()}
    return value


def _prepare(tx: neo4j.ManagedTransaction, text: str) -> None:
    tx.run(text).consume()


def _checked(name: str, mode: str, params: dict[str, Any]) -> Statement:
    found = statement(name)
    if found.mode != mode:
        raise ValueError(f"{name} is a {found.mode} statement")
    if set(params) != set(found.params):
        raise InputError("query_params", name=name, params=", ".join(found.params) or "-")
    return found


def _chunks(rows: Iterable[list[Any]], size: int) -> Iterator[list[list[Any]]]:
    chunk: list[list[Any]] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _detail(error: Exception) -> str:
    """The first line of what the driver says; it names addresses, never credentials."""
    return (getattr(error, "message", None) or str(error) or type(error).__name__).splitlines()[0]
