"""The import of check-ins from a history: a job that takes whole batches in with a few statements each."""

import asyncio
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import audit
from chassis.database.context import context_of
from chassis.jobs import JobFailed, JobRun, Jobs, start_job
from chassis.locale import Locale
from chassis.projections.authority import MEMBERSHIP_TOPIC
from chassis.security.authority import CommunityFacts
from chassis.security.caller import Caller
from chassis.tabular import NDJSON_TYPES, XLSX_TYPE, Column, Kind, Row, Table, open_table
from services.gamification.base import known
from services.gamification.checkins.acceptance import NewCheckin, accept, hold, taken_days, taken_refs
from services.gamification.checkins.queries import zone_for
from services.gamification.checkins.rules import CheckinDay, StreakDays, day_began_at, local_day, zone_of

KIND: Final = "checkins.import"
ROWS_PER_STEP: Final = 1000
WAIT_FOR_MEMBERS: Final = timedelta(seconds=45)
"""How long to wait for what membership had recorded when the job began; less than a job's lease."""

MEDIA_TYPES: Final = {
    "text/csv": "text/csv",
    "application/octet-stream": "application/octet-stream",
    XLSX_TYPE: XLSX_TYPE,
    **dict.fromkeys(NDJSON_TYPES, NDJSON_TYPES[0]),
}

COLUMNS: Final = (
    Column("employee_no", ("工号", "Employee number"), Kind.CODE, required=True, max_length=64, example="00123"),
    Column(
        "occurred_at", ("打卡时间", "Occurred at"), Kind.DATETIME, required=True, example="2024-03-01T09:00:00+08:00"
    ),
    Column("note", ("备注", "Note"), Kind.TEXT, max_length=2000, example="读完第三章"),
    Column("source_ref", ("来源编号", "Source reference"), Kind.CODE, max_length=200, example="post-4711"),
)

_TEXTS: Final = {
    "unknown_member": {
        "en": "The community has no member with this employee number.",
        "zh-CN": "该社群没有该工号的成员。",
    },
    "before_joining": {"en": "The check-in is before the member joined.", "zh-CN": "打卡时间早于加入时间。"},
    "in_the_future": {"en": "The check-in is in the future.", "zh-CN": "打卡时间晚于现在。"},
}

jobs = Jobs()


class Entry(NamedTuple):
    """One usable row; entries sort by member and then by time, so that the first moment of a day comes first."""

    employee_key: str
    occurred_at: datetime
    number: int
    employee_no: str
    note: str | None
    source_ref: str | None


@dataclass(frozen=True, slots=True)
class _Member:
    id: UUID
    joined_at: datetime
    time_zone: str


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
    table = await asyncio.to_thread(_open, content, media_type, community.time_zone)
    params = {
        "media_type": media_type,
        "dry_run": dry_run,
        "locale": locale,
        "time_zone": community.time_zone,
        "day_starts_at": community.day_starts_at.isoformat(),
        "streak_days": community.streak_days,
    }
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
    """Import in steps of 1,000 rows, going on after those that earlier steps have dealt with.

    Rows are taken in the order of employee number and time, whatever the order of the file: so a member's days come in
    order, and a job that goes on after a crash sees the same rows at the same places.
    """
    if job.community_id is None:
        raise JobFailed("an import of check-ins belongs to a community")
    content = await job.content()
    wrong, entries = await asyncio.to_thread(_read, content, job.params)
    job.total = len(wrong) + len(entries)
    job.result = {"recorded": 0, "unchanged": 0} | job.result
    waited = False
    while job.done < job.total:
        bad = wrong[job.done : job.done + ROWS_PER_STEP]
        if bad:
            await _report(job, bad)
            continue
        first = job.done - len(wrong)
        batch = entries[first : first + ROWS_PER_STEP]
        if not waited:
            waited = await _wait_for_members(job, job.community_id, batch)
        async with job.step() as session:
            context_of(session).backfill = True
            await _Import(session, job, job.community_id).apply(batch)


def _open(content: bytes, media_type: str, time_zone: str) -> Table:
    return open_table(content, COLUMNS, media_type=media_type, zone=zone_of(time_zone))


def _read(content: bytes, params: Any) -> tuple[list[Row], list[Entry]]:
    table = _open(content, str(params["media_type"]), str(params["time_zone"]))
    wrong: list[Row] = []
    entries: list[Entry] = []
    for row in table.rows():
        occurred_at = row.values.get("occurred_at")
        if row.problems or not isinstance(occurred_at, datetime):
            wrong.append(row)
            continue
        employee_no = str(row.values["employee_no"])
        entries.append(
            Entry(
                employee_key=_key(employee_no),
                occurred_at=occurred_at,
                number=row.number,
                employee_no=employee_no,
                note=_text(row.values.get("note")),
                source_ref=_text(row.values.get("source_ref")),
            )
        )
    entries.sort()
    return wrong, entries


async def _report(job: JobRun, rows: Sequence[Row]) -> None:
    async with job.step():
        for row in rows:
            for problem in row.problems:
                job.error(row.number, problem.code, problem.text(job.params["locale"]))
        job.advance(failed=len(rows))


async def _wait_for_members(job: JobRun, community_id: UUID, batch: Sequence[Entry]) -> bool:
    """Let the projection catch up where it does not know someone: a roster may have been imported a moment ago.

    Returns whether waiting any more is pointless.
    """
    progress = job.runtime.database.tables.messaging.consumer_progress
    caught_up = select(func.min(progress.c.caught_up_at)).where(progress.c.topic == MEMBERSHIP_TOPIC)
    for _ in range(int(WAIT_FOR_MEMBERS / timedelta(seconds=0.5))):
        async with job.runtime.database.reading() as session:
            found = await _members(session, community_id, {entry.employee_no for entry in batch}, "UTC")
            if all(entry.employee_key in found for entry in batch):
                return False
            mark = (await session.execute(caught_up)).scalar_one_or_none()
        if mark is None or mark >= job.started_at:
            break
        await asyncio.sleep(0.5)
    return True


async def _members(
    session: AsyncSession, community_id: UUID, employee_nos: Iterable[str], community_zone: str
) -> dict[str, _Member]:
    """The members of the community with these employee numbers, by normalised number."""
    people, members = known.people.c, known.members.c
    statement = (
        select(people.employee_no, members.id, members.joined_at, people.time_zone)
        .select_from(known.people.join(known.members, members.person_id == people.id))
        .where(members.community_id == community_id)
    )
    wanted = set(employee_nos)
    exact = await session.execute(statement.where(people.employee_no.in_(wanted)))
    found = {_key(row[0]): _Member(row[1], row[2], zone_for(row[3], community_zone)) for row in exact}
    missing = {_key(number) for number in wanted} - found.keys()
    if missing:
        # Written in another case than the directory has it; no index helps, and few are.
        folded = await session.execute(statement.where(func.lower(people.employee_no).in_(missing)))
        found |= {_key(row[0]): _Member(row[1], row[2], zone_for(row[3], community_zone)) for row in folded}
    return found


class _Import:
    """One step: what the rows name is read at once, what they change is written at once."""

    def __init__(self, session: AsyncSession, job: JobRun, community_id: UUID) -> None:
        self.session, self.job, self.community_id = session, job, community_id
        self.now = job.runtime.clock()
        self.locale: Locale = job.params["locale"]
        self.time_zone = str(job.params["time_zone"])
        self.day_starts_at = time.fromisoformat(str(job.params["day_starts_at"]))
        self.streak_days = StreakDays(str(job.params["streak_days"]))

    async def apply(self, entries: Sequence[Entry]) -> None:
        """Deal with every row, good or bad, and count it."""
        members = await _members(
            self.session, self.community_id, {entry.employee_no for entry in entries}, self.time_zone
        )
        await hold(self.session, {member.id: self.community_id for member in members.values()})
        taken = await taken_days(self.session, [member.id for member in members.values()])
        refs = await taken_refs(
            self.session, self.community_id, [entry.source_ref for entry in entries if entry.source_ref]
        )
        fresh: list[NewCheckin] = []
        for entry in entries:
            member = members.get(entry.employee_key)
            refused = self._refusal(entry, member)
            if refused is not None or member is None:
                code = refused or "unknown_member"
                self.job.error(entry.number, code, _TEXTS[code][self.locale])
                self.job.advance(failed=1)
                continue
            self.job.advance(done=1)
            day = self._day(entry.occurred_at, member.time_zone)
            if day.day in taken[member.id] or entry.source_ref in refs:
                self.job.result["unchanged"] += 1
                continue
            taken[member.id].add(day.day)
            if entry.source_ref is not None:
                refs.add(entry.source_ref)
            fresh.append(
                NewCheckin(
                    self.community_id,
                    member.id,
                    day,
                    occurred_at=entry.occurred_at,
                    origin="imported",
                    note=entry.note,
                    source_ref=entry.source_ref,
                )
            )
        self.job.result["recorded"] += len(fresh)
        if fresh and not self.job.params["dry_run"]:
            await accept(self.session, fresh, now=self.now)

    def _refusal(self, entry: Entry, member: _Member | None) -> str | None:
        if member is None:
            return "unknown_member"
        if entry.occurred_at > self.now:
            return "in_the_future"
        return "before_joining" if entry.occurred_at < member.joined_at else None

    def _day(self, at: datetime, time_zone: str) -> CheckinDay:
        day = local_day(at, time_zone=time_zone, day_starts_at=self.day_starts_at)
        return CheckinDay(
            day=day,
            time_zone=time_zone,
            began_at=day_began_at(day, time_zone=time_zone, day_starts_at=self.day_starts_at),
            streak_days=self.streak_days,
        )


def _key(employee_no: str) -> str:
    """An employee number for comparison, as the directory compares it."""
    return unicodedata.normalize("NFKC", employee_no).strip().lower()


def _text(value: object) -> str | None:
    return None if value is None else str(value)
