"""Documents: what the ledger counts of one, and the original as it came."""

from typing import Any
from urllib.parse import quote

from fastapi import APIRouter
from fastapi.responses import FileResponse, Response

from api.asking import Asked
from api.models import DocumentInfo
from api.parameters import Sha256
from api.principal import requires
from api.views import documents as views
from ledger.errors import NotFound

router = APIRouter(prefix="/v1/documents", tags=["documents"], dependencies=[requires("documents:read")])
BYTES: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
}


@router.get("/{sha256}", response_model=DocumentInfo, operation_id="document")
def document(asked: Asked, sha256: Sha256) -> Response:
    """A document: its name, format, and how many rows became facts."""
    return asked.answer(views.document(asked.ledger, sha256, asked.snapshot_or_none))


@router.get(
    "/{sha256}/original", response_class=FileResponse, responses=BYTES, operation_id="document_original"
)
def document_original(asked: Asked, sha256: Sha256) -> Response:
    """The document byte for byte, always as a download: a browser must never open it as a page of ours."""
    found = views.document(asked.ledger, sha256, None)
    path = asked.ledger.originals.path(sha256)
    if not path.is_file():
        raise NotFound("document_not_found", document=sha256)
    name = quote(views.download_name(found.name), safe="")
    return FileResponse(
        path,
        media_type="application/octet-stream",
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{name}",
            "Content-Security-Policy": "sandbox; default-src 'none'",
        },
    )
