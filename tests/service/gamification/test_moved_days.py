"""A community's day moves under many deeds: members are moved in the background, and it ends as if all had been moved at once."""

from datetime import timedelta

import pytest

from chassis.jobs import LeaseLost
from chassis.testing import SettableClock, received
from contracts.membership import CommunityOpened
from services.gamification.definition import definition
from services.gamification.earning import moving
from services.gamification.ledger.verification import verify
from tests.service.gamification.deeds import a_reply
from tests.service.gamification.stage import JOINED, NOON, Stage

MIDNIGHT = NOON + timedelta(days=2, hours=20)
"""Of UTC, in the morning of Shanghai."""
MOVED_AT = NOON + timedelta(days=1)


class Read(Stage):
    async def xp(self, members):
        return [(await one.client.get(f"/v1/wallets/{one.id}")).json()["xp"] for one in members]

    async def reply(self, members, *minutes):
        """Replies so many minutes after midnight of UTC."""
        deeds = [
            a_reply(self.community_id, one.id, at=MIDNIGHT + timedelta(minutes=n)) for one in members for n in minutes
        ]
        await self.harness.deliver(*deeds)

    async def open_too(self):
        opened = CommunityOpened(**self._community)
        await self.harness.deliver(received(opened, occurred_at=JOINED, version=self._next(self.community_id)))

    async def hear_late_of_the_move(self):
        self.harness.clock.now = MOVED_AT
        await self.change(time_zone="UTC")
        self.harness.clock.now = MIDNIGHT + timedelta(hours=1)

    async def boards(self, members):
        names = {str(one.id): n for n, one in enumerate(members)}
        return {
            (period, day): [
                (names[item["member"]["member_id"]], item["score"])
                for item in (await self.board(members[0].client, period=period, on=f"2024-05-{day:02d}"))["items"]
            ]
            for period, day in [("day", 8), ("day", 9), ("week", 6), ("month", 1), ("all_time", 1)]
        }


@pytest.fixture
async def stage(start_service, monkeypatch):
    monkeypatch.setattr(moving, "AT_ONCE", 3)
    monkeypatch.setattr(moving, "FIRST_CHUNK", 1)
    monkeypatch.setattr(moving, "MOST_MEMBERS", 1)
    async with start_service(definition, clock=SettableClock(NOON)) as harness:
        stage = Read(harness)
        await stage.open()
        yield stage


async def some_who_replied(stage):
    members = await stage.members(3)
    await stage.reply(members, *range(-10, 10))
    assert await stage.xp(members) == [20, 20, 20]
    return sorted(members, key=lambda one: one.id)


async def test_many_deeds_are_moved_in_the_background(stage):
    members = await some_who_replied(stage)
    await stage.hear_late_of_the_move()
    assert await stage.xp(members) == [20, 20, 20]
    await stage.harness.run_jobs()
    assert await stage.xp(members) == [40, 40, 40]
    boards = await stage.boards(members)
    assert boards["day", 8] == boards["day", 9] == [(n, 20) for n in range(3)]


async def test_few_are_moved_at_once(stage, monkeypatch):
    monkeypatch.setattr(moving, "AT_ONCE", 60)
    members = await some_who_replied(stage)
    await stage.hear_late_of_the_move()
    assert await stage.xp(members) == [40, 40, 40]


async def test_it_ends_alike_killed_on_the_way_with_members_who_act_meanwhile_and_all_at_once(stage, monkeypatch):
    at_once = Read(stage.harness)
    await at_once.open_too()
    monkeypatch.setattr(moving, "AT_ONCE", 10_000)
    moved_at_once = await some_who_replied(at_once)
    await at_once.hear_late_of_the_move()
    monkeypatch.setattr(moving, "AT_ONCE", 3)
    members = await some_who_replied(stage)
    await stage.hear_late_of_the_move()
    chunk, chunks = moving._chunk, 0

    async def die_in_the_second(*arguments):
        nonlocal chunks
        chunks += 1
        more = await chunk(*arguments)
        if chunks == 2:
            raise LeaseLost
        return more

    monkeypatch.setattr(moving, "_chunk", die_in_the_second)
    await stage.harness.run_jobs()
    assert await stage.xp(members) == [40, 20, 20]
    for community, people in ((at_once, moved_at_once), (stage, members)):
        for one in people[:2]:
            assert (await community.check_in(one)).status_code == 201
        await community.reply(people, 11, 12)
    stage.harness.clock.advance(timedelta(minutes=5))
    await stage.harness.run_jobs()
    assert await stage.xp(members) == await at_once.xp(moved_at_once) == [45, 45, 40]
    assert await stage.boards(members) == await at_once.boards(moved_at_once)
    async with stage.harness.runtime.database.reading() as session:
        assert (await verify(session)).holds
