"""Nobody is passed by in the line for a seat, whatever happens meanwhile: the night, another time, another end of registration, a leave."""

import pytest

from tests.service.events.conftest import REGISTRATIONS
from tests.service.events.test_activities import path


async def in_a_week(hall, **fields):
    fields = {"capacity": 1, "seat_offers": "timed"} | fields
    return await hall.announces(starts_at=hall.after(days=7), ends_at=hall.after(days=7, hours=2), **fields)


async def own(hall, name, registration):
    return await hall.see(name, f"{REGISTRATIONS}/{registration['id']}")


async def held_by(hall, activity):
    return (await hall.see("群主", path(activity, "waitlist")))["held_by"]


async def moves(hall, activity, *, version=2, **by):
    to = {"starts_at": hall.after(**by), "ends_at": hall.after(**by | {"minutes": 120})}
    return await hall.send("群主", path(activity, "move"), to, version=version)


async def missing(hall):
    [completed] = await hall.stage.harness.published("activity.completed")
    return completed.data["no_shows"]


async def test_who_registers_at_night_passes_nobody_by(hall):
    activity = await in_a_week(hall)
    first, second = await hall.registers("甲", activity), await hall.registers("乙", activity)
    hall.later(hours=11)
    await hall.cancels("甲", first)
    assert await held_by(hall, activity) == "night_hours"
    third = await hall.registers("丙", activity)
    assert (third["status"], third["place"]) == ("waitlisted", 2)
    hall.later(hours=10)
    await hall.stage.harness.run_timers()
    assert [(await own(hall, *one))["status"] for one in (("乙", second), ("丙", third))] == ["offered", "waitlisted"]


async def test_who_registers_before_a_worker_comes_to_the_line_passes_nobody_by(hall):
    activity = await in_a_week(hall)
    first, second = await hall.registers("甲", activity), await hall.registers("乙", activity)
    hall.later(hours=11)
    await hall.cancels("甲", first)
    hall.later(hours=10)
    assert (await hall.registers("丙", activity))["place"] == 1
    assert (await own(hall, "乙", second))["status"] == "offered"


async def test_a_seat_that_fell_free_after_registration_closed_goes_to_short_notice_a_day_before(hall):
    activity = await in_a_week(hall, registration_closes_at=hall.after(days=5))
    first = await hall.registers("甲", activity)
    await hall.registers("乙", activity)
    third = await hall.registers("丙", activity, short_notice=True)
    hall.later(days=5, hours=2)
    await hall.cancels("甲", first)
    await hall.stage.harness.run_timers()
    assert await held_by(hall, activity) == "registration_closed"
    hall.later(hours=22)
    await hall.stage.harness.run_timers()
    assert (await own(hall, "丙", third))["status"] == "confirmed"


async def test_no_offer_outlasts_the_start_of_what_was_moved_forward(hall):
    activity = await in_a_week(hall)
    first, second = await hall.registers("甲", activity), await hall.registers("乙", activity)
    await hall.cancels("甲", first)
    await hall.reaches("乙", second)
    await moves(hall, activity, hours=3)
    offered = await own(hall, "乙", second)
    assert (offered["status"], offered["offer_ends_at"]) == ("offered", hall.after(hours=3).replace("+00:00", "Z"))
    hall.later(hours=3)
    assert (await hall.send("乙", f"{REGISTRATIONS}/{second['id']}/accept", status=409))["code"] == "offer_over"
    await hall.stage.harness.run_timers()
    assert (await own(hall, "乙", second))["status"] == "expired"


@pytest.mark.parametrize(
    "change", [{"seat_offers": "at_once"}, {"time_zone": "Europe/London"}, {"registration_closes_at": None}]
)
async def test_who_waits_gets_a_seat_when_nothing_holds_it_any_more(hall, change):
    closes = {"registration_closes_at": hall.after(hours=6)} if "registration_closes_at" in change else {}
    activity = await in_a_week(hall, **closes)
    first, second = await hall.registers("甲", activity), await hall.registers("乙", activity)
    hall.later(hours=8 if closes else 11)
    await hall.cancels("甲", first)
    assert await held_by(hall, activity) == ("registration_closed" if closes else "night_hours")
    await hall.change("群主", path(activity), change, version=2)
    expected = "confirmed" if "seat_offers" in change else "offered"
    assert (await own(hall, "乙", second))["status"] == expected


async def test_who_waits_gets_a_seat_when_its_last_day_is_another(hall):
    activity = await hall.announces(capacity=1)
    first, second = await hall.registers("甲", activity), await hall.registers("乙", activity)
    hall.later(days=2, hours=12)
    await hall.cancels("甲", first)
    assert await held_by(hall, activity) == "short_notice"
    await moves(hall, activity, days=4)
    assert (await own(hall, "乙", second))["status"] == "confirmed"


async def test_why_a_seat_is_held_is_why_it_is_not_given(hall):
    activity = await hall.announces(capacity=1, registration_closes_at=hall.after(days=1))
    first, second = await hall.registers("甲", activity), await hall.registers("乙", activity)
    third = await hall.registers("丙", activity)
    hall.later(days=1, hours=12)
    await hall.cancels("甲", first)
    assert (await own(hall, "乙", second))["status"] == "confirmed"
    hall.later(days=1)
    await hall.cancels("乙", second)
    assert ((await own(hall, "丙", third))["status"], await held_by(hall, activity)) == ("waitlisted", "short_notice")


async def test_who_takes_a_seat_after_it_was_moved_has_said_that_they_come(hall):
    activity = await in_a_week(hall)
    first, second = await hall.registers("甲", activity), await hall.registers("乙", activity)
    await moves(hall, activity, days=8)
    await hall.cancels("甲", first)
    taken = await hall.send("乙", f"{REGISTRATIONS}/{second['id']}/accept")
    assert (taken["status"], taken["unconfirmed"]) == ("confirmed", False)
    hall.later(days=9)
    await hall.send("群主", path(activity, "complete"), version=3)
    assert await missing(hall) == 1


async def test_nobody_says_that_they_still_come_when_it_is_over(hall):
    activity = await hall.announces()
    mine = await hall.registers("甲", activity)
    await moves(hall, activity, days=4)
    hall.later(days=5)
    assert "confirm" not in (await own(hall, "甲", mine))["viewer"]["can"]
    refused = await hall.send("甲", f"{REGISTRATIONS}/{mine['id']}/confirm", status=409)
    assert refused["code"] == "illegal_transition"


async def asks_for_leave(hall, activity, *, excused):
    body = {"activity_id": activity["id"], "member_ids": [str(hall["甲"].id)]}
    await hall.send("群主", f"{REGISTRATIONS}/assign", body)
    [mine] = (await hall.see("甲", REGISTRATIONS, activity_id=activity["id"]))["items"]
    await hall.send("甲", f"{REGISTRATIONS}/{mine['id']}/leave-request", {"reason": "当天出差"})
    await hall.send("群主", f"{REGISTRATIONS}/{mine['id']}/decide-leave", {"excused": excused})


async def test_who_was_refused_leave_and_did_not_come_is_missing(hall):
    activity = await hall.announces()
    await asks_for_leave(hall, activity, excused=False)
    hall.later(days=4)
    await hall.send("群主", path(activity, "complete"), version=2)
    assert await missing(hall) == 1


async def test_who_registers_after_they_were_excused_is_expected_like_others(hall):
    activity = await hall.announces()
    await asks_for_leave(hall, activity, excused=True)
    again = await hall.registers("甲", activity)
    assert (again["status"], again["leave"]) == ("confirmed", None)
    hall.later(days=4)
    await hall.send("群主", path(activity, "complete"), version=2)
    assert await missing(hall) == 1


async def test_who_was_given_a_seat_out_of_the_line_may_give_it_back_until_the_start(hall):
    activity = await hall.announces(capacity=1, cancel_until=hall.after(days=1))
    first, second = await hall.registers("甲", activity), await hall.registers("乙", activity)
    hall.later(hours=1)
    await hall.cancels("甲", first)
    hall.later(days=2, hours=22)
    assert (await own(hall, "乙", second))["viewer"]["can"] == ["cancel"]
    await hall.cancels("乙", second)
    third = await hall.registers("丙", activity)
    assert (await hall.cancels("丙", third, status=409))["code"] == "too_late_to_cancel"


async def test_nobody_gives_back_a_place_in_a_line_that_is_over(hall):
    activity = await hall.announces(capacity=1)
    await hall.registers("甲", activity)
    waits = await hall.registers("乙", activity)
    hall.later(days=3)
    assert (await own(hall, "乙", waits))["viewer"]["cannot"]["cancel"] == "too_late_to_cancel"
    assert (await hall.cancels("乙", waits, status=409))["code"] == "too_late_to_cancel"


async def test_what_is_done_already_is_neither_possible_nor_refused(hall):
    activity = await hall.announces()
    mine = await hall.registers("甲", activity)
    viewer = mine["viewer"]
    assert not {"accept", "confirm"} & {*viewer["can"], *viewer["cannot"]}
    gone = await hall.cancels("甲", mine)
    assert "cancel" not in {*gone["viewer"]["can"], *gone["viewer"]["cannot"]}
    assert await hall.cancels("甲", mine) == gone


async def test_offers_hold_no_seat_that_there_is_not(hall):
    activity = await in_a_week(hall, capacity=2)
    first, _second = await hall.registers("甲", activity), await hall.registers("乙", activity)
    for name in "丙丁":
        await hall.registers(name, activity)
    await hall.cancels("甲", first)
    assert await held_by(hall, activity) == "offers_out"
    await hall.change("群主", path(activity), {"capacity": 1}, version=2)
    assert await held_by(hall, activity) is None


async def test_who_waits_says_later_that_they_come_at_short_notice_and_passes_nobody_by(hall):
    activity = await hall.announces(capacity=1)
    first, second = await hall.registers("甲", activity), await hall.registers("乙", activity)
    third = await hall.registers("丙", activity)
    assert (await hall.registers("丙", activity, status=200, short_notice=True))["short_notice"]
    assert (await hall.registers("丙", activity, status=200))["place"] == 2
    hall.later(days=2, hours=12)
    await hall.cancels("甲", first)
    assert (await own(hall, "丙", third))["status"] == "confirmed"
    await hall.cancels("丙", third)
    assert (await hall.registers("乙", activity, status=200))["status"] == "waitlisted"
    seen = await hall.registers("乙", activity, status=200, short_notice=True)
    assert (seen["id"], seen["status"]) == (second["id"], "confirmed")


async def test_who_has_not_said_again_that_they_come_is_not_missing_when_leave_is_refused(hall):
    for _ in range(2):
        activity = await hall.announces()
        body = {"activity_id": activity["id"], "member_ids": [str(hall["甲"].id)]}
        await hall.send("群主", f"{REGISTRATIONS}/assign", body)
        [mine] = (await hall.see("甲", REGISTRATIONS, activity_id=activity["id"]))["items"]
        await moves(hall, activity, days=4)
        await hall.send("甲", f"{REGISTRATIONS}/{mine['id']}/leave-request", {"reason": "当天出差"})
        hall.later(days=5)
        await hall.send("群主", path(activity, "complete"), version=3)
        await hall.send("群主", f"{REGISTRATIONS}/{mine['id']}/decide-leave", {"excused": False})
    full = await hall.announces(capacity=1)
    await hall.registers("乙", full)
    first, second = await hall.registers("甲", full), await hall.registers("丙", full)
    assert (first["place"], second["place"]) == (1, 2)
