"""The applications that wait for somebody's approval."""

from collections.abc import Sequence
from typing import Final

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.contributions import ObjectRef, Reader, Task, TaskCommunity
from services.membership.approvals.queries import waiting_for
from services.membership.communities.standings import communities_by_id
from services.membership.people.access import require_active

_APPROVE: Final = {"en": "Approve an application: {title}", "zh-CN": "审批一份申请：{title}"}
_MOST: Final = 100


async def to_approve(session: AsyncSession, reader: Reader) -> Sequence[Task]:
    """What waits for the caller as manager, or for whom they stand in. Raises `SESSION_REVOKED`."""
    await require_active(session, reader.caller)
    rows = await waiting_for(reader.caller.id, reader.now).rows(session, _MOST, None)
    communities = await communities_by_id(session, {row[0].community_id for row in rows}) if rows else {}
    return [
        Task(
            code="approve_application",
            title=_APPROVE[reader.locale].format(title=row[2].title),
            due_at=row[0].due_at,
            community=TaskCommunity(id=row[0].community_id, name=communities[row[0].community_id].name),
            href=f"/v1/applications/{row[0].application_id}/approval",
            object=ObjectRef(kind="application", id=row[0].application_id),
        )
        for row in rows
    ]
