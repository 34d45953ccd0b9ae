"""Staff who have no second factor yet."""

from collections.abc import Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.contributions import Reader, Task
from services.membership.second_factors.grace import due_at
from services.membership.second_factors.queries import has_second_factor

_TITLE = {
    "en": "Set up a second factor: without one, what you may do as staff sleeps",
    "zh-CN": "请开启两步验证：逾期未开启，管理权限将休眠",
}


async def factor_to_enrol(session: AsyncSession, reader: Reader) -> Sequence[Task]:
    """One task until there is one, overdue once the rights sleep; none in a session whose provider asked for one."""
    if reader.caller.proved_both or await has_second_factor(session, reader.caller.id):
        return []
    due = await due_at(session, reader.caller.id, reader.now)
    if due is None:
        return []
    return [Task(code="enrol_second_factor", title=_TITLE[reader.locale], due_at=due, href="/v1/second-factors")]
