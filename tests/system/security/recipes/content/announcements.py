from chassis.ids import new_id
from services.content.announcements.models import Announcement
from services.content.discussions.models import Discussion, DiscussionText
from tests.system.security.recipe import OWN, here, recipe
from tests.system.security.world import World

RECIPES = [
    recipe(
        "create_discussion",
        body={"community_id": here(), "kind": "announcement", "title": "闭馆", "body": "周五闭馆。"},
        row="announcements.create",
        why="an announcement",
    ),
    recipe("acknowledge_announcement", here("announcement"), whose=OWN),
    recipe("list_announcement_readers", here("announcement"), shows=here("asked")),
    recipe("remind_announcement", here("announcement")),
]


async def prepare(world: World) -> None:
    now = world.harness.clock()
    async with world.transaction() as session:
        for ground in world.grounds.values():
            one = Discussion(
                community_id=ground.id,
                kind="announcement",
                title="公告",
                excerpt="",
                author_id=new_id(),
                created_at=now,
                seen_since=now,
                last_activity_at=now,
            )
            session.add(one)
            await session.flush()
            session.add(DiscussionText(discussion_id=one.id, body="x", body_html="<p>x</p>\n"))
            session.add(
                Announcement(
                    discussion_id=one.id, community_id=ground.id, for_all=True, confirm="acknowledge", asked_at=now
                )
            )
            ground.ids["announcement"] = one.id
            ground.ids["asked"] = (world.twin if ground.place == "elsewhere" else world.neighbour).has("member")
