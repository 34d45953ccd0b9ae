"""The import of a roster: a job that reads a table and writes whole batches with a few statements each."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import audit
from chassis.database.context import context_of
from chassis.ids import new_id
from chassis.jobs import JobRun, Jobs, start_job
from chassis.locale import Locale
from chassis.messaging.outbox import Outgoing, emit_many
from chassis.security.authority import CommunityFacts
from chassis.security.caller import Caller
from chassis.tabular import NDJSON_TYPES, XLSX_TYPE, Column, Kind, Row, Table, open_table
from contracts.membership import MemberBefore, MemberChange, MemberCohortChanged, MemberJoined
from services.membership.cohorts.service import cohorts_by_code
from services.membership.people.models import Person
from services.membership.people.rules import identifier_key
from services.membership.roster.joining import come_back, member_message
from services.membership.roster.models import Member
from services.membership.roster.rules import is_live

KIND: Final = "members.import"
ROWS_PER_STEP: Final = 500

MEDIA_TYPES: Final = {
    "text/csv": "text/csv",
    # How browsers and Excel call a CSV; the content decides between the two kinds of file.
    "application/csv": "text/csv",
    "application/vnd.ms-excel": "text/csv",
    "application/octet-stream": "application/octet-stream",
    XLSX_TYPE: XLSX_TYPE,
    **dict.fromkeys(NDJSON_TYPES, NDJSON_TYPES[0]),
}

COLUMNS: Final = (
    Column("employee_no", ("工号", "Employee number"), Kind.CODE, required=True, max_length=64, example="00123"),
    Column("joined_at", ("加入时间", "Joined at"), Kind.DATETIME, example="2024-03-01T09:00:00+08:00"),
    Column("channel", ("渠道", "Channel"), Kind.TEXT, max_length=40, example="poster"),
    Column("cohort", ("期", "Cohort"), Kind.CODE, max_length=40, example="2024-1"),
)

_TEXTS: Final = {
    "unknown_person": {"en": "There is nobody with this employee number.", "zh-CN": "没有该工号的人员。"},
    "person_left": {"en": "The person has left the company.", "zh-CN": "该人员已离职。"},
    "member_left": {
        "en": "The member has left since; an import does not bring anyone back.",
        "zh-CN": "该成员已退出，导入不会使其重新加入。",
    },
    "unknown_cohort": {"en": "The community has no such cohort.", "zh-CN": "该社群没有这一期。"},
    "in_the_future": {"en": "The date of joining is in the future.", "zh-CN": "加入时间晚于现在。"},
}

jobs = Jobs()


async def start(
    session: AsyncSession,
    *,
    caller: Caller,
    community: CommunityFacts,
    content: bytes,
    media_type: str,
    dry_run: bool,
    locale: Locale,
    now: datetime,
) -> UUID:
    """Queue the import once the file and its header are known to be usable. Raises `TABLE_INVALID`."""
    params = {"media_type": media_type, "dry_run": dry_run, "locale": locale, "time_zone": community.time_zone}
    table = await asyncio.to_thread(_open, content, params)
    job_id = await start_job(
        session,
        KIND,
        params,
        caller=caller,
        now=now,
        content=content,
        community_id=community.id,
        total=table.rows_hint,
    )
    await audit(
        session,
        caller,
        action=KIND,
        object_kind="job",
        object_id=job_id,
        community_id=community.id,
        changes={"dry_run": [None, dry_run]},
        now=now,
    )
    return job_id


@jobs.kind(KIND)
async def run(job: JobRun) -> None:
    """Import in steps of 500 rows, going on after those that earlier steps have dealt with."""
    if job.community_id is None:
        raise ValueError("an import of members belongs to a community")
    table = await asyncio.to_thread(_open, await job.content(), job.params)
    rows = islice(table.rows(), job.done, None)
    job.result = {"joined": 0, "unchanged": 0, "moved": 0} | job.result
    while batch := await asyncio.to_thread(_take, rows):
        async with job.step() as session:
            context_of(session).backfill = True
            importing = _Import(session, job, job.community_id, dry_run=bool(job.params["dry_run"]))
            await importing.apply(batch)
    job.total = job.done


def _open(content: bytes, params: Mapping[str, Any]) -> Table:
    return open_table(content, COLUMNS, media_type=str(params["media_type"]), zone=ZoneInfo(str(params["time_zone"])))


def _take(rows: Iterator[Row]) -> list[Row]:
    return list(islice(rows, ROWS_PER_STEP))


@dataclass(frozen=True)
class _Refused(Exception):
    code: str


class _Import:
    """One step: what the rows name is read at once, what they change is written at once."""

    def __init__(self, session: AsyncSession, job: JobRun, community_id: UUID, *, dry_run: bool) -> None:
        self.session, self.job, self.community_id, self.dry_run = session, job, community_id, dry_run
        self.now = job.runtime.clock()
        self.locale: Locale = job.params["locale"]
        self.people: dict[str, Person] = {}
        self.members: dict[UUID, Member] = {}
        self.cohorts: dict[str, UUID] = {}
        self.created: dict[UUID, Member] = {}
        self.messages: list[Outgoing] = []

    async def apply(self, rows: Sequence[Row]) -> None:
        """Deal with every row, good or bad, and count it."""
        await self._read(rows)
        for row in rows:
            try:
                self._one(row)
            except _Refused as refusal:
                self.job.error(row.number, refusal.code, _TEXTS[refusal.code][self.locale])
                self.job.advance(failed=1)
            else:
                failed = 1 if row.problems else 0
                self.job.advance(done=1 - failed, failed=failed)
        if not self.dry_run:
            await self._write()

    async def _read(self, rows: Sequence[Row]) -> None:
        keys = {identifier_key(str(row.values["employee_no"])) for row in rows if not row.problems}
        found = await self.session.execute(select(Person).where(col(Person.employee_key).in_(keys)))
        self.people = {person.employee_key: person for person in found.scalars() if person.employee_key}
        members = await self.session.execute(
            select(Member)
            .where(
                col(Member.community_id) == self.community_id,
                col(Member.person_id).in_([person.id for person in self.people.values()]),
            )
            .order_by(col(Member.id))
            .with_for_update()
        )
        self.members = {member.person_id: member for member in members.scalars()}
        self.cohorts = await cohorts_by_code(self.session, self.community_id)

    def _one(self, row: Row) -> None:
        for problem in row.problems:
            self.job.error(row.number, problem.code, problem.text(self.locale))
        if row.problems:
            return
        person = self.people.get(identifier_key(str(row.values["employee_no"])))
        if person is None:
            raise _Refused("unknown_person")
        cohort_id = self._cohort(row)
        joined_at = self._joined_at(row)
        member = self.members.get(person.id)
        if member is None:
            self._join(person, row, joined_at or self.now, cohort_id)
        elif is_live(member.status):  # type: ignore[arg-type]
            self._move(member, person, row, cohort_id)
        elif joined_at is not None and (member.ended_at is None or joined_at > member.ended_at):
            self._rejoin(member, person, row, joined_at, cohort_id)
        else:
            raise _Refused("member_left")

    def _cohort(self, row: Row) -> UUID | None:
        code = row.values.get("cohort")
        if code is None:
            return None
        if code not in self.cohorts:
            raise _Refused("unknown_cohort")
        return self.cohorts[str(code)]

    def _joined_at(self, row: Row) -> datetime | None:
        joined_at = row.values.get("joined_at")
        if not isinstance(joined_at, datetime):
            return None
        if joined_at > self.now:
            raise _Refused("in_the_future")
        return joined_at

    def _join(self, person: Person, row: Row, joined_at: datetime, cohort_id: UUID | None) -> None:
        if person.status in ("left", "erased"):
            raise _Refused("person_left")
        member = Member(
            id=new_id(),
            community_id=self.community_id,
            person_id=person.id,
            status="active",
            roles={},
            joined_at=joined_at,
            via="import",
            channel=_text(row.values.get("channel")),
            cohort_id=cohort_id,
            recorded_at=self.now,
        )
        self.members[person.id] = self.created[person.id] = member
        self._tell(MemberJoined, member, person, joined_at, MemberBefore())
        self.job.result["joined"] += 1

    def _rejoin(self, member: Member, person: Person, row: Row, joined_at: datetime, cohort_id: UUID | None) -> None:
        if person.status in ("left", "erased"):
            raise _Refused("person_left")
        before = MemberBefore(status=member.status)
        channel = _text(row.values.get("channel"))
        if not self.dry_run:
            come_back(member, via="import", joined_at=joined_at, now=self.now, channel=channel, cohort_id=cohort_id)
            self._tell(MemberJoined, member, person, joined_at, before)
        self.job.result["joined"] += 1

    def _move(self, member: Member, person: Person, row: Row, cohort_id: UUID | None) -> None:
        if "cohort" not in row.values or member.cohort_id == cohort_id:
            self.job.result["unchanged"] += 1
            return
        before = MemberBefore(cohort_id=member.cohort_id)
        if not self.dry_run:
            member.cohort_id = cohort_id
            self._tell(MemberCohortChanged, member, person, self.now, before)
        self.job.result["moved"] += 1

    def _tell(
        self, kind: type[MemberChange], member: Member, person: Person, at: datetime, before: MemberBefore
    ) -> None:
        message = member_message(kind, member, person, now=at, before=before)
        self.messages.append(Outgoing(message, version=member.bump(), occurred_at=at))

    async def _write(self) -> None:
        if self.created:
            columns = Member.__table__.columns.keys()  # type: ignore[attr-defined]
            values: list[dict[str, Any]] = [
                {name: getattr(member, name) for name in columns} for member in self.created.values()
            ]
            await self.session.execute(insert(Member), values)
        await emit_many(self.session, self.messages)


def _text(value: object) -> str | None:
    return None if value is None else str(value)
