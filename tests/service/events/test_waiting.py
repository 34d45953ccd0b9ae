"""What waits for a member, what they have a seat for, and what waits for those who run a community."""

from tests.service.events.conftest import REGISTRATIONS
from tests.service.events.test_activities import path
from tests.service.events.test_meetings import ITEMS, item, meets


async def tasks(hall, name):
    return [(one["code"], one["due_at"]) for one in await hall.see(name, "/internal/tasks")]


async def desk(hall, name):
    return await hall.see(name, "/internal/desk", community_id=str(hall.stage.community_id))


async def queues(hall, name):
    return {one["code"]: (one["count"], one["overdue"]) for one in await desk(hall, name)}


async def upcoming(hall, name):
    home = await hall.see(name, "/internal/home", community_id=str(hall.stage.community_id))
    return [one["title"] for one in home["upcoming"]]


async def test_who_is_asked_again_and_who_is_offered_a_seat_find_it_among_their_tasks(hall):
    activity = await hall.announces(capacity=1, seat_offers="timed", title="讲课")
    await hall.registers("甲", activity)
    await hall.registers("乙", activity)
    assert (await tasks(hall, "甲"), await upcoming(hall, "甲"), await upcoming(hall, "乙")) == ([], ["讲课"], [])
    to = {"starts_at": hall.after(days=5), "ends_at": hall.after(days=5, hours=1), "confirm_by": hall.after(days=2)}
    await hall.send("群主", path(activity, "move"), to, version=2)
    assert await tasks(hall, "甲") == [("confirm_registration", "2024-05-08T04:00:00Z")]
    [mine] = (await hall.see("甲", REGISTRATIONS, activity_id=activity["id"]))["items"]
    await hall.cancels("甲", mine)
    # Offered at noon, for what is left of the day and two hours of the next.
    assert await tasks(hall, "甲") == []
    assert await tasks(hall, "乙") == [("accept_seat", "2024-05-07T02:00:00Z")]


async def test_action_items_and_requests_for_leave_wait_until_they_are_settled(hall):
    meeting = await meets(hall, "甲")
    made = await hall.send("群主", ITEMS, item(hall, meeting), status=201)
    [mine] = (await hall.see("甲", REGISTRATIONS, activity_id=meeting["id"]))["items"]
    await hall.send("甲", f"{REGISTRATIONS}/{mine['id']}/leave-request", {"reason": "出差"})
    assert [code for code, _ in await tasks(hall, "甲")] == ["do_action_item"]
    filled = {code: one for code, one in (await queues(hall, "群主")).items() if one != (0, 0)}
    assert filled == {"leave_to_decide": (1, 0), "action_items": (1, 0)}
    assert await waiting(hall, "leave_to_decide") == [("甲", "周例会")]
    hall.later(days=4)
    assert (await queues(hall, "群主"))["action_items"] == (1, 1)
    await hall.send("群主", f"{REGISTRATIONS}/{mine['id']}/decide-leave", {"excused": True})
    await hall.send("甲", f"{ITEMS}/{made['id']}/close", {"status": "done"})
    assert (await tasks(hall, "甲"), (await queues(hall, "群主"))["action_items"]) == ([], (0, 0))


async def test_offers_that_end_soon_and_who_did_not_come_are_on_the_desk(hall):
    activity = await hall.announces(capacity=1, seat_offers="timed")
    first = await hall.registers("甲", activity)
    second = await hall.registers("乙", activity)
    await hall.cancels("甲", first)
    await hall.reaches("乙", second)
    assert (await queues(hall, "群主"))["offers_running_out"] == (0, 0)
    # The offer ends at ten in the morning of the next day.
    hall.later(hours=19)
    assert (await queues(hall, "群主"))["offers_running_out"] == (1, 0)
    assert await waiting(hall, "offers_running_out") == [("乙", "怎么讲好一门课")]
    [mine] = (await hall.see("乙", REGISTRATIONS, activity_id=activity["id"]))["items"]
    await hall.send("乙", f"{REGISTRATIONS}/{mine['id']}/accept")
    assert (await queues(hall, "群主"))["offers_running_out"] == (0, 0)
    hall.later(days=2, hours=8)
    await hall.send("群主", path(activity, "complete"), version=2)
    assert (await queues(hall, "群主"))["no_shows"] == (1, 0)
    assert await waiting(hall, "no_shows") == [("乙", "怎么讲好一门课")]
    assert await waiting(hall, "leave_to_decide") == []
    query = {"community_id": str(hall.stage.community_id), "queue": "no_shows"}
    await hall.see("乙", f"{REGISTRATIONS}/waiting", answered=403, **query)
    hall.later(days=7)
    assert (await queues(hall, "群主"))["no_shows"] == (0, 0)


async def waiting(hall, code, name="群主"):
    """What the desk's link of a queue lists: just what it counts."""
    [queue] = [one for one in await desk(hall, name) if one["code"] == code]
    found = (await hall.see(name, queue["href"]))["items"]
    assert len(found) == queue["count"]
    names = {str(one.id): known for known, one in hall.members.items()}
    return [(names[one["member"]["member_id"]], one["activity"]["title"]) for one in found]
