"""Restating people and departments for consumers that are new or lost what they knew (`qunxue republish`)."""

from collections.abc import AsyncIterator

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.messaging.outbox import Outgoing
from contracts.membership import DepartmentSnapshot, PersonSnapshot
from services.membership.people.models import Department, Person
from services.membership.people.rules import Status
from services.membership.people.service import state_of

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


async def department_snapshots(session: AsyncSession) -> AsyncIterator[Outgoing]:
    """Every department, with the present version, in order of code."""
    managers = select(Person.employee_key, Person.id).join(
        Department, col(Department.manager_employee_key) == col(Person.employee_key)
    )
    people = dict((await session.exec(managers)).all())
    for department in await session.exec(select(Department).order_by(col(Department.code))):
        yield Outgoing(
            DepartmentSnapshot(
                code=department.code,
                name=department.name,
                parent_code=department.parent_code,
                manager_person_id=people.get(department.manager_employee_key),
            ),
            department.messages_published,
            department.updated_at,
        )
