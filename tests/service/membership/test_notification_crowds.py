"""What concerns many is told some at a time, however it concerns them: nobody else waits for it, and each reads what they would else."""

import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any, get_args
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from chassis.ids import new_id
from contracts.content import ReminderDue, ReplyRemoved, SubscriptionChanged, SubscriptionTarget
from contracts.events import ActivityCancelled, RegistrationConfirmed
from services.membership.notifications import rounds, telling
from services.membership.notifications.models import NotificationCause, NotificationRound
from services.membership.notifications.rules import Tell
from services.membership.notifications.written import read_back, written_down
from tests.service.membership.test_notification_mail import MINUTE, Post, post  # noqa: F401 - a fixture
from tests.service.membership.test_notification_sight import registered
from tests.service.membership.test_notifications import Inbox, activity, inbox  # noqa: F401 - a fixture

OTHERS = "乙丙丁"


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two people at a time."""
    for where in (rounds, telling):
        monkeypatch.setattr(where, "CHUNK", 2)
    monkeypatch.setattr(telling, "FEW", 1)


async def causes(inbox: Inbox) -> int:  # noqa: F811
    async with inbox.scene.harness.runtime.database.reading() as session:
        return int((await session.execute(select(func.count()).select_from(NotificationCause))).scalar_one())


async def all_subscribe(inbox: Inbox) -> None:  # noqa: F811
    await inbox.hear(
        *(
            SubscriptionChanged(
                community_id=inbox.community_id,
                subscription_id=new_id(),
                member_id=inbox.id(name),
                target=SubscriptionTarget(kind="discussion", id=inbox.discussion_id),
                on=True,
            )
            for name in OTHERS
        )
    )


async def test_followers_are_told_of_many_replies_some_at_a_time_and_read_the_same(inbox, few):  # noqa: F811
    runtime = inbox.scene.harness.runtime
    await inbox.hear(inbox.started("甲"))
    await all_subscribe(inbox)
    gone = new_id()
    before = await causes(inbox)
    await inbox.hear(inbox.reply("乙", mentions=["丙"]), inbox.reply("丙"), inbox.reply("甲", reply_id=gone))
    # The author and whom a reply names, at once; not those who follow.
    assert await causes(inbox) - before == 3
    told = await causes(inbox)
    while await runtime.service.timers.run_due(runtime, limit=1):
        now_told = await causes(inbox)
        assert now_told - told <= 3, "one person a turn, of three replies"
        told = now_told
    assert await inbox.texts("甲") == ["丙 and 1 other replied to “如何清洗数据”"]
    assert await inbox.texts("乙") == ["甲 and 1 other replied in “如何清洗数据”"]
    assert sorted(await inbox.texts("丙")) == ["乙 mentioned you in “如何清洗数据”", "甲 replied in “如何清洗数据”"]
    assert [line["count"] for line in await inbox.lines("丁")] == [3]
    await inbox.hear(inbox.removal(ReplyRemoved, "reply", gone), version=2)
    assert [line["count"] for line in await inbox.lines("丁")] == [2]
    async with runtime.database.reading() as session:
        assert (await session.execute(select(col(NotificationRound.id)))).all() == []


async def test_a_reply_that_is_gone_before_its_followers_were_told_is_told_to_none_of_them(inbox, few):  # noqa: F811
    await inbox.hear(inbox.started("甲"))
    await all_subscribe(inbox)
    gone = new_id()
    await inbox.hear(inbox.reply("甲", reply_id=gone))
    await inbox.hear(inbox.removal(ReplyRemoved, "reply", gone), version=2)
    await inbox.scene.harness.run_timers()
    assert [await inbox.lines(name) for name in OTHERS] == [[], [], []]


async def test_all_who_are_registered_hear_the_latest_of_an_activity_alone(inbox, few):  # noqa: F811
    activity_id = new_id()
    for name in OTHERS:
        await inbox.hear(registered(inbox, RegistrationConfirmed, activity_id, name))
        await inbox.scene.send(inbox.client(name), "/v1/notifications/read", {})
    before = await causes(inbox)
    await inbox.hear(activity(inbox, ActivityCancelled, activity_id), version=2)
    await inbox.hear(activity(inbox, ActivityCancelled, activity_id), version=3)
    await inbox.scene.harness.run_timers()
    assert await causes(inbox) - before == len(OTHERS), "of what was replaced nobody"
    assert [await inbox.texts(name) for name in OTHERS] == [["“SQL 工作坊” is cancelled"]] * 3


async def test_who_names_the_same_people_again_and_again_has_one_line_and_one_mail_with_each(post: Post):  # noqa: F811
    inbox = post.inbox  # noqa: F811
    await inbox.hear(inbox.started("甲", mentions=OTHERS))
    await inbox.hear(*(inbox.reply("甲", mentions=OTHERS) for _ in range(20)))
    everybody = [f"m{number}@example.com" for number in (1, 2, 3)]
    assert await post.wait(11 * MINUTE) == everybody
    await inbox.hear(*(inbox.reply("甲", mentions=OTHERS) for _ in range(20)))
    assert await post.wait(11 * MINUTE) == []
    assert [await inbox.texts(name) for name in OTHERS] == [["甲 mentioned you in “如何清洗数据”"]] * 3
    await inbox.hear(inbox.reply("乙", mentions=["丙"]))
    assert await inbox.texts("丙") == ["乙 and 1 other mentioned you in “如何清洗数据”"]


async def test_reminders_of_many_are_told_some_at_a_time_and_only_within_their_hour(inbox, few):  # noqa: F811
    def reminder(part: int) -> Any:
        return ReminderDue(
            community_id=inbox.community_id,
            discussion_id=inbox.discussion_id,
            title="周会",
            reminder=1,
            member_ids=tuple(inbox.id(name) for name in OTHERS),
            part=part,
            of=2,
        )

    await inbox.hear(inbox.started("甲"))
    before = await causes(inbox)
    await inbox.hear(reminder(1))
    assert await causes(inbox) == before
    await inbox.scene.harness.run_timers()
    assert await inbox.texts("丁") == ["Please confirm the announcement “周会”"]
    told = await causes(inbox)
    await inbox.hear(reminder(2))
    inbox.scene.harness.clock.advance(timedelta(hours=1))
    await inbox.scene.harness.run_timers()
    assert await causes(inbox) == told


def test_a_telling_is_read_back_as_it_was_whatever_it_says():
    at = datetime(2027, 11, 23, 1, 2, 3, 456789, tzinfo=UTC)
    ids = [new_id() for _ in range(9)]
    some: dict[Any, Any] = {
        str: "a 甲",
        int: 7,
        UUID: ids[0],
        datetime: at,
        bool: True,
        tuple[UUID, ...]: (ids[1], ids[2]),
        tuple[str, UUID]: ("reply", ids[3]),
        Mapping[str, Any]: {"title": "甲", "until": at.isoformat(), "roles": ["owner"]},
    }
    kinds = {
        field.name: next(one for one in (field.type, *get_args(field.type)) if one in some) for field in fields(Tell)
    }
    full = Tell(**{name: some[kind] for name, kind in kinds.items()})
    assert read_back(json.loads(json.dumps(written_down(full)))) == full


def test_what_an_earlier_release_wrote_down_is_read_as_it_was_meant():
    community, about = new_id(), new_id()
    at = datetime(2027, 11, 23, 1, tzinfo=UTC)
    said: dict[str, Any] = {
        "template": "announcement",
        "source": f"discussion:{about}",
        "version": 1,
        "thread": f"announcement:{about}",
        "at": at.isoformat(),
        "community_id": str(community),
        "audience": {"roles": ["mentor"]},
        "actor_id": None,
        "about": ["discussion", str(about)],
        "params": {"title": "甲"},
    }
    assert read_back(said) == Tell(
        "announcement",
        f"discussion:{about}",
        1,
        f"announcement:{about}",
        at,
        community,
        audience={"roles": ["mentor"]},
        about=("discussion", about),
        params={"title": "甲"},
    )
