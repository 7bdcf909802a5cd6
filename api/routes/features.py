"""Features: the catalogue, and what is known of one enterprise as of a day."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from api.asking import Asked
from api.models_features import EnterpriseFeatures, FeatureCatalogue
from api.parameters import EnterpriseId
from api.principal import requires
from api.routes.enterprises import MOVED
from api.views import features as views

router = APIRouter(tags=["features"], dependencies=[requires("features:read")])

AsOf = Annotated[
    date | None,
    Query(
        ge=date(2000, 1, 1),
        le=date(2100, 1, 1),
        description="The day; nothing that happened or became known after it counts. None: the data cut-off",
        examples=["2025-06-30"],
    ),
]
Names = Annotated[
    str | None,
    Query(
        max_length=8_000,
        pattern="^[a-z0-9_, ]*$",
        description="Features, parted by commas; none: all of them",
        examples=["log_sales,sales_growth,top1_customer"],
    ),
]


@router.get("/v1/features", response_model=FeatureCatalogue, operation_id="features")
def features(asked: Asked) -> Response:
    """The catalogue: every feature with its unit, basis, version and a sentence that says what it is."""
    return asked.answer(views.catalogue(asked.snapshot_or_none, asked.lang))


@router.get(
    "/v1/enterprises/{enterprise}/features",
    response_model=EnterpriseFeatures,
    operation_id="enterprise_features",
    responses=MOVED,
)
def enterprise_features(
    asked: Asked, enterprise: EnterpriseId, as_of: AsOf = None, names: Names = None
) -> Response:
    """Features of an enterprise as of a day, each with its unit, basis and lineage.

    What own books do not show is null with the reason, never 0. An enterprise of which the graph shows
    nothing by that day has `in_graph` false.
    """
    firm, wanted = asked.enterprise(enterprise), views.wanted_names(names)
    with asked.turn("features"):
        return asked.prepared(views.enterprise_features(asked.snapshot, firm, as_of, wanted, asked.lang))
