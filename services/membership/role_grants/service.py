"""Use cases of role grants."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import Changes, audit
from chassis.avatars import Avatars, avatars_in
from chassis.database.context import SYSTEM_ACTOR
from chassis.database.listing import Listing
from chassis.database.rows import existing
from chassis.database.statements import Prepared, bindparam
from chassis.problems import ALREADY_EXISTS, ILLEGAL_TRANSITION, INVALID, NOT_FOUND, FieldError, refused
from chassis.security.authority import Standing, authorize
from chassis.security.caller import Caller
from chassis.timers import Late, Timer, Timers, cancel, schedule
from chassis.web.schemas import Viewer
from services.membership.departments.queries import department_name
from services.membership.people.models import Person
from services.membership.permissions import MEMBERS_READ, ROLES_GRANT, ROLES_REVOKE
from services.membership.role_grants.queries import role_grants
from services.membership.role_grants.rules import Giver, grant_refusal, revoke_refusal
from services.membership.role_grants.schemas import RoleGrantCreate, RoleGrantPublic
from services.membership.roster.joining import change_roles, lock_member
from services.membership.roster.models import Member, RoleGrant
from services.membership.roster.owners import other_owners, others_of, owners_in
from services.membership.roster.queries import member_and_person
from services.membership.roster.rules import Term
from services.membership.roster.schemas import embedded

TIMER = "role_grant.end"

timers = Timers()


async def grant(session: AsyncSession, *, caller: Caller, body: RoleGrantCreate, now: datetime) -> RoleGrantPublic:
    """Give a member a role. Raises `ALREADY_EXISTS` if they have it, `CONFLICT_OF_INTEREST` about the caller."""
    member, person = await lock_member(session, body.member_id)
    standing = await authorize(session, caller, ROLES_GRANT, member.community_id, now=now)
    code = grant_refusal(_giver(caller, standing), role=body.role, to_himself=caller.id == member.person_id)
    if code is not None:
        raise refused(code)
    if member.status_at(now) not in ("active", "muted"):
        raise ILLEGAL_TRANSITION(state=member.status_at(now))
    _check_term(body, now)
    grants = await grants_in_force(session, member)
    for known in grants:
        # Its end has come, but nothing has recorded it yet.
        if known.until is not None and known.until <= now:
            await end_grant_of(session, known, by=SYSTEM_ACTOR, at=known.until)
    if any(known.role == body.role and known.revoked_at is None for known in grants):
        raise ALREADY_EXISTS(role=body.role)
    given = RoleGrant(
        community_id=member.community_id,
        member_id=member.id,
        role=body.role,
        cause="person",
        given_by=caller.actor,
        since=now,
        until=body.until,
    )
    session.add(given)
    await change_roles(session, member=member, person=person, grants=[*grants, given], at=now)
    if body.until is not None:
        await schedule(session, TIMER, given.id, body.until)
    await audit(session, caller, member, "role.grant", _role_changes(given, [None, body.role]), now)
    return await _alone(session, given, member, person, now)


async def revoke(session: AsyncSession, *, caller: Caller, grant_id: UUID, now: datetime) -> RoleGrantPublic:
    """Take a role away. Raises `LAST_OWNER`, `ILLEGAL_TRANSITION` where it has ended already."""
    noted = await existing(session, RoleGrant, grant_id)
    member, person = await lock_member(session, noted.member_id)
    found = await _present(session, grant_id)
    standing = await authorize(session, caller, ROLES_REVOKE, member.community_id, now=now)
    left = 1
    if found.role == "owner" and ROLES_REVOKE.reach(standing.columns):
        left = await other_owners(
            session, community_id=found.community_id, member_id=found.member_id, now=now, lock=True
        )
    code = _revoking(caller, standing, found, left, now)
    if code is not None:
        raise refused(code, state=None if is_active(found, now) else "ended")
    grants = await grants_in_force(session, member)
    await end_grant_of(session, found, by=caller.actor, at=now)
    await change_roles(session, member=member, person=person, grants=grants, at=now)
    await cancel(session, TIMER, found.id)
    await audit(session, caller, member, "role.revoke", _role_changes(found, [found.role, None]), now)
    return await _alone(session, found, member, person, now)


async def listing(
    session: AsyncSession,
    *,
    caller: Caller,
    community_id: UUID | None,
    member_id: UUID | None,
    role: str | None,
    ended: bool,
    now: datetime,
) -> tuple[Listing, Standing]:
    """The grants in a community or of one member that the caller may see, at least their own, and what the caller is there."""
    own = True
    if member_id is not None:
        member = await existing(session, Member, member_id)
        if community_id not in (None, member.community_id):
            raise NOT_FOUND()
        community_id, own = member.community_id, member.person_id == caller.id
    if community_id is None:
        raise INVALID(
            errors=[
                FieldError(
                    "#/query/community_id",
                    "missing",
                    "Give community_id or member_id.",
                    "请给出 community_id 或 member_id。",
                )
            ]
        )
    standing = await authorize(session, caller, MEMBERS_READ, community_id, own=own, now=now)
    if member_id is None and not standing.sees_all:
        member_id = standing.member_id
    return role_grants(community_id=community_id, member_id=member_id, role=role, ended=ended, now=now), standing


async def shown(
    session: AsyncSession, caller: Caller, standing: Standing, rows: Sequence[Any], now: datetime
) -> list[RoleGrantPublic]:
    """The grants of a page, each with what the caller can do about it."""
    owners: list[UUID] = []
    if any(found.role == "owner" for found, *_ in rows):
        owners = (await owners_in(session, [standing.community.id], now))[standing.community.id]
    return [
        public(
            found,
            member,
            person,
            now,
            avatars_in(session),
            department,
            _viewer(caller, standing, found, member, owners, now),
        )
        for found, member, person, department in rows
    ]


async def read_grant(session: AsyncSession, *, caller: Caller, grant_id: UUID, now: datetime) -> RoleGrantPublic:
    """One grant with what the caller can do about it."""
    found = await existing(session, RoleGrant, grant_id)
    member, person = await member_and_person(session, found.member_id)
    mine = caller.id == member.person_id
    standing = await authorize(session, caller, MEMBERS_READ, found.community_id, own=mine, now=now)
    owners: list[UUID] = []
    if found.role == "owner":
        owners = (await owners_in(session, [found.community_id], now))[found.community_id]
    viewer = _viewer(caller, standing, found, member, owners, now)
    return await _alone(session, found, member, person, now, viewer)


def _viewer(
    caller: Caller, standing: Standing, found: RoleGrant, member: Member, owners: Sequence[UUID], now: datetime
) -> Viewer:
    code = _revoking(caller, standing, found, others_of(member.id, owners), now)
    if standing.community.status == "archived":
        code = "community_archived"
    return Viewer.of({"revoke": code})


@timers.on(TIMER, late=Late.ENDING)
async def end_grant(session: AsyncSession, timer: Timer) -> None:
    """Record that a role has ended by its term, and tell."""
    noted = await session.get(RoleGrant, timer.subject_id)
    if noted is None:
        return
    member, person = await lock_member(session, noted.member_id)
    found = await _present(session, noted.id)
    if found.revoked_at is not None or found.until is None or found.until > timer.now:
        return
    grants = await grants_in_force(session, member)
    await end_grant_of(session, found, by=SYSTEM_ACTOR, at=found.until)
    await change_roles(session, member=member, person=person, grants=grants, at=found.until)


async def _alone(
    session: AsyncSession,
    found: RoleGrant,
    member: Member,
    person: Person,
    now: datetime,
    viewer: Viewer | None = None,
) -> RoleGrantPublic:
    department = await department_name(session, person.department_code)
    return public(found, member, person, now, avatars_in(session), department, viewer)


def public(
    found: RoleGrant,
    member: Member,
    person: Person,
    now: datetime,
    avatars: Avatars,
    department: str | None,
    viewer: Viewer | None = None,
) -> RoleGrantPublic:
    """The grant as it stands at that moment, and the member who has it, with the name of their department."""
    values = {name: getattr(found, name) for name in RoleGrantPublic.model_fields if hasattr(found, name)}
    embed = embedded(member, person, now, avatars, department)
    return RoleGrantPublic(**values, member=embed, active=is_active(found, now), viewer=viewer)


def is_active(found: RoleGrant, now: datetime) -> bool:
    """Whether the role is held by this grant now."""
    return Term(found.role, found.since, found.until, found.revoked_at).holds(now)


async def _present(session: AsyncSession, grant_id: UUID) -> RoleGrant:
    """The grant as it is now that its member is locked."""
    return await session.get_one(RoleGrant, grant_id, populate_existing=True)


_IN_FORCE = Prepared(
    select(RoleGrant)
    .where(col(RoleGrant.member_id) == bindparam("member_id"), col(RoleGrant.revoked_at).is_(None))
    .order_by(col(RoleGrant.id))
)


async def grants_in_force(session: AsyncSession, member: Member) -> list[RoleGrant]:
    """The grants of a locked member that nothing has ended, in the order of id."""
    return await _IN_FORCE.load(session, member_id=member.id)


async def end_grant_of(session: AsyncSession, found: RoleGrant, *, by: str, at: datetime) -> None:
    """End a grant; the member's roles are the caller's to change."""
    found.revoked_at, found.revoked_by = at, by
    # Before a new grant of the same role is inserted, or there would be two in force for a moment.
    await session.flush()


def _revoking(caller: Caller, standing: Standing, found: RoleGrant, owners_left: int, now: datetime) -> str | None:
    if not ROLES_REVOKE.reach(standing.columns):
        return "forbidden"
    ended = not is_active(found, now)
    return revoke_refusal(_giver(caller, standing), role=found.role, ended=ended, owners_left=owners_left)


def _giver(caller: Caller, standing: Standing) -> Giver:
    # Muted and suspended members are in other columns: their roles do not count.
    roles = standing.member.roles if standing.member and {"O", "W"} & standing.columns else frozenset()
    return Giver(roles=roles, is_admin=caller.is_admin)


def _check_term(body: RoleGrantCreate, now: datetime) -> None:
    if body.until is None:
        return
    if body.until <= now:
        raise INVALID(
            errors=[
                FieldError(
                    "/until", "in_the_past", "A role must end after it begins.", "角色的结束时间须晚于开始时间。"
                )
            ]
        )
    if body.role == "owner":
        raise INVALID(
            errors=[
                FieldError(
                    "/until",
                    "owner_without_end",
                    "The role of owner may not have an end.",
                    "所有者角色不能设结束时间。",
                )
            ]
        )


def _role_changes(found: RoleGrant, role: list[str | None]) -> Changes:
    return {"role": role} | ({"until": [None, found.until]} if found.until else {})
