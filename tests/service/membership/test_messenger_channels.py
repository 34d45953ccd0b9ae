"""Robots of groups: what of a community they tell, how it is folded and withdrawn, and what becomes of one that takes nothing."""

import asyncio
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from chassis.jobs import JobRun
from chassis.testing import received
from contracts import content, events
from services.membership.messengers.models import MessengerChannel
from tests.support.messengers import KEY, SIGNS, messengers

PATH = "/v1/messenger-channels"
PROVIDERS = ("wecom", "dingtalk", "feishu")
BOTH = ["activities", "announcements"]
DAY = timedelta(days=1)

each = pytest.mark.parametrize("provider", PROVIDERS)


@pytest.fixture
async def three():
    async with messengers() as found:
        yield found


@pytest.fixture
async def group(scene, three):
    """A community whose owner may have groups told, by messengers of this machine."""
    runtime = scene.harness.runtime
    told = {name: value for name, value in three.settings().items() if name.endswith(("_url", "_networks"))}
    runtime.settings = runtime.settings.model_copy(update=told)
    return Group(scene, three, await scene.community())


class Group:
    """Short ways to say what a test is not about."""

    def __init__(self, scene, three, community):
        self.scene, self.three, self.community = scene, three, community
        self.harness = scene.harness

    async def add(self, provider="wecom", *, key=KEY, by="owner", status=201, **fields):
        body = {
            "community_id": self.community["id"],
            "provider": provider,
            "name": "项目群",
            "address": self.three.robot(provider, key),
            "kinds": BOTH,
        }
        if provider != "wecom":
            body["secret"] = SIGNS
        return await self.scene.send(self.scene.again(by), PATH, body | fields, status=status)

    async def seen(self, channel):
        return await self.scene.see(self.scene.again("owner"), f"{PATH}/{channel['id']}")

    async def does(self, channel, verb, *, status=None):
        return await self.scene.send(self.scene.again("owner"), f"{PATH}/{channel['id']}/{verb}", status=status)

    @property
    def now(self):
        return self.harness.clock()

    async def happens(self, *said, version=1, **options):
        """Messages come in, and the worker does what is due."""
        await self.harness.deliver(*(received(one, occurred_at=self.now, version=version, **options) for one in said))
        await self.goes_on()

    async def goes_on(self, after=timedelta(0)):
        self.harness.clock.advance(after)
        for provider in PROVIDERS:
            self.three.of(provider).second = self.now.timestamp()
        await self.harness.run_timers()
        await self.harness.run_jobs()

    def announcement(self, title="周五开营", key=None, **fields):
        said: dict[str, Any] = {"kind": "announcement", "visibility": "internal", "author_id": uuid4()} | fields
        return content.DiscussionStarted(
            community_id=UUID(self.community["id"]), discussion_id=key or uuid4(), title=title, **said
        )

    def activity(self, kind=events.ActivityAnnounced, key=None, **fields):
        said: dict[str, Any] = {
            "kind": "lecture",
            "mode": "online",
            "title": "指标入门",
            "starts_at": datetime.fromisoformat("2024-06-01T06:00:00+00:00"),
            "ends_at": datetime.fromisoformat("2024-06-01T07:00:00+00:00"),
            "time_zone": "Asia/Shanghai",
        }
        return kind(community_id=UUID(self.community["id"]), activity_id=key or uuid4(), **(said | fields))


# --- what is told --------------------------------------------------------------------------------------------------


@each
async def test_announcements_and_activities_go_to_the_group(group, provider):
    channel = await group.add(provider)
    await group.happens(group.announcement())
    key = uuid4()
    await group.happens(group.activity(key=key))
    later = datetime.fromisoformat("2024-06-02T06:00:00+00:00")
    before = datetime.fromisoformat("2024-06-01T06:00:00+00:00")
    await group.happens(
        group.activity(events.ActivityMoved, key, starts_at=later, ends_at=later, starts_at_before=before), version=2
    )
    await group.happens(group.activity(events.ActivityCancelled, key, starts_at=later, ends_at=later), version=3)
    assert group.three.of(provider).to_group == [
        "【数据社群】公告：周五开营",
        "【数据社群】活动：指标入门\n时间：2024年6月1日 14:00",
        "【数据社群】活动改期：指标入门\n新时间：2024年6月2日 14:00",
        "【数据社群】活动取消：指标入门\n原定时间：2024年6月2日 14:00",
    ]
    seen = await group.seen(channel)
    assert (seen["status"], seen["last_outcome"], seen["failing_since"]) == ("active", "taken", None)


async def test_only_what_a_channel_is_for_is_told_there_and_in_its_language(group):
    await group.add(kinds=["activities"], locale="en")
    await group.happens(group.announcement(), group.activity())
    assert group.three.wecom.to_group == ["[数据社群] Activity: 指标入门\nTime: 2024-06-01 14:00 (Asia/Shanghai)"]


async def test_what_is_private_is_never_told_nor_other_discussions_nor_history(group):
    await group.add()
    await group.happens(
        group.announcement("密", visibility="private"),
        group.announcement("组", group_id=uuid4()),
        group.announcement("问", kind="question"),
    )
    await group.happens(group.announcement("旧"), group.activity(title="旧"), backfill=True)
    assert group.three.wecom.to_group == []


async def test_nothing_of_a_private_community_is_told_by_its_title(scene, three, group):
    group.community = await scene.community(visibility="private", name="内训")
    await group.add()
    await group.happens(group.activity(), group.announcement("密", visibility="private"))
    assert three.wecom.to_group == ["【内训】有新活动，时间：2024年6月1日 14:00"]


async def test_a_link_leads_to_the_thing_where_there_is_a_frontend(group):
    runtime = group.harness.runtime
    runtime.settings = runtime.settings.model_copy(update={"app_url": "https://app.example/"})
    await group.add()
    key = uuid4()
    await group.happens(group.announcement(key=key))
    assert group.three.wecom.to_group == [f"【数据社群】公告：周五开营\nhttps://app.example/discussions/{key}"]


async def test_what_is_gone_again_before_it_is_posted_is_not_posted(group):
    channel = await group.add()
    await group.does(channel, "pause")
    key, gone = uuid4(), uuid4()
    await group.happens(group.announcement(key=key), group.announcement("错", key=gone))
    away: dict[str, Any] = {"kind": "discussion", "root_id": gone, "author_ids": (uuid4(),), "cause": "author"}
    await group.happens(content.DiscussionRemoved(community_id=UUID(group.community["id"]), id=gone, **away), version=2)
    await group.does(channel, "resume")
    await group.goes_on()
    assert group.three.wecom.to_group == ["【数据社群】公告：周五开营"]


async def test_messages_in_any_order_and_twice_are_told_once_and_as_it_stands(group):
    channel = await group.add()
    await group.does(channel, "pause")
    key = uuid4()
    later = datetime.fromisoformat("2024-06-03T06:00:00+00:00")
    moved = group.activity(events.ActivityMoved, key, starts_at=later, ends_at=later, starts_at_before=later)
    announced = group.activity(key=key)
    said = [received(moved, occurred_at=group.now, version=2), received(announced, occurred_at=group.now, version=1)]
    await group.harness.deliver(*said, times=2)
    await group.does(channel, "resume")
    await group.goes_on()
    await group.harness.deliver(*said)
    await group.goes_on(timedelta(minutes=2))
    assert group.three.wecom.to_group == ["【数据社群】活动改期：指标入门\n新时间：2024年6月3日 14:00"]


async def test_what_happened_before_a_channel_was_there_is_not_told_by_it(group):
    before = group.now - DAY
    await group.add()
    await group.happens(group.announcement(), recorded_at=before)
    assert group.three.wecom.to_group == []


# --- how much ------------------------------------------------------------------------------------------------------


@each
async def test_more_than_a_robot_may_send_goes_folded_and_nothing_is_dropped(group, provider):
    runtime = group.harness.runtime
    runtime.settings = runtime.settings.model_copy(update={f"{provider}_robot_per_minute": 3})
    await group.add(provider)
    there = group.three.of(provider)
    there.per_minute = 3
    await group.happens(group.announcement("一"), group.announcement("二"))
    assert there.to_group == ["【数据社群】公告：一", "【数据社群】公告：二"]
    await group.happens(*(group.announcement(f"第 {number} 条") for number in range(40)))
    # One more in this minute, as full as may be; the rest when there is room again.
    assert len(there.to_group) == 3
    await group.goes_on(timedelta(seconds=59))
    assert len(there.to_group) == 3
    await group.goes_on(timedelta(seconds=1))
    await group.goes_on(timedelta(minutes=1))
    said = "\n".join(there.to_group)
    assert [said.count(f"第 {number} 条") for number in range(40)] == [1] * 40
    assert len(there.to_group) <= 6


async def test_a_text_that_spoils_the_others_is_left_out_alone(group):
    runtime = group.harness.runtime
    runtime.settings = runtime.settings.model_copy(update={"dingtalk_robot_per_minute": 2})
    channel = await group.add("dingtalk")
    await group.does(channel, "pause")
    await group.happens(group.announcement("一"), group.announcement("违禁"), group.announcement("三"))
    there = group.three.dingtalk
    answer = there.answer

    def strict(seen):
        if "违禁".encode() in seen.body:
            return 200, {}, b'{"errcode": 430102, "errmsg": "inappropriate text"}'
        return answer(seen)

    there.answer = strict
    await group.does(channel, "resume")
    await group.goes_on()
    assert there.to_group == ["【数据社群】公告：一", "【数据社群】公告：三"]


# --- what goes wrong -----------------------------------------------------------------------------------------------


async def test_a_messenger_away_for_a_day_is_told_everything_when_it_is_back(group):
    channel = await group.add()
    group.three.wecom.next_answers = [(500, {}, b"{}")] * 1000
    await group.happens(group.announcement("一"))
    for _ in range(30):
        await group.goes_on(timedelta(hours=1))
    assert len(group.three.wecom.seen) <= 40
    assert (await group.seen(channel))["last_outcome"] == "again"
    await group.happens(group.announcement("二"))
    group.three.wecom.next_answers = []
    await group.goes_on(timedelta(hours=2))
    assert group.three.wecom.to_group == ["【数据社群】公告：一", "【数据社群】公告：二"]
    assert (await group.seen(channel))["failing_since"] is None


async def test_a_channel_that_takes_nothing_for_five_days_is_off_and_waits_on_the_desk(group):
    channel = await group.add()
    group.three.wecom.next_answers = [(500, {}, b"{}")] * 1000
    await group.happens(group.announcement("一"))
    for _ in range(5 * 6 + 1):
        await group.goes_on(timedelta(hours=4))
    seen = await group.seen(channel)
    assert (seen["status"], seen["off_because"]) == ("switched_off", "silent")
    asked = len(group.three.wecom.seen)
    await group.goes_on(DAY)
    assert len(group.three.wecom.seen) == asked
    desk = await group.scene.see(group.scene.again("owner"), "/internal/desk", community_id=group.community["id"])
    (queue,) = [one for one in desk if one["code"] == "messenger_channels_off"]
    assert queue["count"] == 1
    inbox = await group.scene.see(group.scene.again("owner"), "/v1/notifications", unread=True)
    assert [one["text"] for one in inbox["items"] if one["template"] == "messenger_channel.off"] == [
        "A robot of your community was switched off"
    ]
    group.three.wecom.next_answers = []
    await group.does(channel, "resume")
    await group.goes_on()
    assert group.three.wecom.to_group == ["【数据社群】公告：一"]


@each
async def test_a_robot_that_is_gone_is_off_at_once_and_what_waits_is_told_by_another(group, provider):
    channel = await group.add(provider)
    group.three.of(provider).robots.clear()
    await group.happens(group.announcement("一"))
    seen = await group.seen(channel)
    assert (seen["status"], seen["off_because"], seen["last_outcome"]) == (
        "switched_off",
        "unknown_robot",
        "unknown_robot",
    )
    group.three.of(provider).robots.add("another-robot-key")
    body = {"address": group.three.robot(provider, "another-robot-key")}
    if provider != "wecom":
        body["secret"] = SIGNS
    await group.scene.change(group.scene.again("owner"), f"{PATH}/{channel['id']}", body)
    await group.does(channel, "resume")
    await group.goes_on()
    assert group.three.of(provider).to_group == ["【数据社群】公告：一"]


async def test_a_worker_that_dies_after_a_post_posts_that_one_again_and_no_other(group):
    await group.add()
    await group.harness.deliver(*(received(group.announcement(one), occurred_at=group.now) for one in ("一", "二")))
    await group.harness.run_timers()
    original, done = JobRun.step, 0

    def dying(job):
        nonlocal done
        done += 1
        if done > 1:
            raise asyncio.CancelledError
        return original(job)

    with patch.object(JobRun, "step", dying), pytest.raises(asyncio.CancelledError):
        await group.harness.run_jobs()
    assert len(group.three.wecom.to_group) == 1
    await group.goes_on(timedelta(minutes=16))
    first, second = "【数据社群】公告：一", "【数据社群】公告：二"
    assert group.three.wecom.to_group in ([first, first, second], [second, second, first])


async def test_what_has_waited_for_more_than_a_week_is_not_told_any_more(group):
    channel = await group.add()
    await group.does(channel, "pause")
    await group.happens(group.announcement("旧"))
    group.harness.clock.advance(7 * DAY + timedelta(minutes=1))
    await group.happens(group.announcement("新"))
    await group.does(channel, "resume")
    await group.goes_on()
    assert group.three.wecom.to_group == ["【数据社群】公告：新"]


# --- who decides ---------------------------------------------------------------------------------------------------


async def test_a_secret_is_never_shown_nor_kept_as_it_is(group):
    made = await group.add("dingtalk")
    assert made["signed"] is True
    found = await group.scene.see(group.scene.again("owner"), PATH, community_id=group.community["id"])
    assert [one["id"] for one in found["items"]] == [made["id"]]
    trail = await group.scene.audit(group.community["id"])
    async with group.harness.runtime.database.reading() as session:
        kept = (await session.execute(text("SELECT * FROM messenger_channels"))).all()
        keys = (await session.execute(text("SELECT * FROM idempotency_keys"))).all()
    for said in (made, found, trail, kept, keys):
        assert "canary" not in str(said)


async def test_a_test_message_is_posted_also_where_the_channel_is_paused_and_tried_once(group):
    channel = await group.add("feishu", name="算法群")
    await group.does(channel, "pause")
    await group.happens(group.announcement())
    await group.does(channel, "test")
    await group.does(channel, "test")
    await group.goes_on()
    assert group.three.feishu.to_group == ["【数据社群】测试消息：“算法群”已接通。"]
    group.three.feishu.next_answers = [(500, {}, b"{}")]
    await group.does(channel, "test")
    await group.goes_on()
    assert (await group.seen(channel))["last_outcome"] == "again"
    await group.goes_on(DAY)
    assert len(group.three.feishu.to_group) == 1


async def test_an_archived_community_says_so_as_its_last_message(group):
    await group.add(kinds=["community"])
    other = await group.add("feishu")
    await group.does(other, "pause")
    await group.happens(group.announcement())
    owner = group.scene.again("owner")
    await group.scene.send(owner, f"/v1/communities/{group.community['id']}/archive")
    await group.goes_on()
    await group.happens(group.announcement(), group.activity())
    assert group.three.wecom.to_group == ["【数据社群】社群已归档，此后不再推送。"]
    assert group.three.feishu.to_group == []
    refused = await group.add("dingtalk", status=409)
    assert refused["code"] == "community_archived"


async def test_the_opening_of_a_community_is_told(scene, group):
    group.community = await scene.community(opened=False)
    await group.add(kinds=["community"])
    await scene.send(scene.again("owner"), f"/v1/communities/{group.community['id']}/open")
    await group.goes_on()
    assert group.three.wecom.to_group == ["【数据社群】社群已开放。"]


async def test_an_administrator_who_is_no_owner_has_only_the_community_told(group):
    group.scene.clients["admin"] = group.scene.admin
    refused = await group.add(by="admin", status=403)
    assert refused["code"] == "forbidden"
    made = await group.add(by="admin", kinds=["community"])
    await group.scene.change(group.scene.admin, f"{PATH}/{made['id']}", {"kinds": ["announcements"]}, status=403)
    theirs = await group.add("feishu")
    # Not even by another robot.
    body = {"address": group.three.robot("feishu", "another-robot-key")}
    await group.scene.change(group.scene.admin, f"{PATH}/{theirs['id']}", body, status=403)
    await group.does(theirs, "pause")


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"address": "https://evil.example/cgi-bin/webhook/send?key=canary-robot-key"}, "/address"),
        ({"address": "http://169.254.169.254/latest/meta-data"}, "/address"),
        ({"secret": "SEC1"}, "/secret"),
        ({"kinds": []}, "/kinds"),
        ({"kinds": ["groups"]}, "/kinds/0"),
        ({"name": ""}, "/name"),
    ],
)
async def test_what_is_no_robot_is_refused_and_changes_nothing(group, fields, pointer):
    refused = await group.add(status=422, **fields)
    assert pointer in [one["pointer"] for one in refused["errors"]]
    assert "canary" not in str(refused)
    assert (await group.scene.see(group.scene.again("owner"), PATH, community_id=group.community["id"]))["items"] == []


async def test_the_same_robot_is_there_once_and_no_more_than_twenty_are(group):
    await group.add()
    assert (await group.add(status=409, name="又一个"))["code"] == "already_exists"
    for number in range(19):
        await group.add(key=f"robot-key-{number}")
    assert (await group.add(key="robot-key-20", status=409))["code"] == "too_many_messenger_channels"


async def test_of_two_who_add_the_last_one_at_once_one_does(group):
    for number in range(19):
        await group.add(key=f"robot-key-{number}")
    owner = group.scene.again("owner")
    body = {"community_id": group.community["id"], "provider": "wecom", "name": "群", "kinds": ["activities"]}
    answers = await asyncio.gather(
        *(owner.post(PATH, json=body | {"address": group.three.robot("wecom", f"late-key-{n}")}) for n in range(3))
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409]


async def test_a_channel_is_removed_with_what_waits(group):
    channel = await group.add()
    await group.does(channel, "pause")
    await group.happens(group.announcement())
    removed = await group.scene.again("owner").delete(f"{PATH}/{channel['id']}")
    assert removed.status_code == 204
    await group.scene.see(group.scene.again("owner"), f"{PATH}/{channel['id']}", status=404)
    await group.goes_on(DAY)
    assert group.three.wecom.to_group == []


async def test_a_change_of_the_secret_comes_with_the_address(group):
    channel = await group.add("feishu")
    refused = await group.scene.change(
        group.scene.again("owner"), f"{PATH}/{channel['id']}", {"secret": "another"}, status=422
    )
    assert refused["errors"][0]["pointer"] == "/address"


async def test_a_channel_whose_key_the_installation_cannot_open_is_off(group):
    channel = await group.add()
    async with group.harness.runtime.database.transaction() as session:
        row = await session.get(MessengerChannel, UUID(channel["id"]))
        row.sealed = row.sealed[:-1] + bytes([row.sealed[-1] ^ 1])
    await group.happens(group.announcement())
    assert (await group.seen(channel))["off_because"] == "key_lost"
