"""Many at once: a goal is closed once, by what it was, and stands in no circle."""

import asyncio
from datetime import timedelta

from tests.service.analytics.goals.conftest import GOALS


async def patches(club, goal, **fields):
    """The owner changes it, whatever its version."""
    return await club["群主"].client.patch(f"{GOALS}/{goal['id']}", json=fields, headers={"If-Match": "*"})


async def test_a_result_is_told_once_however_many_come_to_it_and_change_it(club):
    goal = await club.sets(due_on="2024-05-06")
    club.stage.harness.clock.advance(timedelta(hours=13, minutes=10))
    changing = [patches(club, goal, target=one) for one in (50, 60)]
    withdrawing = [club["群主"].client.post(f"{GOALS}/{goal['id']}/withdraw") for _ in range(2)]
    found = await asyncio.gather(club.looks(goal), *changing, club.looks(goal), *withdrawing, club.looks(goal))
    statuses = [one.status_code for one in found if one is not None]
    assert set(statuses) <= {200, 409}
    seen = await club.see(goal["id"])
    told = await club.stage.harness.published("goal")
    kinds = [one.type.split(".")[3] for one in told]
    assert [one.version for one in told] == list(range(1, len(told) + 1))
    assert kinds[-1] == seen["state"]
    assert kinds.count("missed") + kinds.count("withdrawn") == 1
    for _ in range(2):
        await club.looks(goal)
    assert await club.see(goal["id"]) == seen


async def test_two_goals_that_are_put_under_each_other_at_once_make_no_circle(club):
    one, other = await club.sets(), await club.sets()
    answers = await asyncio.gather(patches(club, one, parent_id=other["id"]), patches(club, other, parent_id=one["id"]))
    assert sorted(answer.status_code for answer in answers) == [200, 422]


async def test_no_more_goals_run_than_may_however_many_are_set_at_once(club, monkeypatch):
    monkeypatch.setattr("services.analytics.goals.problems.MOST_RUNNING", 3)
    body = {
        "community_id": str(club.stage.community_id),
        "title": "新人融入",
        "horizon": "short",
        "due_on": "2024-06-02",
        "relevance": "新人愿意开口。",
    }
    answers = await asyncio.gather(*(club["群主"].client.post(GOALS, json=body) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [201] * 3 + [409] * 3
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"goals_full"}


async def test_changes_of_parts_at_once_come_to_what_their_goal_is_made_of(club):
    whole = await club.sets()
    parts = [await club.sets(parent_id=whole["id"], weight=1 + place) for place in range(4)]
    withdrawn = [club["群主"].client.post(f"{GOALS}/{one['id']}/withdraw") for one in parts[:3]]
    await asyncio.gather(*withdrawn, *(club.looks(one) for one in (*parts, whole)))
    (item,) = (await club.see(community_id=str(club.stage.community_id), state="on_track"))["items"][:1]
    listed = {one["id"]: one for one in (await club.see(community_id=str(club.stage.community_id)))["items"]}
    assert (listed[whole["id"]]["n"], item["state"]) == (1, "on_track")
