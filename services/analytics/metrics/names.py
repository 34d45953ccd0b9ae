"""What breakdown values are called."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import Prepared
from services.analytics.base import known

_departments = known.departments.c
_NAMES: Prepared[Any] = Prepared(
    lambda on: select(_departments.id, _departments.name).where(on.among(_departments.id, "codes"))
)


async def department_names(session: AsyncSession, codes: Collection[str]) -> dict[str, str]:
    """The names of departments, by code; one that was never told of is left out."""
    return dict(await _NAMES.all(session, codes=sorted(codes))) if codes else {}
