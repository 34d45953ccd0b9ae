"""What waits for the administrators: names that a list of the company's holds."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.contributions import Reader, Task
from chassis.database.statements import Prepared
from chassis.ids import COMPANY
from chassis.problems import Problem
from chassis.security.authority import authorize_platform
from services.content.holding.models import ModerationItem
from services.content.permissions import COMPANY_MODERATION_DECIDE

_TITLE = {"en": "Names to decide about: {count}", "zh-CN": "待处理的姓名：{count} 个"}
_WAITING: Prepared[Any] = Prepared(
    select(func.count()).where(col(ModerationItem.community_id) == COMPANY, col(ModerationItem.status) == "open")
)


async def names_to_decide(session: AsyncSession, reader: Reader) -> Sequence[Task]:
    """One task for all that wait."""
    try:
        authorize_platform(None, reader.caller, COMPANY_MODERATION_DECIDE)
    except Problem:
        return []
    count = await _WAITING.one(session)
    if not count:
        return []
    title = _TITLE[reader.locale].format(count=count)
    return [Task(code="decide_names", title=title, count=count, href="/v1/moderation-items?status=open")]
