import zlib
from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.ids import new_id
from services.membership.groups.exports import EXPORT
from services.membership.groups.models import Group, GroupExport, Grouping, GroupingPlace, GroupMember
from tests.system.security.casts.membership import add_somebody
from tests.system.security.recipe import OWN, here, import_recipes, own, recipe
from tests.system.security.world import World

GROUPINGS = {"community_id": here(), "size": 4, "seed": 1}
JOINS = {"member_id": own("joins")}
RECIPES = [
    *import_recipes(
        "groups_import",
        start="import_groups",
        template="read_groups_template",
        query={"community_id": here()},
        ndjson='{"group":"读书互助组","employee_no":"1"}',
    ),
    recipe("create_group_export", body={"community_id": here()}),
    recipe("read_group_export", own("group export"), within="imports.job"),
    recipe("cancel_group_export", own("group export"), within="imports.job"),
    recipe("read_group_export_file", own("written group export"), within="imports.job"),
    recipe("create_grouping", body=GROUPINGS),
    recipe("list_groupings", query={"community_id": here()}, shows=here("grouping")),
    recipe("read_grouping", here("grouping"), shows=here("grouping")),
    recipe("list_grouping_places", here("grouping"), shows=here("group leader")),
    recipe("apply_grouping", here("grouping")),
    recipe("create_group", body={"community_id": here(), "name": "读书互助组", "capacity": 12}),
    recipe("list_groups", query={"community_id": here()}, shows=here("group")),
    recipe("read_group", here("group"), shows=here("group leader")),
    recipe("list_group_members", here("group"), shows=here("group leader")),
    recipe("update_group", own("group"), body={"capacity": 20}, version=1, whose=OWN),
    recipe("dissolve_group", own("group"), whose=OWN),
    recipe("join_group", here("group"), query=JOINS, whose=OWN),
    recipe("leave_group", own("group"), query=JOINS, whose=OWN),
    recipe("add_group_members", here("group"), body={"member_ids": [here("newcomer")]}),
    recipe("remove_group_members", own("group"), body={"member_ids": [here("group member")]}, whose=OWN),
]


async def prepare(world: World) -> None:
    """In each community a group of others; and one for every caller, which members lead, with somebody in it to take out."""
    now = world.harness.clock()
    async with world.transaction() as session:
        for ground in world.grounds.values():
            leader = await add_somebody(session, ground.id, "group leader", now)
            member = await add_somebody(session, ground.id, "group member", now)
            ground.ids["newcomer"] = await add_somebody(session, ground.id, "newcomer", now)
            ground.ids["group leader"], ground.ids["group member"] = leader, member
            ground.ids["grouping"] = await add_plan(session, ground.id, leader, now)
            ground.ids["group"] = await add_group(session, ground.id, leader, member, now)
        for player in world.callers:
            led_by = player.member_id or player.ground.ids["group leader"]
            player.own["joins"] = player.member_id or player.ground.ids["newcomer"]
            there = player.ground.ids["group member"]
            player.own["group"] = await add_group(session, player.ground.id, led_by, there, now)
    await world.jobs_of_everybody("groups_import", "groups.import", of_community=True)
    asked = {"format": "csv", "locale": "en"}
    for name in ("group export", "written group export"):
        await world.jobs_of_everybody(name, EXPORT, of_community=True, params=asked)
    jobs = world.harness.runtime.service.tables.chassis.jobs
    async with world.transaction() as session:
        for player in world.callers:
            job_id = player.own["written group export"]
            done = update(jobs).where(jobs.c.id == job_id).values({"state": "succeeded", "finished_at": now})
            await session.execute(done)
            content = zlib.compress(b"group,employee_no")
            where = {"job_id": job_id, "community_id": player.ground.id}
            session.add(GroupExport(**where, form="csv", content=content, created_at=now))


async def add_plan(session: AsyncSession, community_id: UUID, member: UUID, now: datetime) -> UUID:
    """A grouping that was planned."""
    key = new_id()
    session.add(
        Grouping(
            id=key, community_id=community_id, scope_id=community_id, of_id=key, size=4, seed=1, status="planned",
            created_at=now, planned_at=now, members=1, groups=1, smallest=1, largest=1,
        )
    )  # fmt: skip
    await session.flush()
    session.add(GroupingPlace(grouping_id=key, member_id=member, number=1))
    return key


async def add_group(session: AsyncSession, community_id: UUID, leader: UUID, member: UUID, now: datetime) -> UUID:
    """A group whose name everybody reads."""
    group = Group(
        community_id=community_id,
        name="图书角小组",
        readable=True,
        capacity=12,
        members=2,
        leader_id=leader,
        created_at=now,
    )
    session.add(group)
    await session.flush()
    for one in (leader, member):
        session.add(
            GroupMember(group_id=group.id, member_id=one, community_id=community_id, since=now, messages_published=1)
        )
    await session.flush()
    return group.id
