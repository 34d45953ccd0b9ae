"""Reading check-ins and streaks."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.listing import Listing
from chassis.database.statements import Prepared, bindparam
from chassis.days import zone_of
from chassis.projections.communities import communities_embedded
from chassis.projections.members import embedded, own_memberships
from chassis.security.authority import CommunityFacts
from chassis.security.caller import Caller
from chassis.texts import Hidden
from chassis.web.schemas import CommunityEmbed, MemberEmbed
from chassis.web.spans import Bounds, Span, within
from chassis.work_calendar import WorkCalendar
from services.gamification.base import texts
from services.gamification.checkins.models import Checkin, Streak
from services.gamification.checkins.rules import (
    CheckinDay,
    StreakDays,
    StreakState,
    checkin_day,
    live_length,
)
from services.gamification.checkins.schemas import CheckinPublic, StreakPublic

_STREAK = Prepared(select(Streak).where(col(Streak.member_id) == bindparam("member_id")))
_OF_DAY = Prepared(
    select(Checkin).where(col(Checkin.member_id) == bindparam("member_id"), col(Checkin.day) == bindparam("day"))
)


def zone_for(chosen: str | None, community_zone: str) -> str:
    """The member's own zone if they have chosen one that exists, else the community's."""
    if chosen is None:
        return community_zone
    try:
        zone_of(chosen)
    except (KeyError, ValueError, OSError):
        return community_zone
    return chosen


def present_day(
    now: datetime, state: StreakState, *, chosen_zone: str | None, time_zone: str, day_starts_at: time, streak_days: str
) -> CheckinDay:
    """The day that a check-in now would count for."""
    return checkin_day(
        now,
        last=state.last,
        time_zone=zone_for(chosen_zone, time_zone),
        day_starts_at=day_starts_at,
        streak_days=StreakDays(streak_days),
    )


def present_day_in(community: CommunityFacts, now: datetime, state: StreakState, chosen_zone: str | None) -> CheckinDay:
    """The same, by a community's facts."""
    return present_day(
        now,
        state,
        chosen_zone=chosen_zone,
        time_zone=community.time_zone,
        day_starts_at=community.day_starts_at,
        streak_days=community.streak_days,
    )


async def streak_state(session: AsyncSession, member_id: UUID) -> StreakState:
    """What is kept of a member's streak; that of a beginner where nothing is."""
    row = await _STREAK.first(session, member_id=member_id)
    return row.state if row is not None else StreakState()


def streak_public(state: StreakState, today: CheckinDay, calendar: WorkCalendar) -> StreakPublic:
    """A streak as it stands today."""
    return StreakPublic(
        current=live_length(state, today, is_workday=calendar.is_workday),
        longest=state.longest,
        freezes=state.freezes,
        freezes_used=state.freezes_used,
        checkins=state.checkins,
        last_day=state.last.day if state.last else None,
    )


async def checkin_on(session: AsyncSession, member_id: UUID, day: date) -> Checkin | None:
    """The check-in of a member's day."""
    return await _OF_DAY.first(session, member_id=member_id, day=day)


async def checkins_between(session: AsyncSession, member_id: UUID, first: date, last: date) -> list[Checkin]:
    """A member's check-ins from one day to another, both included, in order."""
    rows = await session.execute(
        select(Checkin)
        .where(col(Checkin.member_id) == member_id, col(Checkin.day).between(first, last))
        .order_by(col(Checkin.day))
    )
    return list(rows.scalars())


def bounds_in(community: CommunityFacts, span: Span) -> Bounds:
    """The moments between which a span lies in the days of a community."""
    return span.bounds(time_zone=community.time_zone, day_starts_at=community.day_starts_at)


def feed(bounds: Bounds, *, community_id: UUID | None = None, members: Sequence[UUID] | None = None) -> Listing:
    """Check-ins of a community, of members, or of members in a community, the latest first."""
    statement: Select[Any] = select(Checkin).where(*within(col(Checkin.occurred_at), bounds))
    if community_id is not None:
        statement = statement.where(col(Checkin.community_id) == community_id)
    if members is not None:
        statement = statement.where(col(Checkin.member_id).in_(members))
    return Listing(statement, [col(Checkin.occurred_at).desc(), col(Checkin.id).desc()])


async def checkins_public(session: AsyncSession, checkins: Sequence[Checkin], reader: Caller) -> list[CheckinPublic]:
    """Check-ins as answers show them; notes that wait for moderation, or were removed, to their authors alone."""
    members = await embedded(session, {one.member_id for one in checkins})
    communities = await communities_embedded(session, {one.community_id for one in checkins})
    hidden = await texts.hidden(session, [one.id for one in checkins if one.note is not None])
    mine: set[UUID] = set()
    if hidden and reader.kind == "person":
        mine.update(await own_memberships(session, reader, former_too=True))
    return [
        _public(
            one,
            members[one.member_id],
            communities[one.community_id],
            hidden.get(one.id),
            mine=one.member_id in mine,
        )
        for one in checkins
    ]


def _public(
    checkin: Checkin, member: MemberEmbed, community: CommunityEmbed | None, hidden: Hidden | None, *, mine: bool
) -> CheckinPublic:
    return CheckinPublic(
        id=checkin.id,
        community_id=checkin.community_id,
        community=community,
        member=member,
        day=checkin.day,
        time_zone=checkin.time_zone,
        occurred_at=checkin.occurred_at,
        origin=checkin.origin,
        note=checkin.note if hidden is None or mine else None,
        note_hidden=hidden,
        streak=checkin.length,
        froze=checkin.froze,
    )


def month_days(month: str) -> list[date]:
    """The days of `YYYY-MM`. Raises ValueError for anything else."""
    first = datetime.strptime(month, "%Y-%m").date()  # noqa: DTZ007 - a month has no zone
    following = (first + timedelta(days=31)).replace(day=1)
    return [first + timedelta(days=n) for n in range((following - first).days)]


async def taken_days(session: AsyncSession, members: Sequence[UUID]) -> dict[UUID, dict[date, datetime]]:
    """The days on which these members have checked in, and when on each."""
    rows = await session.execute(
        select(col(Checkin.member_id), col(Checkin.day), col(Checkin.occurred_at)).where(
            col(Checkin.member_id).in_(members)
        )
    )
    taken: dict[UUID, dict[date, datetime]] = {member_id: {} for member_id in members}
    for member_id, day, at in rows:
        taken[member_id][day] = at
    return taken


async def taken_refs(session: AsyncSession, community_id: UUID, refs: Sequence[str]) -> set[str]:
    """Which references of a source have come in before."""
    if not refs:
        return set()
    rows = await session.execute(
        select(col(Checkin.source_ref)).where(
            col(Checkin.community_id) == community_id, col(Checkin.source_ref).in_(set(refs))
        )
    )
    return {ref for ref in rows.scalars() if ref is not None}
