"""Who asks, and signing in and out: with a key, or at a provider (OIDC)."""

import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Annotated, Any

from fastapi import APIRouter, Body, Query, Request
from fastapi.responses import RedirectResponse, Response

from api import session
from api.asking import Asked, Asking
from api.description import PROBLEM
from api.keyring import Keyring, principal_in
from api.models_session import SessionAnswer, SignIn
from api.oidc import Flow, Provider, error_code
from api.oidc_claims import person_of
from api.principal import note, requires
from api.views.session import told
from ledger import sessions
from ledger.access import SHAPE, Key
from ledger.errors import DayanError, InputError, NotFound, NotKnown, TooMany
from ledger.sessions import Person

router = APIRouter(prefix="/v1/session", tags=["access"], dependencies=[requires("public")])
#: Where the browser lands when a sign-in at the provider failed: the pages say why.
FAILED = "/sign-in?problem="
#: A path of ours: a second slash or a backslash would make a browser leave.
OWN_PATH = re.compile(r"/(?![/\\])[!-~]{0,999}")
#: A route that sends the browser on.
REDIRECT: dict[str, Any] = {
    "status_code": 303,
    "response_class": RedirectResponse,
    "responses": {
        303: {
            "description": "The browser goes on",
            "headers": {"Location": {"description": "Where", "schema": {"type": "string"}}},
        },
        502: PROBLEM,
    },
}
LONGEST = 4_000


@router.get("", response_model=SessionAnswer, operation_id="who_am_i")
def who_am_i(asked: Asked) -> Response:
    """Who asks: the holder of a key, a browser's session, the user of this machine, or nobody. Asking this
    does not keep a session alive."""
    keyring, request = _keyring(asked), asked.request
    found = keyring.signed_in(request) if asked.who.session else None
    over: str | None = getattr(request.state, "signed_out", None)
    answer = asked.answer(told(asked, asked.who, found, over))
    if over is not None:
        session.drop(answer, session.SESSION, keyring.secure)
    return answer


@router.post("", response_model=SessionAnswer, operation_id="sign_in", status_code=201)
def sign_in(asked: Asked, body: Annotated[SignIn, Body()]) -> Response:
    """Sign this browser in with a key. The session holds what the key holds and ends with it; a session that
    the browser had ends now."""
    keyring, text = _keyring(asked), body.key.get_secret_value().strip()
    try:
        key = keyring.key(text, asked.request)
    except TooMany:  # what is refused unread is not entered: nobody fills the chain that way
        raise
    except DayanError as refused:
        shape = SHAPE.fullmatch(text)
        note(asked.request, "sign_in_failed", shape[1] if shape else "-", code=refused.code)
        raise
    answer = _begun(asked, key)
    answer.status_code = 201
    return answer


@router.delete("", response_model=SessionAnswer, operation_id="sign_out")
def sign_out(asked: Asked) -> Response:
    """End this browser's session; tells who asks from now on. Without a session nothing happens."""
    keyring = _keyring(asked)
    _end(asked)
    if asked.who.session:
        asked.request.state.who = keyring.unnamed()
    answer = asked.answer(told(asked, asked.who, None, None))
    session.drop(answer, session.SESSION, keyring.secure)
    return answer


@router.get("/oidc", operation_id="sign_in_elsewhere", **REDIRECT)
def sign_in_elsewhere(
    asked: Asked,
    to: Annotated[str, Query(max_length=1_000, description="Path of ours to return to")] = "/",
) -> Response:
    """Send the browser to the provider (authorization code with PKCE). 404 where none is set."""
    if not OWN_PATH.fullmatch(to):
        raise InputError("session_return")
    flow = Flow.new()
    answer = RedirectResponse(_provider(asked).address(flow, _callback(asked)), 303)
    kept = f"{flow.token}.{urlsafe_b64encode(to.encode()).rstrip(b'=').decode()}"
    session.put(answer, session.FLOW, kept, _keyring(asked).secure)
    return answer


@router.get("/oidc/callback", operation_id="signed_in_elsewhere", **REDIRECT)
def signed_in_elsewhere(
    asked: Asked,
    code: Annotated[str | None, Query(max_length=LONGEST, description="Stands for the ID token")] = None,
    state: Annotated[
        str | None, Query(max_length=LONGEST, description="What this browser's sign-in began with")
    ] = None,
    error: Annotated[str | None, Query(max_length=LONGEST, description="Why the provider refused")] = None,
    iss: Annotated[str | None, Query(max_length=LONGEST, description="Who answers (RFC 9207)")] = None,
) -> Response:
    """The provider sends the browser back here: it is signed in and goes on to where it was.

    A browser that cannot be signed in goes on to the page of the sign-in with the code of the reason; who
    asks for no page (`Accept`) is told the problem.
    """
    provider, keyring = _provider(asked), _keyring(asked)
    try:
        flow, to = _flow(asked.request, keyring, state)
        if error is not None or code is None:
            raise NotKnown("oidc_refused", error=error_code(error))
        if iss not in (None, asked.data.settings.oidc_issuer):
            raise NotKnown("oidc_token")
        claims = provider.redeem(code, flow, _callback(asked))
        begun = _begun(asked, person_of(claims, asked.data.settings))
        answer: Response = RedirectResponse(to, 303)
        answer.raw_headers += [pair for pair in begun.raw_headers if pair[0] == b"set-cookie"]
    except TooMany:
        raise
    except DayanError as refused:
        keyring.failed_once(asked.request)
        note(asked.request, "sign_in_failed", "-", code=refused.code, method="oidc")
        if "text/html" not in asked.request.headers.get("accept", ""):
            raise
        answer = RedirectResponse(FAILED + refused.code, 303)
    session.drop(answer, session.FLOW, keyring.secure)
    return answer


def _begun(asked: Asking, on: Key | Person) -> Response:
    """The answer to who has just signed in, with their cookie."""
    settings, keyring = asked.data.settings, _keyring(asked)
    made, token = sessions.begin(asked.data.state, on, settings.session_hours, keyring.idle)
    _end(asked)
    asked.request.state.who = principal_in(made)
    answer = asked.answer(told(asked, asked.who, made, None))
    session.put(answer, session.SESSION, token, keyring.secure)
    return answer


def _end(asked: Asking) -> None:
    """End the session that the browser shows."""
    if asked.who.session and (found := _keyring(asked).signed_in(asked.request)) is not None:
        sessions.end(asked.data.state, found)


def _flow(request: Request, keyring: Keyring, state: str | None) -> tuple[Flow, str]:
    """The sign-in that this browser began, and where it wants to return. Raises NotKnown."""
    token, _, place = (session.shown(request, session.FLOW, keyring.secure) or "").partition(".")
    flow = Flow(token)
    same = hmac.compare_digest(flow.state.encode(), (state or "").encode())
    if not (token and same):
        raise NotKnown("oidc_state")
    try:
        to = urlsafe_b64decode(place + "=" * (-len(place) % 4)).decode()
    except ValueError:
        to = "/"
    return flow, to if OWN_PATH.fullmatch(to) else "/"


def _callback(asked: Asking) -> str:
    """Where the provider sends the browser back to. The Host was checked before any route was tried."""
    scheme = "https" if _keyring(asked).secure else "http"
    return f"{scheme}://{asked.request.headers['host']}/v1/session/oidc/callback"


def _keyring(asked: Asking) -> Keyring:
    keyring: Keyring = asked.request.app.state.keyring
    return keyring


def _provider(asked: Asking) -> Provider:
    provider: Provider | None = asked.request.app.state.provider
    if provider is None:
        raise NotFound("oidc_not_set")
    return provider
