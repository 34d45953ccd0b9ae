"""Short mutes: by moderators, operators and owners, up to three days, once in seven, and told to the services alone."""

from datetime import timedelta

import pytest

from tests.service.membership.scene import DAY

REASON = "在活动群刷屏"


@pytest.fixture
async def community(scene):
    made = await scene.community()
    await scene.role("版主", made, "moderator")
    return made


async def mute(scene, member, *, by="版主", days=1, status=200):
    body = {"until": (scene.harness.clock() + days * DAY).isoformat(), "reason": REASON}
    return await scene.send(scene.again(by), f"/v1/members/{member['id']}/mute", body, status=status)


async def test_a_muted_member_reads_why_and_whom_to_ask_and_writes_again_afterwards(scene, community):
    member = await scene.member("成员", community)
    muted = await mute(scene, member)
    assert (muted["status"], muted["mute"]["reason"]) == ("muted", REASON)
    seen = await scene.see(scene.again("成员"), f"/v1/members/{member['id']}")
    assert (seen["status"], seen["mute"]["reason"]) == ("muted", REASON)
    assert seen["mute"]["ask"]["display_name"] == "版主"
    (own,) = (await scene.see(scene.again("成员"), "/v1/people/me"))["memberships"]
    assert own["status"] == "muted"
    scene.harness.clock.advance(DAY)
    seen = await scene.see(scene.again("成员"), f"/v1/members/{member['id']}")
    assert (seen["status"], seen["mute"]) == ("active", None)


async def test_others_read_neither_that_somebody_is_muted_nor_why(scene, community):
    member = await scene.member("成员", community)
    await scene.member("另一位", community)
    await mute(scene, member)
    seen = await scene.see(scene.again("另一位"), f"/v1/members/{member['id']}")
    assert (seen["status"], seen["mute"]) == ("active", None)
    assert REASON not in str(await scene.harness.published(""))


async def test_it_is_told_to_the_services_alone_with_versions_of_its_own(scene, community):
    member = await scene.member("成员", community)
    await mute(scene, member)
    await scene.send(scene.again("owner"), f"/v1/members/{member['id']}/unmute")
    told = await scene.harness.published("sanction.changed")
    assert [(one.data["status"], one.version) for one in told] == [("muted", 1), ("none", 2)]
    assert {one.partition_key for one in told} == {member["id"]}
    assert member["id"] not in {one.subject for one in told}
    about = [one for one in await scene.harness.published("member.") if one.subject == member["id"]]
    assert [one.version for one in about] == [1], "the open topic shows nothing, and no gap"


async def test_the_end_is_recorded_as_of_when_it_came(scene, community):
    member = await scene.member("成员", community)
    muted = await mute(scene, member)
    scene.harness.clock.advance(2 * DAY)
    await scene.harness.run_timers()
    last = (await scene.harness.published("sanction.changed"))[-1]
    assert last.data["status"] == "none"
    assert last.occurred_at.isoformat() == muted["status_until"].replace("Z", "+00:00")


async def test_leaving_ends_it(scene, community):
    member = await scene.member("成员", community)
    await mute(scene, member)
    await scene.send(scene.again("成员"), f"/v1/members/{member['id']}/leave")
    assert [one["status"] for one in await scene.told("sanction.changed")] == ["muted", "none"]


@pytest.mark.parametrize("way", ["by application", "by import"])
async def test_who_leaves_and_comes_back_is_muted_as_long_as_before(scene, community, way):
    member = await scene.member("成员", community)
    until = (await mute(scene, member, days=2))["status_until"]
    await scene.send(scene.again("成员"), f"/v1/members/{member['id']}/leave")
    scene.harness.clock.advance(timedelta(hours=1))
    await comes_back(scene, member, community, way)
    seen = await scene.see(scene.again("成员"), f"/v1/members/{member['id']}")
    assert (seen["status"], seen["status_until"], seen["mute"]["reason"]) == ("muted", until, REASON)
    scene.harness.clock.advance(2 * DAY)
    await scene.harness.run_timers()
    assert [one["status"] for one in await scene.told("sanction.changed")] == ["muted", "none", "muted", "none"]


@pytest.mark.parametrize("way", ["by application", "by import"])
async def test_who_comes_back_after_its_end_is_not_muted(scene, community, way):
    member = await scene.member("成员", community)
    await mute(scene, member, days=1)
    await scene.send(scene.again("成员"), f"/v1/members/{member['id']}/leave")
    scene.harness.clock.advance(DAY)
    await comes_back(scene, member, community, way)
    assert (await scene.see(scene.again("成员"), f"/v1/members/{member['id']}"))["status"] == "active"


async def comes_back(scene, member, community, way):
    if way == "by application":
        await scene.decide(await scene.apply("成员", await scene.campaign(community)), "accepted")
        return
    row = {"employee_no": await scene.number("成员"), "joined_at": scene.harness.clock().isoformat()}
    job, _ = await scene.import_members(community, [row])
    assert job["result"]["created"] == 1


@pytest.mark.parametrize(("days", "status"), [(3, 200), (3.01, 422), (0, 422), (-1, 422)])
async def test_it_ends_within_three_days(scene, community, days, status):
    await mute(scene, await scene.member("成员", community), days=days, status=status)


async def test_once_in_seven_days(scene, community):
    member = await scene.member("成员", community)
    await mute(scene, member)
    assert (await mute(scene, member, status=409))["code"] == "illegal_transition"
    scene.harness.clock.advance(DAY)
    assert (await mute(scene, member, status=409))["code"] == "muted_lately"
    seen = await scene.see(scene.again("版主"), f"/v1/members/{member['id']}")
    assert seen["viewer"]["cannot"]["mute"] == "muted_lately"
    scene.harness.clock.advance(6 * DAY)
    await mute(scene, member)


async def test_owners_and_operators_are_not_muted_nor_oneself(scene, community):
    for role in ("owner", "operator"):
        granted = await scene.role(f"{role}二", community, role)
        assert (await mute(scene, {"id": granted["member_id"]}, status=403))["code"] == "forbidden"
    listed = await scene.see(scene.again("版主"), "/v1/members", community_id=community["id"], q="版主")
    assert (await mute(scene, listed["items"][0], status=403))["code"] == "conflict_of_interest"


async def test_only_who_is_muted_is_unmuted_and_both_leave_a_trace(scene, community):
    member = await scene.member("成员", community)
    path = f"/v1/members/{member['id']}/unmute"
    assert (await scene.send(scene.again("版主"), path, status=409))["code"] == "illegal_transition"
    await mute(scene, member)
    await scene.send(scene.again("成员"), path, status=403)
    await scene.send(scene.again("版主"), path)
    trail = [entry["action"] for entry in await scene.audit(community["id"])]
    assert trail[-2:] == ["member.mute", "member.unmute"]


async def test_sanctions_are_restated_with_their_present_version(scene, community):
    member = await scene.member("成员", community)
    await scene.member("另一位", community)
    await mute(scene, member)
    scene.harness.clock.advance(timedelta(hours=1))
    republish = scene.harness.runtime.service.republish["sanction"]
    async with scene.harness.runtime.database.reading() as session:
        restated = [outgoing async for outgoing in republish(session)]
    assert [(one.event.status, one.version) for one in restated] == [("muted", 1)]
