"""A community with those who run it, on a running analytics service."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest

from chassis.testing import SettableClock
from services.analytics.definition import definition
from services.analytics.facts.models import Place
from tests.service.stage import NOON, OnStage, Stage

INSIGHTS = "/v1/insights"
PLACE = 1
TODAY = date(2024, 5, 6)


@dataclass
class Office:
    """The community, its members by name, and short ways to say what a test is not about."""

    stage: Stage
    members: dict[str, OnStage] = field(default_factory=dict)

    def __getitem__(self, name: str) -> OnStage:
        return self.members[name]

    @property
    def community(self) -> str:
        return str(self.stage.community_id)

    @property
    def now(self) -> Any:
        """The clock's moment."""
        return self.stage.harness.clock()

    def later(self, **by: int) -> None:
        """Let time go by."""
        self.stage.harness.clock.advance(timedelta(**by))

    async def joins(self, name: str, *roles: str, **facts: Any) -> OnStage:
        """Have somebody of this name join."""
        self.members[name] = await self.stage.member(roles=roles, **facts)
        return self.members[name]

    async def send(
        self, name: str, path: str, body: Any = None, *, status: int = 200, method: str = "POST", **headers: str
    ) -> Any:
        """Send, and see the answer."""
        answer = await self[name].client.request(method, path, json=body, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def change(self, name: str, path: str, body: Any, *, version: int, status: int = 200) -> Any:
        """Patch the version that is named."""
        return await self.send(name, path, body, status=status, method="PATCH", **{"If-Match": f'"{version}"'})

    async def see(self, name: str, path: str, *, answered: int = 200, **query: Any) -> Any:
        """Read."""
        answer = await self[name].client.get(path, params=query or None)
        assert answer.status_code == answered, answer.text
        return answer.json()

    async def raises(self, name: str = "运营", *, status: int = 201, **fields: Any) -> Any:
        """Raise an insight by hand."""
        body = {"community_id": self.community, "evidence": "周三的分享几乎没有人来。"} | fields
        return await self.send(name, INSIGHTS, body, status=status)

    async def told(self, part: str = "") -> list[Any]:
        """The messages about insights, in their order."""
        return list(await self.stage.harness.published(part))


@pytest.fixture
async def office(start_service):
    async with start_service(definition, clock=SettableClock(NOON)) as harness:
        stage = Stage(harness)
        await stage.open()
        async with harness.runtime.database.transaction() as session:
            await harness.runtime.service.timers.set_periodic(session, harness.clock())
            session.add(Place(id=PLACE, department_code="D1", job_grade="P5", site="", staff=False))
        office = Office(stage)
        await office.joins("群主", "owner")
        await office.joins("运营", "operator")
        await office.joins("甲")
        yield office
