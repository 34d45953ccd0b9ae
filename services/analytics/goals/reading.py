"""Which goals somebody asks for."""

from uuid import UUID

from chassis.database.rows import existing
from chassis.problems import INVALID, FieldError
from chassis.projections.members import own_communities, own_memberships
from chassis.security.caller import Caller
from chassis.web.work import Work
from services.analytics.goals.models import Goal
from services.analytics.goals.queries import Own, Wanted
from services.analytics.goals.queries import listing as listing

NEITHER = FieldError(
    "#/query/community_id",
    "missing",
    "Name a community or a goal above, or ask for your own.",
    "请指明社群或上级目标，或只查本人的。",
)


async def _own(work: Work, caller: Caller, community_id: UUID | None) -> Own:
    """As who somebody is asked, where."""
    members = await own_memberships(work.session, caller, community_id=community_id, reading_at=work.now)
    if community_id is not None:
        return Own(members, [community_id] if members else [])
    return Own(members, await own_communities(work.session, caller, reading_at=work.now))


async def wanted(
    work: Work,
    community_id: UUID | None,
    parent_id: UUID | None,
    *,
    mine: bool,
    horizon: str | None,
    state: str | None,
    owner_left: bool,
) -> Wanted:
    """What a list is to show. Raises `INVALID` where nothing says whose goals, `NOT_FOUND` for an unknown goal above."""
    if community_id is not None:
        await work.permit(community_id)
    if parent_id is not None:
        parent = await existing(work.session, Goal, parent_id)
        await work.permit(parent.community_id)
    if community_id is None and parent_id is None and not mine:
        raise INVALID(errors=[NEITHER])
    return Wanted(
        community_id=community_id,
        own=None if not mine or work.caller is None else await _own(work, work.caller, community_id),
        parent_id=parent_id,
        horizon=horizon,
        state=state,
        owner_left=owner_left,
    )
