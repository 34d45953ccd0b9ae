"""What a goal asks of each member, and what they did of it."""

from chassis.ids import new_id
from tests.service.stage import moment


async def mine(club, goal, name="甲"):
    """What the caller reads of their own part."""
    return (await club.see(goal["id"], by=name))["mine"]


async def test_own_part_counts_what_one_did_oneself_within_the_days_of_the_goal(club):
    goal = await club.sets(ask={"action": "replied", "count": 4}, gain="回答之星")
    assert goal["ask"] == {"action": "replied", "count": 4, "object": None}
    assert await mine(club, goal) == {"done": 0, "count": 4, "progress": 0}
    await club.replies("2024-05-06", "甲", "甲", *["乙"] * 9)
    await club.replies("2024-06-02", "甲")
    await club.replies("2024-05-05", "甲")
    await club.replies("2024-06-03", "甲")
    comment = club.stage.reply(club["甲"].id, club.now, kind="comment")
    await club.stage.harness.deliver(comment)
    assert await mine(club, goal) == {"done": 3, "count": 4, "progress": 0.75}
    assert await mine(club, goal, "乙") == {"done": 9, "count": 4, "progress": 1}
    program = club.stage.service("goals.read")
    assert (await program.get(f"/v1/goals/{goal['id']}")).json()["mine"] is None


async def test_what_was_removed_counts_no_more(club):
    goal = await club.sets(ask={"action": "replied", "count": 2})
    reply = club.stage.reply(club["甲"].id, club.now)
    await club.stage.harness.deliver(reply)
    assert (await mine(club, goal))["done"] == 1
    await club.stage.harness.deliver(club.stage.removed(reply, club.now))
    assert await mine(club, goal) == {"done": 0, "count": 2, "progress": 0}


async def test_own_part_counts_what_was_done_with_the_thing_that_is_named(club):
    thing, who = new_id(), club["甲"].id
    goal = await club.sets(ask={"action": "attended", "object": {"kind": "activity", "id": str(thing)}})
    other = club.stage.attendance(who, club.now)
    taken_back = club.stage.attendance(who, club.now, activity_id=thing)
    early = club.stage.attendance(who, moment("2024-05-05T12:00:00+08:00"), activity_id=thing)
    revoked = club.stage.revoked(taken_back, club.now, version=2)
    await club.stage.harness.deliver(other, taken_back, revoked, early)
    assert (await mine(club, goal))["done"] == 0
    await club.stage.harness.deliver(club.stage.attendance(who, club.now, activity_id=thing))
    assert await mine(club, goal) == {"done": 1, "count": 1, "progress": 1}


async def test_what_asks_something_of_somebody_is_among_theirs(club):
    asking = await club.sets(ask={"action": "checked_in", "count": 4})
    await club.sets()
    await club.stage.harness.deliver(club.stage.checkin(club["甲"].id, club.now))
    (item,) = (await club.see(mine=True))["items"]
    assert (item["id"], item["mine"]["progress"]) == (asking["id"], 0.25)
    gone = await club.change(asking, ask=None)
    assert (gone["ask"], (await club.see(mine=True))["items"]) == (None, [])


async def test_what_nobody_counts_is_not_asked_for(club):
    for ask, pointer, code in (
        ({"action": "joined"}, "/ask/action", "unknown_action"),
        ({"action": "replied", "count": 0}, "/ask/count", "greater_than_equal"),
        ({"action": "replied", "object": {"kind": "reply"}}, "/ask/object/id", "missing"),
        ({"action": "replied", "object": {"kind": "banana", "id": str(new_id())}}, "/ask/object/kind", "literal_error"),
        ({}, "/ask/action", "missing"),
    ):
        problem = await club.sets(ask=ask, status=422)
        assert [(one["pointer"], one["code"]) for one in problem["errors"]] == [(pointer, code)]


async def test_the_home_shows_the_goals_that_are_due_first_with_ones_own_part(club):
    for day in range(10, 17):
        await club.sets(due_on=f"2024-05-{day}", title=f"到 {day} 日", ask={"action": "replied"})
    await club.replies("2024-05-06", "甲")
    answer = await club["甲"].client.get("/internal/home", params={"community_id": str(club.stage.community_id)})
    shown = answer.json()["goals"]
    assert [one["title"] for one in shown] == [f"到 {day} 日" for day in range(10, 15)]
    assert {one["mine"]["done"] for one in shown} == {1}
