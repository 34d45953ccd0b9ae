"""Who reads and says nothing is told of once a day: how much of which kind."""

from datetime import timedelta

from chassis.ids import new_id
from chassis.timers import Timer
from services.content.readings import service


async def comes_round(talk):
    """Have the clock come round to telling."""
    now = talk.stage.harness.clock()
    async with talk.stage.harness.runtime.database.transaction() as session:
        await service.tell_readings(session, Timer(new_id(), "readings.tell", new_id(), now, now))


async def reads(talk, name, discussion, upto=0):
    answer = await talk[name].client.put(f"/v1/discussions/{discussion['id']}/read", json={"upto": upto})
    assert answer.status_code == 200, answer.text


async def told(talk):
    return [
        (one.data["member_id"], one.data["day"], one.data["articles"], one.data["discussions"])
        for one in await talk.stage.harness.published("reading.recorded")
    ]


async def test_a_day_of_reading_is_told_once_when_it_is_over(talk):
    first, second = await talk.starts("甲"), await talk.starts("甲", "怎么备课？")
    for _ in range(2):
        await reads(talk, "乙", first)
        talk.later(minutes=20)
    await reads(talk, "乙", second)
    await comes_round(talk)
    assert await told(talk) == []
    day = talk.stage.harness.clock().date()
    talk.later(hours=24)
    await reads(talk, "乙", first)
    await comes_round(talk)
    await comes_round(talk)
    member = str(talk["乙"].id)
    assert await told(talk) == [(member, day.isoformat(), 0, 2)]
    talk.later(hours=24)
    await comes_round(talk)
    following = (day + timedelta(days=1)).isoformat()
    assert await told(talk) == [(member, day.isoformat(), 0, 2), (member, following, 0, 1)]


async def test_of_many_readers_some_are_told_at_a_time_and_nobody_twice(talk, monkeypatch):
    monkeypatch.setattr(service, "MOST_AT_ONCE", 1)
    one = await talk.starts("甲")
    for name in ("甲", "乙"):
        await reads(talk, name, one)
    talk.later(hours=25)
    for _ in range(3):
        await comes_round(talk)
    readers = {str(talk[name].id) for name in ("甲", "乙")}
    assert {member for member, *_ in await told(talk)} == readers
    assert len(await told(talk)) == len(readers)
