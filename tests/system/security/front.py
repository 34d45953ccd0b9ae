"""Membership with its own keys and passwords, and the gateway before it, in this process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr

from chassis.settings import Settings
from chassis.testing import Harness, SettableClock
from gateway.app import Gateway, create_gateway
from services.membership.definition import definition
from tests.support.answers import at_the_gateway
from tests.support.light import lightened
from tests.support.streaming import brief

ADMIN_EMAIL = "admin@qunxue.example"
ADMIN_PASSWORD = "the administrator's own"
PASSWORD = "correct horse battery"
ADDRESS = "203.0.113.9"


class Front:
    """What a client on the internet has in front of it."""

    def __init__(self, harness: Harness, gateway: Gateway) -> None:
        self.harness = harness
        self.gateway = gateway
        self._clients: list[httpx.AsyncClient] = []

    @property
    def clock(self) -> SettableClock:
        return self.harness.clock

    def client(self, token: str | None = None, *, address: str = ADDRESS) -> httpx.AsyncClient:
        """A client of the gateway at an address of its own."""
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(brief(self.gateway), client=(address, 4321)),
            base_url="http://gateway",
            headers={"Accept-Language": "en"} | ({"Authorization": f"Bearer {token}"} if token else {}),
            event_hooks={"response": [at_the_gateway().hold]},
        )
        self._clients.append(client)
        return client

    async def log_in(self, login: str, password: str, *, address: str = ADDRESS) -> httpx.Response:
        body = {"login": login, "password": password}
        return await self.client(address=address).post("/v1/sessions", json=body)

    async def tokens(self, login: str = ADMIN_EMAIL, password: str = ADMIN_PASSWORD) -> dict[str, Any]:
        """Of a log-in that must succeed."""
        answer = await self.log_in(login, password)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def refresh(self, token: str) -> httpx.Response:
        return await self.client().post("/v1/sessions/refresh", json={"refresh_token": token})

    async def person(self, employee_no: str) -> dict[str, Any]:
        """Somebody with `PASSWORD`."""
        admin = self.client((await self.tokens())["access_token"])
        made = await admin.post("/v1/people", json={"display_name": "张伟", "employee_no": employee_no})
        assert made.status_code == 201, made.text
        issued = await admin.post(f"/v1/people/{made.json()['id']}/activation")
        body = {"code": issued.json()["code"], "password": PASSWORD}
        activated = await self.client().post("/v1/activations", json=body)
        assert activated.status_code == 201, activated.text
        return dict(made.json())

    async def close(self) -> None:
        for client in self._clients:
            await client.aclose()
        await self.gateway.runtime.close()


@asynccontextmanager
async def front(folder: Path, **settings: Any) -> AsyncIterator[Front]:
    """After the migration step, with the first administrator."""
    chosen = Settings(
        data_dir=folder,
        secret_key=SecretStr("only-for-tests-only-for-tests"),
        mode="embedded",
        admin_password=SecretStr(ADMIN_PASSWORD),
        **settings,
    )
    url = f"sqlite:///{folder / 'membership.sqlite'}"
    made = Harness(definition, chosen, database_url=url, clock=SettableClock(), real_keys=True)
    lightened(made.runtime.database)
    async with made as harness:
        assert definition.bootstrap is not None
        await definition.bootstrap(harness.runtime)
        harness.runtime.peers.apps = {"membership": harness.app}
        gateway = create_gateway(chosen, apps={"membership": harness.app}, clock=harness.clock)
        opened = Front(harness, gateway)
        yield opened
        await opened.close()
