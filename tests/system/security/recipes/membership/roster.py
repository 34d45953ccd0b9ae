from datetime import timedelta

from chassis.ids import new_id
from services.membership.roster.models import ShortMute
from tests.system.security.casts.membership import FAR, add_member, add_person
from tests.system.security.recipe import Ref, here, import_recipes, own, recipe, theirs
from tests.system.security.world import World

AFTER = ["cohorts"]
TOMORROW = Ref(lambda world, _case: (world.harness.clock() + timedelta(days=1)).isoformat())
ONE = {"ids": [theirs()]}

RECIPES = [
    *import_recipes(
        "members_import",
        start="import_members",
        template="read_members_template",
        query={"community_id": here()},
        ndjson='{"employee_no":"1"}',
    ),
    recipe("list_members", query={"community_id": here(), "limit": 100}, shows=own()),
    recipe("read_member", own()),
    recipe(
        "batch_members",
        body={"action": "set_cohort", "cohort_id": here("cohort")} | ONE,
        per_item=True,
    ),
    recipe(
        "batch_members",
        body={"action": "remove", "reason": "违规"} | ONE,
        per_item=True,
        row="members.remove",
        why="each item is decided as if it had come alone",
    ),
    recipe("leave_community", own()),
    recipe("remove_member", theirs(), body={"reason": "违规"}),
    recipe("update_own_membership", own(), body={"on_boards": False}, version=1),
    recipe("mute_member", theirs(), body={"until": TOMORROW, "reason": "刷屏"}),
    recipe("unmute_member", here("muted")),
]


async def prepare(world: World) -> None:
    now = world.harness.clock()
    async with world.transaction() as session:
        for ground in world.grounds.values():
            person_id = new_id()
            add_person(session, person_id, "muted", now)
            await session.flush()
            ground.ids["muted"] = muted = await add_member(session, ground.id, person_id, now, "muted")
            giver = f"person:{new_id()}"
            mute = {"community_id": ground.id, "member_id": muted, "reason": "刷屏", "given_by": giver}
            session.add(ShortMute.model_validate(mute | {"given_at": now, "until": FAR}))
    await world.jobs_of_everybody("members_import", "members.import", of_community=True)
