"""What members are told reaches them by the messenger where they have an account, as they want it and at an hour when it may come."""

from datetime import timedelta

import pytest

from chassis.ids import new_id
from chassis.settings import Settings
from contracts.content import ReplyRemoved
from services.membership.identities.models import Identity
from tests.service.membership.test_notification_mail import post  # noqa: F401 - a fixture
from tests.support.messengers import USER, messengers

HOUR = timedelta(hours=1)


@pytest.fixture
async def feishu(post):  # noqa: F811
    """甲 has an account at Feishu, and no mail is sent."""
    scene = post.inbox.scene
    async with messengers() as three:
        runtime = scene.harness.runtime
        given = Settings(**three.settings())
        told = {name: getattr(given, name) for name in three.settings()}
        runtime.settings = runtime.settings.model_copy(update=told | {"smtp_host": None})
        async with runtime.database.transaction() as session:
            session.add(
                Identity(
                    person_id=scene.people["甲"],
                    provider="feishu",
                    kind="user_id",
                    subject=USER,
                    linked_at=scene.harness.clock(),
                    linked_by="admin",
                )
            )
        yield three.feishu


async def prefer(post, name, category, setting):  # noqa: F811
    body = {"items": [{"category": category, "channel": "messenger", "setting": setting}]}
    answer = await post.inbox.client(name).patch("/v1/notification-preferences", json=body)
    assert answer.status_code == 200, answer.text


async def test_who_has_an_account_is_told_at_once_and_nobody_else(post, feishu):  # noqa: F811
    inbox = post.inbox
    await inbox.hear(inbox.started("甲"), inbox.reply("乙", mentions=["丙"]))
    await post.wait(timedelta(0))
    assert feishu.to_people == [
        (USER, "乙 回复了你发起的“如何清洗数据”\n数据社群\n打开消息中心: https://app.example/notifications")
    ]


async def test_who_wants_no_messages_of_a_kind_gets_none(post, feishu):  # noqa: F811
    inbox = post.inbox
    await prefer(post, "甲", "replies", "off")
    await inbox.hear(inbox.started("甲"), inbox.reply("乙"))
    await post.wait(HOUR)
    assert feishu.to_people == []


async def test_what_is_wanted_once_a_day_comes_in_one_message_the_next_morning(post, feishu):  # noqa: F811
    inbox = post.inbox
    await prefer(post, "甲", "replies", "daily")
    await inbox.hear(inbox.started("甲"), inbox.reply("乙"))
    await post.wait(HOUR)
    assert feishu.to_people == []
    post.local(8, 30, days=1)
    await post.wait(timedelta(0))
    ((_, text),) = feishu.to_people
    assert text.startswith("您有 1 条未读消息\n乙 回复了你发起的“如何清洗数据”")


async def test_a_message_of_the_evening_waits_for_the_morning_and_does_not_come_where_it_was_read(post, feishu):  # noqa: F811
    inbox = post.inbox
    post.local(21, 30)
    await inbox.hear(inbox.started("甲"), inbox.reply("乙"))
    await post.wait(HOUR)
    assert feishu.to_people == []
    await inbox.scene.send(inbox.client("甲"), "/v1/notifications/read", {})
    post.local(8, 30, days=1)
    await post.wait(timedelta(0))
    assert feishu.to_people == []


@pytest.mark.parametrize(
    "path", ["/v1/people/{person}/suspend", "/v1/people/{person}/leave", "/v1/members/{member}/leave"]
)
async def test_who_was_suspended_or_left_while_the_messenger_was_away_is_not_written_to(post, feishu, path):  # noqa: F811
    inbox, scene = post.inbox, post.inbox.scene
    feishu.next_answers = [(502, {}, b"")] * 3
    await inbox.hear(inbox.started("甲"), inbox.reply("乙"))
    await post.wait(timedelta(0))
    where = path.format(person=scene.people["甲"], member=inbox.id("甲"))
    await scene.send(scene.admin if "people" in path else inbox.client("甲"), where)
    feishu.next_answers = []
    await post.wait(HOUR)
    assert feishu.to_people == []


async def test_what_was_withdrawn_while_the_messenger_was_away_does_not_come(post, feishu):  # noqa: F811
    inbox = post.inbox
    reply = new_id()
    feishu.next_answers = [(502, {}, b"")] * 3
    await inbox.hear(inbox.started("甲"), inbox.reply("乙", reply_id=reply))
    await post.wait(timedelta(0))
    await inbox.hear(inbox.removal(ReplyRemoved, "reply", reply), version=2)
    feishu.next_answers = []
    await post.wait(HOUR)
    assert feishu.to_people == []
