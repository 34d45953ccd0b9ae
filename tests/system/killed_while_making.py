"""A report and an export, and a worker that is killed while it makes both: each is finished once, and no half of one is ever seen."""

import csv
import io
from datetime import date, timedelta
from typing import Any

from pypdf import PdfReader

from tests.support.waiting import eventually_sync
from tests.system.faults.books import count
from tests.system.journey import OWNER, Journey
from tests.system.on_a_monday import REPORTS, export_of, file_of
from tests.system.stacks import Stack

LEASE = timedelta(seconds=61)
AT_WORK = "SELECT count(*) FROM jobs WHERE kind IN ('reports.make', 'reports.export') AND state = 'running'"
REPORT_FILES = "SELECT count(*) FROM report_files"
EXPORT_FILES = "SELECT count(*) FROM export_files"
DAYS = 300
TRIES = 8
"""So often both are asked for anew where one of them was done before it could be killed."""


def kill_while_making(journey: Journey, last: date) -> None:
    """Whatever `last` says, in days to which figures are asked for."""
    for attempt in range(TRIES):
        asked = {"community_id": journey.community_id, "to": last.isoformat()}
        asked["from"] = (last - timedelta(days=DAYS + attempt)).isoformat()
        files = _files(journey.stack)
        report, export = _begin(journey, asked)
        eventually_sync(lambda: count(journey.stack, "analytics", AT_WORK) == 2, interval=0.002, what="both are made")
        if _kill(journey.stack) == 2:
            break
        _start(journey)
        _ended(journey, report, export)
    else:
        raise AssertionError("both were always done before they could be killed")
    assert _files(journey.stack) == files, "nothing of what was not finished is kept"
    _start(journey)
    _ended(journey, report, export)
    assert _files(journey.stack) == (files[0] + 4, files[1] + 1)
    _they_are_whole(journey, report, export)


def _begin(journey: Journey, asked: dict[str, Any]) -> tuple[str, str]:
    report = journey[OWNER].post(REPORTS, asked, expect=202)
    metric = {"subject": "metric", "code": "lifecycle", "grain": "day", "format": "csv"}
    export = journey[OWNER].post(f"{REPORTS}/exports", asked | metric, expect=202)
    return f"{REPORTS}/{report['id']}", f"{REPORTS}/exports/{export['id']}"


def _kill(stack: Stack) -> int:
    """How many of them were under way when their worker died."""
    if stack.compose is not None:
        stack.compose.process("analytics-worker").kill()
    else:
        assert stack.product is not None
        stack.product.kill()
    return count(stack, "analytics", AT_WORK)


def _start(journey: Journey) -> None:
    stack = journey.stack
    # The lease was the dead one's: it ends by the clock.
    stack.clock.advance(LEASE)
    if stack.compose is not None:
        stack.compose.process("analytics-worker").start()
    else:
        assert stack.product is not None
        stack.product.start()
        stack.product.ready_sync(f"{stack.url}/readyz")
    journey.log_in_again()


def _files(stack: Stack) -> tuple[int, int]:
    return count(stack, "analytics", REPORT_FILES), count(stack, "analytics", EXPORT_FILES)


def _ended(journey: Journey, report: str, export: str) -> None:
    """Until then neither has a file to read."""
    owner = journey[OWNER]

    def made(one: dict[str, Any]) -> bool:
        assert (one["status"] == "ready") == (len(one["files"]) == 4), one
        return str(one["status"]) != "making"

    assert owner.until(report, made)["status"] == "ready"
    assert owner.until(export, lambda one: one["state"] not in ("queued", "running"))["state"] == "succeeded"


def _they_are_whole(journey: Journey, report: str, export: str) -> None:
    made = journey[OWNER].get(report)
    for language in ("zh-CN", "en"):
        assert file_of(journey, made, "html", language).decode().rstrip().endswith("</html>")
        assert PdfReader(io.BytesIO(file_of(journey, made, "pdf", language))).pages
    asked = journey[OWNER].get(REPORTS, community_id=journey.community_id, kind="asked")["items"]
    assert [(one["from"], one["to"]) for one in asked].count((made["from"], made["to"])) == 1
    job = journey[OWNER].get(export)
    rows = list(csv.DictReader(io.StringIO(export_of(journey, job))))
    assert len(rows) == job["result"]["rows"]
    assert {row["from"] for row in rows} == {
        (date.fromisoformat(made["from"]) + timedelta(days=day)).isoformat()
        for day in range((date.fromisoformat(made["to"]) - date.fromisoformat(made["from"])).days + 1)
    }
