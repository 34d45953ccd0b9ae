"""What owners and operators read of enrolment, before and after they switch it on; and whom they keep."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import AuditObject, audit
from chassis.contributions import Waiting
from chassis.database.listing import Listing
from chassis.database.rows import existing
from chassis.problems import FieldError
from chassis.web.work import Work
from services.membership.communities.models import Community
from services.membership.communities.schemas import Assigned
from services.membership.enrolment import queries
from services.membership.enrolment.rules import Rule, rule_of
from services.membership.enrolment.schemas import EnrolmentPublic, NoLongerMatching
from services.membership.enrolment.service import enrols, today_of
from services.membership.refusals import UNKNOWN_MEMBER
from services.membership.roster.queries import embedded_by_id


async def overview(work: Work, community_id: UUID) -> EnrolmentPublic:
    """How many the rule is about today: as a trial before it is switched on, and as it stands afterwards."""
    community, rule, today = await _ruled(work, community_id)
    figures = await queries.figures(work.session, community, rule, today) if rule is not None else None
    return EnrolmentPublic(
        community_id=community.id,
        on=enrols(community),
        assigned=Assigned.model_validate(community.assigned) if community.assigned is not None else None,
        matching=figures.matching if figures else 0,
        joining=figures.joining if figures else 0,
        left_out=figures.left_out if figures else 0,
        no_longer_matching=figures.no_longer_matching if figures else 0,
    )


async def people(work: Work, community_id: UUID, *, left_out: bool) -> Listing:
    """Who would join, or who matches and does not since they were a member before."""
    community, rule, today = await _ruled(work, community_id)
    if rule is None:
        return queries.nobody()
    return (queries.left_out if left_out else queries.joining)(community, rule, today)


async def no_longer_matching(work: Work, community_id: UUID) -> Listing:
    """Who joined by the rule and matches no more."""
    community, rule, today = await _ruled(work, community_id)
    return queries.no_longer_matching(community.id, rule, today) if rule is not None else queries.no_member()


async def shown(work: Work, members: Sequence[Any]) -> list[NoLongerMatching]:
    """Such members as they are answered."""
    embeds = await embedded_by_id(work.session, [one.id for one in members], work.now)
    return [NoLongerMatching(member=embeds[one.id], joined_at=one.joined_at) for one in members]


async def keep(work: Work, community_id: UUID, member_ids: Sequence[UUID]) -> None:
    """Have members listed no longer who match no more; again, it changes nothing. Raises `UNKNOWN_MEMBER`."""
    await work.permit(community_id)
    known = await queries.enrolled_among(work.session, community_id, member_ids)
    errors = [
        FieldError(
            f"/member_ids/{place}", "unknown_member", f"No member by the rule: {one}", f"不是按规则加入的成员：{one}。"
        )
        for place, one in enumerate(member_ids)
        if one not in known
    ]
    if errors:
        raise UNKNOWN_MEMBER(errors=errors)
    new = await queries.keep(work.session, community_id, sorted(known), work.actor, work.now)
    if new:
        what = AuditObject("community", community_id, community_id)
        kept = {"member_ids": [None, sorted(map(str, new))]}
        await audit(work.session, work.caller, what, "community.keep_enrolled", kept, work.now)


async def waiting(session: AsyncSession, community_id: UUID, now: datetime, _member_id: UUID | None) -> Waiting:
    """How many match no more, for the desk."""
    community = await session.get_one(Community, community_id)
    href = f"/v1/communities/{community_id}/enrolment/no-longer-matching"
    if community.assigned is None:
        return Waiting(count=0, href=href)
    found = queries.no_longer(community_id, rule_of(community.assigned), today_of(community, now)).subquery()
    counted = select(func.count(), func.min(found.c.joined_at))
    count, oldest_at = (await session.execute(counted)).one()
    return Waiting(count=count, oldest_at=oldest_at, href=href)


async def _ruled(work: Work, community_id: UUID) -> tuple[Community, Rule | None, date]:
    await work.permit(community_id)
    community = await existing(work.session, Community, community_id)
    rule = rule_of(community.assigned) if community.assigned is not None else None
    return community, rule, today_of(community, work.now)
