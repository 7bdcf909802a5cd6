"""State that changes: one transactional store in SQLite beside the facts, shared by every process.

Jobs, idempotency keys and the audit chain live in it, each in a module of its own (`ledger.jobs`,
`ledger.replays`, `ledger.audit`) over the one `State`. It is truth as the ledger is, and is backed up
with it. No secret is ever written here.

A transaction has its own connection and is short; connections wait for the next one, for to open one
takes longer than most transactions. WAL lets readers go on while one writes; a writer
waits its turn for `PATIENCE` seconds and then says Busy.
"""

import os
import sqlite3
import weakref
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from ledger import (
    seals,
    state_access,
    state_consent,
    state_credit,
    state_eyes,
    state_lending,
    state_offers,
    state_pages,
    state_session,
)
from ledger.errors import Busy, Conflict

NAME = "state.sqlite"
#: What stands before the first entry of the audit chain.
GENESIS = "0" * 64
#: Seconds a transaction waits for another process's.
PATIENCE = 15.0
#: Connections that wait for the next transaction.
IDLE = 8

#: What brought the store from version n to n + 1; `user_version` says how many were done. Never edit one
#: that was released: add another.
MIGRATIONS = (
    """
    CREATE TABLE jobs (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE,
        kind TEXT NOT NULL,
        state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed', 'stopped')),
        stopping INTEGER NOT NULL DEFAULT 0,
        owner TEXT NOT NULL,
        params TEXT NOT NULL,
        step TEXT,
        done INTEGER NOT NULL DEFAULT 0,
        total INTEGER,
        result TEXT,
        error TEXT,
        worker TEXT,
        attempts INTEGER NOT NULL DEFAULT 0,
        created TEXT NOT NULL,
        started TEXT,
        ended TEXT,
        heartbeat TEXT
    ) STRICT;
    CREATE INDEX jobs_by_state ON jobs (state, number);
    CREATE TABLE outcomes (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        job TEXT NOT NULL REFERENCES jobs (id),
        name TEXT NOT NULL,
        sha256 TEXT NOT NULL,
        state TEXT NOT NULL,
        body TEXT NOT NULL,
        UNIQUE (job, name, sha256)
    ) STRICT;
    CREATE TABLE replays (
        owner TEXT NOT NULL,
        route TEXT NOT NULL,
        key TEXT NOT NULL,
        request TEXT NOT NULL,
        answer TEXT NOT NULL,
        created TEXT NOT NULL,
        PRIMARY KEY (owner, route, key)
    ) STRICT;
    CREATE TABLE audit (
        number INTEGER PRIMARY KEY,
        at TEXT NOT NULL,
        by TEXT NOT NULL,
        action TEXT NOT NULL,
        subject TEXT NOT NULL,
        detail TEXT NOT NULL,
        previous TEXT NOT NULL,
        hash TEXT NOT NULL
    ) STRICT;
    CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
        BEGIN SELECT RAISE(ABORT, 'the audit chain is append-only'); END;
    CREATE TRIGGER audit_is_never_cut BEFORE DELETE ON audit
        BEGIN SELECT RAISE(ABORT, 'the audit chain is append-only'); END;
    """,
    state_access.MIGRATION,
    state_credit.MIGRATION,
    state_lending.MIGRATION,
    state_pages.MIGRATION,
    state_session.MIGRATION,
    seals.MIGRATION,
    state_eyes.MIGRATION,
    state_consent.MIGRATION,
    state_offers.MIGRATION,
)


#: Which file a connection has open (device and number of the file), and which process opened it.
_Opened = tuple[int, int, int]


class State:
    """The state of one data folder. Cheap to make; opens the file when first asked."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME
        self._ready = False
        self._idle: list[tuple[_Opened, sqlite3.Connection]] = []
        weakref.finalize(self, _close, self._idle)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection that sees one moment of the store. Raises Busy, Conflict."""
        with self._opened() as connection:
            connection.execute("BEGIN")
            yield connection
            connection.execute("COMMIT")

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction: all of it stands when the block ends, none of it when the block raises.

        Nobody else writes meanwhile. Raises Busy, Conflict.
        """
        with self._opened() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def kept(self, synchronous: str = "FULL") -> sqlite3.Connection:
        """A connection for who asks too often to open one each time (0.4 ms); the caller closes it and
        guards it against two threads at once. Raises Conflict."""
        with self._opened():
            pass  # the file is there, of this version and ours
        connection = _connect(self.path, check_same_thread=False)
        connection.execute(f"PRAGMA synchronous = {synchronous}")
        return connection

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        try:
            self._prepare()
            which = self._which()
            connection = self._taken(which)
            try:
                yield connection
            except BaseException:
                connection.close()  # whatever it was in ends with it
                raise
            if len(self._idle) < IDLE:
                self._idle.append((which, connection))
            else:
                connection.close()
        except sqlite3.OperationalError as error:
            if "locked" in str(error) or "busy" in str(error):
                raise Busy("state_busy") from error
            raise Conflict("state_unreadable", file=NAME, detail=str(error)) from error
        except sqlite3.IntegrityError:
            raise  # a rule of the tables was broken: a defect of ours, or a tampering hand
        except sqlite3.DatabaseError as error:
            raise Conflict("state_unreadable", file=NAME, detail=str(error)) from error

    def _which(self) -> _Opened:
        found = self.path.stat()
        return found.st_dev, found.st_ino, os.getpid()

    def _taken(self, which: _Opened) -> sqlite3.Connection:
        """A connection that waits, else a new one. One to a file that was put away since, or of the process
        that this one was forked off, is not used again."""
        with suppress(IndexError):  # two threads may see the last one
            while self._idle:
                opened, connection = self._idle.pop()
                if opened == which:
                    return connection
                if opened[2] == which[2]:
                    connection.close()
        return _connect(self.path, check_same_thread=False)

    def _prepare(self) -> None:
        """Make the file, closed to other users, and bring it to this version."""
        if self._ready and self.path.exists():
            return
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # SQLite gives its journal files the mode of this one.
        # Only a new one is opened here: to close a file drops every lock that this process holds on it.
        with suppress(FileExistsError):
            os.close(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        with closing(_connect(self.path)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("BEGIN IMMEDIATE")
            try:
                _migrate(connection)
                newest = connection.execute("SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1")
                seals.begin(connection, *(newest.fetchone() or (0, GENESIS)))
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")
        self._ready = True


def _close(idle: list[tuple[_Opened, sqlite3.Connection]]) -> None:
    """Close those that wait, but those that a parent process opened: they are its own."""
    for opened, connection in idle:
        if opened[2] == os.getpid():
            connection.close()


def _connect(path: Path, check_same_thread: bool = True) -> sqlite3.Connection:
    connection = sqlite3.connect(
        path, timeout=PATIENCE, isolation_level=None, check_same_thread=check_same_thread
    )
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA foreign_keys = ON")
    # In WAL mode NORMAL loses nothing when a process dies, FULL nothing when the power fails.
    connection.execute("PRAGMA synchronous = FULL")
    return connection


def _migrate(connection: sqlite3.Connection) -> None:
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version > len(MIGRATIONS):
        raise Conflict("state_newer", version=version, known=len(MIGRATIONS))
    for script in MIGRATIONS[version:]:
        for statement in _statements(script):
            connection.execute(statement)
    if version < len(MIGRATIONS):
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")


def _statements(script: str) -> Iterator[str]:
    """The statements of a script; `executescript` would end the transaction that they belong to."""
    statement = ""
    for line in script.splitlines():
        statement += line + "\n"
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
