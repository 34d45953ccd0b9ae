from uuid import UUID

import pytest

from chassis.ids import new_id
from chassis.resolver import facts_from_json
from chassis.testing import received
from tests.service.membership.penalising import decided, penalise
from tests.service.membership.scene import DAY


async def resolve(scene, *pairs, account=None):
    service = account or scene.harness.as_service("internal")
    body = {"pairs": [{"person_id": person and str(person), "community_id": str(where)} for person, where in pairs]}
    answer = await service.post("/internal/members/resolve", json=body)
    assert answer.status_code == 200, answer.text
    return [facts_from_json(item) for item in answer.json()["items"]]


async def test_another_service_learns_what_people_are_in_communities(scene):
    community = await scene.community(time_zone="Europe/Berlin", day_starts_at="04:00")
    granted = await scene.role("版主", community, "moderator")
    await scene.client("路人")
    there = UUID(community["id"])
    moderator, stranger, nobody, anybody, nowhere = await resolve(
        scene,
        (scene.people["版主"], there),
        (scene.people["路人"], there),
        (new_id(), there),
        (None, there),
        (scene.people["版主"], new_id()),
    )
    assert (moderator.member.id, moderator.member.roles) == (UUID(granted["member_id"]), frozenset({"moderator"}))
    assert (moderator.community.time_zone, moderator.community.day_starts_at.hour) == ("Europe/Berlin", 4)
    assert (moderator.person_status, moderator.person_kind) == ("active", "employee")
    assert (stranger.member, stranger.person_status) == (None, "active")
    assert (nobody.person_status, anybody.member, nowhere) == (None, None, None)


async def test_a_role_past_its_end_is_not_told(scene):
    community = await scene.community()
    member = await scene.member("讲师", community)
    until = (scene.harness.clock() + DAY).isoformat()
    body = {"member_id": member["id"], "role": "lecturer", "until": until}
    await scene.send(scene.again("owner"), "/v1/role-grants", body)
    scene.harness.clock.advance(DAY)
    (facts,) = await resolve(scene, (scene.people["讲师"], UUID(community["id"])))
    assert facts.member.roles == frozenset()


async def test_who_is_no_service_of_ours_finds_nothing_there(scene):
    body = {"pairs": [{"community_id": str(new_id())}]}
    for client in (scene.admin, scene.harness.as_service("members.read"), scene.harness.anonymous()):
        assert (await client.post("/internal/members/resolve", json=body)).status_code in (401, 404)


async def test_at_most_five_hundred_at_once(scene):
    body = {"pairs": [{"community_id": str(new_id())}] * 501}
    assert (await scene.harness.as_service("internal").post("/internal/members/resolve", json=body)).status_code == 422


async def test_a_person_sees_his_memberships_and_what_he_may_do_there(scene):
    community = await scene.community()
    await scene.role("版主", community, "moderator")
    gone = await scene.member("走了", community)
    await scene.send(scene.again("走了"), f"/v1/members/{gone['id']}/leave")
    me = await scene.see(scene.again("版主"), "/v1/people/me")
    (membership,) = me["memberships"]
    assert (membership["community"]["slug"], membership["roles"]) == (community["slug"], ["moderator"])
    assert "members.read" in membership["permissions"]
    assert "campaigns.write" not in membership["permissions"]
    (ended,) = (await scene.see(scene.again("走了"), "/v1/people/me"))["memberships"]
    assert (ended["member_id"], ended["status"], ended["roles"]) == (gone["id"], "left", [])
    assert ended["ended_at"] is not None
    assert "checkins.create" not in ended["permissions"]
    assert "members.read" not in ended["permissions"]
    home = await scene.see(scene.again("走了"), "/internal/home", community_id=community["id"])
    assert home["membership"] is None


@pytest.mark.parametrize(
    ("how", "join", "may"), [("expelled", "open", False), ("left", "open", True), ("left", "invitation", False)]
)
async def test_who_is_no_member_any_more_is_told_what_they_may_really_do(scene, how, join, may):
    community = await scene.community(join=join, visibility="internal")
    await scene.role("版主", community, "moderator")
    member = await scene.member("成员", community)
    if how == "left":
        await scene.send(scene.again("成员"), f"/v1/members/{member['id']}/leave")
    else:
        await penalise(scene, member, "grave")
        await decided(scene, await penalise(scene, member, "grave"), "expel")
    (ended,) = (await scene.see(scene.again("成员"), "/v1/people/me"))["memberships"]
    assert ended["status"] == how
    assert {"penalties.read", "appeals.create", "communities.read"} <= set(ended["permissions"])
    assert {"cases.read", "cases.work", "appeals.decide"}.isdisjoint(ended["permissions"])
    assert ("communities.join" in ended["permissions"]) is may
    joined = await scene.again("成员").post(f"/v1/communities/{community['id']}/join")
    assert joined.is_success is may


async def test_what_is_shown_to_members_alone_is_not_among_what_others_may_do(scene):
    community = await scene.community(visibility="private")
    member = await scene.member("成员", community)
    await scene.send(scene.again("成员"), f"/v1/members/{member['id']}/leave")
    (ended,) = (await scene.see(scene.again("成员"), "/v1/people/me"))["memberships"]
    assert {"communities.read", "communities.join", "campaigns.read"}.isdisjoint(ended["permissions"])


async def test_a_suspended_person_is_nobody(scene):
    community = await scene.community()
    await scene.member("成员", community)
    await scene.send(scene.admin, f"/v1/people/{scene.people['成员']}/suspend", {"reason": "调查"})
    answer = await scene.again("成员").get("/v1/members", params={"community_id": community["id"]})
    assert (answer.status_code, answer.json()["code"]) == (401, "session_revoked")


async def test_everything_is_restated_with_its_present_version(scene):
    community = await scene.community()
    await scene.role("版主", community, "moderator")
    definition = scene.harness.runtime.service
    async with scene.harness.runtime.database.reading() as session:
        communities = [outgoing async for outgoing in definition.republish["community"](session)]
        members = [outgoing async for outgoing in definition.republish["member"](session)]
    assert [(one.event.status, one.version) for one in communities] == [("open", 2)]
    told = {message.subject: message for message in await scene.harness.published("member.")}
    assert {str(one.event.member_id): one.version for one in members} == {
        subject: message.version for subject, message in told.items()
    }
    assert all(received(one.event, occurred_at=one.occurred_at) for one in members)


async def test_home_shows_the_person_and_the_membership_in_this_community(scene):
    community, other = await scene.community(), await scene.community()
    for one in (other, community):
        await scene.member("小明", one)
    me = await scene.see(scene.again("小明"), "/v1/people/me")
    home = await scene.see(scene.again("小明"), "/internal/home", community_id=community["id"])
    (membership,) = (one for one in me.pop("memberships") if one["community"]["id"] == community["id"])
    (task,) = home.pop("tasks")
    assert (task["code"], task["community"]["id"]) == ("agree_to_charter", community["id"])
    assert home == {"person": me, "membership": membership, "notifications": {"unread": 0}}
    await scene.client("路人")
    elsewhere = await scene.see(scene.again("路人"), "/internal/home", community_id=community["id"])
    assert (elsewhere["person"]["display_name"], elsewhere["membership"]) == ("路人", None)
