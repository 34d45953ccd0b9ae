from sqlalchemy import select
from sqlmodel import col

from services.membership.application_holds.models import ApplicationHold
from services.membership.applications.models import Application
from tests.system.security.recipe import recipe, thing
from tests.system.security.world import World

HOLD = thing("hold")
WHY = "仲裁"

AFTER = ["screening_tests"]

RECIPES = [
    recipe("hold_application", body={"application_id": thing("application to hold"), "reason": WHY}),
    recipe("list_application_holds", shows=HOLD),
    recipe("read_application_hold", HOLD, shows=HOLD),
    recipe("lift_application_hold", HOLD, body={"reason": WHY}),
]


async def prepare(world: World) -> None:
    """Two applications of the neighbour's, of which one is held."""
    now = world.harness.clock()
    async with world.transaction() as session:
        theirs = (
            select(Application)
            .where(col(Application.person_id) == world.neighbour.person_id, col(Application.submitted_at).is_not(None))
            .order_by(col(Application.id))
            .limit(2)
        )
        held, other = (await session.execute(theirs)).scalars().all()
        hold = ApplicationHold(
            application_id=held.id, community_id=held.community_id, reason=WHY, held_by="system", held_at=now
        )
        session.add(hold)
        held.held_since = now
        world.things["hold"], world.things["application to hold"] = hold.id, other.id
