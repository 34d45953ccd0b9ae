from typing import Any
from uuid import UUID

from services.content.articles.models import Article, ArticleAuthor, ArticleVersion
from tests.system.security.recipe import Whose, own, recipe
from tests.system.security.world import World

AFTER = ("articles", "materials")
INVITED: tuple[Whose, ...] = ("assigned",)

RECIPES = [
    recipe("read_session_archive", own("session"), shows=own("session")),
    recipe("update_session_archive", own("session"), body={"title": "怎么讲故事"}, version=1),
    recipe("read_session_archive", own("invited to"), shows=own("invited to"), whose=INVITED),
    recipe("update_session_archive", own("invited to"), body={"title": "怎么讲故事"}, version=1, whose=INVITED),
]


async def prepare(world: World) -> None:
    """The draft of everybody's own is about a session; one at home is about the guest's."""
    now = world.harness.clock()
    guest = world.players["G"]
    assert guest.caller is not None
    author = world.neighbour.member_id
    async with world.transaction() as session:

        async def about(community_id: UUID, activity_id: UUID, member_id: UUID | None) -> None:
            said: dict[str, Any] = {"title": "怎么讲好一门课", "summary": "", "excerpt": "", "visibility": "private"}
            authors = [str(member_id)]
            article = Article(
                community_id=community_id,
                source_activity_id=activity_id,
                kind="session_archive",
                **said,
                author_ids=authors,
                worker_ids=authors,
                working="draft",
                created_at=now,
                dated_at=now,
            )
            session.add(article)
            await session.flush()
            assert member_id is not None
            session.add(ArticleAuthor(article_id=article.id, member_id=member_id, shown=True))
            session.add(
                ArticleVersion(
                    article_id=article.id,
                    number=1,
                    **said,
                    body="讲了什么",
                    body_html="<p>讲了什么</p>",
                    author_ids=authors,
                    edited_by=member_id,
                    edited_at=now,
                )
            )

        for player in world.members:
            assert player.member_id is not None
            # Any id: it is that of an activity, which content knows by this alone.
            player.own["session"] = activity_id = UUID(int=player.member_id.int ^ 1)
            await about(player.ground.id, activity_id, player.member_id)
        assert guest.caller.activity_id is not None
        await about(world.home.id, guest.caller.activity_id, author)
