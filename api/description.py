"""The API's own description: OpenAPI, and an interactive reference page that loads nothing from outside."""

from functools import cache
from html import escape
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import FileResponse, HTMLResponse, Response
from fastapi.routing import iter_route_contexts
from starlette.responses import JSONResponse

from api.errors import MEDIA_TYPE, language_of
from api.models import ProblemDetails
from api.principal import Scope, requires
from api.session import SESSION
from ledger.words import label, messages

router = APIRouter(dependencies=[requires("public")], include_in_schema=False)
FOLDER = Path(__file__).parent / "reference"
TITLE, VERSION = "Dayan", "1"
PROBLEM = {
    "description": "Any failure, in one shape",
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}},
}

KEY = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "dy_<id>_<secret>",
    "description": "A key made with `dayan keys make` or POST /v1/keys. While none was ever made, the "
    "user of this machine needs none on a loopback address.",
}
COOKIE = {
    "type": "apiKey",
    "in": "cookie",
    "name": SESSION,
    "description": "A browser's session, begun with POST /v1/session or GET /v1/session/oidc (behind TLS the "
    "name begins with `__Host-`). Writes need the browser's word that a page of this site sends them.",
}
#: What any operation may answer besides its own: name → status, a code, what it means.
PROBLEMS = {
    "BadRequest": (400, "request_invalid", "A value that cannot be used as given"),
    "NotKnown": (401, "key_needed", "No key and no session, or one that does not hold"),
    "Forbidden": (
        403,
        "scope_missing",
        "The key lacks the scope, or is bound to firms and may not call this",
    ),
    "NotFound": (404, "enterprise_not_found", "Not here, or outside the firms that the key is bound to"),
    "Conflict": (409, "store_behind", "The state of the data does not allow it"),
    "TooLarge": (413, "request_too_large", "The body is too large"),
    "Unprocessable": (422, "request_invalid", "Parameters do not fit, one entry each in `errors`"),
    "Busy": (423, "state_busy", "Somebody else is writing; try again"),
    "TooMany": (429, "too_many_requests", "The key sends more requests than it may"),
    "NotInstalled": (501, "learn_extra_missing", "An optional package is not installed"),
    "Unavailable": (503, "store_silent", "The graph store does not answer"),
}


def describe(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of `app`: every operation names its scope, and the one shape of errors."""
    api = get_openapi(title=TITLE, version=VERSION, routes=app.routes, description="Industry-chain graphs")
    schemas = api["components"]["schemas"]
    schemas.update(_problem_schemas())
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    components = api["components"]
    components["securitySchemes"] = {"key": KEY, "session": COOKIE}
    components["responses"] = {name: _problem(*told) for name, told in PROBLEMS.items()}
    by_operation = {operation: scope for _, operation, scope in scopes(app) if operation}
    for path in api["paths"].values():
        for operation in path.values():
            scope = by_operation[operation["operationId"]]
            operation["x-scope"] = scope
            if scope != "public":
                operation["security"] = [{"key": []}, {"session": []}]
            operation["responses"].pop("422", None)
            for name, (status, *_) in PROBLEMS.items():
                declared = {"$ref": f"#/components/responses/{name}"}
                operation["responses"].setdefault(str(status), declared)
            operation["responses"]["default"] = PROBLEM
    return api


def _problem(status: int, code: str, description: str) -> dict[str, Any]:
    """A response that many operations may give, with an example."""
    example = {
        "type": f"/docs#{code}",
        "title": label(f"status_{status}", "en"),
        "status": status,
        "detail": messages()[code]["en"],
        "instance": "/v1/…",
        "code": code,
        "snapshot": None,
        "errors": [],
    }
    schema = {"$ref": "#/components/schemas/ProblemDetails"}
    told: dict[str, Any] = {
        "description": description,
        "content": {MEDIA_TYPE: {"schema": schema, "example": example}},
    }
    if status == 429:
        told["headers"] = {"Retry-After": {"description": "Seconds", "schema": {"type": "integer"}}}
    return told


def scopes(app: FastAPI) -> list[tuple[str, str, str | None]]:
    """Every route of `app`: (path, operation id or empty, the scope it declares or None)."""
    found = []
    for context in iter_route_contexts(app.routes):
        dependant = getattr(context, "dependant", None)
        calls = [d.call for d in dependant.dependencies] if dependant else []
        declared = [call.name for call in calls if isinstance(call, Scope)]
        found.append((context.path or "", context.operation_id or "", declared[0] if declared else None))
    return found


def _problem_schemas() -> dict[str, Any]:
    schema = ProblemDetails.model_json_schema(ref_template="#/components/schemas/{model}")
    inner = schema.pop("$defs")
    return {**inner, "ProblemDetails": schema}


@router.get("/v1/openapi.json")
async def openapi_json(request: Request) -> Response:
    """The OpenAPI document."""
    return JSONResponse(request.app.openapi())


@router.get("/docs")
async def reference(request: Request) -> Response:
    """The reference page: a shell that our own script fills from /v1/openapi.json, and the error codes."""
    lang = language_of(request)
    page = (FOLDER / "index.html").read_text("utf-8").replace("{lang}", lang).replace("{codes}", _codes(lang))
    return HTMLResponse(page, headers={"Vary": "Accept-Language"})


@router.get("/docs/reference.js")
async def reference_script() -> Response:
    """The script of the reference page."""
    return FileResponse(FOLDER / "reference.js", media_type="text/javascript; charset=utf-8")


@router.get("/docs/reference.css")
async def reference_style() -> Response:
    """The style of the reference page."""
    return FileResponse(FOLDER / "reference.css", media_type="text/css; charset=utf-8")


@cache
def _codes(lang: str) -> str:
    """Rows of the table of error codes."""
    rows = sorted((escape(code), escape(texts[lang])) for code, texts in messages().items())
    return "\n".join(
        f'<tr id="{code}"><th scope="row"><code>{code}</code></th><td>{text}</td></tr>' for code, text in rows
    )
