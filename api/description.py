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
from ledger.words import messages

router = APIRouter(dependencies=[requires("public")], include_in_schema=False)
FOLDER = Path(__file__).parent / "reference"
TITLE, VERSION = "Dayan", "1"
PROBLEM = {
    "description": "Any failure, in one shape",
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}},
}


def describe(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document of `app`: every operation names its scope, and the one shape of errors."""
    api = get_openapi(title=TITLE, version=VERSION, routes=app.routes, description="Industry-chain graphs")
    schemas = api["components"]["schemas"]
    schemas.update(_problem_schemas())
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    by_operation = {operation: scope for _, operation, scope in scopes(app) if operation}
    for path in api["paths"].values():
        for operation in path.values():
            operation["responses"].pop("422", None)
            operation["responses"]["default"] = PROBLEM
            operation["x-scope"] = by_operation[operation["operationId"]]
    return api


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
