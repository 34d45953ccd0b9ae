from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.ids import new_id
from services.gamification.base import known_groups
from services.gamification.plans.models import CheckinPlan, PlanComment, PlanEntry, PlanParticipant
from tests.system.security.recipe import OWN, here, own, recipe, theirs
from tests.system.security.world import World

ONE = here("checkin_plan")
ENTRY = own("plan_entry")
BODY = {"community_id": here(), "title": "读书营", "starts_on": "2024-06-01", "ends_on": "2024-06-21"}
REVIEWED: Any = {"but": ("L",), "why": "a lecturer reads what everybody handed in, to review it"}

RECIPES = [
    recipe("create_checkin_plan", body=BODY),
    recipe("list_checkin_plans", query={"community_id": here()}, shows=ONE),
    recipe("list_checkin_plans", query={"mine": True}, people_only=True, whose=OWN, shows=ONE),
    recipe("read_checkin_plan", ONE, shows=ONE),
    recipe("update_checkin_plan", ONE, body={"title": "早读营"}, version=1),
    recipe("cancel_checkin_plan", ONE),
    recipe("join_checkin_plan", ONE, whose=OWN),
    recipe("read_checkin_plan_progress", own("plan"), shows=own()),
    recipe("read_checkin_plan_workbook", ONE),
    recipe("list_checkin_plan_groups", ONE, shows=here("plan_group")),
    recipe("list_checkin_plan_entries", own("plan"), shows=ENTRY, **REVIEWED),
    recipe("list_own_checkin_plan_entries", query={"community_id": here()}, people_only=True, whose=OWN, shows=ENTRY),
    recipe("read_checkin_plan_entry", ENTRY, shows=ENTRY, **REVIEWED),
    recipe("review_checkin_plan_entry", theirs("plan_entry"), body={"verdict": "returned", "reason": "请补充心得"}),
    recipe(
        "hand_in_checkin_plan_entry",
        ENTRY,
        body={"note": "补充"},
        whose=OWN,
        also={"everyone": 409},
        why="it was not returned",
    ),
    recipe("add_checkin_plan_reaction", ENTRY, "like", whose=OWN),
    recipe("remove_checkin_plan_reaction", ENTRY, "like", whose=OWN),
    recipe("list_checkin_plan_comments", ENTRY, shows=own("plan_comment"), **REVIEWED),
    recipe("create_checkin_plan_comment", ENTRY, body={"body": "写得好"}, whose=OWN),
    recipe("read_checkin_plan_comment", own("plan_comment"), shows=own("plan_comment"), **REVIEWED),
    recipe("remove_checkin_plan_comment", own("plan_comment"), whose=OWN),
    recipe("leave_checkin_plan", ONE, whose=OWN),
]


async def prepare(world: World) -> None:
    now = world.harness.clock()

    def plan(community_id: UUID) -> CheckinPlan:
        return CheckinPlan(
            community_id=community_id,
            title="打卡营",
            starts_on=now.date() - timedelta(days=3),
            ends_on=now.date() + timedelta(days=30),
            days="all",
            requires="none",
            note_visibility="plan",
            remind_at="20:00",
            complete_at=80,
            participants=1,
            created_at=now,
        )

    async with world.transaction() as session:
        for ground in world.grounds.values():
            made = plan(ground.id)
            session.add(made)
            ground.ids["checkin_plan"] = made.id
            for name in ("plan_group", "other plan_group"):
                ground.ids[name] = await add_group(session, ground.id, name)
        for player in world.members:
            assert player.member_id is not None
            made = plan(player.ground.id)
            session.add(made)
            await session.flush()
            for plan_id in (made.id, player.ground.ids["checkin_plan"]):
                session.add(PlanParticipant(plan_id=plan_id, member_id=player.member_id, joined_at=now))
            (await session.get_one(CheckinPlan, player.ground.ids["checkin_plan"])).participants += 1
            for name in ("plan_group", "other plan_group"):
                await add_to_group(session, player.ground.ids[name], player.ground.id, player.member_id, now)
            entry = PlanEntry(
                community_id=player.ground.id,
                plan_id=made.id,
                member_id=player.member_id,
                checkin_id=new_id(),
                day=now.date(),
                time_zone="Asia/Shanghai",
                origin="now",
                note="读了两章",
                status="done",
                submitted_at=now,
                comments=1,
            )
            session.add(entry)
            await session.flush()
            comment = PlanComment(
                community_id=player.ground.id,
                entry_id=entry.id,
                author_id=player.member_id,
                body="加油",
                created_at=now,
            )
            session.add(comment)
            player.own |= {"plan": made.id, "plan_entry": entry.id, "plan_comment": comment.id}


async def add_group(session: AsyncSession, community_id: UUID, name: str) -> UUID:
    """A group as gamification knows it."""
    key = new_id()
    row = {"id": key, "community_id": community_id, "name": name, "dissolved": False, "version": 1}
    await session.execute(insert(known_groups.groups).values(row))
    return key


async def add_to_group(
    session: AsyncSession, group_id: UUID, community_id: UUID, member_id: UUID, now: datetime
) -> None:
    """That a member belongs to it."""
    ids = {"id": new_id(), "community_id": community_id, "group_id": group_id, "member_id": member_id}
    row = ids | {"since": now, "belongs": True, "version": 1}
    await session.execute(insert(known_groups.members).values(row))
