"""What the enterprise page has of its own: partners by month, a buyer that pays late, the credit report."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Query
from fastapi.responses import Response

from api.asking import Asked
from api.models_report import LatePayment, LateQuestion, PartnerMonths
from api.parameters import EnterpriseId, Side
from api.principal import requires
from api.routes.enterprises import MOVED
from api.views import report as views
from api.views.report_late import late_payment
from api.views.report_months import partner_months

partners = APIRouter(
    prefix="/v1/enterprises", tags=["enterprises"], dependencies=[requires("graph:read")], responses=MOVED
)
late = APIRouter(prefix="/v1/cashflow", tags=["cashflow"], dependencies=[requires("cashflow:read")])
reports = APIRouter(
    prefix="/v1/enterprises",
    tags=["credit"],
    dependencies=[requires("credit:read"), requires("features:read"), requires("documents:read")],
    responses=MOVED,
)
routers = (partners, late, reports)
KINDS = {
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
}
FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The report as a file",
        "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in KINDS.values()},
    }
}


@partners.get("/{enterprise}/partner-months", response_model=PartnerMonths, operation_id="partner_months")
def enterprise_partner_months(
    asked: Asked,
    enterprise: EnterpriseId,
    side: Side,
    limit: Annotated[int, Query(ge=1, le=20, description="Most partners told one by one")] = 5,
) -> Response:
    """Net amounts of the largest partners on one side by month, and of all others together."""
    firm = asked.enterprise(enterprise)
    return asked.answer(partner_months(asked.snapshot, firm, side, limit))


@late.post("/late", response_model=LatePayment, operation_id="late_payment")
def buyer_pays_late(asked: Asked, question: Annotated[LateQuestion, Body()]) -> Response:
    """Cash flow with and without one buyer paying so many days later, open invoices included; all else is the
    same, the draws too. Amounts with tax. Nothing is stored."""
    return asked.answer(late_payment(asked, question))


@reports.get(
    "/{enterprise}/report", response_class=Response, responses=FILE, operation_id="enterprise_report"
)
def enterprise_report(
    asked: Asked,
    enterprise: EnterpriseId,
    format_: Annotated[Literal["docx", "pdf"], Query(alias="format", description="Kind of file")] = "docx",
) -> Response:
    """授信调查报告: position with its map, groups, partners, receivables, cash flow and the latest decision,
    every figure with the number of its evidence, the papers behind it, and the versions it rests on.

    The same data, reader and language give the same bytes. What the reader may not see is left out and said
    to be. Pages of papers need `personal:read` too. Not for callers outside the bank.
    """
    from services.report.docx import docx
    from services.report.pdf import pdf

    firm = asked.enterprise(enterprise)
    made = views.report(asked, firm)
    body = docx(made) if format_ == "docx" else pdf(made)
    asked.noted("report_made", asked.snapshot.id_of(firm), format=format_, snapshot=asked.snapshot.id)
    headers = {
        "Content-Disposition": f'attachment; filename="report-{enterprise}.{format_}"',
        "X-Content-Type-Options": "nosniff",
        "Vary": "Accept-Language",
        "Content-Language": asked.lang,
    }
    return Response(body, media_type=KINDS[format_], headers=headers)
