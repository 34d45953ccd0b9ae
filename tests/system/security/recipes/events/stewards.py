from services.events.registrations.models import Registration
from services.events.registrations.passes import pass_for
from services.events.stewards.models import Steward
from tests.system.security.casts.activities import an_activity
from tests.system.security.recipe import Whose, own, recipe, theirs
from tests.system.security.world import World

AFTER = ["activities", "attendances"]
RUNS: tuple[Whose, ...] = ("assigned", "other")
"""Everybody is a steward of the activity that they are assigned to scan at; nobody owns one."""
SCAN = "01900000-0000-7000-8000-00000000000a"

RECIPES = [
    recipe("list_stewards", own("activity run"), whose=RUNS),
    recipe("add_steward", own("activity run"), theirs(), whose=RUNS),
    recipe("remove_steward", own("activity run"), theirs(), whose=RUNS),
    recipe("count_attendances", own("activity scanned"), whose=RUNS),
    recipe(
        "scan_pass",
        body={"activity_id": own("activity scanned"), "pass": own("pass"), "client_id": SCAN},
        whose=RUNS,
    ),
    recipe(
        "batch_scans",
        body={"activity_id": own("activity scanned"), "scans": [{"pass": own("pass"), "client_id": SCAN}]},
        whose=RUNS,
        per_item=True,
    ),
]


async def prepare(world: World) -> None:
    now = world.harness.clock()
    key = world.harness.runtime.address_secret
    async with world.transaction() as session:
        for player in world.members:
            assert player.member_id is not None
            one = an_activity(player.ground.id, now, starts_at=now, confirmed=1)
            session.add(one)
            await session.flush()
            comes = Registration(
                community_id=player.ground.id,
                activity_id=one.id,
                member_id=player.ground.ids["organiser"],
                status="confirmed",
                registered_at=now,
                seated_at=now,
            )
            session.add_all([comes, Steward(activity_id=one.id, member_id=player.member_id, granted_at=now)])
            player.own["activity scanned"] = player.assigned["activity scanned"] = one.id
            player.own["pass"] = player.assigned["pass"] = pass_for(key, comes.id)
