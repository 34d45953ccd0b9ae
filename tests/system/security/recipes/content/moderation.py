from typing import Any
from uuid import UUID

from chassis.ids import COMPANY
from services.content.discussions.models import Discussion, DiscussionText
from services.content.holding.models import ModerationItem
from services.content.moderation.models import JudgedText
from tests.system.security.recipe import OWN, here, recipe, thing
from tests.system.security.world import World

WHY = "it is a person's name, which belongs to no community"
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
    recipe("list_moderation_items", shows=thing("held name"), row="company_moderation.read", why=WHY),
    recipe(
        "read_moderation_item", thing("held name"), shows=thing("held name"), row="company_moderation.read", why=WHY
    ),
    recipe(
        "decide_moderation_item",
        thing("held name"),
        body={"verdict": "release", "revision": 1},
        row="company_moderation.decide",
        why=WHY,
    ),
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
        person_id = world.neighbour.person_id
        name: dict[str, Any] = {
            "community_id": COMPANY,
            "service": "membership",
            "kind": "person",
            "object_id": person_id,
        }
        name |= {"root_id": person_id}
        held = ModerationItem(
            **name, author_id=person_id, live_id=person_id, held=True, text={"name": "刷单"}, created_at=now
        )
        world.things["held name"] = held.id
        session.add_all([held, JudgedText(**name, revision=1, verdict="hold")])
        await session.flush()
        session.add_all(texts)
