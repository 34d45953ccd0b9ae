"""Who may read somewhere no more reads nothing of it in their inbox, by no operation and no channel, but what was decided about them."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import update
from sqlmodel import col

from chassis.ids import new_id
from contracts.events import ActivityCancelled, RegistrationConfirmed, RegistrationOffered
from contracts.membership import SanctionChanged
from services.membership.notifications import feed
from services.membership.roster.models import Member
from tests.service.membership.test_notification_mail import MINUTE, Post, post  # noqa: F401 - a fixture
from tests.service.membership.test_notifications import Inbox, activity, inbox  # noqa: F401 - a fixture

DAY = timedelta(days=1)


async def suspend(inbox: Inbox, name: str, until: Any) -> None:  # noqa: F811
    async with inbox.scene.harness.runtime.database.transaction() as session:
        these = update(Member).where(col(Member.id) == inbox.id(name))
        await session.execute(these.values(status="suspended", status_until=until))


async def leave(inbox: Inbox, name: str) -> None:  # noqa: F811
    await inbox.scene.send(inbox.client(name), f"/v1/members/{inbox.id(name)}/leave")


def registered(inbox: Inbox, event: type[Any], activity_id: Any, name: str, **more: Any) -> Any:  # noqa: F811
    return event(
        community_id=inbox.community_id,
        registration_id=more.pop("registration_id", None) or new_id(),
        activity_id=activity_id,
        activity_kind="workshop",
        starts_at=inbox.scene.harness.clock() + 3 * DAY,
        member_id=inbox.id(name),
        **more,
    )


async def refused(client: httpx.AsyncClient, path: str, body: dict[str, Any] | None) -> bool:
    return (await client.post(path, json=body)).status_code == 404


async def test_who_left_reads_no_line_by_its_id_either(inbox):  # noqa: F811
    await inbox.hear(inbox.started("甲"), inbox.reply("乙"))
    [line] = await inbox.lines("甲")
    await leave(inbox, "甲")
    client, until = inbox.client("甲"), (inbox.scene.harness.clock() + DAY).isoformat()
    one = f"/v1/notifications/{line['id']}"
    assert await refused(client, f"{one}/read", None)
    assert await refused(client, f"{one}/snooze", {"until": until})
    assert await refused(client, "/v1/notifications/read", {"upto": line["id"]})
    everything = await client.post("/v1/notifications/read", json={"community_id": str(inbox.community_id)})
    assert everything.json() == {"read": 0, "unread": 0}


async def test_who_left_reads_nothing_of_what_was_moved_or_offered(inbox):  # noqa: F811
    activity_id = new_id()
    until = inbox.scene.harness.clock() + DAY
    await inbox.hear(registered(inbox, RegistrationConfirmed, activity_id, "乙"))
    await inbox.hear(registered(inbox, RegistrationOffered, new_id(), "乙", offer_expires_at=until))
    await inbox.hear(activity(inbox, ActivityCancelled, activity_id), version=2)
    assert {line["category"] for line in await inbox.lines("乙")} == {"activities", "changes"}
    await leave(inbox, "乙")
    assert await inbox.lines("乙") == []


async def test_who_is_suspended_reads_nothing_but_that_until_it_is_over(inbox):  # noqa: F811
    await inbox.hear(inbox.started("甲"), inbox.reply("乙"))
    until = inbox.scene.harness.clock() + DAY
    await suspend(inbox, "甲", until)
    status = SanctionChanged(
        community_id=inbox.community_id, member_id=inbox.id("甲"), status="suspended", until=until, penalty_ids=()
    )
    await inbox.hear(inbox.reply("丙"), status)
    assert await inbox.texts("甲") == ["Your membership is suspended"]
    inbox.scene.harness.clock.advance(DAY)
    # Whether or not anybody wrote down that it is over.
    assert len(await inbox.lines("甲")) == 2
    await inbox.hear(inbox.reply("丁"))
    assert "丁 and 1 other replied to “如何清洗数据”" in await inbox.texts("甲")


async def test_an_announcement_reaches_who_was_suspended_until_a_moment_ago(inbox):  # noqa: F811
    now = inbox.scene.harness.clock()
    await suspend(inbox, "乙", now)
    await suspend(inbox, "丙", now + DAY)
    await inbox.hear(inbox.started("甲", kind="announcement"))
    await inbox.scene.harness.run_timers()
    await suspend(inbox, "丙", now)
    assert (len(await inbox.lines("乙")), await inbox.lines("丙")) == (1, [])


async def test_no_mail_goes_to_who_was_suspended_meanwhile(post: Post):  # noqa: F811
    inbox = post.inbox  # noqa: F811
    until = post.harness.clock() + DAY
    await inbox.hear(
        inbox.started("甲"),
        inbox.reply("乙"),
        registered(inbox, RegistrationOffered, new_id(), "丙", offer_expires_at=until),
    )
    await suspend(inbox, "甲", post.harness.clock() + DAY)
    await leave(inbox, "丙")
    assert await post.wait(11 * MINUTE) == []
    assert [state for state, _ in await post.states()] == ["withdrawn", "withdrawn"]


@pytest.mark.parametrize(
    "after",
    ["9" * 19 + ".0", "0." + "9" * 19, f"{2**63}.1", "１.２", "1", "-1.0", "1.0 ", "1.0\n", "²." + "1", "0x1.1"],
)
def test_a_place_that_no_feed_gave_is_none(after: str):
    assert feed.place_of(after) is None


def test_the_last_place_that_there_can_be_is_one():
    assert feed.place_of(f"{2**63 - 1}.{2**63 - 1}") == (2**63 - 1, 2**63 - 1)
