"""An OpenTelemetry collector of a test's own: takes OTLP over HTTP on 127.0.0.1 and tells what came.

with Collector() as collector:
    start({"OTEL_EXPORTER_OTLP_ENDPOINT": collector.url})
    collector.spans()                # also: Collector(answers=False), which takes everything and never says so
"""

import threading
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span as SpanMessage

KINDS = {SpanMessage.SPAN_KIND_SERVER: "server", SpanMessage.SPAN_KIND_INTERNAL: "internal"}


@dataclass(frozen=True)
class Span:
    """A span as it arrived; ids in hexadecimal, `parent_id` empty for the first of a trace."""

    service: str
    name: str
    kind: str
    trace_id: str
    span_id: str
    parent_id: str
    failed: bool
    attributes: dict[str, Any]

    @property
    def route(self) -> str | None:
        return self.attributes.get("http.route")

    @property
    def status(self) -> int | None:
        return self.attributes.get("http.response.status_code")


class Collector:
    """Listens while the block runs."""

    def __init__(self, *, answers: bool = True) -> None:
        self.answers = answers
        self.bodies: list[tuple[str, bytes]] = []
        """What came, by path, decompressed: for what must not be in it."""
        self._ended = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def spans(self, wanted: Callable[[Span], bool] = lambda _: True) -> list[Span]:
        """What came so far and is wanted, in the order of arrival."""
        return [
            span
            for path, body in list(self.bodies)
            if path == "/v1/traces"
            for span in _decoded(ExportTraceServiceRequest.FromString(body))
            if wanted(span)
        ]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        collector = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = zlib.decompress(body, wbits=31)
                collector.bodies.append((self.path, body))
                if not collector.answers:
                    collector._ended.wait(120)
                    return
                self.send_response(200)
                self.send_header("Content-Type", "application/x-protobuf")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_arguments: Any) -> None:
                pass

        return Handler


def _decoded(request: ExportTraceServiceRequest) -> list[Span]:
    found = []
    for of_resource in request.resource_spans:
        resource = _values(of_resource.resource.attributes)
        for of_scope in of_resource.scope_spans:
            found += [
                Span(
                    service=resource.get("service.name", ""),
                    name=span.name,
                    kind=KINDS.get(span.kind, str(span.kind)),
                    trace_id=span.trace_id.hex(),
                    span_id=span.span_id.hex(),
                    parent_id=span.parent_span_id.hex(),
                    failed=span.status.code == span.status.STATUS_CODE_ERROR,
                    attributes=_values(span.attributes),
                )
                for span in of_scope.spans
            ]
    return found


def _values(attributes: Any) -> dict[str, Any]:
    return {one.key: getattr(one.value, one.value.WhichOneof("value") or "string_value") for one in attributes}
