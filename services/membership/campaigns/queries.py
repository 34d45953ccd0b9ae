"""Reading campaigns: which ones a caller may know of."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, or_, select
from sqlmodel import col

from chassis.security.caller import Caller
from services.membership.campaigns.models import Campaign
from services.membership.communities.models import Community
from services.membership.communities.queries import known_to
from services.membership.roster.models import Member, RoleGrant
from services.membership.roster.queries import effective_status as member_status
from services.membership.roster.queries import in_force


def campaigns_known_to(caller: Caller | None, now: datetime) -> Select[Campaign]:
    """The campaigns of the communities that a list shows this caller; drafts to the operators and owners there."""
    communities = known_to(caller, mine=False, now=now, suspended_too=True).with_only_columns(col(Community.id))
    published = col(Campaign.status) != "draft"
    if caller is not None and caller.kind == "person":
        published = or_(published, _runs(caller, now))
    return select(Campaign).where(col(Campaign.community_id).in_(communities), published)


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
