"""What can be found: of each kind its entries, as they are written and as an index is built of them.

Another kind gives a function that reads its rows under their locks, in the order of their ids, and is added to `SOURCES`.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among
from services.content.articles.models import Article, ArticleVersion
from services.content.articles.occasions import Shown
from services.content.discussions.models import Discussion, DiscussionText
from services.content.discussions.occasions import Published, Said, Turned
from services.content.ideas.models import Idea, IdeaText
from services.content.ideas.occasions import Said as IdeaSaid
from services.content.markdown import render
from services.content.replies.models import Reply
from services.content.replies.occasions import RepliesMoved, ReplyTurned, ReplyWritten
from services.content.search.indexing import Entry, move, put, show

Source = Callable[[AsyncSession, UUID | None, int], Awaitable[Sequence[Entry]]]
"""The next entries of a kind after an id, their rows locked, at most so many; fewer are the last."""


# --- discussions ---------------------------------------------------------------------------------------------------


async def discussion_said(session: AsyncSession, said: Said) -> None:
    """Have a discussion found by what it says now."""
    await put(session, _of_discussion(said.discussion, said.text))


async def discussion_published(session: AsyncSession, published: Published) -> None:
    """Have a discussion found that was written before; what is new is not in the index yet."""
    discussion = published.discussion
    if discussion.version > 1:
        await show(session, discussion.id, shown=True, said_at=published.at)


async def discussion_turned(session: AsyncSession, turned: Turned) -> None:
    """Have a discussion found, or not, and with it its replies."""
    await show(session, turned.discussion.id, shown=turned.discussion.removed_at is None)


def _of_discussion(row: Discussion, text: str | None) -> Entry:
    return Entry(
        thing_id=row.id,
        kind="discussion",
        community_id=row.community_id,
        author_id=row.author_id,
        group_id=row.group_id,
        title=row.title,
        tags=row.tags,
        text=text,
        shown=row.removed_at is None,
        said_at=row.created_at,
    )


async def _discussions(session: AsyncSession, after: UUID | None, limit: int) -> Sequence[Entry]:
    some = select(Discussion).order_by(col(Discussion.id)).limit(limit).with_for_update()
    rows = (await session.execute(some.where(col(Discussion.id) > after) if after else some)).scalars().all()
    texts = select(DiscussionText).where(among(session, col(DiscussionText.discussion_id), [row.id for row in rows]))
    bodies = {text.discussion_id: text.body for text in (await session.execute(texts)).scalars()}
    return [_of_discussion(row, render(bodies.get(row.id, "").encode()).plain) for row in rows]


# --- replies -------------------------------------------------------------------------------------------------------


async def reply_written(session: AsyncSession, written: ReplyWritten) -> None:
    """Have a reply found by what it says now."""
    await put(session, _of_reply(written.reply, written.text))


async def reply_turned(session: AsyncSession, turned: ReplyTurned) -> None:
    """Have a reply found, or not."""
    await show(session, turned.reply.id, shown=turned.reply.removed_at is None)


async def replies_moved(session: AsyncSession, moved: RepliesMoved) -> None:
    """Have replies found with the discussion where they are now."""
    await move(session, moved.all_ids, moved.target.id)


def _of_reply(row: Reply, text: str) -> Entry:
    return Entry(
        thing_id=row.id,
        kind="reply",
        community_id=row.community_id,
        root_id=row.discussion_id,
        author_id=row.author_id,
        text=text,
        shown=row.removed_at is None,
        said_at=row.created_at,
    )


async def _replies(session: AsyncSession, after: UUID | None, limit: int) -> Sequence[Entry]:
    some = select(col(Reply.id), col(Reply.discussion_id)).order_by(col(Reply.id)).limit(limit)
    keys = (await session.execute(some.where(col(Reply.id) > after) if after else some)).all()
    # They are written under the locks of their discussions.
    roots = sorted({root for _, root in keys})
    locks = select(col(Discussion.id)).where(among(session, col(Discussion.id), roots)).order_by(col(Discussion.id))
    await session.execute(locks.with_for_update())
    rows = select(Reply).where(among(session, col(Reply.id), [key for key, _ in keys])).order_by(col(Reply.id))
    return [_of_reply(row, render(row.body.encode()).plain) for row in (await session.execute(rows)).scalars()]


# --- articles ------------------------------------------------------------------------------------------------------


async def article_shown(session: AsyncSession, shown: Shown) -> None:
    """Have an article found by what readers see of it now, if anything."""
    if shown.text is not None:
        await put(session, _of_article(shown.article, shown.text))
    else:
        await show(session, shown.article.id, shown=_is_seen(shown.article))


def _is_seen(row: Article) -> bool:
    return row.status == "published" and row.removed_at is None


def _of_article(row: Article, text: str) -> Entry:
    return Entry(
        thing_id=row.id,
        kind="article",
        community_id=row.community_id,
        author_id=UUID(row.author_ids[0]) if row.author_ids else None,
        visibility=row.visibility,
        group_id=row.group_id,
        title=row.title,
        tags=row.tags,
        text=f"{row.summary}\n{text}",
        shown=_is_seen(row),
        said_at=row.dated_at,
    )


async def _articles(session: AsyncSession, after: UUID | None, limit: int) -> Sequence[Entry]:
    some = select(Article).where(col(Article.published_at).is_not(None)).order_by(col(Article.id)).limit(limit)
    some = some.with_for_update()
    rows = (await session.execute(some.where(col(Article.id) > after) if after else some)).scalars().all()
    seen = select(ArticleVersion).join(
        Article,
        (col(Article.id) == col(ArticleVersion.article_id)) & (col(Article.number) == col(ArticleVersion.number)),
    )
    versions = await session.execute(seen.where(among(session, col(Article.id), [row.id for row in rows])))
    bodies = {version.article_id: version.body for version in versions.scalars()}
    return [_of_article(row, render(bodies[row.id].encode()).plain) for row in rows]


# --- ideas ---------------------------------------------------------------------------------------------------------


async def idea_said(session: AsyncSession, said: IdeaSaid) -> None:
    """Have an idea found by what it says now, as long as it is seen."""
    await put(session, _of_idea(said.idea, said.text))


def _of_idea(row: Idea, text: str | None) -> Entry:
    return Entry(
        thing_id=row.id,
        kind="idea",
        community_id=row.community_id,
        author_id=row.author_id,
        title=row.title,
        tags=row.tags,
        text=text,
        shown=row.removed_at is None,
        said_at=row.created_at,
    )


async def _ideas(session: AsyncSession, after: UUID | None, limit: int) -> Sequence[Entry]:
    some = select(Idea).order_by(col(Idea.id)).limit(limit).with_for_update()
    rows = (await session.execute(some.where(col(Idea.id) > after) if after else some)).scalars().all()
    texts = select(IdeaText).where(among(session, col(IdeaText.idea_id), [row.id for row in rows]))
    bodies = {text.idea_id: text.body for text in (await session.execute(texts)).scalars()}
    return [_of_idea(row, render(bodies.get(row.id, "").encode()).plain) for row in rows]


SOURCES: Mapping[str, Source] = {"discussion": _discussions, "reply": _replies, "article": _articles, "idea": _ideas}
