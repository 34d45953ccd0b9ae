"""A community with an owner and members on a running analytics service."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from chassis.testing import SettableClock
from chassis.timers import Late, Timer
from services.analytics.definition import definition
from services.analytics.goals.measuring import MEASURE, measure
from tests.service.analytics.counting import Counting
from tests.service.stage import NOON, OnStage, moment

GOALS = "/v1/goals"
RELEVANCE = "让新人第一个月就愿意开口。"


@dataclass
class Club:
    """The community, its members by name, and short ways to say what a test is not about."""

    stage: Counting
    members: dict[str, OnStage] = field(default_factory=dict)

    def __getitem__(self, name: str) -> OnStage:
        return self.members[name]

    @property
    def now(self) -> Any:
        """The clock's moment."""
        return self.stage.harness.clock()

    async def joins(self, name: str, *roles: str) -> OnStage:
        """Have somebody of this name join."""
        self.members[name] = await self.stage.member(roles=roles)
        return self.members[name]

    async def replies(self, day: str, *names: str) -> None:
        """Have each of them write an answer at noon of a day."""
        at = moment(f"{day}T12:00:00+08:00")
        await self.stage.harness.deliver(*[self.stage.reply(self[name].id, at) for name in names])

    async def arrive(self, day: str, count: int) -> list[OnStage]:
        """Have so many members join at noon of a day."""
        return await self.stage.members(count, joined_at=moment(f"{day}T12:00:00+08:00"))

    async def later(self, **by: float) -> None:
        """Let time go by, with a worker running."""
        self.stage.harness.clock.advance(timedelta(**by))
        await self.stage.harness.run_timers()

    async def sets(self, name: str = "群主", *, status: int = 201, **fields: Any) -> Any:
        """Set a goal for four weeks from this Monday on, unless told otherwise."""
        body = {
            "community_id": str(self.stage.community_id),
            "title": "新人四周内融入",
            "horizon": "short",
            "due_on": "2024-06-02",
            "relevance": RELEVANCE,
        }
        answer = await self[name].client.post(GOALS, json=body | fields)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def see(self, path: str = "", *, by: str = "甲", answered: int = 200, **query: Any) -> Any:
        """Read a goal, or list them."""
        answer = await self[by].client.get(f"{GOALS}{path and '/'}{path}", params=query or None)
        assert answer.status_code == answered, answer.text
        return answer.json()

    async def change(
        self, goal: Any, *, by: str = "群主", version: int | None = 1, status: int = 200, **fields: Any
    ) -> Any:
        """Patch a goal."""
        headers = {} if version is None else {"If-Match": f'"{version}"'}
        answer = await self[by].client.patch(f"{GOALS}/{goal['id']}", json=fields, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def withdraws(self, goal: Any, *, by: str = "群主", status: int = 200) -> Any:
        """Withdraw a goal."""
        answer = await self[by].client.post(f"{GOALS}/{goal['id']}/withdraw")
        assert answer.status_code == status, answer.text
        return answer.json()

    async def looks(self, goal: Any) -> None:
        """A worker comes to the goal, whoever else does."""
        timer = Timer(UUID(goal["id"]), MEASURE, UUID(goal["id"]), self.now, self.now, Late.ENDING)
        async with self.stage.harness.runtime.database.transaction() as session:
            await measure(session, timer)

    async def told(self) -> list[str]:
        """The messages about goals in their order."""
        published = await self.stage.harness.published("goal")
        return [one.type.removeprefix("qunxue.analytics.goal.").removesuffix(".v1") for one in published]


@pytest.fixture
async def club(start_service):
    async with start_service(definition, clock=SettableClock(NOON)) as harness:
        stage = Counting(harness)
        club = Club(stage)
        async with stage.together():
            await stage.open()
            await club.joins("群主", "owner")
            for name in "甲乙":
                await club.joins(name)
        yield club
