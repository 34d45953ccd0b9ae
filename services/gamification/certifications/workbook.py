"""Who fulfils a certification as a table for a spreadsheet: a row for each department and job grade, then all together."""

from collections.abc import Iterator
from typing import Final

from chassis.locale import Locale
from chassis.tabular.writing import OutCell, xlsx_file
from services.gamification.certifications.schemas import Compliance, ComplianceCell

_SHEET: Final[dict[Locale, str]] = {"zh-CN": "持证情况", "en": "Compliance"}
_HEADER: Final[dict[Locale, list[OutCell]]] = {
    "zh-CN": ["持证要求", "统计时间", "部门编码", "部门", "职级", "应持证", "已持证", "待完成", "已逾期"],
    "en": [
        "Certification",
        "As at",
        "Department code",
        "Department",
        "Job grade",
        "Asked",
        "Holding",
        "Outstanding",
        "Overdue",
    ],
}
_TOTAL: Final[dict[Locale, str]] = {"zh-CN": "合计", "en": "Total"}


def compliance_file(found: Compliance, locale: Locale) -> bytes:
    """The table as a workbook. Titles and names are what people wrote: they are written as texts, and none is calculated."""
    return xlsx_file(_rows(found, locale), title=_SHEET[locale])


def _rows(found: Compliance, locale: Locale) -> Iterator[list[OutCell]]:
    yield _HEADER[locale]
    as_at = found.as_at.isoformat(timespec="seconds")
    for cell in found.cells:
        yield [found.title, as_at, cell.department, cell.department_name, cell.job_grade, *_numbers(cell)]
    yield [found.title, as_at, None, _TOTAL[locale], None, *_numbers(found.total)]


def _numbers(cell: ComplianceCell) -> list[OutCell]:
    return [cell.asked, cell.holding, cell.outstanding, cell.overdue]
