"""The gateway's own part of a trace: a span around each request, which those of the services stand under."""

from opentelemetry.trace import SpanKind, StatusCode, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.problems import Problem
from chassis.web.middleware import QUIET
from gateway.proxy import METHODS
from gateway.routing import is_untold, service_for

STREAM = "/v1/stream"
_CARRIED = frozenset({b"traceparent", b"tracestate"})
_propagator = TraceContextTextMapPropagator()


class Traced:
    """Stands before the proxy where telemetry is on."""

    def __init__(self, app: ASGIApp, tracer: Tracer) -> None:
        self._app = app
        self._tracer = tracer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One HTTP request, see ASGI."""
        if scope["path"] in QUIET or is_untold(scope["method"], scope.get("raw_path") or scope["path"].encode()):
            await self._app(scope, receive, send)
            return
        method = scope["method"] if scope["method"] in METHODS else "_OTHER"
        service = _service(scope)
        came = {name.lower(): value for name, value in scope["headers"] if name.lower() in _CARRIED}
        parent = _propagator.extract({name.decode(): value.decode("latin-1") for name, value in came.items()})
        with self._tracer.start_as_current_span(
            f"{method} {service}",
            context=parent,
            kind=SpanKind.SERVER,
            attributes={"http.request.method": method, "url.scheme": scope["scheme"], "qunxue.service": service},
            record_exception=False,
            set_status_on_exception=False,
            end_on_exit=False,
        ) as span:

            async def noting(message: Message) -> None:
                if message["type"] == "http.response.start":
                    span.set_attribute("http.response.status_code", message["status"])
                    if message["status"] >= 500:
                        span.set_attribute("error.type", str(message["status"]))
                        span.set_status(StatusCode.ERROR)
                    if scope["path"] == STREAM:
                        # It is open; no span is to last as long as it will.
                        span.end()
                await send(message)

            goes: dict[str, str] = {}
            _propagator.inject(goes)
            headers = [(name, value) for name, value in scope["headers"] if name.lower() not in _CARRIED]
            headers += [(name.encode(), value.encode("latin-1")) for name, value in goes.items()]
            try:
                await self._app({**scope, "headers": headers}, receive, noting)
            finally:
                if span.is_recording():
                    span.end()


def _service(scope: Scope) -> str:
    """Whose path it is, as the access log says it; `none` for nobody's."""
    try:
        return service_for(scope.get("raw_path") or scope["path"].encode(), scope["query_string"])
    except Problem:
        return "none"
