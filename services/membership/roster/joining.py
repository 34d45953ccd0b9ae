"""How a membership begins, changes and ends, for the use cases of every feature: state and message in one place."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.context import context_of
from chassis.database.lines import taking
from chassis.database.statements import Prepared, bindparam
from chassis.messaging.outbox import emit
from chassis.problems import NOT_FOUND, refused
from chassis.timers import schedule
from contracts.membership import (
    MemberBefore,
    MemberChange,
    MemberCohortChanged,
    MemberJoined,
    MemberLeft,
    MemberRoleChanged,
    MemberUpdated,
    SanctionChanged,
)
from services.membership.people.models import Person
from services.membership.roster.holding import holds_of
from services.membership.roster.models import Member, RoleGrant, held_roles
from services.membership.roster.occasions import (
    MemberConcerned,
    judging_ended,
    membership_ended,
    ownership_ended,
    running_begun,
)
from services.membership.roster.rules import (
    RUN_IT,
    TIMED,
    WORK_CASES,
    Cause,
    Via,
    is_live,
    joining_refusal,
    open_status,
)

MUTE_OVER = "member.mute_over"
"""The timer of a mute's end."""
RESOLUTION = timedelta(microseconds=1)
"""The smallest step of time that both databases keep: what held just before a moment."""


def member_message(
    kind: type[MemberChange], member: Member, person: Person, *, now: datetime, before: MemberBefore | None = None
) -> MemberChange:
    """The whole public state of a membership at a moment, as one of the messages about it."""
    return kind(**member_state(member, person, now), before=before or MemberBefore())


def member_state(member: Member, person: Person, now: datetime) -> dict[str, Any]:
    """What others may know of a membership and its person, as of that moment."""
    return {
        "community_id": member.community_id,
        "member_id": member.id,
        "person_id": person.id,
        "employee_no": person.employee_no,
        "display_name": person.display_name,
        "department_code": person.department_code,
        "job_grade": person.job_grade,
        "grade_since": person.grade_since,
        "site": person.site,
        "person_kind": person.kind,
        "locale": person.locale,
        "time_zone": person.time_zone,
        "roles": tuple(member.roles_at(now)),
        "status": open_status(member.status_at(now)),
        "joined_at": member.joined_at,
        "via": member.via,
        "cohort_id": member.cohort_id,
        "channel": member.channel,
        "campaign_id": member.campaign_id,
        "application_id": member.application_id,
        "on_boards": member.on_boards,
    }


def sanction_of(member: Member) -> dict[str, Any]:
    """What the services alone are told of what a member may not do for now."""
    sanctioned = member.status in TIMED
    return {
        "community_id": member.community_id,
        "member_id": member.id,
        "status": member.status if sanctioned else "none",
        "until": member.status_until if sanctioned else None,
        "then_muted_until": member.then_muted_until if sanctioned else None,
        "penalty_ids": tuple(map(UUID, member.penalty_ids or ())) if sanctioned else (),
    }


async def tell_sanction(session: AsyncSession, member: Member, *, at: datetime) -> None:
    """Publish what the locked member may not do for now."""
    member.sanctions_told += 1
    await emit(session, SanctionChanged(**sanction_of(member)), version=member.sanctions_told, occurred_at=at)


async def tell(
    session: AsyncSession,
    kind: type[MemberChange],
    member: Member,
    person: Person,
    *,
    at: datetime,
    before: MemberBefore | None = None,
) -> None:
    """Publish a change of a membership that happened at that moment; the member's row must be locked or new."""
    message = member_message(kind, member, person, now=at, before=before)
    await emit(session, message, version=member.bump(), occurred_at=at)


async def join(
    session: AsyncSession,
    *,
    person: Person,
    community_id: UUID,
    via: Via,
    joined_at: datetime,
    now: datetime,
    roles: Sequence[str] = (),
    cause: Cause = "person",
    **particulars: Any,
) -> Member:
    """Make a person a member, or a former member a member again: the record and its id stay.

    `particulars` are channel, cohort_id, campaign_id and application_id. Raises `already_a_member`, `expelled`.
    """
    member = await find_member(session, community_id=community_id, person_id=person.id, lock=True)
    code = joining_refusal(status=member.status if member else None, via=via)  # type: ignore[arg-type]
    if code is not None:
        raise refused(code)
    before = MemberBefore()
    if member is None:
        member = Member(
            community_id=community_id,
            person_id=person.id,
            joined_at=joined_at,
            via=via,
            recorded_at=now,
            roles={},
            **particulars,
        )
        session.add(member)
        await session.flush()
    else:
        before = MemberBefore(status=open_status(member.status_at(now)))
        come_back(member, via=via, joined_at=joined_at, now=now, **particulars)
    actor = context_of(session).actor
    for role in roles:
        session.add(
            RoleGrant(
                community_id=community_id,
                member_id=member.id,
                role=role,
                cause=cause,
                given_by=actor,
                since=joined_at,
            )
        )
    member.roles = dict.fromkeys(roles)
    await tell(session, MemberJoined, member, person, at=joined_at, before=before)
    if before.status is not None:
        await take_up_sanctions(session, [member], now)
    return member


def come_back(
    member: Member,
    *,
    via: Via,
    joined_at: datetime,
    now: datetime,
    channel: str | None = None,
    cohort_id: UUID | None = None,
    campaign_id: UUID | None = None,
    application_id: UUID | None = None,
) -> None:
    """Take up a membership that had ended."""
    member.take_hold(None)
    member.ended_at = None
    member.joined_at, member.via, member.recorded_at = joined_at, via, now
    member.channel, member.cohort_id = channel, cohort_id
    member.campaign_id, member.application_id = campaign_id, application_id


async def take_up_sanctions(session: AsyncSession, members: Sequence[Member], now: datetime) -> None:
    """Of locked members who came back, mute and suspend those whose sanction is not over: nobody leaves in order to write again."""
    for member_id, hold in (await holds_of(session, members, now)).items():
        member = next(one for one in members if one.id == member_id)
        if hold.status in TIMED:
            member.take_hold(hold)
            await tell_sanction(session, member, at=now)
            if hold.status == "muted" and hold.until is not None:
                await schedule(session, MUTE_OVER, member.id, hold.until)


async def end_membership(session: AsyncSession, *, member: Member, person: Person, status: str, now: datetime) -> None:
    """End a membership and every role in it. The caller has locked the member and made sure of another owner."""
    judged = not WORK_CASES.isdisjoint(member.roles)
    before = MemberBefore(status=open_status(member.status_at(now)), roles=tuple(member.roles_at(now)) or None)
    await session.execute(
        update(RoleGrant)
        .where(col(RoleGrant.member_id) == member.id, col(RoleGrant.revoked_at).is_(None))
        .values(revoked_at=now, revoked_by=context_of(session).actor)
    )
    sanctioned = member.status in TIMED
    member.take_hold(None)
    member.status, member.ended_at, member.roles = status, now, {}
    if sanctioned:
        await tell_sanction(session, member, at=now)
    await tell(session, MemberLeft, member, person, at=now, before=before)
    await membership_ended.happened(session, MemberConcerned(member, person, now))
    if judged:
        await session.flush()
        await judging_ended.happened(session, MemberConcerned(member, person, now))


async def set_cohort(
    session: AsyncSession, *, member: Member, person: Person, cohort_id: UUID | None, now: datetime
) -> bool:
    """Move a locked member to a cohort. False if they are in it already."""
    if member.cohort_id == cohort_id:
        return False
    before = MemberBefore(cohort_id=member.cohort_id)
    member.cohort_id = cohort_id
    await tell(session, MemberCohortChanged, member, person, at=now, before=before)
    return True


async def set_on_boards(
    session: AsyncSession, *, member: Member, person: Person, on_boards: bool, now: datetime
) -> bool:
    """Let a locked member stand on boards, or not. False if they do so already."""
    if member.on_boards == on_boards:
        return False
    before = MemberBefore(on_boards=member.on_boards)
    member.on_boards = on_boards
    member.version += 1
    await tell(session, MemberUpdated, member, person, at=now, before=before)
    return True


async def change_roles(
    session: AsyncSession, *, member: Member, person: Person, grants: Iterable[RoleGrant], at: datetime
) -> None:
    """Copy the grants in force to the locked member's row, and say whether their roles changed, and whether they run the community now or own it no more."""
    before = tuple(held_roles(member.roles, at - RESOLUTION))
    member.roles = {
        grant.role: grant.until.isoformat() if grant.until else None for grant in grants if grant.revoked_at is None
    }
    after = member.roles_at(at)
    if tuple(after) != before:
        await tell(session, MemberRoleChanged, member, person, at=at, before=MemberBefore(roles=before))
    if not RUN_IT.isdisjoint(after) and RUN_IT.isdisjoint(before):
        await session.flush()
        await running_begun.happened(session, MemberConcerned(member, person, at))
    if "owner" in before and "owner" not in after:
        await session.flush()
        await ownership_ended.happened(session, MemberConcerned(member, person, at))
    if not WORK_CASES.isdisjoint(before) and WORK_CASES.isdisjoint(after):
        await session.flush()
        await judging_ended.happened(session, MemberConcerned(member, person, at))


_OF_PERSON = Prepared(
    select(Member).where(
        col(Member.community_id) == bindparam("community_id"), col(Member.person_id) == bindparam("person_id")
    )
)
_LOCKED_OF_PERSON = Prepared(
    select(Member)
    .where(col(Member.community_id) == bindparam("community_id"), col(Member.person_id) == bindparam("person_id"))
    .with_for_update()
)


async def find_member(
    session: AsyncSession, *, community_id: UUID, person_id: UUID, lock: bool = False
) -> Member | None:
    """A person's membership in a community, live or ended."""
    statement = _LOCKED_OF_PERSON if lock else _OF_PERSON
    found = await statement.load(session, community_id=community_id, person_id=person_id)
    return found[0] if found else None


_LOCKED = Prepared(
    select(Member, Person)
    .join(Person, col(Person.id) == col(Member.person_id))
    .where(col(Member.id) == bindparam("member_id"))
    .with_for_update(of=Member)
)


async def lock_member(session: AsyncSession, member_id: UUID) -> tuple[Member, Person]:
    """A member, locked, and the person it is. Raises `NOT_FOUND`."""
    with taking((Member.__tablename__, member_id)):
        found = await _LOCKED.load(session, again=True, member_id=member_id)
    if not found:
        raise NOT_FOUND()
    return found[0][0], found[0][1]


def still_a_member(member: Member) -> bool:
    """Whether the membership has not ended."""
    return is_live(member.status)  # type: ignore[arg-type]
