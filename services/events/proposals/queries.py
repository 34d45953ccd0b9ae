"""Reading proposals: lists, what waits for those who decide, and what waits for who proposed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.contributions import Reader, Task, Waiting, task_about
from chassis.database.listing import Listing
from chassis.database.statements import Prepared, bindparam
from chassis.projections.members import LEFT_STATUSES
from services.events.activities.models import Activity, Organiser
from services.events.base import known
from services.events.proposals.models import Proposal

_PREPARE = {"en": "Prepare the activity that you proposed: {title}", "zh-CN": "筹备你提议的活动：{title}"}
_MOST = 100
_PREPARING = frozenset({"lecturer", "operator", "owner"})
"""The roles of those who may change the activities that they run."""


def listing(community_id: UUID, only: UUID | None, status: str | None) -> Listing:
    """A community's proposals, the latest first; `only` one member's."""
    found = [col(Proposal.community_id) == community_id]
    if only is not None:
        found.append(col(Proposal.proposer_id) == only)
    if status is not None:
        found.append(col(Proposal.status) == status)
    return Listing(select(Proposal).where(*found), [col(Proposal.created_at).desc(), col(Proposal.id).desc()])


_TO_DECIDE: Prepared[Any] = Prepared(
    select(func.count(), func.min(col(Proposal.created_at))).where(
        col(Proposal.community_id) == bindparam("community_id"), col(Proposal.status) == "submitted"
    )
)


async def to_decide(session: AsyncSession, community_id: UUID, _now: datetime, _member_id: UUID | None) -> Waiting:
    """The proposals that nobody has decided about."""
    count, oldest_at = await _TO_DECIDE.one(session, community_id=community_id)
    href = f"/v1/proposals?community_id={community_id}&status=submitted"
    return Waiting(count=count, oldest_at=oldest_at, href=href)


_members, _communities = known.members.c, known.communities.c
_DRAFTS: Prepared[Any] = Prepared(
    select(
        col(Activity.id),
        col(Activity.title),
        col(Activity.starts_at),
        _communities.id.label("community_id"),
        _communities.name.label("community_name"),
        _members.roles,
    )
    .select_from(Proposal)
    .join(known.members, _members.id == col(Proposal.proposer_id))
    .join(Activity, col(Activity.id) == col(Proposal.activity_id))
    .join(Organiser, (col(Organiser.activity_id) == col(Activity.id)) & (col(Organiser.member_id) == _members.id))
    .join(known.communities, _communities.id == col(Activity.community_id))
    .where(
        _members.person_id == bindparam("person_id"),
        _members.status.not_in(sorted(LEFT_STATUSES)),
        _communities.status != "archived",
        col(Proposal.status) == "accepted",
        col(Activity.status) == "draft",
        col(Activity.ends_at) > bindparam("now"),
    )
    .order_by(col(Activity.starts_at), col(Activity.id))
    .limit(_MOST)
)


async def to_prepare(session: AsyncSession, reader: Reader) -> Sequence[Task]:
    """The drafts that became of what the caller proposed, and that they run and may change."""
    rows = await _DRAFTS.all(session, person_id=reader.caller.id, now=reader.now)
    return [
        task_about(row, reader, "prepare_activity", _PREPARE, "activity", "/v1/activities", row.starts_at)
        for row in rows
        if _PREPARING.intersection(row.roles)
    ]
