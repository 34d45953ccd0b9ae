"""Importing the days of a year: each row says what one day is, and days that are not in the file stay as they are."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

from chassis.imports import Batch, Import, RowRefused
from chassis.messaging.outbox import Outgoing, emit_many
from chassis.tabular import Column, Kind
from chassis.work_calendar import CHINA
from contracts.membership import WorkCalendarUpdated
from services.membership.permissions import WORK_CALENDARS_WRITE
from services.membership.platform_roles.access import authorize_platform_now
from services.membership.work_calendars.models import WorkCalendarVersion
from services.membership.work_calendars.queries import Year, as_calendar, as_known, imported
from services.membership.work_calendars.rules import OFF, WORKDAY, NamedDay, kept, may_change
from services.membership.work_calendars.snapshots import state_of

_KINDS = {"off": OFF, "休息": OFF, "放假": OFF, "workday": WORKDAY, "上班": WORKDAY, "工作日": WORKDAY}
_COLUMNS = (
    Column("date", ("日期", "date"), Kind.DATE, required=True, example="2027-01-01"),
    Column("kind", ("类型", "kind"), required=True, max_length=16, choices=_KINDS, example="off"),
    Column("name", ("名称", "name"), max_length=100, example="元旦"),
)
_ERRORS = {
    "day_decided": (
        "{day} is over, and what it was is known: streaks were judged by it, and it stays as it is.",
        "{day} 已过且已知，连续打卡已据此判定，不再更改。",
    ),
    "year_begins_later": (
        "Nothing is known of {year} yet: the file that begins it must say what 1 January is, and so name all days of the year.",
        "{year} 年尚无任何数据：首个文件须包含 1 月 1 日，并列出全年的日期。",
    ),
}


class Entry(NamedTuple):
    """A row: a day, and whether the file has names at all."""

    day: NamedDay
    has_name: bool


class WorkCalendarBatch(Batch[Entry]):
    """Upserts days, and makes a version of each year of which one has changed."""

    async def read(self, items: Sequence[Entry]) -> None:
        dates = [item.day.date for item in items]
        rows = await imported(self.session, {day.year for day in dates})
        self._calendar = as_calendar(rows)
        self._known: dict[int, Year] = as_known(rows)
        self._begun = {day.year for day in dates if (day.month, day.day) == (1, 1)}
        self._days = {year: dict(known.days) for year, known in self._known.items()}
        self._touched: set[int] = set()

    def take(self, item: Entry) -> str:
        day, year = item.day, item.day.date.year
        if year not in self._known and year not in self._begun:
            raise RowRefused("year_begins_later", year=year)
        if not may_change(self._calendar, day, self.now):
            raise RowRefused("day_decided", day=day.date.isoformat())
        days = self._days.setdefault(year, {})
        before = days.get(day.date)
        if before is not None and not item.has_name:
            day = replace(day, name=before.name)
        if before == day:
            return "unchanged"
        days[day.date] = day
        self._touched.add(year)
        return "created" if before is None else "changed"

    async def write(self) -> None:
        messages: list[Outgoing] = []
        for year in sorted(self._touched):
            known = self._known.get(year)
            row = WorkCalendarVersion(
                country=CHINA.country,
                year=year,
                version=(known.version if known else 0) + 1,
                known_until=date(year, 12, 31),
                days=kept(self._days[year]),
                imported_at=self.now,
                imported_by=self.job.started_by,
            )
            self.session.add(row)
            messages.append(Outgoing(WorkCalendarUpdated(**state_of(row)), row.version, self.now))
        await self.session.flush()
        await emit_many(self.session, messages)


def prepare(values: dict[str, Any]) -> Entry:
    """A row as a day."""
    return Entry(NamedDay(values["date"], values["kind"], values.get("name")), "name" in values)


def in_order(entries: list[Entry]) -> Iterable[Entry]:
    """A year from its first day on."""
    return sorted(entries, key=lambda entry: entry.day.date)


work_calendar_import = Import(
    name="work-calendars",
    tag="Work calendars",
    about="""Import days off and days worked in exchange from CSV or XLSX, sent as the request body: date, kind, name.

    Days are matched by date; days that are not in the file stay as they are. A year is known, to its end, from the first file on that
    names its 1 January. What streaks rested on before that is judged again. A day that is over and was known stays as it is.
    """,
    permission=WORK_CALENDARS_WRITE,
    platform=authorize_platform_now,
    columns=_COLUMNS,
    errors=_ERRORS,
    unique={"date": str},
    concerns={"year_begins_later": "date", "day_decided": "date"},
    prepare=prepare,
    order=in_order,
    batch=WorkCalendarBatch,
    called="the work calendar",
    action="work_calendar.import",
)
