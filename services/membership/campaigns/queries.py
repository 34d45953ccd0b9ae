"""Reading campaigns: which ones a caller may know of."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, exists, or_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.listing import Listing
from chassis.database.rows import existing
from chassis.security.caller import Caller
from services.membership.campaigns.models import Campaign
from services.membership.communities.models import Community
from services.membership.communities.queries import known_to
from services.membership.roster.models import Member, RoleGrant
from services.membership.roster.queries import effective_status as member_status
from services.membership.roster.queries import in_force


def campaigns_known_to(
    caller: Caller | None, now: datetime, *, community_id: UUID | None = None, status: str | None = None
) -> Listing:
    """The campaigns of the communities that a list shows this caller, the newest first; drafts to those who run them."""
    communities = known_to(caller, mine=False, now=now, suspended_too=True).with_only_columns(col(Community.id))
    published = col(Campaign.status) != "draft"
    if caller is not None and caller.kind == "person":
        published = or_(published, _runs(caller, now))
    statement = select(Campaign).where(col(Campaign.community_id).in_(communities), published)
    if community_id is not None:
        statement = statement.where(col(Campaign.community_id) == community_id)
    if status is not None:
        statement = statement.where(effective_status(now) == status)
    return Listing(statement, [col(Campaign.created_at).desc(), col(Campaign.id).desc()])


async def campaign_of(session: AsyncSession, campaign_id: UUID) -> Campaign:
    """One campaign. Raises `NOT_FOUND`."""
    return await existing(session, Campaign, campaign_id)


def effective_status(now: datetime) -> ColumnElement[Any]:
    """The state by the clock, in SQL: what `status_at` says of one row."""
    moving = col(Campaign.status).in_(["scheduled", "open"])
    return case(
        (and_(moving, col(Campaign.closes_at) <= now), "closed"),
        (and_(col(Campaign.status) == "scheduled", col(Campaign.opens_at) <= now), "open"),
        else_=col(Campaign.status),
    )


def _runs(caller: Caller, now: datetime) -> ColumnElement[bool]:
    return exists().where(
        col(Member.community_id) == col(Campaign.community_id),
        col(Member.person_id) == caller.id,
        member_status(now) == "active",
        col(RoleGrant.member_id) == col(Member.id),
        in_force(["owner", "operator"], now),
    )
