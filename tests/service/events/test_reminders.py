"""Reminders: of what is to be done, and of activities; each once, also where no worker ran for a night."""

from uuid import UUID

import pytest
from sqlalchemy import select

from tests.service.events.conftest import REGISTRATIONS
from tests.service.events.test_activities import path
from tests.service.events.test_meetings import ITEMS, item, meets


async def runs(hall, **by):
    """Let time go by, and a worker do what is due."""
    hall.later(**by)
    await hall.stage.harness.run_timers()


async def messages(hall, kind):
    return [one for one in await hall.stage.harness.published("reminder.due") if one.data["object"]["kind"] == kind]


async def reminders(hall, kind="action_item"):
    """When each was told, how long before, and whom."""
    names = {str(one.id): name for name, one in hall.members.items()}
    return [
        (
            one.occurred_at.strftime("%d %H:%M"),
            one.data["lead"],
            "".join(names[member] for member in one.data["member_ids"]),
        )
        for one in await messages(hall, kind)
    ]


@pytest.fixture
async def task(hall):
    """What 甲 is to do until Thursday, 9 May; it is Monday noon in Shanghai."""
    meeting = await meets(hall, "甲", "乙")
    return await hall.send("群主", ITEMS, item(hall, meeting, due_on="2024-05-09"), status=201)


async def test_who_is_to_do_something_is_reminded_the_day_before_and_on_its_day(hall, task):
    for _ in range(5):
        await runs(hall, days=1)
        await hall.stage.harness.run_timers()
    assert await reminders(hall) == [("08 01:00", "day", "甲"), ("09 01:00", "today", "甲")]
    first, second = await messages(hall, "action_item")
    assert first.data["object"] == {"kind": "action_item", "id": task["id"]}
    assert first.data["due_at"] == second.data["due_at"] == "2024-05-09T16:00:00Z"
    assert (first.version, second.version) == (1, 1)


async def test_after_a_night_off_one_reminder_comes_as_of_when_it_was_due(hall, task):
    await runs(hall, days=2, hours=3)
    assert await reminders(hall) == [("08 01:00", "day", "甲")]
    await runs(hall, days=3)
    await runs(hall, days=3)
    assert await reminders(hall) == [("08 01:00", "day", "甲"), ("09 01:00", "today", "甲")]


async def test_where_nobody_ran_for_days_who_was_not_reminded_is_so_once(hall, task):
    await runs(hall, days=5)
    await runs(hall, days=1)
    assert await reminders(hall) == [("09 01:00", "today", "甲")]


async def test_of_what_is_done_or_another_does_or_later_the_right_one_is_reminded(hall, task):
    other = await hall.send(
        "群主", ITEMS, item(hall, {"id": task["activity_id"]}, "乙", due_on="2024-05-09"), status=201
    )
    await hall.send("乙", f"{ITEMS}/{other['id']}/close", {"status": "done"})
    await runs(hall, days=2)
    await hall.change(
        "群主", f"{ITEMS}/{task['id']}", {"owner_id": str(hall["乙"].id), "due_on": "2024-05-11"}, version=1
    )
    await runs(hall, days=1)
    await runs(hall, days=1)
    await runs(hall, days=1)
    assert await reminders(hall) == [("08 01:00", "day", "甲"), ("10 01:00", "day", "乙"), ("11 01:00", "today", "乙")]


async def test_what_is_closed_has_no_timer(hall, task):
    await hall.send("甲", f"{ITEMS}/{task['id']}/close", {"status": "done"})
    timers = hall.stage.harness.runtime.service.tables.chassis.timers
    async with hall.stage.harness.runtime.database.reading() as session:
        kinds = (await session.execute(select(timers.c.kind).where(timers.c.subject_id == UUID(task["id"])))).all()
    assert kinds == []


async def test_what_is_due_at_once_reminds_nobody_of_what_they_were_just_told(hall):
    meeting = await meets(hall, "甲")
    await hall.send("群主", ITEMS, item(hall, meeting, due_on="2024-05-06"), status=201)
    await runs(hall, days=2)
    assert await reminders(hall) == []


async def test_who_has_a_seat_is_reminded_a_day_and_an_hour_before(hall):
    activity = await hall.announces(capacity=2)
    for name in "甲乙丙":
        await hall.registers(name, activity)
    await runs(hall, days=2)
    await runs(hall, hours=23)
    await hall.stage.harness.run_timers()
    assert await reminders(hall, "activity") == [("08 04:00", "day", "甲乙"), ("09 03:00", "hour", "甲乙")]
    assert {(one.data["part"], one.data["of"]) for one in await messages(hall, "activity")} == {(1, 1)}


async def test_what_was_moved_reminds_anew_and_what_is_cancelled_nobody(hall):
    activity = await hall.announces()
    await hall.registers("甲", activity)
    await runs(hall, days=2)
    moved = {"starts_at": hall.after(days=2), "ends_at": hall.after(days=2, hours=1)}
    await hall.send("群主", path(activity, "move"), moved, version=2)
    await runs(hall, hours=23)
    await runs(hall, hours=1)
    await hall.send("群主", path(activity, "cancel"), {"reason": "停电"}, version=3)
    await runs(hall, hours=23)
    assert [one[:2] for one in await reminders(hall, "activity")] == [("08 04:00", "day"), ("09 04:00", "day")]


async def test_a_reminder_of_an_activity_that_comes_an_hour_too_late_does_not_come(hall):
    activity = await hall.announces()
    await hall.registers("甲", activity)
    await runs(hall, days=2, hours=2)
    await runs(hall, hours=21, minutes=30)
    assert await reminders(hall, "activity") == [("09 03:00", "hour", "甲")]


@pytest.mark.slow
async def test_many_are_reminded_in_parts(hall):
    activity = await hall.announces()
    many = await hall.stage.members(501)
    ids = [str(one.id) for one in many]
    for some in (ids[:500], ids[500:]):
        await hall.send("群主", f"{REGISTRATIONS}/assign", {"activity_id": activity["id"], "member_ids": some})
    await runs(hall, days=2)
    told = await messages(hall, "activity")
    assert [(one.data["part"], one.data["of"], len(one.data["member_ids"])) for one in told] == [(1, 2, 500), (2, 2, 1)]
    assert sorted(member for one in told for member in one.data["member_ids"]) == sorted(ids)
