from typing import Any
from uuid import UUID

from services.content.discussions.models import Discussion, DiscussionText
from services.content.replies.models import Reply
from tests.system.security.recipe import OTHER, OWN, here, own, recipe
from tests.system.security.world import Ground, World

AFTER = ("discussions",)
RECIPES = [
    recipe(
        "create_reply",
        body={"discussion_id": here("discussion"), "kind": "answer", "body": "《学记》。"},
        whose=OWN,
    ),
    recipe("list_replies", query={"discussion_id": here("discussion")}, shows=here("reply")),
    recipe("list_replies", query={"discussion_id": own("removed")}, whose=OWN),
    recipe(
        "list_replies",
        query={"discussion_id": here("discussion"), "around": here("reply")},
        shows=here("reply"),
    ),
    recipe("read_reply", here("reply"), shows=here("reply")),
    recipe("read_reply", own("taken back"), shows=own("taken back"), whose=OWN),
    recipe("update_reply", own("reply"), body={"body": "《师说》。"}, version=1),
    recipe("add_reply_reaction", here("reply"), "like", whose=OWN),
    recipe("remove_reply_reaction", here("reply"), "like", whose=OWN),
    recipe("accept_answer", own("answer")),
    recipe("unaccept_answer", own("helped")),
    recipe("remove_reply", own("reply")),
    recipe("restore_reply", own("taken back"), whose=OWN, row="content.remove", why="what they removed themselves"),
    recipe("restore_reply", here("reply taken down"), whose=OTHER),
]


async def prepare(world: World) -> None:
    now = world.harness.clock()
    async with world.transaction() as session:
        replies: list[Reply] = []

        def reply(discussion_id: UUID, community_id: UUID, author_id: UUID | None, **facts: Any) -> UUID:
            assert author_id is not None
            one = Reply(
                community_id=community_id,
                discussion_id=discussion_id,
                kind="answer",
                author_id=author_id,
                body="x",
                body_html="<p>x</p>\n",
                position=sum(other.discussion_id == discussion_id for other in replies) + 1,
                created_at=now,
                **facts,
            )
            replies.append(one)
            session.add(one)
            return one.id

        def author_at(ground: Ground) -> UUID | None:
            return world.twin.member_id if ground.place == "elsewhere" else world.neighbour.member_id

        removed = {"causes": ["moderator"], "removed_at": now}
        for ground in world.grounds.values():
            ground.ids["reply"] = reply(ground.ids["discussion"], ground.id, author_at(ground))
            ground.ids["reply taken down"] = reply(ground.ids["discussion"], ground.id, author_at(ground), **removed)
        for player in world.members:
            ground, mine = player.ground, player.member_id
            assert mine is not None
            player.own["reply"] = reply(ground.ids["discussion"], ground.id, mine)
            player.own["taken back"] = reply(
                ground.ids["discussion"], ground.id, mine, causes=["author"], removed_at=now
            )
            player.own["answer"] = reply(player.own["discussion"], ground.id, author_at(ground))
            asked = Discussion(
                community_id=ground.id,
                kind="question",
                title=f"helped {player.column}",
                excerpt="",
                author_id=mine,
                created_at=now,
                seen_since=now,
                last_activity_at=now,
                last_position=1,
            )
            session.add(asked)
            await session.flush()
            session.add(DiscussionText(discussion_id=asked.id, body="x", body_html="<p>x</p>\n"))
            player.own["helped"] = asked.accepted_reply_id = reply(asked.id, ground.id, author_at(ground))
        await session.flush()
        for one in {one.discussion_id for one in replies}:
            discussion = await session.get_one(Discussion, one)
            of_it = [other for other in replies if other.discussion_id == one]
            shown = [other for other in of_it if not other.causes]
            discussion.last_position, discussion.reply_count = len(of_it), len(shown)
            discussion.others = sum(other.author_id != discussion.author_id for other in shown)
