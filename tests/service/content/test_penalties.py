"""What a penalty was imposed for is seen no more as long as it stands: in any order of its revisions, and whatever else hides it."""

from dataclasses import dataclass, field
from itertools import permutations
from random import Random
from uuid import UUID

import pytest
from sqlmodel import select

from chassis.ids import new_id
from chassis.testing import received
from contracts.conduct import AppealGranted, PenaltyImposed, PenaltyLifted, PenaltyRevised
from contracts.fields import ObjectReference
from services.content.discussions.models import Discussion
from services.content.penalties.rules import cause_of
from services.content.replies.models import Reply
from tests.service.content.conftest import ARTICLES, DISCUSSIONS, REPLIES, Talk

PATHS = {"discussion": DISCUSSIONS, "reply": REPLIES, "article": ARTICLES}


@dataclass
class Penalty:
    """A penalty of 甲 as membership tells of it, revision by revision."""

    talk: Talk
    objects: list[ObjectReference]
    id: UUID = field(default_factory=new_id)
    case_id: UUID = field(default_factory=new_id)

    def revision(self, kind, number, **facts):
        now = self.talk.stage.harness.clock()
        said = {
            "community_id": self.talk.stage.community_id,
            "penalty_id": self.id,
            "revision": number,
            "case_id": self.case_id,
            "member_id": self.talk["甲"].id,
            "severity": "minor",
            "violation_points": 0 if facts.get("undone") else 1,
            "since": now,
            "objects": tuple(self.objects),
        } | facts
        return received(kind(**said), occurred_at=now, version=number)

    def imposed(self, **facts):
        return self.revision(PenaltyImposed, 1, **facts)

    def lifted(self, number=2):
        return self.revision(PenaltyLifted, number, undone=True)


def about(kind, thing):
    return ObjectReference(kind=kind, id=UUID(thing["id"]))


async def hear(talk, *messages):
    talk.later()
    for message in messages:
        await talk.stage.harness.deliver(message)


async def status(talk, kind, thing, who="甲"):
    return (await talk.see(who, f"{PATHS[kind]}/{thing['id']}"))["status"]


async def sees(talk, kind, thing):
    answer = await talk["乙"].client.get(f"{PATHS[kind]}/{thing['id']}")
    return answer.status_code == 200


async def turns(talk):
    """What members no longer see, and see again, as it is told."""
    names = [name for name, _ in await talk.told()]
    return [one for one in names if one.endswith((".removed", ".restored"))]


async def answers(talk):
    return [
        (one.data["revision"], one.data["undone"], [each["code"] for each in one.data["left"]])
        for one in await talk.stage.harness.published("penalty.applied")
    ]


async def test_what_it_was_imposed_for_is_removed_and_comes_back_with_the_same_points_when_it_is_lifted(talk):
    await talk.joins("群主", "owner")
    asked = await talk.starts("甲", "刷分")
    reply = await talk.replies("甲", await talk.starts("乙"), "去别处问。")
    article = await talk.publishes("甲", "刷分手册")
    pieces = {"discussion": asked, "reply": reply, "article": article}
    penalty = Penalty(talk, [about(kind, one) for kind, one in pieces.items()])
    await hear(talk, penalty.imposed())
    for kind, one in pieces.items():
        assert (await sees(talk, kind, one), await status(talk, kind, one)) == (False, "removed")
    assert sorted(await turns(talk)) == ["article.removed", "discussion.removed", "reply.removed"]
    (removed,) = await talk.stage.harness.published("discussion.removed")
    assert removed.data["cause"] == "moderator"
    await talk.send("甲", f"{DISCUSSIONS}/{asked['id']}/restore", status=409)
    await talk.send("版主", f"{DISCUSSIONS}/{asked['id']}/restore", status=409)
    await hear(talk, penalty.lifted())
    assert all([await sees(talk, kind, one) for kind, one in pieces.items()])
    assert len([one for one in await turns(talk) if one.endswith("restored")]) == 3
    assert await answers(talk) == [
        (1, {"article.removed": 1, "discussion.removed": 1, "reply.removed": 1}, []),
        (2, {"article.restored": 1, "discussion.restored": 1, "reply.restored": 1}, []),
    ]


async def test_a_lifted_penalty_takes_its_own_cause_away_and_leaves_what_else_hides_it(strict):
    talk = strict
    mine, theirs, held = [await talk.starts("甲", title) for title in ("自删", "被删", "刷单")]
    await talk.send("甲", f"{DISCUSSIONS}/{mine['id']}/remove")
    await talk.send("版主", f"{DISCUSSIONS}/{theirs['id']}/remove")
    pieces = [mine, theirs, held]
    first, second = [Penalty(talk, [about("discussion", one) for one in pieces]) for _ in range(2)]
    unknown = ObjectReference(kind="reply", id=new_id())
    second.objects = [*second.objects[:1], unknown, ObjectReference(kind="kudos", id=new_id())]
    await hear(talk, first.imposed(), second.imposed(), first.lifted())
    assert [await sees(talk, "discussion", one) for one in pieces] == [False] * 3
    assert [await status(talk, "discussion", one) for one in pieces] == ["removed", "removed", "held"]
    *_, (revision, undone, left) = await answers(talk)
    assert (revision, undone, sorted(left)) == (2, {}, ["held", "removed_by_author", "removed_by_moderator"])
    assert [left for _, _, left in await answers(talk)][1] == ["unknown"]
    await talk.send("甲", f"{DISCUSSIONS}/{mine['id']}/restore")
    assert not await sees(talk, "discussion", mine)
    await hear(talk, second.lifted())
    assert await sees(talk, "discussion", mine)


async def test_what_others_wrote_or_was_written_elsewhere_a_penalty_does_not_hide(talk):
    """Whoever reports names any thing: somebody else's, or one in a community of which neither the reporter nor who decides knows anything."""
    await talk.joins("群主", "owner")
    theirs = await talk.starts("乙", "别人的")
    reply = await talk.replies("乙", theirs, "也是别人的。")
    article = await talk.publishes("乙", "别人的手册")
    mine = await talk.starts("甲", "自己的")
    pieces = {"discussion": theirs, "reply": reply, "article": article}
    penalty = Penalty(talk, [about(kind, one) for kind, one in pieces.items()])
    elsewhere = Penalty(talk, [about("discussion", mine)])
    await hear(talk, penalty.imposed(), elsewhere.imposed(community_id=new_id()))
    assert all([await sees(talk, kind, one) for kind, one in pieces.items()])
    assert await sees(talk, "discussion", mine)
    await hear(talk, penalty.lifted())
    assert await turns(talk) == []
    assert await answers(talk) == [(1, {}, ["unknown"] * 3), (1, {}, ["unknown"]), (2, {}, ["unknown"] * 3)]


async def test_an_appeal_granted_in_part_shows_again_what_is_no_longer_among_its_objects(talk):
    first, second = await talk.starts("甲", "一"), await talk.starts("甲", "二")
    penalty = Penalty(talk, [about("discussion", first), about("discussion", second)])
    await hear(talk, penalty.imposed())
    penalty.objects.pop()
    await hear(talk, penalty.revision(PenaltyRevised, 2))
    assert [await sees(talk, "discussion", one) for one in (first, second)] == [False, True]


@pytest.mark.parametrize("seed", range(3))
async def test_revisions_in_any_order_and_doubled_end_as_the_last_would_alone(talk, seed):
    """Of two penalties for the same things; what is seen, and each cause, follows from the greatest revisions."""
    chance = Random(seed)
    thread = await talk.starts("甲", "一")
    reply = await talk.replies("甲", await talk.starts("乙"), "二")
    things = [about("discussion", thread), about("reply", reply)]
    penalties = [Penalty(talk, things) for _ in range(2)]
    messages, last = [], []
    for penalty in penalties:
        undone = chance.random() < 0.5
        kept = () if undone else tuple(chance.sample(things, chance.randint(0, 2)))
        revisions = [penalty.imposed(), penalty.revision(PenaltyRevised, 2, objects=tuple(things[:1]))]
        revisions.append(penalty.lifted(3) if undone else penalty.revision(PenaltyRevised, 3, objects=kept))
        messages += revisions
        last.append({one.id for one in kept})
    doubled = messages + chance.sample(messages, 3)
    chance.shuffle(doubled)
    await hear(talk, *doubled)
    async with talk.stage.harness.runtime.database.reading() as session:
        for table, thing in ((Discussion, things[0]), (Reply, things[1])):
            (row,) = (await session.exec(select(table).where(table.id == thing.id))).all()
            wanted = {cause_of(one.id) for one, kept in zip(penalties, last, strict=True) if thing.id in kept}
            assert set(row.causes) == wanted
            assert (row.removed_at is not None) is bool(wanted)
    for kind in ("discussion", "reply"):
        names = [name.rpartition(".")[2] for name in await turns(talk) if name.startswith(kind)]
        assert names == ["removed", "restored"] * (len(names) // 2) + ["removed"] * (len(names) % 2)


async def test_lifted_before_it_is_heard_of_hides_nothing_and_is_answered_once(talk):
    thread = await talk.starts("甲", "一")
    for order in permutations([1, 2]):
        penalty = Penalty(talk, [about("discussion", thread)])
        said = {1: penalty.imposed(), 2: penalty.lifted()}
        await hear(talk, *(said[number] for number in order), said[2])
        assert await sees(talk, "discussion", thread)
    assert [revision for revision, _, _ in await answers(talk)] == [1, 2, 2]


async def test_a_merged_thread_is_counted_where_it_went_and_its_answers_go_with_a_penalty_by_themselves(talk):
    into, duplicate = await talk.starts("乙", "一"), await talk.starts("乙", "二")
    reply = await talk.replies("甲", duplicate)
    await talk.send("版主", f"{DISCUSSIONS}/{duplicate['id']}/merge", {"into_id": into["id"]})
    await talk.stage.harness.run_jobs()
    await hear(talk, Penalty(talk, [about("reply", reply)]).imposed())
    assert (await talk.see("乙", f"{DISCUSSIONS}/{into['id']}"))["reply_count"] == 0
    assert not await sees(talk, "reply", reply)


def granted(talk, kind, thing):
    event = AppealGranted(
        community_id=talk.stage.community_id, appeal_id=new_id(), object=about(kind, thing), member_id=talk["甲"].id
    )
    return received(event, occurred_at=talk.stage.harness.clock())


@pytest.mark.parametrize("kind", ["discussion", "reply", "article"])
async def test_what_a_moderator_removed_is_seen_again_when_the_appeal_is_granted(talk, kind):
    await talk.joins("群主", "owner")
    made = {
        "discussion": lambda: talk.starts("甲", "刷分"),
        "reply": lambda: _replied(talk),
        "article": lambda: talk.publishes("甲", "刷分手册"),
    }
    thing = await made[kind]()
    await talk.send("版主", f"{PATHS[kind]}/{thing['id']}/remove")
    assert not await sees(talk, kind, thing)
    talk.later()
    message = granted(talk, kind, thing)
    await hear(talk, message, message)
    assert await sees(talk, kind, thing)
    assert (await turns(talk))[-2:] == [f"{kind}.removed", f"{kind}.restored"]


async def _replied(talk):
    return await talk.replies("甲", await talk.starts("乙"), "去别处问。")


async def test_an_appeal_gives_back_only_what_the_moderator_took_and_not_what_they_took_later(talk):
    asked, again = await talk.starts("甲", "刷分"), await talk.starts("甲", "又刷分")
    penalty = Penalty(talk, [about("discussion", asked)])
    for one in (asked, again):
        await talk.send("版主", f"{DISCUSSIONS}/{one['id']}/remove")
    await hear(talk, penalty.imposed())
    late = granted(talk, "discussion", again)
    await hear(talk, granted(talk, "discussion", asked))
    async with talk.stage.harness.runtime.database.reading() as session:
        row = await session.get(Discussion, UUID(asked["id"]))
        assert row is not None
        assert row.causes == [cause_of(penalty.id)]
    await talk.send("版主", f"{DISCUSSIONS}/{again['id']}/restore")
    talk.later()
    await talk.send("版主", f"{DISCUSSIONS}/{again['id']}/remove")
    await hear(talk, late)
    assert not await sees(talk, "discussion", again)
