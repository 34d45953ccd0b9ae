"""What was so of communities and members at a moment: copies, written by message handlers alone."""

from collections.abc import Iterable
from datetime import datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import Time, select
from sqlmodel import Field
from sqlmodel.ext.asyncio.session import AsyncSession

from services.gamification.base import Base
from services.gamification.facts import NO_CALENDARS, Calendar, Calendars, StatusChange


class MemberStatus(Base, table=True):
    """A member's status from a moment on, by the version of the message that told it."""

    __tablename__ = "member_statuses"

    member_id: UUID = Field(primary_key=True)
    version: int = Field(primary_key=True)
    at: datetime
    status: str = Field(max_length=16)
    until: datetime | None = None


class CommunityCalendar(Base, table=True):
    """A community's zone and start of day from a moment on, by the version of the message that told it."""

    __tablename__ = "community_calendars"

    community_id: UUID = Field(primary_key=True)
    version: int = Field(primary_key=True)
    at: datetime
    time_zone: str = Field(max_length=64)
    day_starts_at: time = Field(sa_type=Time)


_calendars: Any = CommunityCalendar.__table__  # type: ignore[attr-defined]
_statuses: Any = MemberStatus.__table__  # type: ignore[attr-defined]


async def calendars_of(session: AsyncSession, community_ids: Iterable[UUID]) -> dict[UUID, Calendars]:
    """The calendars of each community; one not yet heard of has days in UTC until it is."""
    ids = list(community_ids)
    rows = await session.execute(
        select(_calendars.c.community_id, _calendars.c.at, _calendars.c.time_zone, _calendars.c.day_starts_at)
        .where(_calendars.c.community_id.in_(ids))
        .order_by(_calendars.c.community_id, _calendars.c.version)
    )
    found: dict[UUID, list[Calendar]] = {}
    for community_id, at, time_zone, day_starts_at in rows:
        found.setdefault(community_id, []).append(Calendar(at, time_zone, day_starts_at))
    return dict.fromkeys(ids, NO_CALENDARS) | {
        community_id: Calendars(tuple(versions)) for community_id, versions in found.items()
    }


async def statuses_of(session: AsyncSession, member_ids: Iterable[UUID]) -> dict[UUID, list[StatusChange]]:
    """What each member was from when on, in the order in which it was decided."""
    rows = await session.execute(
        select(_statuses.c.member_id, _statuses.c.at, _statuses.c.status, _statuses.c.until)
        .where(_statuses.c.member_id.in_(list(member_ids)))
        .order_by(_statuses.c.member_id, _statuses.c.version)
    )
    found: dict[UUID, list[StatusChange]] = {}
    for member_id, at, status, until in rows:
        found.setdefault(member_id, []).append(StatusChange(at, status, until))
    return found
