"""Who has agreed to a community's charter: asked of every member, version by version, and nothing follows where they do not."""

import pytest

from tests.service.membership.scene import CHARTER


@pytest.fixture
async def community(scene):
    return await scene.community()


def path(community, version=1):
    return f"/v1/communities/{community['id']}/charters/{version}/agreements"


async def agree(scene, name, community, version=1, **options):
    return await scene.send(scene.again(name), path(community, version), **options)


async def asked(scene, name):
    """The charters that a home asks somebody to agree to."""
    tasks = await scene.see(scene.again(name), "/internal/tasks")
    return [one["href"] for one in tasks if one["code"] == "agree_to_charter"]


async def missing(scene, community, version=1):
    listed = await scene.see(scene.again("owner"), path(community, version) + "/missing")
    return [one["member"]["display_name"] for one in listed["items"]]


async def test_each_version_asks_every_member_and_blocks_nothing(scene, community):
    member = await scene.member("甲", community)
    assert await missing(scene, community) == ["owner", "甲"]
    assert await asked(scene, "甲") == [f"/v1/communities/{community['id']}/charters/1"]
    given = await agree(scene, "甲", community, status=200)
    assert await asked(scene, "甲") == []
    assert given["member_id"] == member["id"]
    assert await agree(scene, "甲", community, status=200) == given
    assert await missing(scene, community) == ["owner"]
    changed = CHARTER | {"vision": "人人乐于分享"}
    await scene.send(scene.again("owner"), f"/v1/communities/{community['id']}/charters", changed)
    assert await missing(scene, community, 2) == ["owner", "甲"]
    assert await asked(scene, "甲") == [f"/v1/communities/{community['id']}/charters/2"]
    # What was given to the version before stays.
    assert await missing(scene, community) == ["owner"]


async def test_nobody_agrees_to_a_version_that_is_past_or_is_not_there(scene, community):
    await scene.member("甲", community)
    changed = CHARTER | {"vision": "人人乐于分享"}
    await scene.send(scene.again("owner"), f"/v1/communities/{community['id']}/charters", changed)
    late = await agree(scene, "甲", community, status=409)
    assert (late["code"], late["version"]) == ("superseded", 2)
    await agree(scene, "甲", community, 3, status=404)
    await scene.client("路人")
    assert (await agree(scene, "路人", community, 2, status=403))["code"] == "forbidden"
    await scene.see(scene.again("甲"), path(community, 2) + "/missing", status=403)
