"""Reading ideas: lists and their order, where merges end, and what waits."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.orm import aliased
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.contributions import Waiting
from chassis.database.bulk import among
from chassis.database.listing import Listing
from chassis.database.statements import Prepared, Spelling
from services.content.discussions.queries import is_awaited
from services.content.ideas.models import Idea, IdeaTag, IdeaVote
from services.content.ideas.rules import TO_DECIDE, Sort


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is asked for. `community_id` is None for the caller's own in all communities, who are `author_ids`.

    `q` stands in the title; `reader_ids`: the members that the caller is.
    """

    community_id: UUID | None
    author_ids: Sequence[UUID] | None = None
    tag: str | None = None
    status: str | None = None
    to_decide: bool = False
    overdue: bool = False
    q: str | None = None
    sort: Sort = "-created_at"
    sees_removed: bool = False
    reader_ids: Sequence[UUID] = ()


def listing(session: AsyncSession, wanted: Wanted, now: datetime) -> Listing:
    """Ideas in the order that is asked for."""
    first: dict[Sort, Any] = {"-created_at": col(Idea.created_at), "-votes": col(Idea.votes)}
    found = _in_state(wanted)
    if wanted.community_id is not None:
        found.append(col(Idea.community_id) == wanted.community_id)
    if wanted.author_ids is not None:
        found.append(among(session, col(Idea.author_id), wanted.author_ids))
    if wanted.tag is not None:
        found.append(exists().where(col(IdeaTag.idea_id) == col(Idea.id), col(IdeaTag.tag) == wanted.tag))
    if wanted.q is not None:
        found.append(col(Idea.title).icontains(wanted.q, autoescape=True))
    if wanted.to_decide:
        found.append(col(Idea.status).in_(sorted(TO_DECIDE)))
    if wanted.overdue:
        found.append(_is_overdue(now))
    return Listing(select(Idea).where(*found), [first[wanted.sort].desc(), col(Idea.id).desc()])


def _in_state(wanted: Wanted) -> list[ColumnElement[bool]]:
    """What the status that is asked for means; duplicates are listed where it says so, or where they are the caller's own."""
    removed = col(Idea.removed_at).is_not(None)
    if wanted.status == "removed":
        return [removed, ~is_awaited(col(Idea.causes))]
    found: list[ColumnElement[bool]] = [] if wanted.sees_removed and wanted.status is None else [~removed]
    if wanted.status is not None:
        found.append(col(Idea.status) == wanted.status)
    elif not wanted.sees_removed:
        found.append(col(Idea.status) != "duplicate")
    return found


def _is_overdue(now: datetime) -> ColumnElement[bool]:
    """The same as `views.is_overdue`."""
    return and_(col(Idea.answer_due_at) <= now, col(Idea.status) == "open", col(Idea.removed_at).is_(None))


# --- where merges end ------------------------------------------------------------------------------------------------


def _ends(on: Spelling) -> Any:
    start: Any = select(col(Idea.id).label("start"), col(Idea.id).label("id"), col(Idea.merged_into_id).label("next"))
    way = start.where(on.among(col(Idea.id), "ids")).cte("way", recursive=True)
    later = aliased(Idea)
    further = select(way.c.start, col(later.id), col(later.merged_into_id)).where(col(later.id) == way.c.next)
    way = way.union_all(further)
    shown = (col(Idea.id), col(Idea.title), col(Idea.author_id), col(Idea.removed_at))
    return select(way.c.start, *shown).join(Idea, col(Idea.id) == way.c.id).where(way.c.next.is_(None))


_ENDS: Prepared[Any] = Prepared(_ends)


async def ends_of(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Any]:
    """The ideas in which these end, by theirs."""
    if not ids:
        return {}
    return {row.start: row for row in await _ENDS.all(session, ids=list(ids))}


async def end_of(session: AsyncSession, key: UUID) -> UUID:
    """The idea in which this one ends."""
    row = (await ends_of(session, [key])).get(key)
    return key if row is None else row.id


# --- what is whose, and what waits -----------------------------------------------------------------------------------

_VOTED = Prepared(
    lambda on: select(col(IdeaVote.idea_id)).where(
        on.among(col(IdeaVote.member_id), "member_ids"), on.among(col(IdeaVote.idea_id), "ids"), col(IdeaVote.given)
    )
)


async def voted(session: AsyncSession, member_ids: Collection[UUID], ids: Collection[UUID]) -> set[UUID]:
    """For which of these somebody votes; in each community they are at most one of these members."""
    if not member_ids or not ids:
        return set()
    return set(await _VOTED.all(session, member_ids=list(member_ids), ids=list(ids)))


async def to_decide(session: AsyncSession, community_id: UUID, now: datetime, _member_id: UUID | None) -> Waiting:
    """The ideas of which nobody has said what becomes of them; overdue are those that nobody has taken up in time."""
    counted = select(func.count(), func.min(col(Idea.created_at)), func.count().filter(_is_overdue(now))).where(
        col(Idea.community_id) == community_id,
        col(Idea.status).in_(sorted(TO_DECIDE)),
        col(Idea.removed_at).is_(None),
    )
    count, oldest_at, overdue = (await session.execute(counted)).one()
    href = f"/v1/ideas?community_id={community_id}&to_decide=true"
    return Waiting(count=count, oldest_at=oldest_at, overdue=overdue, href=href)
