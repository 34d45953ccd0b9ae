"""Finding who matches a rule, who would join by it, and who joined by it and matches no more."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, exists, false, func, select, true
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among, insert_new
from chassis.database.listing import Listing
from services.membership.communities.models import Community
from services.membership.departments.queries import below_any
from services.membership.enrolment.models import EnrolmentKept
from services.membership.enrolment.rules import COMMUNITIES_AT_ONCE, Rule
from services.membership.people.models import Person
from services.membership.roster.models import Member
from services.membership.roster.rules import ENDED

_ON = and_(col(Community.status) == "open", col(Community.join) == "assigned", col(Community.assigned).is_not(None))


def matching(rule: Rule, today: date) -> ColumnElement[bool]:
    """What `matches` says of one person."""
    asked: list[ColumnElement[bool]] = []
    if rule.departments:
        asked.append(col(Person.department_code).in_(below_any(rule.departments)))
    if rule.job_grades:
        asked.append(col(Person.job_grade).in_(rule.job_grades))
    for days, since in ((rule.hired_within_days, Person.hired_on), (rule.grade_since_days, Person.grade_since)):
        if days is not None:
            asked.append(col(since).between(today - timedelta(days=days), today))
    return and_(true(), *asked)


def enrolled_by_rule() -> ColumnElement[bool]:
    """Whom rules are about: people of the company, who are there."""
    return and_(col(Person.kind) == "employee", col(Person.status) == "active")


async def assigned_communities(session: AsyncSession, after: UUID | None) -> Sequence[Community]:
    """The next communities that enrol by a rule, in order of id."""
    statement = select(Community).where(_ON).order_by(col(Community.id)).limit(COMMUNITIES_AT_ONCE)
    if after is not None:
        statement = statement.where(col(Community.id) > after)
    return (await session.execute(statement)).scalars().all()


async def locked_community(session: AsyncSession, community_id: UUID) -> Community | None:
    """A community, in which nobody else enrols meanwhile. What points at it may be written all the same."""
    statement = select(Community).where(col(Community.id) == community_id).with_for_update(key_share=True)
    return (await session.execute(statement.execution_options(populate_existing=True))).scalar_one_or_none()


async def to_enrol(
    session: AsyncSession,
    community: Community,
    rule: Rule,
    today: date,
    *,
    limit: int,
    after: UUID | None = None,
    people: Sequence[UUID] | None = None,
) -> Sequence[Person]:
    """The next people, in order of id, who match and were never members: of everybody, or of these.

    They are held, and read again where somebody was just changing them: who leaves the company meanwhile is not among them.
    """
    statement = select(Person).where(enrolled_by_rule(), matching(rule, today), ~_was_member(community.id))
    if after is not None:
        statement = statement.where(col(Person.id) > after)
    if people is not None:
        statement = statement.where(among(session, col(Person.id), people))
    statement = statement.order_by(col(Person.id)).limit(limit).with_for_update(read=True, of=Person)
    return (await session.execute(statement.execution_options(populate_existing=True))).scalars().all()


@dataclass(frozen=True, slots=True)
class Figures:
    """How many a rule is about."""

    matching: int
    joining: int
    left_out: int
    no_longer_matching: int


async def figures(session: AsyncSession, community: Community, rule: Rule, today: date) -> Figures:
    """How many match; of them how many would join and how many would not since they left or were expelled; and how many match no more."""
    counted = (
        select(
            func.count(),
            func.count(case((col(Member.id).is_(None), 1))),
            func.count(case((col(Member.status).in_(ENDED), 1))),
        )
        .select_from(Person)
        .outerjoin(Member, and_(col(Member.person_id) == col(Person.id), col(Member.community_id) == community.id))
        .where(enrolled_by_rule(), matching(rule, today))
    )
    all_of_them, joining, left_out = (await session.execute(counted)).one()
    gone = select(func.count()).select_from(no_longer(community.id, rule, today).subquery())
    return Figures(all_of_them, joining, left_out, (await session.execute(gone)).scalar_one())


def joining(community: Community, rule: Rule, today: date) -> Listing:
    """Who would join, by name."""
    found = select(Person).where(enrolled_by_rule(), matching(rule, today), ~_was_member(community.id))
    return Listing(found, [col(Person.sort_key).asc(), col(Person.id).asc()])


def left_out(community: Community, rule: Rule, today: date) -> Listing:
    """Who matches and does not join by the rule again, by name."""
    ended = and_(
        col(Member.person_id) == col(Person.id),
        col(Member.community_id) == community.id,
        col(Member.status).in_(ENDED),
    )
    found = select(Person).join(Member, ended).where(enrolled_by_rule(), matching(rule, today))
    return Listing(found, [col(Person.sort_key).asc(), col(Person.id).asc()])


def no_longer(community_id: UUID, rule: Rule, today: date) -> Any:
    """The members who joined by the rule, match no more or are from outside now, and whom nobody decided to keep. Who is suspended may come back."""
    matches = case((and_(col(Person.kind) == "employee", matching(rule, today)), 1), else_=0)
    kept = exists().where(col(EnrolmentKept.member_id) == col(Member.id))
    return (
        select(Member)
        .join(Person, col(Person.id) == col(Member.person_id))
        .where(
            col(Member.community_id) == community_id,
            col(Member.via) == "assigned",
            col(Member.status).not_in(ENDED),
            matches == 0,
            ~kept,
        )
    )


def no_longer_matching(community_id: UUID, rule: Rule, today: date) -> Listing:
    """The same as a list, who joined first coming first."""
    return Listing(no_longer(community_id, rule, today), [col(Member.joined_at).asc(), col(Member.id).asc()])


def _was_member(community_id: UUID) -> ColumnElement[bool]:
    return exists().where(col(Member.person_id) == col(Person.id), col(Member.community_id) == community_id)


def nobody() -> Listing:
    """No person: there is no rule."""
    return Listing(select(Person).where(false()), [col(Person.id).asc()])


def no_member() -> Listing:
    """No member: there is no rule."""
    return Listing(select(Member).where(false()), [col(Member.id).asc()])


async def enrolled_among(session: AsyncSession, community_id: UUID, ids: Sequence[UUID]) -> set[UUID]:
    """Which of these are members here who joined by the rule."""
    found = select(col(Member.id)).where(
        col(Member.community_id) == community_id,
        col(Member.via) == "assigned",
        col(Member.status).not_in(ENDED),
        among(session, col(Member.id), ids),
    )
    return set((await session.execute(found)).scalars())


async def keep(session: AsyncSession, community_id: UUID, ids: Sequence[UUID], actor: str, now: datetime) -> set[UUID]:
    """Note that these are kept. Returns those who were not before."""
    rows = [{"member_id": one, "community_id": community_id, "kept_by": actor, "kept_at": now} for one in ids]
    new = await insert_new(session, EnrolmentKept.__table__, rows, key=("member_id",))  # type: ignore[attr-defined]
    return {one for (one,) in new}
