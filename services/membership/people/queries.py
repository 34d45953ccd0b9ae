"""Finding people and departments."""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, Select, false, or_
from sqlalchemy import select as sa_select
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.listing import Listing
from services.membership.people.models import Department, Person, PersonSearchKey
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


def people(
    *, q: str | None = None, department: str | None = None, status: str | None = None, kind: str | None = None
) -> Listing:
    """People by name (pinyin); `department` is meant with everything below it."""
    statement = select(Person)
    if q is not None:
        statement = statement.where(matching(q))
    if department is not None:
        statement = statement.where(col(Person.department_code).in_(below(department)))
    if status is not None:
        statement = statement.where(col(Person.status) == status)
    if kind is not None:
        statement = statement.where(col(Person.kind) == kind)
    return Listing(statement, [col(Person.sort_key).asc(), col(Person.id).asc()])


def departments(*, parent: str | None = None, under: str | None = None) -> Listing:
    """Departments by code: those directly below one, or one with everything below it."""
    statement = select(Department)
    if parent is not None:
        statement = statement.where(col(Department.parent_code) == parent)
    if under is not None:
        statement = statement.where(col(Department.code).in_(below(under)))
    return Listing(statement, [col(Department.code).asc()])


def below(code: str) -> Select[tuple[str]]:
    """The codes of a department and of everything below it."""
    tree = sa_select(col(Department.code)).where(col(Department.code) == code).cte("below", recursive=True)
    # UNION, not UNION ALL: even a tree damaged into a ring would end.
    tree = tree.union(sa_select(col(Department.code)).where(col(Department.parent_code) == tree.c.code))
    return sa_select(tree.c.code)


async def known_departments(session: AsyncSession, codes: Iterable[str]) -> set[str]:
    """Those of the codes that exist."""
    wanted = list(set(codes))
    if not wanted:
        return set()
    return set(await session.exec(select(Department.code).where(col(Department.code).in_(wanted))))


async def person_of_login(session: AsyncSession, login: str) -> Person | None:
    """The person whose e-mail, employee number or phone this is; where one's phone is another's number, the number wins."""
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


async def department_path(session: AsyncSession, code: str | None) -> list[str]:
    """The codes of a department and of all above it, itself first; empty without one."""
    if code is None:
        return []
    parents = dict((await session.execute(sa_select(col(Department.code), col(Department.parent_code)))).all())
    path: list[str] = []
    while code is not None and code in parents and code not in path:
        path.append(code)
        code = parents[code]
    return path
