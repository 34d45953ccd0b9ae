"""Listing appeals."""

from uuid import UUID

from sqlalchemy import false, or_
from sqlmodel import col

from chassis.database.listing import Listing
from chassis.security.authority import Standing, authorize
from chassis.web.work import Work
from services.membership.appeals.models import Appeal
from services.membership.appeals.queries import is_reviewer, stands
from services.membership.appeals.queries import listing as appeals
from services.membership.appeals.rules import Status
from services.membership.permissions import PENALTIES_READ
from services.membership.roster.joining import find_member


async def listing(work: Work, community_id: UUID, status: Status | None) -> tuple[Listing, Standing]:
    """The appeals in a community that the caller may read: all for operators and owners, else their own and what they review."""
    caller_id = work.caller.id if work.caller is not None and work.caller.kind == "person" else None
    member, reviews = None, False
    if caller_id is not None:
        member = await find_member(work.session, community_id=community_id, person_id=caller_id)
        reviews = await is_reviewer(work.session, community_id, caller_id)
    standing = await authorize(
        work.session,
        work.caller,
        work.permission or PENALTIES_READ,
        community_id,
        own=member is not None or reviews,
        invited=reviews,
        now=work.now,
    )
    only = [col(Appeal.community_id) == community_id]
    if not standing.sees_all:
        own = false() if member is None else col(Appeal.member_id) == member.id
        only.append(or_(own, col(Appeal.reviewer_id) == caller_id))
    if status is not None:
        only.append(col(Appeal.status) == status)
    if status == "open":
        only.append(stands())
    return appeals(*only), standing
