"""Reading articles: lists and their order, versions, and who is a member."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.contributions import Waiting
from chassis.database.bulk import among
from chassis.database.listing import Listing
from chassis.database.statements import Prepared, bindparam
from chassis.projections.members import LEFT_STATUSES, vouched
from services.content.articles.models import Article, ArticleAuthor, ArticleTag, ArticleVersion
from services.content.articles.rules import UNDER_WAY, Sort
from services.content.base import known
from services.content.bookmarks.models import Bookmark
from services.content.collections.queries import stands_in
from services.content.groups import NO_GROUPS, GroupReader, members_seeing, seen_by_reader


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is asked for.

    `community_id` is None for the caller's own in all communities. `groups`: by what they see groups. `mine` are the caller's member ids: what they work on they see in any
    state. `works_on_all`: they see what everybody works on. `visible`: what they may read of the published.
    """

    community_id: UUID | None
    visible: Collection[str]
    mine: Sequence[UUID] = ()
    only_mine: bool = False
    works_on_all: bool = False
    author_id: UUID | None = None
    collection_id: UUID | None = None
    featured: bool = False
    bookmarked: bool = False
    due_at: datetime | None = None
    kind: str | None = None
    tag: str | None = None
    status: str | None = None
    sort: Sort = "-published_at"
    groups: GroupReader = NO_GROUPS
    group_id: UUID | None = None


def listing(session: AsyncSession, wanted: Wanted) -> Listing:
    """Articles in the order that is asked for."""
    first: dict[Sort, Any] = {"-published_at": col(Article.dated_at), "-created_at": col(Article.created_at)}
    conditions = [*_what(session, wanted), *_in_state(session, wanted)]
    return Listing(select(Article).where(*conditions), [first[wanted.sort].desc(), col(Article.id).desc()])


def _what(session: AsyncSession, wanted: Wanted) -> list[ColumnElement[bool]]:
    found = [wanted.groups.sees(col(Article.group_id), col(Article.community_id))]
    if wanted.community_id is not None:
        found.append(col(Article.community_id) == wanted.community_id)
    if wanted.group_id is not None:
        found.append(col(Article.group_id) == wanted.group_id)
    if wanted.kind is not None:
        found.append(col(Article.kind) == wanted.kind)
    if wanted.tag is not None:
        found.append(exists().where(col(ArticleTag.article_id) == col(Article.id), col(ArticleTag.tag) == wanted.tag))
    if wanted.author_id is not None:
        found.append(_by(col(ArticleAuthor.member_id) == wanted.author_id, col(ArticleAuthor.shown).is_(True)))
    if wanted.collection_id is not None:
        found.append(stands_in(col(Article.collection_id), wanted.collection_id))
    if wanted.featured:
        found.append(col(Article.featured_at).is_not(None))
    if wanted.bookmarked:
        found.append(
            exists().where(
                among(session, col(Bookmark.member_id), wanted.mine), col(Bookmark.object_id) == col(Article.id)
            )
        )
    if wanted.due_at is not None:
        found.append(_verify_due(wanted.due_at))
    return found


def _verify_due(now: datetime) -> ColumnElement[bool]:
    """Past the day until which it holds, or without anybody who keeps it true."""
    owner = known.members.c
    left = exists().where(owner.id == col(Article.owner_id), owner.status.in_(LEFT_STATUSES))
    return or_(col(Article.verified_until) <= now, left)


def _in_state(session: AsyncSession, wanted: Wanted) -> list[ColumnElement[bool]]:
    removed = col(Article.removed_at).is_not(None)
    mine = _by(among(session, col(ArticleAuthor.member_id), wanted.mine))
    works = [] if wanted.works_on_all else [mine]
    if wanted.status == "removed":
        if wanted.only_mine or not works:
            return [removed, *([mine] if wanted.only_mine else [])]
        # A draft stays between who works on it, removed or not.
        return [removed, or_(mine, col(Article.published_at).is_not(None))]
    if wanted.only_mine:
        of_state = [] if wanted.status is None else [_has(wanted.status), ~removed]
        return [mine, *of_state]
    if wanted.status in UNDER_WAY:
        return [~removed, _has(wanted.status), *works]
    readable = col(Article.visibility).in_(sorted(wanted.visible))
    return [~removed, _has(wanted.status or "published"), or_(readable, mine) if wanted.mine else readable]


def _has(status: str) -> ColumnElement[bool]:
    return (col(Article.working) if status in UNDER_WAY else col(Article.status)) == status


def _by(*which: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(and_(col(ArticleAuthor.article_id) == col(Article.id), *which))


def versions(article_id: UUID, *, works: bool, visible: Collection[str]) -> Listing:
    """The versions of an article, the latest first; to readers those that were published, as far as these were shown to them."""
    every = select(ArticleVersion).where(
        col(ArticleVersion.article_id) == article_id, col(ArticleVersion.visibility).in_(sorted(visible))
    )
    if not works:
        every = every.where(col(ArticleVersion.state) == "published")
    return Listing(every, [col(ArticleVersion.number).desc()])


async def members_among(
    session: AsyncSession, community_id: UUID, ids: Sequence[UUID], *, group_id: UUID | None
) -> set[UUID]:
    """Which of these are members of the community, and see this group of it."""
    members = known.members.c
    here = select(members.id).where(
        members.community_id == community_id, among(session, members.id, ids), members.status.not_in(LEFT_STATUSES)
    )
    found = set((await session.execute(here)).scalars())
    found |= {one for one in ids if (caller := vouched(session, one)) and caller.community_id == community_id}
    return found if group_id is None else await members_seeing(session, group_id, found)


async def to_review(session: AsyncSession, community_id: UUID, _now: datetime, _member_id: UUID | None) -> Waiting:
    """The articles whose version waits for a reviewer."""
    counted = (
        select(func.count(), func.min(col(ArticleVersion.submitted_at)))
        .select_from(Article)
        .join(ArticleVersion, col(ArticleVersion.article_id) == col(Article.id))
        .where(
            col(Article.community_id) == community_id,
            col(Article.working) == "in_review",
            col(Article.removed_at).is_(None),
            col(ArticleVersion.state) == "in_review",
        )
    )
    count, oldest_at = (await session.execute(counted)).one()
    return Waiting(count=count, oldest_at=oldest_at, href=f"/v1/articles?community_id={community_id}&status=in_review")


async def to_verify(session: AsyncSession, community_id: UUID, now: datetime, _member_id: UUID | None) -> Waiting:
    """What a list with `verify_due` shows."""
    counted = select(func.count(), func.min(col(Article.verified_until))).where(
        col(Article.community_id) == community_id,
        col(Article.status) == "published",
        col(Article.removed_at).is_(None),
        _verify_due(now),
    )
    count, oldest_at = (await session.execute(counted)).one()
    href = f"/v1/articles?community_id={community_id}&verify_due=true"
    return Waiting(count=count, oldest_at=oldest_at, overdue=count, href=href)


_TO_VERIFY: Prepared[Any] = Prepared(
    lambda on: (
        select(Article, known.communities.c.name)
        .join(known.communities, known.communities.c.id == col(Article.community_id))
        .where(
            on.among(col(Article.owner_id), "group_members"),
            seen_by_reader(on, col(Article.group_id), col(Article.community_id)),
            col(Article.status) == "published",
            col(Article.removed_at).is_(None),
            col(Article.verified_until) <= bindparam("now"),
        )
        .order_by(col(Article.verified_until), col(Article.id))
        .limit(bindparam("most"))
    )
)


async def to_verify_by(
    session: AsyncSession, groups: GroupReader, now: datetime, most: int
) -> list[tuple[Article, str]]:
    """The articles that the members of a reader keep true and that are past their day, the longest first, each with its community's name."""
    if not groups.member_ids:
        return []
    rows = await _TO_VERIFY.all(session, now=now, most=most, **groups.parameters)
    return [(row[0], row[1]) for row in rows]


async def stands_in_collection(session: AsyncSession, collection_id: UUID) -> bool:
    """Whether an article stands in a collection, whoever sees it."""
    found = await session.execute(select(exists().where(col(Article.collection_id) == collection_id)))
    return bool(found.scalar_one())
