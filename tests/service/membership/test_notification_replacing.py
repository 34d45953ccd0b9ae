"""What a later message replaces: nobody is left with what was told of the same before."""

from datetime import date
from typing import Any

import pytest

from chassis.ids import new_id
from chassis.testing.harness import received
from contracts.events import ActionItemAssigned, RegistrationCancelled, RegistrationConfirmed
from tests.service.membership.test_notification_mail import MINUTE, Post, post  # noqa: F401 - a fixture
from tests.service.membership.test_notification_receipts import registration
from tests.service.membership.test_notifications import Inbox, inbox  # noqa: F401 - a fixture


async def by(inbox: Inbox, name: str, event: Any, version: int) -> None:  # noqa: F811
    """A message of what this member did."""
    person = inbox.members[name]["person_id"]
    at = inbox.scene.harness.clock()
    await inbox.scene.harness.deliver(received(event, occurred_at=at, version=version, actor=f"person:{person}"))


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
async def test_whoever_gives_up_their_seat_is_not_mailed_that_they_have_one(post: Post, order):  # noqa: F811
    inbox = post.inbox  # noqa: F811
    told = {1: registration(RegistrationConfirmed, inbox), 2: registration(RegistrationCancelled, inbox)}
    for version in order:
        await by(inbox, "甲", told[version], version)
    assert await inbox.lines("甲") == []
    assert await post.wait(11 * MINUTE) == []


async def test_what_passes_to_another_is_no_longer_told_to_who_had_it(inbox: Inbox):  # noqa: F811
    item: dict[str, Any] = {
        "community_id": inbox.community_id,
        "action_item_id": new_id(),
        "title": "发出纪要",
        "due_on": date(2026, 6, 1),
    }
    item["activity_id"] = new_id()
    await by(inbox, "甲", ActionItemAssigned(**item, owner_id=inbox.id("乙")), 1)
    await by(inbox, "丙", ActionItemAssigned(**item, owner_id=inbox.id("丙")), 2)
    assert [await inbox.texts(name) for name in "乙丙"] == [[], []]
    await by(inbox, "丙", ActionItemAssigned(**item, owner_id=inbox.id("丁")), 3)
    assert [await inbox.texts(name) for name in "乙丙丁"] == [[], [], ["You are to do “发出纪要”"]]


async def test_what_was_read_stays_as_it_was_read(inbox: Inbox):  # noqa: F811
    await by(inbox, "乙", registration(RegistrationConfirmed, inbox), 1)
    [line] = await inbox.lines("甲")
    await inbox.scene.send(inbox.client("甲"), f"/v1/notifications/{line['id']}/read")
    await by(inbox, "乙", registration(RegistrationCancelled, inbox), 2)
    assert [one["template"] for one in await inbox.lines("甲")] == ["registration.cancelled"]
    assert [one["template"] for one in await inbox.lines("甲", unread=False)] == ["registration.confirmed"]
