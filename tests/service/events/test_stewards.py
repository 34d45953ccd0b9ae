"""Stewards: who scans passes at the door, also without a network, and what a scan comes to."""

from uuid import uuid4

import pytest

from tests.service.events.conftest import ACTIVITIES, REGISTRATIONS
from tests.service.events.test_activities import path
from tests.service.events.test_attendances import ATTENDANCES, ends, outcomes


@pytest.fixture
async def evening(hall):
    """An activity with one seat, which 甲 has; 乙 waits, and 丙 is its steward. It starts in half an hour."""
    activity = await hall.announces(capacity=1, check_out="required")
    for name in ("甲", "乙"):
        await hall.registers(name, activity)
    answer = await hall["群主"].client.put(f"{path(activity, 'stewards')}/{hall['丙'].id}")
    assert [one["member_id"] for one in answer.json()["stewards"]] == [str(hall["丙"].id)]
    hall.later(days=2, hours=23, minutes=30)
    return activity


async def shown(hall, name, activity):
    [mine] = (await hall.see(name, REGISTRATIONS, activity_id=activity["id"]))["items"]
    return mine["pass"]


async def own_pass(hall, name, activity):
    seen = (await hall.see(name, REGISTRATIONS, activity_id=activity["id"]))["items"]
    [own] = [one["pass"] for one in seen if one["member"]["member_id"] == str(hall[name].id)]
    return own


async def scan(hall, name, activity, text, *, status=200, **fields):
    body = {"activity_id": activity["id"], "pass": text, "client_id": str(uuid4())} | fields
    return await hall.send(name, f"{ATTENDANCES}/scan", body, status=status)


async def test_a_steward_scans_and_does_nothing_else(hall, evening):
    ticket = await shown(hall, "甲", evening)
    once = {"client_id": str(uuid4())}
    came = await scan(hall, "丙", evening, ticket, **once)
    assert (came["result"], came["member"]["member_id"]) == ("admitted", str(hall["甲"].id))
    assert await scan(hall, "丙", evening, ticket, **once) == came
    assert (await scan(hall, "丙", evening, ticket))["result"] == "already"
    await scan(hall, "丁", evening, ticket, status=403)
    assert (await scan(hall, "丙", evening, ticket[:-1] + "?", status=422))["code"] == "not_a_pass"
    await hall.see("丙", path(evening, "code"), answered=403)
    await hall.see("丙", path(evening, "stewards"), answered=403)
    assert [(await hall.see(name, path(evening)))["mine"]["steward"] for name in ("丙", "丁", "群主")] == [
        True,
        False,
        False,
    ]
    [listed] = (await hall.see("丙", ACTIVITIES, community_id=str(hall.stage.community_id)))["items"]
    assert listed["mine"]["steward"]
    listed = await hall.see("丙", ATTENDANCES, activity_id=evening["id"])
    assert listed["items"] == []
    removed = await hall["群主"].client.delete(f"{path(evening, 'stewards')}/{hall['丙'].id}")
    assert removed.json()["stewards"] == []
    await scan(hall, "丙", evening, ticket, status=403)
    assert not (await hall.see("丙", path(evening)))["mine"]["steward"]


async def test_a_steward_reads_how_many_came_and_no_names(hall, evening):
    had = await shown(hall, "甲", evening)
    assert await counted(hall, "丙", evening) == (1, 0, 0)
    expected = {"activity_id": evening["id"], "member_ids": [str(hall["乙"].id)]}
    await hall.send("群主", f"{REGISTRATIONS}/assign", expected)
    await scan(hall, "丙", evening, await shown(hall, "乙", evening))
    [mine] = (await hall.see("甲", REGISTRATIONS, activity_id=evening["id"]))["items"]
    await hall.cancels("甲", mine)
    await hall.registers("甲", evening)
    let_in = await scan(hall, "丙", evening, had, walk_in=True)
    body = {"activity_id": evening["id"], "member_id": str(hall["丁"].id), "role": "speaker"}
    await hall.send("群主", f"{ATTENDANCES}/record", body, status=201)
    assert await counted(hall, "丙", evening) == (1, 2, 1)
    await hall.send("群主", f"{ATTENDANCES}/{let_in['attendance_id']}/revoke")
    assert await counted(hall, "群主", evening) == (1, 1, 0)
    await hall.see("丁", path(evening, "counts"), answered=403)


async def counted(hall, name, activity):
    answer = await hall.see(name, path(activity, "counts"))
    return answer["expected"], answer["present"], answer["walk_ins"]


async def test_nobody_lets_themselves_in_by_scanning_their_own_pass(hall):
    activity = await hall.announces()
    for name in ("丙", "群主"):
        await hall.registers(name, activity)
    await hall["群主"].client.put(f"{path(activity, 'stewards')}/{hall['丙'].id}")
    hall.later(days=2, hours=23, minutes=30)
    for name in ("丙", "群主"):
        own = await own_pass(hall, name, activity)
        assert (await scan(hall, name, activity, own, status=403))["code"] == "conflict_of_interest"
        batch = {"activity_id": activity["id"], "scans": [{"pass": own, "client_id": str(uuid4())}]}
        [item] = (await hall.send(name, f"{ATTENDANCES}/batch", batch))["items"]
        assert (item["status"], item["problem"]["code"]) == (403, "conflict_of_interest")
    assert (await hall.see("群主", ATTENDANCES, activity_id=activity["id"]))["items"] == []
    assert (await scan(hall, "丙", activity, await own_pass(hall, "群主", activity)))["result"] == "admitted"
    assert (await scan(hall, "群主", activity, await own_pass(hall, "丙", activity)))["result"] == "admitted"


async def test_who_has_no_seat_is_let_in_once_somebody_says_so_and_nobody_by_another_pass(hall, evening):
    assert await shown(hall, "乙", evening) is None
    other = await hall.announces(title="别的")
    await hall.registers("丁", other)
    away = await scan(hall, "丙", evening, await shown(hall, "丁", other))
    assert away == {"result": "wrong_activity", "attendance_id": None, "member": None}
    had = await shown(hall, "甲", evening)
    await hall.send(
        "群主", f"{REGISTRATIONS}/assign", {"activity_id": evening["id"], "member_ids": [str(hall["乙"].id)]}
    )
    assert (await scan(hall, "丙", evening, await shown(hall, "乙", evening)))["result"] == "admitted"
    [mine] = (await hall.see("甲", REGISTRATIONS, activity_id=evening["id"]))["items"]
    await hall.cancels("甲", mine)
    assert (await scan(hall, "丙", evening, had))["result"] == "revoked"
    await hall.registers("甲", evening)
    assert (await scan(hall, "丙", evening, had))["result"] == "walk_in"
    let_in = await scan(hall, "丙", evening, had, walk_in=True)
    assert let_in["result"] == "admitted"
    assert (await hall.see("甲", f"{ATTENDANCES}/{let_in['attendance_id']}"))["walk_in"]


async def test_what_was_scanned_without_a_network_counts_from_when_it_was(hall, evening):
    ticket, began = await shown(hall, "甲", evening), hall.now
    way_in, way_out = str(uuid4()), str(uuid4())
    hall.later(hours=4)
    scans = [
        {"pass": ticket, "client_id": way_in, "scanned_at": began.isoformat()},
        {"pass": ticket, "client_id": way_out, "scanned_at": hall.after(hours=-2)},
        {"pass": ticket, "client_id": str(uuid4())},
    ]
    body = {"activity_id": evening["id"], "scans": scans}
    answer = await hall.send("丙", f"{ATTENDANCES}/batch", body)
    results = [one["result"] and one["result"]["result"] for one in answer["items"]]
    # The last one was not scanned while it took place.
    assert (results, answer["items"][2]["problem"]["code"]) == (["admitted", "already", None], "doors_closed")
    came = await hall.see("甲", f"{ATTENDANCES}/{answer['items'][0]['result']['attendance_id']}")
    assert (came["method"], came["in_at"]) == ("batch", began.isoformat().replace("+00:00", "Z"))
    again = await hall.send("丙", f"{ATTENDANCES}/batch", body)
    assert [one["result"] for one in again["items"]] == [one["result"] for one in answer["items"]]
    await ends(hall, evening)
    await hall.stage.harness.run_timers()
    assert await outcomes(hall) == [("recorded.v1", str(hall["甲"].id), 1)]


async def test_what_was_scanned_without_a_network_is_taken_for_a_week_after_the_end(hall, evening):
    scanned = {"scanned_at": hall.after(hours=1)}
    ticket = await shown(hall, "甲", evening)
    hall.later(hours=2, minutes=30, days=7)
    assert (await scan(hall, "丙", evening, ticket, status=409, **scanned))["code"] == "doors_closed"
    hall.later(seconds=-1)
    assert (await scan(hall, "丙", evening, ticket, **scanned))["result"] == "admitted"


async def test_the_first_scan_is_the_way_in_and_the_last_the_way_out_in_whatever_order_they_come(hall):
    activity = await hall.announces(check_out="required")
    await hall.registers("甲", activity)
    ticket = await shown(hall, "甲", activity)
    hall.later(days=3)
    began = hall.after()
    hall.later(hours=1)
    middle = hall.after()
    first = await scan(hall, "群主", activity, ticket, scanned_at=middle)
    await scan(hall, "群主", activity, ticket, scanned_at=began)
    hall.later(minutes=55)
    assert (await scan(hall, "群主", activity, ticket))["result"] == "already"
    ends_at = hall.after()
    await scan(hall, "群主", activity, ticket, scanned_at=middle)
    came = await hall.see("甲", f"{ATTENDANCES}/{first['attendance_id']}")
    assert [came["in_at"], came["out_at"]] == [one.replace("+00:00", "Z") for one in (began, ends_at)]
    await ends(hall, activity)
    await hall.stage.harness.run_timers()
    came = await hall.see("甲", f"{ATTENDANCES}/{first['attendance_id']}")
    assert (came["extent"], came["minutes"]) == ("full", 115)


async def test_a_scan_of_the_way_out_that_comes_after_it_was_completed_is_told_anew(hall, evening):
    ticket, began = await shown(hall, "甲", evening), hall.now
    hall.later(hours=2)
    went = hall.after()
    await scan(hall, "丙", evening, ticket, scanned_at=began.isoformat())
    await ends(hall, evening)
    await hall.stage.harness.run_timers()
    late = {"pass": ticket, "client_id": str(uuid4()), "scanned_at": went}
    batch = {"activity_id": evening["id"], "scans": [late]}
    for _ in range(2):
        [answer] = (await hall.send("丙", f"{ATTENDANCES}/batch", batch))["items"]
        assert answer["result"]["result"] == "already"
    came = await hall.see("甲", f"{ATTENDANCES}/{answer['result']['attendance_id']}")
    assert (came["extent"], came["out_at"]) == ("partial", went.replace("+00:00", "Z"))
    who = str(hall["甲"].id)
    assert await outcomes(hall) == [("recorded.v1", who, 1), ("revoked.v1", who, 2), ("recorded.v1", who, 1)]
