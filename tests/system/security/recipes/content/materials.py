from typing import Any

from chassis.ids import new_id
from services.content.attachments.models import Attachment, AttachmentLink
from services.content.attachments.rules import ACTIVITY, MATERIAL
from services.content.guests.models import Guest, GuestActivity
from tests.system.security.recipe import Whose, here, own, recipe
from tests.system.security.world import World

AFTER = ("attachments",)
INVITED: tuple[Whose, ...] = ("assigned",)
RUNS = "who publishes sees what was sent for any activity"
DECK = {"name": own("deck name"), "size": 5, "media_type": "application/pdf", "purpose": "material"}

RECIPES = [
    recipe(
        "list_materials",
        query={"activity_id": here("activity with a deck")},
        shows=here("deck"),
        row="articles.review",
        why=RUNS,
    ),
    recipe("list_materials", query={"activity_id": own("invited to")}, shows=own("deck"), whose=INVITED),
    recipe("create_attachment", body=DECK, whose=INVITED),
    recipe("read_attachment", own("deck"), shows=own("deck"), whose=INVITED),
    recipe("read_upload", own("deck"), whose=INVITED),
    recipe("send_attachment_part", own("deck"), part="hello", whose=INVITED),
]


async def prepare(world: World) -> None:
    """In each community somebody from outside has sent a deck; at home also the guest who calls."""
    now = world.harness.clock()
    guest = world.players["G"]
    assert guest.caller is not None
    async with world.transaction() as session:

        async def speaks(community_id: Any, activity_id: Any, invitation_id: Any, link_id: Any) -> Any:
            of_it = {"community_id": community_id, "activity_id": activity_id}
            session.add(GuestActivity(version=1, **of_it))
            session.add(
                Guest(invitation_id=invitation_id, name="李娜", link_id=link_id, stands=True, version=1, **of_it)
            )
            deck = Attachment(
                person_id=invitation_id,
                size=5,
                purpose=MATERIAL,
                name="讲义.pdf",
                declared_type="application/pdf",
                created_at=now,
                **of_it,
            )
            session.add(deck)
            await session.flush()
            link: dict[str, Any] = {"object_id": activity_id, "object_kind": ACTIVITY, "community_id": community_id}
            session.add(AttachmentLink(attachment_id=deck.id, shown=True, **link))
            return deck.id

        for ground in world.grounds.values():
            ground.ids["activity with a deck"] = activity_id = new_id()
            ground.ids["deck"] = await speaks(ground.id, activity_id, new_id(), new_id())
        caller = guest.caller
        guest.assigned["deck"] = await speaks(world.home.id, caller.activity_id, caller.id, caller.session_id)
        guest.assigned["invited to"], guest.assigned["deck name"] = caller.activity_id, "讲义.pdf"
