"""Where enterprises stand, whom they are like, and whom they may deal with though no book shows it."""

from fastapi import APIRouter
from fastapi.responses import Response

from api.asking import Asked
from api.models_positions import MadeOf, PositionAnswer, Similar, SuggestedLinks
from api.parameters import ChainId, EnterpriseId, Limit
from api.principal import requires
from api.routes.enterprises import MOVED
from api.views.made_of import made_of
from api.views.positions import position
from api.views.similar import similar
from api.views.suggested import suggested

router = APIRouter(
    prefix="/v1/enterprises", tags=["enterprises"], dependencies=[requires("graph:read")], responses=MOVED
)


@router.get("/{enterprise}/position", response_model=PositionAnswer, operation_id="position")
def enterprise_position(asked: Asked, enterprise: EnterpriseId) -> Response:
    """Where it stands: chain, segment, level and depth, each with its confidence and basis, the path of
    goods to a core enterprise, and what speaks for it. That it cannot be placed is an answer."""
    return asked.answer(position(asked.snapshot, asked.enterprise(enterprise), asked.lang))


@router.get("/{enterprise}/similar", response_model=Similar, operation_id="similar")
def similar_enterprises(asked: Asked, enterprise: EnterpriseId, limit: Limit = 10) -> Response:
    """Firms most like it by their embeddings, and what they have in common."""
    return asked.answer(similar(asked.snapshot, asked.enterprise(enterprise), limit, asked.lang))


@router.get("/{enterprise}/suggested-links", response_model=SuggestedLinks, operation_id="suggested_links")
def suggested_links(asked: Asked, enterprise: EnterpriseId, limit: Limit = 20) -> Response:
    """Supply links that nobody reported, inferred, with what speaks for and against each. None of them is a
    customer, a receivable or an exposure, nor a ground of a refusal."""
    return asked.answer(suggested(asked.snapshot, asked.enterprise(enterprise), limit, asked.lang))


chains = APIRouter(prefix="/v1/chains", tags=["chains"], dependencies=[requires("graph:read")])


@chains.get("/{chain}/made-of", response_model=MadeOf, operation_id="made_of")
def chain_made_of(asked: Asked, chain: ChainId) -> Response:
    """What the goods of each segment are made of: learned from who buys what before selling what, beside
    what the chain's file says."""
    return asked.answer(made_of(asked.snapshot, chain, asked.lang))
