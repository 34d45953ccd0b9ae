"""A community that meets, on a running events service."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from chassis.testing import SettableClock
from chassis.testing.harness import received
from contracts.membership import NotificationTaken, ToldObject
from services.events.definition import definition
from tests.service.stage import NOON, OnStage, Stage

ACTIVITIES = "/v1/activities"
REGISTRATIONS = "/v1/registrations"


@dataclass
class Hall:
    """The community, its members by name, and short ways to say what a test is not about."""

    stage: Stage
    members: dict[str, OnStage] = field(default_factory=dict)

    def __getitem__(self, name: str) -> OnStage:
        return self.members[name]

    async def joins(self, name: str, *roles: str) -> OnStage:
        """Have somebody of this name join."""
        self.members[name] = await self.stage.member(roles=roles)
        return self.members[name]

    @property
    def now(self) -> Any:
        """The clock's moment."""
        return self.stage.harness.clock()

    def later(self, **by: int) -> None:
        """Let time go by."""
        self.stage.harness.clock.advance(timedelta(**by))

    def after(self, **by: int) -> str:
        """A moment so long after now."""
        return str((self.now + timedelta(**by)).isoformat())

    async def send(
        self, name: str, path: str, body: Any = None, *, status: int = 200, version: int | None = None
    ) -> Any:
        """Post, and see the answer."""
        headers = {} if version is None else {"If-Match": f'"{version}"'}
        answer = await self[name].client.post(path, json=body, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def change(self, name: str, path: str, body: Any, *, version: int, status: int = 200) -> Any:
        """Patch the version that is named."""
        answer = await self[name].client.patch(path, json=body, headers={"If-Match": f'"{version}"'})
        assert answer.status_code == status, answer.text
        return answer.json()

    async def see(self, name: str, path: str, *, answered: int = 200, **query: Any) -> Any:
        """Read."""
        answer = await self[name].client.get(path, params=query or None)
        assert answer.status_code == answered, answer.text
        return answer.json()

    async def prepares(self, name: str = "群主", *, status: int = 201, **fields: Any) -> Any:
        """Prepare a sharing session of two hours in three days, unless told otherwise."""
        body = {
            "community_id": str(self.stage.community_id),
            "kind": "sharing_session",
            "title": "怎么讲好一门课",
            "starts_at": self.after(days=3),
            "ends_at": self.after(days=3, hours=2),
        }
        return await self.send(name, ACTIVITIES, body | fields, status=status)

    async def announces(self, name: str = "群主", **fields: Any) -> Any:
        """Prepare and announce one."""
        made = await self.prepares(name, **fields)
        return await self.send(name, f"{ACTIVITIES}/{made['id']}/announce", version=1)

    async def registers(self, name: str, activity: Any, *, status: int = 201, **fields: Any) -> Any:
        """Register for it."""
        return await self.send(name, REGISTRATIONS, {"activity_id": activity["id"]} | fields, status=status)

    async def cancels(self, name: str, registration: Any, *, status: int = 200) -> Any:
        """Give a seat or a place back."""
        return await self.send(name, f"{REGISTRATIONS}/{registration['id']}/cancel", status=status)

    async def erases(self, name: str) -> None:
        """Have all that features hold about somebody erased, twice, as may happen."""
        runtime = self.stage.harness.runtime
        for _ in range(2):
            async with runtime.database.transaction() as session:
                for feature in runtime.service.features:
                    if feature.erasure is not None:
                        await feature.erasure(session, self[name].person_id, self.now)

    async def reaches(
        self, name: str, registration: Any, *, result: str = "taken", ago: timedelta = timedelta()
    ) -> None:
        """Have the latest message about a registration reach its member, or be known to reach nobody."""
        published = await self.stage.harness.published("events.registration.")
        version = max(one.version for one in published if one.subject == registration["id"])
        taken = NotificationTaken(
            community_id=self.stage.community_id,
            object=ToldObject(kind="registration", id=UUID(registration["id"])),
            version=version,
            member_id=self[name].id,
            result=result,
        )
        await self.stage.harness.deliver(received(taken, occurred_at=self.now - ago))

    async def told(self) -> list[str]:
        """The messages in their order, but for those that ask moderation about texts."""
        published = await self.stage.harness.published()
        types = [one.type.removeprefix("qunxue.events.").removesuffix(".v1") for one in published]
        return [one for one in types if one != "text.written"]


@pytest.fixture
async def hall(start_service):
    async with start_service(definition, clock=SettableClock(NOON)) as harness:
        stage = Stage(harness)
        hall = Hall(stage)
        async with stage.together():
            await stage.open()
            await hall.joins("群主", "owner")
            for name in "甲乙丙丁":
                await hall.joins(name)
        yield hall
