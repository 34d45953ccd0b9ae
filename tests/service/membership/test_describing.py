"""What members can do and care about: they say it, and others read it once moderation has let it through."""

from uuid import UUID

import pytest

from chassis.testing import received
from contracts.content import TextDecided
from contracts.texts import TextObject


@pytest.fixture
async def community(scene):
    return await scene.community()


@pytest.fixture
async def member(scene, community):
    return await scene.member("成员", community)


async def described(scene, member, status=200, **fields):
    return await scene.change(scene.again("成员"), f"/v1/members/{member['id']}", fields, status=status)


async def decide(scene, member, verdict, *, version=1):
    """What moderation answers about what was written last."""
    (*_, written) = [one for one in await scene.told("text.written") if one["object"]["id"] == member["id"]]
    key, about = UUID(member["id"]), TextObject(**written["object"])
    decided = TextDecided(community_id=UUID(member["community_id"]), object=about, root_id=key, verdict=verdict)
    await scene.harness.deliver(received(decided, occurred_at=scene.harness.clock(), version=version))
    return written["text"]


async def reads(scene, member, by):
    """The skills of somebody, alone and in the list."""
    one = await scene.see(scene.again(by), f"/v1/members/{member['id']}")
    listed = await scene.see(scene.again(by), "/v1/members", community_id=member["community_id"])
    (same,) = [each for each in listed["items"] if each["id"] == member["id"]]
    assert (one["skills"], one["interests"]) == (same["skills"], same["interests"])
    return one["skills"], one["interests"], one["description_hidden"]


async def test_others_read_what_somebody_can_do_once_moderation_has_let_it_through(scene, member):
    said = await described(scene, member, skills=["Python", " 法律  咨询 ", "ＰＹＴＨＯＮ"], interests=["写作"])
    assert (said["skills"], said["interests"], said["description_hidden"]) == (
        ["Python", "法律 咨询"], ["写作"], "waiting",
    )  # fmt: skip
    assert await reads(scene, member, "owner") == ([], [], None), "not even those who run the community"
    assert await decide(scene, member, "allow") == {"skills": "Python、法律 咨询", "interests": "写作"}
    assert await reads(scene, member, "owner") == (["Python", "法律 咨询"], ["写作"], None)
    assert await reads(scene, member, "成员") == (["Python", "法律 咨询"], ["写作"], None)
    await described(scene, member, interests=["微信 abc"])
    assert (await reads(scene, member, "owner"))[:2] == ([], [])
    await decide(scene, member, "remove", version=2)
    assert await reads(scene, member, "owner") == ([], [], None)
    assert await reads(scene, member, "成员") == (["Python", "法律 咨询"], ["微信 abc"], "removed")
    gone = await described(scene, member, skills=[], interests=[])
    assert (gone["skills"], gone["interests"], gone["description_hidden"]) == ([], [], None)


async def test_only_they_themselves_say_it_and_what_is_no_skill_is_refused(scene, community, member):
    await scene.member("别人", community)
    path = f"/v1/members/{member['id']}"
    refused = await scene.again("别人").patch(path, json={"skills": ["x"]}, headers={"If-Match": '"1"'})
    assert refused.status_code == 403
    for skills, pointer in (([""], "/skills/0"), (["x" * 41], "/skills/0"), (["x"] * 21, "/skills"), (None, "/skills")):
        assert [one["pointer"] for one in (await described(scene, member, 422, skills=skills))["errors"]] == [pointer]
    before = await described(scene, member, skills=["统计"])
    assert await described(scene, member, skills=["统计"]) == before
    told = [one["object"]["revision"] for one in await scene.told("text.written") if one["object"]["kind"] == "member"]
    assert told == [1], "the same again is nothing new"
