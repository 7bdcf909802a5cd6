"""Who sends a request: whose key is in its Authorization header, else whose session is in its cookie, else
the local user while there are no keys.

Every request asks the state store, so that a revoked key and the sessions that stand on it end with the
next request, in every process.
"""

import sqlite3
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Lock
from urllib.parse import unquote

from starlette.requests import Request

from api import session
from api.limits import Buckets
from api.principal import LOCAL_USER, NOBODY, Principal
from api.roles import roles, scopes_of
from api.settings import Settings, is_loopback
from ledger import sessions
from ledger.access import TRACE, Key, holding
from ledger.errors import Conflict, InputError, NotKnown
from ledger.sessions import Session
from ledger.state import PATIENCE, State

#: Keys that do not hold which one address may show in a second.
FAILURES = 5.0
#: Asking who one is does not keep a session alive: a page may ask as often as it likes.
ASKING_WHO = "/v1/session"


class Keyring:
    """The keys of one data folder, as the server asks for them."""

    def __init__(self, settings: Settings, state: State) -> None:
        self.settings, self.state = settings, state
        self.asked, self.failed = Buckets(), Buckets()
        #: Nobody else reaches a loopback address, unless a proxy hands on what comes from elsewhere.
        self.private = is_loopback(settings.host) and not settings.tls
        #: Cookies are for TLS alone wherever there is any.
        self.secure = bool(settings.tls)
        self.idle = timedelta(minutes=settings.session_idle_minutes)
        self._connection: sqlite3.Connection | None = None
        self._lock = Lock()

    def caller(self, request: Request) -> Principal:
        """Who sends `request`. Raises NotKnown, Forbidden, TooMany."""
        shown = request.headers.getlist("authorization")
        if shown:
            scheme, _, text = shown[0].partition(" ")
            # Two headers are a trick.
            sound = len(shown) == 1 and scheme.lower() == "bearer"
            return principal_of(self.key(text.strip() if sound else "", request))
        found = self._session_principal(request)
        if found is not None:
            return found
        return self.unnamed()

    def unnamed(self) -> Principal:
        """Who shows neither a key nor a session: the user of this machine, or nobody."""
        return LOCAL_USER if self.private and self._is_open() else NOBODY

    def key(self, text: str, request: Request) -> Key:
        """The key that reads `text`, shown by `request`: it holds, and may be used now. Raises NotKnown,
        TooMany."""
        with self._lock:
            key = holding(self._kept(), text)
        if key is None or key.state() != "active":
            self.failed_once(request)
            raise NotKnown("key_invalid" if key is None else f"key_is_{key.state()}")
        self._asks(key.id, key.rate)
        return key

    def failed_once(self, request: Request) -> None:
        """Count a failure to show who one is. Raises TooMany."""
        self.failed.take(request.client.host if request.client else "-", FAILURES)

    def signed_in(self, request: Request) -> Session | None:
        """The session that the cookie of `request` shows, while it holds.

        One that ended is noted on the request, so that its sender may hear why.
        """
        token = session.shown(request, session.SESSION, self.secure)
        if token is None or session.is_foreign(request.headers) or not self.state.path.exists():
            return None
        with self._lock:
            found = sessions.holding(self._kept(), token)
        over = "session_over" if found is None else found.over(self.idle, datetime.now(UTC))
        if over is not None:
            request.state.signed_out = over
            return None
        return found

    def close(self) -> None:
        """Let go of the state store."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _session_principal(self, request: Request) -> Principal | None:
        """Who signed in with the browser that sends `request`. Raises Forbidden, TooMany."""
        found = self.signed_in(request)
        if found is None:
            return None
        session.check_own_page(request, self.secure)
        self._asks(found.key.id if found.key else found.id, found.key.rate if found.key else None)
        now = datetime.now(UTC)
        if found.unnoted(self.idle, now) and request.url.path != ASKING_WHO:
            self._note_use(found, now)
        return principal_in(found)

    def _asks(self, who: str, own_rate: float | None) -> None:
        rate = self.settings.rate if own_rate is None else own_rate
        if rate:
            self.asked.take(who, rate)

    def _note_use(self, found: Session, now: datetime) -> None:
        """Note it unless somebody else is writing: this runs between all requests, and the next will do."""
        with self._lock:
            connection = self._kept()
            connection.execute("PRAGMA busy_timeout = 0")
            try:
                with suppress(sqlite3.OperationalError):
                    sessions.note_use(connection, found, now)
            finally:
                connection.execute(f"PRAGMA busy_timeout = {int(PATIENCE * 1000)}")

    def _is_open(self) -> bool:
        """Whether the local user is let in: no key was ever made, or the setting says always."""
        if self.settings.local_user == "always" or not self.state.path.exists():
            return True
        with self._lock:
            return self._kept().execute("SELECT 1 FROM keys LIMIT 1").fetchone() is None

    def _kept(self) -> sqlite3.Connection:
        if self._connection is None:
            # What is written here is when a session was used last: losing it costs nobody anything.
            self._connection = self.state.kept("NORMAL")
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


def principal_in(found: Session) -> Principal:
    """The caller that signed in with this session."""
    if found.key is not None:
        return replace(principal_of(found.key), session=found.id)
    role = roles().get(found.role)
    held = (role.scopes if role else frozenset()) | {"public"}
    return Principal(found.holder, held, None, found.role, found.parties, None, found.id)


def check_address(request: Request) -> None:
    """No key stands in the address: addresses end up in logs and histories. Raises InputError."""
    raw = f"{request.url.path}?{request.url.query}"
    if TRACE.search(raw) or TRACE.search(unquote(raw)):
        raise InputError("key_in_address")
