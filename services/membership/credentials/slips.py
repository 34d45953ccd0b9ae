"""Codes to be handed out on paper: a row for each person, for a spreadsheet or a mail merge."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from chassis.locale import Locale
from chassis.tabular.writing import csv_file
from chassis.web.batch import BatchItem

_HEADER: Final[dict[Locale, list[str]]] = {
    "zh-CN": ["姓名", "工号", "激活码", "链接", "有效期至（UTC）", "说明"],
    "en": ["Name", "Employee number", "Code", "Link", "Valid until (UTC)", "Note"],
}


def slips(items: Sequence[BatchItem], *, app_url: str | None, locale: Locale) -> bytes:
    """Activation codes as CSV. Who got none has a note that says why.

    The link is that of the app, if there is one; the code follows `#`, so that no server on the way keeps it in a log.
    """
    return csv_file([_HEADER[locale], *_rows(items, app_url)])


def _rows(items: Sequence[BatchItem], app_url: str | None) -> Iterator[list[str]]:
    for item in items:
        if item.problem is not None:
            yield ["", "", "", "", "", f"{item.problem.title} ({item.id})"]
        else:
            issued: Mapping[str, Any] = item.result
            link = f"{app_url.rstrip('/')}/activations#{issued['code']}" if app_url else ""
            until = datetime.fromisoformat(issued["expires_at"]).astimezone(UTC)
            number = issued["employee_no"] or ""
            yield [issued["display_name"], number, issued["code"], link, f"{until:%Y-%m-%d %H:%M}", ""]
