"""A community that learns, with managers, on a running analytics service."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from chassis.ids import new_id
from chassis.testing import SettableClock, received
from contracts.events import (
    ActivityAnnounced,
    ActivityCancelled,
    ActivityCompleted,
    ActivityMoved,
    AttendanceRecorded,
    AttendanceRevoked,
)
from contracts.membership import DepartmentUpdated
from services.analytics.definition import definition
from tests.service.stage import NOON, OnStage, Stage, moment

BEGINS = moment("2024-05-08T14:00:00+08:00")
ENDS = BEGINS + timedelta(hours=2)
LATER = ENDS + timedelta(minutes=5)


@dataclass
class School:
    """The community, its members by name, and messages about one activity unless another is named."""

    stage: Stage
    activity_id: UUID = field(default_factory=new_id)
    members: dict[str, OnStage] = field(default_factory=dict)

    def __getitem__(self, name: str) -> OnStage:
        return self.members[name]

    async def joins(self, name: str, *roles: str, department: str = "D1") -> OnStage:
        """Have somebody of this name join, and work in a department."""
        one = self.members[name] = await self.stage.member(roles=roles)
        await self.stage.works(one, department_code=department)
        return one

    async def manages(self, name: str | None, code: str, parent_code: str | None = None, *, version: int = 1) -> None:
        """Have somebody manage a department."""
        manager = self[name].person_id if name is not None else None
        told = DepartmentUpdated(code=code, name=code, parent_code=parent_code, manager_person_id=manager)
        await self.tell(received(told, occurred_at=NOON, version=version))

    async def tell(self, *messages: Any) -> None:
        """Have messages arrive."""
        await self.stage.harness.deliver(*messages)

    def activity(self, kind: Any = ActivityAnnounced, *, version: int = 1, at: datetime = NOON, **facts: Any) -> Any:
        """A message about the activity: two hours that give as many learning hours."""
        usual = {
            "community_id": self.stage.community_id,
            "activity_id": self.activity_id,
            "kind": "sharing_session",
            "mode": "offline",
            "title": "怎么讲好一门课",
            "starts_at": BEGINS,
            "ends_at": ENDS,
            "time_zone": "Asia/Shanghai",
            "hours": 2.0,
        }
        if kind is ActivityMoved:
            usual["starts_at_before"] = BEGINS
        if kind is ActivityCompleted:
            usual |= {"visibility": "internal", "registered": 1, "attended": 1, "no_shows": 0}
        return received(kind(**usual | facts), occurred_at=at, version=version)

    def cancelled(self, version: int) -> Any:
        """The activity does not take place."""
        return self.activity(ActivityCancelled, version=version, at=LATER)

    def attended(self, name: str, *, at: datetime = LATER, version: int = 1, **facts: Any) -> Any:
        """Somebody was there, for all of it unless said otherwise."""
        extent = facts.pop("extent", "full")
        usual = {
            "community_id": self.stage.community_id,
            "attendance_id": self.stage.known_as(f"{name} was there"),
            "activity_id": self.activity_id,
            "activity_kind": "sharing_session",
            "member_id": self[name].id,
            "role": "attendee",
            "extent": extent,
            "minutes": 120,
            "hours": 2.0 if extent == "full" else None,
            "method": "code",
        }
        return received(AttendanceRecorded(**usual | facts), occurred_at=at, version=version)

    def revoked(self, attended: Any, *, version: int = 2) -> Any:
        """They were not there after all."""
        data = AttendanceRevoked(**attended.data.model_dump())
        return received(data, occurred_at=LATER, version=version)

    async def see(self, name: str, *, answered: int = 200, **query: Any) -> Any:
        """Read records."""
        answer = await self[name].client.get("/v1/learning-records", params=query or None)
        assert answer.status_code == answered, answer.text
        return answer.json()

    async def hours(self, name: str) -> list[tuple[float, float, float]]:
        """Somebody's own records: learned, taught, and which part."""
        items = (await self.see(name))["items"]
        return [(one["hours"], one["taught_hours"], one["completion"]) for one in items]

    async def told(self) -> list[tuple[str, int, float | None]]:
        """What was told of records: what, as which version, and the hours."""
        published = await self.stage.harness.published("learning")
        return [(one.type.split(".")[3], one.version, one.data.get("hours")) for one in published]


@pytest.fixture
async def school(start_service):
    async with start_service(definition, clock=SettableClock(LATER)) as harness:
        stage = Stage(harness)
        await stage.open()
        school = School(stage)
        await school.joins("群主", "owner")
        for name in "甲乙":
            await school.joins(name)
        yield school
