from sqlalchemy import select

from services.content.discussions.models import Discussion
from services.content.discussions.occasions import Said
from services.content.search.sources import discussion_said
from tests.system.security.recipe import OWN, here, own, recipe
from tests.system.security.world import World

AFTER = ("discussions",)
RECIPES = [
    recipe("search", query={"community_id": here(), "q": "discussion", "limit": 100}, shows=here("discussion")),
    recipe("search", query={"q": "discussion", "limit": 100}, people_only=True, shows=own("discussion"), whose=OWN),
    recipe(
        "list_similar_discussions",
        query={"community_id": here(), "title": "discussion"},
        shows=here("discussion"),
    ),
    recipe("suggest", query={"community_id": here(), "q": "discussion"}),
    recipe("read_synonyms", query={"community_id": here()}, shows=here()),
    recipe("put_synonyms", query={"community_id": here()}, body={"groups": [["KPI", "绩效指标"]]}, version=1),
]


async def prepare(world: World) -> None:
    async with world.transaction() as session:
        for one in (await session.execute(select(Discussion))).scalars().all():
            await discussion_said(session, Said(one, "x"))
