from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlmodel import col, select

from services.content.articles.models import Article, ArticleAuthor, ArticleVersion
from services.content.discussions.models import Discussion
from tests.system.security.recipe import ASSIGNED, OTHER, OWN, here, own, recipe
from tests.system.security.world import World

AFTER = ("replies",)
DRAFT = {"community_id": here(), "kind": "guide", "title": "怎么主持读书会", "body": "先读一遍。"}

RECIPES = [
    recipe("create_article", body=DRAFT, whose=OWN),
    recipe(
        "create_article",
        body={"community_id": here(), "kind": "guide", "from_discussion_id": own("settled")},
        whose=OWN,
    ),
    recipe("list_articles", query={"community_id": here(), "limit": 100}, shows=here("article")),
    recipe("list_articles", query={"mine": True}, people_only=True, shows=own("article"), whose=OWN),
    recipe("read_article", here("article"), shows=here("article")),
    recipe(
        "read_article",
        own("article draft"),
        shows=own("article draft"),
        whose=OWN,
        row="content.remove",
        why="its authors read a draft",
    ),
    recipe("update_article", own("article draft"), body={"title": "怎么主持"}, version=1),
    recipe("submit_article", own("article draft")),
    recipe("return_article", here("article in review"), body={"reason": "请写明出处。"}),
    recipe("approve_article", here("article in review"), version=1),
    recipe("put_article_progress", here("article"), body={"progress": 0.5}, whose=OWN),
    recipe("put_article_rating", here("article"), body={"rating": 4}, whose=OWN),
    recipe("add_article_bookmark", here("article"), whose=OWN),
    recipe("remove_article_bookmark", here("article"), whose=OWN),
    recipe(
        "copy_article",
        here("article"),
        body={"community_id": here()},
        also={"everyone": 422},
        why="into its own community it is not copied",
    ),
    recipe("feature_article", here("article")),
    recipe("unfeature_article", here("article featured")),
    recipe(
        "verify_article",
        own("article kept"),
        body={"verified_until": "2030-01-01T00:00:00Z", "note": "核对过。"},
        whose=ASSIGNED,
    ),
    recipe("archive_article", own("article")),
    recipe("remove_article", own("article")),
    recipe(
        "restore_article", own("article removed"), whose=OWN, row="content.remove", why="what they removed themselves"
    ),
    recipe("restore_article", here("article taken down"), whose=OTHER),
    recipe("add_article_reaction", here("article"), "like", whose=OWN),
    recipe("remove_article_reaction", here("article"), "like", whose=OWN),
    recipe("list_article_versions", here("article"), shows=here("article editor")),
    recipe("read_article_version", here("article"), 1, shows=here("article editor")),
    recipe("read_article_diff", here("article"), query={"before": 1, "after": 1}),
    recipe("read_review_policy", query={"community_id": here()}, shows=here()),
    recipe("update_review_policy", query={"community_id": here()}, body={"experience_unreviewed": True}, version=1),
]

PUBLISHED = {"status": "published", "working": None}
OF_COMMUNITY: dict[str, dict[str, Any]] = {
    "article": PUBLISHED,
    "article in review": {"status": "in_review", "working": "in_review"},
    "article featured": PUBLISHED | {"featured_at": datetime(2024, 5, 1, tzinfo=UTC)},
    "article taken down": PUBLISHED | {"causes": ["moderator"]},
}
OWN_THINGS: dict[str, dict[str, Any]] = {
    "article": PUBLISHED,
    "article draft": {"working": "draft"},
    "article removed": PUBLISHED | {"causes": ["author"]},
}


async def prepare(world: World) -> None:
    now = world.harness.clock()
    async with world.transaction() as session:
        made: list[Article] = []

        def write(community_id: UUID, author_id: UUID | None, title: str, facts: dict[str, Any]) -> UUID:
            one = an_article(community_id, author_id, title, now, **facts)
            session.add(one)
            made.append(one)
            return one.id

        for ground in world.grounds.values():
            author = world.twin.member_id if ground.place == "elsewhere" else world.neighbour.member_id
            ground.ids["article editor"] = author
            for name, facts in OF_COMMUNITY.items():
                ground.ids[name] = write(ground.id, author, name, facts)
        for player in world.members:
            answered = select(Discussion.id).where(col(Discussion.accepted_reply_id) == player.own["helped"])
            player.own["settled"] = (await session.exec(answered)).one()
            kept = write(
                player.ground.id, world.neighbour.member_id, "kept", PUBLISHED | {"owner_id": player.member_id}
            )
            player.assigned["article kept"] = kept
            for name, facts in OWN_THINGS.items():
                title = f"{name} of {player.column}"
                player.own[name] = write(player.ground.id, player.member_id, title, facts)
        await session.flush()
        session.add_all(said_in(made, now))


def an_article(community_id: UUID, author_id: UUID | None, title: str, now: datetime, **facts: Any) -> Article:
    """An article by one author, a draft unless the facts say otherwise."""
    one = Article(
        community_id=community_id,
        kind="guide",
        title=title,
        summary="",
        excerpt="",
        visibility="public",
        author_ids=[str(author_id)],
        worker_ids=[str(author_id)],
        created_at=now,
        dated_at=now,
    )
    one.sqlmodel_update(facts)
    if one.status == "published":
        one.published_at = now
    if one.causes:
        one.removed_at = now
    return one


def said_in(articles: Sequence[Article], now: datetime) -> list[Any]:
    """Their first versions and who wrote them."""
    rows: list[Any] = []
    for one in articles:
        author = UUID(one.author_ids[0])
        rows.append(ArticleAuthor(article_id=one.id, member_id=author, shown=True))
        rows.append(
            ArticleVersion(
                article_id=one.id,
                number=1,
                title=one.title,
                summary="",
                body="x",
                body_html="<p>x</p>\n",
                excerpt="x",
                visibility=one.visibility,
                author_ids=one.author_ids,
                editor_ids=one.author_ids,
                state=one.working or "published",
                edited_by=author,
                edited_at=now,
            )
        )
    return rows
