"""What happens around every request: its id, its line in the log, its count and time."""

import logging
import re
import time
from collections.abc import Callable, MutableMapping
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chassis.ids import new_id
from chassis.logs import request_id_var
from chassis.metrics import requests
from chassis.trace import traceparent, traceparent_var

HEADER = b"x-request-id"
_ACCEPTED = re.compile(rb"[A-Za-z0-9_.\-]{8,64}")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
QUIET = frozenset({"/livez", "/readyz", "/metrics", "/v1/revocations"})
"""What machines ask every few seconds: neither logged nor traced."""

log = logging.getLogger("qunxue.access")

IsUntold = Callable[[MutableMapping[str, Any]], bool]
"""Whether nobody is told of a request, by its scope; see `chassis.web.untold`."""


class RequestContext:
    """Pure ASGI, since Starlette's `BaseHTTPMiddleware` would cost more than most endpoints do."""

    def __init__(self, app: ASGIApp, *, service: str, is_untold: IsUntold) -> None:
        self.app = app
        self.service = service
        self.is_untold = is_untold

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        untold = self.is_untold(scope)
        # What came with it stands in other places, beside whose it is.
        request_id, trace_header = (new_id().hex, None) if untold else _identity(scope)
        scope.setdefault("state", {})["request_id"] = request_id
        reset = request_id_var.set(request_id)
        reset_trace = traceparent_var.set(traceparent(trace_header))
        started = time.perf_counter()
        status = 500

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (HEADER, request_id.encode())]
            await send(message)

        try:
            await self.app(scope, receive, send_with_id)
        finally:
            request_id_var.reset(reset)
            traceparent_var.reset(reset_trace)
            self._record(scope, status, time.perf_counter() - started, None if untold else request_id)

    def _record(self, scope: Scope, status: int, seconds: float, request_id: str | None) -> None:
        """Count it, and write its line unless it has no `request_id` to be known by."""
        route = getattr(scope.get("route"), "path", "unmatched")
        # A method that somebody made up must not become a time series of its own.
        method = scope["method"] if scope["method"] in _METHODS else "OTHER"
        requests.answered(self.service, method, route, status, seconds)
        if request_id is not None and scope["path"] not in QUIET and log.isEnabledFor(logging.INFO):
            log.info(
                "request",
                extra={
                    "service": self.service,
                    "method": method,
                    "route": route,
                    "status": status,
                    "ms": round(seconds * 1000, 2),
                    "request_id": request_id,
                },
            )


def _identity(scope: Scope) -> tuple[str, bytes | None]:
    """The id that came with the request, if it is harmless, else a new one; and its trace header as it came."""
    request_id: str | None = None
    trace_header: bytes | None = None
    for name, value in scope["headers"]:
        if name == HEADER and request_id is None and _ACCEPTED.fullmatch(value):
            request_id = value.decode("ascii")
        elif name == b"traceparent":
            trace_header = value
    return request_id or new_id().hex, trace_header
