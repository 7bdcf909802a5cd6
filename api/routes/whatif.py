"""What if a firm of a chain stops, or pays late: who runs short, when, by how much, by which path."""

from typing import Annotated

from fastapi import APIRouter, Body
from fastapi.responses import Response

from api.asking import Asked, Asking
from api.models_scores import WhatIf, WhatIfQuestion
from api.parameters import ChainId
from api.principal import requires
from api.views import whatif as views
from api.views.chains import chain_named

router = APIRouter(prefix="/v1/chains", tags=["chains"], dependencies=[requires("graph:read")])


@router.post("/{chain}/whatif", response_model=WhatIf, operation_id="what_if")
def what_if(asked: Asked, chain: ChainId, question: Annotated[WhatIfQuestion, Body()]) -> Response:
    """What follows by observed links alone, week by week; every assumption is named. Nothing is stored."""
    return asked.answer(worked_out(asked, chain, question))


def worked_out(asked: Asking, chain: str, question: WhatIfQuestion) -> WhatIf:
    """The answer to a question. Raises NotFound, InputError."""
    from gnn.contagion.network import networks_of

    snapshot = asked.snapshot
    chain_named(snapshot, chain)
    firm = asked.partner(question.enterprise)
    networks = asked.data.worked_out.get(("networks", snapshot.id), lambda: networks_of(snapshot))
    return views.whatif(snapshot, networks.get(chain), (chain, firm, question), asked.lang)
