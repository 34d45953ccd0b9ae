"""Announcements that wait for somebody to confirm them: among their tasks, and on their home."""

from collections.abc import Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.contributions import Reader, Task, Visit, task_about
from services.content.announcements.queries import waiting
from services.content.announcements.schemas import AnnouncementsHome, ToConfirm

_CONFIRM = {"en": "Confirm an announcement: {title}", "zh-CN": "确认公告：{title}"}
_MOST = 100
_SHOWN = 5


async def to_confirm(session: AsyncSession, reader: Reader) -> Sequence[Task]:
    """What the caller has to confirm in all communities."""
    rows = await waiting(session, reader.caller.id, reader.now, limit=_MOST)
    return [
        task_about(row, reader, "confirm_announcement", _CONFIRM, "discussion", "/v1/discussions", row.confirm_by)
        for row in rows
    ]


async def home(session: AsyncSession, visit: Visit) -> AnnouncementsHome | None:
    """What a member has to confirm in one community."""
    if visit.member is None:
        return None
    rows = await waiting(session, visit.caller.id, visit.now, community_id=visit.community_id, limit=_MOST)
    return AnnouncementsHome(
        to_confirm=len(rows),
        items=[ToConfirm(id=row.id, title=row.title, confirm_by=row.confirm_by) for row in rows[:_SHOWN]],
    )
