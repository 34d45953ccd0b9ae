from datetime import timedelta
from typing import Any

from chassis.ids import new_id
from chassis.secrets import hash_of
from services.membership.entering.models import MemberInvitation
from tests.system.security.recipe import OWN, Ref, here, own, recipe
from tests.system.security.world import World

AFTER = ["cohorts"]
TOMORROW = Ref(lambda world, _case: (world.harness.clock() + timedelta(days=1)).isoformat())
BY_LINK = "a link is for employees, and so is an open community"

RECIPES = [
    recipe("join_community", here(), whose=OWN, also={"external": 403}, why=BY_LINK),
    recipe("create_invitation", body={"community_id": here(), "expires_at": TOMORROW, "uses": 3}),
    recipe("list_invitations", query={"community_id": here(), "limit": 100}, shows=here("invitation")),
    recipe("read_invitation", here("invitation")),
    recipe("revoke_invitation", here("invitation")),
    recipe("list_own_invitations", whose=OWN, shows=own("invitation abroad")),
    recipe("accept_own_invitation", own("invitation")),
    recipe("accept_invitation", body={"code": here("invitation_code")}, whose=OWN, also={"external": 403}, why=BY_LINK),
]


async def prepare(world: World) -> None:
    """A link to each community, and an invitation of everybody in their own name, to their own and to one that they do not belong to."""
    now = world.harness.clock()
    made: dict[str, Any] = {"made_by": "system", "created_at": now, "expires_at": now + timedelta(days=30)}
    async with world.transaction() as session:
        for ground in world.grounds.values():
            code = f"qxm_{new_id().hex}"
            link = MemberInvitation(community_id=ground.id, secret_hash=hash_of(code), uses=500, **made)
            session.add(link)
            ground.ids |= {"invitation": link.id, "invitation_code": code}
        for player in world.people:
            named = MemberInvitation(
                community_id=player.ground.id,
                person_id=player.person_id,
                secret_hash=hash_of(new_id().hex),
                uses=1,
                **made,
            )
            abroad = MemberInvitation(
                # Who is suspended is a member of every community but this one.
                community_id=world.grounds["elsewhere" if player.column == "X" else "public"].id,
                person_id=player.person_id,
                secret_hash=hash_of(new_id().hex),
                uses=1,
                **made,
            )
            session.add_all([named, abroad])
            player.own["invitation"], player.own["invitation abroad"] = named.id, abroad.id
