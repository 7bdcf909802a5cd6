"""How the client asks: one connection, retries that do nothing twice, pages, and errors as the tree."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from json import JSONDecodeError
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import httpx

from ledger.errors import (
    Busy,
    Conflict,
    DayanError,
    EndpointFailed,
    Forbidden,
    InputError,
    MissingExtra,
    NotFound,
    NotKnown,
    Problem,
    StoreUnavailable,
    TooMany,
)

#: A JSON object of an answer.
Json = dict[str, Any]
KINDS: dict[int, type[DayanError]] = {
    400: InputError,
    401: NotKnown,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    413: InputError,
    422: InputError,
    423: Busy,
    429: TooMany,
    501: MissingExtra,
    502: EndpointFailed,
    503: StoreUnavailable,
}
#: Statuses that say: not now.
LATER = frozenset({423, 429, 502, 503})
#: Seconds before the first further try; each next one waits twice as long, up to the last.
WAIT_S, LONGEST_S = 0.2, 20.0
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Asker:
    """Sends requests to one server. Not for several threads at once."""

    def __init__(
        self,
        url: str,
        key: str | None,
        *,
        lang: str,
        timeout: float,
        retries: int,
        transport: httpx.BaseTransport | None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        parts = urlsplit(url)
        if key and parts.scheme != "https" and (parts.hostname or "") not in _LOOPBACK:
            raise InputError("client_key_in_clear", url=f"{parts.scheme}://{parts.hostname}")
        headers = {"Accept-Language": lang, **({"Authorization": f"Bearer {key}"} if key else {})}
        # A proxy of the environment would read what is not under TLS, the key among it.
        self.http = httpx.Client(
            base_url=url,
            headers=headers,
            timeout=timeout,
            transport=transport,
            follow_redirects=True,
            trust_env=parts.scheme == "https",
        )
        self.retries, self.sleep = retries, sleep

    def get(self, path: str, **params: Any) -> Json:
        """A GET's answer; parameters that are None are left out. Raises DayanError."""
        return self.ask("GET", path, params=_given(params))

    def post(self, path: str, body: Mapping[str, Any] | None = None, **more: Any) -> Json:
        """A POST's answer; tried again under one idempotency key. Raises DayanError."""
        return self.ask("POST", path, json=None if body is None else _given(body), headers=once(), **more)

    def pages(self, path: str, **params: Any) -> Iterator[Json]:
        """Every item of a list, page after page; all from the snapshot of the first. Raises DayanError."""
        cursor: str | None = None
        while True:
            page = self.get(path, **params, cursor=cursor)
            yield from page["items"]
            cursor = page.get("next")
            if cursor is None:
                return

    def ask(self, method: str, path: str, **how: Any) -> Json:
        """The answer, after as many tries as it takes. Raises DayanError."""
        for attempt in range(self.retries + 1):
            last = attempt == self.retries
            try:
                answer = self.http.request(method, path, **how)
            except httpx.TransportError as error:
                if last:
                    raise StoreUnavailable("client_no_answer", detail=type(error).__name__) from error
                self.sleep(min(WAIT_S * 2**attempt, LONGEST_S))
                continue
            if answer.is_success:
                body: Json = answer.json()
                return body
            if last or answer.status_code not in LATER:
                raise error_of(answer)
            self.sleep(_patience(answer, attempt))
        raise AssertionError  # the last try returns or raises


def once() -> dict[str, str]:
    """The header under which a request that is sent again is done once."""
    return {"Idempotency-Key": str(uuid4())}


def error_of(answer: httpx.Response) -> DayanError:
    """The error of the tree that a failed answer tells of: its code, its sentence, its problems."""
    told: Json = {}
    with suppress(JSONDecodeError, UnicodeDecodeError):
        told = answer.json()
    problems = tuple(
        Problem(e["code"], e["file"], e["row"], e["field"], e["value"], {"message": e["message"]})
        for e in told.get("errors", ())
    )
    detail = str(told.get("detail") or f"HTTP {answer.status_code}")
    kind = _REMOTE.get(answer.status_code, _Told)
    return kind(str(told.get("code", "internal")), detail, problems)


class _Told(DayanError):
    """An error whose sentence came over the network."""

    def __init__(self, code: str, detail: str, problems: tuple[Problem, ...] = ()) -> None:
        self.detail = detail
        super().__init__(code, problems, detail=detail)

    def text(self, lang: str = "en") -> str:  # noqa: ARG002 - it came in one language
        """The sentence as the server told it."""
        return self.detail

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (self.status, self.code, self.detail, self.problems)


#: Status → its class of the tree, with a sentence of its own.
_REMOTE: dict[int, type[_Told]] = {
    status: type(kind.__name__, (_Told, kind), {"status": kind.status}) for status, kind in KINDS.items()
}


def _again(status: int, code: str, detail: str, problems: tuple[Problem, ...]) -> _Told:
    return _REMOTE.get(status, _Told)(code, detail, problems)


def _patience(answer: httpx.Response, attempt: int) -> float:
    said = answer.headers.get("retry-after", "")
    wait = float(said) if said.isdecimal() else WAIT_S * 2.0**attempt
    return min(wait, LONGEST_S)


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
