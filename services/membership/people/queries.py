"""Finding people."""

from sqlalchemy import ColumnElement, false, or_
from sqlalchemy import select as sa_select
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from services.membership.people.models import Person, PersonSearchKey
from services.membership.people.names import search_key
from services.membership.people.rules import identifier_key, normal_email, normal_phone

# The last character there is: together with byte order it closes the range of everything that begins alike.
_LAST = "\U0010ffff"


def matching(q: str) -> ColumnElement[bool]:
    """People whose name, number, pinyin or initials begin like `q`, or whose e-mail or phone it is exactly."""
    begins = search_key(q)
    by_key = sa_select(col(PersonSearchKey.person_id)).where(
        col(PersonSearchKey.key) >= begins, col(PersonSearchKey.key) < begins + _LAST
    )
    ways: list[ColumnElement[bool]] = [col(Person.id).in_(by_key)] if begins else [false()]
    for column, normal in ((col(Person.email), normal_email), (col(Person.phone), normal_phone)):
        try:
            ways.append(column == normal(q))
        except ValueError:
            continue
    return or_(*ways)


async def person_of_login(session: AsyncSession, login: str) -> Person | None:
    """The person with this e-mail, employee number or phone. If it is one person's number and another's phone, the number wins."""
    conditions: list[ColumnElement[bool]] = []
    for column, normal in (
        (col(Person.email), normal_email),
        (col(Person.employee_key), identifier_key),
        (col(Person.phone), normal_phone),
    ):
        try:
            conditions.append(column == normal(login))
        except ValueError:
            continue
    found = list(await session.exec(select(Person).where(or_(*conditions))))
    key = identifier_key(login)
    return min(found, key=lambda person: (person.email != key, person.employee_key != key), default=None)
