"""Restating departments for consumers that are new or lost what they knew (`qunxue republish`)."""

from collections.abc import AsyncIterator

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.messaging.outbox import Outgoing
from contracts.membership import DepartmentSnapshot
from services.membership.departments.models import Department
from services.membership.people.models import Person


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
