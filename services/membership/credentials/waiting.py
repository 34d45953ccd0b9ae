"""People who have lost their password, for those who give out codes."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.contributions import Reader, Task
from chassis.problems import Problem
from chassis.security.authority import authorize_platform
from services.membership.credentials.models import Credential
from services.membership.people.models import Person
from services.membership.people.rules import Status
from services.membership.permissions import PEOPLE_WRITE
from services.membership.platform_roles.queries import platform_roles_of

ASKED_LATELY = timedelta(days=7)
"""For so long a request waits: whoever has not come by then may have found the password."""

_TITLE = {"en": "Lost passwords: {count} people wait for a code", "zh-CN": "忘记密码：{count} 人等待重置码"}


def asks_for_reset(now: datetime) -> list[ColumnElement[bool]]:
    """Of people with their credentials: those who wait for a code to set a new password."""
    return [
        col(Credential.reset_requested_at) > now - ASKED_LATELY,
        col(Person.status) == Status.ACTIVE,
    ]


async def resets_to_give(session: AsyncSession, reader: Reader) -> Sequence[Task]:
    """One task for all who wait, for those who may give codes."""
    try:
        authorize_platform(None, reader.caller, PEOPLE_WRITE)
    except Problem:
        return []
    if not PEOPLE_WRITE.platform_roles & set(await platform_roles_of(session, reader.caller.id)):
        return []
    waiting = (
        select(func.count())
        .select_from(Credential)
        .join(Person, col(Person.id) == col(Credential.person_id))
        .where(*asks_for_reset(reader.now))
    )
    count = (await session.execute(waiting)).scalar_one()
    if not count:
        return []
    return [
        Task(
            code="give_password_resets",
            title=_TITLE[reader.locale].format(count=count),
            count=count,
            href="/v1/people?password_reset_requested=true",
        )
    ]
