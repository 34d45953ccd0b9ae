from datetime import timedelta

from services.gamification.plans.models import CheckinPlan, PlanParticipant
from tests.system.security.recipe import OWN, here, recipe
from tests.system.security.world import World

ONE = here("checkin_plan")
BODY = {"community_id": here(), "title": "读书营", "starts_on": "2024-06-01", "ends_on": "2024-06-21"}

RECIPES = [
    recipe("create_checkin_plan", body=BODY),
    recipe("list_checkin_plans", query={"community_id": here()}, shows=ONE),
    recipe("list_checkin_plans", query={"mine": True}, people_only=True, whose=OWN),
    recipe("read_checkin_plan", ONE, shows=ONE),
    recipe("update_checkin_plan", ONE, body={"title": "早读营"}, version=1),
    recipe("cancel_checkin_plan", ONE),
    recipe("join_checkin_plan", ONE, whose=OWN),
    recipe("read_checkin_plan_progress", ONE),
    recipe("leave_checkin_plan", ONE, whose=OWN),
]


async def prepare(world: World) -> None:
    now = world.harness.clock()
    async with world.transaction() as session:
        for ground in world.grounds.values():
            plan = CheckinPlan(
                community_id=ground.id,
                title="打卡营",
                starts_on=now.date() - timedelta(days=3),
                ends_on=now.date() + timedelta(days=30),
                days="all",
                requires="none",
                note_visibility="plan",
                remind_at="20:00",
                complete_at=80,
                created_at=now,
            )
            session.add(plan)
            await session.flush()
            ground.ids["checkin_plan"] = plan.id
        for player in world.members:
            assert player.member_id is not None
            plan_id = player.ground.ids["checkin_plan"]
            session.add(PlanParticipant(plan_id=plan_id, member_id=player.member_id, joined_at=now))
            (await session.get_one(CheckinPlan, plan_id)).participants += 1
