"""What operators see of what waits to be sent."""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Table, bindparam, func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import Prepared
from services.membership.deliveries.models import Delivery
from services.membership.deliveries.smtp import MAIL

NOT_SENT_FOR: Final = timedelta(minutes=10)
_COUNTED: Final = 10_000
_D: Table = Delivery.__table__  # type: ignore[attr-defined]
_tried = (_D.c.ended_at.is_(None), _D.c.attempts > 0)

# What a server says of one recipient or one mail is no reason to look at the settings.
_STUCK: Prepared[str] = Prepared(
    select(_D.c.code)
    .where(
        *_tried,
        _D.c.channel == MAIL,
        _D.c.due_at <= bindparam("before", type_=_D.c.due_at.type),
        _D.c.code.is_not(None),
        _D.c.code != "not_written",
        _D.c.code.not_like("recipient|_%", escape="|"),
        _D.c.code.not_like("data|_%", escape="|"),
    )
    .limit(1)
)
_RETRIED: Prepared[Any] = Prepared(
    select(func.count()).select_from(select(_D.c.id).where(*_tried).limit(_COUNTED).subquery())
)


async def mail_alarm(session: AsyncSession, now: datetime) -> str | None:
    """Where mail has been waiting for ten minutes since the server took none of it: and why."""
    why = await _STUCK.first(session, before=now - NOT_SENT_FOR)
    return None if why is None else f"mail_not_sent:{why}"


async def retried(session: AsyncSession) -> int:
    """How many messages outside were tried and are not taken yet; 10,000 at most."""
    count: int = await _RETRIED.one(session)
    return count
