"""Restating members for consumers that are new or lost what they knew (`qunxue republish`)."""

from collections.abc import AsyncIterator

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.clock import system_clock
from chassis.messaging.outbox import Outgoing
from contracts.membership import MemberSnapshot
from services.membership.people.models import Person
from services.membership.roster.joining import member_state
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
