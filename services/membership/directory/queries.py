"""Lists of people."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, false, func
from sqlmodel import col, select

from chassis.database.listing import Listing
from services.membership.credentials.models import Credential
from services.membership.credentials.waiting import asks_for_reset
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
    activated: bool | None = None,
    password_reset_requested: bool | None = None,
    now: datetime,
) -> Listing:
    """People with their credentials, by name (pinyin); `department` is meant with everything below it."""
    statement = select(Person, Credential).outerjoin(Credential, col(Credential.person_id) == col(Person.id))
    if activated is not None:
        has_none = col(Credential.person_id).is_(None)
        statement = statement.where(~has_none if activated else has_none)
    if password_reset_requested is not None:
        asks = and_(*asks_for_reset(now))
        statement = statement.where(asks if password_reset_requested else func.coalesce(asks, false()).is_(false()))
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
