"""Activities: prepared, announced, moved, cancelled; and who comes."""

import asyncio
from datetime import datetime

from chassis.ids import new_id
from tests.service.events.conftest import ACTIVITIES, REGISTRATIONS


def path(activity, verb=""):
    return f"{ACTIVITIES}/{activity['id']}{verb and '/' + verb}"


async def titles(hall, name, **query):
    listed = await hall.see(name, ACTIVITIES, **({"community_id": str(hall.stage.community_id)} | query))
    return [one["title"] for one in listed["items"]]


async def test_an_activity_is_known_to_members_once_it_is_announced(hall):
    made = await hall.prepares(title="讲课", join_url="https://meet.example.com/1", hours=2.5, tags=["＃授课"])
    assert (made["status"], made["time_zone"], made["hours"], made["tags"]) == (
        "draft",
        "Asia/Shanghai",
        2.5,
        ["授课"],
    )
    assert made["organisers"][0]["member_id"] == str(hall["群主"].id)
    await hall.see("甲", path(made), answered=404)
    put = await hall.change("群主", path(made), {"location": {"name": "三楼"}}, version=1)
    assert put["location"] == {"name": "三楼", "address": "", "room": ""}
    assert await titles(hall, "甲") == []
    assert await titles(hall, "群主") == ["讲课"]
    await hall.send("甲", path(made, "announce"), status=404, version=2)
    announced = await hall.send("群主", path(made, "announce"), version=2)
    assert announced["viewer"]["can"] == ["update", "move", "cancel", "document", "invite", "register"]
    await hall.send("群主", path(made, "announce"), status=409, version=3)
    assert await titles(hall, "甲") == ["讲课"]
    assert (await hall.see("甲", path(made)))["join_url"] is None
    await hall.registers("甲", made)
    seen = await hall.see("甲", path(made))
    assert (seen["join_url"], seen["mine"]["registration"]["status"]) == ("https://meet.example.com/1", "confirmed")
    assert await hall.told() == ["activity.announced", "registration.confirmed"]


async def test_whoever_prepares_one_before_they_are_heard_of_runs_it(hall):
    hall.members["新群主"] = hall.stage.vouch("owner")
    made = await hall.prepares("新群主")
    assert [one["member_id"] for one in made["organisers"]] == [str(hall["新群主"].id)]
    stranger = [str(hall["新群主"].id), str(new_id())]
    refused = await hall.prepares("新群主", organiser_ids=stranger, status=422)
    assert [(one["pointer"], one["code"]) for one in refused["errors"]] == [("/organiser_ids", "unknown_member")]


async def test_who_reads_an_activity_is_shown_whether_they_can_register_as_the_command_decides(hall):
    early = await hall.announces(registration_opens_at=hall.after(days=1))
    for_others = await hall.announces(eligibility={"roles": ["lecturer"]})
    for_all = await hall.announces()
    for activity, code in ((early, "registration_closed"), (for_others, "not_eligible")):
        assert (await hall.see("甲", path(activity)))["viewer"]["cannot"]["register"] == code
        refused = await hall.send(
            "甲", REGISTRATIONS, {"activity_id": activity["id"]}, status=403 if code == "not_eligible" else 409
        )
        assert refused["code"] == code
    assert "register" in (await hall.see("甲", path(for_all)))["viewer"]["can"]
    mine = await hall.registers("甲", for_all)
    seen = (await hall.see("甲", path(for_all)))["viewer"]
    assert "register" not in [*seen["can"], *seen["cannot"]]
    await hall.cancels("甲", mine)
    assert "register" in (await hall.see("甲", path(for_all)))["viewer"]["can"]
    hall.later(days=4)
    seen = (await hall.see("甲", path(for_all)))["viewer"]["cannot"]["register"]
    refused = await hall.registers("甲", for_all, status=409)
    assert (seen, refused["code"]) == ("illegal_transition", "illegal_transition")


async def test_who_comes_too_early_or_too_late_is_told_so(hall):
    made = await hall.announces()
    early = await hall.send("群主", path(made, "complete"), status=409, version=2)
    assert (early["code"], early["state"]) == ("illegal_transition", "announced")
    assert datetime.fromisoformat(early["ends_at"]) == datetime.fromisoformat(made["ends_at"])
    assert early["detail"] == "It is not over yet."
    hall.later(days=3, hours=2)
    assert (await hall.registers("甲", made, status=409))["detail"] == "It is over."
    await hall.send("群主", path(made, "complete"), version=2)
    late = await hall.send("群主", path(made, "cancel"), {"reason": "无人参加"}, status=409, version=3)
    assert (late["state"], late["detail"]) == ("completed", "Its state now: completed.")


async def test_seats_are_given_in_order_and_fall_to_who_waits(hall):
    activity = await hall.announces(capacity=1)
    first = await hall.registers("甲", activity)
    second = await hall.registers("乙", activity)
    third = await hall.registers("丙", activity)
    assert [(one["status"], one["place"]) for one in (first, second, third)] == [
        ("confirmed", None),
        ("waitlisted", 1),
        ("waitlisted", 2),
    ]
    assert await hall.registers("乙", activity, status=200) == second
    await hall.cancels("甲", first)
    assert await hall.cancels("甲", first) == await hall.see("甲", f"{REGISTRATIONS}/{first['id']}")
    assert (await hall.see("乙", f"{REGISTRATIONS}/{second['id']}"))["status"] == "confirmed"
    assert (await hall.see("丙", f"{REGISTRATIONS}/{third['id']}"))["place"] == 1
    again = await hall.registers("甲", activity)
    assert (again["id"], again["status"], again["place"]) == (first["id"], "waitlisted", 2)
    await hall.change("群主", path(activity), {"capacity": 3}, version=2)
    seats = (await hall.see("丁", path(activity)))["seats"]
    assert seats == {"capacity": 3, "confirmed": 3, "waiting": 0}
    await hall.change("群主", path(activity), {"capacity": 1}, version=3)
    await hall.cancels("乙", second)
    assert (await hall.registers("丁", activity))["status"] == "waitlisted"


async def test_who_registers_at_once_gets_a_seat_or_the_next_place(hall):
    activity = await hall.announces(capacity=5)
    crowd = await hall.stage.members(20)
    answers = await asyncio.gather(
        *(one.client.post(REGISTRATIONS, json={"activity_id": activity["id"]}) for one in crowd)
    )
    assert {one.status_code for one in answers} == {201}
    places = sorted(one.json()["place"] or 0 for one in answers)
    assert places == [0] * 5 + list(range(1, 16))


async def test_a_seat_in_the_last_day_goes_to_who_comes_at_short_notice(hall):
    activity = await hall.announces(capacity=1)
    first = await hall.registers("甲", activity)
    await hall.registers("乙", activity)
    third = await hall.registers("丙", activity, short_notice=True)
    hall.later(days=2, hours=12)
    await hall.cancels("甲", first)
    assert (await hall.see("丙", f"{REGISTRATIONS}/{third['id']}"))["status"] == "confirmed"
    await hall.cancels("丙", third)
    assert (await hall.see("群主", path(activity)))["seats"] == {"capacity": 1, "confirmed": 0, "waiting": 1}
    assert (await hall.registers("丁", activity))["status"] == "confirmed"


async def test_who_registered_is_asked_again_when_it_is_moved(hall):
    activity = await hall.announces(cancel_until=hall.after(days=2))
    mine = await hall.registers("甲", activity)
    refused = await hall.change("群主", path(activity), {"starts_at": hall.after(days=4)}, version=2, status=422)
    assert refused["errors"][0]["code"] == "move_instead"
    to = {"starts_at": hall.after(days=5), "ends_at": hall.after(days=5, hours=2)}
    moved = await hall.send("群主", path(activity, "move"), to, version=2)
    assert moved["cancel_until"] == "2024-05-10T04:00:00Z"
    seen = await hall.see("甲", f"{REGISTRATIONS}/{mine['id']}")
    assert (seen["status"], seen["unconfirmed"], seen["viewer"]["can"]) == ("confirmed", True, ["cancel", "confirm"])
    assert (await hall.see("甲", path(activity)))["mine"]["registration"]["unconfirmed"]
    assert not (await hall.send("甲", f"{REGISTRATIONS}/{mine['id']}/confirm"))["unconfirmed"]
    assert not (await hall.see("甲", path(activity)))["mine"]["registration"]["unconfirmed"]


async def test_nobody_registers_when_it_is_not_open_over_or_cancelled(hall):
    early = await hall.announces(registration_opens_at=hall.after(days=1), registration_closes_at=hall.after(days=2))
    assert (await hall.registers("甲", early, status=409))["reason"] == "not_open_yet"
    hall.later(days=1)
    mine = await hall.registers("甲", early)
    hall.later(days=1)
    assert (await hall.registers("乙", early, status=409))["reason"] == "closed"
    hall.later(days=1)
    assert (await hall.registers("乙", early, status=409))["reason"] == "started"
    assert (await hall.cancels("甲", mine, status=409))["code"] == "too_late_to_cancel"
    off = await hall.announces()
    mine = await hall.registers("甲", off)
    cancelled = await hall.send("群主", path(off, "cancel"), {"reason": "讲师生病"}, version=2)
    assert (cancelled["status"], cancelled["cancel_reason"], cancelled["seats"]["confirmed"]) == (
        "cancelled",
        "讲师生病",
        0,
    )
    assert (await hall.see("甲", f"{REGISTRATIONS}/{mine['id']}"))["status"] == "cancelled"
    await hall.registers("乙", off, status=409)


async def test_times_that_do_not_fit_are_refused_with_their_fields(hall):
    wrong = await hall.prepares(
        status=422, ends_at=hall.after(days=1), registration_opens_at=hall.after(days=2), organiser_ids=[]
    )
    assert [(one["pointer"], one["code"]) for one in wrong["errors"]] == [
        ("/ends_at", "ends_before_start"),
        ("/registration_opens_at", "opens_after_close"),
    ]
    stranger = await hall.prepares(status=422, organiser_ids=["01900000-0000-7000-8000-000000000000"])
    assert stranger["errors"][0]["code"] == "unknown_member"


async def test_others_registrations_are_read_by_who_runs_it_alone(hall):
    activity = await hall.announces()
    mine, theirs = await hall.registers("甲", activity), await hall.registers("乙", activity)
    listed = await hall.see("甲", REGISTRATIONS, activity_id=activity["id"])
    assert [one["id"] for one in listed["items"]] == [mine["id"]]
    await hall.see("甲", f"{REGISTRATIONS}/{theirs['id']}", answered=404)
    await hall.cancels("甲", theirs, status=404)
    listed = await hall.see("群主", REGISTRATIONS, activity_id=activity["id"])
    assert [one["id"] for one in listed["items"]] == [mine["id"], theirs["id"]]


async def test_a_seat_is_offered_for_twelve_hours_of_the_day_and_then_to_the_next(hall):
    activity = await hall.announces(
        capacity=1, seat_offers="timed", starts_at=hall.after(days=7), ends_at=hall.after(days=7, hours=2)
    )
    first = await hall.registers("甲", activity)
    second, third = await hall.registers("乙", activity), await hall.registers("丙", activity)
    # Of noon ten hours of the day are left, and two of the next make twelve.
    await hall.cancels("甲", first)
    await hall.reaches("乙", second)
    offered = await hall.see("乙", f"{REGISTRATIONS}/{second['id']}")
    assert (offered["status"], offered["offer_ends_at"]) == ("offered", "2024-05-07T02:00:00Z")
    assert (await hall.see("乙", path(activity)))["mine"]["registration"]["offer_ends_at"] == offered["offer_ends_at"]
    assert (await hall.see("群主", path(activity, "waitlist")))["held_by"] == "offers_out"
    hall.later(hours=22)
    assert (await hall.send("乙", f"{REGISTRATIONS}/{second['id']}/accept", status=409))["code"] == "offer_over"
    hall.later(hours=1)
    await hall.stage.harness.run_timers()
    assert (await hall.see("乙", f"{REGISTRATIONS}/{second['id']}"))["status"] == "expired"
    assert (await hall.send("丙", f"{REGISTRATIONS}/{third['id']}/accept"))["status"] == "confirmed"
    hall.later(hours=12)
    waits = await hall.registers("乙", activity)
    await hall.cancels("丙", third)
    assert (await hall.see("群主", path(activity, "waitlist")))["held_by"] == "night_hours"
    hall.later(hours=10)
    await hall.stage.harness.run_timers()
    assert (await hall.see("乙", f"{REGISTRATIONS}/{waits['id']}"))["status"] == "offered"
    told = await hall.stage.harness.published("registration.expired")
    assert [one.occurred_at.isoformat() for one in told] == ["2024-05-07T02:00:00+00:00"]


async def test_who_is_assigned_and_cannot_come_asks_for_leave_and_counts_as_missing_only_if_refused(hall):
    activity = await hall.announces(capacity=1)
    await hall.registers("甲", activity)
    body = {"activity_id": activity["id"], "member_ids": [str(hall[name].id) for name in "甲乙丙"]}
    await hall.send("甲", f"{REGISTRATIONS}/assign", body, status=403)
    assigned = await hall.send("群主", f"{REGISTRATIONS}/assign", body)
    assert assigned["seats"] == {"capacity": 1, "confirmed": 3, "waiting": 0}
    await hall.send("群主", f"{REGISTRATIONS}/assign", body)
    own = {}
    for name in "甲乙丙":
        own[name] = (await hall.see(name, REGISTRATIONS, activity_id=activity["id"]))["items"][0]
    assert own["乙"]["viewer"]["can"] == ["ask_leave"]
    await hall.cancels("乙", own["乙"], status=409)
    for name in "乙丙":
        await hall.send(name, f"{REGISTRATIONS}/{own[name]['id']}/leave-request", {"reason": "当天出差"})
    excused = await hall.send("群主", f"{REGISTRATIONS}/{own['乙']['id']}/decide-leave", {"excused": True})
    assert (excused["status"], excused["leave"]["reason"]) == ("excused", "当天出差")
    hall.later(days=4)
    await hall.send("群主", path(activity, "complete"), version=2)
    [completed] = await hall.stage.harness.published("activity.completed")
    # 甲 did not come; 乙 is excused; of 丙 nobody has decided yet.
    assert completed.data["no_shows"] == 1
    await hall.send("群主", f"{REGISTRATIONS}/{own['丙']['id']}/decide-leave", {"excused": False})
    await hall.send("群主", f"{REGISTRATIONS}/{own['丙']['id']}/decide-leave", {"excused": True}, status=409)
    assert "出差" not in str([one.data for one in await hall.stage.harness.published()])


async def test_who_leaves_gives_back_their_seats_and_nobody_else_is_asked(hall):
    first, second = await hall.announces(capacity=1), await hall.announces(capacity=1)
    for activity in (first, second):
        await hall.registers("甲", activity)
        await hall.registers("乙", activity)
    await hall.stage.leave(hall["甲"])
    for _ in range(3):
        await hall.stage.harness.run_timers()
    for activity in (first, second):
        assert (await hall.see("乙", path(activity)))["mine"]["registration"]["status"] == "confirmed"


async def test_a_list_has_days_of_the_community_or_moments(hall):
    # In Shanghai 7 May begins at 16:00 of the day before.
    activity = await hall.announces(starts_at="2024-05-06T15:30:00Z", ends_at="2024-05-06T16:30:00Z")

    async def found(name="甲", **span):
        asked = {"from" if key == "since" else key: value for key, value in span.items()}
        return [one["id"] for one in (await hall.see(name, ACTIVITIES, **asked))["items"]]

    here = str(hall.stage.community_id)
    both = [activity["id"]]
    assert await found(community_id=here, since="2024-05-07", to="2024-05-07") == both
    assert await found(community_id=here, since="2024-05-06", to="2024-05-06") == both
    assert await found(community_id=here, since="2024-05-08") == await found(community_id=here, to="2024-05-05") == []
    assert await found(since="2024-05-07") == []
    assert await found(since="2024-05-06T16:00:00Z", to="2024-05-06T16:10:00Z") == both
    await hall.see("甲", ACTIVITIES, answered=422, community_id=here, **{"from": "2024-05-07", "to": "2024-05-01"})


async def test_a_list_shows_what_somebody_registered_for_or_speaks_at(hall):
    seat = await hall.announces(title="有座位", starts_at=hall.after(days=1), ends_at=hall.after(days=1, hours=1))
    full = await hall.announces(title="候补", capacity=1)
    talk = await hall.announces(title="主讲", starts_at=hall.after(days=5), ends_at=hall.after(days=5, hours=1))
    await hall.announces(title="无关")
    left = await hall.announces(title="退了")
    await hall.registers("甲", seat)
    await hall.registers("乙", full)
    await hall.registers("甲", full)
    await hall.cancels("甲", await hall.registers("甲", left))
    await hall.send("群主", f"{path(talk)}/speakers", {"member_id": str(hall["甲"].id)}, status=201)
    for query in ({}, {"community_id": str(hall.stage.community_id)}):
        mine = (await hall.see("甲", ACTIVITIES, mine=True, **query))["items"]
        assert [one["title"] for one in mine] == ["有座位", "候补", "主讲"]
    assert (await hall.see("丙", ACTIVITIES, mine=True))["items"] == []


async def test_a_list_shows_the_activities_of_a_tag(hall):
    await hall.announces(title="备课", tags=["讲课", "新人"])
    await hall.announces(title="别的", tags=["讲"])
    query = {"community_id": str(hall.stage.community_id)}
    assert [one["title"] for one in (await hall.see("甲", ACTIVITIES, tag="讲课", **query))["items"]] == ["备课"]
    assert (await hall.see("甲", ACTIVITIES, tag="没有", **query))["items"] == []
