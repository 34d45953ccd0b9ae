"""Contests among a member's tasks."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.contributions import Reader, Task, task_about
from chassis.database.statements import Prepared, bindparam
from chassis.projections.members import LEFT_STATUSES
from services.events.activities.models import Activity
from services.events.activities.texts import STAND_IN, unless_held
from services.events.base import known
from services.events.contests import source
from services.events.contests.models import (
    Contest,
    ContestAttempt,
    ContestExtraTime,
    ContestPaper,
    ContestTeamMember,
)
from services.events.registrations.models import Registration
from services.events.registrations.rules import TAKEN

_BEGIN: Final = {"en": "Begin the contest: {title}", "zh-CN": "开始知识竞赛答题：{title}"}
_MOST: Final = 100


def _begun_by_nobody() -> Any:
    """Contests that are open, with a seat for the caller, who has not begun; of teams those in which they have one."""
    members, communities = known.members.c, known.communities.c
    own = ContestAttempt, ContestExtraTime, ContestTeamMember
    attempts, more, in_team = (
        and_(col(model.contest_id) == col(Contest.id), col(model.member_id) == members.id) for model in own
    )
    return (
        select(
            col(Contest.id),
            unless_held(col(Activity.title), STAND_IN),
            col(Contest.closes_at),
            col(ContestExtraTime.minutes),
            col(ContestPaper.bank_ids),
            communities.id.label("community_id"),
            communities.name.label("community_name"),
        )
        .select_from(Registration)
        .join(known.members, members.id == col(Registration.member_id))
        .join(Activity, col(Activity.id) == col(Registration.activity_id))
        .join(Contest, col(Contest.activity_id) == col(Activity.id))
        .join(ContestPaper, and_(col(ContestPaper.contest_id) == col(Contest.id), col(ContestPaper.revision) == 0))
        .join(known.communities, communities.id == col(Contest.community_id))
        .outerjoin(ContestExtraTime, more)
        .outerjoin(ContestAttempt, attempts)
        .outerjoin(ContestTeamMember, in_team)
        .where(
            members.person_id == bindparam("person_id"),
            members.status.not_in(sorted(LEFT_STATUSES)),
            communities.status != "archived",
            col(Registration.status).in_(sorted(TAKEN)),
            col(Contest.status) == "set",
            col(Contest.opens_at) <= bindparam("now"),
            or_(col(Contest.closes_at) > bindparam("now"), col(ContestExtraTime.minutes).is_not(None)),
            col(ContestAttempt.id).is_(None),
            or_(col(Contest.team_size).is_(None), col(ContestTeamMember.team_id).is_not(None)),
        )
        .order_by(col(Contest.closes_at), col(Contest.id))
        .limit(_MOST)
    )


_TO_BEGIN: Prepared[Any] = Prepared(_begun_by_nobody())


async def to_begin(session: AsyncSession, reader: Reader) -> Sequence[Task]:
    """The contests that the caller has a seat for and has not begun, until they close for them."""
    rows = await _TO_BEGIN.all(session, person_id=reader.caller.id, now=reader.now)
    read = await source.banks_read(session, reader.caller.id, {UUID(one) for row in rows for one in row.bank_ids})
    found = []
    for row in rows:
        closes_at = row.closes_at + timedelta(minutes=row.minutes or 0)
        if closes_at > reader.now and read.isdisjoint(UUID(one) for one in row.bank_ids):
            found.append(task_about(row, reader, "begin_contest", _BEGIN, "contest", "/v1/contests", closes_at))
    return found
