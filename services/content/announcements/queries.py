"""Reading announcements: whom they are for, who has confirmed them, and what they are to a reader."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, String, and_, cast, exists, join, literal, or_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.listing import Listing
from chassis.database.statements import Prepared, bindparam
from chassis.projections.members import LEFT_STATUSES
from services.content.announcements.models import Addressee, Announcement, Confirmation
from services.content.announcements.schemas import ReaderState
from services.content.base import known
from services.content.discussions.kinds import AnnouncementMine, AnnouncementPublic, AudiencePublic
from services.content.discussions.models import Discussion
from services.content.discussions.occasions import Shown
from services.content.groups import belongs

_members, _people, _sanctions = known.members.c, known.people.c, known.sanctions.c


def is_for(reader: Any) -> ColumnElement[bool]:
    """Whether a discussion concerns a member: an announcement those whom it is for, any other everybody."""
    members, people = known.members.alias(), known.people.alias()
    addressed = (
        exists()
        .select_from(
            join(Announcement.__table__, members, members.c.id == reader).outerjoin(  # type: ignore[attr-defined]
                people, people.c.id == members.c.person_id
            )
        )
        .where(col(Announcement.discussion_id) == col(Discussion.id), _is_for(members, people))
        .correlate(Discussion, known.members)
    )
    return or_(col(Discussion.kind) != "announcement", addressed)


def _is_for(members: FromClause = known.members, people: FromClause = known.people) -> ColumnElement[bool]:
    """Whether a member, with what is known of the person, is one of those whom an announcement is for."""
    named = exists().where(
        col(Addressee.discussion_id) == col(Announcement.discussion_id),
        or_(
            cast(members.c.roles, String).like(literal('%"').concat(col(Addressee.role)).concat('"%')),
            col(Addressee.department) == people.c.department_code,
            col(Addressee.cohort_id) == members.c.cohort_id,
            and_(col(Addressee.group_id).is_not(None), belongs(col(Addressee.group_id), members.c.id)),
        ),
    )
    return and_(
        belongs(col(Announcement.group_id), members.c.id),
        or_(col(Announcement.for_all), named.correlate(Announcement, members, people)),
        members.c.status.not_in(LEFT_STATUSES),
    )


def _suspended(now: Any) -> ColumnElement[bool]:
    return exists().where(
        _sanctions.id == _members.id,
        _sanctions.status == "suspended",
        or_(_sanctions.until.is_(None), _sanctions.until > now),
    )


def _confirmed() -> ColumnElement[bool]:
    """Joins what a member has confirmed of what they are asked now."""
    return and_(
        col(Confirmation.discussion_id) == col(Announcement.discussion_id),
        col(Confirmation.member_id) == _members.id,
        col(Confirmation.asked) == col(Announcement.asked),
    )


def readers(discussion: Discussion, state: ReaderState, now: datetime) -> Listing:
    """Ids of those whom an announcement is for, with when they confirmed it: who did so last comes first, else in the order of joining."""
    at = col(Confirmation.confirmed_at)
    found = (
        select(_members.id, at)
        .select_from(known.members)
        .join(Announcement, col(Announcement.community_id) == _members.community_id)
        .outerjoin(known.people, _people.id == _members.person_id)
        .outerjoin(Confirmation, _confirmed())
        .where(
            col(Announcement.discussion_id) == discussion.id,
            _members.id != discussion.author_id,
            _is_for(),
            ~_suspended(now),
        )
    )
    if state == "read":
        return Listing(found.where(at.is_not(None)), [at.desc(), _members.id.desc()])
    return Listing(found.where(at.is_(None)), [_members.joined_at.asc(), _members.id.asc()])


async def unconfirmed(session: AsyncSession, discussion: Discussion, now: datetime) -> list[UUID]:
    """All who have not confirmed it."""
    listing = readers(discussion, "unread", now)
    return [row[0] for row in await session.execute(listing.statement.order_by(*listing.order))]


_OF_KIND: Prepared[Any] = Prepared(
    lambda on: (
        select(Announcement, _members.id, _is_for().label("is_for"), col(Confirmation.confirmed_at))
        .select_from(Announcement)
        .outerjoin(
            known.members,
            and_(_members.community_id == col(Announcement.community_id), on.among(_members.id, "member_ids")),
        )
        .outerjoin(known.people, _people.id == _members.person_id)
        .outerjoin(Confirmation, _confirmed())
        .where(on.among(col(Announcement.discussion_id), "discussion_ids"))
    )
)


async def of_kind(session: AsyncSession, shown: Shown) -> Mapping[UUID, Mapping[str, Any]]:
    """How announcements are made known, for whoever they are shown to, in one statement; none where there are none."""
    rows = {row.id: row for row in shown.discussions if row.kind == "announcement"}
    if not rows:
        return {}
    found = await _OF_KIND.all(session, discussion_ids=list(rows), member_ids=list(shown.member_ids))
    return {
        one.discussion_id: {"announcement": _public(rows[one.discussion_id], one, member_id, bool(is_for), at)}
        for one, member_id, is_for, at in found
    }


def _public(
    row: Discussion, one: Announcement, member_id: UUID | None, is_for: bool, at: datetime | None
) -> AnnouncementPublic:
    wanted = is_for and one.confirm != "none" and at is None and member_id != row.author_id and row.publish_at is None
    return AnnouncementPublic(
        audience=AudiencePublic.model_validate(row.audience or {}),
        confirm=one.confirm,
        confirm_by=one.confirm_by,
        publish_at=row.publish_at,
        reminded_at=one.reminded_at,
        mine=None if member_id is None else AnnouncementMine(asked=wanted, confirmed_at=at),
    )


_WAITING = (
    select(
        col(Discussion.id),
        col(Discussion.title),
        col(Announcement.confirm_by),
        known.communities.c.id.label("community_id"),
        known.communities.c.name.label("community_name"),
    )
    .select_from(known.members)
    .join(Announcement, col(Announcement.community_id) == _members.community_id)
    .join(Discussion, col(Discussion.id) == col(Announcement.discussion_id))
    .join(known.communities, known.communities.c.id == _members.community_id)
    .outerjoin(known.people, _people.id == _members.person_id)
    .where(
        _members.person_id == bindparam("person_id"),
        col(Announcement.confirm) != "none",
        col(Discussion.removed_at).is_(None),
        col(Discussion.author_id) != _members.id,
        known.communities.c.status != "archived",
        _is_for(),
        ~_suspended(bindparam("now")),
        ~exists().where(_confirmed()).correlate(Announcement, known.members),
    )
    .order_by(col(Announcement.confirm_by), col(Discussion.id))
    .limit(bindparam("most"))
)
_WAITING_ANYWHERE: Prepared[Any] = Prepared(_WAITING)
_WAITING_IN: Prepared[Any] = Prepared(_WAITING.where(_members.community_id == bindparam("community_id")))


async def waiting(
    session: AsyncSession, person_id: UUID, now: datetime, *, community_id: UUID | None = None, limit: int
) -> Sequence[Any]:
    """Rows of what waits for a person to confirm, the most urgent first: the discussion's id and title, by when, and the community."""
    if community_id is None:
        return await _WAITING_ANYWHERE.all(session, person_id=person_id, now=now, most=limit)
    return await _WAITING_IN.all(session, person_id=person_id, now=now, most=limit, community_id=community_id)
