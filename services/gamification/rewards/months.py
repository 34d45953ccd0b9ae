"""What members of a community had handed over in a month, person by person, with what it is worth: for who declares their tax."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col

from chassis.audit import AuditObject, audit
from chassis.budget import in_thread
from chassis.database.statements import Prepared, bindparam
from chassis.days import day_began_at
from chassis.security.authority import authorize
from chassis.tabular.writing import OutCell, xlsx_file
from chassis.web.work import Work
from services.gamification.base import known
from services.gamification.permissions import REDEMPTIONS_DECIDE
from services.gamification.rewards import problems
from services.gamification.rewards.models import Redemption

MOST: Final = 20_000
"""People of a file: more take too long to write for one request."""
TITLES: Final = (
    "月份 month",
    "工号 employee_no",
    "姓名 name",
    "部门 department",
    "件数 count",
    "积分 points",
    "市场价值（元） market_value_yuan",
    "未标价件数 without_value",
)

_members, _people = known.members.c, known.people.c
_HAD = (
    select(
        func.coalesce(_members.person_id, col(Redemption.member_id)).label("person_id"),
        func.count().label("count"),
        func.sum(col(Redemption.cost)).label("points"),
        func.coalesce(func.sum(col(Redemption.market_value)), 0).label("fen"),
        func.count(col(Redemption.market_value)).label("valued"),
    )
    .select_from(Redemption)
    .outerjoin(known.members, _members.id == col(Redemption.member_id))
    .where(
        col(Redemption.community_id) == bindparam("community_id"),
        col(Redemption.status) == "fulfilled",
        col(Redemption.ended_at) >= bindparam("first"),
        col(Redemption.ended_at) < bindparam("end"),
    )
    .group_by(func.coalesce(_members.person_id, col(Redemption.member_id)))
    .limit(MOST + 1)
    .subquery()
)
_SHEET: Prepared[Any] = Prepared(
    select(_people.employee_no, _people.display_name, _people.department_code, *list(_HAD.c)[1:])
    .select_from(_HAD)
    .outerjoin(known.people, _people.id == _HAD.c.person_id)
    .order_by(_people.employee_no, _HAD.c.person_id)
)


async def of_month(work: Work, community_id: UUID, month: str) -> Sequence[Any]:
    """Who had something in a month of the community's time zone. Raises `MONTH_TOO_LONG`."""
    standing = await authorize(work.session, work.caller, REDEMPTIONS_DECIDE.to_read, community_id, now=work.now)
    first, end = bounds_of(month, standing.community.time_zone)
    rows = await _SHEET.all(work.session, community_id=community_id, first=first, end=end)
    if len(rows) > MOST:
        raise problems.MONTH_TOO_LONG()
    return rows


async def record(work: Work, community_id: UUID, month: str) -> None:
    """Record that it was read."""
    what = AuditObject("redemption_month", community_id, community_id)
    await audit(work.session, work.caller, what, "redemption_month.read", {"month": [None, month]}, work.now)


async def workbook(month: str, rows: Sequence[Any]) -> bytes:
    """The rows as a file."""
    return await in_thread(lambda: xlsx_file(_cells(month, rows), title=month), gentle=True)


def bounds_of(month: str, zone: str) -> tuple[datetime, datetime]:
    """When a month begins, and when the next one does."""
    year, number = map(int, month.split("-"))
    later = (year + 1, 1) if number == 12 else (year, number + 1)
    first, end = (day_began_at(date(*one, 1), time_zone=zone) for one in ((year, number), later))
    return first, end


def _cells(month: str, rows: Sequence[Any]) -> Iterator[Sequence[OutCell]]:
    yield TITLES
    for row in rows:
        value = float(row.fen) / 100
        said = (row.employee_no, row.display_name, row.department_code)
        yield (month, *said, row.count, int(row.points), value, row.count - row.valued)
