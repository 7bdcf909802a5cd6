"""The audit chain: who read and decided what, in pages, as a file, and whether it holds."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import Response, StreamingResponse

from api.asking import Asked
from api.models_access import AuditCheck, AuditEntries
from api.paging import read_cursor
from api.parameters import Limit, NextPage
from api.principal import requires
from api.views import access as views
from ledger import audit

router = APIRouter(prefix="/v1/audit", tags=["access"], dependencies=[requires("audit:read")])
LINES: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/jsonl": {"schema": {"type": "string"}}}}
}

Subject = Annotated[
    str | None, Query(max_length=100, description="Only entries about this firm, document, key or decision")
]
By = Annotated[str | None, Query(max_length=60, description="Only what this holder did")]
Action = Annotated[str | None, Query(pattern="^[a-z_]{1,40}$", description="Only this action")]
Since = Annotated[date | None, Query(description="Only from this day on (UTC)")]
Until = Annotated[date | None, Query(description="Only up to this day, itself included (UTC)")]


@router.get("", response_model=AuditEntries, operation_id="list_audit")
def list_audit(
    asked: Asked,
    subject: Subject = None,
    by: By = None,
    action: Action = None,
    since: Since = None,
    until: Until = None,
    newest: Annotated[bool, Query(description="Newest first")] = False,
    limit: Limit = 50,
    cursor: NextPage = None,
) -> Response:
    """Entries of the chain, oldest first where nothing else is said."""
    after = read_cursor(cursor, views.listing_of(newest), views.KEYS)
    wanted = audit.Chosen(subject, by, action, since, until)
    return asked.answer(
        views.audit_page(asked.data.state, asked.snapshot_or_none, wanted, limit, after, asked.lang, newest)
    )


@router.get("/check", response_model=AuditCheck, operation_id="check_audit")
def check_audit(asked: Asked) -> Response:
    """Work the whole chain out again: whether an entry was changed, taken out or put in later."""
    return asked.answer(views.audit_check(asked.data.state, asked.snapshot_or_none))


@router.get("/export", response_class=Response, responses=LINES, operation_id="export_audit")
def export_audit(
    asked: Asked,
    subject: Subject = None,
    by: By = None,
    action: Action = None,
    since: Since = None,
    until: Until = None,
) -> Response:
    """The chain as JSON lines; the whole of it can be verified from the file alone. The export is entered."""
    wanted = audit.Chosen(subject, by, action, since, until)
    asked.noted("audit_exported", subject or "*", by=by, action=action)
    lines = views.audit_lines(asked.data.state, wanted)
    headers = {"Content-Disposition": 'attachment; filename="audit.jsonl"'}
    return StreamingResponse(lines, media_type="application/jsonl", headers=headers)
