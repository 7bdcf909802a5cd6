"""What is seen of the running server: figures for Prometheus, a line of the log and a span for each request.

Nothing here names a firm, a person or a key's holder: a route is told by its template, a caller by the
id of their key.
"""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.process_collector import ProcessCollector

access = logging.getLogger("dayan.access")
METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
#: Upper ends of the time classes in seconds: those the bars of the services stand at are among them.
TIMES = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0)


class Answered(Protocol):
    """An answer that has gone out, or has not: `status` 0."""

    status: int


class Tracer(Protocol):
    """Makes a span of a request (`api.telemetry`)."""

    def span(self, scope: Any) -> Any:
        """A context that ends with the request; it is told route and status at the end."""


class Observer:
    """The figures of one application; each has a registry of its own."""

    def __init__(self, tracer: Tracer | None = None) -> None:
        self.registry = CollectorRegistry()
        self.tracer = tracer
        named = ("method", "route", "status")
        self.requests = Counter("dayan_requests", "Requests answered", named, registry=self.registry)
        self.seconds = Histogram(
            "dayan_request_seconds",
            "Time until the last byte of an answer",
            ("route",),
            buckets=TIMES,
            registry=self.registry,
        )
        self.open = Gauge("dayan_requests_open", "Requests being answered", registry=self.registry)
        ProcessCollector(namespace="dayan", registry=self.registry)

    @contextmanager
    def request(self, scope: Any, answer: Answered) -> Iterator[None]:
        """Around one request: counted, timed, logged and traced when it ends."""
        begun = time.perf_counter()
        self.open.inc()
        span = self.tracer.span(scope) if self.tracer else None
        try:
            yield
        finally:
            self.open.dec()
            seconds = time.perf_counter() - begun
            method, route = method_of(scope), route_of(scope)
            self.requests.labels(method, route, str(answer.status or "-")).inc()
            self.seconds.labels(route).observe(seconds)
            if span is not None:
                span.end(method, route, answer.status)
            told = {"method": method, "route": route, "status": answer.status, "ms": round(seconds * 1000, 1)}
            line = (method, route, answer.status or "-", seconds * 1000)
            access.info("%s %s %s %.1f ms", *line, extra={"told": told | {"key": _key(scope)}})

    def text(self) -> bytes:
        """All figures in Prometheus' text format."""
        return generate_latest(self.registry)


def method_of(scope: Any) -> str:
    """The method, or what stands for one that somebody made up: labels never grow without bound."""
    return scope["method"] if scope["method"] in METHODS else "OTHER"


def route_of(scope: Any) -> str:
    """The template of the route that answered; `-` where none did."""
    return getattr(scope.get("route"), "path_format", None) or "-"


def _key(scope: Any) -> str | None:
    who = scope.get("state", {}).get("who")
    return getattr(who, "key", None)
