"""The monthly pulse of teams that run communities: six scores without names; teams of fewer than five look back at the month by name instead."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import Prepared
from chassis.days import day_began_at, local_day
from chassis.projections.members import LEFT_STATUSES
from chassis.projections.workdays import work_calendar
from chassis.timers import Timer, Timers
from chassis.web.work import Work
from chassis.working_time import WORK_BEGINS
from services.events.base import known
from services.events.retrospectives.models import Retrospective
from services.events.retrospectives.service import due_for_month
from services.events.surveys.defaults import PULSE, PULSE_REMARKS, title_of_month
from services.events.surveys.models import Survey, SurveyPolicy
from services.events.surveys.rules import FEWEST, FEWEST_TEXTS_OF_PULSE, month_of, pulse_day
from services.events.surveys.service import begin

AT_ONCE: Final = 100
TEAM: Final = 2
"""Who is alone has nobody to look back with."""

timers = Timers()

_TEAMS: Prepared[Any] = Prepared(
    select(
        known.communities.c.id,
        known.communities.c.time_zone,
        select(func.max(col(Survey.month)))
        .where(col(Survey.community_id) == known.communities.c.id, col(Survey.origin) == "pulse")
        .correlate(known.communities)
        .scalar_subquery()
        .label("asked"),
        select(func.max(col(Retrospective.month)))
        .where(col(Retrospective.community_id) == known.communities.c.id)
        .correlate(known.communities)
        .scalar_subquery()
        .label("looked_back"),
    ).where(
        known.communities.c.kind == "operations_team",
        known.communities.c.status == "open",
        ~exists().where(col(SurveyPolicy.community_id) == known.communities.c.id, ~col(SurveyPolicy.pulse)),
    )
)
_SIZES: Prepared[Any] = Prepared(
    lambda on: (
        select(known.members.c.community_id, func.count())
        .where(
            on.among(known.members.c.community_id, "ids"),
            known.members.c.status.not_in(sorted(LEFT_STATUSES)),
        )
        .group_by(known.members.c.community_id)
    )
)


@timers.every(timedelta(hours=1), kind="surveys.pulse")
async def ask_teams(session: AsyncSession, timer: Timer) -> None:
    """Ask each team once a month, from nine in the morning of the first workday from the 25th on."""
    due = await _due(session, timer)
    sizes: Mapping[UUID, int] = dict(await _SIZES.all(session, ids=list(due))) if due else {}
    work = Work(session, timer.now)
    for team_id, due_now in due.items():
        size = sizes.get(team_id, 0)
        if size >= FEWEST:
            await _ask(work, team_id, due_now.month, size)
        elif size >= TEAM:
            await due_for_month(work, team_id, due_now.month, time_zone=due_now.time_zone)


@dataclass(frozen=True, slots=True)
class _Due:
    """Of a team that is to be asked now."""

    month: str
    time_zone: str


async def _due(session: AsyncSession, timer: Timer) -> dict[UUID, _Due]:
    calendar = await work_calendar(session)
    due: dict[UUID, _Due] = {}
    for team in await _TEAMS.all(session):
        today = local_day(timer.now, time_zone=team.time_zone)
        day, month = pulse_day(today, calendar.is_workday), month_of(today)
        begins = day_began_at(day, time_zone=team.time_zone, day_starts_at=WORK_BEGINS)
        last = max(team.asked or "", team.looked_back or "")
        if timer.now >= begins and last < month and len(due) < AT_ONCE:
            due[team.id] = _Due(month, team.time_zone)
    return due


async def _ask(work: Work, team_id: UUID, month: str, size: int) -> None:
    survey = Survey(
        community_id=team_id,
        origin="pulse",
        about_kind="month",
        month=month,
        title=title_of_month(month),
        audience="members",
        anonymity="anonymous",
        questions=[*PULSE, PULSE_REMARKS] if size >= FEWEST_TEXTS_OF_PULSE else PULSE,
        created_at=work.now,
    )
    work.session.add(survey)
    await work.session.flush()
    await begin(work, survey)
