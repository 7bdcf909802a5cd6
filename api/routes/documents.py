"""Documents: handing them in, what was read from them and where it stands, correcting it, the original."""

import shutil
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Body, Header, Path, Query, Request
from fastapi.responses import FileResponse, Response
from starlette.concurrency import run_in_threadpool

from api.asking import Asked
from api.handed import rows_of
from api.models_documents import (
    Document,
    DocumentFields,
    DocumentPages,
    Documents,
    DocumentState,
    FieldChange,
    FieldsCorrected,
)
from api.models_excerpt import DocumentFacts, DocumentRows
from api.models_jobs import Upload
from api.paging import read_cursor
from api.parameters import Limit, NextPage, Sha256
from api.principal import requires
from api.rows import codes_of
from api.uploads import Receiver, receive
from api.views import documents as views
from api.views import excerpt, fields, pages, uploads
from ledger.errors import NotFound
from ledger.jobs import new_id

router = APIRouter(prefix="/v1/documents", tags=["documents"], dependencies=[requires("documents:read")])
writing = APIRouter(prefix="/v1/documents", tags=["documents"], dependencies=[requires("documents:write")])
BYTES: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
}
PNG: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/png": {"schema": {"type": "string", "format": "binary"}}}}
}
CSV: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}
#: What a browser must do with bytes that somebody handed in: nothing but keep them.
SEALED = {"Content-Security-Policy": "sandbox; default-src 'none'"}
FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["files"],
                    "properties": {
                        "files": {
                            "type": "array",
                            "items": {"type": "string", "format": "binary"},
                            "description": "Documents of any kind, and zips of them",
                        },
                        "owner": {
                            "type": "string",
                            "maxLength": 40,
                            "description": "Tax number of whose books those ledgers are that do not say it",
                        },
                        "build": {
                            "type": "string",
                            "enum": ["true", "false"],
                            "description": "Whether the graph is built after reading; true when left out",
                        },
                    },
                }
            }
        },
    }
}
Page = Annotated[int, Path(ge=1, le=100_000, description="Page, from 1")]


@writing.post("", response_model=Upload, operation_id="upload_documents", status_code=202, openapi_extra=FORM)
async def upload_documents(
    request: Request,
    asked: Asked,
    idempotency_key: Annotated[
        str | None,
        Header(
            min_length=1,
            max_length=200,
            description="The same key with the same files again gets the same answer and is read once",
        ),
    ] = None,
) -> Response:
    """Hand in documents. They are read by a job; its answer tells the outcome of each document.

    A key bound to firms hands in for these alone: as `owner` it may name their tax numbers only.
    """
    settings, id_ = asked.data.settings, new_id()
    folder = uploads.folder_for(settings.data, id_)
    try:
        receiver = Receiver(request.headers.get("content-type", ""), folder, settings.max_file_bytes)
        handed = await receive(request.stream(), receiver)
        taken = await run_in_threadpool(
            lambda: uploads.take_in(asked.data.state, _handing(asked, id_, idempotency_key), handed)
        )
        if taken["job"] != id_:  # told before under this key
            await run_in_threadpool(shutil.rmtree, folder, ignore_errors=True)
    except BaseException:
        await run_in_threadpool(shutil.rmtree, folder, ignore_errors=True)
        raise
    snapshot = await run_in_threadpool(lambda: asked.snapshot_or_none)
    answer = asked.answer(uploads.told(taken, snapshot, asked.lang))
    answer.status_code = 202
    answer.headers["Location"] = f"/v1/jobs/{taken['job']}"
    return answer


@router.get("", response_model=Documents, operation_id="list_documents")
def list_documents(
    asked: Asked,
    format: Annotated[str | None, Query(max_length=60, description="Only of this format")] = None,
    state: Annotated[
        DocumentState | None, Query(description="read: all rows; partly: some rejected; nothing: no row")
    ] = None,
    q: Annotated[str | None, Query(max_length=100, description="Part of a name, beginning of an id")] = None,
    limit: Limit = 50,
    cursor: NextPage = None,
) -> Response:
    """Documents of the ledger, the newest first."""
    after = read_cursor(cursor, views.LISTING, views.KEYS)
    wanted = views.Wanted(format, state, q)
    every = asked.ledger.documents()
    own = every if asked.handed is None else asked.handed.only(every)
    return asked.answer(views.documents(own, asked.snapshot_or_none, wanted, limit, after, asked.lang))


@router.get("/{sha256}", response_model=Document, operation_id="document")
def document(asked: Asked, sha256: Sha256) -> Response:
    """A document: how many rows became facts, and the first of its values, warnings and rejected rows."""
    asked.paper(sha256)
    return asked.answer(views.document(asked.ledger, sha256, asked.snapshot_or_none, asked.lang))


@router.get("/{sha256}/fields", response_model=DocumentFields, operation_id="document_fields")
def document_fields(asked: Asked, sha256: Sha256, limit: Limit = 100, cursor: NextPage = None) -> Response:
    """The values that were read, each with its place, method, confidence, checks and correction."""
    after = read_cursor(cursor, fields.LISTING, fields.KEYS)
    asked.paper(sha256)
    row = views.committed(asked.ledger, sha256)
    return asked.answer(
        fields.page_of_fields(asked.ledger, asked.snapshot_or_none, row, limit, after, asked.lang)
    )


@writing.patch("/{sha256}/fields", response_model=FieldsCorrected, operation_id="correct_fields")
def correct_fields(
    asked: Asked,
    sha256: Sha256,
    changes: Annotated[list[FieldChange], Body(min_length=1, max_length=200)],
) -> Response:
    """Correct values of a document: all of them or, where one cannot stand, none."""
    row = views.committed(asked.ledger, sha256)
    desk = fields.Desk(asked.ledger, asked.data.state, asked.data.readers, asked.by)
    return asked.answer(fields.correct(desk, asked.snapshot_or_none, row, changes, asked.lang))


@router.get("/{sha256}/facts", response_model=DocumentFacts, operation_id="document_facts")
def document_facts(asked: Asked, sha256: Sha256, limit: Limit = 100, cursor: NextPage = None) -> Response:
    """The facts that the document says: where each stands, and what it is told by."""
    after = read_cursor(cursor, excerpt.LISTING, excerpt.KEYS)
    asked.paper(sha256)
    return asked.answer(excerpt.facts(asked.ledger, asked.snapshot_or_none, sha256, limit, after, asked.lang))


@router.get("/{sha256}/rows", response_model=DocumentRows, operation_id="document_rows")
def document_rows(
    asked: Asked,
    sha256: Sha256,
    start: Annotated[
        int | None, Query(alias="from", ge=1, le=100_000_000, description="First row, as facts count rows")
    ] = None,
    limit: Limit = 40,
) -> Response:
    """Rows of a document that is a table, as they stand in it, with the facts that came of each.

    Numbers and names of people and all accounts are masked, as in every answer.
    """
    asked.paper(sha256)
    window = excerpt.Window(start, limit)
    return asked.answer(excerpt.rows(asked.data, asked.snapshot_or_none, sha256, window, asked.lang))


@router.get("/{sha256}/pages", response_model=DocumentPages, operation_id="document_pages")
def document_pages(asked: Asked, sha256: Sha256) -> Response:
    """The sizes of a PDF's pages in points, in which the boxes of values are told."""
    asked.paper(sha256)
    return asked.answer(pages.page_sizes(asked, sha256))


@router.get("/{sha256}/page/{page}.png", response_class=Response, responses=PNG, operation_id="document_page")
def document_page(
    asked: Asked,
    sha256: Sha256,
    page: Page,
    scale: Annotated[float, Query(ge=0.1, le=4, description="Pixels a point")] = 2.0,
) -> Response:
    """A page of a PDF as a picture. Its size in points stands in X-Page-Width and X-Page-Height.

    Needs the scope `personal:read` too, but from who handed it in: nothing on a picture is masked.
    """
    asked.unmasked_paper(sha256)
    picture = pages.picture(asked, sha256, page, scale)
    headers = {
        "X-Page-Width": f"{picture.width:.2f}",
        "X-Page-Height": f"{picture.height:.2f}",
        "X-Pages": str(picture.pages),
        # A document's id is the hash of its content, so its pages never change.
        "Cache-Control": "private, max-age=604800, immutable",
        **SEALED,
    }
    return Response(picture.png, media_type="image/png", headers=headers)


@router.get("/{sha256}/rejects", response_class=Response, responses=CSV, operation_id="document_rejects")
def document_rejects(asked: Asked, sha256: Sha256) -> Response:
    """The rejected rows as a CSV file: the user's own columns, with one that says why."""
    asked.paper(sha256)
    name, table = views.rejects_table(asked.ledger, sha256, asked.lang)
    return Response(
        table,
        media_type="text/csv",
        headers=_attached(f"{views.download_name(asked.called(sha256, name))}.rejects.csv"),
    )


@router.get(
    "/{sha256}/original", response_class=FileResponse, responses=BYTES, operation_id="document_original"
)
def document_original(asked: Asked, sha256: Sha256) -> Response:
    """The document byte for byte, always as a download: a browser must never open it as a page of ours.

    Needs the scope `personal:read` too, but from who handed it in: nothing in it is masked.
    """
    asked.unmasked_paper(sha256)
    found = views.committed(asked.ledger, sha256)
    path = asked.ledger.originals.path(sha256)
    if not path.is_file():
        raise NotFound("document_not_found", document=sha256)
    name = views.download_name(asked.called(sha256, found["name"]))
    return FileResponse(path, media_type="application/octet-stream", headers=_attached(name))


def _handing(asked: Asked, job: str, key: str | None) -> uploads.Asked:
    """Who hands in, and for which firms."""
    if not asked.who.bound:
        return uploads.Asked(job, asked.by, key)
    codes = codes_of(asked.snapshot_or_none, asked.data.state, asked.who)
    return uploads.Asked(job, asked.by, key, rows_of(asked.who), codes)


def _attached(name: str) -> dict[str, str]:
    return {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}", **SEALED}
