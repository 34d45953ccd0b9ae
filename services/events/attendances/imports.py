"""The import of a list of who was at an activity, as those who run trainings keep it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.rows import existing
from chassis.identifiers import identifier_key
from chassis.imports import SPREADSHEETS_AND_LINES, Batch, Import, RowRefused, Within
from chassis.jobs import JobRun
from chassis.projections.history import statuses_of
from chassis.projections.members import KnownMember
from chassis.projections.numbers import members_by_number, wait_for_members
from chassis.security.authority import CommunityFacts
from chassis.security.caller import Caller
from chassis.tabular import Column, Kind
from chassis.web.work import Work
from services.events.activities.access import seen_activity
from services.events.activities.models import Activity
from services.events.attendances.list_rules import (
    Listed,
    Recorded,
    attended_of,
    is_another_name,
    times_of,
    was_a_member,
)
from services.events.attendances.models import Attendance
from services.events.attendances.occasions import Asked, seat_asked
from services.events.attendances.problems import DOORS_CLOSED
from services.events.attendances.queries import live_of, names_of
from services.events.attendances.service import apply_list
from services.events.attendances.time_rules import Span, Written, written_time
from services.events.permissions import ATTENDANCES_IMPORT

_UNREAD: Final = 2000
_COLUMNS: Final = (
    Column(
        "employee_no",
        ("工号", "employee_no", "Employee number", "员工号", "员工编号", "人员编号"),
        Kind.CODE,
        required=True,
        max_length=64,
        example="00123",
    ),
    Column("name", ("姓名", "name", "员工姓名", "参会人", "学员姓名"), max_length=100, example="张伟"),
    Column(
        "checked_in_at",
        ("签到时间", "checked_in_at", "签到", "到场时间", "入场时间", "进场时间", "check in", "in"),
        max_length=60,
        example="2024-03-01 09:05",
    ),
    Column(
        "checked_out_at",
        ("签退时间", "checked_out_at", "签退", "离场时间", "退场时间", "check out", "out"),
        max_length=60,
        example="下午5:30",
    ),
    Column(
        "attended",
        ("到场", "attended", "是否到场", "是否出席", "是否签到", "出席", "出勤", "到场情况", "出勤情况", "签到状态"),
        max_length=20,
        choices={
            **dict.fromkeys(
                ("是", "到", "已到", "出席", "到场", "已签到", "迟到", "早退", "√", "✓", "yes", "y", "true", "1"), "yes"
            ),
            **dict.fromkeys(("全程", "whole"), "whole"),
            **dict.fromkeys(("否", "未到", "缺席", "缺勤", "请假", "未签到", "×", "✗", "no", "n", "false", "0"), "no"),
        },
        example="是",
    ),
    # What lists have besides, and nobody reads.
    Column("number", ("序号", "number", "No.", "编号"), max_length=_UNREAD, example="1"),
    Column("department", ("部门", "department", "所在部门", "单位"), max_length=_UNREAD, example="市场部"),
    Column("remark", ("备注", "remark", "说明", "签名"), max_length=_UNREAD, example="现场补签"),
)
_ERRORS: Final = {
    "unknown_member": ("The community has no member with this employee number.", "该社群没有该工号的成员。"),
    "not_a_member_then": (
        "They were no member of the community when the activity took place.",
        "活动举行时，该人员不是社群成员。",
    ),
    "another_name": (
        "The employee number belongs to somebody with another name; was only one column sorted?",
        "该工号对应的姓名与表中不同，请检查是否只排序了其中一列。",
    ),
    "not_a_time": (
        "{field} is no time (2024-03-01 09:05, 3月1日 上午9:05, 14:05): {value}",
        "“{field}”不是时间（如 2024-03-01 09:05、3月1日 上午9:05、14:05）：{value}",
    ),
    "outside": (
        "{field} is more than three hours before the activity or after it.",
        "“{field}”早于活动开始或晚于活动结束三小时以上。",
    ),
    "which_day": (
        "{field} may be on several days of the activity: write the day, too.",
        "活动持续多天，“{field}”请同时注明日期。",
    ),
    "after_the_end": ("They came after the activity had ended.", "签到时间晚于活动结束时间。"),
    "out_before_in": ("They left before they came.", "签退时间早于签到时间。"),
    "out_without_in": ("They left, but it does not say when they came.", "有签退时间，但缺少签到时间。"),
    "absent_with_times": ("They were not there, but there are times.", "标记为未到场，却填写了时间。"),
    "in_the_future": ("{field} is in the future.", "“{field}”晚于现在。"),
    "activity_cancelled": ("The activity was cancelled.", "活动已取消。"),
}


class Entry(NamedTuple):
    """One row; times as far as it says them. `silent`: the list has no column that says who came, so all did."""

    employee_key: str
    employee_no: str
    name: str | None
    came: Written | None
    left: Written | None
    attended: str | None
    silent: bool


class ListBatch(Batch[Entry]):
    """Records who was there, records anew what was wrong, and revokes whom a list says was not there."""

    async def read(self, items: Sequence[Entry]) -> None:
        self._activity = await existing(
            self.session, Activity, UUID(self.job.params["activity_id"]), lock=not self.dry_run
        )
        self._span = Span(self._activity.starts_at, self._activity.ends_at, self._activity.time_zone)
        numbers = [item.employee_no for item in items]
        self._members = await members_by_number(self.session, self.community_id, numbers)
        ids = [member.id for member in self._members.values()]
        self._names = await names_of(self.session, [member.person_id for member in self._members.values()])
        self._statuses = await statuses_of(self.session, ids)
        asked = Asked(self._activity.id, ids)
        self._seated = set().union(*await seat_asked.happened(self.session, asked))
        self._present = await live_of(self.session, self._activity.id, ids)
        self._new: list[Attendance] = []
        self._wrong: list[Attendance] = []

    def take(self, item: Entry) -> str:
        if self._activity.status == "cancelled":
            raise RowRefused("activity_cancelled")
        member = self._member(item)
        came_at, left_at = times_of(item.came, item.left, self._span, now=self.now)
        present = self._present.get(member.id)
        attended = attended_of(
            Listed(item.attended, came_at, left_at, silent=item.silent),
            self._span,
            before=None if present is None else Recorded(present.in_at, present.out_at, by_list=_is_listed(present)),
            check_out=self._activity.check_out == "required",
        )
        if attended == "unchanged":
            return "unchanged"
        if present is not None:
            self._wrong.append(present)
        if attended == "absent":
            return "changed"
        self._new.append(self._attendance(member, attended))
        return "changed" if present is not None else "created"

    def _member(self, item: Entry) -> KnownMember:
        member = self._members.get(item.employee_key)
        if member is None or member.status == "erased":
            raise RowRefused("unknown_member")
        if item.name is not None and is_another_name(item.name, self._names.get(member.person_id)):
            raise RowRefused("another_name")
        if not was_a_member(member.status, member.joined_at, self._statuses.get(member.id, ()), self._span):
            raise RowRefused("not_a_member_then")
        return member

    def _attendance(self, member: KnownMember, attended: tuple[datetime, datetime | None]) -> Attendance:
        came_at, left_at = attended
        return Attendance(
            community_id=self.community_id,
            activity_id=self._activity.id,
            member_id=member.id,
            method="batch",
            walk_in=member.id not in self._seated,
            in_at=came_at,
            out_at=left_at,
        )

    async def write(self) -> None:
        if self._new or self._wrong:
            await apply_list(Work(self.session, self.now), self._activity, self._new, self._wrong)


def _is_listed(row: Attendance) -> bool:
    """Whether a list said so, and not somebody at the door."""
    return row.method == "batch" and row.scanned_as is None


def prepare(values: dict[str, Any]) -> Entry:
    """A row with the key that its member is found by, and with its times read."""
    number, came, left = values["employee_no"], values.get("checked_in_at"), values.get("checked_out_at")
    return Entry(
        identifier_key(number),
        number,
        values.get("name"),
        written_time("checked_in_at", came) if came else None,
        written_time("checked_out_at", left) if left else None,
        values.get("attended"),
        silent=not {"checked_in_at", "checked_out_at", "attended"} & values.keys(),
    )


async def ready(job: JobRun, entries: Sequence[Entry]) -> None:
    """Wait for members who were imported a moment ago."""
    if job.community_id is not None:
        await wait_for_members(job, job.community_id, [entry.employee_no for entry in entries])


async def _activity(
    session: AsyncSession, caller: Caller, key: UUID, now: datetime
) -> tuple[CommunityFacts, Mapping[str, Any]]:
    """The community of an activity whose list may be imported now."""
    found = await seen_activity(Work(session, now, caller, ATTENDANCES_IMPORT), key, of=ATTENDANCES_IMPORT)
    activity = found.activity
    if activity.status not in {"announced", "completed"} or now < activity.starts_at:
        raise DOORS_CLOSED(opens_at=activity.starts_at)
    return found.standing.community, {}


attendance_import = Import(
    name="attendances",
    tag="Attendances",
    about="""Import who was at an activity from CSV, XLSX or NDJSON: employee_no, checked_in_at, checked_out_at, attended.

    Times are read as spreadsheets and people write them: `2024-03-01 09:05`, `3月1日 上午9:05`, `2:05 PM`, `45352.378472`. What is
    left out is what the activity says: its year, its day, its zone. Where the list has no times and no `attended`, everybody in it
    was there. An empty row of a list that has them records nobody, and revokes what a list recorded before. Whoever has no seat is
    a walk-in. Importing the same file again changes nothing; what a corrected one says otherwise is revoked and recorded anew. The
    list of a completed activity counts as of its completion. Serial number, department and remark are not read.
    """,
    permission=ATTENDANCES_IMPORT,
    accepts=SPREADSHEETS_AND_LINES,
    columns=_COLUMNS,
    errors=_ERRORS,
    concerns={
        "unknown_member": "employee_no",
        "not_a_member_then": "employee_no",
        "another_name": "name",
        "not_a_time": "checked_in_at",
        "outside": "checked_in_at",
        "which_day": "checked_in_at",
        "in_the_future": "checked_in_at",
        "after_the_end": "checked_in_at",
        "out_before_in": "checked_out_at",
        "out_without_in": "checked_in_at",
        "absent_with_times": "attended",
        "activity_cancelled": "employee_no",
    },
    unique={"employee_no": identifier_key},
    prepare=prepare,
    ready=ready,
    batch=ListBatch,
    rows_per_step=1000,
    history=True,
    within=Within("activity_id", _activity),
    problems=[DOORS_CLOSED],
    called="attendance lists",
    job="attendance_list",
    template="read_attendance_list_template",
)
