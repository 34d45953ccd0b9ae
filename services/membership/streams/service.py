"""Tickets for the live stream: issued, and redeemed once, whichever gateway is asked; and which sessions still last."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, delete, or_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import Prepared, bindparam
from chassis.problems import NOT_FOUND
from chassis.runtime import Runtime
from chassis.secrets import hash_of
from services.membership.people.models import Person
from services.membership.people.rules import Status
from services.membership.sessions import rules
from services.membership.sessions.models import LoginSession
from services.membership.sessions.service import access_token_of
from services.membership.streams.models import StreamTicket

TICKET_LASTS: Final = timedelta(seconds=30)
PREFIX: Final = "qxs_"
"""Lets secret scanners recognise a ticket that leaked."""

_now: Any = bindparam("now")
_used: Any = bindparam("used")
_started: Any = bindparam("started")
_LASTS: tuple[ColumnElement[bool], ...] = (
    col(LoginSession.revoked_at).is_(None),
    col(LoginSession.last_used_at) > _used,
    col(LoginSession.started_at) > _started,
    or_(col(LoginSession.ends_at).is_(None), col(LoginSession.ends_at) > _now),
    col(Person.status) == Status.ACTIVE.value,
)
_LASTING: Prepared[Any] = Prepared(
    lambda on: (
        select(col(LoginSession.id), col(LoginSession.person_id))
        .join(Person, col(Person.id) == col(LoginSession.person_id))
        .where(on.among(col(LoginSession.id), "ids"), *_LASTS)
    )
)


async def issue(session: AsyncSession, person_id: UUID, session_id: UUID, now: datetime) -> str:
    """A ticket for somebody whose session lasts. Raises `NOT_FOUND` for any other."""
    if (await _lasting(session, [session_id], now)).get(session_id) != person_id:
        raise NOT_FOUND()
    # Or whoever asks for one after the other would fill the table until the sweep.
    await session.execute(
        delete(StreamTicket).where(col(StreamTicket.person_id) == person_id, col(StreamTicket.expires_at) <= now)
    )
    ticket = PREFIX + secrets.token_urlsafe(32)
    session.add(
        StreamTicket(
            ticket_hash=hash_of(ticket), person_id=person_id, session_id=session_id, expires_at=now + TICKET_LASTS
        )
    )
    await session.flush()
    return ticket


async def redeem(session: AsyncSession, runtime: Runtime, ticket: str, now: datetime) -> str:
    """An access token of whose ticket it is. Of two who show one at the same time, one gets it.

    Raises `NOT_FOUND` for one that was used, has expired or is none, and where the session is over.
    """
    found = await session.execute(
        delete(StreamTicket)
        .where(col(StreamTicket.ticket_hash) == hash_of(ticket), col(StreamTicket.expires_at) > now)
        .returning(col(StreamTicket.person_id), col(StreamTicket.session_id))
    )
    row = found.first()
    if row is None or (await _lasting(session, [row.session_id], now)).get(row.session_id) != row.person_id:
        raise NOT_FOUND()
    family = await session.get_one(LoginSession, row.session_id)
    return (await access_token_of(session, runtime, family, now))[0]


async def ended(session: AsyncSession, ids: Sequence[UUID], now: datetime) -> list[UUID]:
    """Which of these sessions are over, or never were."""
    lasting = await _lasting(session, ids, now)
    return [one for one in dict.fromkeys(ids) if one not in lasting]


async def _lasting(session: AsyncSession, ids: Sequence[UUID], now: datetime) -> dict[UUID, UUID]:
    """Whose each is of those that last."""
    rows = await _LASTING.all(session, ids=list(ids), now=now, used=now - rules.IDLE, started=now - rules.ABSOLUTE)
    return {row.id: row.person_id for row in rows}
