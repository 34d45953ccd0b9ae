"""The import of activities: what a community did before, and what it plans to do, from lists and calendars."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from chassis.identifiers import identifier_key
from chassis.imports import SPREADSHEETS_AND_LINES, Batch, Import, RowRefused
from chassis.jobs import JobRun
from chassis.projections.members import LEFT_STATUSES
from chassis.projections.numbers import members_by_number, wait_for_members
from chassis.tabular import Column, Kind
from chassis.web.work import Work
from services.events.activities.models import Activity
from services.events.imported import queries, service
from services.events.imported.models import ImportedActivity
from services.events.imported.reading import CALENDAR_TYPE, documents
from services.events.imported.source_rules import NORMAL, Entry, check_when, entry_of, outcome_of
from services.events.permissions import ACTIVITIES_IMPORT

_KINDS: Final = {
    **dict.fromkeys(("分享会", "分享", "sharing_session", "sharing session"), "sharing_session"),
    **dict.fromkeys(("工作坊", "培训", "workshop", "training"), "workshop"),
    **dict.fromkeys(("竞赛", "比赛", "contest"), "contest"),
    **dict.fromkeys(("团建", "team_building", "team building"), "team_building"),
    **dict.fromkeys(("会议", "例会", "meeting"), "meeting"),
}
_MODES: Final = {
    **dict.fromkeys(("线下", "现场", "offline"), "offline"),
    **dict.fromkeys(("线上", "在线", "online"), "online"),
    **dict.fromkeys(("线上线下", "混合", "hybrid"), "hybrid"),
}
_STATUSES: Final = {
    **dict.fromkeys(("已发布", "已举行", "已完成", "正常", "announced", "completed", "confirmed"), "announced"),
    **dict.fromkeys(("已取消", "取消", "cancelled", "canceled"), "cancelled"),
}
_COLUMNS: Final = (
    Column("title", ("活动名称", "title", "名称", "标题", "主题", "活动主题"), required=True, example="怎么讲好一门课"),
    Column(
        "starts_at",
        ("开始时间", "starts_at", "开始", "start"),
        Kind.DATETIME,
        required=True,
        example="2024-03-01 14:00",
    ),
    Column("ends_at", ("结束时间", "ends_at", "结束", "end"), Kind.DATETIME, required=True, example="2024-03-01 16:00"),
    Column("kind", ("类型", "kind", "活动类型"), choices=_KINDS, example="分享会"),
    Column("mode", ("形式", "mode", "活动形式"), choices=_MODES, example="线下"),
    Column("location", ("地点", "location", "活动地点"), example="总部"),
    Column("address", ("地址", "address"), example="长江路 1 号"),
    Column("room", ("房间", "room", "会议室", "教室"), example="301"),
    Column("join_url", ("会议链接", "join_url", "链接"), max_length=500, example="https://meet.example/1"),
    Column("description", ("简介", "description", "说明", "内容"), max_length=20_000, example="带上笔记"),
    Column("category", ("分类", "category"), max_length=60, example="教学"),
    Column("tags", ("标签", "tags"), Kind.LIST, max_length=1000, example="教学, 新人"),
    Column("hours", ("学时", "hours"), max_length=20, example="2"),
    Column("capacity", ("名额", "capacity", "人数上限"), max_length=20, example="30"),
    Column(
        "organisers", ("组织者工号", "organisers", "组织者", "负责人工号"), Kind.LIST, max_length=1300, example="00123"
    ),
    Column("organizer", ("日历组织者", "organizer"), max_length=64, example="00123"),
    Column("time_zone", ("时区", "time_zone"), max_length=64, example="Asia/Shanghai"),
    Column("status", ("状态", "status"), choices=_STATUSES, example="已举行"),
    Column("source_ref", ("来源编号", "source_ref", "uid"), Kind.CODE, max_length=320, example="training-4711"),
    Column("sequence", ("版本", "sequence"), max_length=9, example="1"),
)
_ERRORS: Final = {
    "invalid_title": ("Not a title: {value}", "活动名称无效：{value}"),
    "invalid_location": ("Not a place: {value}", "地点无效：{value}"),
    "invalid_address": ("Not an address: {value}", "地址无效：{value}"),
    "invalid_room": ("Not a room: {value}", "房间无效：{value}"),
    "invalid_time_zone": ("There is no time zone of this name: {value}", "没有这个名称的时区：{value}"),
    "invalid_join_url": ("Not an address that begins with https://: {value}", "不是以 https:// 开头的链接：{value}"),
    "invalid_sequence": ("Not a version: {value}", "版本无效：{value}"),
    "invalid_hours": ("Not a number of hours, in quarters: {value}", "学时无效（以 0.25 为单位）：{value}"),
    "invalid_capacity": ("Not a number of seats from 1 to 100,000: {value}", "名额须为 1 至 100000 的整数：{value}"),
    "invalid_tags": ("Not a tag: {value}", "标签无效：{value}"),
    "ends_before_start": ("It ends before it starts.", "结束时间早于开始时间。"),
    "too_long_activity": ("It lasts more than 92 days.", "持续时间超过 92 天。"),
    "too_far": ("It starts in more than five years.", "开始时间在五年以后。"),
    "unknown_member": (
        "The community has no member with this employee number: {value}",
        "该社群没有该工号的成员：{value}",
    ),
    "too_many_organisers": ("At most 20 run it.", "最多 20 位组织者。"),
    "nobody_runs_it": ("Nobody is named who runs it.", "没有注明组织者。"),
    "named_twice": ("The file says something else of the same activity before.", "文件前面对同一活动另有说明。"),
    "is_cancelled": ("It was cancelled, and stays so.", "活动已取消，不能恢复。"),
    "is_over": ("It has taken place, and cannot be put ahead.", "活动已结束，不能改到以后。"),
    # What calendars are refused with, at the line where it stands.
    "broken_line": ("The line is no property.", "该行不是日历属性。"),
    "no_start": ("It does not say when it starts.", "缺少开始时间（DTSTART）。"),
    "no_end": ("It does not say when it ends, or how long it lasts.", "缺少结束时间（DTEND）或时长（DURATION）。"),
    "not_a_moment": ("Not a date or a time: {value}", "不是日期或时间：{value}"),
    "not_a_duration": ("Not a duration: {value}", "不是时长：{value}"),
    "unknown_time_zone": (
        "Nobody knows this time zone, and the file does not say enough of it: {value}",
        "无法识别该时区：{value}",
    ),
    "private": ("It is marked as private.", "该日程标记为私密。"),
    "recurrence_unsupported": ("This kind of recurrence is not read: {what}", "不支持这种重复方式：{what}"),
    "recurrence_invalid": ("Not a recurrence: {value}", "重复规则无效：{value}"),
    "too_many_dates": ("It has more than {limit} dates.", "重复超过 {limit} 次。"),
    "file_has_too_many_dates": (
        "The file has more than {limit} dates: send the rest in another.",
        "文件中的场次超过 {limit} 个：请把其余的放在另一个文件中。",
    ),
}
_MOST_ORGANISERS: Final = 20
_PERSON: Final = "person:"


class ActivityBatch(Batch[Entry]):
    """Adds activities at their own times, and gives those that came before what their source says now."""

    async def read(self, items: Sequence[Entry]) -> None:
        starter = self.job.started_by
        self._importer: UUID | None = None
        if starter.startswith(_PERSON):
            person_id = UUID(starter.removeprefix(_PERSON))
            self._importer = await queries.member_of(self.session, person_id, self.community_id)
        numbers = [number for item in items for number in item.numbers]
        self._members = await members_by_number(self.session, self.community_id, numbers) if numbers else {}
        refs = sorted({item.ref for item in items})
        found = (await self.session.execute(queries.sources(self.session, self.community_id, refs))).scalars()
        self._sources: dict[str, ImportedActivity] = {one.source_ref: one for one in found}
        ids = [one.activity_id for one in self._sources.values()]
        activities = self.locked(queries.activities(self.session, ids)).execution_options(populate_existing=True)
        self._activities: dict[UUID, Activity] = {
            one.id: one for one in (await self.session.execute(activities)).scalars()
        }
        self._seen: dict[str, str] = {}
        self._new: list[tuple[Activity, Entry]] = []
        self._changes: list[service.Change] = []

    def take(self, item: Entry) -> str:
        if item.ref in self._seen:
            if self._seen[item.ref] == item.digest:
                return "unchanged"
            raise RowRefused("named_twice")
        check_when(item, self.now)
        organisers = self._organisers(item)
        source = self._sources.get(item.ref)
        counted = self._add(item, organisers) if source is None else self._change(item, source, organisers)
        self._seen[item.ref] = item.digest
        return counted

    def _add(self, item: Entry, organisers: Sequence[UUID]) -> str:
        if item.status == "cancelled":
            return "unchanged"
        run_by = organisers or ([self._importer] if self._importer is not None else [])
        if not run_by:
            raise RowRefused("nobody_runs_it")
        made = service.new_activity(
            item,
            community_id=self.community_id,
            time_zone=str(self.job.params["time_zone"]),
            organisers=run_by,
            importer=self._importer,
            now=self.now,
        )
        self._new.append((made, item))
        return "created"

    def _change(self, item: Entry, source: ImportedActivity, organisers: Sequence[UUID]) -> str:
        activity = self._activities[source.activity_id]
        outcome = outcome_of(
            item,
            sequence=source.sequence,
            digest=source.digest,
            status=activity.status,
            times=(activity.starts_at, activity.ends_at),
            now=self.now,
        )
        if outcome == "unchanged":
            return "unchanged"
        self._changes.append(service.Change(activity, source, item, outcome, organisers or None))
        return "changed"

    def _organisers(self, item: Entry) -> list[UUID]:
        """Who runs it, by number. Whom a calendar names counts only where they are a member."""
        if len(item.named) > _MOST_ORGANISERS:
            raise RowRefused("too_many_organisers")
        found = []
        for key, number in zip(item.keys, item.named, strict=True):
            member = self._members.get(key)
            if member is None or member.status in LEFT_STATUSES:
                raise RowRefused("unknown_member", value=number[:60])
            found.append(member.id)
        if not found and item.hint:
            hinted = self._members.get(identifier_key(item.hint))
            found = [hinted.id] if hinted is not None and hinted.status not in LEFT_STATUSES else []
        return sorted(set(found))

    async def write(self) -> None:
        work = Work(self.session, self.now)
        if self._new:
            await service.add(work, self._new)
        if self._changes:
            await service.change(work, self._changes)


async def ready(job: JobRun, entries: Sequence[Entry]) -> None:
    """Wait for members who were imported a moment ago."""
    numbers = [number for entry in entries for number in entry.named]
    if job.community_id is not None and numbers:
        await wait_for_members(job, job.community_id, numbers)


def prepare(values: dict[str, Any]) -> Entry:
    """What a row says of an activity."""
    return entry_of(values)


activity_import = Import(
    name="activities",
    tag="Activities",
    about="""Import activities from a calendar (iCalendar), CSV, XLSX or NDJSON: title, starts_at, ends_at and what else is known.

    Activities keep their times: what has ended is completed as of its end, what has not is announced. Nobody is notified. An activity is known by its
    `source_ref` (in a calendar the `UID`, and the date of what recurs), else by title and start. The same file again changes nothing; another one
    changes what it says otherwise, if its `sequence` is not smaller. Recurring events become an activity for each date, at most 1,000, and two
    years ahead where they do not end. Whoever imports runs what names no member by employee number. Row numbers of a calendar are its lines.
    """,
    permission=ACTIVITIES_IMPORT,
    accepts=(*SPREADSHEETS_AND_LINES, CALENDAR_TYPE),
    columns=_COLUMNS,
    errors=_ERRORS,
    concerns={
        "invalid_hours": "hours",
        "invalid_capacity": "capacity",
        "invalid_tags": "tags",
        "ends_before_start": "ends_at",
        "too_long_activity": "ends_at",
        "too_far": "starts_at",
        "unknown_member": "organisers",
        "too_many_organisers": "organisers",
        "nobody_runs_it": "organisers",
        "is_cancelled": "status",
        "is_over": "starts_at",
        "named_twice": "source_ref",
        "broken_line": "source_ref",
        "private": "source_ref",
        "no_start": "starts_at",
        "no_end": "ends_at",
        "not_a_moment": "starts_at",
        "not_a_duration": "ends_at",
        "unknown_time_zone": "time_zone",
        "recurrence_unsupported": "starts_at",
        "recurrence_invalid": "starts_at",
        "too_many_dates": "starts_at",
        "file_has_too_many_dates": "starts_at",
    },
    normal=NORMAL,
    documents={CALENDAR_TYPE: documents},
    prepare=prepare,
    ready=ready,
    batch=ActivityBatch,
    history=True,
    job="activity_import",
)
