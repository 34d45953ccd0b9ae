"""Groups that are dealt: what is planned is made, people who come late join the smallest, and nobody is put back who left."""

from collections import Counter

import pytest
from sqlmodel import select

from services.membership.groups.models import GroupMember
from tests.service.membership.scene import DAY

PATH = "/v1/groups/groupings"


@pytest.fixture
async def community(scene):
    """Ten members of two departments beside its owner."""
    made = await scene.community()
    for code in ("A", "B"):
        await scene.send(scene.admin, "/v1/departments", {"code": code, "name": f"部门{code}"})
    for place in range(10):
        await scene.client(f"员工{place}", department_code="A" if place < 6 else "B")
    await scene.import_members(made, [{"employee_no": scene.numbers[f"员工{place}"]} for place in range(10)])
    return made


async def plan(scene, community, *, status=202, **fields):
    body = {"community_id": community["id"], **fields}
    planned = await scene.send(scene.again("owner"), PATH, body, status=status)
    if status == 202:
        await scene.harness.run_jobs()
        planned = await scene.see(scene.again("owner"), f"{PATH}/{planned['id']}")
    return planned


async def apply(scene, planned, *, status=202):
    applied = await scene.send(scene.again("owner"), f"{PATH}/{planned['id']}/apply", status=status)
    if status == 202:
        await scene.harness.run_jobs()
        applied = await scene.see(scene.again("owner"), f"{PATH}/{planned['id']}")
    return applied


async def places(scene, planned):
    found = await scene.see(scene.again("owner"), f"{PATH}/{planned['id']}/places", limit=100)
    return [(one["number"], one["member"]["member_id"], one["member"]["department"]) for one in found["items"]]


async def listed(scene, community):
    found = await scene.see(scene.again("owner"), "/v1/groups", community_id=community["id"])
    return {one["name"]: one for one in found["items"]}


async def belonging(scene, groups):
    """Who belongs to each group, by its name."""
    return {
        name: {
            one["member"]["member_id"]
            for one in (await scene.see(scene.again("owner"), f"/v1/groups/{group['id']}/members"))["items"]
        }
        for name, group in groups.items()
    }


async def test_what_is_planned_is_alike_and_is_what_is_made(scene, community):
    planned = await plan(scene, community, size=4, seed=7)
    assert {name: planned[name] for name in ("status", "members", "groups", "smallest", "largest", "seed")} == {
        "status": "planned", "members": 10, "groups": 3, "smallest": 3, "largest": 4, "seed": 7,
    }  # fmt: skip
    dealt = await places(scene, planned)
    for department in ("A", "B"):
        of_group = Counter(number for number, _, code in dealt if code == department)
        assert max(of_group.values()) - min(of_group.values()) <= 1
    assert await listed(scene, community) == {}, "a plan changes nothing"
    again = await plan(scene, community, size=4, seed=7)
    assert await places(scene, again) == dealt
    await scene.see(scene.again("owner"), f"{PATH}/{planned['id']}", status=404)
    planned = again
    applied = await apply(scene, planned)
    assert (applied["status"], applied["placed"]) == ("applied", 10)
    groups = await listed(scene, community)
    assert {
        name: (one["members"], one["balanced"] and one["grouping_id"], one["leader"]) for name, one in groups.items()
    } == {f"第{number}组": (sum(one == number for one, *_ in dealt), planned["id"], None) for number in (1, 2, 3)}
    assert await belonging(scene, groups) == {
        f"第{number}组": {member for one, member, _ in dealt if one == number} for number in (1, 2, 3)
    }
    assert len(await scene.told("group.joined")) == 10
    assert (await apply(scene, planned))["placed"] == 10, "again it changes nothing"
    assert len(await scene.told("group.joined")) == 10


async def test_the_places_of_what_was_made_say_which_groups_were_made_of_them(scene, community):
    planned = await plan(scene, community, count=3, seed=7)
    path = f"{PATH}/{planned['id']}/places"
    before = (await scene.see(scene.again("owner"), path, limit=100))["items"]
    assert {one["group_id"] for one in before} == {None}, "there are no groups yet"
    await apply(scene, planned)
    after = (await scene.see(scene.again("owner"), path, limit=100))["items"]
    groups = await listed(scene, community)
    assert [one["group_id"] for one in after] == [groups[f"第{one['number']}组"]["id"] for one in before]


async def test_who_comes_late_joins_the_smallest_and_who_left_is_not_put_back(scene, community):
    refused = await plan(scene, community, late=True, status=409)
    assert refused["code"] == "no_groups"
    first = await apply(scene, await plan(scene, community, count=3, seed=1))
    assert (await plan(scene, community, count=3, status=409))["code"] == "groups_stand"
    groups = await listed(scene, community)
    before = await belonging(scene, groups)
    scene.harness.clock.advance(DAY)
    largest = max(before, key=lambda name: len(before[name]))
    quits, out = sorted(before[largest])[:2]
    account = scene.harness.as_service("groups.leave")
    await scene.send(account, f"/v1/groups/{groups[largest]['id']}/leave?member_id={quits}")
    path = f"/v1/groups/{groups[largest]['id']}/remove"
    await scene.send(scene.again("owner"), path, {"member_ids": [out]})
    late = {(await scene.member(f"新人{place}", community))["id"] for place in range(3)}
    planned = await plan(scene, community, late=True)
    assert (planned["members"], planned["late"], planned["largest"]) == (3, True, 4)
    await apply(scene, planned)
    after = await belonging(scene, await listed(scene, community))
    assert set().union(*after.values()) == (set().union(*before.values()) - {quits, out}) | late
    assert sorted(map(len, after.values())) == [3, 4, 4]
    async with scene.harness.runtime.database.reading() as session:
        rows = (await session.exec(select(GroupMember))).all()
    assert {str(row.grouping_id) for row in rows} == {first["id"]}


async def test_nobody_is_in_two_groups_of_one_grouping(scene, community):
    await apply(scene, await plan(scene, community, count=2, seed=1))
    groups = await listed(scene, community)
    before = await belonging(scene, groups)
    one, other = sorted(groups)
    member = min(before[one])
    path = f"/v1/groups/{groups[other]['id']}"
    await scene.change(scene.again("owner"), path, {"capacity": 20})
    refused = await scene.send(scene.again("owner"), f"{path}/add", {"member_ids": [member]}, status=409)
    assert (refused["code"], refused["member_id"]) == ("already_grouped", member)


async def test_who_left_before_the_groups_are_made_is_in_none(scene, community):
    planned = await plan(scene, community, count=2)
    _, member, _ = (await places(scene, planned))[0]
    await scene.send(scene.again("owner"), f"/v1/members/{member}/remove", {"reason": "已离开"})
    assert (await apply(scene, planned))["placed"] == 9


async def test_a_grouping_says_how_large_or_how_many(scene, community):
    for fields in ({}, {"size": 3, "count": 3}, {"late": True, "size": 3}):
        refused = await plan(scene, community, status=422, **fields)
        assert [one["pointer"] for one in refused["errors"]] == ["/size"]
    other = await scene.community(owner="另一位")
    planned = await scene.send(scene.again("另一位"), PATH, {"community_id": other["id"], "count": 3})
    await scene.send(scene.again("另一位"), f"{PATH}/{planned['id']}/apply", status=409)
    await scene.harness.run_jobs()
    assert (await apply_as(scene, planned))["groups"] == 0
    await scene.see(scene.again("owner"), f"{PATH}/{planned['id']}", status=403)


async def apply_as(scene, planned):
    await scene.send(scene.again("另一位"), f"{PATH}/{planned['id']}/apply")
    await scene.harness.run_jobs()
    return await scene.see(scene.again("另一位"), f"{PATH}/{planned['id']}")


async def test_what_members_can_do_is_spread_over_the_groups(scene, community):
    for place in range(10):
        able = ["法律", "Excel"] if place < 3 else ["ｅｘｃｅｌ"]
        mine = await own_membership(scene, f"员工{place}")
        await scene.change(scene.again(f"员工{place}"), f"/v1/members/{mine}", {"skills": able})
    planned = await plan(scene, community, count=3, seed=4, by="skill")
    assert (planned["by"], planned["smallest"], planned["largest"]) == ("skill", 3, 4)
    lawyers = [await own_membership(scene, f"员工{place}") for place in range(3)]
    dealt = await places(scene, planned)
    assert sorted(number for number, member, _ in dealt if member in lawyers) == [1, 2, 3]
    assert (await plan(scene, community, count=3, by="rank", status=422))["errors"][0]["pointer"] == "/by"


async def own_membership(scene, name):
    me = await scene.see(scene.again(name), "/v1/people/me")
    return me["memberships"][0]["member_id"]
