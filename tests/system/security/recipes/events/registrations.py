from uuid import UUID

from services.events.registrations.models import Registration
from tests.system.security.recipe import OWN, here, own, recipe
from tests.system.security.world import World

AFTER = ["activities"]

RECIPES = [
    recipe("register", body={"activity_id": here("activity")}, whose=OWN),
    recipe("list_registrations", query={"activity_id": here("full activity")}, shows=own("registration")),
    recipe("read_registration", own("registration"), shows=own("registration")),
    recipe("cancel_registration", own("registration")),
    recipe("confirm_registration", own("registration")),
]


async def prepare(world: World) -> None:
    now = world.harness.clock()
    async with world.transaction() as session:

        def registered(community_id: UUID, activity_id: UUID, member_id: UUID | None) -> UUID:
            assert member_id is not None
            one = Registration(
                community_id=community_id,
                activity_id=activity_id,
                member_id=member_id,
                status="confirmed",
                registered_at=now,
                seated_at=now,
            )
            session.add(one)
            return one.id

        for player in world.members:
            player.own["registration"] = registered(
                player.ground.id, player.ground.ids["full activity"], player.member_id
            )
