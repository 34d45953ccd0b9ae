"""Attendance: by the code at the door, by hand, what it comes to, and who did not come."""

import pytest

from services.events.attendances.codes import code_of, door_of, door_on, ticket_for
from tests.service.events.conftest import ACTIVITIES, REGISTRATIONS
from tests.service.events.test_activities import path
from tests.service.stage import NOON

ATTENDANCES = "/v1/attendances"


@pytest.fixture
async def evening(hall):
    """An activity for which 甲 and 乙 have a seat; it starts in half an hour."""
    activity = await hall.announces(capacity=2)
    for name in ("甲", "乙"):
        await hall.registers(name, activity)
    hall.later(days=2, hours=23, minutes=30)
    return activity


async def ticket(hall, activity):
    code = (await hall.see("群主", path(activity, "code")))["code"]
    answer = await hall.stage.harness.anonymous().post(f"{ATTENDANCES}/tickets", json={"code": code.lower()})
    assert answer.status_code == 200, answer.text
    return answer.json()["ticket"]


async def comes(hall, name, activity, *, status=201, **fields):
    return await hall.send(name, ATTENDANCES, {"ticket": await ticket(hall, activity)} | fields, status=status)


async def recorded(hall, name, activity, *, status=201, **fields):
    body = {"activity_id": activity["id"], "member_id": str(hall[name].id)} | fields
    return await hall.send("群主", f"{ATTENDANCES}/record", body, status=status)


async def ends(hall, activity, *, version=2):
    hall.later(hours=3)
    return await hall.send("群主", path(activity, "complete"), version=version)


async def outcomes(hall):
    found = await hall.stage.harness.published("attendance.")
    return [(one.type.split("attendance.")[1], one.data["member_id"], one.version) for one in found]


async def test_who_comes_by_code_or_is_recorded_by_hand_attended_when_it_is_completed(hall, evening):
    first = await comes(hall, "甲", evening)
    assert (first["method"], first["walk_in"], first["extent"]) == ("code", False, None)
    assert await comes(hall, "甲", evening, status=200) == first
    assert (await comes(hall, "丙", evening, status=409))["code"] == "not_registered"
    assert (await comes(hall, "丙", evening, walk_in=True))["walk_in"]
    hall.later(hours=1)
    await recorded(hall, "丁", evening, role="speaker")
    assert await outcomes(hall) == []
    done = await ends(hall, evening)
    assert done["status"] == "completed"
    await hall.stage.harness.run_timers()
    told = await outcomes(hall)
    assert sorted(told) == sorted(("recorded.v1", str(hall[name].id), 1) for name in ("甲", "丙", "丁"))
    [completed] = await hall.stage.harness.published("activity.completed")
    assert [completed.data[name] for name in ("registered", "attended", "no_shows")] == [2, 3, 1]
    mine = (await hall.see("甲", ATTENDANCES, activity_id=evening["id"]))["items"]
    assert [(one["id"], one["extent"], one["minutes"]) for one in mine] == [(first["id"], "full", 120)]


async def test_nobody_says_of_themselves_that_they_were_there_or_not(hall, evening):
    await hall.joins("副群主", "owner")
    assert (await recorded(hall, "群主", evening, status=403))["code"] == "conflict_of_interest"
    body = {"activity_id": evening["id"], "member_id": str(hall["群主"].id)}
    came = await hall.send("副群主", f"{ATTENDANCES}/record", body, status=201)
    refused = await hall.send("群主", f"{ATTENDANCES}/{came['id']}/revoke", status=403)
    assert refused["code"] == "conflict_of_interest"
    assert (await hall.send("副群主", f"{ATTENDANCES}/{came['id']}/revoke"))["revoked_at"] is not None


async def test_what_was_wrong_is_revoked_and_recorded_under_another_id(hall, evening):
    await ends(hall, evening)
    late = await recorded(hall, "乙", evening)
    assert late["extent"] == "full"
    assert await recorded(hall, "乙", evening, status=200) == late
    revoked = await hall.send("群主", f"{ATTENDANCES}/{late['id']}/revoke")
    assert revoked["revoked_at"] is not None
    assert await hall.send("群主", f"{ATTENDANCES}/{late['id']}/revoke") == revoked
    again = await recorded(hall, "乙", evening)
    assert again["id"] != late["id"]
    who = str(hall["乙"].id)
    assert await outcomes(hall) == [("recorded.v1", who, 1), ("revoked.v1", who, 2), ("recorded.v1", who, 1)]


async def test_who_checks_out_early_was_there_in_part(hall):
    activity = await hall.announces(check_out="required")
    for name in "甲乙丙":
        await hall.registers(name, activity)
    hall.later(days=3)
    came = {name: await comes(hall, name, activity) for name in "甲乙丙"}
    hall.later(hours=1)
    await hall.send("甲", f"{ATTENDANCES}/{came['甲']['id']}/check-out")
    hall.later(minutes=50)
    await hall.send("乙", f"{ATTENDANCES}/{came['乙']['id']}/check-out")
    await ends(hall, activity)
    await hall.stage.harness.run_timers()
    listed = (await hall.see("群主", ATTENDANCES, activity_id=activity["id"]))["items"]
    assert [(one["extent"], one["minutes"]) for one in listed] == [("partial", 60), ("full", 110), ("partial", 120)]


async def test_the_clock_completes_what_nobody_did_as_of_when_it_was_due(hall, evening):
    await comes(hall, "甲", evening)
    hall.later(days=3)
    await hall.stage.harness.run_timers()
    await hall.stage.harness.run_timers()
    done = await hall.see("甲", path(evening))
    assert (done["status"], done["completed_at"]) == ("completed", "2024-05-10T06:00:00Z")
    assert len(await outcomes(hall)) == 1


async def test_who_twice_did_not_come_stands_behind_the_others(hall):
    for _ in range(2):
        missed = await hall.announces(title="错过")
        await hall.registers("甲", missed)
        hall.later(days=4)
        await hall.send("群主", path(missed, "complete"), version=2)
    full = await hall.announces(capacity=1)
    await hall.registers("乙", full)
    behind = await hall.registers("甲", full)
    ahead = await hall.registers("丙", full)
    assert (behind["place"], ahead["place"]) == (1, 1)
    assert (await hall.see("甲", f"{REGISTRATIONS}/{behind['id']}"))["place"] == 2
    hall.later(days=90)
    later = await hall.announces(capacity=1)
    await hall.registers("乙", later)
    assert [(await hall.registers(name, later))["place"] for name in ("甲", "丙")] == [1, 2]


async def test_who_was_there_after_all_waits_with_the_others(hall):
    missed = [await hall.announces(title="错过") for _ in range(2)]
    for activity in missed:
        await hall.registers("甲", activity)
    hall.later(days=4)
    for activity in missed:
        await hall.send("群主", path(activity, "complete"), version=2)
    late = await recorded(hall, "甲", missed[0])
    full = await hall.announces(capacity=1)
    await hall.registers("乙", full)
    waits = await hall.registers("甲", full)
    assert (waits["place"], (await hall.registers("丙", full))["place"]) == (1, 2)
    await hall.send("群主", f"{ATTENDANCES}/{late['id']}/revoke")
    await hall.cancels("甲", waits)
    assert (await hall.registers("甲", full))["place"] == 2
    assert (await hall.registers("丁", full))["place"] == 2


async def test_nobody_checks_in_with_an_old_code_or_when_the_doors_are_closed(hall, evening):
    early = await hall.announces()
    assert (await comes(hall, "甲", early, status=409, walk_in=True))["code"] == "doors_closed"
    held = await ticket(hall, evening)
    hall.later(minutes=6)
    assert (await hall.send("甲", ATTENDANCES, {"ticket": held}, status=422))["code"] == "not_at_the_door"
    await hall.see("甲", path(evening, "code"), answered=403)
    assert (await hall.see("群主", ACTIVITIES, community_id=str(hall.stage.community_id)))["items"]
    await ends(hall, evening)
    assert (await hall.see("群主", path(evening, "code"), answered=409))["state"] == "completed"


def test_a_code_names_its_door_for_a_minute_and_a_ticket_for_five():
    key = b"k" * 32
    code = code_of(key, "K7QM2D", NOON)
    moments = [NOON.replace(minute=minute, second=second) for minute, second in ((0, 29), (0, 59), (1, 0))]
    assert [door_of(key, code, now) for now in moments] == ["K7QM2D", "K7QM2D", None]
    assert door_of(b"x" * 32, code, NOON) is None
    ticket = ticket_for(key, "K7QM2D", NOON)
    assert [door_on(key, ticket, NOON.replace(minute=minute)) for minute in (4, 5)] == ["K7QM2D", None]
    for forged in ("", ".", "K7QM2D.9999999999.", ticket.replace("K7", "X7"), "a.b.c.d", "é.1.é"):
        assert door_on(key, forged, NOON) is None


async def test_who_is_recorded_afterwards_was_there_from_the_start(hall):
    activity = await hall.announces(check_out="required")
    for name in "甲乙":
        await hall.registers(name, activity)
    hall.later(days=3, hours=1)
    assert (await recorded(hall, "甲", activity))["in_at"] == hall.after().replace("+00:00", "Z")
    hall.later(hours=5)
    assert (await recorded(hall, "乙", activity))["in_at"] == activity["starts_at"]
    await hall.send("群主", path(activity, "complete"), version=2)
    await hall.stage.harness.run_timers()
    listed = (await hall.see("群主", ATTENDANCES, activity_id=activity["id"]))["items"]
    assert [one["minutes"] for one in listed] == [60, 120]


async def test_who_is_recorded_by_hand_stayed_until_somebody_says_they_left_and_a_speaker_to_the_end(hall):
    activity = await hall.announces(check_out="required")
    hall.later(days=3, hours=1)
    left = hall.after()
    refused = await recorded(hall, "甲", activity, status=422, at=activity["starts_at"], until=hall.after(minutes=1))
    assert [(one["pointer"], one["code"]) for one in refused["errors"]] == [("/until", "outside")]
    await recorded(hall, "甲", activity, status=422, until=activity["starts_at"])
    await recorded(hall, "甲", activity, at=activity["starts_at"], until=left)
    hall.later(hours=2)
    await recorded(hall, "乙", activity, until=activity["ends_at"])
    await recorded(hall, "丙", activity)
    await recorded(hall, "丁", activity, role="speaker")
    await hall.send("群主", path(activity, "complete"), version=2)
    await hall.stage.harness.run_timers()
    listed = (await hall.see("群主", ATTENDANCES, activity_id=activity["id"]))["items"]
    assert [(one["extent"], one["minutes"]) for one in listed] == [
        ("partial", 60),
        ("full", 120),
        ("partial", 120),
        ("full", 120),
    ]
