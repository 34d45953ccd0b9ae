"""Who is missing is told in the evening by their own clock, and finds it among their tasks and at home."""

from datetime import timedelta

from chassis.messaging import parts
from tests.service.gamification.plans.camp import FIRST_DAY
from tests.service.gamification.stage import NOON, moment


def day(n):
    return (FIRST_DAY + timedelta(days=n)).isoformat()


async def evening(camp, days=0, hours=8):
    """Go on to an evening in Shanghai, counted from the first day, and have done what is due."""
    camp.harness.clock.now = NOON + timedelta(days=days, hours=hours)
    await camp.harness.run_timers()


async def told(camp):
    return [
        (one.data["member_ids"], one.data["due_at"], one.data["part"], one.data["of"])
        for one in await camp.harness.published("reminder.due")
    ]


async def part(camp, one, path):
    answer = await one.client.get(path, params={"community_id": str(camp.community_id)})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def tasks(one):
    answer = await one.client.get("/internal/tasks")
    assert answer.status_code == 200, answer.text
    return [task for task in answer.json() if task["code"] in {"check_in_for_plan", "hand_in_again"}]


async def test_only_who_is_missing_is_told_once_a_day(camp):
    done, missing = await camp.members(2)
    path = await camp.plan(done, missing, ends_on=day(1))
    await camp.hand_in(done, path)
    await evening(camp, hours=7)
    assert await told(camp) == []
    await evening(camp)
    assert await told(camp) == [([str(missing.id)], "2024-05-06T16:00:00Z", 1, 1)]
    await evening(camp, hours=9)
    assert len(await told(camp)) == 1
    await evening(camp, days=1)
    assert [sorted(one[0]) for one in (await told(camp))[1:]] == [sorted([str(done.id), str(missing.id)])]
    await evening(camp, days=2)
    assert len(await told(camp)) == 2


async def test_everybody_is_told_by_their_own_clock(camp):
    here = await camp.member()
    there = await camp.member(time_zone="Europe/Berlin")
    await camp.plan(here, there)
    await evening(camp)
    await evening(camp, hours=14)
    assert await told(camp) == [
        ([str(here.id)], "2024-05-06T16:00:00Z", 1, 1),
        ([str(there.id)], "2024-05-06T22:00:00Z", 1, 1),
    ]


async def test_whoever_sends_too_late_sends_nothing_and_goes_on(camp):
    member = await camp.member()
    await camp.plan(member)
    await evening(camp, hours=10)
    assert await told(camp) == []
    await evening(camp, days=1)
    assert [one[1] for one in await told(camp)] == ["2024-05-07T16:00:00Z"]


async def test_nobody_is_told_of_a_day_that_the_plan_does_not_ask_for_nor_where_it_reminds_nobody(camp):
    member = await camp.member()
    await camp.plan(member, days="weekdays", weekdays=["tu"])
    await camp.plan(member, remind_at=None)
    cancelled = await camp.plan(member)
    await camp.runs.client.post(f"{cancelled}/cancel")
    left = await camp.plan(member)
    await member.client.post(f"{left}/leave")
    await evening(camp)
    assert await told(camp) == []
    await evening(camp, days=1)
    assert len(await told(camp)) == 1


async def test_many_are_told_in_lots(camp, monkeypatch):
    monkeypatch.setattr(parts, "MOST_MEMBERS", 2)
    members = await camp.members(5)
    await camp.plan(*members)
    await evening(camp)
    found = await told(camp)
    assert [(len(one[0]), one[2], one[3]) for one in found] == [(2, 1, 3), (2, 2, 3), (1, 3, 3)]
    assert {one for lot in found for one in lot[0]} == {str(one.id) for one in members}
    assert len({one.subject for one in await camp.harness.published("reminder.due")}) == 3


async def test_a_day_is_a_task_until_it_is_handed_in_and_again_when_it_is_returned(camp):
    member = await camp.member()
    path = await camp.plan(member)
    (task,) = await tasks(member)
    assert (task["code"], task["href"], moment(task["due_at"])) == (
        "check_in_for_plan", path, moment("2024-05-06T16:00:00Z")
    )  # fmt: skip
    (answer,) = await camp.hand_in(member, path)
    assert await tasks(member) == []
    entry = f"/v1/checkin-plans/entries/{answer['entry_id']}"
    await camp.runs.client.post(f"{entry}/review", json={"verdict": "returned", "reason": "空白"})
    assert [(one["code"], one["href"]) for one in await tasks(member)] == [("hand_in_again", entry)]


async def test_the_home_shows_how_plans_stand_today_and_the_desk_what_nobody_reviewed(camp):
    member = await camp.member()
    path = await camp.plan(member, requires="note")
    (plan,) = (await part(camp, member, "/internal/home"))["plans"]
    assert (plan["state"], plan["days_done"], plan["days_needed"]) == ("open", 0, 12)
    await camp.hand_in(member, path, note="读了两章")
    (plan,) = (await part(camp, member, "/internal/home"))["plans"]
    assert (plan["state"], plan["days_done"]) == ("done", 1)
    queues = await part(camp, camp.runs, "/internal/desk")
    (queue,) = [one for one in queues if one["code"] == "plan_days_to_review"]
    assert (queue["count"], moment(queue["oldest_at"])) == (1, NOON)
    # An instant, also where the database keeps no zone.
    assert queue["oldest_at"].endswith("Z")


async def test_the_desk_leads_to_the_plans_that_have_something_to_review_also_when_they_ended(camp):
    member = await camp.member()
    waits = await camp.plan(member, requires="note", ends_on=day(0))
    quiet = await camp.plan(member)
    (answer, _) = await camp.hand_in(member, waits, quiet, note="读了两章")

    async def led_to():
        queues = await part(camp, camp.runs, "/internal/desk")
        href = next(one["href"] for one in queues if one["code"] == "plan_days_to_review")
        return [f"/v1/checkin-plans/{one['id']}" for one in (await camp.read(camp.runs, href))["items"]]

    camp.harness.clock.advance(timedelta(days=2))
    assert (await camp.read(camp.runs, waits))["status"] == "ended"
    assert await led_to() == [waits]
    entry = f"/v1/checkin-plans/entries/{answer['entry_id']}"
    await camp.runs.client.post(f"{entry}/review", json={"verdict": "good"})
    assert await led_to() == []


async def test_a_day_that_nobody_reviewed_in_two_weeks_waits_for_nobody_on_the_desk_and_where_it_leads(camp):
    member = await camp.member()
    waits = await camp.plan(member, requires="note")
    await camp.hand_in(member, waits, note="读了两章")

    async def waiting():
        queues = await part(camp, camp.runs, "/internal/desk")
        queue = next(one for one in queues if one["code"] == "plan_days_to_review")
        return queue["count"], len((await camp.read(camp.runs, queue["href"]))["items"])

    camp.harness.clock.advance(timedelta(days=13))
    assert await waiting() == (1, 1)
    camp.harness.clock.advance(timedelta(days=1))
    assert await waiting() == (0, 0)
