"""What a goal asks of each member, and what they did of it."""

from datetime import date

from sqlalchemy import insert

from chassis.ids import new_id
from services.analytics.facts.models import Fact, MemberDay
from services.analytics.facts.verbs import Verb


async def did(club, name, verb, day, n=1, about=None, voided=False):
    """Have somebody have done something, as facts and rollups hold it."""
    who = {"community_id": club.stage.community_id, "member_id": club[name].id, "verb": int(verb)}
    row = {"generation": 1, "day": date.fromisoformat(day), "place_id": 1, "n": n, "value": 0.0}
    fact = {"key": new_id(), "at": club.now, "about": about, "day": row["day"], "place_id": 1, "voided": voided}
    async with club.stage.harness.runtime.database.transaction() as session:
        await session.execute(insert(MemberDay).values(who | row))
        await session.execute(insert(Fact).values(who | fact))


async def mine(club, goal, name="甲"):
    """What the caller reads of their own part."""
    return (await club.see(goal["id"], by=name))["mine"]


async def test_own_part_counts_what_one_did_oneself_within_the_days_of_the_goal(club):
    goal = await club.sets(ask={"action": "replied", "count": 4}, gain="回答之星")
    assert goal["ask"] == {"action": "replied", "count": 4, "object": None}
    assert await mine(club, goal) == {"done": 0, "count": 4, "progress": 0}
    await did(club, "甲", Verb.REPLIED, "2024-05-06", n=2)
    await did(club, "甲", Verb.REPLIED, "2024-06-02")
    await did(club, "甲", Verb.REPLIED, "2024-05-05", n=7)
    await did(club, "甲", Verb.COMMENTED, "2024-05-07", n=7)
    await did(club, "乙", Verb.REPLIED, "2024-05-06", n=9)
    assert await mine(club, goal) == {"done": 3, "count": 4, "progress": 0.75}
    assert await mine(club, goal, "乙") == {"done": 9, "count": 4, "progress": 1}
    program = club.stage.service("goals.read")
    assert (await program.get(f"/v1/goals/{goal['id']}")).json()["mine"] is None


async def test_own_part_counts_what_was_done_with_the_thing_that_is_named(club):
    thing = new_id()
    ask = {"action": "attended", "object": {"kind": "activity", "id": str(thing)}}
    goal = await club.sets(ask=ask)
    await did(club, "甲", Verb.ATTENDED, "2024-05-07", about=new_id())
    assert (await mine(club, goal))["done"] == 0
    await did(club, "甲", Verb.ATTENDED, "2024-05-08", about=thing, voided=True)
    assert (await mine(club, goal))["done"] == 0
    await did(club, "甲", Verb.ATTENDED, "2024-05-09", about=thing)
    assert await mine(club, goal) == {"done": 1, "count": 1, "progress": 1}


async def test_what_asks_something_of_somebody_is_among_theirs(club):
    asking = await club.sets(ask={"action": "checked_in", "count": 20})
    await club.sets()
    await did(club, "甲", Verb.CHECKED_IN, "2024-05-06", n=5)
    (item,) = (await club.see(mine=True))["items"]
    assert (item["id"], item["mine"]["progress"]) == (asking["id"], 0.25)
    gone = await club.change(asking, ask=None)
    assert (gone["ask"], (await club.see(mine=True))["items"]) == (None, [])


async def test_what_nobody_counts_is_not_asked_for(club):
    for ask, pointer, code in (
        ({"action": "joined"}, "/ask/action", "unknown_action"),
        ({"action": "replied", "count": 0}, "/ask/count", "greater_than_equal"),
        ({"action": "replied", "object": {"kind": "x"}}, "/ask/object/id", "missing"),
        ({}, "/ask/action", "missing"),
    ):
        problem = await club.sets(ask=ask, status=422)
        assert [(one["pointer"], one["code"]) for one in problem["errors"]] == [(pointer, code)]


async def test_the_home_shows_the_goals_that_are_due_first_with_ones_own_part(club):
    for day in range(10, 17):
        await club.sets(due_on=f"2024-05-{day}", title=f"到 {day} 日", ask={"action": "replied"})
    await did(club, "甲", Verb.REPLIED, "2024-05-06")
    answer = await club["甲"].client.get("/internal/home", params={"community_id": str(club.stage.community_id)})
    shown = answer.json()["goals"]
    assert [one["title"] for one in shown] == [f"到 {day} 日" for day in range(10, 15)]
    assert {one["mine"]["done"] for one in shown} == {1}
