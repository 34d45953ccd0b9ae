"""Reading rule sets: versions, which one held when, and who has not acknowledged."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.acknowledging import WITHIN
from chassis.contributions import Waiting
from chassis.database.listing import Listing
from chassis.database.statements import Prepared, bindparam
from services.membership.communities.models import Community
from services.membership.communities.standings import rules_owed
from services.membership.people.models import Person
from services.membership.roster.models import Member
from services.membership.roster.queries import embedded_by_id
from services.membership.roster.rules import ENDED
from services.membership.rule_sets.models import RuleAcknowledgement, RuleSet
from services.membership.rule_sets.schemas import MissingAcknowledgement

MOST_TASKS: Final = 100

_THEN: Prepared[Any] = Prepared(
    select(RuleSet).where(
        col(RuleSet.community_id) == bindparam("community_id"),
        col(RuleSet.published_at) <= bindparam("at"),
        or_(col(RuleSet.superseded_at).is_(None), col(RuleSet.superseded_at) > bindparam("at")),
    )
)
_NUMBERED: Prepared[Any] = Prepared(
    lambda on: select(col(RuleSet.id), col(RuleSet.number)).where(
        col(RuleSet.community_id) == bindparam("community_id"), on.among(col(RuleSet.number), "numbers")
    )
)
_CURRENT: Prepared[Any] = Prepared(
    select(RuleSet)
    .join(Community, col(Community.rule_set_id) == col(RuleSet.id))
    .where(col(Community.id) == bindparam("community_id"))
)


async def rule_set_at(session: AsyncSession, community_id: UUID, at: datetime) -> RuleSet | None:
    """The version that was in force in a community at a moment; None before the first."""
    found: RuleSet | None = await _THEN.first(session, community_id=community_id, at=at)
    return found


async def rule_at(
    session: AsyncSession, community_id: UUID, code: str, at: datetime
) -> tuple[int, dict[str, Any]] | None:
    """A rule by its code, of the version that was in force at a moment, with that version's number; None where there was no such rule."""
    found = await rule_set_at(session, community_id, at)
    if found is None or found.number is None:
        return None
    rule = next((one for one in found.rules if one["code"] == code), None)
    return None if rule is None else (found.number, rule)


async def ids_by_number(session: AsyncSession, community_id: UUID, numbers: Collection[int]) -> dict[int, UUID]:
    """The versions of a community with these numbers, by number."""
    rows = await _NUMBERED.all(session, community_id=community_id, numbers=list(numbers)) if numbers else []
    return {row.number: row.id for row in rows}


async def current_of(session: AsyncSession, community_id: UUID) -> RuleSet | None:
    """The version in force in a community."""
    found: RuleSet | None = await _CURRENT.first(session, community_id=community_id)
    return found


async def number_in_force(session: AsyncSession, community_id: UUID) -> int:
    """The number of the version in force; 0 before the first."""
    return (await session.get_one(Community, community_id)).rules_version


def versions(community_id: UUID, *, drafts: bool) -> Listing:
    """The rule sets of a community, the newest first; drafts for those who write them."""
    statement = select(RuleSet).where(col(RuleSet.community_id) == community_id)
    if not drafts:
        statement = statement.where(col(RuleSet.number).is_not(None))
    return Listing(statement, [col(RuleSet.created_at).desc(), col(RuleSet.id).desc()])


def missing(community_id: UUID, rule_set_id: UUID, *, overdue: bool, now: datetime) -> Listing:
    """The members who have not acknowledged the version, who joined first first; nobody where another is in force."""
    statement = _missing(and_(col(Community.id) == community_id, col(Community.rule_set_id) == rule_set_id))
    if overdue:
        statement = statement.where(_is_overdue(now))
    return Listing(statement, [col(Member.joined_at).asc(), col(Member.id).asc()])


def _missing(which: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    return (
        select(Member, Community)
        .join(Community, col(Community.id) == col(Member.community_id))
        .join(Person, col(Person.id) == col(Member.person_id))
        .where(
            which,
            col(Member.rules_acknowledged) < col(Community.rules_version),
            col(Member.status).not_in(ENDED),
        )
    )


def _is_overdue(now: Any) -> ColumnElement[bool]:
    """In SQL what `MemberFacts.is_overdue` says of one."""
    late = and_(col(Member.joined_at) <= now - WITHIN, col(Member.recorded_at) <= now - WITHIN)
    over = and_(col(Community.rules_acknowledge_by) <= now, late)
    return or_(col(Member.rules_overdue) >= col(Community.rules_version), over)


async def due_between(
    session: AsyncSession, community_id: UUID, after: datetime, by: datetime, beyond: UUID | None, limit: int
) -> Sequence[UUID]:
    """Of the members who have not acknowledged those whose time is over between these moments, in order of id beyond one."""
    statement = _missing(col(Community.id) == community_id).where(_is_overdue(by), ~_is_overdue(after))
    if beyond is not None:
        statement = statement.where(col(Member.id) > beyond)
    ids = statement.with_only_columns(col(Member.id)).order_by(col(Member.id)).limit(limit)
    return (await session.execute(ids)).scalars().all()


async def shown_missing(session: AsyncSession, rows: Sequence[Any], now: datetime) -> list[MissingAcknowledgement]:
    """Members who have not acknowledged, as a page shows them."""
    members = await embedded_by_id(session, [member.id for member, _ in rows], now)
    found = []
    for member, community in rows:
        due_at = rules_owed(community, member)["acknowledge_by"]
        found.append(MissingAcknowledgement(member=members[member.id], due_at=due_at, overdue=due_at <= now))
    return found


async def waiting(session: AsyncSession, community_id: UUID, now: datetime, _member_id: UUID | None) -> Waiting:
    """How many have not acknowledged the rules in force, and for how many the time is over."""
    missed = _missing(col(Community.id) == community_id).with_only_columns(
        col(Community.rule_set_id), func.count().label("many"), func.count().filter(_is_overdue(now)).label("overdue")
    )
    row = (await session.execute(missed.group_by(col(Community.rule_set_id)))).first()
    if row is None:
        return Waiting(count=0, href=f"/v1/rule-sets?community_id={community_id}")
    return Waiting(count=row.many, overdue=row.overdue, href=f"/v1/rule-sets/{row.rule_set_id}/missing")


async def acknowledged_at(session: AsyncSession, member_id: UUID, rule_set_id: UUID) -> datetime | None:
    """When a member acknowledged a version; None where they have not."""
    found = await session.get(RuleAcknowledgement, (member_id, rule_set_id))
    return found.acknowledged_at if found else None


_OF_PERSON: Prepared[Any] = Prepared(
    _missing(col(Member.person_id) == bindparam("person_id"))
    .where(col(Community.status) == "open")
    .order_by(col(Member.joined_at), col(Member.id))
    .limit(MOST_TASKS)
)


async def owed_by(session: AsyncSession, person_id: UUID) -> list[tuple[Community, UUID, datetime]]:
    """The open communities whose rules a person has not acknowledged, which those are, and until when they were to."""
    found = []
    for member, community in await _OF_PERSON.all(session, person_id=person_id):
        owed = rules_owed(community, member)
        found.append((community, owed["rule_set_id"], owed["acknowledge_by"]))
    return found
