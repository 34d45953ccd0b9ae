"""When a manager is away, and who stands in for them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import AuditObject, audit
from chassis.database.bulk import upsert_many
from chassis.problems import INVALID, NOT_FOUND, FieldError
from chassis.security.caller import Caller
from services.membership.approvals.models import Absence
from services.membership.approvals.problems import MANAGES_NOTHING, UNKNOWN_DEPUTY
from services.membership.approvals.queries import manages_something
from services.membership.approvals.rules import LONGEST_ABSENCE
from services.membership.approvals.schemas import AbsencePut
from services.membership.people.access import require_active
from services.membership.people.models import Person
from services.membership.people.rules import identifier_key


async def read_own(session: AsyncSession, caller: Caller) -> Absence:
    """What the caller said last. Raises `NOT_FOUND` where they said nothing."""
    person = await require_active(session, caller)
    absence = await session.get(Absence, person.id)
    if absence is None:
        raise NOT_FOUND()
    return absence


async def put_own(session: AsyncSession, caller: Caller, body: AbsencePut, now: datetime) -> Absence:
    """Say it, instead of what was said before. Raises `MANAGES_NOTHING`, `UNKNOWN_DEPUTY`."""
    person = await require_active(session, caller)
    if not await manages_something(session, person.id):
        raise MANAGES_NOTHING()
    since = body.since or now
    if not max(since, now) < body.until <= now + LONGEST_ABSENCE:
        raise INVALID(errors=[_UNTIL])
    numbered = select(Person).where(
        col(Person.employee_key) == identifier_key(body.deputy_employee_no),
        col(Person.status) == "active",
        col(Person.kind) == "employee",
        col(Person.id) != person.id,
    )
    deputy = (await session.exec(numbered)).first()
    if deputy is None:
        raise UNKNOWN_DEPUTY(errors=[_DEPUTY])
    row: dict[str, Any] = {
        "person_id": person.id,
        "deputy_id": deputy.id,
        "since": since,
        "until": body.until,
        "said_at": now,
    }
    table = Absence.__table__  # type: ignore[attr-defined]  # a table model has one
    await upsert_many(session, table, [row], key=["person_id"], update=["deputy_id", "since", "until", "said_at"])
    trace = AuditObject("person", person.id, None)
    await audit(session, caller, trace, "absence.put", {"until": [None, body.until]}, now)
    return Absence(**row)


async def end_own(session: AsyncSession, caller: Caller, now: datetime) -> None:
    """Be there again. Who said nothing is there already."""
    person = await require_active(session, caller)
    ended = await session.execute(delete(Absence).where(col(Absence.person_id) == person.id))
    if ended.rowcount:  # type: ignore[attr-defined]  # a deletion has one
        await audit(session, caller, AuditObject("person", person.id, None), "absence.end", {}, now)


async def erase(session: AsyncSession, person_id: UUID, _now: datetime) -> None:
    """Of who is erased nothing stays of when they were away, nor for whom they stood in."""
    of_theirs = or_(col(Absence.person_id) == person_id, col(Absence.deputy_id) == person_id)
    await session.execute(delete(Absence).where(of_theirs))


_UNTIL = FieldError("/until", "out_of_range", "It ends within a year, and not before now.", "须在未来一年之内结束。")
_DEPUTY = FieldError("/deputy_employee_no", UNKNOWN_DEPUTY.code, "No colleague has this number.", "没有此工号的同事。")
