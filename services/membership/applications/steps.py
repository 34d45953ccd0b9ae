"""What stands in the way of leaving a step: whoever the step is made of says so."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.security.caller import Caller
from services.membership.applications.models import Application
from services.membership.applications.occasions import StepsAsked, Taking, steps_asked, taking_asked
from services.membership.applications.rules import IN_PROGRESS, Unfinished

_MADE_OF_MORE: Final = frozenset({"testing", "interviewing", "approving"})
"""The others are a form and somebody who reads it."""


async def unfinished_steps(
    session: AsyncSession, applications: Sequence[Application], now: datetime
) -> dict[UUID, Unfinished]:
    """What the steps of these applications lack, by application, in as many statements for many as for one."""
    asked = [one for one in applications if one.state in _MADE_OF_MORE]
    found: dict[UUID, Unfinished] = {}
    if asked:
        for lacking in await steps_asked.happened(session, StepsAsked(asked, now)):
            found.update(lacking)
    return found


async def takes_part(session: AsyncSession, caller: Caller, application: Application, now: datetime) -> bool:
    """Whether a step of an application is the caller's now, who reads it therefore."""
    if caller.kind != "person" or application.state not in IN_PROGRESS:
        return False
    return any(await taking_asked.happened(session, Taking(application, caller.id, now)))
