"""Use cases of calendars: the link, and what it leads to."""

from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from secrets import token_urlsafe
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import insert_or_ignore
from chassis.locale import Locale, negotiate
from chassis.problems import FORBIDDEN, NOT_FOUND
from chassis.projections.members import own_memberships
from chassis.secrets import hash_of
from chassis.web.work import Work
from services.events.activities.access import seen_activity
from services.events.activities.speaking import speaks_at
from services.events.activities.texts import STAND_IN, withheld
from services.events.calendars import queries, rules, views
from services.events.calendars.models import Calendar
from services.events.registrations.queries import registration_of
from services.events.registrations.settling import as_of_now

PATH: Final = "/v1/calendars/feeds"
SUFFIX: Final = ".ics"
"""Some programs subscribe only to what is called so."""
BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Renewed:
    """A calendar with its new link, which is nowhere else; `new` where there was none before."""

    calendar: Any
    link: str
    new: bool


@dataclass(frozen=True, slots=True)
class Feed:
    """What a feed is made of, before it is written: both takes a while where there are thousands of dates."""

    rows: list[Any]
    locale: Locale

    def etag(self) -> str:
        """The same while it would be written the same."""
        said = repr((_FORMAT, self.locale, [tuple(row) for row in self.rows]))
        return f'"{sha256(said.encode()).hexdigest()[:32]}"'

    def written(self) -> bytes:
        """The calendar."""
        return rules.feed([views.of_feed(row) for row in self.rows], self.locale)


_FORMAT: Final = 1
"""Greater whenever the same dates are written otherwise."""


async def renew(work: Work) -> Renewed:
    """Give the caller a link; the one that they had leads nowhere from now on."""
    person_id = await _member(work)
    link = token_urlsafe(BYTES)
    values = {"link_hash": hash_of(link), "renewed_at": work.now}
    table = Calendar.__table__  # type: ignore[attr-defined]
    made = insert_or_ignore(work.session, table).values(person_id=person_id, created_at=work.now, **values)
    new = (await work.session.execute(made.returning(table.c.person_id))).first() is not None
    if not new:
        await work.session.execute(update(table).where(table.c.person_id == person_id).values(**values))
    return Renewed(await queries.of_person(work.session, person_id), link, new)


async def own(work: Work) -> Any:
    """The caller's calendar. Raises `NOT_FOUND` for who has no link."""
    found = await queries.of_person(work.session, await _member(work))
    if found is None:
        raise NOT_FOUND()
    return found


async def revoke(work: Work) -> None:
    """Take the caller's link away. Again, it changes nothing."""
    person_id = await _member(work)
    await work.session.execute(delete(Calendar).where(col(Calendar.person_id) == person_id))


async def _member(work: Work) -> UUID:
    """The caller, who is a member somewhere. Raises `FORBIDDEN` for others."""
    if work.caller is None or not await own_memberships(work.session, work.caller, reading_at=work.now):
        raise FORBIDDEN()
    return work.caller.id


async def read_feed(session: AsyncSession, link: str, now: datetime) -> Feed:
    """What a link leads to: nothing once the person has ended. Raises `NOT_FOUND` for what is no link, or no longer one."""
    found = await queries.by_link(session, hash_of(link.removesuffix(SUFFIX)))
    if found is None:
        raise NOT_FOUND()
    ended = found.status not in {None, "active"}
    rows = [] if ended else await queries.dates_of(session, found.person_id, now)
    return Feed(list(rows), negotiate(found.locale))


async def read_activity(work: Work, key: UUID, locale: Locale) -> bytes:
    """One activity as iCalendar, for the caller."""
    found = await seen_activity(work, key)
    member_id, community = found.standing.member_id, found.standing.community
    registration = await registration_of(work.session, key, member_id) if member_id is not None else None
    if registration is not None:
        registration = as_of_now(found.activity, registration)
    joins = found.prepares or await speaks_at(work.session, work.caller, key)
    entry = views.of_activity(found.activity, registration, joins=joins)
    series = [found.activity.series_id] if found.activity.series_id is not None else []
    if not found.prepares and await withheld(work.session, [key, *series]):
        entry = replace(entry, title=STAND_IN, description="", location=None)
    return rules.single(entry, locale, community=community.name, community_id=str(community.id))
