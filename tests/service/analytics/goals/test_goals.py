"""Setting, changing, withdrawing goals, and what becomes of them."""

from datetime import timedelta
from uuid import UUID

import pytest

from chassis.ids import new_id
from services.analytics.goals.models import Goal


async def test_a_goal_says_what_is_to_be_reached_until_when_and_why(club):
    goal = await club.sets(gain="结业证书")
    assert goal["owner"]["member_id"] == str(club["群主"].id)
    assert (goal["starts_on"], goal["due_on"], goal["target"], goal["baseline"]) == ("2024-05-06", "2024-06-02", 100, 0)
    assert (goal["state"], goal["value"], goal["progress"]) == ("on_track", None, 0)
    assert (goal["gain"], goal["viewer"]["can"]) == ("结业证书", ["update", "withdraw"])
    assert goal["pace"]["needed"] == pytest.approx(25.46, abs=0.01)
    seen = await club.see(goal["id"])
    assert seen["viewer"]["cannot"] == {"update": "forbidden", "withdraw": "forbidden"}
    assert [one["id"] for one in (await club.see(community_id=str(club.stage.community_id)))["items"]] == [goal["id"]]
    (told,) = await club.stage.harness.published("goal.set")
    assert told.data["owner_id"] == str(club["群主"].id)
    assert (told.version, told.data["target"], told.data["due_on"]) == (1, 100, "2024-06-02")


async def test_whoever_sets_one_before_they_are_heard_of_can_take_it_on(club):
    club.members["新群主"] = club.stage.vouch("owner")
    goal = await club.sets("新群主", owner_id=str(club["新群主"].id))
    assert goal["owner"]["member_id"] == str(club["新群主"].id)


@pytest.mark.parametrize(
    ("fields", "pointer", "code"),
    [
        ({"title": " "}, "/title", "string_too_short"),
        ({"relevance": ""}, "/relevance", "string_too_short"),
        ({"horizon": "middle"}, "/horizon", "literal_error"),
        ({"direction": "sideways"}, "/direction", "literal_error"),
        ({"target": 0}, "/target", "percent"),
        ({"target": 101}, "/target", "percent"),
        ({"target": 1e300}, "/target", "less_than_equal"),
        ({"direction": "down"}, "/direction", "percent"),
        ({"baseline": 5}, "/baseline", "percent"),
        ({"starts_on": "2024-05-09", "due_on": "2024-05-08"}, "/due_on", "before_start"),
        ({"starts_on": "2024-05-01", "due_on": "2024-05-05"}, "/due_on", "over"),
        ({"due_on": "2034-05-05"}, "/due_on", "too_long"),
        ({"due_on": "20240602"}, "/due_on", "not_a_day"),
        ({"owner_id": str(new_id())}, "/owner_id", "unknown_member"),
        ({"weight": 0}, "/weight", "greater_than"),
        ({"gain": "两\n行"}, "/gain", None),
        ({"state": "achieved"}, "/state", "extra_forbidden"),
    ],
)
async def test_what_is_wrong_with_a_goal_is_said_by_field(club, fields, pointer, code):
    if code is None:
        assert "\n" not in (await club.sets(**fields))["gain"]
        return
    problem = await club.sets(**fields, status=422)
    assert [(one["pointer"], one["code"]) for one in problem["errors"]] == [(pointer, code)]
    assert await club.told() == []


async def test_a_goal_is_measured_by_its_parts_and_their_weight(club):
    whole = await club.sets()
    heavy = await club.sets(title="三次共读", parent_id=whole["id"], weight=3, due_on="2024-05-12")
    light = await club.sets(title="一次复盘", parent_id=whole["id"], due_on="2024-05-12")
    assert (await club.see(whole["id"]))["n"] == 2
    listed = await club.see(parent_id=whole["id"])
    assert {one["id"] for one in listed["items"]} == {heavy["id"], light["id"]}
    await club.withdraws(light)
    seen = await club.see(whole["id"])
    assert (seen["n"], seen["value"]) == (1, 0)


async def test_goals_stand_in_no_circle_and_not_too_deep(club):
    rows = [await club.sets()]
    for _ in range(3):
        rows.append(await club.sets(parent_id=rows[-1]["id"]))
    too_deep = await club.sets(parent_id=rows[-1]["id"], status=422)
    assert [one["code"] for one in too_deep["errors"]] == ["too_deep"]
    circle = await club.change(rows[0], parent_id=rows[2]["id"], status=422)
    assert [one["code"] for one in circle["errors"]] == ["in_circle"]
    itself = await club.change(rows[0], parent_id=rows[0]["id"], status=422)
    assert [one["code"] for one in itself["errors"]] == ["in_circle"]
    pair = await club.sets()
    await club.sets(parent_id=pair["id"])
    moved = await club.change(pair, parent_id=rows[2]["id"], status=422)
    assert [one["code"] for one in moved["errors"]] == ["too_deep"]
    assert (await club.change(pair, parent_id=rows[1]["id"]))["parent_id"] == rows[1]["id"]
    assert (await club.change(pair, parent_id=None, version=2))["parent_id"] is None


async def test_a_goal_above_is_of_the_same_community_and_runs(club):
    assert (await club.sets(parent_id=str(new_id()), status=404))["code"] == "not_found"
    own = await club.sets()
    async with club.stage.harness.runtime.database.transaction() as session:
        row = await session.get(Goal, UUID(own["id"]))
        elsewhere = Goal(**row.model_dump() | {"id": new_id(), "community_id": new_id()})
        session.add(elsewhere)
    assert (await club.sets(parent_id=str(elsewhere.id), status=404))["code"] == "not_found"
    assert (await club.change(own, parent_id=str(elsewhere.id), status=404))["code"] == "not_found"
    gone = await club.sets()
    await club.withdraws(gone)
    problem = await club.sets(parent_id=gone["id"], status=422)
    assert [one["code"] for one in problem["errors"]] == ["not_running"]


async def test_only_who_has_the_present_version_changes_a_goal(club):
    goal = await club.sets()
    await club.change(goal, title="别的", version=None, status=428)
    await club.change(goal, title="别的", version=7, status=412)
    await club.change(goal, title="别的", by="甲", status=403)
    await club.change(goal, title=None, status=422)
    changed = await club.change(goal, title="别的", target=80)
    assert (changed["title"], changed["target"]) == ("别的", 80)
    await club.change(goal, weight=2, version=2)
    await club.change(goal, weight=2, version=3)
    assert await club.told() == ["set", "set"]


async def test_the_result_is_written_down_once_after_the_last_day_and_stays(club):
    goal = await club.sets(due_on="2024-05-06")
    await club.later(hours=12, minutes=30)
    seen = await club.see(goal["id"])
    assert (seen["state"], seen["closed_at"]) == ("missed", None)
    assert await club.told() == ["set"]
    await club.later(minutes=40)
    seen = await club.see(goal["id"])
    assert (seen["state"], seen["closed_at"] is not None) == ("missed", True)
    owner = await club.see(goal["id"], by="群主")
    assert owner["viewer"]["cannot"] == {"update": "illegal_transition", "withdraw": "illegal_transition"}
    assert await club.told() == ["set", "missed"]
    (missed,) = await club.stage.harness.published("missed")
    assert (missed.version, missed.occurred_at.isoformat()) == (2, "2024-05-06T16:00:00+00:00")
    await club.later(days=3)
    assert await club.told() == ["set", "missed"]
    assert (await club.see(goal["id"])) == seen
    await club.change(goal, title="迟了", status=409)
    await club.withdraws(goal, status=409)


async def test_a_goal_waits_for_its_parts_before_it_is_over(club):
    whole = await club.sets(due_on="2024-05-06")
    part = await club.sets(due_on="2024-05-06", parent_id=whole["id"])
    club.stage.harness.clock.advance(timedelta(hours=12, minutes=30))
    await club.looks(part)
    club.stage.harness.clock.advance(timedelta(minutes=35))
    await club.looks(whole)
    assert (await club.see(whole["id"]))["closed_at"] is None
    await club.looks(part)
    await club.later(minutes=10)
    closed = [await club.see(one["id"]) for one in (whole, part)]
    assert [one["state"] for one in closed] == ["missed", "missed"]
    told = await club.stage.harness.published("missed")
    assert [one.subject for one in told] == [part["id"], whole["id"]]


async def test_what_is_withdrawn_has_no_result(club):
    goal = await club.sets(due_on="2024-05-06")
    assert (await club.withdraws(goal))["state"] == "withdrawn"
    await club.withdraws(goal, status=409)
    await club.later(days=2)
    assert (await club.see(goal["id"]))["state"] == "withdrawn"
    assert await club.told() == ["set", "withdrawn"]


async def test_lists_say_whose_and_narrow_by_state_and_horizon(club):
    community = str(club.stage.community_id)
    short, long = await club.sets(), await club.sets(horizon="long", owner_id=str(club["甲"].id))
    await club.see(answered=422)
    await club.see(parent_id=str(new_id()), answered=404)
    for query, found in (
        ({"horizon": "long"}, [long]),
        ({"state": "on_track"}, [short, long]),
        ({"state": "missed"}, []),
        ({"mine": True}, [long]),
    ):
        items = (await club.see(community_id=community, **query))["items"]
        assert [one["id"] for one in items] == [one["id"] for one in found], query
    assert [one["id"] for one in (await club.see(mine=True))["items"]] == [long["id"]]
    assert (await club.see(mine=True, by="乙"))["items"] == []


async def test_the_desk_leads_to_the_goals_that_are_behind(club):
    await club.sets(due_on="2024-05-12")
    await club.later(days=5)
    query = {"community_id": str(club.stage.community_id)}
    queues = (await club["群主"].client.get("/internal/desk", params=query)).json()
    (queue,) = [one for one in queues if one["code"] == "goals_behind"]
    assert (queue["count"], queue["title"]) == (1, "Goals that are behind")
    assert queue["href"] == f"/v1/goals?community_id={query['community_id']}&state=behind"
    listed = await club.see(community_id=str(club.stage.community_id), state="behind")
    assert len(listed["items"]) == 1


async def test_the_desk_leads_to_the_goals_whose_owner_left(club):
    community_id = str(club.stage.community_id)
    await club.joins("丙")
    owner = str(club["丙"].id)
    goal = await club.sets(owner_id=owner)
    withdrawn = await club.sets(owner_id=owner)
    await club.withdraws(withdrawn)
    await club.sets(owner_id=str(club["甲"].id))
    desk = club["群主"].client

    async def left_alone():
        queues = (await desk.get("/internal/desk", params={"community_id": community_id})).json()
        (queue,) = [one for one in queues if one["code"] == "goals_left_alone"]
        listed = await desk.get(queue["href"])
        assert len(listed.json()["items"]) == queue["count"]
        return [(one["id"], one["owner"]["left"]) for one in listed.json()["items"]]

    assert await left_alone() == []
    await club.stage.leave(club["丙"])
    assert await left_alone() == [(goal["id"], True)]
    assert len((await club.see(community_id=community_id))["items"]) == 3
    # Somebody else sees to it from now on.
    await club.change(goal, owner_id=str(club["甲"].id))
    assert await left_alone() == []
