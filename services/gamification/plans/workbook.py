"""How far those who take part in a plan are, as a table for a spreadsheet: a row for each of them, a column for each day."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from chassis.locale import Locale
from chassis.tabular.writing import OutCell, xlsx_file
from services.gamification.plans.schemas import PlanDay, PlanProgress

_SHEET: Final[dict[Locale, str]] = {"zh-CN": "打卡进度", "en": "Progress"}
_HEADER: Final[dict[Locale, list[OutCell]]] = {
    "zh-CN": ["成员编号", "姓名", "部门", "已打卡天数", "补卡天数", "打卡日总数", "达标天数", "达标日期"],
    "en": ["Member", "Name", "Department", "Days done", "Days made up", "Days in all", "Days needed", "Completed on"],
}
_STATES: Final[dict[Locale, dict[str, str]]] = {
    "zh-CN": {
        "done": "已打卡",
        "good": "优秀",
        "returned": "已退回",
        "removed": "已移除",
        "missed": "缺卡",
        "open": "待打卡",
    },
    "en": {
        "done": "done",
        "good": "good",
        "returned": "returned",
        "removed": "removed",
        "missed": "missed",
        "open": "open",
    },
}
_MADE_UP: Final[dict[Locale, str]] = {"zh-CN": "{state}（补卡）", "en": "{state} (made up)"}


def progress_file(days: Sequence[date], progress: Sequence[PlanProgress], locale: Locale) -> bytes:
    """The table as a workbook. Names are what people wrote: they are written as texts, and none is calculated."""
    return xlsx_file(_rows(days, progress, locale), title=_SHEET[locale])


def _rows(days: Sequence[date], progress: Sequence[PlanProgress], locale: Locale) -> Iterator[list[OutCell]]:
    yield [*_HEADER[locale], *days]
    for one in progress:
        yield [
            str(one.member.member_id),
            one.member.display_name,
            one.member.department_name or one.member.department,
            one.days_done,
            one.days_made_up,
            one.days_total,
            one.days_needed,
            one.completed_on,
            *(_cell(day, locale) for day in one.days),
        ]


def _cell(day: PlanDay, locale: Locale) -> OutCell:
    """What the day is, in words; nothing of one that is to come."""
    state = _STATES[locale].get(day.state)
    return _MADE_UP[locale].format(state=state) if day.made_up else state
