"""Importing people: hundreds of rows a transaction, in set-based SQL, each row whole or not at all."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, update
from sqlalchemy import select as sa_select
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import insert_many
from chassis.ids import new_id
from chassis.locale import Locale
from chassis.messaging.outbox import Outgoing, emit_many
from chassis.tabular import Row
from contracts.membership import (
    PersonLeft,
    PersonRegistered,
    PersonReinstated,
    PersonState,
    PersonSuspended,
    PersonUpdated,
)
from services.membership.import_errors import Refusal, RowError, refusals_of
from services.membership.people import managers, rules
from services.membership.people.import_rules import Known, Plan, RowRefused, normalised, plan_change, plan_new
from services.membership.people.models import Credential, Person, PersonSearchKey, PlatformRole
from services.membership.people.names import name_keys, sort_key
from services.membership.people.occasions import PeopleConcerned, people_left, people_locked_out
from services.membership.people.queries import known_departments
from services.membership.people.rules import Action

_TABLE: Any = Person.__table__  # type: ignore[attr-defined]
_KEYS: Any = PersonSearchKey.__table__  # type: ignore[attr-defined]
_WRITTEN = [column.name for column in _TABLE.columns if column.name not in {"id", "created_at"}]
_UPDATE = update(_TABLE).where(_TABLE.c.id == bindparam("b_id")).values({name: bindparam(name) for name in _WRITTEN})
_CLEAR_LOGIN = update(_TABLE).where(_TABLE.c.id == bindparam("b_id")).values(email=None, phone=None)
_AFTER: dict[Action, type[PersonState]] = {
    Action.SUSPEND: PersonSuspended,
    Action.REINSTATE: PersonReinstated,
    Action.LEAVE: PersonLeft,
    Action.REHIRE: PersonReinstated,
}


@dataclass(frozen=True)
class Prepared:
    """A row whose cells are a person's fields, with what depends on them alone: cheap to make away from the database."""

    row: int
    values: dict[str, Any]
    employee_key: str
    keys: list[str]
    sort_key: str


@dataclass
class Seen:
    """Which row of the file was the first with a number, e-mail or phone; kept over all batches."""

    first: dict[tuple[str, str], int] = field(default_factory=dict)

    def note(self, prepared: Prepared) -> None:
        """Remember a row; for rows of earlier runs too."""
        for name, value in _identifiers(prepared):
            self.first.setdefault((name, value), prepared.row)


@dataclass
class Outcome:
    """What a batch did."""

    registered: int = 0
    changed: int = 0
    unchanged: int = 0
    refusals: list[Refusal] = field(default_factory=list)

    @property
    def failed(self) -> int:
        """How many rows were refused."""
        return len({refusal.row for refusal in self.refusals})

    @property
    def done(self) -> int:
        """How many rows were dealt with well."""
        return self.registered + self.changed + self.unchanged


def prepare(rows: Iterable[Row], locale: Locale) -> tuple[list[Prepared], list[Refusal]]:
    """Rows as people's fields; pure and without the database, so that it can run in a thread."""
    prepared: list[Prepared] = []
    refusals: list[Refusal] = []
    for row in rows:
        if row.problems:
            refusals.extend(refusals_of(row, locale))
            continue
        try:
            values = normalised(row.values)
        except RowRefused as refused:
            refusals.append(_refusal(RowError(row.number, refused.code, refused.values), locale))
            continue
        name, number = values.get("display_name"), values["employee_no"]
        prepared.append(
            Prepared(
                row=row.number,
                values=values,
                employee_key=rules.identifier_key(number),
                keys=name_keys(name, number) if name else [],
                sort_key=sort_key(name) if name else "",
            )
        )
    return prepared, refusals


async def apply_batch(
    session: AsyncSession, prepared: Sequence[Prepared], seen: Seen, *, dry_run: bool, locale: Locale, now: datetime
) -> Outcome:
    """Upsert people by employee number, in the order of the file; a dry run decides the same and writes nothing."""
    work = _Batch(session, await _load(session, prepared), seen, now)
    for one in prepared:
        try:
            work.take(one)
        except RowRefused as refused:
            work.outcome.refusals.append(_refusal(RowError(one.row, refused.code, refused.values), locale))
    if not dry_run:
        await work.write()
    return work.outcome


@dataclass
class _Loaded:
    people: dict[str, Person]
    owners: dict[tuple[str, str], UUID]
    departments: set[str]
    roles: dict[UUID, list[str]]
    passwords: set[UUID]


async def _load(session: AsyncSession, prepared: Sequence[Prepared]) -> _Loaded:
    keys = [one.employee_key for one in prepared]
    # Locked in order of id: two imports of the same people wait for one another instead of deadlocking.
    rows = await session.exec(
        select(Person).where(col(Person.employee_key).in_(keys)).order_by(col(Person.id)).with_for_update()
    )
    people = {person.employee_key: person for person in rows if person.employee_key}
    ids = [person.id for person in people.values()]
    owners: dict[tuple[str, str], UUID] = {}
    for name in ("email", "phone"):
        values = [one.values[name] for one in prepared if one.values.get(name)]
        if values:
            found = await session.execute(sa_select(_TABLE.c[name], _TABLE.c.id).where(_TABLE.c[name].in_(values)))
            owners.update({(name, value): id_ for value, id_ in found})
    roles: dict[UUID, list[str]] = {}
    passwords: set[UUID] = set()
    if ids:
        for granted in await session.exec(select(PlatformRole).where(col(PlatformRole.person_id).in_(ids))):
            roles.setdefault(granted.person_id, []).append(granted.role)
        passwords = set(await session.exec(select(Credential.person_id).where(col(Credential.person_id).in_(ids))))
    codes = [one.values["department_code"] for one in prepared if one.values.get("department_code")]
    return _Loaded(people, owners, await known_departments(session, codes), roles, passwords)


class _Batch:
    """Decides row by row as if each were written at once, then writes all together."""

    def __init__(self, session: AsyncSession, loaded: _Loaded, seen: Seen, now: datetime) -> None:
        self.outcome = Outcome()
        self._session = session
        self._loaded = loaded
        self._seen = seen
        self._now = now
        self._inserts: list[dict[str, Any]] = []
        self._updates: list[dict[str, Any]] = []
        self._freed: list[dict[str, Any]] = []
        self._reindexed: list[UUID] = []
        self._keys: list[dict[str, Any]] = []
        self._messages: list[Outgoing] = []
        self._numbers: list[str] = []
        self._suspended: list[UUID] = []
        self._left: list[UUID] = []

    def take(self, one: Prepared) -> None:
        """Plan what a row does. Raises RowRefused."""
        self._refuse_repetition(one)
        # Refused rows count too: a job that goes on after a crash must come to the same.
        self._seen.note(one)
        person = self._loaded.people.get(one.employee_key)
        self._check_references(one, person.id if person else None)
        if person is None:
            self._add(one, plan_new(one.values, self._now.date()))
        else:
            known = Known(
                values=person.model_dump(),
                platform_roles=self._loaded.roles.get(person.id, []),
                has_password=person.id in self._loaded.passwords,
            )
            self._change(one, person, plan_change(known, one.values, self._now.date()))

    def _refuse_repetition(self, one: Prepared) -> None:
        for name, value in _identifiers(one):
            first = self._seen.first.get((name, value))
            if first is not None and first != one.row:
                raise RowRefused("duplicate_in_file", first=first, field=name)

    def _check_references(self, one: Prepared, person_id: UUID | None) -> None:
        code = one.values.get("department_code")
        if code is not None and code not in self._loaded.departments:
            raise RowRefused("unknown_department", value=code)
        for name in ("email", "phone"):
            value = one.values.get(name)
            owner = self._loaded.owners.get((name, value)) if value else None
            if owner is not None and owner != person_id:
                raise RowRefused(f"{name}_taken")

    def _add(self, one: Prepared, fields: dict[str, Any]) -> None:
        person = Person(
            id=new_id(),
            **fields,
            employee_key=one.employee_key,
            sort_key=one.sort_key,
            messages_published=1,
            created_at=self._now,
            updated_at=self._now,
        )
        row = person.model_dump()
        self._inserts.append(row)
        self._messages.append(Outgoing(PersonRegistered(**_state(row)), 1, self._now))
        self._keys.extend({"key": key, "person_id": person.id} for key in one.keys)
        self._numbers.append(one.employee_key)
        self.outcome.registered += 1

    def _change(self, one: Prepared, person: Person, plan: Plan) -> None:
        if plan.is_empty:
            self.outcome.unchanged += 1
            return
        row = person.model_dump() | plan.changes
        row["version"] = person.version + 1
        row["updated_at"] = self._now
        if "display_name" in plan.changes:
            row["sort_key"] = one.sort_key
            self._reindexed.append(person.id)
            self._keys.extend({"key": key, "person_id": person.id} for key in one.keys)
        self._give_up(person, plan)
        if rules.PUBLIC_FIELDS & plan.changes.keys() and not plan.actions:
            self._publish(row, PersonUpdated)
        for action in plan.actions:
            row["status"] = str(rules.after(row["status"], action))
            self._publish(row, _AFTER[action])
        if plan.actions:
            {Action.LEAVE: self._left, Action.SUSPEND: self._suspended}.get(plan.actions[-1], []).append(person.id)
        self._updates.append({"b_id": person.id} | {name: row[name] for name in _WRITTEN})
        self.outcome.changed += 1

    def _give_up(self, person: Person, plan: Plan) -> None:
        """An e-mail or phone that this row gives up is free for the rows after it."""
        for name in ("email", "phone"):
            old = getattr(person, name)
            if old is not None and name in plan.changes:
                self._loaded.owners.pop((name, old), None)
                self._freed.append({"b_id": person.id})

    def _publish(self, row: dict[str, Any], event: type[PersonState]) -> None:
        row["messages_published"] += 1
        self._messages.append(Outgoing(event(**_state(row)), row["messages_published"], self._now))

    async def write(self) -> None:
        """Write what was planned: given up first, so that unique values can change hands within the batch."""
        connection = await self._session.connection()
        for statement, rows in ((_CLEAR_LOGIN, self._freed), (_UPDATE, self._updates)):
            if rows:
                await connection.execute(statement, rows)
        await insert_many(self._session, _TABLE, self._inserts)
        if self._reindexed:
            await connection.execute(delete(PersonSearchKey).where(col(PersonSearchKey.person_id).in_(self._reindexed)))
        await insert_many(self._session, _KEYS, self._keys)
        await emit_many(self._session, self._messages)
        self._session.expire_all()
        await managers.tell_departments_managed_by(self._session, self._numbers, self._now)
        for occasion, ids in ((people_locked_out, self._suspended), (people_left, self._left)):
            if ids:
                await occasion.happened(self._session, PeopleConcerned(ids, self._now))


def _identifiers(one: Prepared) -> list[tuple[str, str]]:
    found = [("employee_no", one.employee_key)]
    return found + [(name, one.values[name]) for name in ("email", "phone") if one.values.get(name)]


def _state(row: dict[str, Any]) -> dict[str, Any]:
    return {"person_id": row["id"]} | {name: row[name] for name in rules.PUBLIC_FIELDS}


def _refusal(error: RowError, locale: Locale) -> Refusal:
    return Refusal(error.row, error.code, error.text(locale))
