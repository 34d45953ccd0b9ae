"""Reading discussions: lists and their order, and what waits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import permutations
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, ColumnElement, and_, exists, func, or_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.contributions import Waiting
from chassis.database.bulk import among
from chassis.database.listing import Listing
from chassis.database.statements import Prepared, bindparam, rows_of
from chassis.web.spans import Bounds, within
from services.content.discussions.models import Discussion, DiscussionTag
from services.content.discussions.rules import ASKING, UNSEEN, Sort
from services.content.groups import NO_GROUPS, GroupReader, seen_by_reader
from services.content.unnamed.masks import as_in_thread, worn_by

MOST_PINNED = 10
"""How many come first; of more the latest."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is asked for. `community_id` is None for the caller's own in all communities, who are `author_ids`.

    `q` stands in the title; `created` is between when. `reader_ids`: the members that the caller is. `groups`: by what they see groups.
    `also`: conditions of features above this one.
    """

    community_id: UUID | None
    author_ids: Sequence[UUID] | None = None
    kind: str | None = None
    tag: str | None = None
    status: str | None = None
    unanswered: bool = False
    overdue: bool = False
    q: str | None = None
    created: Bounds = (None, None)
    featured: bool = False
    sort: Sort = "-last_activity_at"
    sees_removed: bool = False
    mine: bool = False
    reader_ids: Sequence[UUID] = ()
    groups: GroupReader = NO_GROUPS
    group_id: UUID | None = None
    also: Sequence[ColumnElement[bool]] = ()


def listing(session: AsyncSession, wanted: Wanted, now: datetime, *, but: Sequence[UUID] = ()) -> Listing:
    """Discussions in the order that is asked for, without these: those that come first, each in its place otherwise."""
    last: dict[Sort, Any] = {
        "-last_activity_at": col(Discussion.last_activity_at),
        "-created_at": col(Discussion.created_at),
        "-reply_count": col(Discussion.reply_count),
    }
    conditions = _conditions(session, wanted, now)
    if but:
        conditions.append(col(Discussion.id).not_in(but))
    return Listing(select(Discussion).where(*conditions), [last[wanted.sort].desc(), col(Discussion.id).desc()])


def _conditions(session: AsyncSession, wanted: Wanted, now: datetime) -> list[ColumnElement[bool]]:
    found = _may_be_seen(wanted)
    if wanted.community_id is not None:
        found.append(col(Discussion.community_id) == wanted.community_id)
    if wanted.group_id is not None:
        found.append(col(Discussion.group_id) == wanted.group_id)
    if wanted.author_ids is not None:
        by = among(session, col(Discussion.author_id), wanted.author_ids)
        # What they asked unnamed is theirs for themselves alone.
        own = set(wanted.author_ids) if wanted.mine else set()
        found.append(or_(by, col(Discussion.author_id).in_(worn_by(own))) if own else by)
    if wanted.kind is not None:
        found.append(col(Discussion.kind) == wanted.kind)
    if wanted.tag is not None:
        found.append(
            exists().where(col(DiscussionTag.discussion_id) == col(Discussion.id), col(DiscussionTag.tag) == wanted.tag)
        )
    if wanted.q is not None:
        found.append(col(Discussion.title).icontains(wanted.q, autoescape=True))
    found += within(col(Discussion.created_at), wanted.created)
    if wanted.unanswered:
        found += [col(Discussion.kind).in_(sorted(ASKING)), col(Discussion.others) == 0]
    if wanted.featured:
        found.append(col(Discussion.featured_at).is_not(None))
    if wanted.overdue:
        found.append(_is_overdue(now))
    return [*found, *wanted.also]


def _may_be_seen(wanted: Wanted) -> list[ColumnElement[bool]]:
    """What the status that is asked for means, and that others see nothing that was removed or is not published."""
    removed, scheduled = col(Discussion.removed_at).is_not(None), col(Discussion.publish_at).is_not(None)
    found = [wanted.groups.sees(col(Discussion.group_id), col(Discussion.community_id))]
    if wanted.author_ids is None:
        found.append(col(Discussion.merged_into_id).is_(None))
    if wanted.status == "removed":
        found += [removed, ~is_awaited(col(Discussion.causes)), col(Discussion.merged_into_id).is_(None)]
    elif wanted.status == "scheduled":
        found += [scheduled, is_awaited(col(Discussion.causes))]
    elif wanted.status is not None:
        found += [~removed, col(Discussion.status) == wanted.status]
    if not wanted.sees_removed:
        found.append(~removed)
    return found


def is_awaited(causes: Any) -> ColumnElement[bool]:
    """What is not seen yet, for its moment or a moderator is to come, and was not removed: the same as `rules.hidden_as` tells."""
    waits = [list(some) for n in range(1, len(UNSEEN) + 1) for some in permutations(sorted(UNSEEN), n)]
    return or_(*(causes == some for some in waits))


def _is_overdue(now: datetime) -> ColumnElement[bool]:
    """The same as `service.is_overdue`."""
    return and_(
        col(Discussion.answer_due_at) <= now,
        col(Discussion.others) == 0,
        col(Discussion.status) == "open",
        col(Discussion.removed_at).is_(None),
    )


async def pinned_first(session: AsyncSession, wanted: Wanted, now: datetime) -> list[Discussion]:
    """Those that come first on the first page, and on no other."""
    every = listing(session, wanted, now)
    pinned = every.statement.where(col(Discussion.pinned_until) > now)
    return await rows_of(session, pinned.order_by(*every.order).limit(MOST_PINNED))


async def overdue_questions(
    session: AsyncSession, community_id: UUID, now: datetime, _member_id: UUID | None
) -> Waiting:
    """The questions that nobody but their author has replied to in time."""
    counted = select(func.count(), func.min(col(Discussion.created_at))).where(
        col(Discussion.community_id) == community_id, _is_overdue(now)
    )
    count, oldest_at = (await session.execute(counted)).one()
    href = f"/v1/discussions?community_id={community_id}&overdue=true"
    return Waiting(count=count, oldest_at=oldest_at, overdue=count, href=href)


_TITLES: Prepared[Any] = Prepared(
    lambda on: select(col(Discussion.id), col(Discussion.title)).where(
        on.among(col(Discussion.id), "ids"),
        seen_by_reader(on, col(Discussion.group_id), col(Discussion.community_id)),
        or_(
            col(Discussion.removed_at).is_(None),
            col(Discussion.author_id) == as_in_thread(bindparam("member_id"), col(Discussion.author_id)),
            bindparam("all", type_=Boolean()),
        ),
    )
)


async def titles_seen(
    session: AsyncSession, ids: Sequence[UUID], member_id: UUID | None, groups: GroupReader, *, moderates: bool
) -> dict[UUID, str]:
    """The titles of those discussions of a community that a member of it sees."""
    if not ids:
        return {}
    rows = await _TITLES.all(session, ids=list(ids), member_id=member_id, all=moderates, **groups.parameters)
    return {row.id: row.title for row in rows}
