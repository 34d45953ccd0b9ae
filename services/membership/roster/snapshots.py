"""Restating members for consumers that are new or lost what they knew (`qunxue republish`)."""

from collections.abc import AsyncIterator
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.clock import system_clock
from chassis.messaging.outbox import Outgoing
from contracts.membership import MemberSnapshot, SanctionSnapshot
from services.membership.people.models import Person
from services.membership.roster.joining import member_state, sanction_of
from services.membership.roster.models import Member

_ROWS = 500


async def member_snapshots(session: AsyncSession) -> AsyncIterator[Outgoing]:
    """Every member, those who left included, with the present version, in order of id."""
    after = None
    now = system_clock()
    while True:
        statement = (
            select(Member, Person)
            .join(Person, col(Person.id) == col(Member.person_id))
            .order_by(col(Member.id))
            .limit(_ROWS)
        )
        if after is not None:
            statement = statement.where(col(Member.id) > after)
        rows = (await session.execute(statement)).all()
        for member, person in rows:
            yield Outgoing(MemberSnapshot(**member_state(member, person, now)), member.messages_published, now)
        if len(rows) < _ROWS:
            return
        after = rows[-1][0].id
        session.expunge_all()


async def sanction_snapshots(session: AsyncSession) -> AsyncIterator[Outgoing]:
    """Every member of whom a sanction was ever told, with the present version, in order of id."""
    now = system_clock()
    after = UUID(int=0)
    while True:
        told = select(Member).where(col(Member.sanctions_told) > 0, col(Member.id) > after)
        members = (await session.execute(told.order_by(col(Member.id)).limit(_ROWS))).scalars().all()
        for member in members:
            yield Outgoing(SanctionSnapshot(**sanction_of(member)), member.sanctions_told, now)
        if len(members) < _ROWS:
            return
        after = members[-1].id
        session.expunge_all()
