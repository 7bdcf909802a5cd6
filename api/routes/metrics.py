"""Figures of the running server, for Prometheus."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from prometheus_client import CONTENT_TYPE_LATEST

from api.observing import Observer
from api.principal import requires

router = APIRouter(tags=["meta"], dependencies=[requires("metrics:read")])
TEXT: dict[int | str, dict[str, Any]] = {200: {"content": {"text/plain": {"schema": {"type": "string"}}}}}


@router.get("/metrics", response_class=Response, responses=TEXT, operation_id="metrics")
async def metrics(request: Request) -> Response:
    """Requests, times and the process, in Prometheus' text format; routes by template, nobody by name."""
    observer: Observer = request.app.state.observer
    return Response(observer.text(), media_type=CONTENT_TYPE_LATEST)
