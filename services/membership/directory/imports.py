"""Importing people: hundreds of rows a transaction, in set-based SQL, each row whole or not at all."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, update
from sqlalchemy import select as sa_select
from sqlmodel import col, select

from chassis.database.bulk import insert_many, new_row
from chassis.imports import Batch, Import, RowRefused
from chassis.messaging.outbox import Outgoing, emit_many
from chassis.tabular import Column, Kind
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
from services.membership.people import rules
from services.membership.people.models import Person, PersonSearchKey
from services.membership.people.names import name_keys, sort_key
from services.membership.people.occasions import PeopleConcerned, people_left, people_locked_out
from services.membership.people.rules import Action
from services.membership.permissions import PEOPLE_IMPORT
from services.membership.platform_roles.access import authorize_platform_now
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
_STATUSES = {
    "在职": "active",
    "active": "active",
    "停用": "suspended",
    "suspended": "suspended",
    "离职": "left",
    "left": "left",
}
_KINDS = {
    "员工": "employee",
    "employee": "employee",
    "外部": "external",
    "外部讲师": "external",
    "external": "external",
}
_COLUMNS = (
    Column(
        "employee_no", ("工号", "employee_no", "员工编号"), Kind.CODE, required=True, max_length=64, example="00123"
    ),
    Column("display_name", ("姓名", "display_name", "name"), max_length=100, example="张伟", empty="refused"),
    Column("email", ("邮箱", "email", "电子邮箱", "e-mail"), max_length=254, example="zhang.wei@example.com"),
    Column("phone", ("手机号", "phone", "手机", "电话"), max_length=40, example="13800138000"),
    Column("department_code", ("部门编码", "department_code", "部门"), Kind.CODE, max_length=64, example="D01"),
    Column("title", ("职位", "title", "岗位"), max_length=100, example="工程师"),
    Column("job_grade", ("职级", "job_grade"), max_length=50, example="P6"),
    Column("grade_since", ("现职级起始日期", "grade_since"), Kind.DATE, example="2025-04-01"),
    Column("site", ("工作地点", "site"), max_length=100, example="上海"),
    Column("hired_on", ("入职日期", "hired_on"), Kind.DATE, example="2024-01-31"),
    Column("left_on", ("离职日期", "left_on"), Kind.DATE, example="2026-06-30"),
    Column("kind", ("人员类型", "kind", "类型"), choices=_KINDS, example="员工", empty="ignored"),
    Column("status", ("状态", "status"), choices=_STATUSES, example="在职", empty="ignored"),
    Column("locale", ("语言", "locale"), max_length=16, example="zh-CN"),
    Column("time_zone", ("时区", "time_zone"), max_length=64, example="Asia/Shanghai"),
    Column("avatar_url", ("头像", "avatar_url"), max_length=500, example="https://example.com/a.png"),
)
_ERRORS = {
    "invalid_employee_no": ("Not an employee number: {value}", "工号无效：{value}"),
    "invalid_email": ("Not an e-mail address: {value}", "邮箱无效：{value}"),
    "invalid_phone": ("Not a phone number: {value}", "手机号无效：{value}"),
    "invalid_display_name": ("Not a name: {value}", "姓名无效：{value}"),
    "invalid_department_code": ("Not a department code: {value}", "部门编码无效：{value}"),
    "invalid_title": ("Not a title: {value}", "职位无效：{value}"),
    "invalid_job_grade": ("Not a job grade: {value}", "职级无效：{value}"),
    "invalid_site": ("Not a site: {value}", "工作地点无效：{value}"),
    "invalid_locale": ("The language must be zh-CN or en: {value}", "语言只能是 zh-CN 或 en：{value}"),
    "invalid_time_zone": ("Not a time zone: {value}", "时区无效：{value}"),
    "invalid_avatar_url": ("Not a web address: {value}", "头像地址无效：{value}"),
    "name_missing": ("A new person needs a name.", "新增人员时必须填写姓名。"),
    "email_taken": ("The e-mail belongs to somebody else.", "邮箱已被他人使用。"),
    "phone_taken": ("The phone number belongs to somebody else.", "手机号已被他人使用。"),
    "login_taken": (
        "The employee number is somebody else's phone or e-mail, or the reverse.",
        "工号与他人的手机号或邮箱相同，或手机号、邮箱与他人的工号相同。",
    ),
    "unknown_department": ("No department has the code {value}.", "部门 {value} 不存在。"),
    "account_protected": (
        "An import may not change the log-in or status of this person.",
        "不能通过导入修改该人员的登录信息或状态。",
    ),
    "erased": ("The person's data was erased.", "该人员的数据已被清除。"),
    "left_on_in_future": ("The last day is later than tomorrow.", "离职日期晚于明天。"),
    "left_on_without_leaving": ("A last day requires the status left.", "填写离职日期时，状态须为离职。"),
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


class PersonBatch(Batch[Prepared]):
    """Upserts people by employee number."""

    async def read(self, items: Sequence[Prepared]) -> None:
        keys = [one.employee_key for one in items]
        # Locked in order of id: two imports of the same people wait for one another instead of deadlocking.
        rows = await self.session.exec(
            select(Person).where(col(Person.employee_key).in_(keys)).order_by(col(Person.id)).with_for_update()
        )
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
        self._suspended: list[UUID] = []
        self._left: list[UUID] = []

    async def _who_logs_in_with(self, items: Sequence[Prepared]) -> dict[tuple[str, str], str]:
        """Who has what these rows' identifiers could be taken for, by column and value: their number, or else their id."""
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
            values=person.model_dump(),
            platform_roles=self._roles.get(person.id, []),
            has_password=person.id in self._passwords,
        )
        return self._change(item, person, plan_change(known, item.values, self.now.date()))

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
        self._inserts.append(row)
        self._messages.append(Outgoing(PersonRegistered(**_state(row)), 1, self.now))
        self._keys.extend({"key": key, "person_id": row["id"]} for key in one.keys)
        return "registered"

    def _change(self, one: Prepared, person: Person, plan: Plan) -> str:
        if plan.is_empty:
            return "unchanged"
        row = person.model_dump() | plan.changes
        row["version"] = person.version + 1
        row["updated_at"] = self.now
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
        self.session.expire_all()
        numbers = [row["employee_key"] for row in self._inserts]
        await managers.tell_departments_managed_by(self.session, numbers, self.now)
        for occasion, ids in ((people_locked_out, self._suspended), (people_left, self._left)):
            if ids:
                await occasion.happened(self.session, PeopleConcerned(ids, self.now))


def _confusable(values: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What others may not have beside this row: columns with values."""
    for field in ("employee_no", "email", "phone"):
        if values.get(field):
            for column, some in rules.same_logins(field, values[field]).items():
                yield from ((column, value) for value in some)


def _state(row: dict[str, Any]) -> dict[str, Any]:
    return {"person_id": row["id"]} | {name: row[name] for name in rules.PUBLIC_FIELDS}


people_import = Import(
    name="people",
    tag="People",
    about="""Import people from CSV or XLSX, sent as the request body.

    People are matched by `employee_no`. A missing column changes nothing, an empty cell clears the value, and people who are
    not in the file stay as they are. The job shows the progress; its errors name the row. The log-in of people who have set
    a password or have a platform role is never changed.
    """,
    permission=PEOPLE_IMPORT,
    platform=authorize_platform_now,
    columns=_COLUMNS,
    normal=rules.NORMAL,
    unique={"employee_no": rules.identifier_key, "email": str, "phone": str},
    errors=_ERRORS,
    counts=("registered", "changed", "unchanged"),
    prepare=prepare,
    batch=PersonBatch,
    action="person.import",
)
