"""What happens in a group is told to who belongs to it, and read by nobody who has left it."""

from uuid import UUID

from chassis.ids import new_id
from chassis.testing import received
from contracts.belonging import GroupFormed, GroupUpdated
from contracts.content import AnswerAccepted, ReactionAdded, SubscriptionChanged, SubscriptionTarget, TextDecided
from contracts.fields import ContentObject
from contracts.texts import TextObject
from tests.service.membership.test_notification_mail import MINUTE, Post, post  # noqa: F401 - a fixture
from tests.service.membership.test_notifications import Inbox, inbox  # noqa: F401 - a fixture


async def formed(inbox: Inbox, *names: str) -> UUID:  # noqa: F811
    """A group to which these belong."""
    first, *others = names
    body = {"community_id": str(inbox.community_id), "name": "晨读", "capacity": 9}
    made = await inbox.scene.send(inbox.client(first), "/v1/groups", body, status=201)
    for name in others:
        await inbox.scene.send(inbox.client(name), f"/v1/groups/{made['id']}/join")
    return UUID(made["id"])


async def leave(inbox: Inbox, group_id: UUID, name: str) -> None:  # noqa: F811
    await inbox.scene.send(inbox.client(name), f"/v1/groups/{group_id}/leave")


async def hear_of_groups(inbox: Inbox) -> None:  # noqa: F811
    """What was told of groups until now reaches inboxes, by whomever it was done."""
    for kind in (GroupFormed, GroupUpdated):
        for one in await inbox.scene.harness.published(kind.TYPE):
            event, at = kind.model_validate(one.data), one.occurred_at
            message = received(event, occurred_at=at, version=one.version, id_=one.id, actor=one.actor)
            await inbox.scene.harness.deliver(message)


def followed(inbox: Inbox, name: str) -> SubscriptionChanged:  # noqa: F811
    target = SubscriptionTarget(kind="discussion", id=inbox.discussion_id)
    return SubscriptionChanged(
        community_id=inbox.community_id, subscription_id=new_id(), member_id=inbox.id(name), target=target, on=True
    )


def reaction(inbox: Inbox, name: str, author: str) -> ReactionAdded:  # noqa: F811
    about = ContentObject(
        kind="discussion", id=inbox.discussion_id, root_id=inbox.discussion_id, author_ids=(inbox.id(author),)
    )
    return ReactionAdded(
        community_id=inbox.community_id, reaction_id=new_id(), reaction="like", member_id=inbox.id(name), object=about
    )


async def test_who_leads_a_group_is_told_unless_they_formed_it_or_took_it_up_themselves(inbox):  # noqa: F811
    group_id = await formed(inbox, "甲", "乙")
    text = TextObject(service="membership", kind="group", id=group_id, revision=1)
    await inbox.hear(TextDecided(community_id=inbox.community_id, object=text, root_id=group_id, verdict="allow"))
    await hear_of_groups(inbox)
    assert await inbox.texts("甲") == []
    path = f"/v1/groups/{group_id}"
    await inbox.scene.change(inbox.client("甲"), path, {"leader_id": str(inbox.id("乙"))})
    await hear_of_groups(inbox)
    assert (await inbox.texts("甲"), await inbox.texts("乙")) == ([], ["You lead the group “晨读”"])
    await inbox.scene.change(inbox.scene.again("owner"), path, {"name": "晚读", "leader_id": None})
    await inbox.scene.change(inbox.scene.again("owner"), path, {"leader_id": str(inbox.id("甲"))})
    await hear_of_groups(inbox)
    assert len(await inbox.texts("甲")) == 1


async def test_a_reply_in_a_group_is_told_to_its_members_alone(inbox):  # noqa: F811
    group_id = await formed(inbox, "甲", "乙", "丙")
    await inbox.hear(inbox.started("甲", group_id=group_id, mentions=["丙", "丁"]), followed(inbox, "乙"))
    await inbox.hear(followed(inbox, "丁"), inbox.reply("丙", group_id=group_id))
    told = [await inbox.texts(name) for name in ("甲", "乙", "丙", "丁")]
    assert told == [
        ["丙 replied to “如何清洗数据”"],
        ["丙 replied in “如何清洗数据”"],
        ["甲 mentioned you in “如何清洗数据”"],
        [],
    ]


async def test_who_left_a_group_is_told_of_nothing_in_it_and_its_lines_are_gone(inbox):  # noqa: F811
    group_id = await formed(inbox, "甲", "乙", "丙")
    await inbox.hear(inbox.started("甲", group_id=group_id), inbox.reply("乙", group_id=group_id))
    assert len(await inbox.lines("甲")) == 1
    await leave(inbox, group_id, "甲")
    await inbox.hear(reaction(inbox, "丙", "甲"), inbox.reply("丙", group_id=group_id))
    accepted = AnswerAccepted(
        community_id=inbox.community_id,
        discussion_id=inbox.discussion_id,
        reply_id=new_id(),
        asker_id=inbox.id("丙"),
        answerer_id=inbox.id("甲"),
        accepted_by=inbox.id("丙"),
    )
    await inbox.hear(accepted)
    assert await inbox.lines("甲") == []
    counts = await inbox.scene.see(inbox.client("甲"), "/v1/notifications/counts")
    assert [one for one in counts["items"] if one["category"] in {"replies", "reactions"}] == []


async def test_what_was_told_in_a_group_that_is_dissolved_stays_to_be_read(inbox):  # noqa: F811
    group_id = await formed(inbox, "甲", "乙")
    await inbox.hear(inbox.started("甲", group_id=group_id), inbox.reply("乙", group_id=group_id))
    await inbox.scene.send(inbox.scene.again("owner"), f"/v1/groups/{group_id}/dissolve")
    assert await inbox.texts("甲") == ["乙 replied to “如何清洗数据”"]


async def test_an_announcement_in_a_group_or_for_one_reaches_its_members(inbox):  # noqa: F811
    group_id = await formed(inbox, "乙", "丙")
    await inbox.hear(inbox.started("甲", kind="announcement", group_id=group_id))
    await inbox.scene.harness.run_timers()
    inbox.discussion_id = new_id()
    audience = {"roles": [], "departments": [], "cohort_ids": [], "group_ids": [str(group_id)]}
    await inbox.hear(inbox.started("甲", kind="announcement", audience=audience))
    await inbox.scene.harness.run_timers()
    assert [len(await inbox.lines(name)) for name in ("乙", "丙", "丁")] == [2, 2, 0]


async def test_no_mail_goes_to_who_left_the_group_meanwhile(post: Post):  # noqa: F811
    inbox = post.inbox  # noqa: F811
    group_id = await formed(inbox, "甲", "乙")
    await inbox.hear(inbox.started("甲", group_id=group_id), inbox.reply("乙", group_id=group_id))
    await leave(inbox, group_id, "甲")
    assert [one for one in await post.wait(11 * MINUTE) if "清洗" in str(one)] == []
