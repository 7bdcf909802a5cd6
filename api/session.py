"""Cookies of the pages: the one that shows a session, and the short one of a sign-in under way.

A session's cookie is HttpOnly and SameSite=Strict: no script reads it, no other site sends it. Behind TLS
it is Secure and its name begins with `__Host-`, so that no neighbouring host can set it. A browser keeps
one set of cookies for all ports of a machine: on loopback, whatever listens there is trusted with them.
"""

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response

from ledger.errors import Forbidden

SESSION, FLOW = "dayan-session", "dayan-sign-in"
#: Seconds that a sign-in at a provider may take.
FLOW_S = 600
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def shown(request: Request, name: str, secure: bool) -> str | None:
    """What the cookie `name` holds; None where there is none."""
    return request.cookies.get(_named(name, secure))


def put(answer: Response, name: str, text: str, secure: bool) -> None:
    """Have the browser keep `text`: the session's until it closes, a sign-in's for ten minutes.

    The sign-in's is Lax: the provider sends the browser back to us, which is a step from another site.
    """
    answer.set_cookie(
        _named(name, secure),
        text,
        max_age=FLOW_S if name == FLOW else None,
        path="/",
        secure=secure,
        httponly=True,
        samesite="lax" if name == FLOW else "strict",
    )


def drop(answer: Response, name: str, secure: bool) -> None:
    """Have the browser forget it."""
    answer.delete_cookie(
        _named(name, secure),
        "/",
        secure=secure,
        httponly=True,
        samesite="lax" if name == FLOW else "strict",
    )


def is_foreign(headers: Headers) -> bool:
    """Whether a browser says that a page of another place sends this: of another site, or of ours on
    another port, which SameSite does not stop."""
    return headers.get("sec-fetch-site") in ("cross-site", "same-site")


def check_own_page(request: Request, secure: bool) -> None:
    """Whether a write comes from a page of ours, proven by what only a browser writes: a program must show
    a key instead. Raises Forbidden."""
    if request.method in SAFE_METHODS:
        return
    headers = request.headers
    origin = headers.get("origin")
    if origin is None and headers.get("sec-fetch-site") == "same-origin":
        return
    scheme, _, place = (origin or "").partition("://")
    schemes = ("https",) if secure else ("http", "https")
    if scheme not in schemes or place.lower() != headers["host"].lower() or is_foreign(headers):
        raise Forbidden("session_from_elsewhere")


def _named(name: str, secure: bool) -> str:
    return f"__Host-{name}" if secure else name
