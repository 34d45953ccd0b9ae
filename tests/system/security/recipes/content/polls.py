from chassis.ids import new_id
from services.content.discussions.models import Discussion, DiscussionText
from services.content.polls.models import Poll
from tests.system.security.recipe import OWN, here, recipe
from tests.system.security.world import World

RECIPES = [
    recipe(
        "create_discussion",
        body={
            "community_id": here(),
            "kind": "poll",
            "title": "去哪里？",
            "body": "请投票。",
            "poll": {"choices": ["山", "海"]},
        },
        whose=OWN,
    ),
    recipe("vote_in_poll", here("poll"), body={"choices": [0]}, whose=OWN),
    recipe("take_vote_back", here("poll"), whose=OWN),
]


async def prepare(world: World) -> None:
    now = world.harness.clock()
    async with world.transaction() as session:
        for ground in world.grounds.values():
            one = Discussion(
                community_id=ground.id,
                kind="poll",
                title="投票",
                excerpt="",
                author_id=new_id(),
                created_at=now,
                seen_since=now,
                last_activity_at=now,
            )
            session.add(one)
            await session.flush()
            session.add(DiscussionText(discussion_id=one.id, body="x", body_html="<p>x</p>\n"))
            session.add(Poll(discussion_id=one.id, choices=["山", "海"], votes=[0, 0], several=False, results="always"))
            ground.ids["poll"] = one.id
