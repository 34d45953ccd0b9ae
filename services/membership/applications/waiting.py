"""Applications that wait: for applicants to complete them, or for operators to decide."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.contributions import DeskQueue, Reader, Task, Waiting, task_about
from chassis.database.statements import Prepared, bindparam
from services.membership.applications.models import Application
from services.membership.applications.queries import waits
from services.membership.campaigns.models import Campaign
from services.membership.communities.models import Community
from services.membership.people.access import require_active
from services.membership.permissions import APPLICATIONS_READ

_COMPLETE = {"en": "Complete your application: {title}", "zh-CN": "补充申请材料：{title}"}
_MOST = 100


_RETURNED: Prepared[Any] = Prepared(
    select(
        col(Application.id),
        col(Application.returned_until),
        col(Campaign.title),
        col(Community.id).label("community_id"),
        col(Community.name).label("community_name"),
    )
    .join(Campaign, col(Campaign.id) == col(Application.campaign_id))
    .join(Community, col(Community.id) == col(Application.community_id))
    .where(
        col(Application.person_id) == bindparam("person_id"),
        col(Application.state) == "returned",
        or_(col(Application.returned_until).is_(None), col(Application.returned_until) > bindparam("now")),
        col(Campaign.status) != "archived",
    )
    .order_by(col(Application.returned_until), col(Application.id))
    .limit(_MOST)
)


async def to_complete(session: AsyncSession, reader: Reader) -> Sequence[Task]:
    """The caller's returned applications that can still be submitted again. Raises `SESSION_REVOKED`."""
    await require_active(session, reader.caller)
    rows = await _RETURNED.all(session, person_id=reader.caller.id, now=reader.now)
    return [
        task_about(
            row, reader, "complete_application", _COMPLETE, "application", "/v1/applications", row.returned_until
        )
        for row in rows
    ]


async def _to_decide(session: AsyncSession, community_id: UUID, _now: datetime, _member_id: UUID | None) -> Waiting:
    waiting = await session.execute(
        select(func.count(), func.min(col(Application.step_since)))
        .join(Campaign, col(Campaign.id) == col(Application.campaign_id))
        .where(col(Application.community_id) == community_id, *waits())
    )
    count, oldest_at = waiting.one()
    return Waiting(count=count, oldest_at=oldest_at, href=f"/v1/applications?community_id={community_id}&waiting=true")


to_decide = DeskQueue(
    "applications_to_decide",
    APPLICATIONS_READ,
    _to_decide,
    en="Applications that wait for the next step",
    zh="待处理的申请",
)
"""Applications on which somebody must take the next step."""
