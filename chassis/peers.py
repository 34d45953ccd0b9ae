"""How one service reaches another over HTTP: in the same process, or through a pooled connection."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import httpx
from starlette.types import ASGIApp

from chassis.clock import Clock
from chassis.problems import AUTHORITY_UNAVAILABLE
from chassis.secrets import account_id, account_secret
from chassis.settings import Settings
from chassis.trace import TRACEPARENT, traceparent_var

TIMEOUT_SECONDS = 1.0
RENEW_BEFORE = timedelta(minutes=1)


class Peers:
    """HTTP clients for the other services, with this service's own credentials where asked for.

    `apps` are the services that run in this process; the others are found by `QUNXUE_<SERVICE>_URL`.
    """

    def __init__(self, own_name: str, settings: Settings, secret: bytes, clock: Clock) -> None:
        self._own_name = own_name
        self._settings = settings
        self._secret = secret
        self._clock = clock
        self._clients: dict[str, httpx.AsyncClient] = {}
        self._token: tuple[str, datetime] | None = None
        self._token_lock = asyncio.Lock()
        self.apps: Mapping[str, ASGIApp] = {}

    def client(self, service: str) -> httpx.AsyncClient:
        """A client whose base URL is the service. Raises `LookupError` when nobody said where it is."""
        if service not in self._clients:
            self._clients[service] = self._make(service)
        return self._clients[service]

    async def call(
        self, service: str, method: str, path: str, *, json: Any = None, seconds: float = TIMEOUT_SECONDS
    ) -> httpx.Response:
        """A call with this service's own token, never a user's. Raises `httpx.HTTPError`, `OSError`, `LookupError`."""
        response = await self._with_token(service, method, path, json, seconds)
        if response.status_code == httpx.codes.UNAUTHORIZED:
            # Its key or its account may be another by now: membership's database was restored, for one.
            self._token = None
            response = await self._with_token(service, method, path, json, seconds)
        return response

    async def _with_token(self, service: str, method: str, path: str, json: Any, seconds: float) -> httpx.Response:
        token = await self._own_token()
        headers = {"Authorization": f"Bearer {token}"}
        trace = traceparent_var.get()
        if trace is not None:
            headers[TRACEPARENT] = trace
        return await self.client(service).request(method, path, json=json, headers=headers, timeout=seconds)

    async def fetch_keys(self) -> dict[str, Any]:
        """Membership's JWKS document."""
        response = await self.client("membership").get("/.well-known/jwks.json")
        response.raise_for_status()
        document: dict[str, Any] = response.json()
        return document

    async def close(self) -> None:
        """Close every connection."""
        for client in self._clients.values():
            await client.aclose()
        self._clients.clear()

    def _make(self, service: str) -> httpx.AsyncClient:
        if service in self.apps:
            return httpx.AsyncClient(
                transport=httpx.ASGITransport(self.apps[service]), base_url=f"http://{service}", timeout=TIMEOUT_SECONDS
            )
        url = self._settings.service_url(service)
        if url is None:
            raise LookupError(f"QUNXUE_{service.upper()}_URL is not set")
        return httpx.AsyncClient(base_url=url, timeout=TIMEOUT_SECONDS)

    async def _own_token(self) -> str:
        async with self._token_lock:
            now = self._clock()
            if self._token is None or self._token[1] - RENEW_BEFORE <= now:
                response = await self.client("membership").post(
                    "/v1/tokens",
                    json={
                        "client_id": str(account_id(self._own_name)),
                        "client_secret": account_secret(self._secret, self._own_name),
                    },
                )
                if response.status_code >= 400:
                    raise AUTHORITY_UNAVAILABLE(
                        "Membership refused this service's own account.", "成员服务拒绝了本服务自身的账号。"
                    )
                body = response.json()
                self._token = (body["access_token"], now + timedelta(seconds=body["expires_in"]))
            return self._token[0]
