"""A community with members on a running service that follows membership, told of them as membership would."""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID, uuid5

import httpx
from sqlalchemy import insert

from chassis.ids import new_id
from chassis.projections.authority import MEMBERSHIP_TOPIC
from chassis.testing import Harness, received
from contracts.membership import (
    CohortUpdated,
    CommunityOpened,
    CommunityUpdated,
    DepartmentUpdated,
    MemberJoined,
    MemberLeft,
    MemberSnapshot,
    PersonRegistered,
    PersonUpdated,
    WorkCalendarUpdated,
    WorkDay,
)
from contracts.recruitment import CampaignChannel, CampaignOpened

ZONE = "Asia/Shanghai"
NOON = datetime(2024, 5, 6, 4, 0, tzinfo=UTC)
"""Noon of a Monday in Shanghai."""
JOINED = datetime(2024, 1, 1, tzinfo=UTC)


def moment(text: str) -> datetime:
    """A moment from RFC 3339."""
    return datetime.fromisoformat(text).astimezone(UTC)


@dataclass
class OnStage:
    """A member, and the client of the person behind."""

    id: UUID
    person_id: UUID
    employee_no: str
    client: httpx.AsyncClient
    name: str | None = None


class Stage:
    """One community; times are the harness's clock's."""

    def __init__(self, harness: Harness) -> None:
        self.harness = harness
        self.community_id = new_id()
        self._numbers = 0
        self._held_back: list[Any] | None = None
        self._versions: dict[UUID, int] = {}
        self._community: dict[str, Any] = {
            "community_id": self.community_id,
            "slug": "readers",
            "name": "读书会",
            "kind": "training",
            "status": "open",
            "visibility": "internal",
            "join": "open",
            "time_zone": ZONE,
            "day_starts_at": time(0),
            "streak_days": "every_day",
            "charter_version": 1,
        }

    @asynccontextmanager
    async def together(self) -> AsyncIterator[None]:
        """What is told of the community and its members in the block arrives at its end, in one batch."""
        self._held_back = messages = []
        yield
        self._held_back = None
        await self.harness.deliver(*messages)

    async def _tell(self, *messages: Any) -> None:
        if self._held_back is None:
            await self.harness.deliver(*messages)
        else:
            self._held_back += messages

    async def open(self, **facts: Any) -> None:
        """Have the community opened, and the projection be fresh."""
        self._community |= facts
        await self._tell(
            received(CommunityOpened(**self._community), occurred_at=JOINED, version=self._next(self.community_id))
        )
        progress = self.harness.runtime.service.tables.messaging.consumer_progress
        async with self.harness.runtime.database.transaction() as session:
            await session.execute(
                insert(progress).values(
                    consumer=self.harness.runtime.name,
                    topic=MEMBERSHIP_TOPIC,
                    partition=0,
                    next_offset=0,
                    caught_up_at=datetime(2100, 1, 1, tzinfo=UTC),
                    updated_at=JOINED,
                )
            )

    async def change(self, **facts: Any) -> None:
        """Change the community from now on."""
        self._community |= facts
        await self.harness.deliver(
            received(
                CommunityUpdated(**self._community),
                occurred_at=self.harness.clock(),
                version=self._next(self.community_id),
            )
        )

    def known_as(self, name: str) -> UUID:
        """The same id for the same name."""
        return uuid5(self.community_id, name)

    async def known_to(self, harness: Harness, members: Iterable[OnStage]) -> None:
        """Have another service know the community and these members, too."""
        messages = [received(CommunityOpened(**self._community), occurred_at=JOINED)]
        for one in members:
            messages.append(received(self._person(PersonRegistered, one, None), occurred_at=JOINED))
            messages.append(received(MemberJoined(**self._member(one, JOINED)), occurred_at=JOINED))
        await harness.deliver(*messages)

    async def member(self, *, joined_at: datetime = JOINED, time_zone: str | None = None, **facts: Any) -> OnStage:
        """Have someone join."""
        return (await self.members(1, joined_at=joined_at, time_zone=time_zone, **facts))[0]

    async def members(
        self, count: int, *, joined_at: datetime = JOINED, time_zone: str | None = None, **facts: Any
    ) -> list[OnStage]:
        """Have several people join together."""
        people, messages = [], []
        for _ in range(count):
            self._numbers += 1
            one = OnStage(new_id(), new_id(), f"E{self._numbers:05d}", self.harness.anonymous())
            one.client = self.harness.as_person(one.person_id)
            people.append(one)
            messages.append(
                received(
                    self._person(PersonRegistered, one, time_zone, kind=facts.get("person_kind", "employee")),
                    occurred_at=joined_at,
                    version=self._next(one.person_id),
                )
            )
            joined = MemberJoined(**self._member(one, joined_at, **facts))
            messages.append(received(joined, occurred_at=joined_at, version=self._next(one.id)))
        await self._tell(*messages)
        return people

    async def move(self, one: OnStage, time_zone: str) -> None:
        """Have a person choose a zone."""
        await self.harness.deliver(
            received(
                self._person(PersonUpdated, one, time_zone),
                occurred_at=self.harness.clock(),
                version=self._next(one.person_id),
            )
        )

    async def rename(self, one: OnStage, name: str) -> None:
        """Have a person be called otherwise."""
        one.name = name
        told = self._person(PersonUpdated, one, None)
        await self.harness.deliver(received(told, occurred_at=self.harness.clock(), version=self._next(one.person_id)))

    async def tell_workdays(self, year: int, *, off: Sequence[str] = (), workdays: Sequence[str] = ()) -> None:
        """Have the days of a year become known, as month and day."""
        said = dict.fromkeys(off, "off") | dict.fromkeys(workdays, "workday")
        days = tuple(WorkDay(date=date.fromisoformat(f"{year}-{day}"), kind=kind) for day, kind in sorted(said.items()))
        told = WorkCalendarUpdated(country="CN", year=year, known_until=date(year, 12, 31), days=days)
        version = self._next(self.known_as(f"workdays of {year}"))
        await self.harness.deliver(received(told, occurred_at=self.harness.clock(), version=version))

    async def works(self, one: OnStage, **facts: Any) -> None:
        """Have it become known where somebody works."""
        told = self._person(PersonUpdated, one, None, **facts)
        await self.harness.deliver(received(told, occurred_at=self.harness.clock(), version=self._next(one.person_id)))

    async def tell_department(self, code: str, name: str, parent_code: str | None = None) -> None:
        """Have the name of a department become known."""
        version = self._next(self.known_as(f"department {code}"))
        told = DepartmentUpdated(code=code, name=name, parent_code=parent_code)
        await self.harness.deliver(received(told, occurred_at=self.harness.clock(), version=version))

    async def tell_cohort(self, cohort_id: UUID, name: str) -> None:
        """Have the name of a cohort become known."""
        told = CohortUpdated(community_id=self.community_id, cohort_id=cohort_id, code="c", name=name)
        await self.harness.deliver(received(told, occurred_at=self.harness.clock(), version=self._next(cohort_id)))

    async def tell_campaign(self, campaign_id: UUID, **channels: str) -> None:
        """Have the names of a campaign's channels become known."""
        told = CampaignOpened(
            community_id=self.community_id,
            campaign_id=campaign_id,
            title="招募",
            channels=tuple(CampaignChannel(code=code, name=name, kind="im") for code, name in channels.items()),
        )
        await self.harness.deliver(received(told, occurred_at=self.harness.clock(), version=self._next(campaign_id)))

    async def leave(self, one: OnStage, **facts: Any) -> None:
        """Have a member leave."""
        left = MemberLeft(**self._member(one, JOINED, status="left", **facts))
        await self.harness.deliver(received(left, occurred_at=self.harness.clock(), version=self._next(one.id)))

    async def come_back(self, one: OnStage) -> None:
        """Have one who left join again."""
        back = MemberJoined(**self._member(one, JOINED))
        await self.harness.deliver(received(back, occurred_at=self.harness.clock(), version=self._next(one.id)))

    async def left_unheard(self, one: OnStage) -> None:
        """Have a member leave, the message of it get lost, and membership restate how things are."""
        self._next(one.id)
        state = self._member(one, JOINED, status="left")
        gone = received(MemberSnapshot(**state), occurred_at=self.harness.clock(), version=self._next(one.id))
        await self.harness.deliver(gone)

    def vouch(self, *roles: str) -> OnStage:
        """A member of whom no message has arrived yet: only membership, when it is asked, knows of them."""
        one = OnStage(new_id(), (person := new_id()), "unheard", self.harness.as_person(person))
        member = {
            "member_id": str(one.id),
            "person_id": str(person),
            "status": "active",
            "roles": list(roles),
            "joined_at": JOINED.isoformat(),
        }
        community = {
            "id": str(self.community_id),
            "name": "读书会",
            "status": "open",
            "visibility": "internal",
            "time_zone": ZONE,
            "day_starts_at": "00:00:00",
            "streak_days": "every_day",
        }
        item = {"community": community, "person": {"status": "active", "kind": "employee"}, "member": member}

        async def call(*_asked: Any, **_options: Any) -> httpx.Response:
            asked = httpx.Request("POST", "https://membership.example")
            return httpx.Response(200, json={"items": [item]}, request=asked)

        self.harness.runtime.peers.call = call  # type: ignore[method-assign]
        return one

    def service(self, *scopes: str) -> httpx.AsyncClient:
        """A service account's client in this community."""
        return self.harness.as_service(*scopes, communities=[self.community_id], account_id=self.known_as("program"))

    def _person(self, message: Any, one: OnStage, time_zone: str | None, **facts: Any) -> Any:
        usual = {
            "person_id": one.person_id,
            "employee_no": one.employee_no,
            "display_name": one.name or f"Person {one.employee_no}",
            "department_code": "D1",
            "kind": "employee",
            "time_zone": time_zone,
            "status": "active",
        }
        return message(**usual | facts)

    def _member(self, one: OnStage, joined_at: datetime, *, status: str = "active", **facts: Any) -> dict[str, Any]:
        return {
            "community_id": self.community_id,
            "member_id": one.id,
            "person_id": one.person_id,
            "employee_no": one.employee_no,
            "display_name": f"Person {one.employee_no}",
            "person_kind": "employee",
            "status": status,
            "joined_at": joined_at,
            "via": "import",
        } | facts

    def _next(self, subject: UUID) -> int:
        self._versions[subject] = self._versions.get(subject, 0) + 1
        return self._versions[subject]
