"""What somebody is in communities that are listed, and the communities that an answer names."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.acknowledging import due_at
from chassis.database.statements import Prepared, bindparam, rows_of
from chassis.security.authority import CommunityFacts, Facts, MemberFacts, Standing, columns_of
from chassis.security.caller import Caller
from chassis.web.schemas import CommunityEmbed
from services.membership.communities.models import Community
from services.membership.communities.queries import known_to
from services.membership.people.models import Person
from services.membership.roster.models import Member

_OWN: Prepared[Any] = Prepared(
    lambda on: select(Member).where(
        col(Member.person_id) == bindparam("person_id"), on.among(col(Member.community_id), "ids")
    )
)
_THESE: Prepared[Any] = Prepared(lambda on: select(Community).where(on.among(col(Community.id), "ids")))


async def communities_by_id(session: AsyncSession, ids: Iterable[UUID]) -> dict[UUID, Community]:
    """These communities, by id."""
    return {one.id: one for one in await _THESE.all(session, ids=list(set(ids)))}


async def standings_in(
    session: AsyncSession, caller: Caller | None, communities: Collection[Community], now: datetime
) -> Mapping[UUID, Standing]:
    """What the caller, whom the list has let in, is in each of these; what a permission gives them there is not asked."""
    members: dict[UUID, Member] = {}
    kind: str | None = None
    if caller is not None and caller.kind == "person" and communities:
        found = await _OWN.all(session, person_id=caller.id, ids=[one.id for one in communities])
        members = {member.community_id: member for member in found}
        kind = (await session.get_one(Person, caller.id)).kind
    return {one.id: _standing(caller, one, members.get(one.id), kind, now) for one in communities}


def rules_owed(community: Any, member: Any) -> dict[str, Any]:
    """What a member has not acknowledged, and by when they were to, as `MemberFacts` has it; of rows with the columns of both."""
    owed = due_at(
        version=community.rules_version,
        acknowledge_by=community.rules_acknowledge_by,
        acknowledged=member.rules_acknowledged,
        overdue=member.rules_overdue,
        since=max(member.joined_at, member.recorded_at),
    )
    return {"rule_set_id": community.rule_set_id if owed is not None else None, "acknowledge_by": owed}


def _standing(
    caller: Caller | None, community: Community, member: Member | None, kind: str | None, now: datetime
) -> Standing:
    facts = Facts(
        community=CommunityFacts(
            id=community.id,
            name=community.name,
            status=community.status,
            visibility=community.visibility,
            time_zone=community.time_zone,
            day_starts_at=community.day_starts_at,
            streak_days=community.streak_days,
        ),
        member=None
        if member is None
        else MemberFacts(
            id=member.id,
            person_id=member.person_id,
            status=member.status_at(now),
            roles=frozenset(member.roles_at(now)),
            status_until=member.status_until_at(now),
            joined_at=member.joined_at,
            **rules_owed(community, member),
        ),
    )
    return Standing(
        community=facts.community, member=facts.member, columns=columns_of(caller, facts, now), person_kind=kind
    )


async def teams_of(
    session: AsyncSession, caller: Caller | None, communities: Iterable[Community], now: datetime
) -> dict[UUID | None, CommunityEmbed | None]:
    """Who operates these communities, by id: those of the teams that the caller may know of."""
    ids = {one.operated_by for one in communities if one.operated_by is not None}
    named: dict[UUID | None, CommunityEmbed | None] = dict.fromkeys([None, *ids])
    if not ids:
        return named
    seen = known_to(caller, mine=False, now=now, suspended_too=True).where(col(Community.id).in_(ids))
    for row in await rows_of(session, seen):
        named[row.id] = CommunityEmbed.model_validate(row)
    return named
