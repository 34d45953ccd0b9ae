"""What is told in an inbox goes at once by the messenger where its person has an account, at an hour when it may come and as they want it."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.context import context_of, moment_of
from services.membership.deliveries.rules import USUAL_ZONE
from services.membership.deliveries.service import leave
from services.membership.identities.models import Identity
from services.membership.mailings import queries
from services.membership.mailings.leaving import parcel_of
from services.membership.messengers.messenger import USER_ID
from services.membership.messengers.outlets import OUTLETS
from services.membership.messengers.queries import provider_codes
from services.membership.notifications.occasions import Notified
from services.membership.notifications.queries import said_by
from services.membership.notifications.rules import setting_of
from services.membership.people.models import Person
from services.membership.work_calendars.queries import as_calendar, imported


async def leave_by_messenger(session: AsyncSession, told: Sequence[Notified]) -> None:
    """Leave messages about these for who has an account at a messenger; who has several is written to by the first."""
    context = context_of(session)
    names = [one.name for one in OUTLETS if one.is_set(context.runtime)]
    if not told or context.backfill or not names:
        return
    reached = await _reached(session, {one.person_id for one in told}, names)
    if not reached:
        return
    said = await said_by(session, sorted(reached))
    places = await queries.communities(session, {one.community_id for one in told if one.community_id})
    calendar, now = as_calendar(await imported(session)), moment_of(session)
    parcels = []
    for one in told:
        if one.person_id not in reached:
            continue
        channel, own = reached[one.person_id]
        setting = setting_of(one.category, "messenger", said.get(one.person_id, {}))
        if setting != "off":
            zone = own or (places[one.community_id].time_zone if one.community_id in places else None)
            parcels.append(parcel_of(one, channel, setting, zone or USUAL_ZONE, calendar, now, from_at=now))
    if parcels:
        await leave(session, parcels, now)


async def _reached(
    session: AsyncSession, ids: Collection[UUID], names: Sequence[str]
) -> dict[UUID, tuple[str, str | None]]:
    """Of these people those with an account, each with the messenger and their own time zone."""
    by_code = {code: name for name in names for code in provider_codes(session, name)}
    found = (
        select(col(Person.id), col(Person.time_zone), col(Identity.provider))
        .join(Identity, col(Identity.person_id) == col(Person.id))
        .where(
            col(Person.id).in_(sorted(ids)),
            col(Person.status) == "active",
            col(Identity.provider).in_(sorted(by_code)),
            col(Identity.kind) == USER_ID,
            col(Identity.closed_at).is_(None),
        )
    )
    reached: dict[UUID, tuple[str, str | None]] = {}
    for row in await session.execute(found):
        name = by_code[row.provider]
        before = reached.get(row.id)
        if before is None or names.index(name) < names.index(before[0]):
            reached[row.id] = name, row.time_zone
    return reached
