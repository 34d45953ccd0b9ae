"""Departments name their manager by employee number. Messages name the person, once someone has that number."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.messaging.outbox import Outgoing, emit_many
from contracts.membership import DepartmentUpdated
from services.membership.departments.models import Department
from services.membership.people.models import Person


async def tell_departments_managed_by(
    session: AsyncSession, employee_keys: Iterable[str | None], now: datetime
) -> None:
    """Publish the departments whose manager's number has just got or lost its person."""
    keys = sorted({key for key in employee_keys if key is not None})
    if not keys:
        return
    found = await session.exec(
        select(Department)
        .where(col(Department.manager_employee_key).in_(keys))
        .order_by(col(Department.code))
        .with_for_update()
    )
    await publish_departments(session, list(found), now)


async def publish_departments(session: AsyncSession, departments: Sequence[Department], now: datetime) -> None:
    """Tell the present state of locked departments."""
    keys = sorted({department.manager_employee_key for department in departments if department.manager_employee_key})
    people = (
        dict(
            (await session.exec(select(Person.employee_key, Person.id).where(col(Person.employee_key).in_(keys)))).all()
        )
        if keys
        else {}
    )
    await emit_many(
        session,
        [
            Outgoing(
                DepartmentUpdated(
                    code=department.code,
                    name=department.name,
                    parent_code=department.parent_code,
                    manager_person_id=people.get(department.manager_employee_key),
                ),
                department.bump(),
                now,
            )
            for department in departments
        ],
    )
