"""Members as answers name them, and what else is known of one, from the projection of the service that the session belongs to."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.acknowledging import due_at
from chassis.avatars import avatars_in
from chassis.database.context import context_of
from chassis.database.statements import Prepared, bindparam
from chassis.ids import is_mask
from chassis.problems import FORBIDDEN, NOT_FOUND, SESSION_REVOKED
from chassis.projections.tables import KnownTables, known_to
from chassis.security.authority import MemberFacts, authorize, columns_as
from chassis.security.caller import Caller
from chassis.security.permissions import Column, Permission
from chassis.web.schemas import MemberEmbed

UNNAMED = "匿名成员"
LEFT_STATUSES = frozenset({"left", "expelled", "erased"})


@dataclass(frozen=True, slots=True)
class KnownMember:
    """What the projection knows of one member."""

    id: UUID
    community_id: UUID
    person_id: UUID
    status: str
    joined_at: datetime
    time_zone: str | None


@dataclass(frozen=True, slots=True)
class OwnStanding:
    """A membership of the caller, and what they are by it."""

    id: UUID
    community_id: UUID
    columns: frozenset[Column]


@dataclass(frozen=True)
class _Statements:
    """What is asked of one service's projection."""

    one: Prepared[Any]
    own: Prepared[Any]
    embedded: Prepared[Any]


@lru_cache(maxsize=64)
def _statements(known: KnownTables) -> _Statements:
    members, people, sanctions = known.members.c, known.people.c, known.sanctions.c
    departments, rules, acknowledgements = known.departments.c, known.rule_sets.c, known.acknowledgements.c
    sanction = sanctions.status.label("sanction")
    named = known.members.outerjoin(known.people, people.id == members.person_id)
    person_status = people.status.label("person_status")
    who = (members.id, members.community_id, members.person_id, members.status, members.joined_at, people.time_zone)
    shown = (members.id, members.roles, members.status, people.display_name, people.department_code, people.avatar_url)
    placed = named.outerjoin(known.departments, departments.id == people.department_code)
    return _Statements(
        one=Prepared(select(*who).select_from(named).where(members.id == bindparam("member_id"))),
        own=Prepared(
            select(
                *(members.id, members.community_id, members.status, members.status_until, members.roles),
                *(members.joined_at, person_status, sanction, sanctions.until, sanctions.then_muted_until),
                *(
                    rules.version.label("rules_version"),
                    rules.acknowledge_by,
                    acknowledgements.acknowledged,
                    acknowledgements.overdue,
                ),
            )
            .select_from(
                named.outerjoin(known.sanctions, sanctions.id == members.id)
                .outerjoin(known.rule_sets, rules.id == members.community_id)
                .outerjoin(known.acknowledgements, acknowledgements.id == members.id)
            )
            .where(members.person_id == bindparam("person_id"))
        ),
        embedded=Prepared(
            lambda on: (
                select(*shown, person_status, departments.name.label("department_name"))
                .select_from(placed)
                .where(on.among(members.id, "ids"))
            )
        ),
    )


async def known_member(session: AsyncSession, member_id: UUID) -> KnownMember | None:
    """A member by id; None where no message about them has arrived, and they are not the caller."""
    row = await _statements(known_to(session)).one.first(session, member_id=member_id)
    return KnownMember(*row) if row is not None else vouched(session, member_id)


def vouched(session: AsyncSession, member_id: UUID) -> KnownMember | None:
    """The caller, where they are this member and have not left: the owner of members told who they are before a message did."""
    standing = context_of(session).judged.get(member_id)
    if standing is None or standing.member.joined_at is None or standing.member.status in LEFT_STATUSES:
        return None
    member = standing.member
    return KnownMember(
        member.id, standing.community.id, member.person_id, member.status, member.joined_at, member.time_zone
    )


async def member_for(
    session: AsyncSession,
    caller: Caller,
    wanted: Permission,
    member_id: UUID,
    now: datetime,
    *,
    former_too: bool = False,
    seen_by: Permission | None = None,
) -> KnownMember:
    """The member, if the permission reaches what is theirs; `former_too` lets one who left or was expelled read their own;
    `seen_by` as in `authorize`.

    For paths that name a member. Raises `NOT_FOUND` where nobody has heard of them, else what `authorize` raises.
    """
    member = await known_member(session, member_id)
    if member is None:
        raise NOT_FOUND()
    own = caller.kind == "person" and caller.id == member.person_id
    if own and former_too and member.status in LEFT_STATUSES - {"erased"}:
        authority = context_of(session).runtime.authority
        facts = await authority.facts(
            session, person_id=caller.id, community_id=member.community_id, guarded=False, now=now
        )
        if facts is None or facts.person_status not in {None, "active"}:
            raise SESSION_REVOKED()
        return member
    await authorize(session, caller, wanted, member.community_id, own=own, seen_by=seen_by, now=now)
    return member


async def own_memberships(
    session: AsyncSession,
    caller: Caller,
    *,
    community_id: UUID | None = None,
    former_too: bool = False,
    reading_at: datetime | None = None,
) -> list[UUID]:
    """The caller's member ids in one or in all communities, for lists of what is their own; `former_too` as above.

    `reading_at`: without those in which they are suspended at that moment, for what a suspended member may not even read.
    Raises `FORBIDDEN` for a service account, which has nothing of its own, and `SESSION_REVOKED`.
    """
    rows = await _own(session, caller, community_id, former_too=former_too, reading_at=reading_at)
    return [row.id for row in rows]


async def own_communities(session: AsyncSession, caller: Caller, *, reading_at: datetime) -> list[UUID]:
    """The communities that the caller is a member of and may read in; raises the same."""
    rows = await _own(session, caller, None, former_too=False, reading_at=reading_at)
    return [row.community_id for row in rows]


async def own_standings(session: AsyncSession, caller: Caller, *, reading_at: datetime) -> list[OwnStanding]:
    """The caller's memberships by which they may read, with what they are in each community; in one statement. Raises the same."""
    rows = await _own(session, caller, None, former_too=False, reading_at=reading_at)
    return [OwnStanding(row.id, row.community_id, _columns(caller, row, reading_at)) for row in rows]


def _columns(caller: Caller, row: Any, now: datetime) -> frozenset[Column]:
    sanctioned = row.status == "active" and row.sanction not in (None, "none")
    member = MemberFacts(
        id=row.id,
        person_id=caller.id,
        status=row.sanction if sanctioned else row.status,
        roles=frozenset(row.roles),
        status_until=row.until if sanctioned else row.status_until,
        acknowledge_by=due_at(
            version=row.rules_version,
            acknowledge_by=row.acknowledge_by,
            acknowledged=row.acknowledged or 0,
            overdue=row.overdue or 0,
            since=row.joined_at,
        ),
        then_muted_until=row.then_muted_until if sanctioned else None,
    )
    return columns_as(caller, member, now)


async def _own(
    session: AsyncSession, caller: Caller, community_id: UUID | None, *, former_too: bool, reading_at: datetime | None
) -> list[Any]:
    if caller.kind != "person":
        raise FORBIDDEN()
    rows = await _statements(known_to(session)).own.all(session, person_id=caller.id)
    gone = {"erased"} if former_too else LEFT_STATUSES
    found = []
    for row in rows:
        if row.person_status not in {None, "active"}:
            raise SESSION_REVOKED()
        if row.status in gone or community_id not in (None, row.community_id):
            continue
        if reading_at is None or not _is_suspended(row, reading_at):
            found.append(row)
    return found


def _is_suspended(row: Any, now: datetime) -> bool:
    if row.status == "suspended":
        return True
    return row.sanction == "suspended" and (row.until is None or row.until > now)


async def embedded(session: AsyncSession, member_ids: Iterable[UUID]) -> dict[UUID, MemberEmbed]:
    """These members as embedded in answers. Unknown and erased members have only an id; who is behind a mask is called so for everybody."""
    wanted = set(member_ids)
    if not wanted:
        return {}
    found: dict[UUID, MemberEmbed] = {}
    avatars = avatars_in(session)
    for row in await _statements(known_to(session)).embedded.all(session, ids=list(wanted)):
        erased = row.status == "erased" or row.person_status == "erased"
        found[row.id] = MemberEmbed(
            member_id=row.id,
            display_name=None if erased else row.display_name,
            department=None if erased else row.department_code,
            department_name=None if erased else row.department_name,
            avatar_url=None if erased else avatars(row.avatar_url),
            roles=list(row.roles),
            left=row.status in LEFT_STATUSES,
        )
    return found | {
        member_id: MemberEmbed(member_id=member_id, display_name=UNNAMED if is_mask(member_id) else None)
        for member_id in wanted - found.keys()
    }
