"""Finding departments."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, literal
from sqlalchemy import select as sa_select
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.listing import Listing
from chassis.database.statements import Prepared, Spelling, bindparam
from services.membership.departments.models import Department
from services.membership.departments.schemas import DepartmentRef, DepartmentStep


def departments(*, parent: str | None = None, under: str | None = None) -> Listing:
    """Departments by code: those directly below one, or one with everything below it."""
    statement = select(Department)
    if parent is not None:
        statement = statement.where(col(Department.parent_code) == parent)
    if under is not None:
        statement = statement.where(col(Department.code).in_(below(under)))
    return Listing(statement, [col(Department.code).asc()])


def below(code: Any) -> Select[tuple[str]]:
    """The codes of a department, whose code is a value or a parameter, and of everything below it."""
    return _below(col(Department.code) == code)


def below_any(codes: Sequence[str]) -> Select[tuple[str]]:
    """The same for several departments."""
    return _below(col(Department.code).in_(codes))


def _below(first: ColumnElement[bool]) -> Select[tuple[str]]:
    tree = sa_select(col(Department.code)).where(first).cte("below", recursive=True)
    # UNION, not UNION ALL: even a tree damaged into a ring would end.
    tree = tree.union(sa_select(col(Department.code)).where(col(Department.parent_code) == tree.c.code))
    return sa_select(tree.c.code)


_DEEPEST = 50


def _ways(on: Spelling) -> Select[Any]:
    """From each department to the uppermost above it, that first."""
    table = Department.__table__.c  # type: ignore[attr-defined]  # a table model has one
    way = (
        sa_select(table.code.label("start"), table.code, table.name, table.parent_code, literal(0).label("steps"))
        .where(on.among(table.code, "codes"))
        .cte("way", recursive=True)
    )
    # The depth is bounded, so that even a tree damaged into a ring would end.
    above = sa_select(way.c.start, table.code, table.name, table.parent_code, way.c.steps + 1).where(
        table.code == way.c.parent_code, way.c.steps < _DEEPEST
    )
    way = way.union_all(above)
    return sa_select(way).order_by(way.c.steps.desc())


_WAYS: Prepared[Any] = Prepared(_ways)


async def refs(session: AsyncSession, codes: Iterable[str | None]) -> dict[str | None, DepartmentRef | None]:
    """These departments with their paths, by code, in one statement. None and a code of no department have none."""
    wanted = {code for code in codes if code is not None}
    found: dict[str | None, DepartmentRef | None] = dict.fromkeys([None, *wanted])
    if not wanted:
        return found
    paths: dict[str, list[DepartmentStep]] = {}
    for row in await _WAYS.all(session, codes=list(wanted)):
        paths.setdefault(row.start, []).append(DepartmentStep(code=row.code, name=row.name))
    return found | {code: DepartmentRef(code=code, name=path[-1].name, path=path) for code, path in paths.items()}


_NAME = Prepared(select(Department.name).where(col(Department.code) == bindparam("code")))


async def department_name(session: AsyncSession, code: str | None) -> str | None:
    """What the department with this code is called."""
    return None if code is None else await _NAME.first(session, code=code)


async def known_departments(session: AsyncSession, codes: Iterable[str]) -> set[str]:
    """Those of the codes that exist."""
    wanted = list(set(codes))
    if not wanted:
        return set()
    return set(await session.exec(select(Department.code).where(col(Department.code).in_(wanted))))


async def parents(session: AsyncSession) -> dict[str, str | None]:
    """Every department's parent."""
    rows = await session.exec(select(Department.code, Department.parent_code))
    return dict(rows.all())


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
