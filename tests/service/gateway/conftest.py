"""The gateway before stand-ins of the services, in this process."""

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from chassis.settings import SERVICES, Settings
from gateway.app import Gateway, create_gateway
from gateway.parts import Parts
from tests.support.answers import of_the_gateway
from tests.support.standins import MembershipStandIn, StandIn, bearer
from tests.support.streaming import brief
from tests.support.unhurried import unhurried
from tests.support.waiting import PATIENCE

LIMITS = (
    "gateway.bodies.LINGER_SECONDS",
    "gateway.documents.FETCH_SECONDS",
    "gateway.limits.LONGEST_WAIT_SECONDS",
    "gateway.ops.ASK_SECONDS",
    "gateway.upstream.CONNECT_SECONDS",
)
SECRET = "only-for-tests-only-for-tests"


@dataclass
class Scene:
    """The gateway, what is behind it, and clients before it."""

    gateway: Gateway
    services: dict[str, StandIn]
    client: httpx.AsyncClient

    def __getitem__(self, service: str) -> StandIn:
        return self.services[service]

    @property
    def membership(self) -> MembershipStandIn:
        standin = self.services["membership"]
        assert isinstance(standin, MembershipStandIn)
        return standin

    async def get(self, path: str, caller: Any = None, **headers: str) -> httpx.Response:
        return await self.send("GET", path, caller, headers=headers)

    async def send(self, method: str, path: str, caller: Any = None, **options: Any) -> httpx.Response:
        headers = {**(bearer(caller) if caller else {}), **options.pop("headers", {})}
        return await self.client.request(method, path, headers=headers, **options)


Begin = Callable[..., Scene]


@pytest.fixture(scope="session", autouse=True)
def however_long_they_take() -> Iterator[None]:
    """The gateway waits for services as long as a test would."""
    with unhurried(LIMITS, [(Parts.__init__, "seconds")]):
        yield


@pytest.fixture
async def begin(tmp_path: Path) -> AsyncIterator[Begin]:
    """Makes a gateway: `begin(logins_per_minute=3, without=["events"])`."""
    opened: list[Scene] = []

    def make(*, without: tuple[str, ...] = (), deadline_seconds: float = PATIENCE, **settings: Any) -> Scene:
        services: dict[str, StandIn] = {name: StandIn() for name in SERVICES if name not in without}
        if "membership" in services:
            services["membership"] = MembershipStandIn()
        gateway = create_gateway(
            Settings(data_dir=tmp_path, secret_key=SecretStr(SECRET), mode="embedded", **settings),
            apps=dict(services),
            deadline_seconds=deadline_seconds,
        )
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(brief(gateway), client=("203.0.113.9", 4321)),
            base_url="http://gateway",
            headers={"Accept-Language": "en"},
            event_hooks={"response": [of_the_gateway().hold]},
        )
        opened.append(Scene(gateway, services, client))
        return opened[-1]

    yield make
    for scene in opened:
        await scene.client.aclose()
        await scene.gateway.runtime.close()


@pytest.fixture
def scene(begin: Begin) -> Scene:
    """A gateway with every service behind it."""
    return begin()


@pytest.fixture
def beats_often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of what happens at a beat of the streams nobody waits long here."""
    monkeypatch.setattr("gateway.live.streams.BEAT_SECONDS", 0.15)
