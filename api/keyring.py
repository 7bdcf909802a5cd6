"""Who sends a request: whose key is in its Authorization header, or the local user while there are none.

Every request asks the state store, so that a revoked key ends with the next request, in every process.
"""

import sqlite3
from contextlib import suppress
from threading import Lock
from urllib.parse import unquote

from starlette.requests import Request

from api.limits import Buckets
from api.principal import LOCAL_USER, NOBODY, Principal
from api.roles import scopes_of
from api.settings import Settings, is_loopback
from ledger.access import TRACE, Key, holding
from ledger.errors import Conflict, InputError, NotKnown
from ledger.state import State

#: Keys that do not hold which one address may show in a second.
FAILURES = 5.0


class Keyring:
    """The keys of one data folder, as the server asks for them."""

    def __init__(self, settings: Settings, state: State) -> None:
        self.settings, self.state = settings, state
        self.asked, self.failed = Buckets(), Buckets()
        #: Nobody else reaches a loopback address, unless a proxy hands on what comes from elsewhere.
        self.private = is_loopback(settings.host) and not settings.tls
        self._connection: sqlite3.Connection | None = None
        self._lock = Lock()

    def caller(self, request: Request) -> Principal:
        """Who sends `request`. Raises NotKnown, TooMany."""
        shown = request.headers.getlist("authorization")
        if not shown:
            return LOCAL_USER if self.private and self._is_open() else NOBODY
        key = self._key(shown)
        if key is None or key.state() != "active":
            self.failed.take(request.client.host if request.client else "-", FAILURES)
            raise NotKnown("key_invalid" if key is None else f"key_is_{key.state()}")
        rate = self.settings.rate if key.rate is None else key.rate
        if rate:
            self.asked.take(key.id, rate)
        return principal_of(key)

    def close(self) -> None:
        """Let go of the state store."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _key(self, shown: list[str]) -> Key | None:
        """The key that one header shows; two headers are a trick."""
        scheme, _, text = shown[0].partition(" ")
        if len(shown) != 1 or scheme.lower() != "bearer":
            return None
        with self._lock:
            return holding(self._kept(), text.strip())

    def _is_open(self) -> bool:
        """Whether the local user is let in: no key was ever made, or the setting says always."""
        if self.settings.local_user == "always" or not self.state.path.exists():
            return True
        with self._lock:
            return self._kept().execute("SELECT 1 FROM keys LIMIT 1").fetchone() is None

    def _kept(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = self.state.kept()
        try:
            self._connection.execute("SELECT 1 FROM keys LIMIT 1")
        except sqlite3.Error as error:
            with suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None
            raise Conflict("state_unreadable", file=self.state.path.name, detail=str(error)) from error
        return self._connection


def principal_of(key: Key) -> Principal:
    """The caller that holds `key`."""
    return Principal(key.holder, scopes_of(key), key.id, key.role, key.parties, key.portfolio)


def check_address(request: Request) -> None:
    """No key stands in the address: addresses end up in logs and histories. Raises InputError."""
    raw = f"{request.url.path}?{request.url.query}"
    if TRACE.search(raw) or TRACE.search(unquote(raw)):
        raise InputError("key_in_address")
