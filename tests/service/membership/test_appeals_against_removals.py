"""Appeals against what moderators removed in content: whose it is, until when, in whatever order it is told, and what becomes of it."""

from itertools import permutations
from uuid import UUID

import pytest

from chassis.ids import new_id
from chassis.testing import received
from contracts.content import DiscussionRemoved, DiscussionRestored
from tests.service.membership.scene import DAY
from tests.service.membership.test_appeals import act, appeal, read, told


@pytest.fixture
async def community(scene):
    made = await scene.community()
    await scene.role("版主", made, "moderator")
    await scene.role("运营", made, "operator")
    return made


@pytest.fixture
async def member(scene, community):
    return await scene.member("成员", community)


def turned(scene, member, piece, version, *, kind=DiscussionRemoved, cause="moderator", by="版主"):
    """What content tells of a discussion of a member."""
    event = kind(
        community_id=UUID(member["community_id"]),
        kind="discussion",
        id=piece,
        root_id=piece,
        author_ids=(UUID(member["id"]),),
        cause=cause,
    )
    actor = f"person:{scene.people[by]}" if by else "system"
    return received(event, occurred_at=scene.harness.clock(), version=version, actor=actor)


async def test_who_wrote_it_appeals_somebody_else_decides_and_it_is_done_when_it_is_seen_again(scene, member):
    piece = new_id()
    await scene.harness.deliver(turned(scene, member, piece, 2), times=2)
    made = await appeal(scene, piece, kind="discussion")
    assert (made["object"], made["progress"]) == ({"kind": "discussion", "id": str(piece)}, None)
    assert (await appeal(scene, piece, kind="discussion", status=409))["code"] == "already_appealed"
    refused = await act(scene, made, "decide", outcome="reduced", reason="减轻", status=422)
    assert refused["errors"][0]["code"] == "not_reducible"
    done = await act(scene, made, "decide", by="运营", outcome="granted", reason="不是广告。")
    assert (done["status"], done["finished"], done["revision"]) == ("granted", False, None)
    (_, lodged), (kind, granted) = await told(scene, "appeal.")
    assert kind == "granted"
    assert lodged["object"] == granted["object"] == {"kind": "discussion", "id": str(piece)}
    await scene.harness.deliver(turned(scene, member, piece, 3, kind=DiscussionRestored, by=None))
    assert (await read(scene, made))["finished"] is True


async def test_whoever_removed_it_does_not_decide_and_only_who_wrote_it_may_appeal(scene, community, member):
    piece = new_id()
    await scene.member("旁人", community)
    await scene.harness.deliver(turned(scene, member, piece, 2, by="运营"))
    await appeal(scene, piece, kind="discussion", by="旁人", status=404)
    await appeal(scene, piece, kind="reply", status=404)
    made = await appeal(scene, piece, kind="discussion")
    decision = {"outcome": "denied", "reason": "维持。"}
    assert (await act(scene, made, "decide", by="运营", status=403, **decision))["code"] == "conflict_of_interest"
    done = await act(scene, made, "decide", **decision)
    assert (done["status"], done["finished"]) == ("denied", None)


async def test_what_nobody_decided_about_it_and_what_is_too_long_ago_is_no_matter_of_appeals(scene, member):
    pieces = [new_id() for _ in range(4)]
    await scene.harness.deliver(
        turned(scene, member, pieces[0], 2, cause="author", by="成员"),
        turned(scene, member, pieces[1], 2, cause="hold", by=None),
        # What a penalty hides is that penalty's.
        turned(scene, member, pieces[2], 2, by=None),
        turned(scene, member, pieces[3], 2),
    )
    for piece in pieces[:3]:
        await appeal(scene, piece, kind="discussion", status=404)
    scene.harness.clock.advance(14 * DAY)
    assert (await appeal(scene, pieces[3], kind="discussion", status=409))["code"] == "too_late_to_appeal"


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_each_removal_is_one_of_its_own_in_whatever_order_they_are_told(scene, community, member, order):
    piece = new_id()
    messages = [
        turned(scene, member, piece, 2),
        turned(scene, member, piece, 3, kind=DiscussionRestored),
        turned(scene, member, piece, 4, by="运营"),
    ]
    for which in order:
        await scene.harness.deliver(messages[which], times=2)
    made = await appeal(scene, piece, kind="discussion")
    assert (await act(scene, made, "decide", by="运营", status=403, outcome="denied", reason="维持。"))["code"] == (
        "conflict_of_interest"
    )
    # Seen again meanwhile: nothing is left to decide, nor to appeal against.
    await scene.harness.deliver(turned(scene, member, piece, 5, kind=DiscussionRestored, by=None))
    refused = await act(scene, made, "decide", status=409, outcome="denied", reason="维持。")
    assert (refused["code"], refused["state"]) == ("illegal_transition", "lifted")
    queue = f"/v1/appeals?community_id={community['id']}&status=open"
    assert (await scene.see(scene.again("owner"), queue))["items"] == []
    assert (await appeal(scene, piece, kind="discussion", status=409))["code"] == "nothing_to_appeal"
    # And removed once more: another removal, and another appeal.
    await scene.harness.deliver(turned(scene, member, piece, 6))
    await appeal(scene, piece, kind="discussion")
