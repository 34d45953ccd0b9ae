"""Lists of people."""

from uuid import UUID

from sqlmodel import col, select

from chassis.database.listing import Listing
from services.membership.departments.queries import below
from services.membership.people.models import Person
from services.membership.people.queries import matching


def people(
    *,
    person_id: UUID | None = None,
    q: str | None = None,
    department: str | None = None,
    status: str | None = None,
    kind: str | None = None,
) -> Listing:
    """People by name (pinyin); `department` is meant with everything below it."""
    statement = select(Person)
    if person_id is not None:
        statement = statement.where(col(Person.id) == person_id)
    if q is not None:
        statement = statement.where(matching(q))
    if department is not None:
        statement = statement.where(col(Person.department_code).in_(below(department)))
    if status is not None:
        statement = statement.where(col(Person.status) == status)
    if kind is not None:
        statement = statement.where(col(Person.kind) == kind)
    return Listing(statement, [col(Person.sort_key).asc(), col(Person.id).asc()])
