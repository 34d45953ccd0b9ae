"""Ending mail by the link in it."""

from services.membership.mailings.unsubscribing import token_of
from tests.system.security.recipe import recipe, thing
from tests.system.security.world import World

BOUNCE = """Content-Type: multipart/report; boundary=b

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.com

Final-Recipient: rfc822; ann@example.com
Action: failed
Status: 5.1.1

--b
Content-Type: message/rfc822

Message-ID: <nobody@example.com>
--b--
"""
LINK = "the link proves whose mail it ends"

RECIPES = [
    recipe("read_unsubscribe", thing("unsubscribe"), public=LINK),
    recipe("create_unsubscribe", thing("unsubscribe"), public=LINK),
    recipe("create_bounce", mail=BOUNCE),
]


async def prepare(world: World) -> None:
    async with world.transaction() as session:
        neighbour = world.players["neighbour"].person_id
        world.things["unsubscribe"] = token_of(session, neighbour, "replies")
