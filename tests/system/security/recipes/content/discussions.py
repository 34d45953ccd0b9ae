from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.content.discussions.models import Discussion, DiscussionText
from services.content.unnamed.masks import put_on
from tests.system.security.recipe import OTHER, OWN, here, own, recipe
from tests.system.security.world import World

IN_A_WHILE = "2024-05-07T04:00:00Z"

RECIPES = [
    recipe(
        "create_discussion",
        body={"community_id": here(), "kind": "topic", "title": "图书角", "body": "读什么？"},
        whose=OWN,
    ),
    recipe("list_discussions", query={"community_id": here(), "limit": 100}, shows=here("discussion")),
    recipe("list_discussions", query={"mine": True}, people_only=True, shows=own("discussion"), whose=OWN),
    recipe("read_discussion", here("discussion"), shows=here("discussion")),
    recipe("read_discussion", own("removed"), shows=own("removed"), whose=OWN),
    recipe("update_discussion", own("discussion"), body={"title": "新书"}, version=1),
    recipe("add_discussion_reaction", here("discussion"), "like", whose=OWN),
    recipe("remove_discussion_reaction", here("discussion"), "like", whose=OWN),
    recipe("lock_discussion", here("discussion")),
    recipe("unlock_discussion", here("locked")),
    recipe("close_discussion", here("discussion")),
    recipe("reopen_discussion", here("closed")),
    recipe("pin_discussion", here("discussion"), body={"until": IN_A_WHILE}),
    recipe("unpin_discussion", here("pinned")),
    recipe("feature_discussion", here("discussion"), whose=OTHER),
    recipe("unfeature_discussion", here("featured"), whose=OTHER),
    recipe("assign_discussion", here("discussion"), body={"member_id": None}),
    recipe("merge_discussion", here("discussion"), body={"into_id": here("closed")}),
    recipe("read_question_policy", query={"community_id": here()}, shows=here()),
    recipe("update_question_policy", query={"community_id": here()}, body={"unnamed": True}, version=1),
    recipe("ask_for_author", here("unnamed"), body={"reason": "有人威胁他人"}),
    recipe("remove_discussion", own("discussion")),
    recipe("restore_discussion", own("removed"), whose=OWN, row="content.remove", why="what they removed themselves"),
    recipe("restore_discussion", here("taken down"), whose=OTHER),
]

Facts = dict[str, Any]
THINGS: dict[str, Callable[[datetime], Facts]] = {
    "discussion": lambda _: {},
    "locked": lambda _: {"status": "locked"},
    "closed": lambda _: {"status": "closed"},
    "pinned": lambda now: {"pinned_until": now + timedelta(days=2)},
    "featured": lambda now: {"featured_at": now},
    "taken down": lambda now: {"causes": ["moderator"], "removed_at": now},
}
OWN_THINGS: dict[str, Callable[[datetime], Facts]] = {
    "discussion": lambda _: {},
    "removed": lambda now: {"causes": ["author"], "removed_at": now},
}


async def prepare(world: World) -> None:
    now = world.harness.clock()
    async with world.transaction() as session:
        made: list[Discussion] = []

        def start(community_id: UUID, author_id: UUID | None, title: str, facts: Facts) -> UUID:
            assert author_id is not None
            one = Discussion(
                community_id=community_id,
                kind="question",
                title=title,
                excerpt="",
                author_id=author_id,
                created_at=now,
                seen_since=now,
                last_activity_at=now,
            )
            one.sqlmodel_update(facts)
            session.add(one)
            made.append(one)
            return one.id

        for ground in world.grounds.values():
            author = world.twin.member_id if ground.place == "elsewhere" else world.neighbour.member_id
            for name, facts in THINGS.items():
                ground.ids[name] = start(ground.id, author, name, facts(now))
            assert author is not None
            mask = put_on(session, ground.id, author)
            ground.ids["unnamed"] = start(ground.id, mask, "unnamed", {})
        for player in world.members:
            for name, facts in OWN_THINGS.items():
                title = f"{name} of {player.column}"
                player.own[name] = start(player.ground.id, player.member_id, title, facts(now))
        await session.flush()
        session.add_all(DiscussionText(discussion_id=one.id, body="x", body_html="<p>x</p>\n") for one in made)
