"""What is told of in no message, and what comes too late to be told."""

from typing import Any

from chassis.ids import new_id
from chassis.testing.harness import received
from contracts.events import ContestTimeGiven, RemindedObject, ReminderDue
from services.membership.people.occasions import PeopleConcerned
from services.membership.second_factors.occasions import second_factors_reset
from services.membership.webhooks.occasions import OffEndpoint, SwitchedOff, webhooks_switched_off
from tests.service.membership.test_notifications import HOUR, Inbox, inbox  # noqa: F401 - a fixture


async def test_a_reminder_that_comes_an_hour_late_is_told_to_nobody(inbox: Inbox):  # noqa: F811
    now = inbox.scene.harness.clock()

    def reminder(lead: str) -> Any:
        return ReminderDue(
            community_id=inbox.community_id,
            object=RemindedObject(kind="activity", id=inbox.discussion_id),
            title="SQL 工作坊",
            due_at=now + HOUR,
            lead=lead,
            member_ids=(inbox.id("乙"),),
        )

    await inbox.scene.harness.deliver(received(reminder("day"), occurred_at=now - HOUR))
    assert await inbox.lines("乙") == []
    await inbox.scene.harness.deliver(received(reminder("hour"), occurred_at=now - HOUR / 2))
    assert await inbox.texts("乙") == ["“SQL 工作坊” begins soon"]


async def test_who_has_more_time_in_a_contest_is_told_until_when_and_nobody_after_that(inbox: Inbox):  # noqa: F811
    now = inbox.scene.harness.clock()

    def given(until: Any, *, reopened: bool) -> Any:
        message = ContestTimeGiven(
            community_id=inbox.community_id,
            activity_id=inbox.discussion_id,
            contest_id=new_id(),
            member_id=inbox.id("乙"),
            reopened=reopened,
            until=until,
        )
        return received(message, occurred_at=now)

    await inbox.scene.harness.deliver(given(now + HOUR, reopened=False))
    await inbox.scene.harness.deliver(given(now + 2 * HOUR, reopened=True))
    await inbox.scene.harness.deliver(given(now, reopened=True))
    place = f"/v1/contests?community_id={inbox.community_id}&activity_id={inbox.discussion_id}"
    told = [(line["category"], line["text"], line["href"]) for line in await inbox.lines("乙")]
    assert sorted(told) == [
        ("changes", "You go on in an activity: your time runs", place),
        ("changes", "You have more time to answer in an activity", place),
    ]
    assert await inbox.lines("甲") == []


async def test_what_happens_to_an_account_without_a_message_is_told_in_its_transaction(inbox: Inbox):  # noqa: F811
    now, person = inbox.scene.harness.clock(), inbox.scene.people["甲"]
    async with inbox.scene.harness.runtime.database.transaction() as session:
        await second_factors_reset.happened(session, PeopleConcerned([person], now))
        await webhooks_switched_off.happened(session, SwitchedOff([OffEndpoint(new_id(), person, None)], now))
    assert {(line["category"], line["text"]) for line in await inbox.lines("甲")} == {
        ("security", "Your second factor was removed by an administrator"),
        ("decisions", "A webhook of yours was switched off"),
    }
