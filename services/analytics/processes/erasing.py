"""What goes when a person is erased: who they were. That somebody applied, and came how far, stays counted."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import Prepared, bindparam
from services.analytics.processes.models import ApplicationCourse, MemberCourse
from services.analytics.processes.store import table_of

_APPLICATIONS, _MEMBERS = table_of(ApplicationCourse), table_of(MemberCourse)
_THEIRS: Prepared[Any] = Prepared(
    select(_APPLICATIONS.c.id)
    .where(_APPLICATIONS.c.person_id == bindparam("person"))
    .order_by(_APPLICATIONS.c.id)
    .with_for_update()
)
_RENAME: Prepared[Any] = Prepared(
    update(_APPLICATIONS).where(_APPLICATIONS.c.person_id == bindparam("person")).values(person_id=bindparam("instead"))
)
_FORGET: Prepared[Any] = Prepared(
    update(_MEMBERS).where(_MEMBERS.c.person_id == bindparam("person")).values(person_id=None)
)


async def erase(session: AsyncSession, person_id: UUID, _now: datetime) -> None:
    """In the place of the person stands their first application: so all of theirs stay those of one person, and nobody knows whose."""
    first = await _THEIRS.first(session, person=person_id)
    if first is not None:
        await _RENAME.run(session, person=person_id, instead=first)
    await _FORGET.run(session, person=person_id)
