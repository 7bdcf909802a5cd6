"""Enterprises: search, profile, partners, paths, and the invoices behind a link."""

from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Query
from fastapi.responses import Response

from api.asking import Asked, Asking
from api.models import ChainEnterprises, EnterpriseProfile, Evidence, Matches, Neighbours, Paths
from api.parameters import EnterpriseId, Limit, NextPage, PartnerId, Side
from api.principal import requires
from api.views import chains as chain_views
from api.views import enterprises as views
from api.views import evidence as evidence_views
from api.views import listing, partners, paths, search

MOVED: dict[int | str, dict[str, Any]] = {
    308: {"description": "The id belongs to a party of another enterprise; Location has the current id"}
}

Listed = TypeVar("Listed", Matches, ChainEnterprises)

router = APIRouter(
    prefix="/v1/enterprises", tags=["enterprises"], dependencies=[requires("graph:read")], responses=MOVED
)


@router.get("", response_model=Matches, operation_id="search_enterprises")
def search_enterprises(
    asked: Asked,
    q: Annotated[str, Query(min_length=1, max_length=100, description="Part of a name, pinyin or code")],
    limit: Limit = 20,
) -> Response:
    """Enterprises by name, pinyin, pinyin initials or code; best matches first."""
    snapshot, visible = asked.snapshot, asked.visible
    if visible is not None:  # few firms: searched as they are
        index = search.build_index(snapshot, visible)
    elif snapshot.enterprises.height > search.LARGEST:
        return asked.answer(_shown(asked, search.search_store(snapshot, asked.store, q, limit, asked.lang)))
    else:
        index = asked.data.worked_out.get(("search", snapshot.id), lambda: search.build_index(snapshot))
    return asked.answer(_shown(asked, search.search(snapshot, index, q, limit, asked.lang)))


@router.get("/unplaced", response_model=ChainEnterprises, operation_id="unplaced_enterprises")
def unplaced_enterprises(asked: Asked, limit: Limit = 50, cursor: NextPage = None) -> Response:
    """The enterprises that have no segment in any chain, hubs left out; largest sales first."""
    after = asked.from_page(cursor, listing.NOWHERE, listing.KEYS)
    snapshot = asked.snapshot
    rows = asked.data.worked_out.get(("nowhere", snapshot.id), lambda: chain_views.nowhere(snapshot))
    page = listing.nowhere_enterprises(snapshot, asked.only(rows), limit, after, asked.lang)
    return asked.answer(_shown(asked, page))


@router.get("/{enterprise}", response_model=EnterpriseProfile, operation_id="enterprise")
def enterprise_profile(asked: Asked, enterprise: EnterpriseId) -> Response:
    """One enterprise: what is known of it, its members, and its positions in chains."""
    return asked.answer(views.profile(asked.snapshot, asked.enterprise(enterprise), asked.lang))


@router.get("/{enterprise}/neighbours", response_model=Neighbours, operation_id="neighbours")
def neighbours(asked: Asked, enterprise: EnterpriseId, side: Side, limit: Limit = 40) -> Response:
    """The largest partners on one side, by amount; says how many there are."""
    asked.enterprise(enterprise)
    return asked.answer(
        partners.neighbours(asked.snapshot, asked.store, enterprise, partners.Wanted(side, limit), asked.lang)
    )


@router.get("/{enterprise}/paths", response_model=Paths, operation_id="paths")
def enterprise_paths(
    asked: Asked,
    enterprise: EnterpriseId,
    to: Annotated[str, Query(pattern="^(core|[0-9a-f]{16})$", description="An enterprise, or `core`")],
    chain: Annotated[str | None, Query(max_length=60, description="The chain whose core is meant")] = None,
    limit: Annotated[int, Query(ge=1, le=20, description="Most paths in the answer")] = 5,
) -> Response:
    """Shortest paths of goods from the enterprise to another, or to a chain's core enterprises.

    Each hop names its months, its amount and its goods, and says whether they feed the hop: judged in
    `chain`, else in every chain that both firms stand in.
    """
    start = asked.enterprise(enterprise)
    ends = paths.goals(asked.snapshot, asked.partner(to) if to != "core" else None, chain)
    if asked.met is not None:
        ends = [end for end in ends if asked.met[end]]
    wanted = paths.Wanted(start, ends, chain, limit, asked.visible)
    return asked.answer(paths.paths(asked.snapshot, asked.store, wanted, asked.lang))


@router.get("/{enterprise}/evidence", response_model=Evidence, operation_id="evidence")
def evidence(
    asked: Asked,
    enterprise: EnterpriseId,
    partner: PartnerId,
    side: Side,
    limit: Limit = 20,
    cursor: NextPage = None,
) -> Response:
    """The invoices behind the link to a partner, line by line, with the documents that attest them."""
    after = asked.from_page(cursor, evidence_views.LISTING, evidence_views.KEYS)
    here, there = asked.enterprise(enterprise), asked.counterparty(partner)
    link = (there, here) if side == "suppliers" else (here, there)
    told = evidence_views.evidence(asked.snapshot, asked.ledger, link, limit, after, asked.lang)
    if asked.outside and asked.handed is not None:
        every = asked.ledger.documents()
        told = evidence_views.without_names(told, set(asked.handed.only(every)["sha256"]), asked.lang)
    return asked.answer(told)


def _shown(asked: Asking, page: Listed) -> Listed:
    asked.listed(item.id for item in page.items)
    return page
