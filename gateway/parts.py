"""The services' parts of what the gateway puts together: asked for in parallel, as the caller, each with little time."""

import asyncio
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

import orjson
from starlette.requests import Request

from chassis.problems import Problem
from chassis.trace import TRACEPARENT, traceparent
from gateway.guards import Guard
from gateway.headers import Headers
from gateway.upstream import Broken, Fetched, Outgoing, Unreachable, Upstream, fetch

PART_SECONDS: Final = 3.0
NOTHING_SECONDS: Final = 60.0
"""How long a service is not asked again for what none of its features has: until it could be another release of it."""

_OF_THE_CALLER: Final = ("authorization", "accept-language", "tracestate")


@dataclass(frozen=True, slots=True)
class Asking:
    """On whose behalf the services are asked. The caller's own token is forwarded, never one of the gateway."""

    headers: Headers
    client: str
    request_id: str

    @classmethod
    def of(cls, request: Request) -> "Asking":
        """The caller of a request."""
        request_id: str = request.state.request_id
        headers = [(name.encode(), value.encode("latin-1")) for name in _OF_THE_CALLER
                   if (value := request.headers.get(name)) is not None]  # fmt: skip
        headers.append((b"x-request-id", request_id.encode()))
        trace = traceparent(request.headers.get(TRACEPARENT, "").encode("latin-1"))
        if trace is not None:
            headers.append((b"traceparent", trace.encode()))
        return cls(headers, request.client.host if request.client else "unknown", request_id)


class Parts:
    """Asks services, within the breaker and the bulkhead of each."""

    def __init__(self, upstream: Upstream, guards: Mapping[str, Guard], *, seconds: float = PART_SECONDS) -> None:
        self._upstream = upstream
        self._guards = guards
        self._seconds = seconds
        self._nothing_until: dict[tuple[str, str], float] = {}

    def may_have(self, service: str, path: str) -> bool:
        """False where the service has just said that no feature of it has anything here, whoever asks."""
        return time.monotonic() >= self._nothing_until.get((service, path), 0.0)

    async def get(
        self,
        asking: Asking,
        service: str,
        path: str,
        query: Mapping[str, Any] | None = None,
        *,
        seconds: float | None = None,
    ) -> Fetched | None:
        """The service's complete answer with any status below 500. None if it gave none in time or 5xx: its part is missing."""
        if not self._upstream.serves(service):
            return None
        outgoing = Outgoing(
            service=service,
            method="GET",
            path=path,
            raw_path=path.encode("ascii"),
            query=urlencode({key: value for key, value in (query or {}).items() if value is not None}).encode(),
            headers=list(asking.headers),
            client=asking.client,
            scheme="http",
            request_id=asking.request_id,
        )
        guard = self._guards[service]
        try:
            with guard.request():
                try:
                    async with asyncio.timeout(seconds or self._seconds):
                        answer = await fetch(self._upstream, outgoing)
                except (Unreachable, Broken, TimeoutError):
                    guard.failed()
                    return None
                guard.answered()
                if answer.status == 204:
                    self._nothing_until[service, path] = time.monotonic() + NOTHING_SECONDS
        except Problem:
            return None
        return answer if answer.status < 500 else None

    async def get_all(
        self, asking: Asking, services: Iterable[str], path: str, query: Mapping[str, Any] | None = None
    ) -> dict[str, Fetched | None]:
        """The same of several services at once."""
        names = list(services)
        return dict(
            zip(names, await asyncio.gather(*(self.get(asking, name, path, query) for name in names)), strict=True)
        )


def content(answer: Fetched | None) -> Any:
    """The JSON of a 200; None for anything else."""
    return orjson.loads(answer.body) if answer is not None and answer.status == 200 else None
