"""Statements about what waits to be sent."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Table, and_, bindparam, func, select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import Prepared
from services.membership.deliveries.models import AddressRefusal, Delivery

_D: Table = Delivery.__table__  # type: ignore[attr-defined]
_AT_ONCE = 200
_ORDER = ("code", "notification", "digest")
"""Somebody sits before the screen and waits for a code."""

# One that is being sent is due again when its lease is over: whoever sent it is gone.
_open = _D.c.ended_at.is_(None)
_NEXT: Prepared[datetime | None] = Prepared(
    select(func.min(_D.c.next_at)).where(_D.c.channel == bindparam("channel"), _open)
)
_CLAIM: Prepared[Any] = Prepared(
    select(_D)
    .where(
        _D.c.channel == bindparam("channel"), _D.c.kind == bindparam("of_kind"), _open, _D.c.next_at <= bindparam("now")
    )
    .order_by(_D.c.next_at)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_TAKE: Prepared[Any] = Prepared(
    update(_D)
    .where(_D.c.id == bindparam("key"))
    .values(
        state="sending",
        lease_owner=bindparam("owner"),
        next_at=bindparam("until", type_=_D.c.next_at.type),
        attempts=_D.c.attempts + 1,
    )
)
_held = and_(_D.c.id == bindparam("key"), _D.c.state == "sending", _D.c.lease_owner == bindparam("owner"))
_PUT_OFF: Prepared[Any] = Prepared(
    update(_D)
    .where(_held)
    .values(
        state="waiting",
        lease_owner=None,
        next_at=bindparam("again", type_=_D.c.next_at.type),
        attempts=_D.c.attempts - bindparam("uncounted", type_=_D.c.attempts.type),
        code=bindparam("why"),
    )
    .returning(_D.c.id)
)
_END: Prepared[Any] = Prepared(
    update(_D)
    .where(_held)
    .values(
        state=bindparam("became"),
        code=bindparam("why"),
        ended_at=bindparam("at", type_=_D.c.next_at.type),
        sealed=None,
        lease_owner=None,
    )
    .returning(_D.c.id)
)
_DELAY: Prepared[Any] = Prepared(
    update(_D)
    .where(_D.c.id == bindparam("key"), _open)
    .values(
        state="waiting",
        lease_owner=None,
        attempts=_D.c.attempts + 1,
        next_at=bindparam("again", type_=_D.c.next_at.type),
        code=bindparam("why"),
    )
)
_REFUSAL = Prepared(
    select(AddressRefusal).where(
        col(AddressRefusal.person_id) == bindparam("person_id"), col(AddressRefusal.channel) == bindparam("channel")
    )
)


async def next_due(session: AsyncSession, channel: str) -> datetime | None:
    """When the next message of a channel is due."""
    return await _NEXT.one(session, channel=channel)


async def first_due(session: AsyncSession, channel: str, now: datetime) -> Any | None:
    """The first message that is due and that nobody else has in hand, locked."""
    for kind in _ORDER:
        row = await _CLAIM.first(session, channel=channel, of_kind=kind, now=now)
        if row is not None:
            return row
    return None


async def take(session: AsyncSession, key: UUID, owner: str, until: datetime) -> None:
    """Have a message until the lease ends."""
    await _TAKE.run(session, key=key, owner=owner, until=until)


async def put_off(
    session: AsyncSession, key: UUID, owner: str, again: datetime, why: str | None, *, counted: bool = True
) -> bool:
    """Give a message back until later; False where the lease had gone to another. A try that is not `counted` makes no later wait longer."""
    given = await _PUT_OFF.first(session, key=key, owner=owner, again=again, why=why, uncounted=0 if counted else 1)
    return given is not None


async def end(session: AsyncSession, key: UUID, owner: str, became: str, why: str | None, at: datetime) -> bool:
    """Write down what became of a message; False where the lease had gone to another."""
    return await _END.first(session, key=key, owner=owner, became=became, why=why, at=at) is not None


async def delay(session: AsyncSession, key: UUID, again: datetime, why: str) -> None:
    """Let a message wait that could not even be written."""
    await _DELAY.run(session, key=key, again=again, why=why)


async def lapse_some(session: AsyncSession, now: datetime, channel: str | None = None) -> list[Any]:
    """End what has lapsed and that nobody is sending, some at a time; what they were."""
    over = [_open, _D.c.lapses_at <= now, _D.c.next_at <= now]
    if channel is not None:
        over.append(_D.c.channel == channel)
    some = select(_D.c.id).where(*over).order_by(_D.c.id).limit(_AT_ONCE).with_for_update(skip_locked=True)
    ended = await session.execute(
        update(_D)
        .where(_D.c.id.in_(some))
        .values(state="lapsed", ended_at=now, sealed=None, lease_owner=None)
        .returning(_D.c.channel, _D.c.person_id, _D.c.kind, _D.c.subject_id, _D.c.code)
    )
    return list(ended)


async def left_since(
    session: AsyncSession, person_id: UUID, channel: str, kind: str, since: datetime
) -> list[datetime]:
    """When messages of a kind were left for somebody, the last ones."""
    found = select(_D.c.created_at).where(
        _D.c.person_id == person_id, _D.c.channel == channel, _D.c.kind == kind, _D.c.created_at > since
    )
    return list((await session.execute(found.order_by(_D.c.created_at.desc()).limit(_AT_ONCE))).scalars())


_GOING: Prepared[Any] = Prepared(
    lambda on: select(_D.c.subject_id).where(
        _D.c.kind == bindparam("of_kind"), on.among(_D.c.subject_id, "subjects"), _open
    )
)


async def on_their_way(session: AsyncSession, kind: str, subject_ids: Collection[UUID]) -> set[UUID]:
    """About which of these things messages wait or are being sent."""
    return set(await _GOING.all(session, of_kind=kind, subjects=sorted(subject_ids)))


async def refusal(session: AsyncSession, person_id: UUID, channel: str) -> AddressRefusal | None:
    """What a channel last said of an address of the person's that it refused for good."""
    return await _REFUSAL.first(session, person_id=person_id, channel=channel)


def of_subjects(kind: str, subject_ids: Any) -> Any:
    """Those of a kind that are about these things and have not ended."""
    return and_(_D.c.kind == kind, _D.c.subject_id.in_(subject_ids), _open)
