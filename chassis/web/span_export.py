"""The OpenTelemetry SDK as this product uses it; imported only where spans are made."""

import asyncio
import logging
import threading
import time

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import Span, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from chassis.settings import SettingsInvalid

CLOSE_SECONDS = 2.0
"""For what is left at the end: a collector that does not answer must not keep the process."""
SAME_LINE_SECONDS = 60.0

log = logging.getLogger("qunxue.telemetry")


class Pipeline:
    """One exporter with one thread, and for each service a provider that names it. The standard variables configure the SDK."""

    def __init__(self) -> None:
        sdk = logging.getLogger("opentelemetry")
        sdk.propagate = False
        sdk.handlers[:] = [Seldom()]
        try:
            self._exporter = OTLPSpanExporter()
            self._processor = BatchSpanProcessor(self._exporter)
        except ValueError as error:
            raise SettingsInvalid(f"OTEL_EXPORTER_OTLP_* or OTEL_BSP_*: {error}") from None
        self._providers: dict[str, TracerProvider] = {}

    def provider(self, service: str) -> TracerProvider:
        """The provider of one service, made at the first call."""
        if service not in self._providers:
            made = TracerProvider(resource=resource(service), shutdown_on_exit=False)
            made.add_span_processor(Discreet())
            made.add_span_processor(self._processor)
            self._providers[service] = made
        return self._providers[service]

    async def close(self) -> None:
        """Send what is left, or give it up after `CLOSE_SECONDS`."""
        # A thread of our own, and a daemon: one of the event loop's would be waited for, however long the network takes.
        closing = threading.Thread(target=self._processor.shutdown, name="telemetry-close", daemon=True)
        closing.start()
        deadline = time.monotonic() + CLOSE_SECONDS
        while closing.is_alive():
            if time.monotonic() >= deadline:
                logging.getLogger("opentelemetry").handlers[:] = [logging.NullHandler()]
                log.warning("the last spans were not delivered")
                self._exporter.shutdown()  # type: ignore[no-untyped-call]  # it wakes from its pause between two tries
                return
            await asyncio.sleep(0.01)


def resource(service: str) -> Resource:
    """What names the service to the collector; `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES` go before our own name."""
    found = Resource.create()
    if str(found.attributes[SERVICE_NAME]).startswith("unknown_service"):
        found = found.merge(Resource({SERVICE_NAME: f"qunxue-{service}"}))
    return found


class Discreet(SpanProcessor):
    """Paths hold ids of people and tokens of invitations, queries hold names and e-mail addresses: as in the log, only the
    route is told (`http.route`).
    """

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """See `SpanProcessor`: when the request is known and its route not yet."""
        for name in ("url.path", "url.query"):
            if span.attributes is not None and name in span.attributes:
                span.set_attribute(name, "REDACTED")


class Seldom(logging.Handler):
    """While no collector answers, the SDK says so with every try: each of its lines is shown once a minute."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._next: dict[str, float] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """See `logging.Handler`."""
        now = time.monotonic()
        if now >= self._next.get(record.msg, 0.0):
            self._next[record.msg] = now + SAME_LINE_SECONDS
            log.log(record.levelno, "opentelemetry: %s", record.getMessage())
