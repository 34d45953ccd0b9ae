"""Restating people for consumers that are new or lost what they knew (`qunxue republish`)."""

from collections.abc import AsyncIterator
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.messaging.outbox import Outgoing
from contracts.membership import PersonSnapshot
from services.membership.people.models import Person
from services.membership.people.rules import PUBLIC_FIELDS, Status

_ROWS = 500


async def person_snapshots(session: AsyncSession) -> AsyncIterator[Outgoing]:
    """Every person who was not erased, with the present version, in order of id."""
    after = None
    while True:
        statement = (
            select(Person).where(col(Person.status) != Status.ERASED.value).order_by(col(Person.id)).limit(_ROWS)
        )
        rows = list(await session.exec(statement if after is None else statement.where(col(Person.id) > after)))
        for person in rows:
            yield Outgoing(PersonSnapshot(**state_of(person)), person.messages_published, person.updated_at)
        if len(rows) < _ROWS:
            return
        after = rows[-1].id
        session.expunge_all()


def state_of(person: Person) -> dict[str, Any]:
    """What messages tell of a person."""
    return {"person_id": person.id} | {field: getattr(person, field) for field in PUBLIC_FIELDS}
