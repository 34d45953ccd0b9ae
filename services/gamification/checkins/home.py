"""What a home shows of check-ins."""

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.contributions import Visit
from chassis.projections.workdays import work_calendar
from services.gamification.checkins.queries import checkin_on, present_day_in, streak_public, streak_state
from services.gamification.checkins.rules import next_milestone
from services.gamification.checkins.schemas import HomeCheckin


async def checkin(session: AsyncSession, visit: Visit) -> HomeCheckin | None:
    """Today's check-in, by the member's own day."""
    if visit.member is None or visit.community is None:
        return None
    state = await streak_state(session, visit.member.id)
    today = present_day_in(visit.community, visit.now, state, visit.member.time_zone)
    found = await checkin_on(session, visit.member.id, today.day)
    streak = streak_public(state, today, await work_calendar(session))
    return HomeCheckin(
        today=today.day,
        time_zone=today.time_zone,
        checked_in=found is not None,
        checkin_id=found.id if found else None,
        streak=streak,
        next_milestone=next_milestone(streak.current),
    )
