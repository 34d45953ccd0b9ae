"""Reading mentorships."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, case, exists, func, literal, or_, select, update
from sqlalchemy.orm import aliased
from sqlmodel import UTCDateTime, col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.lines import taking
from chassis.database.listing import Listing
from services.membership.mentorships import rules
from services.membership.mentorships.models import MentorCapacity, Mentorship, MentorshipNote
from services.membership.mentorships.schemas import Attention
from services.membership.roster.models import Member, RoleGrant
from services.membership.roster.queries import effective_status, in_force
from services.membership.roster.rules import ENDED

SEEKING_FOR: Final = timedelta(days=60)
"""Who asked a mentor in vain so long ago is not waiting any more."""


async def lock_pair(session: AsyncSession, community_id: UUID, *ids: UUID) -> dict[UUID, Member]:
    """These members of the community, locked, in one order; without those who are none any more."""
    with taking((Member.__tablename__, *sorted(ids))):
        found = await session.execute(
            select(Member)
            .where(col(Member.id).in_(ids), col(Member.community_id) == community_id)
            .where(col(Member.status).not_in(ENDED))
            .order_by(col(Member.id))
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    return {member.id: member for member in found.scalars()}


async def lock_to_accept(session: AsyncSession, key: UUID, mentee_id: UUID) -> Sequence[Mentorship]:
    """A mentorship, and that which its mentee has, if any, locked; the mentee is locked already."""
    has = and_(col(Mentorship.mentee_id) == mentee_id, col(Mentorship.status) == "active")
    with taking((Mentorship.__tablename__, key)):
        found = await session.execute(
            select(Mentorship)
            .where(or_(col(Mentorship.id) == key, has))
            .order_by(col(Mentorship.id))
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    return found.scalars().all()


async def lock_of_pair(
    session: AsyncSession, mentor_id: UUID, mentee_id: UUID, since: datetime
) -> Sequence[Mentorship]:
    """What these two have or proposed, and what was declined from a moment on, locked; the two are locked already."""
    declined = and_(col(Mentorship.status) == "declined", col(Mentorship.answered_at) > since)
    found = await session.execute(
        select(Mentorship)
        .where(col(Mentorship.mentor_id) == mentor_id, col(Mentorship.mentee_id) == mentee_id)
        .where(or_(col(Mentorship.status).in_(sorted(rules.LIVE)), declined))
        .order_by(col(Mentorship.id))
        .with_for_update()
    )
    return found.scalars().all()


async def part_active_of(session: AsyncSession, member_id: UUID, at: datetime) -> Sequence[Row[Any]]:
    """End the active ones of a member who is locked already, on either side, in one statement: what they are then, a message of each counted.

    Completed is one whose end has come and nothing has recorded that yet.
    """
    mine = or_(col(Mentorship.mentor_id) == member_id, col(Mentorship.mentee_id) == member_id)
    active = select(col(Mentorship.id)).where(mine, col(Mentorship.status) == "active")
    over = col(Mentorship.ends_at) <= at
    left = case((col(Mentorship.mentor_id) == member_id, "mentor_left"), else_="mentee_left")
    parted = await session.execute(
        update(Mentorship)
        .where(col(Mentorship.id).in_(active.order_by(col(Mentorship.id)).with_for_update()))
        .values(
            status=case((over, "completed"), else_="ended"),
            closed_because=case((over, "time"), else_=left),
            closed_at=case((over, col(Mentorship.ends_at)), else_=literal(at, UTCDateTime())),
            version=col(Mentorship.version) + 1,
            messages_published=col(Mentorship.messages_published) + 1,
        )
        .returning(
            col(Mentorship.id),
            col(Mentorship.community_id),
            col(Mentorship.mentor_id),
            col(Mentorship.mentee_id),
            col(Mentorship.status),
            col(Mentorship.closed_at),
            col(Mentorship.messages_published),
        )
        # What the session holds of them is of before.
        .execution_options(synchronize_session=False)
    )
    return sorted(parted, key=attrgetter("id"))


async def has_mentor(session: AsyncSession, mentee_id: UUID, now: datetime) -> bool:
    """Whether a member has a mentor at a moment."""
    active = exists().where(col(Mentorship.mentee_id) == mentee_id, is_active(now))
    return bool((await session.execute(select(active))).scalar_one())


async def free_of(session: AsyncSession, mentor_id: UUID, now: datetime) -> int:
    """How many mentees more a mentor takes at a moment."""
    taken = select(func.count()).where(col(Mentorship.mentor_id) == mentor_id, is_active(now)).scalar_subquery()
    said = select(col(MentorCapacity.capacity)).where(col(MentorCapacity.member_id) == mentor_id).scalar_subquery()
    found = await session.execute(select(func.coalesce(said, rules.USUAL_CAPACITY) - taken))
    return int(found.scalar_one())


async def proposed_lately(session: AsyncSession, member_id: UUID, since: datetime) -> int:
    """How many proposals a member made from a moment on."""
    by_mentor = and_(col(Mentorship.mentor_id) == member_id, col(Mentorship.proposed_by) == "mentor")
    by_mentee = and_(col(Mentorship.mentee_id) == member_id, col(Mentorship.proposed_by) == "mentee")
    made = select(func.count()).select_from(Mentorship)
    found = await session.execute(made.where(or_(by_mentor, by_mentee), col(Mentorship.proposed_at) > since))
    return int(found.scalar_one())


def is_active(now: Any) -> ColumnElement[bool]:
    """Active by the clock."""
    return and_(col(Mentorship.status) == "active", col(Mentorship.ends_at) > now)


def _by_the_clock(now: datetime) -> ColumnElement[Any]:
    """The status by the clock: what `Course.status_at` says of one row."""
    lapsed = and_(col(Mentorship.status) == "proposed", col(Mentorship.proposed_at) <= now - rules.ANSWER_WITHIN)
    completed = and_(col(Mentorship.status) == "active", col(Mentorship.ends_at) <= now)
    return case((lapsed, "lapsed"), (completed, "completed"), else_=col(Mentorship.status))


def mentorships(
    *,
    now: datetime,
    community_id: UUID | None,
    own_ids: Collection[UUID] | None,
    member_id: UUID | None = None,
    status: str | None = None,
    attention: Attention | None = None,
) -> Listing:
    """Mentorships, the newest proposal first; `own_ids`: only those of these memberships, `member_id` of this one."""
    statement: Select[*tuple[Any, ...]] = select(Mentorship)
    if community_id is not None:
        statement = statement.where(col(Mentorship.community_id) == community_id)
    if own_ids is not None:
        statement = statement.where(_of(own_ids))
    if member_id is not None:
        statement = statement.where(_of([member_id]))
    if status is not None:
        statement = statement.where(_by_the_clock(now) == status)
    if attention is not None:
        statement = statement.where(wanting(attention, now))
    return Listing(statement, [col(Mentorship.proposed_at).desc(), col(Mentorship.id).desc()])


def _of(members: Collection[UUID]) -> ColumnElement[bool]:
    return or_(col(Mentorship.mentor_id).in_(members), col(Mentorship.mentee_id).in_(members))


def wanting(attention: Attention, now: datetime) -> ColumnElement[bool]:
    """What those who run a community should see to."""
    if attention == "quiet":
        return and_(is_active(now), col(Mentorship.noted_at) <= now - rules.QUIET_AFTER)
    if attention == "unattended":
        return and_(is_active(now), or_(_without_role(now), _suspended(now)))
    return _seeking(now)


def _without_role(now: datetime) -> ColumnElement[bool]:
    held = exists().where(col(RoleGrant.member_id) == col(Mentorship.mentor_id), in_force(["mentor"], now))
    return ~held


def _suspended(now: datetime) -> ColumnElement[bool]:
    two = col(Member.id).in_([col(Mentorship.mentor_id), col(Mentorship.mentee_id)])
    return exists().where(two, effective_status(now) == "suspended")


def _seeking(now: datetime) -> ColumnElement[bool]:
    """The newest request of each mentee who asked and has no mentor: it waits, was declined, or lapsed."""
    later, has = aliased(Mentorship), aliased(Mentorship)
    asked_again = exists().where(
        later.mentee_id == col(Mentorship.mentee_id),  # type: ignore[arg-type]
        later.proposed_by == "mentee",  # type: ignore[arg-type]
        or_(
            later.proposed_at > col(Mentorship.proposed_at),
            and_(later.proposed_at == col(Mentorship.proposed_at), later.id > col(Mentorship.id)),  # type: ignore[arg-type]
        ),
    )
    found_one = exists().where(
        has.mentee_id == col(Mentorship.mentee_id),  # type: ignore[arg-type]
        or_(
            and_(has.status == "active", has.ends_at > now),  # type: ignore[arg-type, operator]
            has.started_at > col(Mentorship.proposed_at),
        ),
    )
    there = exists().where(col(Member.id) == col(Mentorship.mentee_id), col(Member.status).not_in(ENDED))
    return and_(
        col(Mentorship.proposed_by) == "mentee",
        col(Mentorship.status).in_(["proposed", "declined", "lapsed"]),
        col(Mentorship.proposed_at) > now - SEEKING_FOR,
        ~asked_again,
        ~found_one,
        there,
    )


def mentors(community_id: UUID, now: datetime, *, free: bool) -> Listing:
    """The mentors of a community with their capacity and how many mentees they have, in the order in which they joined."""
    taken = (
        select(func.count())
        .where(col(Mentorship.mentor_id) == col(Member.id), is_active(now))
        .correlate(Member)
        .scalar_subquery()
    )
    capacity = func.coalesce(col(MentorCapacity.capacity), rules.USUAL_CAPACITY)
    holds = exists().where(col(RoleGrant.member_id) == col(Member.id), in_force(["mentor"], now))
    statement: Select[*tuple[Any, ...]] = (
        select(col(Member.id), capacity.label("capacity"), taken.label("taken"))
        .outerjoin(MentorCapacity, col(MentorCapacity.member_id) == col(Member.id))
        .where(col(Member.community_id) == community_id, col(Member.status).not_in(ENDED), holds)
    )
    if free:
        statement = statement.where(capacity > taken)
    return Listing(statement, [col(Member.joined_at).asc(), col(Member.id).asc()])


async def skills_of(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, list[str]]:
    """What these members can do, as others read it: of whom it is not to be read yet, or no more, nothing."""
    found = await session.execute(
        select(col(Member.id), col(Member.skills)).where(col(Member.id).in_(ids), col(Member.described_readable))
    )
    return {row.id: row.skills for row in found}


def notes_of(mentorship_id: UUID, *, shared_only: bool) -> Listing:
    """The notes of a mentorship, the newest first."""
    statement = select(MentorshipNote).where(col(MentorshipNote.mentorship_id) == mentorship_id)
    if shared_only:
        statement = statement.where(col(MentorshipNote.shared).is_(True))
    return Listing(statement, [col(MentorshipNote.written_at).desc(), col(MentorshipNote.id).desc()])


async def memberships_of(session: AsyncSession, person_id: UUID, now: datetime) -> list[UUID]:
    """The memberships of a person that have not ended, without those that are suspended."""
    theirs = select(col(Member.id)).where(
        col(Member.person_id) == person_id, effective_status(now).not_in([*ENDED, "suspended"])
    )
    return list((await session.execute(theirs)).scalars())
