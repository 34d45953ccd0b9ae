"""Groups: who forms, changes and leaves them, how many they hold, and what becomes of them when somebody goes."""

import asyncio
from uuid import UUID

import pytest
from sqlmodel import col, select

from chassis.messaging.republish import republish
from chassis.testing import received
from contracts.content import TextDecided
from contracts.texts import TextObject
from services.membership.groups.following import return_to_groups
from services.membership.groups.models import Group
from services.membership.groups.snapshots import group_member_snapshots, group_snapshots
from services.membership.roster.joining import lock_member
from tests.service.membership.scene import DAY

PATH = "/v1/groups"
WAITING = "（内容审核中）Under review"


@pytest.fixture
async def community(scene):
    return await scene.community()


@pytest.fixture
async def members(scene, community):
    """Four members by name."""
    return {name: (await scene.member(name, community))["id"] for name in ("甲", "乙", "丙", "丁")}


@pytest.fixture
async def group(scene, community, members):
    """A group of three that 甲 has formed and 乙 has joined."""
    made = await form(scene, community, by="甲", capacity=3, purpose="每周一起读一章")
    return await join(scene, made, "乙")


async def form(scene, community, *, by, status=201, **fields):
    body = {"community_id": community["id"], "name": "读书互助组", **fields}
    return await scene.send(scene.again(by), PATH, body, status=status)


async def join(scene, group, name, *, status=200):
    return await scene.send(scene.again(name), f"{PATH}/{group['id']}/join", status=status)


async def seen(scene, group, by="owner"):
    return await scene.see(scene.again(by), f"{PATH}/{group['id']}")


async def names(scene, group, by="owner"):
    found = await scene.see(scene.again(by), f"{PATH}/{group['id']}/members")
    return [one["member"]["display_name"] for one in found["items"]]


def leader(group):
    return group["leader"] and group["leader"]["display_name"]


async def decide(scene, group, verdict, *, version=1):
    """What moderation answers about what was written last."""
    (*_, written) = [one for one in await scene.told("text.written") if one["object"]["id"] == group["id"]]
    key, about = UUID(group["id"]), TextObject(**written["object"])
    decided = TextDecided(community_id=UUID(group["community_id"]), object=about, root_id=key, verdict=verdict)
    await scene.harness.deliver(received(decided, occurred_at=scene.harness.clock(), version=version))


# --- forming and joining -------------------------------------------------------------------------------------------


async def test_whoever_forms_a_group_leads_it_and_belongs_to_it(scene, community, members):
    made = await form(scene, community, by="甲")
    assert (leader(made), made["members"], made["mine"] is not None) == ("甲", 1, True)
    assert made["viewer"]["can"] == ["update", "remove", "dissolve", "leave"]
    assert (await seen(scene, made))["viewer"]["can"][:2] == ["update", "add"], "who runs the community puts others in"
    (formed,) = await scene.told("group.formed")
    assert (formed["name"], formed["leader_id"], formed["dissolved"]) == (WAITING, members["甲"], False)
    (joined,) = await scene.harness.published("group.joined")
    assert (joined.version, joined.data["member_id"], joined.data["belongs"]) == (1, members["甲"], True)


async def test_only_who_runs_the_community_names_somebody_else_as_leader(scene, community, members):
    await form(scene, community, by="甲", leader_id=members["乙"], status=403)
    assert leader(await form(scene, community, by="owner", leader_id=members["乙"])) == "乙"
    nobody = await form(scene, community, by="owner", leader_id=None)
    assert (leader(nobody), nobody["members"]) == (None, 0)
    refused = await form(scene, community, by="owner", leader_id=community["id"], status=422)
    assert (refused["code"], refused["errors"][0]["pointer"]) == ("unknown_member", "/leader_id")


async def test_a_group_holds_no_more_than_its_capacity_however_many_come_at_once(scene, community, members):
    made = await form(scene, community, by="甲", capacity=3)
    answers = await asyncio.gather(
        *(scene.again(name).post(f"{PATH}/{made['id']}/join") for name in ("乙", "丙", "丁"))
    )
    assert sorted(answer.status_code for answer in answers) == [200, 200, 409]
    (refused,) = [answer.json() for answer in answers if answer.status_code == 409]
    assert refused["code"] == "group_full"
    assert (await seen(scene, made))["members"] == 3
    await scene.change(scene.again("甲"), f"{PATH}/{made['id']}", {"capacity": 2}, status=422)
    await scene.change(scene.again("甲"), f"{PATH}/{made['id']}", {"capacity": 4})
    for name in ("乙", "丙", "丁", "丁"):
        await join(scene, made, name)
    assert sorted(await names(scene, made)) == ["丁", "丙", "乙", "甲"]
    assert len(await scene.told("group.joined")) == 4


async def test_a_group_of_a_cohort_is_joined_by_its_members(scene, community, members):
    cohort = await scene.send(
        scene.again("owner"), "/v1/cohorts", {"community_id": community["id"], "code": "2026-1", "name": "首期"}
    )
    made = await form(scene, community, by="owner", cohort_id=cohort["id"])
    assert (await join(scene, made, "甲", status=409))["code"] == "group_of_cohort"
    assert (await seen(scene, made, by="甲"))["viewer"]["cannot"]["join"] == "group_of_cohort"
    body = {"action": "set_cohort", "ids": [members["甲"]], "cohort_id": cohort["id"]}
    await scene.send(scene.again("owner"), "/v1/members/batch", body)
    await join(scene, made, "甲")
    listed = await scene.see(scene.again("甲"), PATH, community_id=community["id"], cohort_id=cohort["id"])
    assert [one["cohort"]["code"] for one in listed["items"]] == ["2026-1"]


async def test_nobody_belongs_to_more_than_twenty_groups(scene, community, members):
    for _ in range(20):
        await form(scene, community, by="甲")
    assert (await form(scene, community, by="甲", status=409))["code"] == "too_many_groups"
    made = await form(scene, community, by="乙")
    assert (await seen(scene, made, by="甲"))["viewer"]["cannot"]["join"] == "too_many_groups"
    refused = await scene.send(
        scene.again("owner"), f"{PATH}/{made['id']}/add", {"member_ids": [members["丙"], members["甲"]]}, status=409
    )
    assert (refused["code"], refused["member_id"]) == ("too_many_groups", members["甲"])
    assert await names(scene, made) == ["乙"]


async def test_a_service_account_names_whom_it_is_about(scene, community, members, group):
    account = scene.harness.as_service("groups.join", "groups.leave", "groups.read")
    await scene.send(account, f"{PATH}/{group['id']}/join", status=422)
    await scene.send(account, f"{PATH}/{group['id']}/join?member_id={members['丙']}")
    assert await names(scene, group) == ["甲", "乙", "丙"]
    await scene.send(account, f"{PATH}/{group['id']}/leave?member_id={members['丙']}")
    assert await names(scene, group) == ["甲", "乙"]
    await scene.send(scene.again("丁"), f"{PATH}/{group['id']}/join?member_id={members['丙']}", status=403)


# --- changing ------------------------------------------------------------------------------------------------------


async def test_its_leader_and_who_runs_the_community_change_it_and_nobody_else(scene, members, group):
    path = f"{PATH}/{group['id']}"
    for name in ("乙", "丙"):
        await scene.change(scene.again(name), path, {"capacity": 5}, status=403)
        await scene.send(scene.again(name), f"{path}/dissolve", status=403)
        for verb in ("add", "remove"):
            await scene.send(scene.again(name), f"{path}/{verb}", {"member_ids": [members["丁"]]}, status=403)
        assert (await seen(scene, group, by=name))["viewer"]["cannot"]["update"] == "forbidden"
    await scene.change(scene.again("甲"), path, {"capacity": 5})
    await scene.send(scene.again("甲"), f"{path}/add", {"member_ids": [members["丁"]]}, status=403)
    await scene.change(scene.again("owner"), path, {"capacity": 6})
    stale = await scene.again("甲").patch(path, json={"capacity": 7}, headers={"If-Match": '"1"'})
    assert stale.status_code == 412


async def test_members_are_put_in_and_taken_out_all_or_none(scene, community, members, group):
    path = f"{PATH}/{group['id']}"
    both = {"member_ids": [members["丙"], members["丁"]]}
    assert (await scene.send(scene.again("owner"), f"{path}/add", both, status=409))["code"] == "group_full"
    assert await names(scene, group) == ["甲", "乙"]
    elsewhere = (await scene.community(owner="另一位"))["id"]
    refused = await scene.send(scene.again("owner"), f"{path}/add", {"member_ids": [elsewhere]}, status=422)
    assert refused["code"] == "unknown_member"
    refused = await scene.send(
        scene.again("甲"), f"{path}/remove", {"member_ids": [members["乙"], elsewhere]}, status=422
    )
    assert (refused["code"], len(refused["errors"])) == ("unknown_member", 1)
    await scene.send(scene.again("owner"), f"{path}/add", {"member_ids": [members["丙"], members["乙"]]})
    assert await names(scene, group) == ["甲", "乙", "丙"]
    await scene.send(scene.again("甲"), f"{path}/remove", {"member_ids": [members["乙"], members["丁"]]})
    assert await names(scene, group) == ["甲", "丙"]
    (*_, left) = await scene.harness.published("group.left")
    assert (left.data["member_id"], left.data["belongs"], left.version) == (members["乙"], False, 2)


async def test_a_leader_belongs_to_the_group_and_passes_it_on(scene, members, group):
    path = f"{PATH}/{group['id']}"
    refused = await scene.change(scene.again("甲"), path, {"leader_id": members["丙"]}, status=422)
    assert refused["errors"][0]["pointer"] == "/leader_id"
    assert leader(await scene.change(scene.again("甲"), path, {"leader_id": members["乙"]})) == "乙"
    await scene.change(scene.again("甲"), path, {"capacity": 9}, status=403)
    assert (await scene.told("group.updated"))[-1]["leader_id"] == members["乙"]


async def test_a_dissolved_group_has_nobody_and_its_last_members_find_it_still(scene, community, members, group):
    path = f"{PATH}/{group['id']}"
    gone = await scene.send(scene.again("甲"), f"{path}/dissolve")
    assert (gone["status"], gone["members"], leader(gone)) == ("dissolved", 0, None)
    await scene.send(scene.again("owner"), f"{path}/dissolve")
    assert [one["dissolved"] for one in await scene.told("group.dissolved")] == [True]
    assert await scene.told("group.left") == []
    assert (await join(scene, group, "丙", status=409))["code"] == "illegal_transition"
    active = await scene.see(scene.again("甲"), PATH, community_id=community["id"])
    mine = await scene.see(scene.again("甲"), PATH, mine=True, status=200)
    assert (active["items"], mine["items"]) == ([], [])
    found = await scene.again("甲").get(PATH, params={"mine": True, "status": "dissolved"})
    assert [one["id"] for one in found.json()["items"]] == [group["id"]]


# --- what is written -----------------------------------------------------------------------------------------------


async def test_others_read_a_name_once_moderation_has_let_it_through(scene, members, group):
    assert [(await seen(scene, group, by=one))["name"] for one in ("甲", "owner", "丙")] == [
        "读书互助组",
        "读书互助组",
        "Under review",
    ]
    for name in ("甲", "丙"):
        assert (await seen(scene, group, by=name))["hidden"] == "waiting"
    listed = await scene.again("丙").get(
        PATH, params={"community_id": group["community_id"]}, headers={"Accept-Language": "zh-CN"}
    )
    assert [(one["name"], one["hidden"]) for one in listed.json()["items"]] == [("（内容审核中）", "waiting")]
    await decide(scene, group, "allow")
    shown = await seen(scene, group, by="丙")
    assert (shown["name"], shown["purpose"], shown["hidden"]) == ("读书互助组", "每周一起读一章", None)
    await scene.change(scene.again("甲"), f"{PATH}/{group['id']}", {"name": "新名字"})
    assert (await seen(scene, group, by="丙"))["name"] == "Under review"
    await decide(scene, group, "remove", version=2)
    assert (await seen(scene, group, by="丙"))["name"] == "Under review"
    for name in ("甲", "丙"):
        assert (await seen(scene, group, by=name))["hidden"] == "removed"
    assert [one["name"] for one in await scene.told("group.updated")] == ["读书互助组", WAITING]


# --- going ---------------------------------------------------------------------------------------------------------


async def test_a_leader_who_leaves_is_followed_by_who_has_belonged_longest(scene, community, members):
    group = await join(scene, await form(scene, community, by="owner", leader_id=members["甲"], capacity=3), "乙")
    scene.harness.clock.advance(DAY)
    await join(scene, group, "丙")
    await scene.send(scene.again("甲"), f"{PATH}/{group['id']}/leave")
    assert leader(await seen(scene, group)) == "乙"
    await scene.send(scene.again("乙"), f"/v1/members/{members['乙']}/leave")
    found = await seen(scene, group)
    assert (leader(found), found["members"], await names(scene, group)) == ("丙", 1, ["丙"])
    left_at = scene.harness.clock()
    await scene.send(scene.admin, f"/v1/people/{scene.people['丙']}/leave")
    queues = await scene.see(scene.again("owner"), "/internal/desk", community_id=community["id"])
    (waiting,) = [one for one in queues if one["code"] == "groups_without_leader"]
    assert (waiting["count"], waiting["oldest_at"]) == (1, left_at.isoformat().replace("+00:00", "Z"))
    vacant = await scene.see(scene.again("owner"), waiting["href"])
    assert [one["id"] for one in vacant["items"]] == [group["id"]]


async def test_a_group_that_a_member_formed_ends_with_its_last_one_and_no_other_does(scene, community, members, group):
    for name in ("甲", "乙"):
        await scene.change(scene.again("owner"), f"{PATH}/{group['id']}", {"leader_id": None})
        last = await scene.send(scene.again(name), f"{PATH}/{group['id']}/leave")
    assert (last["status"], last["members"], leader(last), last["viewer"]["can"]) == ("dissolved", 0, None, [])
    (*_, left) = await scene.harness.published("group.left")
    (dissolved,) = await scene.harness.published("group.dissolved")
    assert (left.data["member_id"], left.data["belongs"], dissolved.data["dissolved"]) == (members["乙"], False, True)
    assert (await join(scene, group, "丙", status=409))["code"] == "illegal_transition"
    taken, gone, theirs = [
        await form(scene, community, by=by, leader_id=members[name])
        for by, name in (("丙", "丙"), ("丁", "丁"), ("owner", "丙"))
    ]
    for made in (taken, theirs):
        await scene.send(scene.again("丙"), f"{PATH}/{made['id']}/remove", {"member_ids": [members["丙"]]})
    await scene.send(scene.again("丁"), f"/v1/members/{members['丁']}/leave")
    statuses = [(await seen(scene, made))["status"] for made in (taken, gone, theirs)]
    assert statuses == ["dissolved", "dissolved", "active"]


async def test_who_was_removed_wrongly_comes_back_to_what_is_not_filled(scene, community, members, group):
    full = await form(scene, community, by="乙", capacity=2)
    await join(scene, full, "甲")
    gone = await form(scene, community, by="甲", name="已散")
    since = scene.harness.clock()
    await scene.send(scene.again("owner"), f"/v1/members/{members['甲']}/remove", {"reason": "误判"})
    await join(scene, full, "丙")
    await scene.send(scene.again("owner"), f"{PATH}/{gone['id']}/dissolve")
    scene.harness.clock.advance(DAY)
    async with scene.harness.runtime.database.transaction() as session:
        member, _ = await lock_member(session, UUID(members["甲"]))
        member.status, member.ended_at = "active", None
        count, left = await return_to_groups(session, member, since, scene.harness.clock())
    assert (count, dict(left)) == (1, {UUID(full["id"]): "group_full", UUID(gone["id"]): "illegal_transition"})
    assert sorted(await names(scene, group)) == ["乙", "甲"]
    assert leader(await seen(scene, group)) == "乙", "somebody else leads it since"
    (*_, joined) = await scene.harness.published("group.joined")
    assert (joined.data["member_id"], joined.data["group_id"], joined.version) == (members["甲"], group["id"], 3)


# --- telling -------------------------------------------------------------------------------------------------------


async def test_what_is_restated_is_what_is_so(scene, members, group):
    await scene.send(scene.again("乙"), f"{PATH}/{group['id']}/leave")
    database = scene.harness.runtime.database
    for snapshots in (group_snapshots, group_member_snapshots):
        async for _ in republish(database, snapshots):
            pass
    (state,) = await scene.harness.published("group.snapshot")
    assert (state.data["group_id"], state.version) == (group["id"], 1)
    pairs = {one.data["member_id"]: one for one in await scene.harness.published("group_member.snapshot")}
    assert {
        name: (pairs[id_].data["belongs"], pairs[id_].version) for name, id_ in members.items() if id_ in pairs
    } == {
        "甲": (True, 1),
        "乙": (False, 2),
    }


async def test_a_group_of_another_community_is_not_there(scene, group):
    await scene.client("外人")
    for path in (f"{PATH}/{group['id']}", f"{PATH}/{group['id']}/members"):
        await scene.see(scene.again("外人"), path, status=404)
    async with scene.harness.runtime.database.reading() as session:
        row = (await session.exec(select(Group).where(col(Group.id) == UUID(group["id"])))).one()
    assert row.members == 2
