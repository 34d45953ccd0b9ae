"""Importing departments: upsert by code, parents before children whatever the order of the file."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.jobs import JobFailed, JobRun, Jobs
from chassis.locale import Locale
from chassis.problems import Problem
from chassis.tabular import Column, Kind, Row, in_batches, open_table
from services.membership.departments.rules import is_below_itself, parents_first
from services.membership.departments.service import manager_key, parents
from services.membership.import_errors import RowError, refusals_of
from services.membership.people import rules
from services.membership.people.managers import publish_departments
from services.membership.people.models import Department

KIND = "departments.import"
ROWS_PER_STEP = 500

DEPARTMENT_COLUMNS = (
    Column("code", ("部门编码", "code", "department_code"), Kind.CODE, required=True, max_length=64, example="D01"),
    Column("name", ("部门名称", "name", "名称"), max_length=200, example="研发部"),
    Column("parent_code", ("上级部门编码", "parent_code", "上级部门"), Kind.CODE, max_length=64, example="D00"),
    Column("manager_employee_no", ("负责人工号", "manager_employee_no"), Kind.CODE, max_length=64, example="00123"),
)

_NORMAL = {
    "code": rules.normal_department_code,
    "name": rules.normal_name,
    "parent_code": rules.normal_department_code,
    "manager_employee_no": rules.normal_employee_no,
}

jobs = Jobs()


@dataclass(frozen=True)
class Entry:
    """A row: usable values, or what is wrong with it."""

    row: Row
    values: dict[str, Any]
    error: RowError | None = None

    @property
    def code(self) -> str:
        return str(self.values.get("code", f"row {self.row.number}"))

    @property
    def parent_code(self) -> str | None:
        return self.values.get("parent_code")


@jobs.kind(KIND)
async def run_department_import(job: JobRun) -> None:
    """Import the departments of the uploaded file, from where an earlier run stopped."""
    locale: Locale = job.params["locale"]
    try:
        content = await job.content()
        # All in memory, to be sorted: even the largest companies have thousands of departments, not millions.
        entries = await asyncio.to_thread(_entries, content)
    except Problem as problem:
        raise JobFailed(str(problem)) from problem
    job.total = len(entries)
    first: dict[str, int] = {}
    for entry in entries:
        first.setdefault(entry.code, entry.row.number)
    for batch in in_batches(islice(entries, job.done, None), ROWS_PER_STEP):
        before = dict(job.result)
        async with job.step() as session:
            counts = await _apply(session, job, batch, first, locale)
            job.result = {name: before.get(name, 0) + counts[name] for name in counts}


def _entries(content: bytes) -> list[Entry]:
    return parents_first([_entry(row) for row in open_table(content, DEPARTMENT_COLUMNS).rows()])


def _entry(row: Row) -> Entry:
    values: dict[str, Any] = dict(row.values)
    for name, normal in _NORMAL.items():
        if values.get(name) is not None:
            try:
                values[name] = normal(str(values[name]))
            except ValueError:
                code = "invalid_department_code" if name == "parent_code" else f"invalid_{name}"
                code = "invalid_employee_no" if name == "manager_employee_no" else code
                return Entry(row, {}, RowError(row.number, code, {"value": str(values[name])[:60]}))
    if "name" in values and values["name"] is None:
        return Entry(row, {}, RowError(row.number, "not_clearable", {"field": "name"}))
    return Entry(row, values)


async def _apply(
    session: AsyncSession, job: JobRun, batch: Sequence[Entry], first: dict[str, int], locale: Locale
) -> dict[str, int]:
    now = job.runtime.clock()
    rows = await session.exec(select(Department).order_by(col(Department.code)).with_for_update())
    existing = {department.code: department for department in rows}
    forest = await parents(session)
    counts = {"created": 0, "changed": 0, "unchanged": 0}
    touched: dict[str, Department] = {}
    for entry in batch:
        if entry.row.problems:
            for refusal in refusals_of(entry.row, locale):
                job.error(refusal.row, refusal.code, refusal.text)
            job.advance(failed=1)
            continue
        error = entry.error or _refused(entry, existing, forest, first)
        if error is not None:
            job.error(error.row, error.code, error.text(locale))
            job.advance(failed=1)
            continue
        counts[_put(session, entry.values, existing, touched, now, write=not job.params["dry_run"])] += 1
        forest[entry.code] = existing[entry.code].parent_code
        job.advance(done=1)
    if job.params["dry_run"]:
        session.expunge_all()
    else:
        await session.flush()
        await publish_departments(session, list(touched.values()), now)
    return counts


def _refused(
    entry: Entry, existing: dict[str, Department], forest: dict[str, str | None], first: dict[str, int]
) -> RowError | None:
    number = entry.row.number
    if first[entry.code] != number:
        return RowError(number, "duplicate_in_file", {"first": first[entry.code], "field": "code"})
    if entry.code not in existing and entry.values.get("name") is None:
        return RowError(number, "name_missing")
    parent = entry.parent_code
    if parent is not None and is_below_itself(entry.code, parent, forest):
        return RowError(number, "department_cycle")
    if parent is not None and parent not in forest:
        return RowError(number, "unknown_parent", {"value": parent})
    return None


def _put(
    session: AsyncSession,
    values: dict[str, Any],
    existing: dict[str, Department],
    touched: dict[str, Department],
    now: datetime,
    *,
    write: bool,
) -> str:
    code = values["code"]
    department = existing.get(code)
    if department is None:
        department = Department(**values, created_at=now, updated_at=now)
        department.manager_employee_key = manager_key(department.manager_employee_no)
        if write:
            session.add(department)
        existing[code] = touched[code] = department
        return "created"
    changed = {name: value for name, value in values.items() if getattr(department, name) != value}
    if not changed:
        return "unchanged"
    for name, value in changed.items():
        setattr(department, name, value)
    department.manager_employee_key = manager_key(department.manager_employee_no)
    department.version += 1
    department.updated_at = now
    touched[code] = department
    return "changed"
