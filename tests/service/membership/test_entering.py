"""Ways in that members take themselves: joining an open community, and accepting an invitation."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlmodel import col

from services.membership.entering.rules import LONGEST
from services.membership.roster.models import Member
from tests.service.membership.scene import DAY

PATH = "/v1/invitations"


@pytest.fixture
async def community(scene):
    return await scene.community(join="open", visibility="internal")


def later(scene, days=7):
    return (scene.harness.clock() + days * DAY).isoformat()


async def invite(scene, community, *, by="owner", status=201, days=7, **fields):
    body = {"community_id": community["id"], "expires_at": later(scene, days)} | fields
    return await scene.send(scene.again(by), PATH, body, status=status)


async def accept(scene, name, invitation, *, status=201):
    return await scene.send(await scene.client(name), f"{PATH}/accept", {"code": invitation["code"]}, status=status)


async def join(scene, name, community, *, status=201):
    return await scene.send(await scene.client(name), f"/v1/communities/{community['id']}/join", status=status)


async def leave(scene, name, membership):
    await scene.send(scene.again(name), f"/v1/members/{membership['member_id']}/leave")


async def expel(scene, membership):
    async with scene.harness.runtime.database.transaction() as session:
        await session.execute(
            update(Member).where(col(Member.id) == UUID(membership["member_id"])).values(status="expelled", roles={})
        )


async def viewed(scene, name, community):
    return (await scene.see(await scene.client(name), f"/v1/communities/{community['id']}"))["viewer"]


# --- open communities ----------------------------------------------------------------------------------------------


async def test_an_employee_joins_an_open_community_by_themselves_and_again_changes_nothing(scene, community):
    joined = await join(scene, "甲", community)
    assert (joined["community"]["id"], joined["status"], joined["roles"]) == (community["id"], "active", [])
    assert await join(scene, "甲", community, status=200) == joined
    told = (await scene.told("member.joined"))[-1]
    assert (told["member_id"], told["via"]) == (joined["member_id"], "open")
    me = await scene.see(scene.again("甲"), "/v1/people/me")
    assert [one["member_id"] for one in me["memberships"]] == [joined["member_id"]]


async def test_who_left_comes_back_and_who_was_expelled_does_not(scene, community):
    joined = await join(scene, "甲", community)
    await leave(scene, "甲", joined)
    assert (await viewed(scene, "甲", community))["can"] == ["join"]
    again = await join(scene, "甲", community)
    assert again["member_id"] == joined["member_id"]
    await expel(scene, joined)
    assert (await join(scene, "甲", community, status=403))["code"] == "forbidden"
    assert (await viewed(scene, "甲", community))["cannot"]["join"] == "forbidden"


@pytest.mark.parametrize(
    ("fields", "kind", "status", "code"),
    [
        ({"join": "campaign"}, "employee", 409, "not_joined_openly"),
        ({"join": "open", "visibility": "private"}, "employee", 404, "not_found"),
        ({"join": "open", "visibility": "public"}, "external", 403, "forbidden"),
        ({"join": "open", "visibility": "internal"}, "external", 404, "not_found"),
        ({"join": "open", "opened": False}, "employee", 404, "not_found"),
    ],
)
async def test_who_may_not_join_by_themselves_is_told_why_as_far_as_they_see_it(scene, fields, kind, status, code):
    community = await scene.community(**fields)
    name = await scene.client("甲", kind=kind)
    refused = await scene.send(name, f"/v1/communities/{community['id']}/join", status=status)
    assert refused["code"] == code
    assert {one["via"] for one in await scene.told("member.joined")} == {"creation"}
    if status != 404:
        assert (await viewed(scene, "甲", community))["cannot"]["join"] == code


async def test_nobody_joins_a_draft_or_an_archive_not_even_an_administrator(scene):
    draft = await scene.community(join="open", opened=False)
    path = f"/v1/communities/{draft['id']}/join"
    assert (await scene.send(scene.admin, path, status=409))["code"] == "community_not_open"
    seen = await scene.see(scene.admin, f"/v1/communities/{draft['id']}")
    assert seen["viewer"]["cannot"]["join"] == "community_not_open"
    await scene.send(scene.again("owner"), f"/v1/communities/{draft['id']}/archive")
    assert (await scene.send(scene.admin, path, status=409))["code"] == "community_archived"


async def test_the_list_of_communities_says_the_same_as_the_community(scene, community):
    await scene.community(join="campaign")
    listed = await scene.see(await scene.client("甲"), "/v1/communities")
    assert len(listed["items"]) == 2
    for one in listed["items"]:
        assert one["viewer"] == await viewed(scene, "甲", one)


# --- invitations ---------------------------------------------------------------------------------------------------


async def test_a_link_lets_in_as_many_as_it_says_each_once(scene, community):
    cohort = await scene.send(
        scene.again("owner"), "/v1/cohorts", {"community_id": community["id"], "code": "c1", "name": "首期"}
    )
    made = await invite(scene, community, uses=2, cohort_id=cohort["id"])
    joined = await accept(scene, "甲", made)
    assert await accept(scene, "甲", made, status=200) == joined
    told = (await scene.told("member.joined"))[-1]
    assert (told["via"], told["cohort_id"], told["roles"]) == ("invitation", cohort["id"], [])
    await leave(scene, "甲", joined)
    refused = await accept(scene, "甲", made, status=409)
    assert (refused["code"], refused["state"]) == ("invitation_closed", "used_up")
    await accept(scene, "乙", made)
    assert (await accept(scene, "丙", made, status=409))["state"] == "used_up"
    (listed,) = (await scene.see(scene.again("owner"), PATH, community_id=community["id"]))["items"]
    assert (listed["state"], listed["used"], listed["uses"], listed["cohort"]["code"]) == ("used_up", 2, 2, "c1")
    assert "code" not in listed
    another = made["code"][:-1] + ("A" if made["code"][-1] != "A" else "E")
    assert (await accept(scene, "丁", {"code": another}, status=404))["code"] == "not_found"


async def test_an_invitation_ends_by_the_clock_or_by_hand(scene, community):
    made, other = await invite(scene, community), await invite(scene, community, uses=5)
    revoked = await scene.send(scene.again("owner"), f"{PATH}/{other['id']}/revoke")
    assert (revoked["state"], revoked["viewer"]["cannot"]) == ("revoked", {"revoke": "illegal_transition"})
    again = await scene.send(scene.again("owner"), f"{PATH}/{other['id']}/revoke", status=409)
    assert (again["code"], again["state"]) == ("illegal_transition", "revoked")
    assert (await accept(scene, "甲", other, status=409))["state"] == "revoked"
    scene.harness.clock.advance(7 * DAY)
    assert (await accept(scene, "甲", made, status=409))["state"] == "expired"
    by_state = {
        state: [one["id"] for one in (await scene.see(scene.again("owner"), PATH, community_id=community["id"], state=state))["items"]]
        for state in ("open", "used_up", "expired", "revoked")
    }  # fmt: skip
    assert by_state == {"open": [], "used_up": [], "expired": [made["id"]], "revoked": [other["id"]]}


async def test_at_once_a_link_lets_in_no_more_than_it_says_and_nobody_into_an_archive(scene, community):
    names = ["甲", "乙", "丙", "丁"]
    clients = [await scene.client(name) for name in names]
    made = await invite(scene, community, uses=2)

    async def at_once(*calls):
        answers = await asyncio.gather(*(client.post(path, json=body) for client, path, body in calls))
        return [(one.status_code, one.json().get("state", one.json().get("code"))) for one in answers]

    by_link = f"{PATH}/accept", {"code": made["code"]}
    twice = await at_once(*((client, *by_link) for client in clients + clients))
    assert sorted(status for status, _ in twice) == [200, 200, 201, 201, 409, 409, 409, 409]
    assert {what for status, what in twice if status == 409} == {"used_up"}
    assert (await scene.see(scene.again("owner"), f"{PATH}/{made['id']}"))["used"] == 2
    other = await invite(scene, community, uses=5)
    by_link = f"{PATH}/accept", {"code": other["code"]}
    archived = scene.again("owner"), f"/v1/communities/{community['id']}/archive", None
    others = [await scene.client(name) for name in ("戊", "己")]
    last = await at_once(archived, *((client, *by_link) for client in others))
    joined = sum(status == 201 for status, _ in last)
    assert {status for status, _ in last} <= {200, 201, 409}
    assert {what for status, what in last if status == 409} <= {"community_archived"}
    shown = await scene.see(scene.again("owner"), f"{PATH}/{other['id']}")
    assert (shown["used"], shown["viewer"]["cannot"]) == (joined, {"revoke": "community_archived"})
    assert (await accept(scene, "庚", other, status=409))["code"] == "community_archived"


async def test_who_is_invited_by_name_is_told_and_accepts_without_a_link(scene, community):
    private = await scene.community(visibility="private", join="invitation", name="读书会")
    await scene.client("外部", kind="external")
    made = await invite(scene, private, person_id=str(scene.people["外部"]))
    (owner,) = (await scene.see(scene.again("owner"), "/v1/members", community_id=private["id"]))["items"]
    assert made["made_by"]["member_id"] == owner["id"]
    (line,) = (await scene.see(scene.again("外部"), "/v1/notifications"))["items"]
    assert (line["template"], "读书会" in line["text"]) == ("invitation.made", True)
    (mine,) = (await scene.see(scene.again("外部"), f"{PATH}/mine"))["items"]
    assert (mine["id"], mine["made_by"], mine["viewer"]["can"]) == (made["id"], None, ["accept"])
    # The link is theirs as well, and nobody else's.
    assert (await accept(scene, "甲", made, status=404))["code"] == "not_found"
    stranger = await scene.send(scene.again("甲"), f"{PATH}/{made['id']}/accept", status=404)
    assert stranger["code"] == "not_found"
    joined = await scene.send(scene.again("外部"), f"{PATH}/{made['id']}/accept", status=201)
    assert joined["community"]["id"] == private["id"]
    assert (await scene.see(scene.again("外部"), f"{PATH}/mine"))["items"] == []
    templates = [one["template"] for one in (await scene.see(scene.again("外部"), "/v1/notifications"))["items"]]
    assert "invitation.made" not in templates


async def test_who_came_in_by_one_of_two_invitations_is_invited_no_more_until_they_leave(scene, community):
    await scene.client("甲", email="jia@example.com")
    first = await invite(scene, community, person_id=str(scene.people["甲"]))
    second = await invite(scene, community, email="jia@example.com")
    listed = (await scene.see(scene.again("甲"), f"{PATH}/mine"))["items"]
    assert {one["id"] for one in listed} == {first["id"], second["id"]}
    joined = await scene.send(scene.again("甲"), f"{PATH}/{first['id']}/accept", status=201)
    assert (await scene.see(scene.again("甲"), f"{PATH}/mine"))["items"] == []
    await leave(scene, "甲", joined)
    assert [one["id"] for one in (await scene.see(scene.again("甲"), f"{PATH}/mine"))["items"]] == [second["id"]]
    await expel(scene, joined)
    assert (await scene.see(scene.again("甲"), f"{PATH}/mine"))["items"] == []


async def test_an_e_mail_address_invites_whoever_has_it_and_says_nothing_of_who_that_is(scene, community):
    await scene.client("甲", email="jia@example.com")
    made = await invite(scene, community, email="JIA@example.com")
    unknown = await invite(scene, community, email="nobody@example.com")
    assert {name: value for name, value in made.items() if name not in ("id", "code", "email")} == {
        name: value for name, value in unknown.items() if name not in ("id", "code", "email")
    }
    assert [one["id"] for one in (await scene.see(scene.again("甲"), f"{PATH}/mine"))["items"]] == [made["id"]]
    await accept(scene, "乙", made, status=404)
    await scene.send(scene.again("甲"), f"{PATH}/{made['id']}/accept", status=201)
    trail = str(await scene.audit(community["id"]))
    assert "jia@example.com" not in trail
    assert made["code"] not in trail


async def test_a_link_is_for_employees_and_not_for_who_was_expelled(scene, community):
    made = await invite(scene, community, uses=5)
    await scene.client("外部", kind="external")
    assert (await accept(scene, "外部", made, status=403))["code"] == "forbidden"
    joined = await join(scene, "甲", community)
    await expel(scene, joined)
    assert (await accept(scene, "甲", made, status=403))["code"] == "forbidden"
    refused = await invite(scene, community, person_id=str(scene.people["甲"]), status=409)
    assert (refused["code"], refused["state"]) == ("illegal_transition", "expelled")
    (listed,) = (await scene.see(scene.again("owner"), PATH, community_id=community["id"]))["items"]
    assert listed["used"] == 0


@pytest.mark.parametrize(
    ("fields", "status", "code", "pointer"),
    [
        ({"days": LONGEST.days + 1}, 422, "invalid", "/expires_at"),
        ({"days": -1}, 422, "invalid", "/expires_at"),
        ({"uses": 0}, 422, "invalid", "/uses"),
        ({"uses": 2, "email": "a@example.com"}, 422, "invalid", "/uses"),
        ({"email": "nobody"}, 422, "invalid", "/email"),
        ({"person_id": "00000000-0000-4000-8000-000000000000"}, 422, "unknown_person", "/person_id"),
        ({"cohort_id": "00000000-0000-4000-8000-000000000000"}, 422, "unknown_cohort", "/cohort_id"),
    ],
)
async def test_what_cannot_be_invited_is_refused_and_leaves_nothing(scene, community, fields, status, code, pointer):
    refused = await invite(scene, community, status=status, **fields)
    assert (refused["code"], [one["pointer"] for one in refused["errors"]]) == (code, [pointer])
    assert (await scene.see(scene.again("owner"), PATH, community_id=community["id"]))["items"] == []


async def test_a_member_is_not_invited_again_nor_is_anybody_to_a_draft(scene, community):
    await join(scene, "甲", community)
    refused = await invite(scene, community, person_id=str(scene.people["甲"]), status=409)
    assert refused["code"] == "already_a_member"
    draft = await scene.community(opened=False)
    assert (await invite(scene, draft, status=409))["state"] == "draft"


async def test_who_comes_in_after_a_mute_is_muted_until_its_end(scene, community):
    joined = await join(scene, "甲", community)
    until = (scene.harness.clock() + timedelta(days=2)).isoformat()
    await scene.send(
        scene.again("owner"), f"/v1/members/{joined['member_id']}/mute", {"until": until, "reason": "刷屏"}
    )
    await leave(scene, "甲", joined)
    assert (await join(scene, "甲", community))["status"] == "muted"
