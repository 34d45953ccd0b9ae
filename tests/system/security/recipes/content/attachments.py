from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from chassis.ids import new_id
from services.content.attachments.models import Attachment, AttachmentLink
from services.content.attachments.service import folder_of
from services.content.attachments.showing import NOBODY, public
from tests.system.security.recipe import OWN, here, own, recipe, thing
from tests.system.security.world import World

AFTER = ("discussions",)
FILE = {"name": "教案.pdf", "size": 5, "media_type": "application/pdf"}
ADDRESS = {name: thing(f"address {name}") for name in ("size", "reader", "until", "signature")}

RECIPES = [
    recipe("create_attachment", body={"community_id": here(), **FILE}, whose=OWN),
    recipe("read_attachment", own("upload"), shows=own("upload")),
    recipe("read_upload", own("upload")),
    recipe("send_attachment_part", own("upload"), part="hello"),
    recipe("read_attachment_limit", query={"community_id": here()}, whose=OWN),
    recipe("update_attachment_limit", query={"community_id": here()}, body={"largest": 1000}, version=1),
    recipe("renew_attachment_addresses", body={"ids": [here("attachment")]}, shows=here("attachment")),
    recipe("read_attachment_content", thing("file"), query=ADDRESS, public="the address is signed"),
]


async def prepare(world: World) -> None:
    """Everybody has an upload of their own; a file is named by a discussion of each community, and that of the public one is addressed to nobody in particular."""
    now = world.harness.clock()
    common: dict[str, Any] = {
        "purpose": "content",
        "name": "教案.pdf",
        "declared_type": "application/pdf",
        "created_at": now,
    }
    ready: dict[str, Any] = {"size": 5, "received": 5, "status": "ready", "media_type": "application/pdf"}
    async with world.transaction() as session:
        for player in world.members:
            upload = Attachment(community_id=player.ground.id, person_id=player.person_id, size=5, **common)
            session.add(upload)
            player.own["upload"] = upload.id
        for ground in world.grounds.values():
            file = Attachment(community_id=ground.id, person_id=new_id(), **ready, **common)
            session.add(file)
            await session.flush()
            link: dict[str, Any] = {
                "object_id": ground.ids["discussion"],
                "object_kind": "discussion",
                "community_id": ground.id,
            }
            session.add(AttachmentLink(attachment_id=file.id, shown=True, **link))
            ground.ids["attachment"] = file.id
            if ground.place == "public":
                world.things["file"] = file.id
        file = await session.get_one(Attachment, world.things["file"])
        # Good for as long as clocks are put forward.
        shown = public(session, None, file, now + timedelta(days=365))
    await world.harness.runtime.files.put(f"{folder_of(file.id)}/original", b"%PDF-")
    assert shown.href is not None
    for name, value in parse_qsl(urlsplit(shown.href).query):
        world.things[f"address {name}"] = value
    assert world.things["address reader"] == str(NOBODY)
