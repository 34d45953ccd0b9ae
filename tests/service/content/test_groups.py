"""What stands in a group: who belongs to it and moderators see it, nobody else does, and who has left it does so no more."""

import itertools
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from chassis.ids import new_id
from chassis.testing import received
from contracts.belonging import GroupDissolved, GroupFormed, GroupJoined, GroupLeft
from tests.service.content.conftest import ARTICLES, DISCUSSIONS, REPLIES, Talk

VERSIONS = itertools.count(1)


class Groups:
    """A community with two groups: 甲 belongs to 晨读, 乙 to 夜读."""

    def __init__(self, talk: Talk) -> None:
        self.talk = talk
        self.community_id = talk.stage.community_id
        self.ids: dict[str, UUID] = {}

    async def form(self, name: str) -> None:
        self.ids[name] = new_id()
        await self._deliver(GroupFormed, name=name, group_id=self.ids[name])

    async def dissolve(self, name: str) -> None:
        await self._deliver(GroupDissolved, name=name, group_id=self.ids[name], dissolved=True)

    async def joins(self, name: str, who: str) -> None:
        await self._belongs(GroupJoined, name, who, belongs=True)

    async def leaves(self, name: str, who: str) -> None:
        await self._belongs(GroupLeft, name, who, belongs=False)

    async def _belongs(self, kind, name, who, *, belongs):
        at = self.talk.stage.harness.clock()
        member_id = self.talk[who].id
        await self._deliver(kind, group_id=self.ids[name], member_id=member_id, since=at, belongs=belongs)

    async def _deliver(self, kind, **facts):
        message = kind(community_id=self.community_id, **facts)
        at = self.talk.stage.harness.clock()
        await self.talk.stage.harness.deliver(received(message, occurred_at=at, version=next(VERSIONS)))

    async def sees(self, who: str, path: str) -> bool:
        """Whether somebody finds it."""
        answer = await self.talk[who].client.get(path)
        assert answer.status_code in (200, 404), answer.text
        return answer.status_code == 200


@pytest.fixture
async def groups(talk):
    made = Groups(talk)
    for name, who in (("晨读", "甲"), ("夜读", "乙")):
        await made.form(name)
        await made.joins(name, who)
    await talk.joins("群主", "owner")
    return made


def at(thing, *more):
    return "/".join((f"{DISCUSSIONS}/{thing['id']}", *more))


async def in_group(groups, title="晨读几点开始？", **fields):
    return await groups.talk.starts("甲", title, group_id=str(groups.ids["晨读"]), **fields)


async def found(talk, who, q, path="/v1/search"):
    answer = await talk.see(who, path, q=q, community_id=str(talk.stage.community_id))
    return [item.get("id") or item.get("text") for item in answer["items"]]


async def unread(talk, who):
    home = await talk.see(who, "/internal/home", community_id=str(talk.stage.community_id))
    return home["unread"]["discussions"]


async def test_who_belongs_to_a_group_and_moderators_read_what_stands_in_it_and_nobody_else_knows_of_it(groups):
    talk = groups.talk
    made = await in_group(groups, tags=["早起"])
    reply = await talk.replies("甲", made, "六点半在图书角。")
    community_id = str(talk.stage.community_id)
    for who, sees in (("甲", True), ("版主", True), ("群主", True), ("乙", False)):
        assert await groups.sees(who, at(made)) is sees
        assert await groups.sees(who, at(made, "thread")) is sees
        assert await groups.sees(who, f"{REPLIES}/{reply['id']}") is sees
        assert (await talk.titles(who) == ["晨读几点开始？"]) is sees
        counted = await talk.see(who, DISCUSSIONS, community_id=community_id, tag="早起", count=True)
        assert counted["total"]["value"] == int(sees)
        assert (await found(talk, who, "晨读几点") == [made["id"]]) is sees
        assert (await found(talk, who, "图书角") == [reply["id"]]) is sees
        assert bool(await found(talk, who, "zaoqi", "/v1/search/suggestions")) is sees
        alike = await talk.see(who, at({"id": "similar"}), title="晨读几点开始", community_id=community_id)
        assert bool(alike["items"]) is sees
    assert await talk.titles("甲", group_id=str(groups.ids["晨读"])) == ["晨读几点开始？"]
    assert await talk.titles("乙", group_id=str(groups.ids["晨读"])) == []
    assert made["group_id"] == str(groups.ids["晨读"])
    told = [
        *await talk.stage.harness.published("discussion.started"),
        *await talk.stage.harness.published("reply.posted"),
    ]
    assert [one.data["group_id"] for one in told] == [made["group_id"]] * 2


async def test_what_is_unread_agrees_with_the_list_in_which_a_group_is_seen(groups):
    talk = groups.talk
    await in_group(groups)
    await talk.starts("甲", "公开的问题")
    await groups.joins("晨读", "版主")
    assert (await unread(talk, "乙"), await talk.titles("乙", unread=True)) == (1, ["公开的问题"])
    assert (await unread(talk, "版主"), len(await talk.titles("版主", unread=True))) == (2, 2)
    body = {"community_id": str(talk.stage.community_id), "before": "2024-01-02T00:00:00Z"}
    assert (await talk.send("乙", f"{DISCUSSIONS}/read", body))["unread_count"] == 1


async def test_who_leaves_a_group_sees_nothing_of_it_from_then_on_what_they_wrote_themselves_neither(groups):
    talk = groups.talk
    made = await in_group(groups)
    reply = await talk.replies("甲", made)
    for name in ("bookmark", "subscription"):
        answer = await talk["甲"].client.put(at(made, name))
        assert answer.status_code == 200, answer.text
    draft = await talk["甲"].client.put(
        f"/v1/drafts/reply.{made['id']}", json={"form": {"body": "再想想"}}, headers={"If-None-Match": "*"}
    )
    assert draft.status_code == 200, draft.text
    community_id = str(talk.stage.community_id)
    lists: list[tuple[str, dict[str, Any]]] = [
        (DISCUSSIONS, {"mine": True}),
        (DISCUSSIONS, {"bookmarked": True, "community_id": community_id}),
        ("/v1/drafts", {"community_id": community_id}),
    ]
    for path, query in lists:
        assert len((await talk.see("甲", path, **query))["items"]) == 1, query
    followed = await talk.see("甲", "/v1/subscriptions", community_id=community_id)
    assert [one["target"]["title"] for one in followed["items"]] == ["晨读几点开始？"]
    await groups.leaves("晨读", "甲")
    for path, query in lists:
        assert (await talk.see("甲", path, **query))["items"] == [], query
    followed = await talk.see("甲", "/v1/subscriptions", community_id=community_id)
    assert [one["target"]["title"] for one in followed["items"]] == [None]
    for path in (at(made), f"{REPLIES}/{reply['id']}", f"/v1/drafts/reply.{made['id']}"):
        assert not await groups.sees("甲", path)
    await talk.replies("甲", made, "还在吗？", status=404)
    await talk.change("甲", f"{REPLIES}/{reply['id']}", {"body": "改一改"}, status=404)
    assert await found(talk, "甲", "晨读几点") == []
    await groups.joins("晨读", "甲")
    assert await groups.sees("甲", at(made))


async def test_who_left_a_group_is_not_asked_to_mend_what_they_wrote_there_until_they_are_back(groups, strict):
    talk = groups.talk
    made = await in_group(groups)
    held = await in_group(groups, "兼职", body="刷单")
    reply = await talk.replies("甲", made, "也刷单")
    community_id = str(talk.stage.community_id)
    waiting = await talk.see("版主", "/v1/moderation-items", community_id=community_id, status="open")
    for item in waiting["items"]:
        verdict = {"verdict": "return", "reason": "请改写", "revision": item["revision"]}
        await talk.send("版主", f"/v1/moderation-items/{item['id']}/decide", verdict)

    async def to_mend():
        return {task["object"]["id"] for task in await talk.see("甲", "/internal/tasks") if task["code"] == "mend_text"}

    assert await to_mend() == {held["id"], reply["id"]}
    await groups.leaves("晨读", "甲")
    assert await to_mend() == set()
    await groups.joins("晨读", "甲")
    assert await to_mend() == {held["id"], reply["id"]}


async def test_who_joins_a_group_later_has_unread_what_was_written_since_they_came_to_the_community(groups):
    talk = groups.talk
    made = await in_group(groups)
    await talk.replies("甲", made)
    assert (await unread(talk, "乙"), await talk.titles("乙", unread=True)) == (0, [])
    await groups.joins("晨读", "乙")
    assert (await unread(talk, "乙"), await talk.titles("乙", unread=True)) == (1, ["晨读几点开始？"])
    talk.stage.harness.clock.advance(timedelta(minutes=1))
    body = {"community_id": str(talk.stage.community_id), "before": talk.stage.harness.clock().isoformat()}
    await talk.send("乙", f"{DISCUSSIONS}/read", body)
    assert (await unread(talk, "乙"), await talk.titles("乙", unread=True)) == (0, [])
    await talk.replies("甲", made, "明天见")
    assert (await unread(talk, "乙"), await talk.titles("乙", unread=True)) == (1, ["晨读几点开始？"])


async def test_nobody_writes_into_a_group_that_they_do_not_belong_to(groups):
    talk = groups.talk
    theirs, night = await in_group(groups), str(groups.ids["夜读"])
    await talk.starts("甲", group_id=night, status=403)
    await talk.writes("甲", group_id=night, status=403)
    await talk.starts("甲", group_id=str(new_id()), status=404)
    await talk.replies("乙", theirs, status=404)
    await talk.starts("群主", "下周的安排", kind="announcement", group_id=night)
    assert await talk.titles("甲") == ["晨读几点开始？"]


async def test_a_group_that_was_dissolved_is_read_by_those_who_belonged_to_it_and_written_by_nobody(groups):
    talk = groups.talk
    made = await in_group(groups)
    answer = await talk.replies("版主", made)
    await groups.joins("晨读", "乙")
    await groups.leaves("晨读", "乙")
    await groups.dissolve("晨读")
    assert [await groups.sees(who, at(made)) for who in ("甲", "乙", "版主")] == [True, False, True]
    read = await talk.see("甲", at(made))
    assert (read["viewer"]["can"], read["viewer"]["cannot"]["reply"]) == (["remove"], "thread_closed")
    assert (await talk.replies("甲", made, status=409))["code"] == "thread_closed"
    refused = await talk.change("甲", at(made), {"title": "改一改"}, status=409)
    assert (refused["code"], refused["state"]) == ("illegal_transition", "dissolved")
    await talk.send("甲", f"{REPLIES}/{answer['id']}/accept", status=409)
    assert (await talk["甲"].client.put(at(made, "reactions", "like"))).status_code == 409
    await talk.starts("甲", group_id=str(groups.ids["晨读"]), status=409)
    await talk.send("版主", at(made, "remove"))


async def test_an_article_of_a_group_is_its_members_and_goes_into_no_other_community(groups):
    talk = groups.talk
    made = await talk.publishes("甲", "晨读手册", group_id=str(groups.ids["晨读"]))
    path = f"{ARTICLES}/{made['id']}"
    community_id = str(talk.stage.community_id)
    for who, sees in (("甲", True), ("版主", True), ("乙", False)):
        assert await groups.sees(who, path) is sees
        listed = await talk.see(who, ARTICLES, community_id=community_id)
        assert bool(listed["items"]) is sees
        assert bool(await found(talk, who, "晨读手册")) is sees
    assert (made["group_id"], made["visibility"]) == (str(groups.ids["晨读"]), "private")
    (published,) = await talk.stage.harness.published("article.published")
    assert published.data["group_id"] == made["group_id"]
    assert (await talk.see("群主", path))["viewer"]["cannot"]["copy"] == "illegal_transition"
    await groups.leaves("晨读", "甲")
    assert not await groups.sees("甲", path)
    assert (await talk.see("甲", ARTICLES, mine=True))["items"] == []


async def test_only_who_sees_a_group_is_mentioned_in_it_assigned_or_named_as_an_author(groups):
    talk = groups.talk
    everybody = {str(talk[who].id): who for who in ("乙", "版主", "群主")}
    body = "".join(f"[@x](member:{one})" for one in everybody)
    made = await in_group(groups, body=body)
    seen = await talk.see("甲", at(made))
    assert [everybody[one["member_id"]] for one in seen["mentions"]] == ["版主", "群主"]
    await talk.send("版主", at(made, "assign"), {"member_id": str(talk["乙"].id)}, status=422)
    authors = [str(talk["甲"].id), str(talk["乙"].id)]
    await talk.writes("甲", group_id=str(groups.ids["晨读"]), author_ids=authors, status=422)


async def test_an_announcement_is_for_groups_of_its_community_alone(groups):
    talk = groups.talk
    ours, elsewhere = str(groups.ids["晨读"]), new_id()
    formed = GroupFormed(community_id=new_id(), name="别处", group_id=elsewhere)
    await talk.stage.harness.deliver(received(formed, occurred_at=talk.stage.harness.clock()))
    announcement = {"audience": {"group_ids": [str(elsewhere), ours, str(new_id())]}}
    refused = await talk.starts("群主", kind="announcement", announcement=announcement, status=422)
    assert [(one["pointer"], one["code"]) for one in refused["errors"]] == [
        ("/announcement/audience/group_ids/0", "unknown_group"),
        ("/announcement/audience/group_ids/2", "unknown_group"),
    ]
    announcement = {"audience": {"group_ids": [ours]}}
    made = await talk.starts("群主", "晨读改期", kind="announcement", announcement=announcement)
    assert made["announcement"]["audience"]["group_ids"] == [ours]


async def test_what_was_asked_in_a_group_is_merged_and_drafted_in_that_group_alone(groups):
    talk = groups.talk
    made, public = await in_group(groups), await talk.starts("甲", "公开的问题")
    answer = await talk.replies("版主", made)
    for one, other in ((made, public), (public, made)):
        refused = await talk.send("版主", at(one, "merge"), {"into_id": other["id"]}, status=422)
        assert refused["errors"][0]["code"] == "of_another_group"
    await talk.send("甲", f"{REPLIES}/{answer['id']}/accept")
    drawn = {"from_discussion_id": made["id"], "title": None, "body": None}
    await talk.writes("甲", **drawn, status=422)
    await talk.writes("甲", **drawn, group_id=str(groups.ids["晨读"]))


async def test_an_announcement_in_a_group_or_for_one_waits_for_its_members_alone(groups):
    talk = groups.talk
    morning = str(groups.ids["晨读"])
    how = {"confirm": "acknowledge"}
    inside = await talk.starts("群主", "晨读改期", kind="announcement", group_id=morning, announcement=how)
    audience = {"audience": {"group_ids": [morning]}}
    outside = await talk.starts("群主", "给晨读的话", kind="announcement", announcement=how | audience)
    for made in (inside, outside):
        waiting = (await talk.see("群主", at(made, "readers")))["items"]
        assert [one["member"]["member_id"] for one in waiting] == [str(talk["甲"].id)]
    tasks = [one["title"] for one in await talk.see("甲", "/internal/tasks")]
    assert [one.rpartition(" ")[2] for one in tasks] == ["晨读改期", "给晨读的话"]
    assert await talk.see("乙", "/internal/tasks") == []
    assert [await groups.sees("乙", at(made)) for made in (inside, outside)] == [False, True]
