"""Reading calendars: whose link it is, and what is in the calendar."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import Prepared, bindparam
from chassis.projections.members import LEFT_STATUSES
from services.events.activities.models import Activity
from services.events.activities.texts import STAND_IN, unless_held
from services.events.base import known
from services.events.calendars.models import Calendar
from services.events.calendars.rules import AHEAD, EXCERPT, GIVEN_UP, MOST, PAST
from services.events.registrations.models import Registration
from services.events.registrations.rules import LIVE
from services.events.registrations.settling import UNCONFIRMED

_BY_LINK: Prepared[Any] = Prepared(
    select(col(Calendar.person_id), known.people.c.status, known.people.c.locale)
    .select_from(Calendar)
    .outerjoin(known.people, known.people.c.id == col(Calendar.person_id))
    .where(col(Calendar.link_hash) == bindparam("link_hash"))
)


async def by_link(session: AsyncSession, link_hash: str) -> Any | None:
    """Whose link this is, with their status and language, None where membership has said nothing of them."""
    return await _BY_LINK.first(session, link_hash=link_hash)


_OF_PERSON: Prepared[Any] = Prepared(select(Calendar).where(col(Calendar.person_id) == bindparam("person_id")))


async def of_person(session: AsyncSession, person_id: UUID) -> Any | None:
    """A person's link."""
    return await _OF_PERSON.first(session, person_id=person_id)


def _dates(*more: Any) -> Select[Any]:
    members, sanctions = known.members.c, known.sanctions.c
    suspended = (sanctions.status == "suspended") & (sanctions.until.is_(None) | (sanctions.until > bindparam("now")))
    stays = members.status.not_in(sorted(LEFT_STATUSES | {"suspended"})) & func.coalesce(~suspended, True)
    live = col(Registration.status).in_(sorted(LIVE)) & (col(Activity.status) != "cancelled")
    return (
        select(
            col(Activity.id),
            unless_held(col(Activity.title), STAND_IN),
            func.substr(unless_held(col(Activity.description), "").element, 1, EXCERPT + 1).label("description"),
            col(Activity.starts_at),
            col(Activity.ends_at),
            col(Activity.time_zone),
            unless_held(col(Activity.location), None),
            col(Activity.join_url),
            col(Activity.tags),
            col(Activity.status),
            col(Activity.version),
            col(Activity.changed_at),
            col(Activity.announced_at),
            col(Registration.status).label("registration_status"),
            UNCONFIRMED,
            col(Registration.messages_published),
            col(Registration.changed_at).label("registration_changed_at"),
            col(Registration.registered_at),
        )
        .select_from(known.members)
        .join(Registration, col(Registration.member_id) == members.id)
        .join(Activity, col(Activity.id) == col(Registration.activity_id))
        .outerjoin(known.sanctions, sanctions.id == members.id)
        .where(
            members.person_id == bindparam("person_id"),
            members.status != "erased",
            # Who may no longer read a community keeps of it what tells their programs to take it away.
            or_(live & stays, ~live & (col(Activity.ends_at) > bindparam("given_up"))),
            *more,
        )
    )


_COMING: Prepared[Any] = Prepared(
    _dates(col(Activity.ends_at) > bindparam("now"), col(Activity.starts_at) < bindparam("until"))
    .order_by(col(Activity.starts_at).asc(), col(Activity.id).asc())
    .limit(bindparam("most"))
)
_OVER: Prepared[Any] = Prepared(
    _dates(col(Activity.ends_at) <= bindparam("now"), col(Activity.ends_at) > bindparam("since"))
    .order_by(col(Activity.starts_at).desc(), col(Activity.id).desc())
    .limit(bindparam("most"))
)


async def dates_of(session: AsyncSession, person_id: UUID, now: datetime) -> Sequence[Any]:
    """What a person registered for in all communities, and was assigned to; at most `MOST`, what is to come first."""
    about: dict[str, Any] = {"person_id": person_id, "now": now, "given_up": now - GIVEN_UP}
    coming = await _COMING.all(session, **about, until=now + AHEAD, most=MOST)
    return [*coming, *await _OVER.all(session, **about, since=now - PAST, most=MOST - len(coming))]
