"""OpenTelemetry, when `DAYAN_TELEMETRY_URL` names a collector: one span a request, sent over OTLP/HTTP.

A span holds method, route template and status: no address, no query, no id. Needs the extra `telemetry`.
"""

from typing import Any

from ledger.errors import MissingExtra


class Spans:
    """Makes spans and sends them in batches from a thread of its own."""

    def __init__(self, url: str) -> None:
        try:
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
            from opentelemetry.propagate import extract
            from opentelemetry.sdk.resources import Resource
            from opentelemetry.sdk.trace import TracerProvider
            from opentelemetry.sdk.trace.export import BatchSpanProcessor
        except ImportError as error:
            raise MissingExtra(
                "telemetry_extra_missing", extra="telemetry", package=str(error.name)
            ) from None
        self.provider = TracerProvider(resource=Resource.create({"service.name": "dayan"}))
        self.provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=url)))
        self._tracer = self.provider.get_tracer("dayan.api")
        self._extract = extract

    def span(self, scope: Any) -> "Span":
        """The span of a request, a child of the caller's where the request names one."""
        told = {k.decode("latin-1"): v.decode("latin-1") for k, v in scope["headers"]}
        parent = self._extract({name: told[name] for name in ("traceparent", "tracestate") if name in told})
        return Span(self._tracer.start_span(scope["method"], context=parent))

    def close(self) -> None:
        """Send what waits."""
        self.provider.shutdown()


class Span:
    """The span of one request."""

    def __init__(self, span: Any) -> None:
        self._span = span

    def end(self, method: str, route: str, status: int) -> None:
        """Name it after its route, and send it."""
        self._span.update_name(f"{method} {route}")
        self._span.set_attribute("http.request.method", method)
        self._span.set_attribute("http.route", route)
        self._span.set_attribute("http.response.status_code", status)
        self._span.end()
