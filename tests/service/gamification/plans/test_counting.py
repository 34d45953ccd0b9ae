"""Check-ins count for the plans that they name, and complete them."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlmodel import col

from services.gamification.plans.models import PlanEntry
from tests.service.gamification.plans.camp import FIRST_DAY
from tests.service.gamification.stage import NOON


def day(n):
    return (FIRST_DAY + timedelta(days=n)).isoformat()


def codes(answers):
    return [one["code"] for one in answers]


async def test_a_checkin_counts_for_each_plan_whose_evidence_it_has_and_says_why_not_for_the_others(camp):
    member = await camp.member()
    plain = await camp.plan(member)
    long = await camp.plan(member, requires="note", min_length=20)
    link = await camp.plan(member, requires="link")
    other = await camp.plan()
    answers = await camp.hand_in(member, plain, long, link, other, note="读了两章")
    assert codes(answers) == [None, "note_too_short", "link_missing", "not_taking_part"]
    assert [one["counts"] for one in answers] == [True, False, False, False]
    assert (answers[0]["days_done"], answers[0]["days_needed"], answers[0]["completed"]) == (1, 12, False)
    assert answers[1]["text"] == "The note is shorter than the plan requires."
    assert (await camp.read(member, plain))["mine"]["days_done"] == 1
    assert (await camp.read(member, long))["mine"]["days_done"] == 0


async def test_who_checked_in_without_the_evidence_gives_it_the_same_day(camp):
    member = await camp.member()
    path = await camp.plan(member, requires="note", min_length=4)
    assert codes(await camp.hand_in(member, path)) == ["note_missing"]
    first = await camp.check_in(member)
    later = await camp.check_in(member, plan_ids=[path.rpartition("/")[2]], note="  读了两章  ")
    assert later.status_code == 200
    assert later.json()["checkin"] == first.json()["checkin"]
    assert codes(later.json()["plans"]) == [None]
    (told,) = await camp.harness.published("text.written")
    assert (told.data["object"]["kind"], told.data["text"]) == ("plan_entry", {"note": "读了两章"})


async def test_one_note_of_a_checkin_is_looked_at_once_for_all_plans(camp):
    member = await camp.member()
    paths = [await camp.plan(member) for _ in range(3)]
    await camp.hand_in(member, *paths, note="读了两章")
    assert [told.data["object"]["kind"] for told in await camp.harness.published("text.written")] == ["checkin"]


async def test_a_day_counts_once_however_often_it_is_offered_at_the_same_moment(camp):
    member = await camp.member()
    path = await camp.plan(member)
    answers = await asyncio.gather(*(camp.hand_in(member, path) for _ in range(5)))
    assert [one["days_done"] for (one,) in answers] == [1] * 5
    assert (await camp.read(member, path))["mine"]["days_done"] == 1


async def test_days_that_the_plan_does_not_ask_for_do_not_count(camp):
    member = await camp.member()
    mondays = await camp.plan(member, days="weekdays", weekdays=["mo"])
    workdays = await camp.plan(member, days="workdays")
    later = await camp.plan(member, starts_on=day(2))
    assert codes(await camp.hand_in(member, mondays, workdays, later, day=0)) == [None, None, "not_a_day_of_it"]
    assert codes(await camp.hand_in(member, mondays, workdays, later, day=1)) == [
        "not_a_day_of_it",
        None,
        "not_a_day_of_it",
    ]
    # A Saturday that is worked, and the Sunday after it.
    assert codes(await camp.hand_in(member, workdays, later, day=5)) == [None, None]
    assert codes(await camp.hand_in(member, workdays, later, day=6)) == ["not_a_day_of_it", None]


async def test_a_cancelled_plan_counts_nothing(camp):
    member = await camp.member()
    path = await camp.plan(member)
    await camp.runs.client.post(f"{path}/cancel")
    assert codes(await camp.hand_in(member, path)) == ["plan_over"]


async def test_who_left_the_plan_is_counted_no_more_and_goes_on_when_they_come_back(camp):
    member = await camp.member()
    path = await camp.plan(member)
    await camp.hand_in(member, path, day=0)
    await member.client.post(f"{path}/leave")
    assert codes(await camp.hand_in(member, path, day=1)) == ["not_taking_part"]
    await camp.join(member, path)
    (answer,) = await camp.hand_in(member, path, day=1)
    assert answer["days_done"] == 2


async def test_three_days_of_a_plan_are_made_up_and_no_day_before_joining(camp):
    early, late = await camp.member(), await camp.member()
    path = await camp.plan(early)
    await camp.pay("generous", trigger="checkin.recorded", points=100)
    await camp.check_in(early)
    made_up = []
    for today in (4, 8):
        camp.harness.clock.now = NOON + timedelta(days=today)
        for back in (3, 2):
            answer = await early.client.post(
                "/v1/checkins/make-ups",
                json={
                    "community_id": str(camp.community_id),
                    "day": day(today - back),
                    "plan_ids": [path.rpartition("/")[2]],
                },
            )
            assert answer.status_code == 201, answer.text
            made_up += codes(answer.json()["plans"])
    assert made_up == [None, None, None, "too_many_made_up"]
    await camp.join(late, path)
    await camp.check_in(late)
    answer = await late.client.post(
        "/v1/checkins/make-ups",
        json={"community_id": str(camp.community_id), "day": day(7), "plan_ids": [path.rpartition("/")[2]]},
    )
    assert codes(answer.json()["plans"]) == ["before_joining"]


async def test_enough_days_complete_a_plan_once_and_it_is_told_and_paid_by_a_rule(camp):
    member = await camp.member()
    await camp.pay("camp", trigger="plan.completed", points=30)
    path = await camp.plan(member, ends_on=day(3), complete_at=50)
    assert [one["completed"] for one in await camp.hand_in(member, path, day=0)] == [False]
    camp.harness.clock.now = NOON + timedelta(days=2)
    answer = await camp.check_in(member, plan_ids=[path.rpartition("/")[2]])
    assert answer.json()["plans"][0]["completed"] is True
    assert {one["rule"]: one["points"] for one in answer.json()["awarded"]} == {"checkin": 5, "camp": 30}
    assert [one["completed"] for one in await camp.hand_in(member, path, day=3)] == [False]
    (told,) = await camp.harness.published("plan.completed")
    plan_id = path.rpartition("/")[2]
    assert told.data == {
        "community_id": str(camp.community_id), "plan_id": plan_id, "member_id": str(member.id), "days": 2
    }  # fmt: skip
    assert (told.partition_key, told.version) == (str(member.id), 1)
    mine = (await camp.read(member, path))["mine"]
    assert (mine["days_done"], mine["completed_on"]) == (3, day(2))
    found = (await camp.read(member, f"/v1/ledger-entries?member_id={member.id}"))["items"]
    paid = next(one["source"] for one in found if one["source"]["type"] == "plan.completed")
    assert (paid["title"], paid["href"]) == ((await camp.read(member, path))["title"], path)


async def test_members_read_their_own_progress_and_who_runs_the_community_a_table(camp):
    first, second = await camp.member(), await camp.member()
    path = await camp.plan(first, second, ends_on=day(4))
    await camp.hand_in(first, path, day=0)
    await camp.hand_in(second, path, day=2)
    (own,) = await camp.progress(first, path)
    assert [one["state"] for one in own["days"]] == ["done", "missed", "open", "future", "future"]
    assert (own["days_done"], own["days_total"], own["days_needed"]) == (1, 5, 4)
    table = await camp.progress(camp.runs, path)
    assert [one["member"]["member_id"] for one in table] == [str(first.id), str(second.id)]
    assert [[day["state"] for day in one["days"]][:3] for one in table] == [
        ["done", "missed", "open"],
        ["missed", "missed", "done"],
    ]
    outsider = await camp.member()
    assert (await outsider.client.get(f"{path}/progress")).status_code == 404


async def test_the_day_is_that_of_the_members_own_zone(camp):
    far = await camp.member(time_zone="America/Los_Angeles")
    path = await camp.plan(far)
    # Noon of the first day in Shanghai is the evening before in Los Angeles.
    assert codes(await camp.hand_in(far, path)) == ["not_a_day_of_it"]
    camp.harness.clock.advance(timedelta(hours=20))
    assert codes(await camp.hand_in(far, path)) == [None]
    (own,) = await camp.progress(far, path)
    assert own["days"][0]["state"] == "done"


async def test_a_completed_plan_stays_so_whatever_becomes_of_its_days(camp):
    member = await camp.member()
    path = await camp.plan(member, ends_on=day(1), complete_at=50)
    await camp.hand_in(member, path, day=0)
    async with camp.harness.runtime.database.transaction() as session:
        await session.execute(update(PlanEntry).where(col(PlanEntry.member_id) == member.id).values(status="returned"))
    (answer,) = await camp.hand_in(member, path, day=1)
    assert (answer["days_done"], answer["completed"]) == (1, False)
    assert (await camp.read(member, path))["mine"]["completed_on"] == day(0)
    assert len(await camp.harness.published("plan.completed")) == 1


@pytest.mark.parametrize("link", ["ftp://x", "javascript:alert(1)", "https://", "x"])
async def test_a_link_that_leads_nowhere_is_refused(camp, link):
    member = await camp.member()
    path = await camp.plan(member, requires="link")
    refused = await camp.check_in(member, plan_ids=[path.rpartition("/")[2]], link=link)
    assert (refused.status_code, refused.json()["errors"][0]["pointer"].lstrip("#")) == (422, "/link")
    assert await camp.harness.published("checkin.recorded") == []
