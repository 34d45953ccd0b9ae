from typing import Any
from uuid import UUID

from services.content.ideas.models import Idea, IdeaText
from tests.system.security.recipe import OTHER, OWN, here, own, recipe
from tests.system.security.world import World

RECIPES = [
    recipe("propose_idea", body={"community_id": here(), "title": "读书角", "body": "放几把椅子。"}, whose=OWN),
    recipe("list_ideas", query={"community_id": here(), "limit": 100}, shows=here("idea")),
    recipe("list_ideas", query={"mine": True}, people_only=True, shows=own("idea"), whose=OWN),
    recipe("read_idea", here("idea"), shows=here("idea")),
    recipe("update_idea", own("idea"), body={"title": "读书角落"}, version=1),
    recipe("vote_for_idea", here("idea"), whose=OWN),
    recipe("take_idea_vote_back", here("idea"), whose=OWN),
    recipe("decide_idea", here("idea"), body={"to": "under_review"}, version=1),
    recipe("merge_idea", here("idea"), body={"into_id": here("other idea")}, version=1),
    recipe("remove_idea", own("idea")),
    recipe("restore_idea", own("idea removed"), whose=OWN, row="content.remove", why="what they removed themselves"),
    recipe("restore_idea", here("idea taken down"), whose=OTHER),
]

OF_COMMUNITY: dict[str, dict[str, Any]] = {
    "idea": {},
    "other idea": {},
    "idea taken down": {"causes": ["moderator"]},
}
OWN_THINGS: dict[str, dict[str, Any]] = {"idea": {}, "idea removed": {"causes": ["author"]}}


async def prepare(world: World) -> None:
    now = world.harness.clock()
    async with world.transaction() as session:
        made: list[Idea] = []

        def propose(community_id: UUID, author_id: UUID | None, title: str, facts: dict[str, Any]) -> UUID:
            assert author_id is not None
            one = Idea(community_id=community_id, title=title, excerpt="", author_id=author_id, created_at=now)
            one.sqlmodel_update(facts)
            one.removed_at = now if one.causes else None
            session.add(one)
            made.append(one)
            return one.id

        for ground in world.grounds.values():
            author = world.twin.member_id if ground.place == "elsewhere" else world.neighbour.member_id
            for name, facts in OF_COMMUNITY.items():
                ground.ids[name] = propose(ground.id, author, name, facts)
        for player in world.members:
            for name, facts in OWN_THINGS.items():
                title = f"{name} of {player.column}"
                player.own[name] = propose(player.ground.id, player.member_id, title, facts)
        await session.flush()
        session.add_all(IdeaText(idea_id=one.id, body="x", body_html="<p>x</p>\n") for one in made)
