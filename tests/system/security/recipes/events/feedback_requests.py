from datetime import timedelta
from typing import Any
from uuid import UUID

from services.events.feedback_requests.models import FeedbackColleague, FeedbackRequest
from tests.system.security.recipe import OWN, here, own, recipe, theirs
from tests.system.security.world import World

AFTER = ["activities"]
ASKED: dict[str, Any] = {"title": "手册初稿", "questions": ["哪里最有用？", "哪里可以更好？"]}

RECIPES = [
    recipe("request_feedback", body={"community_id": here(), "member_ids": [theirs()]} | ASKED, whose=OWN),
    recipe("list_feedback_requests", query={"community_id": here()}, shows=own("work asked about"), whose=OWN),
    recipe("read_feedback_request", own("work"), shows=own("work")),
    recipe("answer_feedback_request", own("work asked about"), body={"answers": ["例子", "目录"]}),
    recipe("close_feedback_request", own("work")),
]


async def prepare(world: World) -> None:
    now = world.harness.clock()
    async with world.transaction() as session:

        async def asked(community_id: UUID, author_id: UUID, member_id: UUID) -> UUID:
            one = FeedbackRequest(
                community_id=community_id,
                author_id=author_id,
                closes_at=now + timedelta(days=5),
                created_at=now,
                **ASKED,
            )
            session.add(one)
            await session.flush()
            session.add(FeedbackColleague(request_id=one.id, member_id=member_id))
            return one.id

        for player in world.members:
            assert player.member_id is not None
            # Nobody of the cast, so that each is somebody's alone.
            nobody = UUID(int=player.member_id.int ^ 1)
            player.own["work"] = await asked(player.ground.id, player.member_id, nobody)
            player.own["work asked about"] = await asked(player.ground.id, nobody, player.member_id)
