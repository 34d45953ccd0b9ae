from typing import Any
from uuid import uuid5

from services.analytics.automations.models import Automation, AutomationFiring
from tests.system.security.recipe import here, recipe
from tests.system.security.world import World

AFTER = ["insights"]
SILENT = {"kind": "silence", "days": 3}

RECIPES = [
    recipe(
        "create_automation",
        body={
            "community_id": here(),
            "title": "三天没动静就告诉导师",
            "trigger": SILENT,
            "tell": "mentors",
            "cohort_id": here("cohort"),
        },
    ),
    recipe("list_automations", query={"community_id": here()}, shows=here("automation")),
    recipe("read_automation", here("automation"), shows=here("automation")),
    recipe("update_automation", here("automation"), body={"cohort_id": here("cohort")}, version=1),
    recipe("try_automation", here("automation")),
    recipe("switch_automation_on", here("automation tried")),
    recipe("switch_automation_off", here("automation on")),
    recipe("list_automation_firings", here("automation on"), shows=here("firing of automation")),
]


async def prepare(world: World) -> None:
    now = world.harness.clock()
    async with world.transaction() as session:
        for ground in world.grounds.values():
            kinds: tuple[tuple[str, dict[str, Any]], ...] = (
                ("automation", {}),
                ("automation tried", {"tried_version": 1, "tried_at": now}),
                ("automation on", {"tried_version": 1, "tried_at": now, "status": "on"}),
            )
            for name, fields in kinds:
                one = Automation(
                    community_id=ground.id,
                    title="三天没动静就告诉导师",
                    trigger_kind="silence",
                    listens_to="silence",
                    days=3,
                    tell="mentors",
                    created_at=now,
                    **fields,
                )
                session.add(one)
                ground.ids[name] = one.id
            await session.flush()
            firing = AutomationFiring(
                id=uuid5(ground.ids["automation on"], "somebody"),
                automation_id=ground.ids["automation on"],
                community_id=ground.id,
                cause_kind="member",
                cause_id=ground.ids["runner"],
                member_id=ground.ids["runner"],
                at=now,
            )
            session.add(firing)
            ground.ids["firing of automation"] = firing.id
