"""Reading the queue."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Uuid, cast, delete, func, null, select, union_all
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.contributions import Waiting
from chassis.database.bulk import among, delete_some
from chassis.database.listing import Listing
from chassis.ids import COMPANY
from services.content.articles.models import Article
from services.content.discussions.models import Discussion
from services.content.holding.models import ContentReport, ModerationItem
from services.content.ideas.models import Idea
from services.content.moderation.models import JudgedText

MOST_REPORTS = 100
_ITEMS = ModerationItem.__table__  # type: ignore[attr-defined]
_JUDGED = JudgedText.__table__  # type: ignore[attr-defined]
_REPORTS = ContentReport.__table__  # type: ignore[attr-defined]


def listing(community_id: UUID, *, status: str | None, service: str | None, kind: str | None) -> Listing:
    """The items of a community, the oldest first."""
    items = select(ModerationItem).where(col(ModerationItem.community_id) == community_id)
    if status is not None:
        items = items.where(col(ModerationItem.status) == status)
    if service is not None:
        items = items.where(col(ModerationItem.service) == service)
    if kind is not None:
        items = items.where(col(ModerationItem.kind) == kind)
    return Listing(items, [col(ModerationItem.created_at).asc(), col(ModerationItem.id).asc()])


class Root(NamedTuple):
    """What a text is part of, or the text itself: its title, and of a discussion who started it."""

    title: str
    author_id: UUID | None


async def roots_of(session: AsyncSession, root_ids: Collection[UUID]) -> dict[UUID, Root]:
    """Of these ids the discussions, articles and ideas."""
    nobody = cast(null(), Uuid)
    kinds = ((Discussion, col(Discussion.author_id)), (Article, nobody), (Idea, nobody))
    found = (
        select(col(kind.id), col(kind.title), author).where(among(session, col(kind.id), root_ids))
        for kind, author in kinds
    )
    return {key: Root(title, author_id) for key, title, author_id in await session.execute(union_all(*found))}


async def reports_of(session: AsyncSession, item_id: UUID) -> Sequence[ContentReport]:
    """Who reported it, the latest first."""
    rows = select(ContentReport).where(col(ContentReport.item_id) == item_id)
    latest = rows.order_by(col(ContentReport.created_at).desc(), col(ContentReport.member_id)).limit(MOST_REPORTS)
    return (await session.execute(latest)).scalars().all()


async def waiting(session: AsyncSession, community_id: UUID, _now: datetime, _member_id: UUID | None) -> Waiting:
    """The texts that wait for a moderator."""
    counted = select(func.count(), func.min(col(ModerationItem.created_at))).where(
        col(ModerationItem.community_id) == community_id, col(ModerationItem.status) == "open"
    )
    count, oldest_at = (await session.execute(counted)).one()
    href = f"/v1/moderation-items?community_id={community_id}&status=open"
    return Waiting(count=count, oldest_at=oldest_at, href=href)


async def erase(session: AsyncSession, person_id: UUID, _now: datetime) -> None:
    """What a person was called goes at once, also where a moderator still looks at it."""
    await session.execute(delete(_ITEMS).where(_ITEMS.c.object_id == person_id, _ITEMS.c.community_id == COMPANY))
    await session.execute(delete(_JUDGED).where(_JUDGED.c.object_id == person_id, _JUDGED.c.community_id == COMPANY))


async def forget(session: AsyncSession, before: datetime) -> None:
    """Forget what was decided before a moment, a bounded number of items at a time."""
    await delete_some(session, _JUDGED, _JUDGED.c.decided_at < before)
    old = select(_ITEMS.c.id).where(_ITEMS.c.decided_at < before)
    await delete_some(session, _REPORTS, _REPORTS.c.item_id.in_(old))
    reported = select(_REPORTS.c.item_id)
    await delete_some(session, _ITEMS, (_ITEMS.c.decided_at < before) & _ITEMS.c.id.not_in(reported))
