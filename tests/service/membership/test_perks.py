"""A level grants roles, and takes them along when it goes; what a person gave stays."""

from uuid import UUID

import pytest

from chassis.testing import received
from contracts.gamification import LevelDemoted, LevelPromoted, PerksChanged, Rung


class Levels:
    """The gamification service, as it tells of one member's levels."""

    def __init__(self, scene, community, member):
        self.scene, self.community, self.member, self.version = scene, community, member, 0

    def message(self, *roles, kind=LevelPromoted):
        self.version += 1
        data = kind(
            community_id=UUID(self.community["id"]),
            member_id=UUID(self.member["id"]),
            from_=Rung(code="expert", position=3),
            to=Rung(code="mentor", position=4),
            xp=4000,
            granted_roles=roles,
        )
        return received(data, occurred_at=self.scene.harness.clock(), version=self.version)

    async def tell(self, *roles, kind=LevelPromoted):
        await self.scene.harness.deliver(self.message(*roles, kind=kind))

    async def grants(self):
        found = await self.scene.see(self.scene.again("owner"), "/v1/role-grants", member_id=self.member["id"])
        return {(one["role"], one["cause"]) for one in found["items"]}

    async def by_person(self, role, *, status=201):
        body = {"member_id": self.member["id"], "role": role}
        return await self.scene.send(self.scene.again("owner"), "/v1/role-grants", body, status=status)


@pytest.fixture
async def levels(scene):
    community = await scene.community()
    return Levels(scene, community, await scene.member("teacher", community))


async def test_a_perk_comes_and_goes_with_the_level(levels):
    await levels.tell("mentor")
    assert await levels.grants() == {("mentor", "perk")}
    changed = (await levels.scene.harness.published("member.role_changed"))[-1]
    assert changed.data["roles"] == ["mentor"]
    await levels.tell("lecturer", "mentor")
    assert await levels.grants() == {("mentor", "perk"), ("lecturer", "perk")}
    await levels.tell(kind=LevelDemoted)
    assert await levels.grants() == set()
    assert (await levels.scene.harness.published("member.role_changed"))[-1].data["roles"] == []


async def test_what_a_level_grants_that_the_member_keeps_comes_and_goes(levels):
    await levels.tell("mentor")

    async def changed(*roles):
        levels.version += 1
        data = PerksChanged(
            community_id=UUID(levels.community["id"]),
            member_id=UUID(levels.member["id"]),
            level=Rung(code="mentor", position=4),
            granted_roles=roles,
        )
        at = levels.scene.harness.clock()
        await levels.scene.harness.deliver(received(data, occurred_at=at, version=levels.version))

    await changed("lecturer")
    assert await levels.grants() == {("lecturer", "perk")}
    await changed()
    assert await levels.grants() == set()


async def test_a_role_that_a_person_granted_stays(levels):
    await levels.by_person("mentor")
    await levels.tell("mentor")
    await levels.tell(kind=LevelDemoted)
    assert await levels.grants() == {("mentor", "person")}


async def test_what_arrives_late_or_again_changes_nothing(levels):
    first, second = levels.message("mentor"), levels.message(kind=LevelDemoted)
    await levels.scene.harness.deliver(second)
    await levels.scene.harness.deliver(first)
    assert await levels.grants() == set()
    third = levels.message("mentor")
    await levels.scene.harness.deliver(third, third)
    await levels.scene.harness.deliver(third)
    assert await levels.grants() == {("mentor", "perk")}
    assert len(await levels.scene.harness.published("member.role_changed")) == 1


async def test_a_perk_that_somebody_revoked_is_not_given_again_by_the_next_level(levels):
    await levels.tell("mentor")
    (granted,) = (
        await levels.scene.see(levels.scene.again("owner"), "/v1/role-grants", member_id=levels.member["id"])
    )["items"]
    await levels.scene.send(levels.scene.again("owner"), f"/v1/role-grants/{granted['id']}/revoke")
    await levels.tell("lecturer", "mentor")
    assert await levels.grants() == {("lecturer", "perk")}


async def test_no_level_makes_an_owner(levels):
    await levels.tell("owner", "operator", "moderator")
    assert await levels.grants() == set()


async def test_who_has_left_is_given_nothing(levels):
    await levels.scene.send(levels.scene.again("teacher"), f"/v1/members/{levels.member['id']}/leave")
    await levels.tell("mentor")
    assert await levels.grants() == set()
