"""What members have not read reaches them by mail: late enough, at the right hour, once, and no more when they do not want it."""

import re
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlmodel import col

from chassis.ids import new_id
from contracts.content import ReminderDue, ReplyRemoved
from contracts.events import (
    ActivityAnnounced,
    ActivityCancelled,
    ActivityMoved,
    RegistrationOffered,
    RegistrationWaitlisted,
)
from services.membership.deliveries.models import Delivery
from tests.service.membership.scene import Scene
from tests.service.membership.test_notifications import Inbox, activity
from tests.support.mail_server import HOST, mail_server

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NAMES = ("甲", "乙", "丙", "丁")


@pytest.fixture
async def post(scene: Scene):
    """A community of four with addresses, on a Tuesday at ten in the morning in Shanghai, and a mail server."""
    async with mail_server() as server:
        runtime = scene.harness.runtime
        runtime.settings = runtime.settings.model_copy(
            update={
                "smtp_host": HOST,
                "smtp_port": server.port,
                "smtp_tls": "none",
                "smtp_from": "learn@example.com",
                "app_url": "https://app.example",
                "public_url": "https://learn.example",
            }
        )
        now = scene.harness.clock()
        tuesday = now + timedelta(days=(1 - now.weekday()) % 7 + 7)
        scene.harness.clock.now = datetime(tuesday.year, tuesday.month, tuesday.day, 2, tzinfo=UTC)
        while not _is_plain(scene.harness.clock()):
            scene.harness.clock.advance(7 * DAY)
        for number, name in enumerate(NAMES):
            await scene.client(name, email=f"m{number}@example.com", employee_no=f"m{number}")
        community = await scene.community()
        members = {name: await scene.member(name, community) for name in NAMES}
        await _quiet(scene)
        yield Post(Inbox(scene, community, members), server)


def _is_plain(at: datetime) -> bool:
    from chassis.work_calendar import CHINA

    days = [at.date() + n * DAY for n in range(7)]
    return [CHINA.is_workday(day) for day in days] == [day.weekday() < 5 for day in days]


async def _quiet(scene: Scene) -> None:
    """What they were told by joining is read."""
    for name in NAMES:
        await scene.send(scene.again(name), "/v1/notifications/read", {})


class Post:
    def __init__(self, inbox: Inbox, server: Any) -> None:
        self.inbox, self.server = inbox, server
        self.harness = inbox.scene.harness

    async def wait(self, by: timedelta) -> list[str]:
        """Let time go by and mail go; to whom it went."""
        self.harness.clock.advance(by)
        before = len(self.server.to)
        await self.harness.run_errands()
        return sorted(to for (to,) in self.server.to[before:])

    def local(self, hour: int, minute: int = 0, *, days: int = 0) -> None:
        """Set the clock by that of Shanghai, on the same day or later."""
        now = self.harness.clock() + 8 * HOUR
        day = (now + days * DAY).date()
        self.harness.clock.now = datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC) - 8 * HOUR

    async def states(self) -> list[tuple[str, str | None]]:
        async with self.harness.runtime.database.reading() as session:
            rows = (
                await session.execute(select(Delivery).order_by(col(Delivery.created_at), col(Delivery.id)))
            ).scalars()
            return [(row.state, row.code) for row in rows]

    async def prefer(self, name: str, category: str, setting: str) -> None:
        answer = await self.inbox.client(name).patch(
            "/v1/notification-preferences",
            json={"items": [{"category": category, "channel": "mail", "setting": setting}]},
        )
        assert answer.status_code == 200, answer.text


def registration(inbox: Inbox, event: type[Any], activity_id: UUID, registration_id: UUID, **more: Any) -> Any:
    """A place of 甲 in the list of an activity in three days."""
    return event(
        community_id=inbox.community_id,
        registration_id=registration_id,
        activity_id=activity_id,
        activity_kind="workshop",
        starts_at=inbox.scene.harness.clock() + 3 * DAY,
        member_id=inbox.id("甲"),
        **more,
    )


def plain(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


async def test_what_is_unread_after_ten_minutes_goes_by_mail_and_what_was_read_does_not(post):
    inbox = post.inbox
    await inbox.hear(inbox.started("甲"), inbox.reply("乙", mentions=["丙"]))
    assert await post.wait(9 * MINUTE) == []
    await inbox.scene.send(inbox.client("丙"), "/v1/notifications/read", {})
    assert await post.wait(MINUTE) == ["m0@example.com"]
    (mail,) = post.server.arrived
    assert mail["Subject"] == "乙 回复了你发起的“如何清洗数据”"
    assert "https://app.example/notifications" in plain(mail)
    assert ("withdrawn", "read_or_gone") in await post.states()
    assert await post.wait(DAY) == []


async def test_one_thread_is_one_mail_that_counts_whoever_came_meanwhile(post):
    inbox = post.inbox
    await inbox.hear(inbox.started("甲"), inbox.reply("乙"))
    await inbox.hear(inbox.reply("丙"), inbox.reply("丁"))
    assert await post.wait(10 * MINUTE) == ["m0@example.com"]
    await inbox.hear(inbox.reply("乙"))
    assert await post.wait(HOUR) == []
    assert "等 3 人" in post.server.arrived[0]["Subject"]


async def test_mail_names_nothing_of_a_private_community_by_its_title(post):
    inbox = post.inbox
    await inbox.scene.change(
        inbox.scene.again("owner"), f"/v1/communities/{inbox.community['id']}", {"visibility": "private"}
    )
    await inbox.hear(inbox.started("甲"), inbox.reply("乙"))
    assert await post.wait(10 * MINUTE) == ["m0@example.com"]
    (mail,) = post.server.arrived
    assert mail["Subject"] == "乙 回复了你发起的讨论"
    assert "如何清洗数据" not in str(mail.get_body(("html",)).get_content()) + plain(mail)


async def test_what_was_withdrawn_meanwhile_is_not_sent(post):
    inbox = post.inbox
    reply = new_id()
    await inbox.hear(inbox.started("甲"), inbox.reply("乙", reply_id=reply))
    await inbox.hear(inbox.removal(ReplyRemoved, "reply", reply), version=2)
    assert await post.wait(10 * MINUTE) == []


async def test_who_is_no_member_any_more_gets_nothing_of_the_community(post):
    inbox = post.inbox
    await inbox.hear(inbox.started("甲"), inbox.reply("乙", mentions=["丙"]))
    await inbox.scene.send(inbox.client("丙"), f"/v1/members/{inbox.id('丙')}/leave")
    assert "m2@example.com" not in await post.wait(10 * MINUTE)


@pytest.mark.parametrize("happens", ["suspend", "leave"])
async def test_who_was_suspended_or_left_the_company_meanwhile_gets_nothing(post, happens):
    inbox, scene = post.inbox, post.inbox.scene
    await inbox.hear(inbox.started("甲"), inbox.reply("乙", mentions=["丙"]))
    await scene.send(scene.admin, f"/v1/people/{scene.people['丙']}/{happens}")
    assert await post.wait(10 * MINUTE) == ["m0@example.com"]
    assert ("withdrawn", "person_inactive") in await post.states()


async def test_mail_of_the_evening_waits_for_the_next_workday_in_the_morning(post):
    inbox = post.inbox
    post.local(20, 55)
    await inbox.hear(inbox.started("甲"), inbox.reply("乙"))
    assert await post.wait(10 * MINUTE) == []
    post.local(8, 29, days=1)
    assert await post.wait(timedelta(0)) == []
    assert await post.wait(MINUTE) == ["m0@example.com"]


async def test_mail_of_a_friday_evening_waits_for_monday(post):
    inbox = post.inbox
    post.local(21, 30, days=3)
    await inbox.hear(inbox.started("甲"), inbox.reply("乙"))
    post.local(12, 0, days=1)
    assert await post.wait(timedelta(0)) == []
    post.local(8, 30, days=2)
    assert await post.wait(timedelta(0)) == ["m0@example.com"]


async def test_the_hour_is_that_of_the_recipient(post):
    inbox = post.inbox
    client = inbox.client("甲")
    etag = (await client.get("/v1/people/me")).headers["ETag"]
    changed = {"time_zone": "Europe/Berlin", "locale": "en"}
    assert (await client.patch("/v1/people/me", json=changed, headers={"If-Match": etag})).status_code == 200
    await inbox.hear(inbox.started("甲"), inbox.reply("乙"))
    assert await post.wait(10 * MINUTE) == []
    assert await post.wait(9 * HOUR) == ["m0@example.com"]
    assert post.server.arrived[0]["Subject"] == "乙 replied to “如何清洗数据”"


async def test_an_offer_goes_on_a_day_off_and_in_the_evening_but_not_at_night(post):
    inbox = post.inbox
    post.local(22, 30, days=4)
    now = post.harness.clock()
    offered = RegistrationOffered(
        community_id=inbox.community_id,
        registration_id=new_id(),
        activity_id=new_id(),
        activity_kind="lecture",
        starts_at=now + 3 * DAY,
        member_id=inbox.id("甲"),
        position=None,
        offer_expires_at=now + DAY,
    )
    await inbox.hear(offered)
    assert await post.wait(HOUR) == []
    post.local(8, 0, days=1)
    assert await post.wait(timedelta(0)) == ["m0@example.com"]
    assert post.server.arrived[0]["List-Unsubscribe"] is None, "nobody can switch it off"


async def test_who_wants_no_mail_of_a_kind_gets_none_also_where_it_waits_already(post):
    inbox = post.inbox
    await inbox.hear(inbox.started("甲"), inbox.reply("乙"))
    await post.prefer("甲", "replies", "off")
    assert await post.wait(10 * MINUTE) == []
    assert await post.states() == [("withdrawn", "not_wanted")]


async def test_what_is_wanted_once_a_day_comes_together_the_next_morning(post):
    inbox = post.inbox
    await post.prefer("甲", "replies", "daily")
    await inbox.hear(inbox.started("甲"), inbox.reply("乙"))
    first = inbox.discussion_id
    inbox.discussion_id = new_id()
    await inbox.hear(inbox.started("甲"), inbox.reply("丙"))
    assert first != inbox.discussion_id
    assert await post.wait(HOUR) == []
    post.local(8, 30, days=1)
    assert await post.wait(timedelta(0)) == ["m0@example.com"]
    (mail,) = post.server.arrived
    assert mail["Subject"] == "您有 2 条未读消息"
    assert {"乙", "丙"} <= set(re.findall(r"[乙丙]", plain(mail)))


async def test_one_click_ends_mail_of_a_kind_and_looking_at_the_link_changes_nothing(post):
    inbox = post.inbox
    await inbox.hear(inbox.started("甲"), inbox.reply("乙"))
    await post.wait(10 * MINUTE)
    (mail,) = post.server.arrived
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = mail["List-Unsubscribe"].strip("<>").removeprefix("https://learn.example")
    anyone = post.harness.anonymous()

    async def settings() -> dict[str, str]:
        items = (await inbox.client("甲").get("/v1/notification-preferences")).json()["items"]
        return {item["category"]: item["mail"] for item in items}

    page = await anyone.get(path)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert '<form method="post">' in page.text
    assert (await settings())["replies"] == "now"
    for _ in range(2):
        answer = await anyone.post(path, data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
    after = await settings()
    assert (after["replies"], after["mentions"]) == ("off", "now")
    inbox.discussion_id = new_id()
    await inbox.hear(inbox.started("甲"), inbox.reply("丙"))
    assert await post.wait(10 * MINUTE) == []


async def test_a_link_that_nobody_made_ends_nothing(post):
    anyone = post.harness.anonymous()
    for token in ("x.y", "a" * 100 + ".b", "AAAA.AAAA"):
        for answer in (await anyone.get(f"/v1/unsubscribes/{token}"), await anyone.post(f"/v1/unsubscribes/{token}")):
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert (await anyone.post("/v1/unsubscribes/no-point")).status_code == 422


async def test_history_and_who_has_no_address_cause_no_mail(post):
    inbox = post.inbox
    await inbox.hear(inbox.started("甲"), inbox.reply("乙"), backfill=True)
    assert await post.states() == []
    await inbox.scene.member("无", inbox.community)
    assert await post.wait(10 * MINUTE) == []
    assert await post.states() == []


async def test_without_a_mail_server_nothing_waits(post):
    runtime = post.harness.runtime
    runtime.settings = runtime.settings.model_copy(update={"smtp_host": None})
    await post.inbox.hear(post.inbox.started("甲"), post.inbox.reply("乙"))
    assert await post.states() == []


# --- what is new of a line that was sent before ------------------------------------------------------------------------


async def test_an_offer_goes_though_the_line_of_its_registration_was_mailed_before_and_is_unread(post):
    inbox, activity_id, registration_id = post.inbox, new_id(), new_id()
    await inbox.hear(activity(inbox, ActivityAnnounced, activity_id))
    await inbox.hear(registration(inbox, RegistrationWaitlisted, activity_id, registration_id))
    assert await post.wait(10 * MINUTE) == ["m0@example.com"]
    until = post.harness.clock() + 12 * HOUR
    offered = registration(inbox, RegistrationOffered, activity_id, registration_id, offer_expires_at=until)
    await inbox.hear(offered, version=2)
    await inbox.hear(offered, version=2)
    assert await post.wait(10 * MINUTE) == ["m0@example.com"]
    assert [mail["Subject"] for mail in post.server.arrived] == [
        "你已进入“SQL 工作坊”的候补名单",
        "“SQL 工作坊”有名额留给你，请尽快确认",
    ]
    assert len({mail["Message-ID"] for mail in post.server.arrived}) == 2
    assert await post.wait(DAY) == []


async def test_what_is_out_of_date_before_it_was_sent_is_not_sent_beside_what_is_new(post):
    inbox, activity_id, registration_id = post.inbox, new_id(), new_id()
    post.local(22, 30, days=3)
    await inbox.hear(registration(inbox, RegistrationWaitlisted, activity_id, registration_id))
    await inbox.hear(registration(inbox, RegistrationOffered, activity_id, registration_id), version=2)
    post.local(8, 0, days=1)
    assert await post.wait(timedelta(0)) == ["m0@example.com"], "an offer does not wait for Monday"
    assert ("withdrawn", "replaced") in await post.states()
    post.local(8, 30, days=2)
    assert await post.wait(timedelta(0)) == []


async def test_a_cancellation_goes_after_a_move_and_a_move_that_comes_late_goes_no_more(post):
    inbox, activity_id = post.inbox, new_id()
    await inbox.hear(registration(inbox, RegistrationWaitlisted, activity_id, new_id()))
    await _quiet(inbox.scene)
    before = post.harness.clock()
    await inbox.hear(activity(inbox, ActivityMoved, activity_id, starts_at_before=before), version=2)
    assert await post.wait(10 * MINUTE) == ["m0@example.com"]
    await inbox.hear(activity(inbox, ActivityCancelled, activity_id), version=4)
    assert await post.wait(10 * MINUTE) == ["m0@example.com"]
    await inbox.hear(activity(inbox, ActivityMoved, activity_id, starts_at_before=before), version=3)
    assert await post.wait(HOUR) == []
    assert [mail["Subject"] for mail in post.server.arrived] == [
        "“SQL 工作坊”的时间有变更",
        "“SQL 工作坊”已取消",
    ]


def reminded(post: Any, number: int) -> ReminderDue:
    inbox = post.inbox
    return ReminderDue(
        community_id=inbox.community_id,
        discussion_id=inbox.discussion_id,
        title="如何清洗数据",
        reminder=number,
        member_ids=(inbox.id("乙"),),
        part=1,
        of=1,
    )


async def test_who_has_not_read_an_announcement_is_reminded_by_mail_each_time(post):
    inbox = post.inbox
    await inbox.hear(inbox.started("甲", kind="announcement", audience={"roles": ["owner"]}))
    for number in (1, 2):
        post.harness.clock.advance(HOUR)
        await inbox.hear(reminded(post, number))
        assert await post.wait(10 * MINUTE) == ["m1@example.com"]
    assert {mail["Subject"] for mail in post.server.arrived} == {"请确认公告“如何清洗数据”"}


async def test_a_reminder_of_an_announcement_is_worth_an_hour_from_when_it_was_due(post):
    inbox = post.inbox
    post.local(21, 5)
    await inbox.hear(reminded(post, 1))
    assert await post.wait(10 * MINUTE) == ["m1@example.com"], "it would be too late tomorrow"
    post.local(22, 30)
    await inbox.hear(reminded(post, 2))
    post.local(8, 30, days=1)
    assert await post.wait(timedelta(0)) == []
    assert ("lapsed", None) in await post.states()


async def test_what_was_put_off_goes_again_ten_minutes_after_it_came_back(post):
    inbox = post.inbox
    await inbox.hear(inbox.started("甲"), inbox.reply("乙"))
    [line] = await inbox.lines("甲")
    until = (post.harness.clock() + HOUR).isoformat()
    await inbox.scene.send(inbox.client("甲"), f"/v1/notifications/{line['id']}/snooze", {"until": until})
    assert await post.wait(HOUR) == []
    await post.harness.run_timers()
    assert await post.wait(9 * MINUTE) == []
    assert await post.wait(MINUTE) == ["m0@example.com"]
    assert await post.wait(DAY) == []


async def test_what_is_wanted_once_a_day_comes_in_the_morning_of_the_community_where_it_was_told(post):
    inbox = post.inbox
    await post.prefer("甲", "replies", "daily")
    elsewhere = await inbox.scene.community(time_zone="America/Los_Angeles")
    names = ("甲", "乙")
    there = Inbox(inbox.scene, elsewhere, {name: await inbox.scene.member(name, elsewhere) for name in names})
    await _quiet(inbox.scene)
    await inbox.hear(inbox.started("甲"), inbox.reply("乙"))
    await there.hear(there.started("甲"), there.reply("乙"))
    # Half past eight in the morning in California, where it was still Monday evening: late in the evening in Shanghai.
    post.local(23, 29)
    assert await post.wait(timedelta(0)) == []
    assert await post.wait(MINUTE) == ["m0@example.com"]
    post.local(8, 30, days=1)
    assert await post.wait(timedelta(0)) == ["m0@example.com"]
    assert [mail["Subject"] for mail in post.server.arrived] == ["您有 1 条未读消息"] * 2
