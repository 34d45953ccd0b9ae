"""Tests that wait: for applicants to take them, and for people to grade."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.contributions import DeskQueue, Reader, Task, task_about
from services.membership.people.access import require_active
from services.membership.permissions import TEST_ATTEMPTS_GRADE
from services.membership.screening_tests import queries
from services.membership.screening_tests.rules import beginning_refusal, closes_at, ended, settings_of

_TAKE: Final = {"en": "Take the test: {title}", "zh-CN": "参加测试：{title}"}
_AGAIN: Final = {"en": "You may take the test again: {title}", "zh-CN": "可再次参加测试：{title}"}


async def to_take(session: AsyncSession, reader: Reader) -> Sequence[Task]:
    """The caller's tests that can be begun, or that run, each until when. Raises `SESSION_REVOKED`."""
    await require_active(session, reader.caller)
    tasks = []
    for row in await queries.TESTING.all(session, person_id=reader.caller.id):
        due = _waits_until(row, reader.now)
        if due is not None:
            words = _TAKE if row.test_attempts == 0 or _runs(row, reader.now) else _AGAIN
            tasks.append(task_about(row, reader, "take_test", words, "application", "/v1/applications", due[0]))
    return tasks


def _waits_until(row: Any, now: datetime) -> tuple[datetime | None] | None:
    """Until when it can be done, which may be for ever; None if it cannot be done now."""
    if _runs(row, now):
        return (row.ends_at,)
    settings, extra = settings_of(row.test), timedelta(minutes=row.test_extra_minutes)
    if beginning_refusal(settings, begun=row.test_attempts, extra=extra, now=now) is not None:
        return None
    return (closes_at(settings, extra),)


def _runs(row: Any, now: datetime) -> bool:
    return row.test_attempts > 0 and ended(row.handed_in_at, row.ends_at, now) is None


to_grade = DeskQueue(
    "test_answers_to_grade",
    TEST_ATTEMPTS_GRADE,
    queries.to_grade,
    en="Tests with answers that people grade",
    zh="待人工评分的测试",
)
"""Attempts in which somebody must grade a text."""
