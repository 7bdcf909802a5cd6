"""Health, readiness, and what the API's own words mean: kinds and labels."""

from typing import Any, Literal

from fastapi import APIRouter
from fastapi.responses import Response

from api.asking import Asked
from api.data import store_snapshot
from api.models import EdgeKindInfo, Health, Kinds, NodeKindInfo, PropertyKind, Ready, Words
from api.principal import requires
from graph.model import EDGE_KINDS, NODE_KINDS, EdgeKind, NodeKind
from ledger.errors import DayanError
from ledger.words import labels

router = APIRouter(tags=["meta"], dependencies=[requires("public")])


@router.get("/health", response_model=Health, operation_id="health")
async def health(asked: Asked) -> Response:
    """The process is alive. Touches nothing."""
    return asked.answer(Health())


@router.get("/ready", response_model=Ready, operation_id="ready", responses={503: {"model": Ready}})
def ready(asked: Asked) -> Response:
    """Whether there is a snapshot and the graph store answers with the same one; 503 where not."""
    snapshot = asked.snapshot_or_none
    holds: str | None = None
    store: Literal["answering", "unavailable"] = "answering"
    try:
        holds = store_snapshot(asked.data.any_store())
    except DayanError:
        store = "unavailable"
    well = snapshot is not None and holds == snapshot.id
    answer = asked.answer(
        Ready(
            snapshot=snapshot.id if snapshot else None,
            as_of=snapshot.as_of if snapshot else None,
            ready=well,
            store=store,
            store_snapshot=holds,
            warm=asked.data.warmed,
        )
    )
    answer.status_code = 200 if well else 503
    return answer


described = APIRouter(prefix="/v1", tags=["meta"], dependencies=[requires("public")])


@described.get("/kinds", response_model=Kinds, operation_id="kinds")
def kinds(asked: Asked) -> Response:
    """Node and edge kinds of the graph with their labels."""
    snapshot = asked.snapshot_or_none
    return asked.answer(
        Kinds(
            snapshot=snapshot.id if snapshot else None,
            as_of=snapshot.as_of if snapshot else None,
            nodes=[NodeKindInfo(**_told(kind, asked.lang)) for kind in NODE_KINDS],
            edges=[
                EdgeKindInfo(
                    **_told(kind, asked.lang),
                    sources=list(kind.sources),
                    target=kind.target,
                    direction=kind.direction(asked.lang),
                )
                for kind in EDGE_KINDS
            ],
        )
    )


def _told(kind: NodeKind | EdgeKind, lang: str) -> dict[str, Any]:
    """What node and edge kinds have in common."""
    properties = [PropertyKind(name=p.name, label=p.label(lang), type=p.type) for p in kind.properties]
    return {"name": kind.name, "label": kind.label(lang), "properties": properties}


@described.get("/words", response_model=Words, operation_id="words")
def words(asked: Asked) -> Response:
    """Every label in the reader's language."""
    snapshot = asked.snapshot_or_none
    return asked.answer(
        Words(
            snapshot=snapshot.id if snapshot else None,
            as_of=snapshot.as_of if snapshot else None,
            labels={key: texts[asked.lang] for key, texts in sorted(labels().items())},
        )
    )
