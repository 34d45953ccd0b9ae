"""The import of check-ins from a history, each at its own time."""

from collections.abc import Sequence
from datetime import datetime, time
from typing import Any, Final, NamedTuple

from chassis.days import day_began_at, local_day
from chassis.identifiers import identifier_key
from chassis.imports import SPREADSHEETS_AND_LINES, Batch, Import, RowRefused
from chassis.jobs import JobRun
from chassis.projections.numbers import members_by_number, wait_for_members
from chassis.tabular import Column, Kind
from services.gamification.checkins.acceptance import accept, hold
from services.gamification.checkins.queries import taken_days, taken_refs, zone_for
from services.gamification.checkins.rules import CheckinDay, StreakDays
from services.gamification.checkins.writing import NewCheckin
from services.gamification.permissions import CHECKINS_IMPORT

_COLUMNS: Final = (
    Column(
        "employee_no",
        ("工号", "employee_no", "Employee number"),
        Kind.CODE,
        required=True,
        max_length=64,
        example="00123",
    ),
    Column(
        "occurred_at",
        ("打卡时间", "occurred_at", "Occurred at"),
        Kind.DATETIME,
        required=True,
        example="2024-03-01T09:00:00+08:00",
    ),
    Column("note", ("备注", "note"), Kind.TEXT, max_length=2000, example="读完第三章"),
    Column(
        "source_ref", ("来源编号", "source_ref", "Source reference"), Kind.CODE, max_length=200, example="post-4711"
    ),
)
_ERRORS: Final = {
    "unknown_member": ("The community has no member with this employee number.", "该社群没有该工号的成员。"),
    "before_joining": ("The check-in is earlier than the member's joining.", "打卡时间早于加入时间。"),
    "in_the_future": ("The check-in is in the future.", "打卡时间晚于现在。"),
}


class Entry(NamedTuple):
    """One row. Entries sort by member and then by time, so that the first moment of a day comes first."""

    employee_key: str
    occurred_at: datetime
    employee_no: str
    note: str | None
    source_ref: str | None


class CheckinBatch(Batch[Entry]):
    """Takes check-ins in, with all that follows from them."""

    async def read(self, items: Sequence[Entry]) -> None:
        self._time_zone = str(self.job.params["time_zone"])
        self._day_starts_at = time.fromisoformat(self.job.params["day_starts_at"])
        self._streak_days = StreakDays(self.job.params["streak_days"])
        numbers = [item.employee_no for item in items]
        self._members = await members_by_number(self.session, self.community_id, numbers)
        ids = [member.id for member in self._members.values()]
        await hold(self.session, dict.fromkeys(ids, self.community_id))
        self._taken = await taken_days(self.session, ids)
        refs = [item.source_ref for item in items if item.source_ref]
        self._refs = await taken_refs(self.session, self.community_id, refs)
        self._fresh: list[NewCheckin] = []
        self._earlier: list[NewCheckin] = []

    def take(self, item: Entry) -> str:
        member = self._members.get(item.employee_key)
        if member is None:
            raise RowRefused("unknown_member")
        if item.occurred_at > self.now:
            raise RowRefused("in_the_future")
        if item.occurred_at < member.joined_at:
            raise RowRefused("before_joining")
        day = self._day(item.occurred_at, zone_for(member.time_zone, self._time_zone))
        taken_at = self._taken[member.id].get(day.day)
        if item.source_ref in self._refs or (taken_at is not None and taken_at <= item.occurred_at):
            return "unchanged"
        self._taken[member.id][day.day] = item.occurred_at
        if item.source_ref is not None:
            self._refs.add(item.source_ref)
        arrived = self._fresh if taken_at is None else self._earlier
        arrived.append(
            NewCheckin(
                self.community_id,
                member.id,
                day,
                occurred_at=item.occurred_at,
                origin="imported",
                note=item.note,
                source_ref=item.source_ref,
            )
        )
        return "created"

    def _day(self, at: datetime, time_zone: str) -> CheckinDay:
        day = local_day(at, time_zone=time_zone, day_starts_at=self._day_starts_at)
        began_at = day_began_at(day, time_zone=time_zone, day_starts_at=self._day_starts_at)
        return CheckinDay(day=day, time_zone=time_zone, began_at=began_at, streak_days=self._streak_days)

    async def write(self) -> None:
        if self._fresh or self._earlier:
            await accept(self.session, self._fresh, earlier=self._earlier, now=self.now)


def prepare(values: dict[str, Any]) -> Entry:
    """A row with the key that its member is found by."""
    number = values["employee_no"]
    return Entry(identifier_key(number), values["occurred_at"], number, values.get("note"), values.get("source_ref"))


def in_order(entries: list[Entry]) -> list[Entry]:
    """By member and time, whatever the order of the file: so a member's days come in order."""
    return sorted(entries, key=lambda entry: entry[:2])


async def ready(job: JobRun, entries: Sequence[Entry]) -> None:
    """Wait for members who were imported a moment ago."""
    if job.community_id is not None:
        await wait_for_members(job, job.community_id, [entry.employee_no for entry in entries])


checkin_import = Import(
    name="checkins",
    tag="Check-ins",
    about="""Import past check-ins from CSV, XLSX or NDJSON: employee_no, occurred_at, note, source_ref.

    Each check-in keeps its own time. Of two on one day only the earlier counts, whichever file it is in. Times without an
    offset are in the community's time zone. Importing the same file again changes nothing.
    """,
    permission=CHECKINS_IMPORT,
    accepts=SPREADSHEETS_AND_LINES,
    columns=_COLUMNS,
    errors=_ERRORS,
    concerns={"unknown_member": "employee_no", "in_the_future": "occurred_at", "before_joining": "occurred_at"},
    prepare=prepare,
    order=in_order,
    ready=ready,
    batch=CheckinBatch,
    rows_per_step=1000,
    history=True,
    called="check-ins",
    template="read_checkins_template",
)
