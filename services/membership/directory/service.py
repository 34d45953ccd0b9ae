"""Commands of the directory on one person."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import or_
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import audit
from chassis.database.rows import existing
from chassis.messaging.outbox import emit
from chassis.problems import ILLEGAL_TRANSITION, INVALID, NOT_FOUND, FieldError
from chassis.security.caller import Caller
from chassis.security.step_up import require_recent_proof
from chassis.web.etags import require_match
from contracts.membership import (
    PersonLeft,
    PersonRegistered,
    PersonReinstated,
    PersonState,
    PersonSuspended,
    PersonUpdated,
)
from services.membership.credentials.access import protect_login
from services.membership.credentials.models import Credential
from services.membership.departments import managers
from services.membership.departments.problems import UNKNOWN_DEPARTMENT
from services.membership.departments.queries import known_departments
from services.membership.directory.problems import NOT_IDENTIFIED
from services.membership.people import naming, rules
from services.membership.people.indexing import index
from services.membership.people.logins import hold_logins
from services.membership.people.models import Person
from services.membership.people.names import sort_key
from services.membership.people.occasions import PeopleConcerned, people_changed, people_left, people_locked_out
from services.membership.people.pictures import keep_pictures
from services.membership.people.problems import IDENTIFIER_TAKEN
from services.membership.people.rules import Action, Status
from services.membership.people.snapshots import state_of
from services.membership.permissions import PEOPLE_WRITE
from services.membership.platform_roles.access import authorize_platform_now, protect_status

_PUBLISHED: Mapping[Action, type[PersonState]] = {
    Action.SUSPEND: PersonSuspended,
    Action.REINSTATE: PersonReinstated,
    Action.LEAVE: PersonLeft,
    Action.REHIRE: PersonReinstated,
}


async def register(session: AsyncSession, caller: Caller, values: Mapping[str, Any], now: datetime) -> Person:
    """Add a person; `values` are normalised fields of `Person`. Raises `IDENTIFIER_TAKEN`, `UNKNOWN_DEPARTMENT`, `NOT_IDENTIFIED`."""
    await authorize_platform_now(session, caller, PEOPLE_WRITE)
    person = await add_person(session, values, now)
    shown = {field: [None, value] for field, value in values.items() if value is not None}
    await audit(session, caller, person, "register", shown, now)
    return person


async def add_person(session: AsyncSession, values: Mapping[str, Any], now: datetime) -> Person:
    """The part of `register` behind authorization, which the first administrator takes too."""
    person = Person(
        **values,
        employee_key=_key(values.get("employee_no")),
        sort_key=sort_key(values["display_name"]),
        created_at=now,
        updated_at=now,
    )
    await _check(session, person, set(values))
    session.add(person)
    await session.flush()
    await index(session, person)
    await emit(session, PersonRegistered(**state_of(person)), version=person.bump(), occurred_at=now)
    await naming.tell(session, {person.id: person.display_name}, now)
    await managers.tell_departments_managed_by(session, [person.employee_key], now)
    await people_changed.happened(session, PeopleConcerned([person.id], now))
    return person


async def credential_of(session: AsyncSession, person: Person) -> Credential | None:
    """A person's credential, if they have one."""
    return await session.get(Credential, person.id)


async def change(
    session: AsyncSession,
    caller: Caller,
    person_id: UUID,
    changes: Mapping[str, Any],
    *,
    if_match: int,
    now: datetime,
) -> Person:
    """Apply a merge patch of normalised fields. Raises as `register`, `PRECONDITION_FAILED`, `ACCOUNT_PROTECTED`, and
    `STEP_UP_REQUIRED` where what the person logs in with changes.
    """
    await authorize_platform_now(session, caller, PEOPLE_WRITE)
    person = await existing(session, Person, person_id, lock=True)
    if person.status == Status.ERASED:
        raise NOT_FOUND()
    require_match(person.version, if_match)
    if any(getattr(person, field) != changes[field] for field in rules.LOGIN_FIELDS & changes.keys()):
        await protect_login(session, caller, person.id)
        # Whoever has the address is mailed a new password.
        require_recent_proof(caller, now)
    await apply_changes(session, caller, person, changes, now)
    return person


async def move(
    session: AsyncSession,
    caller: Caller,
    person_id: UUID,
    action: Action,
    *,
    now: datetime,
    day: date | None = None,
) -> Person:
    """Suspend, reinstate, let leave or rehire; `day` is the last or first day of employment.

    Raises `ILLEGAL_TRANSITION` with the state, `ACCOUNT_PROTECTED`, `INVALID` for a last day after tomorrow.
    """
    await authorize_platform_now(session, caller, PEOPLE_WRITE)
    person = await existing(session, Person, person_id, lock=True)
    await protect_status(session, caller, person.id)
    if caller.id == person.id:
        raise ILLEGAL_TRANSITION("You may not suspend or remove yourself.", "不能停用或移除自己。", state=person.status)
    before = {"status": person.status, "left_on": person.left_on, "hired_on": person.hired_on}
    await apply_action(session, person, action, now=now, day=day)
    changes = {
        field: [value, getattr(person, field)] for field, value in before.items() if value != getattr(person, field)
    }
    await audit(session, caller, person, action, changes, now)
    return person


async def apply_action(
    session: AsyncSession, person: Person, action: Action, *, now: datetime, day: date | None = None
) -> None:
    """The part of `move` behind authorization: the state, what follows from it, and its message."""
    following = rules.after(person.status, action)
    if following is None:
        raise ILLEGAL_TRANSITION(state=person.status)
    if action is Action.LEAVE:
        if day is not None and day > now.date() + timedelta(days=1):
            raise INVALID(
                errors=[
                    FieldError(
                        "/left_on",
                        "in_the_future",
                        "The last day may not be later than tomorrow.",
                        "最后工作日不能晚于明天。",
                    )
                ]
            )
        person.left_on = day or now.date()
    if action is Action.REHIRE:
        person.left_on = None
        person.hired_on = day or person.hired_on
    person.status = following.value
    _touch(person, now)
    await emit(session, _PUBLISHED[action](**state_of(person)), version=person.bump(), occurred_at=now)
    if action is Action.SUSPEND:
        await people_locked_out.happened(session, PeopleConcerned([person.id], now))
    if action is Action.LEAVE:
        await people_left.happened(session, PeopleConcerned([person.id], now))
    if action in (Action.REINSTATE, Action.REHIRE):
        await people_changed.happened(session, PeopleConcerned([person.id], now))


async def apply_changes(
    session: AsyncSession, caller: Caller | None, person: Person, changes: Mapping[str, Any], now: datetime
) -> None:
    changed = naming.rewritten(changes, person)
    if not changed:
        return
    if "job_grade" in changed:
        changed = naming.rewritten(rules.with_grade_since(changes, now.date()), person)
    old_key = person.employee_key
    for field, (_, new) in changed.items():
        setattr(person, field, new)
    if "display_name" in changed:
        person.sqlmodel_update(naming.shown())
    if "employee_no" in changed:
        person.employee_key = _key(person.employee_no)
    person.sort_key = sort_key(person.display_name)
    _touch(person, now)
    # The row is dirty: asking the database first must not write it before it has been checked.
    with session.no_autoflush:
        await _check(session, person, set(changed))
    await session.flush()
    await _tell_of(session, person, changed, now)
    if "employee_no" in changed:
        await managers.tell_departments_managed_by(session, [old_key, person.employee_key], now)
    if caller is not None:
        await audit(session, caller, person, "update", changed, now)


async def _tell_of(session: AsyncSession, person: Person, changed: Mapping[str, Sequence[Any]], now: datetime) -> None:
    """Have whoever follows people know what changed."""
    if changed.keys() & {"display_name", "employee_no"}:
        await index(session, person)
    if "display_name" in changed:
        await naming.tell(session, {person.id: person.display_name}, now, rewritten=[person.id])
    if "avatar_url" in changed:
        await keep_pictures(session, {person.id: changed["avatar_url"]}, now)
    if changed.keys() & rules.PUBLIC_FIELDS:
        await emit(session, PersonUpdated(**state_of(person)), version=person.bump(), occurred_at=now)
    if changed.keys() & rules.CHOSEN_BY:
        await people_changed.happened(session, PeopleConcerned([person.id], now))


async def _check(session: AsyncSession, person: Person, fields: set[str]) -> None:
    """What the database's constraints would say, as problems that name the field."""
    if not rules.is_identified(email=person.email, phone=person.phone, employee_no=person.employee_no):
        raise NOT_IDENTIFIED()
    code = person.department_code if "department_code" in fields else None
    if code is not None and not await known_departments(session, [code]):
        raise UNKNOWN_DEPARTMENT(
            errors=[
                FieldError(
                    "/department_code", "unknown_department", f"No department: {code}", f"没有这个部门：{code}。"
                )
            ]
        )
    identifiers = {"email": person.email, "phone": person.phone, "employee_no": person.employee_key}
    columns = {"email": "email", "phone": "phone", "employee_no": "employee_key"}
    wanted = {
        field: {columns[field]: [value]} | rules.same_logins(field, value)
        for field, value in identifiers.items()
        if field in fields and value is not None
    }
    if not wanted:
        return
    await hold_logins(session, [{field: value for field, value in identifiers.items() if field in wanted and value}])
    taken = await _taken(session, person.id, wanted.values())
    wrong = [
        field
        for field, values in wanted.items()
        if any((column, value) in taken for column, some in values.items() for value in some)
    ]
    if wrong:
        raise IDENTIFIER_TAKEN(
            errors=[
                FieldError(f"/{field}", "taken", "Another person logs in with this value.", "该值已是他人的登录名。")
                for field in wrong
            ]
        )


async def _taken(
    session: AsyncSession, person_id: UUID, wanted: Iterable[Mapping[str, list[str]]]
) -> set[tuple[str, str]]:
    """What of this others have: columns with their values."""
    asked = [col(getattr(Person, column)).in_(values) for one in wanted for column, values in one.items()]
    columns = ("email", "phone", "employee_key")
    rows = await session.exec(
        select(Person.email, Person.phone, Person.employee_key).where(col(Person.id) != person_id, or_(*asked))
    )
    return {(column, value) for row in rows for column, value in zip(columns, row, strict=True) if value is not None}


def _touch(person: Person, now: datetime) -> None:
    person.version += 1
    person.updated_at = now


def _key(employee_no: str | None) -> str | None:
    return None if employee_no is None else rules.identifier_key(employee_no)
