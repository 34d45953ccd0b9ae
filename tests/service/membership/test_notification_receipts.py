"""Whoever offers something hears when its message has reached somebody: by a channel outside, or since they read it; or that nothing reaches them."""

import asyncio
from datetime import timedelta
from itertools import permutations
from typing import Any
from uuid import UUID, uuid5

import pytest
from sqlalchemy import select

from chassis.ids import new_id
from contracts.events import (
    RegistrationConfirmed,
    RegistrationExpired,
    RegistrationOffered,
    RegistrationWaitlisted,
)
from services.membership.deliveries.models import Delivery
from services.membership.deliveries.occasions import Ended
from services.membership.notifications.models import Notification
from services.membership.notifications.receipts import note_delivered, note_read
from tests.service.membership.test_notification_mail import post  # noqa: F401 - a fixture
from tests.service.membership.test_notification_messengers import feishu  # noqa: F401 - a fixture
from tests.service.membership.test_notifications import inbox  # noqa: F401 - a fixture
from tests.support.mail_server import HOST

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
REGISTRATION, ACTIVITY = new_id(), new_id()


def registration(kind: type[Any], inbox: Any, name: str = "甲", **more: Any) -> Any:  # noqa: F811
    now = inbox.scene.harness.clock()
    return kind(
        community_id=inbox.community_id,
        registration_id=REGISTRATION,
        activity_id=ACTIVITY,
        activity_kind="workshop",
        starts_at=now + 9 * DAY,
        member_id=inbox.id(name),
        **more,
    )


def offer(inbox: Any, name: str = "甲") -> Any:  # noqa: F811
    return registration(RegistrationOffered, inbox, name, offer_expires_at=inbox.scene.harness.clock() + DAY)


async def said(inbox: Any) -> list[tuple[str, int, int]]:  # noqa: F811
    """The results that were said, each with the version of what it is about and its own."""
    published = await inbox.scene.harness.published("notification.taken")
    return [(one.data["result"], one.data["version"], one.version) for one in published]


async def test_an_offer_is_taken_once_mail_has_it_and_reading_it_afterwards_says_nothing_more(post):  # noqa: F811
    inbox = post.inbox  # noqa: F811
    await inbox.hear(offer(inbox), version=2)
    assert await said(inbox) == []
    assert await post.wait(10 * MINUTE) == ["m0@example.com"]
    [one] = await inbox.scene.harness.published("notification.taken")
    assert one.data == {
        "community_id": str(inbox.community_id),
        "object": {"kind": "registration", "id": str(REGISTRATION)},
        "version": 2,
        "member_id": str(inbox.id("甲")),
        "result": "taken",
    }
    assert (one.version, one.partition_key, one.occurred_at) == (1, str(REGISTRATION), post.harness.clock())
    assert one.subject == str(uuid5(REGISTRATION, f"told 2 {inbox.id('甲')}"))
    await inbox.scene.send(inbox.client("甲"), "/v1/notifications/read", {})
    assert await said(inbox) == [("taken", 2, 1)]


@pytest.mark.parametrize("how", ["one", "all", "snoozed"])
async def test_an_offer_is_taken_by_whoever_reads_it_before_any_mail(post, how):  # noqa: F811
    inbox = post.inbox  # noqa: F811
    await inbox.hear(offer(inbox), version=2)
    [line] = await inbox.lines("甲")
    until = {"until": (post.harness.clock() + HOUR).isoformat()}
    path, body = {
        "one": (f"{line['id']}/read", None),
        "all": ("read", {}),
        "snoozed": (f"{line['id']}/snooze", until),
    }[how]
    await inbox.scene.send(inbox.client("甲"), f"/v1/notifications/{path}", body)
    assert await said(inbox) == [("taken", 2, 1)]
    await post.wait(2 * HOUR)
    assert await said(inbox) == [("taken", 2, 1)]


async def test_looking_at_the_inbox_and_reading_other_lines_takes_nothing(post):  # noqa: F811
    inbox = post.inbox  # noqa: F811
    await inbox.hear(offer(inbox), version=2)
    await inbox.hear(inbox.started("甲"), inbox.reply("乙"))
    other = next(line for line in await inbox.lines("甲") if line["template"] != "registration.offered")
    await inbox.scene.send(inbox.client("甲"), f"/v1/notifications/{other['id']}/read")
    await inbox.scene.send(inbox.client("乙"), "/v1/notifications/read", {})
    assert await said(inbox) == []


async def test_who_has_no_channel_is_unreachable_at_once_and_taken_when_they_read_it(inbox):  # noqa: F811
    await inbox.hear(offer(inbox), version=2)
    assert await said(inbox) == [("unreachable", 2, 1)]
    for _ in range(2):
        await inbox.scene.send(inbox.client("甲"), "/v1/notifications/read", {})
    assert await said(inbox) == [("unreachable", 2, 1), ("taken", 2, 2)]


async def test_who_has_no_address_is_unreachable_where_others_have_mail(post):  # noqa: F811
    inbox = post.inbox  # noqa: F811
    inbox.members["无"] = await inbox.scene.member("无", inbox.community)
    await inbox.hear(offer(inbox, "无"), version=2)
    assert await said(inbox) == [("unreachable", 2, 1)]


async def test_an_address_that_is_refused_reaches_nobody(post):  # noqa: F811
    inbox = post.inbox  # noqa: F811
    post.server.answer_to_recipient = lambda _address: "550 5.1.1 no such mailbox"
    await inbox.hear(offer(inbox), version=2)
    await post.wait(10 * MINUTE)
    assert await said(inbox) == [("unreachable", 2, 1)]


async def test_a_server_that_is_away_is_waited_for(post):  # noqa: F811
    inbox = post.inbox  # noqa: F811
    await inbox.hear(offer(inbox), version=2)
    post.server.answer_to_recipient = lambda _address: "450 4.2.0 later"
    await post.wait(10 * MINUTE)
    assert await said(inbox) == []
    post.server.answer_to_recipient = lambda _address: None
    await post.wait(HOUR)
    assert await said(inbox) == [("taken", 2, 1)]


async def test_what_the_messenger_refuses_mail_may_still_take(post, feishu):  # noqa: F811
    inbox = post.inbox  # noqa: F811
    runtime = post.harness.runtime
    runtime.settings = runtime.settings.model_copy(update={"smtp_host": HOST})
    await inbox.hear(offer(inbox), version=2)
    async with runtime.database.reading() as session:
        rows = (await session.execute(select(Delivery))).scalars()
        waiting = {row.channel: row.id for row in rows if row.ended_at is None}
    assert set(waiting) == {"mail", "feishu"}
    for channel, expected in (("feishu", []), ("mail", [("unreachable", 2, 1)]), ("mail", [("unreachable", 2, 1)])):
        async with runtime.database.transaction() as session:
            row = await session.get_one(Delivery, waiting[channel])
            row.state, row.ended_at = "refused", post.harness.clock()
            await session.flush()
            ended = Ended(channel, row.person_id, row.kind, row.subject_id, "refused", "x", row.ended_at)
            await note_delivered(session, ended)
        assert await said(inbox) == expected


async def test_an_offer_is_a_message_of_its_own_also_where_an_older_line_of_it_was_mailed_and_not_read(post):  # noqa: F811
    inbox = post.inbox  # noqa: F811
    await inbox.hear(registration(RegistrationWaitlisted, inbox, position=1), version=1)
    assert await post.wait(10 * MINUTE) == ["m0@example.com"]
    assert await said(inbox) == []
    await inbox.hear(offer(inbox), version=2)
    assert len(await inbox.lines("甲")) == 1
    assert await post.wait(10 * MINUTE) == ["m0@example.com"]
    assert len({mail["Message-ID"] for mail in post.server.arrived}) == 2
    assert await said(inbox) == [("taken", 2, 1)]


async def test_nobody_hears_of_an_offer_that_was_over_before_it_reached_anybody(post):  # noqa: F811
    inbox = post.inbox  # noqa: F811
    await inbox.hear(offer(inbox), version=2)
    await inbox.hear(registration(RegistrationExpired, inbox), version=3)
    await post.wait(HOUR)
    await inbox.scene.send(inbox.client("甲"), "/v1/notifications/read", {})
    assert await said(inbox) == []


async def test_two_offers_one_after_the_other_are_each_taken(post):  # noqa: F811
    inbox = post.inbox  # noqa: F811
    await inbox.hear(offer(inbox), version=2)
    await post.wait(10 * MINUTE)
    await inbox.hear(registration(RegistrationWaitlisted, inbox, position=1), version=3)
    await inbox.hear(offer(inbox), version=4)
    await post.wait(10 * MINUTE)
    assert await said(inbox) == [("taken", 2, 1), ("taken", 4, 1)]


async def test_in_any_order_and_twice_the_newest_alone_is_awaited(inbox):  # noqa: F811
    for number, order in enumerate(permutations(range(3))):
        key = UUID(int=number)
        events = [
            registration(RegistrationWaitlisted, inbox, position=1),
            offer(inbox),
            registration(RegistrationConfirmed, inbox),
        ]
        for step in [*order, *order]:
            of_this = events[step].model_copy(update={"registration_id": key})
            await inbox.hear(of_this, version=step + 1)
        [line] = [one for one in await inbox.lines("甲") if one["thread"] == f"registration:{key}"]
        assert line["template"] == "registration.confirmed"
    # Where the offer came before what ended it, it was unreachable for that long; never twice.
    published = await inbox.scene.harness.published("notification.taken")
    assert len({one.data["object"]["id"] for one in published}) == len(published) == 3
    assert {one.data["result"] for one in published} == {"unreachable"}


async def test_history_is_awaited_by_nobody(inbox):  # noqa: F811
    await inbox.hear(offer(inbox), version=2, backfill=True)
    await inbox.scene.send(inbox.client("甲"), "/v1/notifications/read", {})
    assert await said(inbox) == []


async def test_reading_and_a_channel_at_the_same_moment_say_it_once(post):  # noqa: F811
    inbox = post.inbox  # noqa: F811
    await inbox.hear(offer(inbox), version=2)
    [line] = await inbox.lines("甲")
    person_id, now = inbox.scene.people["甲"], post.harness.clock()
    await inbox.scene.send(inbox.client("乙"), "/v1/notifications/read", {})

    async def by(how: str) -> None:
        async with post.harness.runtime.database.transaction() as session:
            if how == "mail":
                ended = Ended("mail", person_id, "notification", UUID(line["id"]), "taken", None, now)
                await note_delivered(session, ended)
            else:
                row = await session.get_one(Notification, UUID(line["id"]), with_for_update=True)
                row.read_at = now
                await session.flush()
                await note_read(session, person_id, now)

    await asyncio.gather(*(by(how) for how in ("mail", "app", "mail", "app")))
    assert await said(inbox) == [("taken", 2, 1)]


async def test_that_a_place_is_kept_is_awaited_too(post):  # noqa: F811
    inbox = post.inbox  # noqa: F811
    await inbox.hear(registration(RegistrationWaitlisted, inbox, position=1, untold=True), version=3)
    [line] = await inbox.lines("甲")
    assert (line["template"], line["category"]) == ("registration.kept", "changes")
    await post.wait(10 * MINUTE)
    assert await said(inbox) == [("taken", 3, 1)]
