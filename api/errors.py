"""Errors to JSON: every failure leaves as problem+json of one shape (RFC 9457), in the reader's language.

`type, title, status, detail, instance, code, snapshot, errors: [{file, row, field, value, code, message}]`.
`code` is stable; sentences come from `ledger/words*.yaml`. Routes raise `ledger.errors`, never HTTP
exceptions; `install` is the one handler table.
"""

import logging
from collections.abc import Iterable, Mapping
from json import dumps
from typing import Any, cast

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from api.language import preferred
from ledger.access import TRACE
from ledger.errors import DayanError, Problem
from ledger.words import Lang, label, message, messages

log = logging.getLogger("dayan.api")
MEDIA_TYPE = "application/problem+json"
#: What a caller sees of one value: enough to find it, never a whole document.
LONGEST_VALUE = 200
#: Failures of HTTP itself, found before any route: status → code.
ROUTING_CODES = {404: "route_not_found", 405: "method_not_allowed", 413: "request_too_large"}
#: pydantic's word for what is wrong with a parameter → ours.
PARAMETER_CODES = {
    "missing": "parameter_missing",
    "int_parsing": "parameter_not_integer",
    "int_from_float": "parameter_not_integer",
    "bool_parsing": "parameter_not_boolean",
    "greater_than_equal": "parameter_too_small",
    "less_than_equal": "parameter_too_large",
    "literal_error": "parameter_not_one_of",
    "string_too_short": "parameter_too_short",
    "string_too_long": "parameter_too_long",
    "string_pattern_mismatch": "parameter_pattern",
}


class Moved(Exception):
    """Not an error: the thing asked for lives at another address of ours now."""

    def __init__(self, location: str) -> None:
        super().__init__(location)
        self.location = location


def language_of(request: Request) -> Lang:
    """The language to answer `request` in."""
    return preferred(request.headers.get("accept-language"), request.app.state.settings.lang)


def problem(  # the six things a problem says
    request: Request,
    status: int,
    code: str,
    *,
    params: Mapping[str, Any] | None = None,
    problems: Iterable[Problem] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The problem+json answer for `code`, its sentence filled with `params`."""
    lang = language_of(request)
    body = {
        "type": f"/docs#{code}",
        "title": label(f"status_{status}" if status in TITLED else "status_500", lang),
        "status": status,
        "detail": message(code, lang, **(params or {})),
        "instance": TRACE.sub("…", request.url.path),
        "code": code,
        "snapshot": getattr(request.state, "snapshot", None),
        "errors": [_entry(entry, lang) for entry in problems],
    }
    shared = {"Vary": "Accept-Language", "Content-Language": lang}
    return _Answer(body, status, {**shared, **(headers or {})}, media_type=MEDIA_TYPE)


class _Answer(JSONResponse):
    """JSON that repeats what somebody sent: half a surrogate pair, which no encoding has, becomes `?`."""

    def render(self, content: Any) -> bytes:
        text = dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        return text.encode("utf-8", "replace")


TITLED = frozenset({400, 401, 403, 404, 405, 409, 413, 422, 423, 429, 500, 501, 502, 503})


def _entry(entry: Problem, lang: str) -> dict[str, Any]:
    known = entry.code in messages()
    return {
        "file": entry.file,
        "row": entry.row,
        "field": entry.field,
        "value": entry.value[:LONGEST_VALUE],
        "code": entry.code,
        "message": entry.text(lang) if known else message("parameter_invalid", lang, field=entry.field),
    }


def on_dayan_error(request: Request, error: Exception) -> Response:
    """What a room refused, with the status its class names."""
    refused = cast(DayanError, error)
    if refused.status >= 500:
        log.warning("%s: %s", refused.code, refused)
    return problem(
        request,
        refused.status,
        refused.code,
        params=refused.params,
        problems=refused.problems,
        headers=_headers(refused),
    )


def _headers(refused: DayanError) -> dict[str, str]:
    """What HTTP itself asks an answer to say."""
    if refused.status == 401:
        return {"WWW-Authenticate": "Bearer"}
    if refused.status == 429:
        return {"Retry-After": str(refused.params.get("seconds", 1))}
    return {}


def on_moved(_request: Request, moved: Exception) -> Response:
    """308: the method and the question stay the same."""
    return RedirectResponse(cast(Moved, moved).location, 308)


def on_http_error(request: Request, error: Exception) -> Response:
    """What routing refused: unknown path, wrong method, too large a body."""
    raised = cast(HTTPException, error)
    other = "request_invalid" if raised.status_code < 500 else "internal"
    code = ROUTING_CODES.get(raised.status_code, other)
    params = {"path": request.url.path, "method": request.method}
    return problem(request, raised.status_code, code, params=params, headers=raised.headers)


def on_invalid_request(request: Request, error: Exception) -> Response:
    """Parameters that do not fit their declaration, one entry each."""
    entries = cast(RequestValidationError, error).errors()
    problems = [
        Problem(
            PARAMETER_CODES.get(str(entry["type"]), "parameter_invalid"),
            field=".".join(str(part) for part in entry["loc"][1:]),
            # Of a whole object nothing is repeated, nor is a key: nobody should read them in a log.
            value=TRACE.sub("…", str(entry["input"]))
            if isinstance(entry.get("input"), str | int | float)
            else "",
            params=_filling(entry.get("ctx") or {}),
        )
        for entry in entries
    ]
    return problem(request, 422, "request_invalid", problems=problems)


def _filling(context: Mapping[str, Any]) -> dict[str, Any]:
    """What fills a parameter's sentence; pydantic joins choices with an English word."""
    told = dict(context)
    if isinstance(told.get("expected"), str):
        told["expected"] = told["expected"].replace(" or ", ", ")
    return told


def on_unknown_error(request: Request, error: Exception) -> Response:
    """A defect: the log gets all of it, the caller only that it happened."""
    log.error("unexpected error at %s %s", request.method, request.url.path, exc_info=error)
    return problem(request, 500, "internal")


def install(app: FastAPI) -> None:
    """Enter the handler table. Unknown errors are caught in `api.security.Guard`, inside its headers."""
    app.add_exception_handler(DayanError, on_dayan_error)
    app.add_exception_handler(Moved, on_moved)
    app.add_exception_handler(HTTPException, on_http_error)
    app.add_exception_handler(RequestValidationError, on_invalid_request)
