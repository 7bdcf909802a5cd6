"""Groups by control, circles of guarantees, dependence and suspicions, each with the ties that bind."""

from typing import Annotated

from fastapi import APIRouter, Path
from fastapi.responses import Response

from api.asking import Asked
from api.models_groups import EnterpriseGroups, GroupAnswer
from api.parameters import EnterpriseId, Limit
from api.principal import requires
from api.routes.enterprises import MOVED
from api.views import groups as views

router = APIRouter(prefix="/v1", tags=["enterprises"], dependencies=[requires("graph:read")])

GroupId = Annotated[str, Path(pattern="^[0-9a-f]{16}$", description="Id of a group")]


@router.get(
    "/enterprises/{enterprise}/groups",
    response_model=EnterpriseGroups,
    operation_id="enterprise_groups",
    responses=MOVED,
)
def enterprise_groups(asked: Asked, enterprise: EnterpriseId, limit: Limit = 20) -> Response:
    """Every group the enterprise is in, with members and ties, and on whom it depends; long ones are cut."""
    firm = asked.enterprise(enterprise)
    return asked.answer(views.groups_of(asked.snapshot, asked.ledger, firm, limit, asked.lang))


@router.get("/groups/{group}", response_model=GroupAnswer, operation_id="group")
def group(asked: Asked, group: GroupId, limit: Limit = 100) -> Response:
    """One group: its members, the tie that binds each, and the papers that say so."""
    return asked.answer(views.group(asked.snapshot, asked.ledger, group, limit, asked.lang))
