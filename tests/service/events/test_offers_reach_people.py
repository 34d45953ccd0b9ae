"""The time of an offer runs from when it has reached its member, and what reaches nobody costs nobody their place."""

from datetime import timedelta
from itertools import permutations
from uuid import UUID

import pytest

from chassis.testing.harness import received
from contracts.membership import NotificationTaken, ToldObject
from services.events.registrations.models import Registration
from tests.service.events.conftest import REGISTRATIONS
from tests.service.events.test_activities import path


@pytest.fixture
async def offered(hall):
    """At noon 乙 is offered the one seat; 丙 and 丁 wait. The activity is in a week."""
    activity = await hall.announces(
        capacity=1, seat_offers="timed", starts_at=hall.after(days=7), ends_at=hall.after(days=7, hours=2)
    )
    given = {name: await hall.registers(name, activity) for name in "甲乙丙丁"}
    await hall.cancels("甲", given["甲"])
    return activity, given


async def own(hall, name, given):
    return await hall.see(name, f"{REGISTRATIONS}/{given[name]['id']}")


async def seen(hall, name, given):
    found = await own(hall, name, given)
    return found["status"], found["offer_ends_at"], found["offer_untold"]


async def goes_on(hall, **by):
    hall.later(**by)
    await hall.stage.harness.run_timers()


async def test_the_twelve_hours_run_from_when_it_reached_them(hall, offered):
    _, given = offered
    hall.later(hours=1)
    await hall.reaches("乙", given["乙"])
    assert await seen(hall, "乙", given) == ("offered", "2024-05-07T03:00:00Z", False)
    await goes_on(hall, hours=21, minutes=59)
    assert (await own(hall, "乙", given))["status"] == "offered"
    await goes_on(hall, minutes=1)
    assert (await own(hall, "乙", given))["status"] == "expired"
    assert (await own(hall, "丙", given))["status"] == "offered"


async def test_after_four_hours_of_the_day_they_run_anyway_and_that_is_said(hall, offered):
    activity, given = offered
    hall.later(hours=3, minutes=59)
    assert await seen(hall, "乙", given) == ("offered", "2024-05-07T05:59:00Z", False)
    hall.later(minutes=1)
    assert await seen(hall, "乙", given) == ("offered", "2024-05-07T06:00:00Z", True)
    mine = (await hall.see("乙", path(activity)))["mine"]["registration"]
    assert mine["offer_ends_at"] == "2024-05-07T06:00:00Z"
    await goes_on(hall, hours=22)
    assert (await own(hall, "丙", given))["status"] == "offered"
    [kept] = [one for one in await hall.stage.harness.published("registration.waitlisted") if one.data["untold"]]
    assert (kept.data["untold"], kept.data["position"], kept.subject) == (True, 1, given["乙"]["id"])
    assert kept.occurred_at.isoformat() == "2024-05-07T06:00:00+00:00"
    assert not await hall.stage.harness.published("registration.expired")
    found = await own(hall, "乙", given)
    assert (found["status"], found["place"], found["offer_untold"]) == ("waitlisted", 1, False)


async def test_the_night_is_not_of_the_four_hours(hall, offered):
    _, given = offered
    await goes_on(hall, hours=9)
    await hall.reaches("乙", given["乙"])
    await hall.send("乙", f"{REGISTRATIONS}/{given['乙']['id']}/cancel")
    # 丙 is offered the seat at 21:00 in Shanghai.
    await goes_on(hall, hours=13, minutes=59)
    assert (await seen(hall, "丙", given))[2] is False
    hall.later(minutes=1)
    assert (await seen(hall, "丙", given))[2] is True


async def test_whom_nothing_reaches_has_their_time_at_once_and_keeps_their_place(hall, offered):
    _, given = offered
    await hall.reaches("乙", given["乙"], result="unreachable")
    assert await seen(hall, "乙", given) == ("offered", "2024-05-07T02:00:00Z", True)
    await goes_on(hall, hours=22)
    assert [(await own(hall, name, given))["status"] for name in "乙丙丁"] == ["waitlisted", "offered", "waitlisted"]


async def test_who_is_not_reached_holds_nobody_up_and_has_their_turn_again_once_something_reaches_them(hall, offered):
    _, given = offered
    await hall.reaches("乙", given["乙"], result="unreachable")
    await goes_on(hall, hours=22)
    await hall.reaches("丙", given["丙"], result="unreachable")
    await goes_on(hall, hours=24)
    assert [(await own(hall, name, given))["status"] for name in "乙丙丁"] == ["waitlisted", "waitlisted", "offered"]
    # 丙 reads that they keep their place; 乙 still does not know.
    await hall.reaches("丙", given["丙"])
    await hall.cancels("丁", given["丁"])
    assert [(await own(hall, name, given))["status"] for name in "乙丙"] == ["waitlisted", "offered"]
    assert (await own(hall, "乙", given))["place"] == 1


async def test_where_nobody_else_waits_they_are_offered_it_again(hall, offered):
    _, given = offered
    for name in "丙丁":
        await hall.cancels(name, given[name])
    await hall.reaches("乙", given["乙"], result="unreachable")
    await goes_on(hall, hours=22)
    assert (await own(hall, "乙", given))["status"] == "offered"
    assert len([one for one in await hall.told() if one == "registration.offered"]) == 2


async def test_a_late_message_neither_shortens_nor_begins_it_anew(hall, offered):
    _, given = offered
    hall.later(hours=6)
    before = await seen(hall, "乙", given)
    await hall.reaches("乙", given["乙"])
    assert await seen(hall, "乙", given) == before == ("offered", "2024-05-07T06:00:00Z", True)
    await goes_on(hall, hours=20)
    assert (await own(hall, "乙", given))["status"] == "waitlisted", "it had not reached them in time"


async def test_messages_in_any_order_and_twice_come_to_the_same(hall, offered):
    _, given = offered
    [version] = [one.version for one in await hall.stage.harness.published("registration.offered")]
    began, key = hall.now, UUID(given["乙"]["id"])

    def message(result, minutes, of=version, name="乙", number=1):
        about = ToldObject(kind="registration", id=key)
        event = NotificationTaken(
            community_id=hall.stage.community_id, object=about, version=of, member_id=hall[name].id, result=result
        )
        return received(event, occurred_at=began + timedelta(minutes=minutes), version=number)

    three = [message("unreachable", 5), message("taken", 30, number=2), message("taken", 1, of=version - 1)]
    three.append(message("taken", 2, name="丙"))
    hall.later(minutes=40)
    outcomes = set()
    for order in permutations(three):
        async with hall.stage.harness.runtime.database.transaction() as session:
            row = await session.get_one(Registration, key)
            row.offer_runs_from, row.offer_told_at = began + timedelta(hours=4), None
            row.offer_ends_at = began + timedelta(hours=26)
        for one in (*order, *order):
            # Each for itself: what was applied once is not given to the handler again.
            await hall.stage.harness.deliver(received(one.data, occurred_at=one.occurred_at, version=one.version))
        async with hall.stage.harness.runtime.database.reading() as session:
            row = await session.get_one(Registration, key)
            outcomes.add((row.offer_runs_from, row.offer_told_at, row.offer_ends_at))
    [outcome] = outcomes
    assert outcome == tuple(
        began + timedelta(**by) for by in ({"minutes": 5}, {"minutes": 30}, {"hours": 22, "minutes": 5})
    )


async def test_an_offer_of_before_ends_when_it_was_to_end(hall, offered):
    _, given = offered
    async with hall.stage.harness.runtime.database.transaction() as session:
        row = await session.get_one(Registration, UUID(given["乙"]["id"]))
        row.offer_runs_from, row.awaited, row.queued = None, 0, None
    await hall.reaches("乙", given["乙"])
    assert (await seen(hall, "乙", given))[1:] == ("2024-05-07T06:00:00Z", False)
    await goes_on(hall, hours=26)
    assert (await own(hall, "乙", given))["status"] == "expired"


async def test_what_was_taken_back_meanwhile_is_begun_by_no_message(hall, offered):
    _, given = offered
    await hall.send("乙", f"{REGISTRATIONS}/{given['乙']['id']}/accept")
    await hall.reaches("乙", given["乙"])
    found = await own(hall, "乙", given)
    assert (found["status"], found["offer_ends_at"], found["offer_untold"]) == ("confirmed", None, False)


async def test_a_seat_at_short_notice_goes_by_the_line_also_to_whom_an_offer_had_not_reached(hall, offered):
    activity, given = offered
    for name in "丙丁":
        await hall.registers(name, activity, status=200, short_notice=True)
    async with hall.stage.harness.runtime.database.transaction() as session:
        (await session.get_one(Registration, UUID(given["乙"]["id"]))).short_notice = True
    await hall.reaches("乙", given["乙"], result="unreachable")
    await goes_on(hall, hours=22)
    await hall.reaches("丙", given["丙"])
    await hall.send("丙", f"{REGISTRATIONS}/{given['丙']['id']}/accept")
    hall.later(days=5, hours=4)
    await hall.cancels("丙", given["丙"])
    assert [(await own(hall, name, given))["status"] for name in "乙丁"] == ["confirmed", "waitlisted"]
