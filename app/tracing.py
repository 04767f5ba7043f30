"""Traces for OpenTelemetry, where ``EARMARK_OTLP_ENDPOINT`` names something that takes them.

Three kinds of span: a request (it goes on with the trace of whoever asked), the run of a job, a message that is sent.
Each says what caused it, as the log does. Without the setting nothing of OpenTelemetry is imported.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from app.causes import cause
from app.config import Settings
from app.errors import UsageError

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter
    from opentelemetry.trace import Span as RealSpan
    from opentelemetry.trace import Tracer

_tracer: "Tracer | None" = None


def start(settings: Settings, *, role: str) -> "TracerProvider | None":
    """Traces from now on, in this process, where the settings say so. ``role``: web | jobs.

    :raises UsageError: when the extra is not installed.
    """
    if not settings.otlp_endpoint:
        return None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    except ModuleNotFoundError as error:
        raise UsageError(
            "EARMARK_OTLP_ENDPOINT asks for traces, which needs more packages: pip install 'earmark[tracing]'."
        ) from error
    return send_to(OTLPSpanExporter(endpoint=settings.otlp_endpoint), role=role)


def send_to(exporter: "SpanExporter", *, role: str) -> "TracerProvider":
    """Traces from now on, to an exporter."""
    global _tracer
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource.create({"service.name": f"earmark-{role}"}))
    provider.add_span_processor(BatchSpanProcessor(exporter))
    _tracer = provider.get_tracer("earmark")
    return provider


def stop(provider: "TracerProvider | None") -> None:
    """Sends what is left, and traces no more."""
    global _tracer
    if provider is not None:
        _tracer = None
        provider.shutdown()


class Span:
    """What is noted of a piece of work while it is under way."""

    def note(self, **values: str | int) -> None:
        """Notes what came of it. ``status`` of 500 or more is an error."""


class _Traced(Span):
    def __init__(self, span: "RealSpan") -> None:
        self._span = span

    def note(self, **values: str | int) -> None:
        from opentelemetry.trace import StatusCode

        for name, value in values.items():
            self._span.set_attribute(f"earmark.{name}", value)
        if isinstance(status := values.get("status"), int) and status >= 500:
            self._span.set_status(StatusCode.ERROR)


_UNSEEN = Span()


@contextmanager
def span(name: str, *, server: bool = False, carrier: Mapping[str, str] | None = None) -> Iterator[Span]:
    """A span around a block. ``carrier``: headers of a request, whose trace it goes on with; ``server``: it answers."""
    if _tracer is None:
        yield _UNSEEN
        return
    from opentelemetry.propagate import extract
    from opentelemetry.trace import SpanKind

    context = extract(carrier) if carrier else None
    kind = SpanKind.SERVER if server else SpanKind.INTERNAL
    with _tracer.start_as_current_span(name, context=context, kind=kind) as real:
        real.set_attribute("earmark.cause", cause())
        yield _Traced(real)
