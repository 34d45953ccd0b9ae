"""Restating people for consumers that are new or lost what they knew (`qunxue republish`)."""

from collections.abc import AsyncIterator
from typing import Any

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.walking import walk
from chassis.messaging.outbox import Outgoing
from contracts.membership import PersonSnapshot
from services.membership.people.models import Person
from services.membership.people.rules import PUBLIC_FIELDS, Status


async def person_snapshots(session: AsyncSession) -> AsyncIterator[Outgoing]:
    """Every person who was not erased, with the present version, in order of id."""
    statement = select(Person).where(col(Person.status) != Status.ERASED.value)
    async for (person,) in walk(session, statement, col(Person.id)):
        yield Outgoing(PersonSnapshot(**state_of(person)), person.messages_published, person.updated_at)


def state_of(person: Person) -> dict[str, Any]:
    """What messages tell of a person."""
    return {"person_id": person.id} | {field: getattr(person, field) for field in PUBLIC_FIELDS}
