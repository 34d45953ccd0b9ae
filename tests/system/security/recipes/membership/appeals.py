from datetime import timedelta
from typing import Any

from chassis.ids import new_id
from services.membership.appeals.models import Appeal
from services.membership.penalties.models import Penalty
from tests.system.security.casts.membership import add_person, add_somebody
from tests.system.security.recipe import here, own, recipe, thing
from tests.system.security.world import World

AFTER = ["penalties"]
DENIED = {"outcome": "denied", "reason": "维持。"}

RECIPES = [
    recipe("create_appeal", body={"object": {"kind": "penalty", "id": own("to appeal")}, "words": "是误会"}),
    recipe("list_appeals", query={"community_id": here(), "limit": 100}, shows=own("appeal")),
    recipe("read_appeal", own("appeal")),
    recipe("ask_appellant", here("appeal"), body={"question": "为什么？"}, version=1),
    recipe("answer_in_appeal", own("appeal"), body={"answer": "转发的"}, version=1),
    recipe("decide_appeal", here("appeal"), body=DENIED, version=1),
    recipe("appoint_reviewer", here("nobodys appeal"), body={"person_id": thing("reviewer")}, version=1),
]


async def prepare(world: World) -> None:
    """Everybody has a penalty to appeal against, and an appeal with a question; somebody has one to decide."""
    now = world.harness.clock()
    async with world.transaction() as session:

        async def penalty(community_id: Any, member_id: Any, by: str) -> Any:
            made = Penalty(
                community_id=community_id,
                member_id=member_id,
                case_id=new_id(),
                rule_code="rule",
                rule_version=1,
                severity="minor",
                violation_points=1,
                fine=0,
                since=now,
                imposed_at=now,
                imposed_by=by,
                told_at=now,
            )
            session.add(made)
            await session.flush()
            return made

        async def appeal(community_id: Any, member_id: Any, by: str, **fields: Any) -> Any:
            of = await penalty(community_id, member_id, by)
            made = Appeal(
                community_id=community_id,
                member_id=member_id,
                object_kind="penalty",
                object_id=of.id,
                words="是误会",
                created_at=now,
                due_at=now + timedelta(days=7),
                **fields,
            )
            session.add(made)
            await session.flush()
            return made

        somebody = f"person:{new_id()}"
        asked = {"question": "为什么？", "asked_at": now, "asked_by": somebody}
        for player in world.members:
            player.own["to appeal"] = (await penalty(player.ground.id, player.member_id, somebody)).id
            player.own["appeal"] = (await appeal(player.ground.id, player.member_id, somebody, **asked)).id
        world.things["reviewer"] = new_id()
        add_person(session, world.things["reviewer"], "reviewer", now)
        for ground in world.grounds.values():
            ground.ids["appeal"] = (await appeal(ground.id, ground.ids["muted"], somebody)).id
            # Nobody who runs the community decides about another who does.
            operator = await add_somebody(session, ground.id, "sanctioned operator", now, roles=["operator"])
            ground.ids["nobodys appeal"] = (await appeal(ground.id, operator, somebody)).id
