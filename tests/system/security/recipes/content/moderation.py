from uuid import UUID

from services.content.discussions.models import Discussion, DiscussionText
from services.content.holding.models import ModerationItem
from tests.system.security.recipe import OWN, here, recipe
from tests.system.security.world import World

AFTER = ("discussions",)
RECIPES = [
    recipe(
        "report_content",
        body={"object": {"kind": "discussion", "id": here("discussion")}, "category": "abuse"},
        whose=OWN,
    ),
    recipe("list_moderation_items", query={"community_id": here(), "limit": 100}, shows=here("held item")),
    recipe("read_moderation_item", here("held item"), shows=here("held item")),
    recipe("decide_moderation_item", here("held item"), body={"verdict": "release", "revision": 1}),
]


async def prepare(world: World) -> None:
    now = world.harness.clock()
    async with world.transaction() as session:
        texts: list[DiscussionText | ModerationItem] = []

        def hold(community_id: UUID, author_id: UUID | None) -> UUID:
            assert author_id is not None
            one = Discussion(
                community_id=community_id,
                kind="topic",
                title="兼职",
                excerpt="",
                author_id=author_id,
                causes=["hold"],
                removed_at=now,
                created_at=now,
                seen_since=now,
                last_activity_at=now,
            )
            session.add(one)
            item = ModerationItem(
                community_id=community_id,
                service="content",
                kind="discussion",
                object_id=one.id,
                root_id=one.id,
                author_id=author_id,
                live_id=one.id,
                held=True,
                text={"title": "兼职", "body": "x", "tags": []},
                category="广告",
                created_at=now,
            )
            texts.extend([DiscussionText(discussion_id=one.id, body="x", body_html="<p>x</p>\n"), item])
            return item.id

        for ground in world.grounds.values():
            author = world.twin.member_id if ground.place == "elsewhere" else world.neighbour.member_id
            ground.ids["held item"] = hold(ground.id, author)
        await session.flush()
        session.add_all(texts)
