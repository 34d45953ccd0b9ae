from typing import Any

from chassis.secrets import hash_of
from services.events.calendars.models import Calendar
from tests.system.security.recipe import OWN, here, recipe, thing
from tests.system.security.world import World

AFTER = ["activities", "registrations"]
MINE: dict[str, Any] = {
    "whose": OWN,
    "people_only": True,
    "but": ["S"],
    "why": "a calendar is of all communities, and they are a member elsewhere",
}
LINK = "the link is what is shown"

RECIPES = [
    recipe("create_calendar", **MINE),
    recipe("read_calendar", **MINE),
    recipe("delete_calendar", **MINE),
    recipe("read_calendar_feed", thing("feed"), public=LINK, row="calendars.feed", why=LINK),
    recipe("read_activity_calendar", here("activity"), shows=here("activity")),
]


async def prepare(world: World) -> None:
    """Everybody has a link; that of the neighbour is known."""
    now = world.harness.clock()
    world.things["feed"] = "neighbour-has-this-link"
    async with world.transaction() as session:
        for player in world.members:
            link = world.things["feed"] if player is world.neighbour else str(player.person_id)
            session.add(Calendar(person_id=player.person_id, link_hash=hash_of(link), created_at=now, renewed_at=now))
