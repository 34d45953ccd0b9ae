"""Check-in plans: made, changed, cancelled, joined and left."""

import asyncio
from datetime import timedelta

import pytest

from services.gamification.plans import access
from tests.service.gamification.plans.camp import FIRST_DAY


def day(n):
    return (FIRST_DAY + timedelta(days=n)).isoformat()


async def test_a_plan_says_how_many_days_it_asks_for_and_how_many_complete_it(camp):
    made = await camp.ask_for_plan(prompts=["今天读了什么"], requires="note", min_length=10)
    assert made.status_code == 201
    plan = made.json()
    assert (plan["days"], plan["days_total"], plan["days_needed"]) == ("all", 14, 12)
    assert (plan["complete_at"], plan["remind_at"], plan["note_visibility"]) == (80, "20:00", "plan")
    assert (plan["status"], plan["participants"], plan["mine"]) == ("running", 0, None)
    assert plan["prompts"] == ["今天读了什么"]


async def test_days_may_be_workdays_by_the_work_calendar_or_days_of_the_week(camp):
    workdays = (await camp.ask_for_plan(days="workdays")).json()
    # Saturday 11 May 2024 was worked in exchange for a holiday.
    assert workdays["days_total"] == 11
    some = (await camp.ask_for_plan(days="weekdays", weekdays=["we", "mo"])).json()
    assert (some["weekdays"], some["days_total"], some["days_needed"]) == (["mo", "we"], 4, 4)


@pytest.mark.parametrize(
    ("facts", "pointer", "code"),
    [
        ({"ends_on": day(-1)}, "/ends_on", "before_start"),
        ({"ends_on": day(366)}, "/ends_on", "too_long"),
        ({"starts_on": day(-1)}, "/starts_on", "in_the_past"),
        ({"days": "weekdays"}, "/weekdays", "weekdays"),
        ({"weekdays": ["mo"]}, "/weekdays", "weekdays"),
        ({"days": "weekdays", "weekdays": ["su"], "ends_on": day(2)}, "/ends_on", "no_days"),
        ({"min_length": 5}, "/min_length", "no_note"),
        ({"remind_at": "24:00"}, "/remind_at", "not_a_time_of_day"),
        ({"complete_at": 0}, "/complete_at", "greater_than_equal"),
        ({"title": " "}, "/title", "string_too_short"),
        ({"cohort_id": "0190a1b2-0000-7000-8000-000000000000"}, "/cohort_id", "unknown_cohort"),
    ],
)
async def test_a_plan_that_cannot_be_is_refused_where_it_is_wrong(camp, facts, pointer, code):
    refused = await camp.ask_for_plan(**facts)
    assert refused.status_code == 422
    assert [(one["pointer"].lstrip("#"), one["code"]) for one in refused.json()["errors"]] == [(pointer, code)]
    listed = await camp.runs.client.get("/v1/checkin-plans", params={"community_id": str(camp.community_id)})
    assert listed.json()["items"] == []


async def test_only_who_runs_the_community_makes_plans(camp):
    member, lecturer = await camp.member(), await camp.member(roles=("lecturer",))
    for one in (member, lecturer):
        assert (await one.client.post("/v1/checkin-plans", json=camp.plan_body())).status_code == 403


async def test_who_joins_takes_part_and_who_leaves_does_not_again_it_changes_nothing(camp):
    member = await camp.member()
    path = await camp.plan(starts_on=day(1))
    before = await camp.read(member, path)
    assert before["viewer"] == {"can": ["join"], "cannot": {"update": "forbidden", "cancel": "forbidden"}}
    joined = await camp.join(member, path)
    assert (joined["participants"], joined["mine"]["days_done"]) == (1, 0)
    assert joined["viewer"]["can"] == ["leave"]
    assert await camp.join(member, path) == joined
    for _ in range(2):
        left = (await member.client.post(f"{path}/leave")).json()
        assert (left["participants"], left["mine"]) == (0, None)
    assert (await camp.join(member, path))["mine"]["joined_at"] == joined["mine"]["joined_at"]


async def test_many_who_join_at_the_same_moment_are_counted(camp):
    path = await camp.plan()
    members = await camp.members(6)
    await asyncio.gather(*(one.client.post(f"{path}/join") for one in members for _ in range(2)))
    assert (await camp.read(camp.runs, path))["participants"] == 6


async def test_a_plan_of_a_cohort_is_for_its_members(camp):
    cohort = camp.known_as("cohort")
    inside, outside = await camp.member(cohort_id=cohort), await camp.member()
    await camp.tell_cohort(cohort, "第三期")
    path = await camp.plan(cohort_id=str(cohort))
    assert (await camp.read(outside, path))["cohort_name"] == "第三期"
    assert (await camp.read(outside, await camp.plan()))["cohort_name"] is None
    refused = await outside.client.post(f"{path}/join")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_of_cohort")
    assert (await camp.read(outside, path))["viewer"]["cannot"]["join"] == "not_of_cohort"
    assert (await camp.join(inside, path))["participants"] == 1


async def test_a_full_plan_takes_nobody_else(camp, monkeypatch):
    monkeypatch.setattr(access, "MOST_PARTICIPANTS", 1)
    first, second = await camp.members(2)
    path = await camp.plan(first)
    refused = await second.client.post(f"{path}/join")
    assert (refused.status_code, refused.json()["code"]) == (409, "plan_full")
    assert (await camp.join(first, path))["participants"] == 1


async def test_what_participants_go_by_stays_as_it_is_once_a_plan_has_begun(camp):
    path = await camp.plan(starts_on=day(1))
    changed = await camp.runs.client.patch(path, json={"complete_at": 50}, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.json()["days_needed"]) == (200, 7)
    camp.harness.clock.advance(timedelta(days=1))
    refused = await camp.runs.client.patch(path, json={"complete_at": 90}, headers={"If-Match": '"2"'})
    assert (refused.status_code, refused.json()["code"], refused.json()["fields"]) == (
        409,
        "plan_started",
        ["complete_at"],
    )
    changed = await camp.runs.client.patch(
        path, json={"title": "读书营", "remind_at": None, "complete_at": 50}, headers={"If-Match": '"2"'}
    )
    assert (changed.status_code, changed.json()["title"], changed.json()["remind_at"]) == (200, "读书营", None)
    assert changed.headers["ETag"] == '"3"'


async def test_a_change_that_does_not_fit_what_there_is_is_refused(camp):
    path = await camp.plan(starts_on=day(3), requires="note", min_length=10)
    for patch, code in (({"requires": "link"}, "no_note"), ({"ends_on": day(2)}, "before_start")):
        refused = await camp.runs.client.patch(path, json=patch, headers={"If-Match": '"1"'})
        assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, code)
    past = await camp.runs.client.patch(path, json={"starts_on": day(-2)}, headers={"If-Match": '"1"'})
    assert past.json()["errors"][0]["code"] == "in_the_past"
    stale = await camp.runs.client.patch(path, json={"title": "x"}, headers={"If-Match": '"7"'})
    assert stale.status_code == 412


async def test_a_cancelled_plan_and_one_that_is_over_take_nobody(camp):
    member = await camp.member()
    cancelled, over = await camp.plan(), await camp.plan(ends_on=day(0))
    for _ in range(2):
        answer = await camp.runs.client.post(f"{cancelled}/cancel")
        assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    camp.harness.clock.advance(timedelta(days=1))
    for path in (cancelled, over):
        refused = await member.client.post(f"{path}/join")
        assert (refused.status_code, refused.json()["code"]) == (409, "plan_over")
    changed = await camp.runs.client.patch(over, json={"title": "x"}, headers={"If-Match": '"1"'})
    assert changed.json()["code"] == "plan_over"


async def test_plans_are_listed_by_status_and_a_members_own_in_all_their_communities(camp):
    member = await camp.member()
    over = await camp.plan(member, title="over", ends_on=day(0))
    await camp.plan(member, title="running")
    await camp.plan(title="upcoming", starts_on=day(3))
    await camp.runs.client.post(f"{await camp.plan(title='cancelled')}/cancel")
    camp.harness.clock.advance(timedelta(days=1))

    async def titles(**query):
        answer = await member.client.get("/v1/checkin-plans", params=query)
        assert answer.status_code == 200, answer.text
        return [one["title"] for one in answer.json()["items"]]

    here = {"community_id": str(camp.community_id)}
    for status in ("upcoming", "running", "cancelled"):
        assert await titles(**here, status=status) == [status]
    assert await titles(**here, status="ended") == ["over"]
    assert await titles(mine=True) == ["running", "over"]
    assert await titles(mine=True, status="running") == ["running"]
    await member.client.post(f"{over}/leave")
    assert await titles(**here, mine=True) == ["running"]
    assert (await member.client.get("/v1/checkin-plans")).status_code == 422
