"""The application: routes, errors, security and pages put together around one data folder."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, FastAPI
from starlette.exceptions import HTTPException

from api import description, errors
from api.data import Data, OpenStore
from api.keyring import Keyring
from api.observing import Observer
from api.oidc import Provider
from api.principal import requires
from api.recorder import Recorder
from api.routes import (
    access,
    audit,
    cashflow,
    chains,
    changes,
    credit,
    documents,
    enterprises,
    facts,
    features,
    graph,
    groups,
    jobs,
    lending,
    lists,
    map_files,
    match,
    meta,
    metrics,
    notes,
    owner,
    payments,
    positions,
    proofs,
    queries,
    report,
    reviews,
    scores,
    session,
    sessions,
    views,
    watchlists,
    wealth,
    webhooks,
    whatif,
)
from api.security import Guard
from api.settings import Settings
from api.telemetry import Spans

if TYPE_CHECKING:
    from graph.store import Store

PAGES = Path(__file__).parent / "pages"

#: Bodies of JSON that may be larger than others: pasted lists, whole views of the graph.
LARGER = dict.fromkeys(("/v1/lists/match", "/v1/lists/match/file", "/v1/graph/export"), 4 * 2**20)

unknown = APIRouter(dependencies=[requires("public")], include_in_schema=False)


@unknown.get("/v1/{_rest:path}")
async def nothing_here(_rest: str) -> None:
    """Whatever else is asked of the API: an answer of the API, not the pages' front door."""
    raise HTTPException(404)


#: Every router, in the order its routes are tried.
ROUTERS = (
    meta.router,
    meta.described,
    metrics.router,
    session.router,
    sessions.router,
    access.router,
    audit.router,
    webhooks.router,
    chains.router,
    map_files.router,
    enterprises.router,
    payments.router,
    positions.router,
    positions.chains,
    scores.router,
    whatif.router,
    features.router,
    cashflow.router,
    *report.routers,
    *proofs.routers,
    wealth.router,
    *credit.routers,
    *owner.routers,
    *lending.routers,
    groups.router,
    lists.router,
    graph.router,
    queries.router,
    changes.router,
    views.router,
    views.writing,
    notes.router,
    notes.writing,
    watchlists.router,
    watchlists.writing,
    documents.router,
    facts.router,
    documents.writing,
    jobs.router,
    jobs.writing,
    match.router,
    reviews.router,
    reviews.writing,
    description.router,
    unknown,
)


def create_app(
    settings: Settings,
    *,
    store: "Store | OpenStore | None" = None,
    pages: Path = PAGES,
    warm: bool = False,
) -> FastAPI:
    """The application over `settings.data`. Opens nothing until it is asked something.

    `store` is an open graph store or a function that opens one; without it the settings' own is
    connected when first needed. `pages` is the built front end; left out where it is missing. `warm`
    opens snapshot and store at the start, beside the first requests, so that nobody waits for them.
    """
    data = Data(settings, store)
    recorder, keyring = Recorder(data.state), Keyring(settings, data.state)
    spans = Spans(settings.telemetry_url) if settings.telemetry_url else None
    observer = Observer(spans)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        if warm:
            Thread(target=data.warm, name="warm", daemon=True).start()
        yield
        for opened in (recorder, keyring, spans, data):
            if opened is not None:
                opened.close()

    app = FastAPI(
        title=description.TITLE,
        version=description.VERSION,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        redirect_slashes=False,
    )
    app.state.settings, app.state.data = settings, data
    app.state.provider = Provider(settings) if settings.oidc_issuer else None
    app.state.keyring, app.state.observer, app.state.recorder = keyring, observer, recorder
    errors.install(app)
    larger = {"/v1/documents": settings.max_upload_bytes, **LARGER}
    app.add_middleware(
        Guard, recorder=recorder, observer=observer, allowed_hosts=settings.allowed_hosts, larger=larger
    )
    for router in ROUTERS:
        app.include_router(router)
    if (pages / "index.html").is_file():
        app.frontend("/", directory=pages, fallback="index.html")
    _describe_once(app)
    return app


def _describe_once(app: FastAPI) -> None:
    """Make `app.openapi()` ours, worked out on first use."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = description.describe(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]
