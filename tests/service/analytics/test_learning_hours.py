"""Hours that members learnt and taught at activities."""

import pytest

from chassis.testing import SettableClock
from contracts import events
from services.analytics.definition import definition
from tests.service.analytics.counted import Counted
from tests.service.analytics.courses import Telling
from tests.service.stage import NOON


@pytest.fixture
async def stage(start_service):
    async with start_service(definition, clock=SettableClock(NOON)) as harness:
        stage = Counted(harness)
        await stage.open()
        await stage.prepare()
        yield stage


async def told(stage):
    """A workshop of two hours in April: who was there throughout, for half of it, and who spoke; a talk without hours."""
    one, two, three = (member.id for member in await stage.members(3))
    telling = Telling(here=stage.community_id)
    telling.activity(events.ActivityAnnounced, "workshop", hours=2.0)
    telling.activity(events.ActivityAnnounced, "talk", kind="talk")
    telling.activity(
        events.ActivityCompleted, "workshop", hours=3.0, visibility="members", registered=3, attended=3, no_shows=0
    )
    telling.attend("workshop", one, minutes=110, hours=3.0)
    telling.attend("workshop", two, extent="partial", minutes=60, hours=3.0)
    telling.attend("workshop", three, role="speaker", minutes=120, hours=3.0)
    telling.attend("talk", one, kind="talk")
    return telling, one


async def hours(stage, **query):
    values = await stage.values("learning_hours", "2024-04-01", "2024-04-30", grain="month", **query)
    return [(one["group"], one["part"], one["value"], one["n"]) for one in values]


@pytest.mark.parametrize("backwards", [False, True])
async def test_who_was_there_for_a_part_has_that_share_and_who_spoke_taught(stage, backwards):
    telling, _ = await told(stage)
    messages = telling.told[::-1] if backwards else telling.told
    for message in messages:
        await stage.harness.deliver(message, times=2)
    assert await hours(stage) == [(None, "learnt", 4.5, 2), (None, "taught", 3.0, 1)]
    assert await hours(stage, group_by="department") == [("D1", "learnt", 4.5, 2), ("D1", "taught", 3.0, 1)]
    assert ("workshop", "learnt", 4.5, 2) in await hours(stage, group_by="kind")


async def test_a_revoked_attendance_and_a_cancelled_activity_give_none(stage):
    telling, one = await told(stage)
    telling.revoke("workshop", one)
    await stage.harness.deliver(*telling.told)
    assert (await hours(stage))[0] == (None, "learnt", 1.5, 1)
    telling.activity(events.ActivityCancelled, "workshop", hours=3.0)
    await stage.harness.deliver(telling.told[-1])
    assert await hours(stage) == [(None, "learnt", 0, 0), (None, "taught", 0, 0)]
