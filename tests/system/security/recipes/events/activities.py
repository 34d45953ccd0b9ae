from typing import Any
from uuid import UUID

from services.events.activities.models import Organiser
from tests.system.security.casts.activities import A_FORM, an_activity
from tests.system.security.recipe import OWN, Whose, here, own, recipe
from tests.system.security.world import World

STARTS, ENDS = "2024-06-03T06:00:00Z", "2024-06-03T08:00:00Z"
MOVED = {"starts_at": "2024-06-04T06:00:00Z", "ends_at": "2024-06-04T08:00:00Z"}
MADE = {"kind": "workshop", "title": "怎么讲课", "starts_at": STARTS, "ends_at": ENDS}
RUNS: tuple[Whose, ...] = ("assigned", "other")
"""Who made an activity has no more than who runs it."""

RECIPES = [
    recipe("create_activity", body={"community_id": here(), "organiser_ids": [here("organiser")]} | MADE),
    recipe("list_activities", query={"community_id": here(), "limit": 100}, shows=here("activity")),
    recipe("list_activities", people_only=True, query={"organised": True}, shows=own("activity run"), whose=OWN),
    recipe("read_activity", here("activity"), shows=here("activity")),
    recipe("update_activity", own("activity run"), body={"title": "怎么备课"}, version=1, whose=RUNS),
    recipe("add_activity_form", own("activity run"), body={"form": A_FORM}, whose=RUNS),
    recipe("remove_activity_form", own("activity run"), whose=RUNS),
    recipe("read_activity_form", here("activity that asks"), 1),
    recipe("announce_activity", here("draft"), version=1),
    recipe("move_activity", here("activity"), body=MOVED, version=1),
    recipe("cancel_activity", here("activity"), body={"reason": "讲师生病"}, version=1),
]

OF_COMMUNITY: dict[str, dict[str, Any]] = {
    "activity": {},
    "full activity": {"capacity": 1, "confirmed": 1},
    "activity for some": {"eligibility": {"kinds": ["employee", "external"], "joined_before": "2030-01-01T00:00:00Z"}},
}


async def prepare(world: World) -> None:
    now = world.harness.clock()
    async with world.transaction() as session:

        def made(community_id: UUID, title: str, organiser_id: UUID | None, facts: dict[str, Any]) -> UUID:
            one = an_activity(community_id, now, **{"title": title, "organiser_ids": [str(organiser_id)]} | facts)
            session.add(one)
            if organiser_id is not None:
                organisers.append(Organiser(activity_id=one.id, member_id=organiser_id))
            return one.id

        organisers: list[Organiser] = []
        for ground in world.grounds.values():
            organiser = world.twin.member_id if ground.place == "elsewhere" else world.neighbour.member_id
            ground.ids["organiser"] = organiser
            for name, facts in OF_COMMUNITY.items():
                ground.ids[name] = made(ground.id, name, organiser, facts)
            ground.ids["draft"] = made(ground.id, "draft", organiser, {"status": "draft", "announced_at": None})
        for player in world.members:
            run = made(player.ground.id, f"run by {player.column}", player.member_id, {})
            player.own["activity run"] = player.assigned["activity run"] = run
        await session.flush()
        session.add_all(organisers)
