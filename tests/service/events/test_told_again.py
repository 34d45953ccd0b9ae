"""What was done, told again to whoever is new or has lost messages: as it was told."""

from sqlalchemy import select

from services.events.definition import definition
from tests.service.events.conftest import ACTIVITIES
from tests.service.events.test_attendances import ends, recorded
from tests.service.events.test_meetings import ITEMS, MEETINGS, item, meets
from tests.service.events.test_speakers import OUTSIDE, invites, member


async def again(hall, since=None):
    """What `qunxue republish events deeds` would send."""
    found = []
    async with hall.stage.harness.runtime.database.reading() as session:
        for feature in definition.features:
            for deeds in feature.deeds:
                found += [one async for one in deeds(session, since)]
    return found


async def as_told(hall):
    """Of each message its id, type, version, time and what it said."""
    outbox = hall.stage.harness.runtime.service.tables.messaging.outbox
    async with hall.stage.harness.runtime.database.reading() as session:
        ids = [row.id for row in await session.execute(select(outbox.c.id).order_by(outbox.c.seq))]
    told = await hall.stage.harness.published()
    return {key: (one.type, one.version, one.occurred_at, one.data) for key, one in zip(ids, told, strict=True)}


async def lives(hall):
    """An activity with all that may become of it, and a meeting that has something done."""
    activity = await hall.announces(capacity=1)
    seat = await hall.registers("甲", activity)
    await hall.registers("乙", activity)
    path = f"{ACTIVITIES}/{activity['id']}"
    await hall.change("群主", path, {"title": "换了题目"}, version=2)
    moved = {"starts_at": hall.after(days=4), "ends_at": hall.after(days=4, hours=2)}
    await hall.send("群主", f"{path}/move", moved, version=3)
    await hall.cancels("甲", seat)
    hall.later(days=4)
    await recorded(hall, "乙", activity)
    await ends(hall, activity, version=4)
    await hall.stage.harness.run_timers()
    meeting = await meets(hall, "甲")
    await hall.change("群主", f"{MEETINGS}/{meeting['id']}", {"minutes": "都到了"}, version=1)
    made = await hall.send("群主", ITEMS, item(hall, meeting, due_on="2024-06-08"), status=201)
    await hall.send("甲", f"{ITEMS}/{made['id']}/close", {"status": "done"})
    other = await hall.announces(title="不办了")
    await hall.send("群主", f"{ACTIVITIES}/{other['id']}/cancel", {"reason": "没有场地"}, version=2)


async def test_what_was_done_is_told_again_as_it_was_told(hall):
    await lives(hall)
    before = await as_told(hall)
    found = await again(hall)
    assert all(one.backfill for one in found)
    for one in found:
        told = (one.event.TYPE, one.version, one.occurred_at, one.event.model_dump(mode="json", exclude_none=True))
        assert before[one.id] == told
    kinds = {one.event.TYPE.removeprefix("qunxue.events.").removesuffix(".v1") for one in found}
    assert kinds == {
        *("activity.announced", "activity.updated", "activity.moved", "activity.completed", "activity.cancelled"),
        *("registration.confirmed", "registration.waitlisted", "registration.cancelled", "registration.assigned"),
        *("attendance.recorded", "meeting.minuted", "action_item.assigned", "action_item.completed"),
    }


async def test_what_became_of_somebody_who_came_again_is_told_beside_their_first_request(hall):
    activity = await hall.announces()
    for _ in range(2):
        await hall.cancels("甲", await hall.registers("甲", activity))
    told = [one for one in await again(hall) if "registration" in one.event.TYPE]
    assert sorted((one.version, one.event.TYPE.split(".")[3]) for one in told) == [(1, "confirmed"), (4, "cancelled")]


async def test_deeds_are_told_again_from_a_moment_on(hall):
    await hall.announces(title="从前的")
    hall.later(days=1)
    await hall.announces(title="今天的")
    assert [one.event.title for one in await again(hall, hall.now)] == ["今天的"]


async def test_who_spoke_from_outside_is_not_kept_with_what_was_done(hall):
    made = await hall.prepares()
    await invites(hall, made, OUTSIDE)
    await invites(hall, made, member(hall, "甲"))
    await hall.send("群主", f"{ACTIVITIES}/{made['id']}/announce", version=1)
    (told,) = await hall.stage.harness.published("announced")
    assert OUTSIDE["name"] in [one["name"] for one in told.data["speakers"]]
    (kept,) = [one for one in await again(hall) if "announced" in one.event.TYPE]
    assert [one.member_id for one in kept.event.speakers] == [hall["甲"].id]
