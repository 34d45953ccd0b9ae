"""What people from outside may write in their first day in a community: little, so that nobody joins to advertise."""

from datetime import timedelta
from typing import Any, Final

from sqlalchemy import select

from chassis.database.statements import Prepared, bindparam
from chassis.problems import ProblemType
from chassis.security.authority import Standing
from chassis.web.work import Work
from services.content.base import known

FIRST_DAY: Final = timedelta(hours=24)
"""How long it is, from the moment of joining."""
FIRST_DAY_FULL = ProblemType(
    "first_day_full",
    409,
    en="People from outside write only so much in their first day",
    zh="外部人员加入首日的发布数量已达上限",
)

_members = known.members.c
_IN_TURN: Prepared[Any] = Prepared(
    select(_members.id).where(_members.id == bindparam("member_id")).with_for_update(key_share=True)
)


async def refuse_newcomer(work: Work, standing: Standing, written: Prepared[int], most: int) -> None:
    """Raise `FIRST_DAY_FULL` for who wrote as much as one from outside may; of others nothing is asked.

    `written` counts what `author_id` wrote after `since`, whatever became of it. Their own requests wait for one another, so that
    two at once are counted as two.
    """
    member = standing.member
    if standing.person_kind != "external" or member is None or member.joined_at is None:
        return
    until = member.joined_at + FIRST_DAY
    if work.now >= until:
        return
    await _IN_TURN.all(work.session, member_id=member.id)
    if await written.one(work.session, author_id=member.id, since=member.joined_at) >= most:
        raise FIRST_DAY_FULL(until=until, most=most)
