"""What others read of a member: nobody is shown up as muted, suspended or expelled, and who opts out of boards tells nobody."""

import pytest

from tests.service.membership.scene import DAY
from tests.service.membership.test_roster import names, set_status


@pytest.fixture
async def community(scene):
    return await scene.community()


@pytest.mark.parametrize(
    ("status", "looks"), [("muted", "active"), ("suspended", "active"), ("expelled", "left"), ("left", "left")]
)
async def test_the_roster_does_not_show_anybody_up(scene, community, status, looks):
    member = await scene.member("成员", community, channel="poster")
    await scene.member("另一位", community)
    await scene.role("版主", community, "moderator")
    await set_status(scene, member, status, scene.harness.clock() + DAY if looks == "active" else None)
    for reader, shown in (("另一位", looks), ("版主", status), ("owner", status)):
        seen = await scene.see(scene.again(reader), f"/v1/members/{member['id']}")
        assert seen["status"] == shown
        candid = reader != "另一位"
        assert (seen["via"], seen["channel"]) == (("import", "poster") if candid else (None, None))
        assert (seen["status_until"] is not None) == (candid and looks == "active")
        for asked in {"active", "left", status}:
            found = await names(scene, community, by=reader, status=asked)
            assert ("成员" in found) == (asked == shown), f"{reader} asks for {asked}"
    assert (await scene.see(scene.admin, f"/v1/members/{member['id']}"))["status"] == looks


async def test_members_read_their_own_status_as_it_is(scene, community):
    member = await scene.member("成员", community)
    await set_status(scene, member, "muted", scene.harness.clock() + DAY)
    seen = await scene.see(scene.again("成员"), f"/v1/members/{member['id']}")
    assert (seen["status"], seen["via"]) == ("muted", "import")
    assert await names(scene, community, by="成员", status="muted") == ["成员"]


async def test_members_decide_whether_they_stand_on_boards(scene, community):
    member = await scene.member("成员", community)
    path = f"/v1/members/{member['id']}"
    assert (await scene.see(scene.again("成员"), path))["on_boards"] is True
    assert (await scene.change(scene.again("成员"), path, {"on_boards": False}))["on_boards"] is False
    assert (await scene.change(scene.again("成员"), path, {}))["on_boards"] is False
    assert (await scene.see(scene.again("owner"), path))["on_boards"] is None, "nobody else reads who opted out"
    told = await scene.told("member.updated")
    assert [(one["on_boards"], one["before"]) for one in told] == [(False, {"on_boards": True})]
    refused = await scene.again("owner").patch(path, json={"on_boards": True}, headers={"If-Match": '"2"'})
    assert refused.status_code == 403
    await scene.send(scene.again("owner"), "/v1/role-grants", {"member_id": member["id"], "role": "mentor"})
    assert (await scene.told("member.role_changed"))[-1]["on_boards"] is False


async def test_messages_about_members_show_nobody_up_and_carry_grade_and_site(scene, community):
    await scene.client("成员", job_grade="P6", grade_since="2024-01-01", site="上海")
    member = await scene.member("成员", community)
    joined = (await scene.told("member.joined"))[-1]
    assert (joined["job_grade"], joined["grade_since"], joined["site"]) == ("P6", "2024-01-01", "上海")
    await set_status(scene, member, "suspended", scene.harness.clock() + DAY)
    await scene.send(scene.again("owner"), "/v1/role-grants", {"member_id": member["id"], "role": "mentor"}, status=409)
    await scene.send(scene.again("owner"), f"/v1/members/{member['id']}/remove", {"reason": "x"})
    left = (await scene.told("member.left"))[-1]
    assert (left["status"], left["before"]["status"]) == ("left", "active")
    assert "suspended" not in str(left)
