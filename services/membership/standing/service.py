"""Standings for the other services, and for the person."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.security.authority import Facts, Standing, columns_of, shows
from chassis.security.caller import Caller
from chassis.security.permissions import Column, Reach, catalogue, names_within
from services.membership.communities.models import Community
from services.membership.communities.rules import joining_refusal
from services.membership.communities.schemas import CommunityName
from services.membership.permissions import COMMUNITIES_JOIN
from services.membership.roster.rules import ENDED, is_live
from services.membership.standing.queries import memberships, standings_of
from services.membership.standing.schemas import (
    Membership,
    ResolveAnswer,
    Resolved,
    ResolvedCommunity,
    ResolvedMember,
    ResolvedPerson,
    ResolveRequest,
    RulesOwed,
)


async def resolve(session: AsyncSession, body: ResolveRequest, now: datetime) -> ResolveAnswer:
    """Answer another service about up to 500 pairs."""
    found = await standings_of(session, [(pair.person_id, pair.community_id) for pair in body.pairs], now)
    return ResolveAnswer(items=[_resolved(facts) for facts in found])


async def own_memberships(
    session: AsyncSession, caller: Caller, now: datetime, *, community_id: UUID | None = None
) -> list[Membership]:
    """The caller's memberships, or the one in a community, with what they may do there, by the permissions this process knows."""
    shown = []
    for community, member, facts in await memberships(session, caller.id, now, community_id=community_id):
        columns = columns_of(caller, facts, now)
        status = member.status_at(now)
        shown.append(
            Membership(
                member_id=member.id,
                community=CommunityName.model_validate(community),
                roles=member.roles_at(now),
                status=status,
                status_until=member.status_until_at(now),
                joined_at=member.joined_at,
                ended_at=member.ended_at,
                rules_to_acknowledge=_owed(facts, now),
                permissions=list(names_within(columns))
                if is_live(status)
                else _left_to(columns, facts, community, status),
            )
        )
    return shown


def _left_to(columns: frozenset[Column], facts: Facts, community: Community, status: str) -> list[str]:
    """What somebody may do where they are no member any more: with what is their own, and where they see the community with what it shows.

    What they are appointed to there is among their tasks.
    """
    held = {Reach.ALL, Reach.OWN}
    if shows(facts.community, columns, facts.person_kind):
        held.add(Reach.VISIBLE)
    names = [name for name in names_within(columns) if catalogue[name].reach(columns) & held]
    refused = joining_refusal(
        community_status=community.status,  # type: ignore[arg-type]  # the check constraints say so
        join=community.join,  # type: ignore[arg-type]
        status=status,
        kind=facts.person_kind,
    )
    return names if refused is None else [name for name in names if name != COMMUNITIES_JOIN.name]


def _owed(facts: Facts, now: datetime) -> RulesOwed | None:
    member = facts.member
    if member is None or member.rule_set_id is None or member.acknowledge_by is None or member.status in ENDED:
        return None
    return RulesOwed(rule_set_id=member.rule_set_id, due_at=member.acknowledge_by, overdue=member.is_overdue(now))


async def own_standings(
    session: AsyncSession, caller: Caller, community_ids: Collection[UUID], now: datetime
) -> dict[UUID, Standing]:
    """What the caller is in each of these communities; what a permission gives them there is not asked."""
    person_id = caller.id if caller.kind == "person" else None
    found = await standings_of(session, [(person_id, id_) for id_ in community_ids], now) if community_ids else []
    return {
        id_: Standing(community=facts.community, member=facts.member, columns=columns_of(caller, facts, now))
        for id_, facts in zip(community_ids, found, strict=True)
        if facts is not None
    }


def _resolved(facts: Facts | None) -> Resolved:
    if facts is None:
        return Resolved(community=None)
    community, member = facts.community, facts.member
    return Resolved(
        community=ResolvedCommunity(
            id=community.id,
            name=community.name,
            status=community.status,
            visibility=community.visibility,
            time_zone=community.time_zone,
            day_starts_at=community.day_starts_at.isoformat(),
            streak_days=community.streak_days,
        ),
        person=ResolvedPerson(status=facts.person_status, kind=facts.person_kind or "")
        if facts.person_status is not None
        else None,
        member=None
        if member is None
        else ResolvedMember(
            member_id=member.id,
            person_id=member.person_id,
            status=member.status,
            status_until=member.status_until,
            then_muted_until=member.then_muted_until,
            roles=sorted(member.roles),
            rule_set_id=member.rule_set_id,
            acknowledge_by=member.acknowledge_by,
            time_zone=member.time_zone,
            joined_at=member.joined_at,
        ),
    )
