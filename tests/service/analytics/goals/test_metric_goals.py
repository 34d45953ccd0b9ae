"""Goals that a metric measures: where they start, how far they are, and how they end."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from services.analytics.goals import measuring, metering
from services.analytics.metrics.catalogue import METRICS

ACTIVE = {"metric": {"code": "active_members"}, "title": "每周三人活跃", "target": 3}
JOINING = {"metric": {"code": "joined"}, "title": "四周新增四人", "target": 4}


async def test_a_goal_starts_where_the_metric_was_in_the_last_week_that_was_over(club):
    await club.replies("2024-04-02", "甲")
    await club.replies("2024-04-30", "甲", "乙")
    goal = await club.sets(**ACTIVE)
    assert goal["metric"] == {
        "code": "active_members",
        "version": 1,
        "unit": "members",
        "grain": "week",
        "part": None,
        "working": False,
        "counted": False,
    }
    assert (goal["baseline"], goal["value"], goal["n"], goal["progress"]) == (2, 2, 2, 0)
    assert goal["pace"]["so_far"] == pytest.approx(0.25)
    assert goal["pace"]["needed"] == pytest.approx(1 / (27.5 / 7))
    said = await club.sets(**ACTIVE, baseline=1)
    assert (said["baseline"], said["progress"]) == (1, 0.5)
    (told, _) = await club.stage.harness.published("goal.set")
    assert (told.data["metric"], told.data["baseline"]) == ({"code": "active_members", "version": 1}, 2)


async def test_weekly_active_members_go_from_setting_to_achieved(club):
    await club.replies("2024-04-30", "甲")
    await club.joins("丙")
    goal = await club.sets(**ACTIVE, due_on="2024-05-19")
    await club.replies("2024-05-07", "甲", "乙")
    await club.later(days=7)
    seen = await club.see(goal["id"])
    assert (seen["value"], seen["progress"], seen["state"]) == (2, 0.5, "at_risk")
    assert seen["forecast"] == pytest.approx(1 + 1 / (7.5 / 14))
    await club.replies("2024-05-14", "甲", "乙", "丙")
    seen = await club.see(goal["id"])
    assert (seen["value"], seen["progress"]) == (2, 0.5)
    await club.later(days=2)
    seen = await club.see(goal["id"])
    assert (seen["value"], seen["progress"], seen["state"]) == (3, 1, "on_track")
    await club.later(days=5)
    seen = await club.see(goal["id"])
    assert (seen["state"], seen["value"], seen["progress"]) == ("achieved", 3, 1)
    assert await club.told() == ["set", "achieved"]
    (told,) = await club.stage.harness.published("achieved")
    assert told.data["value"] == 3
    await club.joins("丁")
    await club.replies("2024-05-15", "丁")
    await club.later(days=1)
    assert (await club.see(goal["id"]))["value"] == 3
    here = {"community_id": str(club.stage.community_id), "from": "2024-05-13", "to": "2024-05-19", "grain": "week"}
    (week,) = (await club["群主"].client.get("/v1/metrics/active_members", params=here)).json()["items"]
    assert week["value"] == 4


async def test_what_adds_up_counts_from_the_first_day_on_and_starts_at_nothing(club):
    await club.arrive("2024-04-20", 3)
    goal = await club.sets(**JOINING)
    assert (goal["metric"]["counted"], goal["metric"]["grain"], goal["baseline"]) == (True, None, 3)
    assert (goal["value"], goal["progress"]) == (0, 0)
    assert goal["pace"]["so_far"] == pytest.approx(3 / 4)
    await club.arrive("2024-05-06", 2)
    await club.later(days=13, hours=12)
    seen = await club.see(goal["id"])
    assert (seen["value"], seen["progress"], seen["state"]) == (2, 0.5, "on_track")
    await club.later(days=5)
    assert (await club.see(goal["id"]))["state"] == "at_risk"
    await club.later(days=6)
    assert (await club.see(goal["id"]))["state"] == "behind"
    await club.arrive("2024-06-02", 2)
    await club.arrive("2024-06-03", 9)
    await club.later(days=6)
    assert ((await club.see(goal["id"]))["value"], await club.told()) == (4, ["set", "achieved"])


async def test_what_is_a_list_measures_no_goal_and_a_part_has_its_own_unit(club):
    for metric in ({"code": "rising_terms"}, {"code": "missed_searches", "part": "query"}):
        refused = await club.sets(metric=metric, target=1, status=422)
        assert [(one["pointer"], one["code"]) for one in refused["errors"]] == [("/metric/code", "no_one_value")]
    assert (await club.sets(metric={"code": "missed_searches"}, target=1))["metric"]["part"] == "all"
    finishing = {"code": "content_interest", "part": "finishing"}
    assert (await club.sets(metric=finishing, target=0.6))["metric"]["unit"] == "share"
    refused = await club.sets(metric=finishing, target=60, status=422)
    assert [one["code"] for one in refused["errors"]] == ["not_a_share"]


async def test_no_more_than_so_many_is_a_target_to_hold(club):
    goal = await club.sets(metric={"code": "left"}, target=2, direction="down")
    assert (goal["state"], goal["progress"], goal["pace"]["needed"]) == ("on_track", 1, 0)
    club.stage.harness.clock.advance(timedelta(days=1))
    for name in "甲乙":
        await club.stage.leave(club[name])
    await club.later(days=6)
    seen = await club.see(goal["id"], by="群主")
    assert (seen["state"], seen["value"]) == ("behind", 2)
    await club.later(days=28)
    assert (await club.see(goal["id"], by="群主"))["state"] == "achieved"


async def test_members_are_those_of_today(club):
    goal = await club.sets(metric={"code": "members"}, target=4)
    assert (goal["baseline"], goal["value"]) == (2, 2)
    await club.joins("丙")
    assert (await club.see(goal["id"]))["value"] == 3


async def test_a_goal_above_one_with_a_metric_follows_it(club):
    whole = await club.sets()
    part = await club.sets(**JOINING, parent_id=whole["id"])
    await club.arrive("2024-05-06", 1)
    await club.later(minutes=15)
    listed = await club.see(community_id=str(club.stage.community_id))
    found = {one["id"]: (one["value"], one["progress"]) for one in listed["items"]}
    assert found == {whole["id"]: (25, 0.25), part["id"]: (1, 0.25)}


@pytest.mark.parametrize(
    ("fields", "pointer", "code"),
    [
        ({"metric": {"code": "nothing"}, "target": 1}, "/metric/code", "unknown_metric"),
        ({"metric": {"code": "active_members"}}, "/target", "missing"),
        ({"metric": {"code": "active_members", "part": "median"}, "target": 1}, "/metric/part", "no_such_part"),
        ({"metric": {"code": "active_members", "working": True}, "target": 1}, "/metric/working", "no_working_time"),
        ({"metric": {"code": "active_members", "grain": "year"}, "target": 1}, "/metric/grain", "enum"),
        ({"metric": {"code": "activity_rate"}, "target": 80}, "/target", "not_a_share"),
        ({"metric": {"grain": "week"}, "target": 1}, "/metric/code", "missing"),
    ],
)
async def test_what_is_wrong_with_a_metric_is_said_by_field(club, fields, pointer, code):
    problem = await club.sets(**fields, status=422)
    assert [(one["pointer"], one["code"]) for one in problem["errors"]] == [(pointer, code)]
    assert await club.told() == []


async def test_a_share_stays_one_when_the_target_changes(club):
    goal = await club.sets(metric={"code": "participation"}, target=0.8)
    problem = await club.change(goal, target=80, status=422)
    assert [one["code"] for one in problem["errors"]] == ["not_a_share"]
    assert (await club.change(goal, target=0.9))["target"] == 0.9


async def test_what_is_reported_counts_by_its_last_value(club):
    here = {"community_id": str(club.stage.community_id)}
    metric = here | {"code": "followers", "name": "公众号粉丝", "unit": "人", "source": "公众号后台"}
    owner = club["群主"].client
    assert (await owner.post("/v1/metrics", json=metric)).status_code == 201

    async def reports(day, value):
        told = here | {"at": f"2024-{day}T12:00:00+08:00", "value": value}
        assert (await owner.post("/v1/metrics/followers/values", json=told)).status_code == 201

    await reports("04-20", 800)
    goal = await club.sets(metric={"code": "followers"}, target=1000)
    assert (goal["baseline"], goal["value"], goal["metric"]["unit"]) == (800, 800, "人")
    await club.later(days=3)
    await reports("05-08", 900)
    await club.later(days=5)
    seen = await club.see(goal["id"])
    assert (seen["value"], seen["progress"]) == (900, 0.5)


async def test_goals_that_one_member_reads_are_measured_one_after_the_other(club, monkeypatch):
    goal = await club.sets(**ACTIVE)
    at_work, together = [], []

    async def slowly(session, asked, periods):
        at_work.append(asked)
        together.append(len(at_work))
        await asyncio.sleep(0.05)
        at_work.remove(asked)
        return []

    monkeypatch.setitem(METRICS, "active_members", replace(METRICS["active_members"], compute=slowly))
    await club.joins("甲")
    await asyncio.gather(*(club["甲"].client.get(f"/v1/goals/{goal['id']}") for _ in range(3)))
    assert together
    assert max(together) == 1


@pytest.fixture
def readings(monkeypatch):
    """How often metrics were read for goals."""
    read, real = [], metering.value_on

    async def noted(session, meter, goal, today):
        read.append(goal.title)
        return await real(session, meter, goal, today)

    monkeypatch.setattr(measuring, "value_on", noted)
    return read


async def test_a_metric_is_read_again_only_if_something_was_heard_or_the_day_is_another(club, readings):
    goal = await club.sets(**ACTIVE)
    still = await club.sets(**(ACTIVE | {"parent_id": goal["id"], "title": "同上"}))
    await club.later(minutes=15)
    readings.clear()
    for _ in range(3):
        await club.later(minutes=15)
    listed = (await club.see(community_id=str(club.stage.community_id)))["items"]
    assert readings == []
    assert {one["measured_at"] for one in listed} == {club.now.isoformat().replace("+00:00", "Z")}
    await club.replies("2024-05-06", "甲", "乙")
    await club.later(minutes=15)
    assert sorted(readings) == sorted([goal["title"], still["title"]])
    assert (await club.see(community_id=str(club.stage.community_id)))["items"][0]["value"] == 2
    # Twice, as what was heard might have become known later than it was heard.
    await club.later(minutes=15)
    readings.clear()
    await club.later(minutes=15)
    assert readings == []
    await club.later(hours=12)
    assert len(readings) >= 2


async def test_what_changes_of_a_goal_or_its_members_is_looked_at_at_once(club, readings):
    goal = await club.sets(metric={"code": "members"}, title="成员", target=10)
    await club.later(minutes=15)
    await club.later(minutes=15)
    readings.clear()
    await club.change(goal, target=20)
    assert readings
    before = (await club.see(goal["id"]))["value"]
    await club.joins("丁")
    await club.later(minutes=15)
    listed = (await club.see(community_id=str(club.stage.community_id)))["items"]
    assert [one["value"] for one in listed] == [before + 1]


async def test_what_is_reported_is_always_looked_at(club, readings):
    answer = await club["群主"].client.post(
        "/v1/metrics",
        json={
            "community_id": str(club.stage.community_id),
            "code": "followers",
            "name": "关注",
            "unit": "人",
            "source": "手工",
        },
    )
    assert answer.status_code == 201, answer.text
    await club.sets(metric={"code": "followers"}, title="关注", target=10)
    await club.later(minutes=15)
    readings.clear()
    await club.later(minutes=15)
    assert readings == ["关注"]
