"""What an enterprise means to its chain and what it hangs on, each figure with its reason."""

from fastapi import APIRouter
from fastapi.responses import Response

from api.asking import Asked
from api.models_scores import EnterpriseScores
from api.parameters import EnterpriseId
from api.principal import requires
from api.routes.enterprises import MOVED
from api.views.scores import enterprise_scores

router = APIRouter(
    prefix="/v1/enterprises", tags=["enterprises"], dependencies=[requires("graph:read")], responses=MOVED
)


@router.get("/{enterprise}/scores", response_model=EnterpriseScores, operation_id="enterprise_scores")
def scores(asked: Asked, enterprise: EnterpriseId) -> Response:
    """Importance, dependence and momentum; null where own books do not show a figure, with the reason."""
    return asked.answer(enterprise_scores(asked.snapshot, asked.enterprise(enterprise), asked.lang))
