"""What is told in an inbox is left to go by mail, if it is not read first and its person wants it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.context import context_of, moment_of
from chassis.work_calendar import WorkCalendar
from services.membership.deliveries.rules import USUAL_ZONE
from services.membership.deliveries.service import Parcel, leave
from services.membership.deliveries.smtp import MAIL, is_set
from services.membership.mailings import queries
from services.membership.mailings.time_rules import DIGEST_KEPT, KEPT, UNREAD_FOR, digest_at, goes_at
from services.membership.notifications.occasions import Notified
from services.membership.notifications.queries import said_by
from services.membership.notifications.rules import REMINDER_LAPSES, is_reminder, setting_of
from services.membership.work_calendars.queries import as_calendar, imported

URGENT = frozenset({"changes"})
"""Offers, moved and cancelled activities: whoever hears of them on the next workday hears of them too late."""


async def leave_mail(session: AsyncSession, told: Sequence[Notified]) -> None:
    """Leave mail about these, each after its time and as its person wants it."""
    context = context_of(session)
    if not told or context.backfill or not is_set(context.runtime):
        return
    zones = await queries.reached(session, {one.person_id for one in told})
    if not zones:
        return
    said = await said_by(session, sorted(zones))
    places = await queries.communities(session, {one.community_id for one in told if one.community_id})
    calendar, now = as_calendar(await imported(session)), moment_of(session)
    parcels = []
    for one in told:
        setting = setting_of(one.category, "mail", said.get(one.person_id, {}))
        if one.person_id not in zones or setting == "off":
            continue
        zone = zones[one.person_id] or (places[one.community_id].time_zone if one.community_id in places else None)
        after = now + UNREAD_FOR
        parcels.append(parcel_of(one, MAIL, setting, zone or USUAL_ZONE, calendar, now, from_at=after))
    if parcels:
        await leave(session, parcels, now)


def parcel_of(
    one: Notified, channel: str, setting: str, zone: str, calendar: WorkCalendar, now: datetime, *, from_at: datetime
) -> Parcel:
    """A message through a channel, no sooner than `from_at`; what goes once a day, with the rest of its day."""
    if setting == "daily":
        due = digest_at(one.at, time_zone=zone, is_workday=calendar.is_workday)
        return Parcel(channel, one.person_id, "digest", digest_of(one.person_id, due), due, due + DIGEST_KEPT)
    lapses_at = one.at + REMINDER_LAPSES if is_reminder(one.template) else now + KEPT
    due = goes_at(
        from_at,
        time_zone=zone,
        is_workday=calendar.is_workday,
        urgent=one.category in URGENT,
        due_at=due_of(one.template, one.params, one.at),
    )
    goes = min(due, lapses_at)
    return Parcel(channel, one.person_id, "notification", one.notification_id, goes, lapses_at, news=one.news)


def digest_of(person_id: UUID, due: datetime) -> UUID:
    """What one digest is about: a person, and the moment it is for."""
    return uuid5(NAMESPACE_URL, f"urn:qunxue:digest:{person_id}:{due.isoformat()}")


def due_of(template: str, params: Any, told_at: datetime) -> datetime | None:
    """When it is too late for what it tells, if it says so."""
    if is_reminder(template):
        return told_at + REMINDER_LAPSES
    until = params.get("until")
    return datetime.fromisoformat(until) if until else None
