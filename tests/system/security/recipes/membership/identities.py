from typing import Any

from chassis.ids import new_id
from services.membership.identities.models import Identity
from tests.system.security.casts.membership import add_person
from tests.system.security.recipe import own, recipe, thing
from tests.system.security.world import World

WHY = "新的公司账号"

RECIPES = [
    recipe("list_own_identities", shows=own("identity")),
    recipe("delete_own_identity", own("identity")),
    recipe("list_identities", thing("linked"), shows=thing("identity")),
    recipe(
        "create_identity",
        body={"person_id": thing("linked"), "provider": "corp", "subject": "another", "reason": WHY},
    ),
    recipe("read_identity", thing("identity"), shows=thing("identity")),
    recipe("change_identity", thing("identity"), body={"subject": "renamed", "reason": WHY}, version=1),
    recipe("unlink_identity", thing("identity"), body={"reason": WHY}),
]


async def prepare(world: World) -> None:
    now = world.harness.clock()
    row: dict[str, Any] = {"provider": "corp", "kind": "sub", "linked_at": now, "linked_by": "admin"}
    world.things["linked"], world.things["identity"] = new_id(), new_id()
    async with world.transaction() as session:
        add_person(session, world.things["linked"], "linked", now)
        await session.flush()
        session.add(
            Identity(id=world.things["identity"], person_id=world.things["linked"], subject="of a colleague", **row)
        )
        for number, player in enumerate(world.people):
            for name in ("identity", "another identity"):
                player.own[name] = new_id()
                subject = f"{name} {number}"
                session.add(Identity(id=player.own[name], person_id=player.person_id, subject=subject, **row))
