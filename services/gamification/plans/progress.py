"""How far those who take part in a plan are, day by day."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.listing import Listing
from chassis.database.statements import Prepared, bindparam
from chassis.days import local_day
from chassis.problems import INVALID
from chassis.projections.members import embedded
from chassis.projections.workdays import work_calendar
from chassis.security.authority import CommunityFacts
from services.gamification.base import known
from services.gamification.checkins.queries import zone_for
from services.gamification.plans.access import SeenPlan
from services.gamification.plans.completing import asked_for_by
from services.gamification.plans.models import PlanEntry, PlanParticipant
from services.gamification.plans.problems import TOO_MANY_DAYS
from services.gamification.plans.progress_rules import HandedIn, day_states
from services.gamification.plans.rules import MOST_CELLS, days_needed
from services.gamification.plans.schemas import PlanDay, PlanProgress

_TOGETHER: Final = 200
"""Participants of whom a file reads at once: others' requests go on in between."""

_members, _people = known.members.c, known.people.c
_HANDED_IN: Prepared[Any] = Prepared(
    lambda on: select(
        col(PlanEntry.member_id),
        col(PlanEntry.id),
        col(PlanEntry.day),
        col(PlanEntry.status),
        col(PlanEntry.origin),
        col(PlanEntry.removed),
    ).where(col(PlanEntry.plan_id) == bindparam("plan_id"), on.among(col(PlanEntry.member_id), "members"))
)


def taking_part(plan_id: UUID, member_id: UUID | None = None) -> Listing:
    """Who takes part, each with the time zone that they chose, in the order in which they joined; or one of them."""
    statement = (
        select(PlanParticipant, _people.time_zone)
        .outerjoin(known.members, _members.id == col(PlanParticipant.member_id))
        .outerjoin(known.people, _people.id == _members.person_id)
        .where(col(PlanParticipant.plan_id) == plan_id, col(PlanParticipant.left_at).is_(None))
    )
    if member_id is not None:
        statement = statement.where(col(PlanParticipant.member_id) == member_id)
    return Listing(statement, [col(PlanParticipant.joined_at).asc(), col(PlanParticipant.member_id).asc()])


async def progress_of_all(
    session: AsyncSession, seen: SeenPlan, first: date | None, last: date | None, now: datetime
) -> tuple[list[date], list[PlanProgress]]:
    """Everybody who takes part, with the days of the plan from the first to the last. Raises `INVALID` where that is too much at once."""
    asked_for = asked_for_by(seen.plan, await work_calendar(session))
    days = [day for day in asked_for if (first is None or day >= first) and (last is None or day <= last)]
    listing = taking_part(seen.plan.id)
    rows = [(row, zone) for row, zone in await session.execute(listing.statement.order_by(*listing.order))]
    if len(rows) * len(days) > MOST_CELLS:
        raise INVALID(errors=[TOO_MANY_DAYS])
    found: list[PlanProgress] = []
    for start in range(0, len(rows), _TOGETHER):
        found += await progress_shown(session, seen, rows[start : start + _TOGETHER], now, days=days)
    return days, found


async def progress_shown(
    session: AsyncSession,
    seen: SeenPlan,
    rows: Sequence[tuple[PlanParticipant, str | None]],
    now: datetime,
    *,
    days: Sequence[date] | None = None,
) -> list[PlanProgress]:
    """Participants with each day of the plan, or these of them; days are those of their own zones."""
    members = [row.member_id for row, _ in rows]
    names = await embedded(session, members)
    handed_in: dict[UUID, dict[Any, Any]] = {one: {} for one in members}
    for one in await _HANDED_IN.all(session, plan_id=seen.plan.id, members=members) if members else ():
        handed_in[one.member_id][one.day] = one
    asked_for = asked_for_by(seen.plan, await work_calendar(session))
    shown = asked_for if days is None else days
    needed = days_needed(len(asked_for), seen.plan.complete_at)
    answers = []
    for row, time_zone in rows:
        mine = handed_in[row.member_id]
        states = day_states(
            shown,
            {day: _handed_in(one) for day, one in mine.items()},
            today=_today(seen.standing.community, time_zone, now),
        )
        answers.append(
            PlanProgress(
                member=names[row.member_id],
                joined_at=row.joined_at,
                days_done=row.days_done,
                days_made_up=row.days_made_up,
                days_total=len(asked_for),
                days_needed=needed,
                completed_on=row.completed_on,
                days=[
                    PlanDay(
                        day=day,
                        state=state,
                        made_up=day in mine and mine[day].origin == "made_up",
                        entry_id=mine[day].id if day in mine else None,
                    )
                    for day, state in states.items()
                ],
            )
        )
    return answers


def _handed_in(row: Any) -> HandedIn:
    return HandedIn(row.day, row.status, row.origin == "made_up", row.removed)


def _today(community: CommunityFacts, time_zone: str | None, now: datetime) -> date:
    zone = zone_for(time_zone, community.time_zone)
    return local_day(now, time_zone=zone, day_starts_at=community.day_starts_at)
