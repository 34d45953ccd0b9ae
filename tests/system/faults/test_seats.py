"""Faults 12 and 13: many register for few seats at the same moment, and others give theirs back meanwhile.

Four processes ask. On PostgreSQL several API processes answer them, on SQLite the only one that there can be.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import case, func
from sqlmodel import col, select

from chassis.testing import SettableClock
from services.events.activities.models import Activity
from services.events.definition import definition
from services.events.registrations.models import Registration
from tests.service.events.conftest import REGISTRATIONS, Hall
from tests.service.stage import NOON, OnStage, Stage
from tests.support.scale import scaled
from tests.system.faults.together import Asked, api_processes, ask_together

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

MANY = scaled(1000, reduced=160)
SEATS = MANY // 10


@dataclass
class Crowd:
    """A hall with many members, the API processes behind it, and the processes that ask them."""

    hall: Hall
    members: Sequence[OnStage]
    ports: Sequence[int]
    folder: Path
    most: int = 0
    """The most seats that were given at any moment at which somebody looked."""
    looks: int = field(default=0)

    async def asks(self, asked: Sequence[Asked]) -> Counter[int]:
        """Everything at once, by as many processes; the statuses that were answered."""
        return await ask_together(asked, self.ports, self.folder)

    async def registered(self, activity: Any) -> list[dict[str, Any]]:
        """All registrations, as who runs it reads them."""
        found: list[dict[str, Any]] = []
        query = {"activity_id": activity["id"], "limit": 100}
        while True:
            page = await self.hall.see("群主", REGISTRATIONS, **query)
            found += page["items"]
            if page["next"] is None:
                return found
            query["cursor"] = page["next"]

    @asynccontextmanager
    async def watched(self, activity: Any) -> AsyncIterator[None]:
        """Look at the seats again and again meanwhile, each time in one statement."""
        over = asyncio.Event()
        taken = func.count(case((col(Registration.status).in_(["confirmed", "offered"]), 1)))
        seen = select(taken, func.max(Activity.confirmed + Activity.offered)).join(
            Activity, col(Activity.id) == col(Registration.activity_id)
        )

        async def look() -> None:
            while not over.is_set():
                async with self.hall.stage.harness.runtime.database.reader.connect() as connection:
                    given, counted = (await connection.execute(seen)).one()
                self.most, self.looks = max(self.most, given, counted or 0), self.looks + 1
                await asyncio.sleep(0.01)

        looking = asyncio.create_task(look())
        try:
            yield
        finally:
            over.set()
            await looking


@pytest.fixture
async def crowd(start_service, database: str, tmp_path: Path) -> AsyncIterator[Crowd]:
    async with AsyncExitStack() as stack:
        harness = await stack.enter_async_context(start_service(definition, clock=SettableClock(NOON)))
        stage = Stage(harness)
        await stage.open()
        hall = Hall(stage)
        await hall.joins("群主", "owner")
        members = await stage.members(MANY)
        ports = await api_processes(stack, harness, "events", database, tmp_path)
        yield Crowd(hall, members, ports, tmp_path)


def registering(activity: Any, members: Sequence[OnStage]) -> list[Asked]:
    return [(one, REGISTRATIONS, {"activity_id": activity["id"]}) for one in members]


@pytest.mark.fault(12)
async def test_of_many_who_register_at_once_each_has_a_seat_or_a_place_of_their_own(crowd: Crowd) -> None:
    activity = await crowd.hall.announces(capacity=SEATS)
    answered = await crowd.asks(registering(activity, crowd.members))
    assert answered == {201: MANY}
    found = await crowd.registered(activity)
    assert Counter(one["status"] for one in found) == {"confirmed": SEATS, "waitlisted": MANY - SEATS}
    assert sorted(one["place"] for one in found if one["place"] is not None) == list(range(1, MANY - SEATS + 1))
    told = await crowd.hall.stage.harness.published("registration.waitlisted")
    assert sorted(one.data["position"] for one in told) == list(range(1, MANY - SEATS + 1))
    assert len(await crowd.hall.stage.harness.published("registration.confirmed")) == SEATS


@pytest.mark.fault(13)
async def test_who_gives_a_seat_back_while_others_register_leaves_never_more_than_there_are(crowd: Crowd) -> None:
    activity = await crowd.hall.announces(capacity=SEATS)
    first, others = crowd.members[: MANY // 2], crowd.members[MANY // 2 :]
    assert await crowd.asks(registering(activity, first)) == {201: len(first)}
    mine = {one["member"]["member_id"]: one for one in await crowd.registered(activity)}
    # Everybody who has a seat, and as many who wait.
    seated = [one for one in first if mine[str(one.id)]["status"] == "confirmed"]
    waiting = [one for one in first if mine[str(one.id)]["status"] == "waitlisted"][: len(seated)]
    leaving = [(one, f"{REGISTRATIONS}/{mine[str(one.id)]['id']}/cancel", None) for one in (*seated, *waiting)]
    coming = registering(activity, others)
    mixed = [one for n in range(len(coming)) for one in (*leaving[n : n + 1], coming[n])]
    async with crowd.watched(activity):
        answered = await crowd.asks(mixed)
    assert answered == {200: len(leaving), 201: len(coming)}
    assert crowd.looks
    assert crowd.most == SEATS
    counts = Counter(one["status"] for one in await crowd.registered(activity))
    assert counts == {"confirmed": SEATS, "waitlisted": MANY - SEATS - len(leaving), "cancelled": len(leaving)}
    line = await crowd.hall.see("群主", f"/v1/activities/{activity['id']}/waitlist")
    assert (line["confirmed"], line["waiting"], line["held_by"]) == (SEATS, counts["waitlisted"], None)
