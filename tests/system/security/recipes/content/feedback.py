from datetime import timedelta
from typing import Any
from uuid import UUID

from services.content.feedback.models import Feedback, FeedbackReply
from tests.system.security.recipe import OWN, here, own, recipe
from tests.system.security.world import World

RECIPES = [
    recipe(
        "give_feedback",
        body={"community_id": here(), "to": "operators", "title": "教室太吵", "body": "请换一间。"},
        whose=OWN,
    ),
    recipe("list_feedback", query={"community_id": here(), "limit": 100}, shows=own("told"), whose=OWN),
    recipe("read_feedback", own("told"), shows=own("told")),
    recipe("list_feedback_replies", own("told")),
    recipe("reply_to_feedback", own("told"), body={"body": "收到。"}),
    recipe("mark_feedback_read", own("told")),
    recipe("close_feedback", own("told")),
]


async def prepare(world: World) -> None:
    now = world.harness.clock()
    async with world.transaction() as session:
        replies: list[FeedbackReply] = []

        def tell(community_id: UUID, author_id: Any) -> UUID:
            one = Feedback(
                community_id=community_id,
                addressee="operators",
                title="教室太吵",
                body="x",
                body_html="<p>x</p>\n",
                author_id=author_id,
                answer_due_at=now + timedelta(days=1),
                close_due_at=now + timedelta(days=5),
                created_at=now,
            )
            session.add(one)
            reply = FeedbackReply(
                feedback_id=one.id, author_id=author_id, body="x", body_html="<p>x</p>\n", created_at=now
            )
            replies.append(reply)
            return one.id

        for player in world.members:
            player.own["told"] = tell(player.ground.id, player.member_id)
        await session.flush()
        session.add_all(replies)
