"""The services behind the gateway: in this process, or over pooled connections. One protocol, no buffering in either."""

import asyncio
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import aiohttp
from multidict import CIMultiDict
from starlette.types import ASGIApp, Send
from yarl import URL

from chassis.settings import SERVICES, Settings
from gateway.bodies import Body
from gateway.headers import Head, Headers

CONNECT_SECONDS = 2.0
KEEP_ALIVE_SECONDS = 15.0
"""Less than the 30 s after which the services' servers close an idle connection, so that none is used as it closes."""


class Unreachable(Exception):
    """No connection: the service has seen nothing of the request."""


class Broken(Exception):
    """The connection broke after the request was sent, or the answer was not HTTP. The outcome is unknown."""


@dataclass(slots=True)
class Outgoing:
    """A request as it goes to a service; `holder` is whose share of its places it takes."""

    service: str
    method: str
    path: str
    raw_path: bytes
    query: bytes
    headers: Headers
    client: str
    scheme: str
    request_id: str
    holder: Hashable | None = None


class Upstream(Protocol):
    """How requests get to the services."""

    def serves(self, service: str) -> bool:
        """Whether it is known where the service is."""

    async def forward(self, request: Outgoing, body: Body, send: Send) -> None:
        """Send the request and hand the answer on by ASGI's `send`, piece by piece, at the pace of whoever takes it.

        Raises `Unreachable` and `Broken`. To cancel it gives up the request.
        """

    async def close(self) -> None:
        """Let go of connections."""


class InProcess:
    """Services that run in this process: their applications are called as a server would call them.

    Their lifespan belongs to whoever made them.
    """

    def __init__(self, apps: Mapping[str, ASGIApp]) -> None:
        self._apps = apps

    def serves(self, service: str) -> bool:
        """See `Upstream`."""
        return service in self._apps

    async def forward(self, request: Outgoing, body: Body, send: Send) -> None:
        """See `Upstream`. What the application raises is raised here."""
        scope: dict[str, Any] = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": request.method,
            "scheme": request.scheme,
            "path": request.path,
            "raw_path": request.raw_path,
            "query_string": request.query,
            "root_path": "",
            "headers": [(b"host", request.service.encode()), *request.headers],
            "client": (request.client, 0),
            "server": (request.service, None),
            "state": {"request_id": request.request_id},
        }
        await self._apps[request.service](scope, body.receive, send)

    async def close(self) -> None:
        """Nothing is held."""


class Pooled:
    """Services elsewhere, over HTTP/1.1 connections that are kept and shared."""

    def __init__(self, urls: Mapping[str, str]) -> None:
        self._bases = {service: url.rstrip("/") for service, url in urls.items()}
        self._session: aiohttp.ClientSession | None = None

    def serves(self, service: str) -> bool:
        """See `Upstream`."""
        return service in self._bases

    async def forward(self, request: Outgoing, body: Body, send: Send) -> None:
        """See `Upstream`."""
        session = self._session or self._open()
        target = request.raw_path.decode("ascii")
        if request.query:
            target = f"{target}?{request.query.decode('ascii')}"
        headers = CIMultiDict((name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers)
        data: Any = None
        if not body.empty:
            data = await body.whole()
            if data is None:
                data = body.chunks()
        try:
            response = await session.request(
                request.method,
                URL(self._bases[request.service] + target, encoded=True),
                headers=headers,
                data=data,
                allow_redirects=False,
            )
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise Unreachable(str(error)) from error
        except (aiohttp.ClientError, OSError) as error:
            raise Broken(type(error).__name__) from error
        try:
            await _hand_on(response, send)
        except (aiohttp.ClientError, OSError) as error:
            raise Broken(type(error).__name__) from error
        finally:
            # A connection whose answer was read to the end goes back to the pool; any other is closed.
            if response.content.at_eof() and body.complete:
                response.release()
            else:
                response.close()

    async def close(self) -> None:
        """See `Upstream`."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _open(self) -> aiohttp.ClientSession:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=KEEP_ALIVE_SECONDS),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
            max_line_size=16 * 1024,
            max_field_size=16 * 1024,
        )
        return self._session


async def _hand_on(response: aiohttp.ClientResponse, send: Send) -> None:
    await send({"type": "http.response.start", "status": response.status, "headers": response.raw_headers})
    content = response.content
    while True:
        piece = await content.readany()
        # An answer that came in one packet leaves in one message.
        more = not content.at_eof()
        await send({"type": "http.response.body", "body": piece, "more_body": more})
        if not more:
            return


def upstream_for(settings: Settings, apps: Mapping[str, ASGIApp] | None) -> Upstream:
    """Services in this process where there are any, else those at `QUNXUE_<SERVICE>_URL`."""
    if apps is not None:
        return InProcess(apps)
    return Pooled({service: url for service in SERVICES if (url := settings.service_url(service))})


@dataclass(frozen=True, slots=True)
class Fetched:
    """A whole answer, for what the gateway composes."""

    status: int
    headers: dict[bytes, bytes]
    body: bytes


class _NoBody:
    """The `receive` of a request without a body, whose client never leaves."""

    def __init__(self) -> None:
        self._asked = False

    async def __call__(self) -> dict[str, Any]:
        if self._asked:
            await asyncio.Event().wait()
        self._asked = True
        return {"type": "http.request", "body": b"", "more_body": False}


async def fetch(upstream: Upstream, request: Outgoing) -> Fetched:
    """One GET of the gateway's own, answered whole. Raises `Unreachable` and `Broken`."""
    status = 0
    headers: dict[bytes, bytes] = {}
    pieces: list[bytes] = []

    async def collect(message: Any) -> None:
        nonlocal status, headers
        if message["type"] == "http.response.start":
            status = message["status"]
            headers = {name.lower(): value for name, value in message["headers"]}
        else:
            pieces.append(message.get("body", b""))

    await upstream.forward(request, Body(_NoBody(), Head([]), 0), collect)
    return Fetched(status, headers, b"".join(pieces))
