from sqlmodel import col, select

from services.membership.roster.models import RoleGrant
from tests.system.security.casts.membership import add_somebody
from tests.system.security.recipe import VARIANT, here, recipe, theirs
from tests.system.security.world import World

ROLES = ("mentor", "lecturer", "moderator", "operator", "owner")

RECIPES = [
    recipe("grant_role", body={"member_id": theirs(), "role": VARIANT}, variants=ROLES),
    recipe("revoke_role", here("grant_{variant}"), variants=ROLES),
    recipe("list_role_grants", query={"community_id": here(), "limit": 100}, shows=here("grant_lecturer")),
    recipe("list_role_grants", query={"member_id": here("holder_lecturer")}),
    recipe("read_role_grant", here("grant_lecturer")),
]


async def prepare(world: World) -> None:
    """Members holding one role each, so that each can be taken away."""
    now = world.harness.clock()
    async with world.transaction() as session:
        for ground in (world.home, world.twin.ground):
            for role in ROLES:
                member_id = await add_somebody(session, ground.id, f"the {role}", now, roles=[role])
                grants = await session.exec(select(RoleGrant).where(col(RoleGrant.member_id) == member_id))
                ground.ids[f"grant_{role}"], ground.ids[f"holder_{role}"] = grants.one().id, member_id
