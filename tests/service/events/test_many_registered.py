"""Where more registered than are written at once, readers see what became of them before it is written, and it is written in the end."""

import pytest
from sqlmodel import col, select

from services.events.activities.models import Activity
from services.events.registrations import settling
from services.events.registrations.models import Registration
from tests.service.events.conftest import ACTIVITIES, REGISTRATIONS
from tests.service.events.test_activities import path
from tests.service.events.test_series import announced, dates, one


@pytest.fixture(autouse=True)
def two_together(monkeypatch):
    monkeypatch.setattr(settling, "TOGETHER", 2)


async def rows(hall):
    async with hall.stage.harness.runtime.database.transaction() as session:
        return (await session.execute(select(Registration).order_by(col(Registration.id)))).scalars().all()


async def seen(hall, name, registration):
    return await hall.see(name, f"{REGISTRATIONS}/{registration['id']}")


async def crowd(hall, **fields):
    activity = await hall.announces(**fields)
    return activity, {name: await hall.registers(name, activity) for name in "甲乙丙丁"}


async def moved(hall, activity):
    to = {"starts_at": hall.after(days=5), "ends_at": hall.after(days=5, hours=2)}
    return await hall.send("群主", path(activity, "move"), to, version=2)


async def test_everybody_is_asked_again_at_once_and_who_answers_or_comes_meanwhile_is_not_asked_twice(hall):
    activity, mine = await crowd(hall)
    await moved(hall, activity)
    assert not any(row.unconfirmed for row in await rows(hall))
    assert all([(await seen(hall, name, mine[name]))["unconfirmed"] for name in mine])
    assert all([(await hall.see(name, path(activity)))["mine"]["registration"]["unconfirmed"] for name in mine])
    assert not (await hall.send("丁", f"{REGISTRATIONS}/{mine['丁']['id']}/confirm"))["unconfirmed"]
    await hall.joins("戊")
    late = await hall.registers("戊", activity)
    again = await hall.cancels("丙", mine["丙"])
    again = await hall.registers("丙", activity)
    before = {name: await seen(hall, name, mine[name]) for name in mine}
    assert [before[name]["unconfirmed"] for name in "甲乙丙丁"] == [True, True, False, False]
    await hall.stage.harness.run_timers()
    assert [row.unconfirmed for row in await rows(hall)] == [True, True, False, False, False]
    assert {row.asked for row in await rows(hall)} == {1}
    assert {name: await seen(hall, name, mine[name]) for name in mine} == before
    assert not (await seen(hall, "戊", late))["unconfirmed"]
    assert not again["unconfirmed"]


async def test_a_cancelled_activity_has_no_registrations_from_that_moment_on(hall):
    activity, mine = await crowd(hall, capacity=3, seat_offers="timed")
    await hall.send("群主", path(activity, "cancel"), {"reason": "停电"}, version=2)
    assert [row.status for row in await rows(hall)] == ["confirmed"] * 3 + ["waitlisted"]
    told = await hall.told()
    for name in mine:
        read = await seen(hall, name, mine[name])
        assert (read["status"], read["place"], read["pass"], read["viewer"]["can"]) == ("cancelled", None, None, [])
        assert (await hall.see(name, path(activity)))["mine"]["registration"]["status"] == "cancelled"
    listed = await hall.see("群主", REGISTRATIONS, activity_id=activity["id"], status="cancelled")
    assert len(listed["items"]) == 4
    assert (await hall.see("群主", REGISTRATIONS, activity_id=activity["id"], status="confirmed"))["items"] == []
    assert (await hall.cancels("甲", mine["甲"]))["status"] == "cancelled"
    await hall.stage.harness.run_timers()
    assert {row.status for row in await rows(hall)} == {"cancelled"}
    assert len({row.ended_at for row in await rows(hall)}) == 1
    assert await hall.told() == told


async def test_who_did_not_come_is_counted_at_once_and_marked_in_the_end(hall):
    activity, _ = await crowd(hall)
    hall.later(days=3, hours=1)
    wanted = {"activity_id": activity["id"], "member_id": str(hall["甲"].id)}
    await hall.send("群主", "/v1/attendances/record", wanted, status=201)
    hall.later(hours=2)
    await hall.send("群主", path(activity, "complete"), version=2)
    assert await no_shows(hall, activity) == (3, 0)
    late = wanted | {"member_id": str(hall["丁"].id)}
    await hall.send("群主", "/v1/attendances/record", late, status=201)
    await hall.stage.harness.run_timers()
    assert await no_shows(hall, activity) == (2, 2)


async def no_shows(hall, activity):
    """How many the activity counts, and how many are marked."""
    async with hall.stage.harness.runtime.database.transaction() as session:
        [counted] = (await session.execute(select(col(Activity.no_shows)))).scalars().all()
    return counted, sum(row.no_show_at is not None for row in await rows(hall))


async def test_what_broke_off_goes_on_where_it_was(hall, monkeypatch):
    _, mine = await crowd(hall)
    write, times = settling._write, []

    async def breaks_off(session, these):
        times.append(1)
        if len(times) == 2:
            await write(session, these)
            raise ConnectionError
        await write(session, these)

    activity = (await hall.see("群主", ACTIVITIES, community_id=str(hall.stage.community_id)))["items"][0]
    await moved(hall, activity)
    monkeypatch.setattr(settling, "_write", breaks_off)
    await hall.stage.harness.run_timers()
    assert [row.unconfirmed for row in await rows(hall)] == [True, True, False, False]
    assert all([(await seen(hall, name, mine[name]))["unconfirmed"] for name in mine])
    hall.later(minutes=1)
    await hall.stage.harness.run_timers()
    assert [row.unconfirmed for row in await rows(hall)] == [True] * 4


async def test_a_series_with_many_registrations_is_moved_and_cancelled_at_once(hall):
    series = await announced(hall, count=3)
    for name in "甲乙":
        await hall.send(name, one(series, "join"), {})
    await hall.send("群主", one(series, "move"), {"at": "08:00"}, version=2)
    assert not any(row.unconfirmed for row in await rows(hall))
    mine = [each["mine"]["registration"] for each in await dates(hall, series, "甲")]
    assert all([(await seen(hall, "甲", each))["unconfirmed"] for each in mine])
    await hall.send("群主", one(series, "cancel"), {"reason": "停办"}, version=3)
    assert {each["mine"]["registration"]["status"] for each in await dates(hall, series, "甲")} == {"cancelled"}
    await hall.stage.harness.run_timers()
    assert {row.status for row in await rows(hall)} == {"cancelled"}
