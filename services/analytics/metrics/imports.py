"""The import of reported values."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from chassis.imports import SPREADSHEETS_AND_LINES, Batch, Import, RowRefused
from chassis.tabular import Column, Kind
from chassis.tabular.numbers import number_of
from services.analytics.metrics.models import ReportedValue
from services.analytics.metrics.reported import Told, currents, days_of, lock_reported, revise
from services.analytics.permissions import METRIC_VALUES_WRITE


class Row(NamedTuple):
    """One value of a file."""

    code: str
    at: datetime
    value: float
    note: str | None
    noted: bool
    """Whether the file says anything of notes: a column that it lacks changes none."""


class ValueBatch(Batch[Row]):
    """Reports values, and corrects those that are there."""

    async def read(self, items: Sequence[Row]) -> None:
        self._metrics = await lock_reported(self.session, self.community_id, sorted({item.code for item in items}))
        ids = [metric.id for metric in self._metrics.values()]
        self._current: dict[tuple[UUID, datetime], ReportedValue] = await currents(
            self.session, ids, sorted({item.at for item in items})
        )
        self._days = await days_of(self.session, self.community_id)

    def take(self, item: Row) -> str:
        metric = self._metrics.get(item.code)
        if metric is None:
            raise RowRefused("unknown_metric")
        if item.at > self.now:
            raise RowRefused("in_the_future")
        current = self._current.get((metric.id, item.at))
        note = current.note if current is not None and not item.noted else item.note
        told = Told(item.at, item.value, note)
        row = revise(metric, current, told, self._days.day_of(item.at), self.job.started_by, self.now)
        if row is None:
            return "unchanged"
        self._current[metric.id, item.at] = row
        self.session.add(row)
        return "created" if current is None else "changed"

    async def write(self) -> None:
        await self.session.flush()


def prepare(values: dict[str, Any]) -> Row:
    """A row as it is taken."""
    return Row(values["code"], values["at"], float(values["value"]), values.get("note"), "note" in values)


def a_number(text: str) -> str:
    """A number, as it is written down. Raises ValueError."""
    return repr(number_of(text))


_COLUMNS: Final = (
    Column("code", ("指标编码", "code", "Metric"), Kind.CODE, required=True, max_length=40, example="followers"),
    Column("at", ("时间", "at", "Time"), Kind.DATETIME, required=True, example="2024-03-01T09:00:00+08:00"),
    Column("value", ("数值", "value", "Value"), required=True, max_length=40, example="1280"),
    Column("note", ("备注", "note", "Note"), max_length=500, example="公众号后台"),
)

metric_import = Import(
    name="metrics",
    tag="Metrics",
    about="""Import reported values from CSV, XLSX or NDJSON: code, at, value, note.

    The metrics are defined before. A value of a moment that has one corrects it; the old one is kept. Times without an offset are in the
    community's time zone. Importing the same file again changes nothing.
    """,
    permission=METRIC_VALUES_WRITE,
    accepts=SPREADSHEETS_AND_LINES,
    columns=_COLUMNS,
    errors={
        "unknown_metric": (
            "No metric of this code is reported in the community.",
            "该社群没有该编码的填报指标。",
        ),
        "in_the_future": ("The time is in the future.", "时间晚于现在。"),
        "invalid_value": ("Not a number that is taken: {value}", "不是可填报的数字：{value}"),
    },
    normal={"value": a_number},
    concerns={"unknown_metric": "code", "in_the_future": "at"},
    prepare=prepare,
    batch=ValueBatch,
    called="metric values",
)
