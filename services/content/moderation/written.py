"""What members read in a community that was written lately, the newest first, some at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from contracts.kinds import PIECES
from services.content.articles.held import as_scanned
from services.content.articles.models import Article, ArticleVersion
from services.content.base import known
from services.content.discussions.models import Discussion, DiscussionText
from services.content.discussions.texts import as_text, text_of
from services.content.ideas.models import Idea, IdeaText
from services.content.ideas.service import as_text as as_proposed
from services.content.ideas.service import text_of as proposed
from services.content.replies.models import Reply

_PEOPLE = known.people.c
KINDS: Final = PIECES
"""Not feedback: nobody but those who handle it reads it, and it is not scanned."""
PERSON: Final = "person"


@dataclass(frozen=True, slots=True)
class WrittenText:
    """A text by its fields, as it is scanned."""

    kind: str
    id: UUID
    fields: Mapping[str, str]


async def written(
    session: AsyncSession, community_id: UUID | None, kind: str, *, since: datetime, before: UUID | None, most: int
) -> Sequence[WrittenText]:
    """Texts of a kind that are seen and were written since then, those made last first; `before`: the one up to which they were read.

    Without a community those of all. Of what people are called (`PERSON`) nobody knows since when.
    """
    match kind:
        case "person":
            people = select(_PEOPLE.id, _PEOPLE.display_name).where(_PEOPLE.status != "erased")
            people = people if before is None else people.where(_PEOPLE.id < before)
            named = await session.execute(people.order_by(_PEOPLE.id.desc()).limit(most))
            return [WrittenText(kind, key, {"name": name}) for key, name in named]
        case "discussion":
            rows = _page(select(Discussion, DiscussionText), Discussion, community_id, before, most)
            rows = rows.join(DiscussionText, col(DiscussionText.discussion_id) == col(Discussion.id))
            found = await session.execute(rows.where(col(Discussion.created_at) >= since))
            return [WrittenText(kind, row.id, as_text(text_of(row, text))) for row, text in found]
        case "reply":
            rows = _page(select(Reply), Reply, community_id, before, most).where(col(Reply.created_at) >= since)
            return [WrittenText(kind, row.id, {"body": row.body}) for row in (await session.execute(rows)).scalars()]
        case "idea":
            rows = _page(select(Idea, IdeaText), Idea, community_id, before, most)
            rows = rows.join(IdeaText, col(IdeaText.idea_id) == col(Idea.id)).where(col(Idea.created_at) >= since)
            found = await session.execute(rows)
            return [WrittenText(kind, row.id, as_proposed(proposed(row, text))) for row, text in found]
        case _:
            rows = _page(select(Article, ArticleVersion), Article, community_id, before, most)
            version = (col(ArticleVersion.article_id) == col(Article.id)) & (
                col(ArticleVersion.number) == col(Article.number)
            )
            rows = rows.join(ArticleVersion, version).where(
                col(Article.published_at).is_not(None), col(Article.edited_at) >= since
            )
            return [WrittenText(kind, row.id, as_scanned(text)) for row, text in await session.execute(rows)]


def _page(rows: Any, table: Any, community_id: UUID | None, before: UUID | None, most: int) -> Any:
    page = rows.where(col(table.removed_at).is_(None))
    if community_id is not None:
        page = page.where(col(table.community_id) == community_id)
    if before is not None:
        page = page.where(col(table.id) < before)
    return page.order_by(col(table.id).desc()).limit(most)
