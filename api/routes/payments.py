"""What an enterprise sold, as three figures, and what was paid for it."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from api.asking import Asked
from api.models_payments import Sales, Settlements
from api.parameters import EnterpriseId, Limit, NextPage
from api.principal import requires
from api.routes.enterprises import MOVED
from api.views import payments as views
from api.views.sales import sales

router = APIRouter(
    prefix="/v1/enterprises", tags=["enterprises"], dependencies=[requires("graph:read")], responses=MOVED
)


@router.get("/{enterprise}/sales", response_model=Sales, operation_id="sales")
def enterprise_sales(asked: Asked, enterprise: EnterpriseId) -> Response:
    """Sales by month as invoiced, declared and received, each with its basis and papers; null: none says."""
    return asked.answer(sales(asked.snapshot, asked.ledger, asked.enterprise(enterprise), asked.lang))


@router.get("/{enterprise}/payments", response_model=Settlements, operation_id="payments")
def enterprise_payments(
    asked: Asked,
    enterprise: EnterpriseId,
    direction: Annotated[views.Direction, Query(description="in: it was paid; out: it paid")] = "in",
    limit: Limit = 20,
    cursor: NextPage = None,
) -> Response:
    """What payments were put against which invoices and contracts, and why; ties are told, not decided."""
    after = asked.from_page(cursor, views.LISTING, views.KEYS)
    firm = asked.enterprise(enterprise)
    return asked.answer(
        views.payments(asked.snapshot, asked.ledger, (firm, direction), limit, after, asked.lang)
    )
