"""What was removed, merged, accepted or attended, as metrics count it and as their definitions say."""

from datetime import timedelta

import pytest

from chassis.ids import new_id
from chassis.testing import SettableClock, received
from contracts import content, events
from services.analytics.definition import definition
from tests.service.analytics.counted import Counted
from tests.service.analytics.counting import Counting
from tests.service.stage import NOON, moment

DAY = "2024-05-06"
MORNING = moment(f"{DAY}T07:30:00+08:00")


class Undoing(Counted, Counting):
    """A community in which things are undone, and whose metrics are read."""

    async def of_the_day(self, code: str) -> float | None:
        """The value of the day on which all this happens."""
        [item] = await self.values(code, DAY, DAY)
        return item["value"]


@pytest.fixture
async def stage(start_service):
    async with start_service(definition, clock=SettableClock(NOON)) as harness:
        stage = Undoing(harness)
        await stage.open()
        await stage.prepare()
        yield stage


async def test_a_discussion_that_was_merged_into_another_counts_in_no_metric_of_who_writes(stage):
    asker, other = await stage.member(), await stage.member()
    asked, kept = stage.discussion(asker.id, MORNING), stage.discussion(other.id, MORNING)
    await stage.harness.deliver(asked, kept)
    assert (await stage.of_the_day("posts"), await stage.of_the_day("active_members")) == (2, 2)
    merged = content.DiscussionMerged(
        community_id=stage.community_id, discussion_id=asked.data.discussion_id, into_id=kept.data.discussion_id
    )
    await stage.harness.deliver(received(merged, occurred_at=NOON, version=2))
    assert (await stage.of_the_day("posts"), await stage.of_the_day("active_members")) == (1, 1)
    [inequality] = await stage.values("contribution_gini", DAY, DAY)
    assert inequality["n"] == 1


async def test_whoever_accepted_an_answer_did_something_though_the_answer_is_removed(stage):
    asker, helper = await stage.member(), await stage.member()
    asked = stage.discussion(asker.id, MORNING - timedelta(days=1))
    answer = stage.reply(helper.id, MORNING, discussion_id=asked.data.discussion_id)
    accepted = content.AnswerAccepted(
        community_id=stage.community_id,
        reply_id=answer.data.reply_id,
        discussion_id=asked.data.discussion_id,
        asker_id=asker.id,
        answerer_id=helper.id,
        accepted_by=asker.id,
    )
    await stage.harness.deliver(asked, answer, received(accepted, occurred_at=MORNING))
    await stage.harness.deliver(stage.removed(answer, NOON))
    assert await stage.of_the_day("replies") == 0
    assert await stage.of_the_day("active_members") == 1


async def test_the_definitions_say_what_becomes_of_duplicates(stage):
    listed = (await stage.operator.get("/v1/metrics", params=stage.here)).json()["items"]
    said = {one["code"]: one["definition"] for one in listed}
    for code in ("posts", "contribution_gini", "participation", "active_members", "activity_rate"):
        assert "merged into another" in said[code], code


@pytest.mark.parametrize("told_later", [timedelta(0), timedelta(hours=3), timedelta(days=30)])
async def test_whoever_came_counts_on_the_day_on_which_it_began_however_late_that_is_told(stage, told_later):
    one = await stage.member()
    began = NOON - timedelta(days=1)
    came = events.AttendanceRecorded(
        community_id=stage.community_id,
        attendance_id=new_id(),
        activity_id=new_id(),
        activity_kind="workshop",
        member_id=one.id,
        role="attendee",
        extent="full",
        minutes=60,
        method="code",
        starts_at=began,
    )
    await stage.harness.deliver(received(came, occurred_at=began + told_later))
    [item] = await stage.values("active_members", "2024-05-05", "2024-05-05")
    assert item["value"] == 1
    listed = (await stage.operator.get("/v1/metrics", params=stage.here)).json()["items"]
    said = {metric["code"]: metric["definition"] for metric in listed}
    for code in ("participation", "active_members", "activity_rate"):
        assert "on which the activity began" in said[code], code


async def test_of_an_older_message_that_does_not_say_when_it_began_the_time_counts(stage):
    one = await stage.member()
    came = events.AttendanceRecorded(
        community_id=stage.community_id,
        attendance_id=new_id(),
        activity_id=new_id(),
        activity_kind="workshop",
        member_id=one.id,
        role="speaker",
        extent="full",
        minutes=60,
        method="hand",
    )
    await stage.harness.deliver(received(came, occurred_at=NOON - timedelta(days=1)))
    [item] = await stage.values("active_members", "2024-05-05", "2024-05-05")
    assert item["value"] == 1
