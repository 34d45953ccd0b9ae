"""Reading registrations: whose, their places in the line, and who is next."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import among
from chassis.database.listing import Listing
from chassis.database.statements import Prepared, Spelling, bindparam
from services.events.activities.models import Activity
from services.events.registrations.models import Registration
from services.events.registrations.rules import LIVE, TAKEN

_OTHER = aliased(Registration)
_BEFORE = (
    select(func.count())
    .where(
        col(_OTHER.activity_id) == col(Registration.activity_id),
        col(_OTHER.status) == "waitlisted",
        or_(
            col(_OTHER.behind) < col(Registration.behind),
            and_(col(_OTHER.behind) == col(Registration.behind), col(_OTHER.queued) < col(Registration.queued)),
        ),
    )
    .scalar_subquery()
)
PLACE = case((col(Registration.status) == "waitlisted", _BEFORE + 1), else_=None).label("place")
"""The place in the line, from 1; None for who does not wait."""

_OWN: Prepared[Any] = Prepared(
    lambda on: select(
        col(Registration.activity_id),
        col(Registration.id),
        col(Registration.status),
        col(Registration.unconfirmed),
        col(Registration.asked),
        col(Registration.offer_ends_at),
        col(Registration.offer_runs_from),
        col(Registration.offer_told_at),
        PLACE,
    ).where(
        on.among(col(Registration.member_id), "member_ids"), on.among(col(Registration.activity_id), "activity_ids")
    )
)


async def own(session: AsyncSession, member_ids: Collection[UUID], activity_ids: Collection[UUID]) -> dict[UUID, Any]:
    """The registrations of these members for these activities, by activity; in each community they are at most one of them."""
    if not member_ids or not activity_ids:
        return {}
    rows = await _OWN.all(session, member_ids=list(member_ids), activity_ids=list(activity_ids))
    return {row.activity_id: row for row in rows}


_OF_MEMBER = Prepared(
    select(Registration).where(
        col(Registration.activity_id) == bindparam("activity_id"), col(Registration.member_id) == bindparam("member_id")
    )
)


async def registration_of(session: AsyncSession, activity_id: UUID, member_id: UUID) -> Registration | None:
    """A member's registration for a locked activity."""
    found = await _OF_MEMBER.load(session, activity_id=activity_id, member_id=member_id)
    return found[0] if found else None


_SEATED: Prepared[UUID] = Prepared(
    lambda on: select(col(Registration.member_id)).where(
        col(Registration.activity_id) == bindparam("activity_id"),
        on.among(col(Registration.member_id), "member_ids"),
        col(Registration.status).in_(sorted(TAKEN)),
    )
)


_EVERYBODY: Prepared[UUID] = Prepared(
    select(col(Registration.member_id))
    .where(col(Registration.activity_id) == bindparam("activity_id"), col(Registration.status).in_(sorted(TAKEN)))
    .order_by(col(Registration.id))
)


async def everybody_seated(session: AsyncSession, activity_id: UUID) -> list[UUID]:
    """Who has a seat."""
    return await _EVERYBODY.all(session, activity_id=activity_id)


async def seated(session: AsyncSession, activity_id: UUID, member_ids: Collection[UUID]) -> set[UUID]:
    """Who of these members has a seat."""
    return set(await _SEATED.all(session, activity_id=activity_id, member_ids=list(member_ids)))


_OF_ONE: Prepared[Any] = Prepared(
    lambda on: select(Registration).where(
        col(Registration.member_id) == bindparam("member_id"), on.among(col(Registration.activity_id), "activity_ids")
    )
)


async def of_member(session: AsyncSession, member_id: UUID, activity_ids: Collection[UUID]) -> dict[UUID, Registration]:
    """A member's registrations for locked activities, by activity."""
    rows = await _OF_ONE.load(session, member_id=member_id, activity_ids=list(activity_ids))
    return {row.activity_id: row for row in rows}


async def registrations_of(
    session: AsyncSession, activity_id: UUID, member_ids: Collection[UUID]
) -> dict[UUID, Registration]:
    """These members' registrations for a locked activity, by member."""
    found = select(Registration).where(
        col(Registration.activity_id) == activity_id, among(session, col(Registration.member_id), list(member_ids))
    )
    return {row.member_id: row for row in (await session.execute(found)).scalars()}


def _next(on: Spelling) -> Any:
    # Whom the last offer did not reach is given a seat in their turn, and offered one after the others.
    untold = case((on.among(col(Registration.activity_id), "offering"), col(Registration.untold)), else_=0)
    order = (untold, col(Registration.behind), col(Registration.queued))
    ranked = (
        select(
            col(Registration.id),
            func.row_number().over(partition_by=col(Registration.activity_id), order_by=order).label("rank"),
        )
        .where(
            col(Registration.status) == "waitlisted",
            col(Registration.id) != bindparam("but"),
            on.among(col(Registration.activity_id), "activity_ids"),
            or_(col(Registration.short_notice), ~on.among(col(Registration.activity_id), "short")),
        )
        .subquery()
    )
    first = select(Registration).join(ranked, ranked.c.id == col(Registration.id))
    return first.where(ranked.c.rank <= bindparam("most")).order_by(*order)


_NEXT: Prepared[Any] = Prepared(_next)
_NOBODY = UUID(int=0)


async def next_in_line(
    session: AsyncSession,
    most: Mapping[UUID, int],
    *,
    at_short_notice: Collection[UUID],
    offering: Collection[UUID],
    but: UUID | None,
) -> dict[UUID, list[Registration]]:
    """Who gets the next seats of locked activities, at most so many of each; nobody is given their own seat again (`but`).

    `at_short_notice`: the activities whose seats go only to who comes at short notice; `offering`: those whose seats are offered.
    """
    rows: Sequence[Registration] = await _NEXT.load(
        session,
        activity_ids=list(most),
        short=list(at_short_notice),
        offering=list(offering),
        but=but or _NOBODY,
        most=max(most.values()),
    )
    found: dict[UUID, list[Registration]] = {key: [] for key in most}
    for row in rows:
        if len(found[row.activity_id]) < most[row.activity_id]:
            found[row.activity_id].append(row)
    return found


async def offers_over(session: AsyncSession, activity_id: UUID, now: datetime, most: int) -> Sequence[Registration]:
    """The offers of a locked activity that nobody took in time, the first of them."""
    found = select(Registration).where(
        col(Registration.activity_id) == activity_id,
        col(Registration.status) == "offered",
        col(Registration.offer_ends_at) <= now,
    )
    first = found.order_by(col(Registration.offer_ends_at), col(Registration.id)).limit(most)
    return (await session.execute(first)).scalars().all()


_MISSED: Prepared[Any] = Prepared(
    select(func.count()).where(
        col(Registration.member_id) == bindparam("member_id"), col(Registration.no_show_at) >= bindparam("since")
    )
)


async def no_shows_of(session: AsyncSession, member_id: UUID, since: datetime) -> int:
    """To how many activities a member did not come."""
    return int(await _MISSED.one(session, member_id=member_id, since=since))


_PLACES: Prepared[Any] = Prepared(
    lambda on: select(col(Registration.id), PLACE).where(on.among(col(Registration.id), "ids"))
)


async def places_of(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, int]:
    """The places in the line of those who wait, from 1, by registration."""
    if not ids:
        return {}
    return {row.id: row.place for row in await _PLACES.all(session, ids=list(ids))}


_ACTIVITIES: Prepared[Activity] = Prepared(lambda on: select(Activity).where(on.among(col(Activity.id), "ids")))


async def activities_of(session: AsyncSession, ids: Collection[UUID]) -> Sequence[Activity]:
    """The activities that registrations are for."""
    return await _ACTIVITIES.all(session, ids=list(ids)) if ids else ()


async def lock_activities(session: AsyncSession, ids: Collection[UUID]) -> Sequence[Activity]:
    """Activities, locked, in the order of their ids."""
    found = select(Activity).where(among(session, col(Activity.id), sorted(ids))).order_by(col(Activity.id))
    locked = found.with_for_update().execution_options(populate_existing=True)
    return (await session.execute(locked)).scalars().all()


async def registrations_by_id(
    session: AsyncSession, ids: Collection[UUID], *, lock: bool = False
) -> Sequence[Registration]:
    """Registrations in the order of their ids; locked only once their activities are."""
    found = select(Registration).where(among(session, col(Registration.id), sorted(ids))).order_by(col(Registration.id))
    if lock:
        found = found.with_for_update().execution_options(populate_existing=True)
    return (await session.execute(found)).scalars().all()


def listing(activity: Activity, status: str | None, only: UUID | None) -> Listing:
    """The registrations for an activity in the order in which they came; `only` one member's."""
    found = select(Registration).where(col(Registration.activity_id) == activity.id)
    if status is not None:
        # Of a cancelled one some are not written as such yet.
        ended = {status} - LIVE | (LIVE if status == "cancelled" else set())
        statuses = ended if activity.status == "cancelled" else {status}
        found = found.where(col(Registration.status).in_(sorted(statuses)))
    if only is not None:
        found = found.where(col(Registration.member_id) == only)
    return Listing(found, [col(Registration.registered_at).asc(), col(Registration.id).asc()])
