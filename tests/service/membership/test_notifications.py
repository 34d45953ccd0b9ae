"""What people are told, as they read it: one line for each thread, in their language, and gone when its cause is."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import permutations
from typing import Any
from uuid import UUID

import httpx
import pytest

from chassis.ids import new_id
from chassis.testing.harness import received
from contracts.analytics import GoalSet, GoalWithdrawn
from contracts.base import IntegrationEvent
from contracts.content import (
    AnswerAccepted,
    AnswerUnaccepted,
    DiscussionRemoved,
    DiscussionStarted,
    ReactionAdded,
    ReactionRemoved,
    ReplyPosted,
    ReplyRemoved,
    ReplyRestored,
    SubscriptionChanged,
    SubscriptionTarget,
)
from contracts.events import (
    ActionItemAssigned,
    ActionItemCompleted,
    ActivityAnnounced,
    ActivityCancelled,
    RegistrationConfirmed,
    RegistrationOffered,
)
from contracts.fields import ContentObject
from contracts.gamification import Balance, Cause, PointsAwarded
from contracts.membership import SanctionChanged
from services.membership.notifications import feed, rounds, settling
from tests.service.membership.scene import Scene

HOUR = timedelta(hours=1)


class Inbox:
    """A community of four whose inboxes are looked at."""

    def __init__(self, scene: Scene, community: dict[str, Any], members: dict[str, dict[str, Any]]) -> None:
        self.scene, self.community, self.members = scene, community, members
        self.community_id = UUID(community["id"])
        self.discussion_id = new_id()

    def id(self, name: str) -> UUID:
        return UUID(self.members[name]["id"])

    def client(self, name: str) -> httpx.AsyncClient:
        return self.scene.again(name)

    async def hear(self, *events: IntegrationEvent, version: int = 1, backfill: bool = False) -> None:
        now = self.scene.harness.clock()
        await self.scene.harness.deliver(
            *(received(one, occurred_at=now, version=version, backfill=backfill) for one in events)
        )

    def started(self, author: str, *, kind: str = "question", mentions: Sequence[str] = (), **more: Any) -> Any:
        return DiscussionStarted(
            community_id=self.community_id,
            discussion_id=self.discussion_id,
            kind=kind,
            title="如何清洗数据",
            author_id=self.id(author),
            mentions=tuple(self.id(name) for name in mentions),
            **more,
        )

    def reply(self, author: str, *, mentions: Sequence[str] = (), reply_id: UUID | None = None, **more: Any) -> Any:
        return ReplyPosted(
            community_id=self.community_id,
            reply_id=reply_id or new_id(),
            kind=more.pop("kind", "answer"),
            discussion_id=self.discussion_id,
            discussion_kind="question",
            discussion_author_id=self.id("甲"),
            author_id=self.id(author),
            mentions=tuple(self.id(name) for name in mentions),
            first_by_other=False,
            **more,
        )

    def removal(self, event: type[Any], kind: str, id_: UUID) -> Any:
        about = ContentObject(kind=kind, id=id_, root_id=self.discussion_id, author_ids=())
        return event(
            community_id=self.community_id,
            kind=kind,
            id=id_,
            root_id=self.discussion_id,
            author_ids=(),
            object=about,
            cause="author",
        )

    async def lines(self, name: str, language: str = "en", **query: Any) -> list[dict[str, Any]]:
        answer = await self.client(name).get(
            "/v1/notifications", params={"unread": True} | query, headers={"Accept-Language": language}
        )
        assert answer.status_code == 200, answer.text
        mine: list[dict[str, Any]] = answer.json()["items"]
        return [line for line in mine if line["template"] != "member.joined"]

    async def texts(self, name: str, language: str = "en") -> list[str]:
        return [line["text"] for line in await self.lines(name, language)]


@pytest.fixture
async def inbox(scene: Scene) -> Inbox:
    community = await scene.community()
    members = {name: await scene.member(name, community) for name in ("甲", "乙", "丙", "丁")}
    return Inbox(scene, community, members)


async def test_replies_to_a_discussion_are_one_line_until_it_is_read(inbox: Inbox):
    await inbox.hear(inbox.started("甲"))
    await inbox.hear(inbox.reply("乙"), inbox.reply("乙"))
    assert await inbox.texts("甲") == ["乙 replied to “如何清洗数据”"]
    await inbox.hear(inbox.reply("丙"))
    [line] = await inbox.lines("甲")
    assert (line["text"], line["count"]) == ("丙 and 1 other replied to “如何清洗数据”", 2)
    assert await inbox.texts("甲", "zh-CN") == ["丙 等 2 人回复了你发起的“如何清洗数据”"]
    await inbox.scene.send(inbox.client("甲"), f"/v1/notifications/{line['id']}/read")
    assert await inbox.lines("甲") == []
    await inbox.hear(inbox.reply("丁"))
    assert await inbox.texts("甲") == ["丁 replied to “如何清洗数据”"]
    assert len(await inbox.lines("甲", unread=False)) == 1


async def test_whoever_is_mentioned_is_told_that_alone_and_nobody_of_what_they_did_themselves(inbox: Inbox):
    await inbox.hear(inbox.started("甲"), inbox.reply("乙", mentions=["甲", "丙", "乙"]), inbox.reply("甲"))
    assert await inbox.texts("甲") == ["乙 mentioned you in “如何清洗数据”"]
    assert await inbox.texts("丙") == ["乙 mentioned you in “如何清洗数据”"]
    assert await inbox.texts("乙") == []


async def test_subscribers_and_the_author_of_what_is_commented_on_are_told(inbox: Inbox):
    answer = new_id()
    await inbox.hear(inbox.started("甲"), inbox.reply("乙", reply_id=answer))
    target = SubscriptionTarget(kind="discussion", id=inbox.discussion_id)
    subscribed = SubscriptionChanged(
        community_id=inbox.community_id, subscription_id=new_id(), member_id=inbox.id("丁"), target=target, on=True
    )
    await inbox.hear(subscribed)
    await inbox.hear(inbox.reply("丙", parent_id=answer, kind="comment"))
    assert await inbox.texts("乙") == ["丙 commented on your reply in “如何清洗数据”"]
    assert await inbox.texts("丁") == ["丙 replied in “如何清洗数据”"]


async def test_a_message_that_comes_twice_or_tells_history_tells_nothing_more(inbox: Inbox):
    reply = inbox.reply("乙")
    await inbox.hear(inbox.started("甲"), reply)
    await inbox.hear(reply)
    await inbox.hear(inbox.reply("丙"), backfill=True)
    assert [(line["count"], line["text"]) for line in await inbox.lines("甲")] == [(1, "乙 replied to “如何清洗数据”")]


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_what_is_removed_is_withdrawn_in_any_order_and_comes_back_when_restored(
    inbox: Inbox, order: tuple[int, ...]
):
    id_ = new_id()
    steps = [
        (inbox.reply("乙", reply_id=id_), 1),
        (inbox.removal(ReplyRemoved, "reply", id_), 2),
        (inbox.removal(ReplyRestored, "reply", id_), 3),
    ]
    for place in order[: order.index(2)] if order.index(2) else ():
        await inbox.hear(steps[place][0], version=steps[place][1])
    if {0, 1} <= set(order[: order.index(2)]):
        assert await inbox.lines("甲") == []
    for place in order[order.index(2) :]:
        await inbox.hear(steps[place][0], version=steps[place][1])
    assert [line["count"] for line in await inbox.lines("甲")] == [1]


async def test_when_the_last_of_several_goes_the_line_names_the_one_before(inbox: Inbox):
    last = new_id()
    await inbox.hear(inbox.started("甲"), inbox.reply("乙"))
    inbox.scene.harness.clock.advance(HOUR)
    await inbox.hear(inbox.reply("丙", reply_id=last))
    await inbox.hear(inbox.removal(ReplyRemoved, "reply", last), version=2)
    assert await inbox.texts("甲") == ["乙 replied to “如何清洗数据”"]


async def test_what_comes_back_joins_the_line_that_was_begun_meanwhile(inbox: Inbox):
    first, second = new_id(), new_id()
    await inbox.hear(inbox.started("甲"), inbox.reply("乙", reply_id=first))
    await inbox.hear(inbox.removal(ReplyRemoved, "reply", first), version=2)
    inbox.scene.harness.clock.advance(HOUR)
    await inbox.hear(inbox.reply("丙", reply_id=second))
    await inbox.hear(inbox.removal(ReplyRestored, "reply", first), version=3)
    [line] = await inbox.lines("甲")
    assert (line["count"], line["text"]) == (2, "丙 and 1 other replied to “如何清洗数据”")
    await inbox.hear(inbox.removal(ReplyRemoved, "reply", second), version=2)
    assert await inbox.texts("甲") == ["乙 replied to “如何清洗数据”"]


async def test_lines_of_one_thread_that_come_back_together_are_one(inbox: Inbox):
    ids = {"乙": new_id(), "丙": new_id()}
    await inbox.hear(inbox.started("甲"))
    for name, id_ in ids.items():
        await inbox.hear(inbox.reply(name, reply_id=id_))
        await inbox.hear(inbox.removal(ReplyRemoved, "reply", id_), version=2)
    assert await inbox.lines("甲") == []
    await inbox.hear(*(inbox.removal(ReplyRestored, "reply", id_) for id_ in ids.values()), version=3)
    assert [line["count"] for line in await inbox.lines("甲")] == [2]


async def test_reactions_fold_and_go_with_whoever_takes_theirs_back(inbox: Inbox):
    about = ContentObject(kind="reply", id=new_id(), root_id=inbox.discussion_id, author_ids=(inbox.id("甲"),))

    def reaction(event: type[Any], name: str, id_: UUID) -> Any:
        return event(
            community_id=inbox.community_id, reaction_id=id_, reaction="like", member_id=inbox.id(name), object=about
        )

    ids = {name: new_id() for name in "乙丙丁"}
    await inbox.hear(*(reaction(ReactionAdded, name, id_) for name, id_ in ids.items()))
    assert [line["count"] for line in await inbox.lines("甲")] == [3]
    await inbox.hear(reaction(ReactionRemoved, "乙", ids["乙"]), version=2)
    assert [line["count"] for line in await inbox.lines("甲")] == [2]
    await inbox.hear(*(reaction(ReactionRemoved, name, ids[name]) for name in "丙丁"), version=2)
    assert await inbox.lines("甲") == []
    await inbox.hear(reaction(ReactionAdded, "乙", ids["乙"]), version=3)
    assert [line["count"] for line in await inbox.lines("甲")] == [1]


async def test_an_answer_that_is_no_longer_accepted_was_never_told(inbox: Inbox):
    common: dict[str, Any] = {
        "community_id": inbox.community_id,
        "discussion_id": inbox.discussion_id,
        "reply_id": new_id(),
        "asker_id": inbox.id("甲"),
        "answerer_id": inbox.id("乙"),
        "accepted_by": inbox.id("甲"),
    }
    await inbox.hear(inbox.started("甲"))
    await inbox.hear(AnswerUnaccepted(**common), version=2)
    await inbox.hear(AnswerAccepted(**common), version=1)
    assert await inbox.lines("乙") == []
    await inbox.hear(AnswerAccepted(**common), version=3)
    assert await inbox.texts("乙") == ["甲 accepted your answer to “如何清洗数据”"]


async def test_an_announcement_reaches_whom_it_is_for_and_is_withdrawn_from_them(inbox: Inbox):
    await inbox.hear(inbox.started("甲", kind="announcement"))
    assert await inbox.lines("乙") == []
    await inbox.scene.harness.run_timers()
    assert await inbox.texts("乙") == await inbox.texts("丙") == ["Announcement: 如何清洗数据"]
    assert await inbox.lines("甲") == []
    await inbox.hear(inbox.removal(DiscussionRemoved, "discussion", inbox.discussion_id), version=2)
    assert await inbox.lines("乙") == await inbox.lines("丙") == []


async def test_an_announcement_that_is_removed_before_everybody_was_told_is_told_to_nobody_else(inbox: Inbox):
    await inbox.hear(inbox.started("甲", kind="announcement"))
    await inbox.hear(inbox.removal(DiscussionRemoved, "discussion", inbox.discussion_id), version=2)
    await inbox.scene.harness.run_timers()
    assert await inbox.lines("乙") == []


async def test_an_announcement_for_some_is_told_to_them_alone(inbox: Inbox):
    await inbox.scene.send(
        inbox.client("owner"), "/v1/role-grants", {"member_id": str(inbox.id("丁")), "role": "mentor"}
    )
    audience = {"roles": ["mentor"], "departments": [], "cohort_ids": []}
    await inbox.hear(inbox.started("甲", kind="announcement", audience=audience))
    await inbox.scene.harness.run_timers()
    assert (await inbox.texts("丁"), await inbox.texts("乙")) == (["Announcement: 如何清洗数据"], [])


def activity(inbox: Inbox, event: type[Any], activity_id: UUID, **more: Any) -> Any:
    begins = inbox.scene.harness.clock() + timedelta(days=3)
    return event(
        community_id=inbox.community_id,
        activity_id=activity_id,
        kind="workshop",
        mode="online",
        title="SQL 工作坊",
        starts_at=begins,
        ends_at=begins + HOUR,
        time_zone="Asia/Shanghai",
        registration={"opens_at": begins - timedelta(days=9), "closes_at": begins},
        **more,
    )


async def test_a_registration_is_one_line_that_says_how_it_stands(inbox: Inbox):
    activity_id, registration_id = new_id(), new_id()
    common: dict[str, Any] = {
        "community_id": inbox.community_id,
        "registration_id": registration_id,
        "activity_id": activity_id,
        "activity_kind": "workshop",
        "starts_at": inbox.scene.harness.clock() + timedelta(days=3),
        "member_id": inbox.id("乙"),
    }
    until = inbox.scene.harness.clock() + 12 * HOUR
    await inbox.hear(activity(inbox, ActivityAnnounced, activity_id))
    await inbox.hear(RegistrationOffered(**common, offer_expires_at=until), version=2)
    [line] = await inbox.lines("乙")
    assert (line["text"], line["critical"]) == ("A seat at “SQL 工作坊” is yours if you take it", True)
    assert line["until"] is not None
    await inbox.hear(RegistrationConfirmed(**common), version=3)
    assert await inbox.texts("乙") == ["You have a seat at “SQL 工作坊”"]
    await inbox.hear(RegistrationOffered(**common, offer_expires_at=until), version=2)
    assert await inbox.texts("乙") == ["You have a seat at “SQL 工作坊”"]
    await inbox.hear(activity(inbox, ActivityCancelled, activity_id), version=2)
    assert await inbox.texts("乙") == ["“SQL 工作坊” is cancelled", "You have a seat at “SQL 工作坊”"]
    assert await inbox.lines("丙") == []


async def test_decisions_are_told_to_whom_they_concern_even_if_they_may_take_part_no_more(inbox: Inbox):
    until = inbox.scene.harness.clock() + 24 * HOUR
    sanction = SanctionChanged(
        community_id=inbox.community_id, member_id=inbox.id("乙"), status="muted", until=until, penalty_ids=()
    )
    await inbox.hear(sanction)
    [line] = await inbox.lines("乙")
    assert (line["category"], line["critical"], line["object"]["kind"]) == ("conduct", True, "member")
    # What a penalty brings does not stand on the page of the member.
    await inbox.hear(sanction.model_copy(update={"member_id": inbox.id("丙"), "penalty_ids": (new_id(),)}))
    [line] = await inbox.lines("丙")
    assert line["href"] == f"/v1/members/{inbox.id('丙')}/standing"


async def test_whoever_left_a_community_reads_of_it_only_what_was_decided_about_them(inbox: Inbox):
    await inbox.hear(inbox.started("甲"), inbox.reply("乙"))
    assert len(await inbox.lines("甲")) == 1
    await inbox.scene.send(inbox.client("甲"), f"/v1/members/{inbox.id('甲')}/leave")
    assert await inbox.lines("甲") == []
    await inbox.hear(inbox.reply("丙"))
    assert await inbox.lines("甲") == []


async def test_what_is_switched_off_is_not_told_and_what_is_critical_cannot_be(inbox: Inbox):
    client = inbox.client("甲")
    before = await inbox.scene.see(client, "/v1/notification-preferences")
    assert {"replies", "conduct", "changes"} <= {item["category"] for item in before["items"]}
    off = {"items": [{"category": "replies", "channel": "inbox", "setting": "off"}]}
    answer = await client.patch("/v1/notification-preferences", json=off)
    assert answer.status_code == 200, answer.text
    await inbox.hear(inbox.started("甲"), inbox.reply("乙"))
    assert await inbox.lines("甲") == []
    critical = {"items": [{"category": "conduct", "channel": "mail", "setting": "off"}]}
    refused = await client.patch("/v1/notification-preferences", json=critical)
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "always_told")
    usual = {"items": [{"category": "replies", "channel": "inbox", "setting": None}]}
    assert (await client.patch("/v1/notification-preferences", json=usual)).json() == before


async def test_the_feed_says_what_changed_for_whom_and_goes_on_where_it_was(inbox: Inbox):
    runtime = inbox.scene.harness.runtime
    start = (await feed.wait(runtime, None, 0)).next
    reply = new_id()
    await inbox.hear(inbox.started("甲"), inbox.reply("乙", reply_id=reply))
    place = feed.place_of(start)
    found = await feed.wait(runtime, place, 0)
    person = inbox.scene.people["甲"]
    assert [(item.person_id, item.kind, item.unread) for item in found.items] == [(person, "told", 1)]
    await inbox.hear(inbox.removal(ReplyRemoved, "reply", reply), version=2)
    later = await feed.wait(runtime, feed.place_of(found.next), 0)
    assert [(item.kind, item.unread) for item in later.items] == [("withdrawn", 0)]
    assert (await feed.wait(runtime, feed.place_of(later.next), 0)).items == []


async def test_many_are_told_and_withdrawn_from_in_pieces_behind_which_others_take_their_turn(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(rounds, "CHUNK", 2)
    monkeypatch.setattr(settling, "CHUNK", 2)
    runtime = inbox.scene.harness.runtime
    await inbox.hear(inbox.started("甲", kind="announcement"))
    line = {name: len(await inbox.lines(name)) for name in "乙丙丁"}
    assert sum(line.values()) == 0
    assert await runtime.service.timers.run_due(runtime, limit=1) == 1
    told = [name for name in "乙丙丁" if await inbox.lines(name)]
    assert len(told) <= 2
    await inbox.scene.harness.run_timers()
    assert [len(await inbox.lines(name)) for name in "乙丙丁"] == [1, 1, 1]
    await inbox.hear(inbox.removal(DiscussionRemoved, "discussion", inbox.discussion_id), version=2)
    await inbox.scene.harness.run_timers()
    assert [len(await inbox.lines(name)) for name in "乙丙丁"] == [0, 0, 0]


async def test_points_are_one_line_for_each_day_of_the_community(inbox: Inbox):
    clock = inbox.scene.harness.clock
    # Half past eleven in the evening in Shanghai, and twice the next morning: before and after Greenwich begins its day.
    clock.now = (clock() + timedelta(days=1)).replace(hour=15, minute=30, second=0)
    for wait in (timedelta(0), 8 * HOUR, HOUR):
        clock.advance(wait)
        await inbox.hear(
            PointsAwarded(
                community_id=inbox.community_id,
                transfer_ids=(new_id(),),
                member_id=inbox.id("乙"),
                points=5,
                xp=5,
                kind="rule",
                cause=Cause(event_id=new_id(), type="x"),
                balance=Balance(points=5, xp=5),
            )
        )
    assert [line["count"] for line in await inbox.lines("乙")] == [2, 1], "the last told first"


async def test_what_replaced_what_came_before_goes_with_its_cause(inbox: Inbox):
    item, goal, today = new_id(), new_id(), inbox.scene.harness.clock().date()
    task: dict[str, Any] = {
        "community_id": inbox.community_id,
        "action_item_id": item,
        "activity_id": new_id(),
        "title": "发出纪要",
        "owner_id": inbox.id("乙"),
        "due_on": today,
    }
    aim: dict[str, Any] = {
        "community_id": inbox.community_id,
        "goal_id": goal,
        "title": "每周活跃",
        "metric": {"code": "active_members", "version": 1},
        "target": 9,
        "direction": "up",
        "starts_on": today,
        "due_on": today,
        "owner_id": inbox.id("乙"),
    }
    await inbox.hear(ActionItemAssigned(**task), GoalSet(**aim))
    await inbox.hear(ActionItemAssigned(**task), GoalSet(**aim), version=2)
    assert len(await inbox.lines("乙")) == 2
    await inbox.hear(ActionItemCompleted(**task), GoalWithdrawn(**aim), version=3)
    assert await inbox.lines("乙") == []
    await inbox.hear(ActionItemAssigned(**task), version=4)
    assert await inbox.texts("乙") == ["You are to do “发出纪要”"]
