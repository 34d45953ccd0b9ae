"""Restating members for consumers that are new or lost what they knew (`qunxue republish`)."""

from collections.abc import AsyncIterator

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.clock import system_clock
from chassis.database.walking import walk
from chassis.messaging.outbox import Outgoing
from contracts.membership import MemberSnapshot, SanctionSnapshot
from services.membership.people.models import Person
from services.membership.roster.joining import member_state, sanction_of
from services.membership.roster.models import Member


async def member_snapshots(session: AsyncSession) -> AsyncIterator[Outgoing]:
    """Every member, those who left included, with the present version, in order of id."""
    now = system_clock()
    statement = select(Member, Person).join(Person, col(Person.id) == col(Member.person_id))
    async for member, person in walk(session, statement, col(Member.id)):
        yield Outgoing(MemberSnapshot(**member_state(member, person, now)), member.messages_published, now)


async def sanction_snapshots(session: AsyncSession) -> AsyncIterator[Outgoing]:
    """Every member of whom a sanction was ever told, with the present version, in order of id."""
    now = system_clock()
    async for (member,) in walk(session, select(Member).where(col(Member.sanctions_told) > 0), col(Member.id)):
        yield Outgoing(SanctionSnapshot(**sanction_of(member)), member.sanctions_told, now)
