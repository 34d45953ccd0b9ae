"""Bursts: the code at the door, photographed into a video call."""

from datetime import timedelta

import pytest

from chassis.ids import new_id
from tests.service.events.test_activities import path
from tests.service.events.test_attendances import ATTENDANCES, recorded, ticket

BURSTS = f"{ATTENDANCES}/bursts"


async def comes_at(hall, activity, moment, *people):
    """These check in by code at one moment, with tickets that they have already."""
    for one, kept in people:
        hall.stage.harness.clock.now = moment
        answer = await one.client.post(ATTENDANCES, json={"ticket": kept, "walk_in": True})
        assert answer.status_code == 201, answer.text


@pytest.fixture
async def crowd(hall):
    """An activity that has just begun, and 30 members with a ticket each."""
    activity = await hall.announces()
    many = await hall.stage.members(30)
    hall.later(days=3)
    kept = await ticket(hall, activity)
    return activity, [(one, kept) for one in many]


async def bursts(hall, activity, name="群主", **query):
    found = await hall.see(name, BURSTS, activity_id=activity["id"], **query)
    return [(one["at"][11:19], one["count"], len(one["check_ins"])) for one in found["items"]]


async def test_more_check_ins_in_one_second_than_doors_are_listed(hall, crowd):
    activity, people = crowd
    begins = hall.now
    await comes_at(hall, activity, begins, people[0])
    await comes_at(hall, activity, begins + timedelta(seconds=1), people[1])
    assert await bursts(hall, activity) == []
    await comes_at(hall, activity, begins + timedelta(seconds=2, milliseconds=100), people[2])
    await comes_at(hall, activity, begins + timedelta(seconds=2, milliseconds=900), people[3])
    await comes_at(hall, activity, begins + timedelta(seconds=3), people[4])
    await comes_at(hall, activity, begins + timedelta(seconds=9), *people[5:30])
    assert await bursts(hall, activity) == [("04:00:02", 2, 2), ("04:00:09", 25, 20)]
    assert await bursts(hall, activity, limit=1) == [("04:00:02", 2, 2)]
    following = (await hall.see("群主", BURSTS, activity_id=activity["id"], limit=1))["next"]
    assert await bursts(hall, activity, limit=1, cursor=following) == [("04:00:09", 25, 20)]
    await hall.change("群主", path(activity), {"doors": 2}, version=2)
    assert await bursts(hall, activity) == [("04:00:09", 25, 20)]


async def test_a_burst_names_who_checked_in_and_stays_when_they_are_revoked(hall, crowd):
    activity, people = crowd
    await comes_at(hall, activity, hall.now, *people[:3])
    [burst] = (await hall.see("群主", BURSTS, activity_id=activity["id"]))["items"]
    assert {one["member"]["member_id"] for one in burst["check_ins"]} == {str(one.id) for one, _ in people[:3]}
    await hall.send("群主", f"{ATTENDANCES}/{burst['check_ins'][0]['id']}/revoke")
    [again] = (await hall.see("群主", BURSTS, activity_id=activity["id"]))["items"]
    assert (again["count"], again["check_ins"][0]["revoked_at"] is not None) == (3, True)


async def test_what_others_record_is_no_burst(hall):
    activity = await hall.announces()
    passes = []
    for one in await hall.stage.members(4):
        answer = await one.client.post("/v1/registrations", json={"activity_id": activity["id"]})
        passes.append(answer.json()["pass"])
    hall.later(days=3)
    at = hall.now.isoformat()
    for name in "甲乙丙":
        await recorded(hall, name, activity)
    scans = [{"pass": one, "client_id": str(new_id()), "scanned_at": at} for one in passes]
    sent = await hall.send("群主", f"{ATTENDANCES}/batch", {"activity_id": activity["id"], "scans": scans[:2]})
    assert [one["status"] for one in sent["items"]] == [200, 200]
    for scan in scans[2:]:
        await hall.send("群主", f"{ATTENDANCES}/scan", {"activity_id": activity["id"]} | scan)
    assert await bursts(hall, activity) == []


async def test_only_those_who_run_it_see_bursts(hall, crowd):
    activity, _ = crowd
    await hall.see("甲", BURSTS, activity_id=activity["id"], answered=403)
    await hall.joins("讲师", "lecturer")
    mine = await hall.announces(organiser_ids=[str(hall["讲师"].id)])
    assert await bursts(hall, mine, "讲师") == []
    await hall.see("讲师", BURSTS, activity_id=activity["id"], answered=403)
    draft = await hall.prepares()
    await hall.see("甲", BURSTS, activity_id=draft["id"], answered=404)
