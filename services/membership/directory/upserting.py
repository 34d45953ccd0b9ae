"""People as tables and other systems tell of them: registered or changed by employee number, hundreds in one transaction."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, update
from sqlalchemy import select as sa_select
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import Changes
from chassis.database.base import new_row
from chassis.database.bulk import insert_many
from chassis.imports import RowRefused
from chassis.messaging.outbox import Outgoing, emit_many
from contracts.membership import (
    PersonLeft,
    PersonRegistered,
    PersonReinstated,
    PersonState,
    PersonSuspended,
    PersonUpdated,
)
from services.membership.credentials.models import Credential
from services.membership.departments import managers
from services.membership.departments.queries import known_departments
from services.membership.directory.import_rules import Known, Plan, plan_change, plan_new
from services.membership.people import naming, rules
from services.membership.people.logins import hold_logins
from services.membership.people.models import Person, PersonSearchKey
from services.membership.people.names import name_keys, sort_key
from services.membership.people.occasions import PeopleConcerned, people_changed, people_left, people_locked_out
from services.membership.people.pictures import keep_pictures
from services.membership.people.rules import Action
from services.membership.platform_roles.models import PlatformRole

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
    """A row's values, with what depends on them alone: cheap to make away from the database."""

    values: dict[str, Any]
    employee_key: str
    keys: list[str]
    sort_key: str


def prepare(values: dict[str, Any]) -> Prepared:
    """A person's fields with the keys that they are found and sorted by."""
    name, number = values.get("display_name"), values["employee_no"]
    return Prepared(
        values=values,
        employee_key=rules.identifier_key(number),
        keys=name_keys(name, number) if name else [],
        sort_key=sort_key(name) if name else "",
    )


class PeopleUpsert:
    """Registers or changes people by employee number: some together, in one transaction. Read, then take each, then write.

    No number may stand twice among them.
    """

    def __init__(self, session: AsyncSession, now: datetime, *, looks_only: bool = False) -> None:
        self.session = session
        self.now = now
        self._looks_only = looks_only
        self.changes: dict[str, tuple[UUID, Changes]] = {}
        """By the number as it is compared, who was registered or changed and how, for the audit."""

    def status_of(self, employee_key: str) -> str | None:
        """Where somebody stands as they were read; None for a number that nobody has."""
        person = self._people.get(employee_key)
        return person.status if person else None

    async def read(self, items: Sequence[Prepared]) -> None:
        """Read whom they name, and lock them where it does more than look; with a number of statements that does not depend on theirs."""
        keys = [one.employee_key for one in items]
        # Locked in order of id: two imports of the same people wait for one another instead of deadlocking.
        named = select(Person).where(col(Person.employee_key).in_(keys)).order_by(col(Person.id))
        rows = await self.session.exec(named if self._looks_only else named.with_for_update())
        self._people = {person.employee_key: person for person in rows if person.employee_key}
        self._owners: dict[tuple[str, str], UUID] = {}
        for name in ("email", "phone"):
            if values := [one.values[name] for one in items if one.values.get(name)]:
                statement = sa_select(_TABLE.c[name], _TABLE.c.id).where(_TABLE.c[name].in_(values))
                self._owners |= {(name, value): id_ for value, id_ in await self.session.execute(statement)}
        self._logins = await self._who_logs_in_with(items)
        self._roles: dict[UUID, list[str]] = {}
        self._passwords: set[UUID] = set()
        if ids := [person.id for person in self._people.values()]:
            granted = await self.session.exec(select(PlatformRole).where(col(PlatformRole.person_id).in_(ids)))
            for one in granted:
                self._roles.setdefault(one.person_id, []).append(one.role)
            protected = select(Credential.person_id).where(col(Credential.person_id).in_(ids))
            self._passwords = set(await self.session.exec(protected))
        codes = [one.values["department_code"] for one in items if one.values.get("department_code")]
        self._departments = await known_departments(self.session, codes)
        self._inserts: list[dict[str, Any]] = []
        self._updates: list[dict[str, Any]] = []
        self._freed: list[dict[str, Any]] = []
        self._reindexed: list[UUID] = []
        self._keys: list[dict[str, Any]] = []
        self._messages: list[Outgoing] = []
        self._pictures: dict[UUID, list[str | None]] = {}
        self._rewritten: dict[UUID, str] = {}
        self._suspended: list[UUID] = []
        self._left: list[UUID] = []
        self._chosen: list[UUID] = []

    async def _who_logs_in_with(self, items: Sequence[Prepared]) -> dict[tuple[str, str], str]:
        """Who has what these rows' identifiers could be taken for, by column and value: their number, or else their id."""
        if not self._looks_only:
            await hold_logins(self.session, [_identifiers(one) for one in items])
        asked: dict[str, set[str]] = {"email": set(), "phone": set(), "employee_key": set()}
        for column, value in (pair for one in items for pair in _confusable(one.values)):
            asked[column].add(value)
        found: dict[tuple[str, str], str] = {}
        for column, values in asked.items():
            if values:
                statement = sa_select(_TABLE.c[column], _TABLE.c.employee_key, _TABLE.c.id).where(
                    _TABLE.c[column].in_(values)
                )
                for value, key, id_ in await self.session.execute(statement):
                    found[column, value] = key or str(id_)
        return found

    def take(self, item: Prepared) -> str:
        """Decide what becomes of one: "created", "changed" or "unchanged". Raises `RowRefused`."""
        person = self._people.get(item.employee_key)
        self._check_references(item, person.id if person else None)
        new = {name: value for name, value in item.values.items() if getattr(person, name, None) != value}
        if any(self._logins.get(pair, item.employee_key) != item.employee_key for pair in _confusable(new)):
            raise RowRefused("login_taken")
        done = self._taken(item, person)
        self._logins["employee_key", item.employee_key] = item.employee_key
        for name in ("email", "phone"):
            if item.values.get(name):
                self._logins[name, item.values[name]] = item.employee_key
        return done

    def _taken(self, item: Prepared, person: Person | None) -> str:
        if person is None:
            return self._add(item, plan_new(item.values, self.now.date()))
        known = Known(
            values=self._as_written(person),
            platform_roles=self._roles.get(person.id, []),
            has_password=person.id in self._passwords,
        )
        return self._change(item, person, plan_change(known, item.values, self.now.date()))

    @staticmethod
    def _as_written(person: Person) -> dict[str, Any]:
        values = person.model_dump()
        values["display_name"] = naming.as_written(person)
        return values

    def _check_references(self, one: Prepared, person_id: UUID | None) -> None:
        code = one.values.get("department_code")
        if code is not None and code not in self._departments:
            raise RowRefused("unknown_department", value=code)
        for name in ("email", "phone"):
            value = one.values.get(name)
            owner = self._owners.get((name, value)) if value else None
            if owner is not None and owner != person_id:
                raise RowRefused(f"{name}_taken")

    def _add(self, one: Prepared, fields: dict[str, Any]) -> str:
        row = new_row(
            Person,
            **fields,
            employee_key=one.employee_key,
            sort_key=one.sort_key,
            messages_published=1,
            created_at=self.now,
            updated_at=self.now,
        )
        self.changes[one.employee_key] = row["id"], {name: [None, value] for name, value in fields.items()}
        self._inserts.append(row)
        self._chosen.append(row["id"])
        self._messages.append(Outgoing(PersonRegistered(**_state(row)), 1, self.now))
        self._keys.extend({"key": key, "person_id": row["id"]} for key in one.keys)
        return "created"

    def _change(self, one: Prepared, person: Person, plan: Plan) -> str:
        if plan.is_empty:
            return "unchanged"
        row = person.model_dump() | plan.changes
        row["version"] = person.version + 1
        row["updated_at"] = self.now
        if "display_name" in plan.changes:
            row |= naming.shown()
            row["sort_key"] = one.sort_key
            self._rewritten[person.id] = row["display_name"]
            self._reindexed.append(person.id)
            self._keys.extend({"key": key, "person_id": person.id} for key in one.keys)
        self._give_up(person, plan)
        if "avatar_url" in plan.changes:
            self._pictures[person.id] = [person.avatar_url, row["avatar_url"]]
        if rules.PUBLIC_FIELDS & plan.changes.keys() and not plan.actions:
            self._publish(row, PersonUpdated)
        for action in plan.actions:
            row["status"] = str(rules.after(row["status"], action))
            self._publish(row, _AFTER[action])
        if plan.actions:
            {Action.LEAVE: self._left, Action.SUSPEND: self._suspended}.get(plan.actions[-1], []).append(person.id)
        if rules.CHOSEN_BY & plan.changes.keys() or {Action.REINSTATE, Action.REHIRE} & set(plan.actions):
            self._chosen.append(person.id)
        changed = [*plan.changes, *(["status"] if plan.actions else [])]
        before = self._as_written(person)
        self.changes[one.employee_key] = person.id, {name: [before[name], row[name]] for name in changed}
        self._updates.append({"b_id": person.id} | {name: row[name] for name in _WRITTEN})
        return "changed"

    def _give_up(self, person: Person, plan: Plan) -> None:
        """An e-mail or phone that this row gives up is free for the rows after it."""
        for name in ("email", "phone"):
            old = getattr(person, name)
            if old is not None and name in plan.changes:
                self._owners.pop((name, old), None)
                self._logins.pop((name, old), None)
                self._freed.append({"b_id": person.id})

    def _publish(self, row: dict[str, Any], event: type[PersonState]) -> None:
        row["messages_published"] += 1
        self._messages.append(Outgoing(event(**_state(row)), row["messages_published"], self.now))

    async def write(self) -> None:
        """Given up first, so that unique values can change hands within the batch."""
        connection = await self.session.connection()
        for statement, rows in ((_CLEAR_LOGIN, self._freed), (_UPDATE, self._updates)):
            if rows:
                await connection.execute(statement, rows)
        await insert_many(self.session, _TABLE, self._inserts)
        if self._reindexed:
            await connection.execute(delete(PersonSearchKey).where(col(PersonSearchKey.person_id).in_(self._reindexed)))
        await insert_many(self.session, _KEYS, self._keys)
        await emit_many(self.session, self._messages)
        names = {row["id"]: row["display_name"] for row in self._inserts} | self._rewritten
        await naming.tell(self.session, names, self.now, rewritten=self._rewritten)
        await keep_pictures(self.session, self._pictures, self.now)
        self.session.expire_all()
        numbers = [row["employee_key"] for row in self._inserts]
        await managers.tell_departments_managed_by(self.session, numbers, self.now)
        for occasion, ids in (
            (people_locked_out, self._suspended),
            (people_left, self._left),
            (people_changed, self._chosen),
        ):
            if ids:
                await occasion.happened(self.session, PeopleConcerned(ids, self.now))


def _identifiers(one: Prepared) -> dict[str, str]:
    named = {"employee_no": one.employee_key, "email": one.values.get("email"), "phone": one.values.get("phone")}
    return {field: value for field, value in named.items() if value}


def _confusable(values: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What others may not have beside this row: columns with values."""
    for field in ("employee_no", "email", "phone"):
        if values.get(field):
            for column, some in rules.same_logins(field, values[field]).items():
                yield from ((column, value) for value in some)


def _state(row: dict[str, Any]) -> dict[str, Any]:
    return {"person_id": row["id"]} | {name: row[name] for name in rules.PUBLIC_FIELDS}
