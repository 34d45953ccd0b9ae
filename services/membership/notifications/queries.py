"""Reading inboxes, and what the inbox knows."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.listing import GivenListing, Listing, PreparedListing
from chassis.database.statements import Prepared, bindparam
from chassis.web.schemas import CommunityEmbed
from services.membership.communities.models import Community
from services.membership.departments.queries import below
from services.membership.groups.models import GroupMember
from services.membership.notifications.models import (
    Notification,
    NotificationCause,
    NotificationFollower,
    NotificationPreference,
    NotificationSource,
    NotificationThing,
)
from services.membership.notifications.rules import ABOUT_PERSON
from services.membership.people.models import Person
from services.membership.roster.models import Member
from services.membership.roster.rules import ENDED, status_at

UNREAD_COUNTED = 10_000
_COMMUNITIES: Prepared[Any] = Prepared(
    lambda on: select(col(Community.id), col(Community.slug), col(Community.name)).where(
        on.among(col(Community.id), "ids")
    )
)


async def communities(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, CommunityEmbed]:
    """These communities, as answers name them."""
    rows = await _COMMUNITIES.all(session, ids=sorted(ids)) if ids else []
    return {row.id: CommunityEmbed(id=row.id, slug=row.slug, name=row.name) for row in rows}


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody to tell: a person, and as which member."""

    person_id: UUID
    member_id: UUID | None = None
    status: str = "active"


def _readable(now: Any) -> ColumnElement[bool]:
    """Whether a line is there for its person: of a community only for who may read there now, unless it decides about them."""
    still = or_(col(GroupMember.left_at).is_(None), col(GroupMember.ended) == "dissolved")
    belongs = exists().where(
        col(GroupMember.group_id) == col(Notification.group_id), col(GroupMember.member_id) == col(Member.id), still
    )
    here = exists().where(
        col(Member.community_id) == col(Notification.community_id),
        col(Member.person_id) == col(Notification.person_id),
        col(Member.status).not_in(ENDED),
        or_(col(Member.status) != "suspended", col(Member.status_until) <= now),
        or_(col(Notification.group_id).is_(None), belongs.correlate_except(GroupMember)),
    )
    # Named, and not what is critical: an activity that was moved is nobody's business who is not there any more.
    about_them = col(Notification.category).in_(sorted(ABOUT_PERSON))
    return and_(
        col(Notification.withdrawn_at).is_(None),
        or_(col(Notification.community_id).is_(None), about_them, here),
    )


def _visible(now: Any) -> ColumnElement[bool]:
    snoozed_until = col(Notification.snoozed_until)
    return and_(or_(snoozed_until.is_(None), snoozed_until <= now), _readable(now))


def unread_at(now: Any) -> ColumnElement[bool]:
    """Whether a line is shown and was not read."""
    return and_(col(Notification.read_at).is_(None), _visible(now))


def inbox(
    *, person_id: UUID, now: datetime, unread: bool | None, category: str | None, community_id: UUID | None
) -> GivenListing:
    """The lines of one person, the last told first."""
    given = {"category": category, "community_id": community_id}
    given = {name: value for name, value in given.items() if value is not None}
    return _inbox(frozenset(given), unread).given(person_id=person_id, now=now, **given)


@lru_cache(maxsize=16)
def _inbox(given: frozenset[str], unread: bool | None) -> PreparedListing:
    now: Any = bindparam("now")
    filters = [col(Notification.person_id) == bindparam("person_id"), _visible(now)]
    if unread is not None:
        read = col(Notification.read_at)
        filters.append(read.is_(None) if unread else read.is_not(None))
    if "category" in given:
        filters.append(col(Notification.category) == bindparam("category"))
    if "community_id" in given:
        filters.append(col(Notification.community_id) == bindparam("community_id"))
    order: list[ColumnElement[Any]] = [col(Notification.told_at).desc(), col(Notification.id).desc()]
    return PreparedListing(Listing(select(Notification).where(*filters), order))


_now: Any = bindparam("now")
_SOME = (
    select(col(Notification.category), col(Notification.community_id))
    .where(col(Notification.person_id) == bindparam("person_id"), unread_at(_now))
    .limit(UNREAD_COUNTED)
    .subquery()
)
_COUNTS: Prepared[Any] = Prepared(
    select(_SOME.c.category, _SOME.c.community_id, func.count().label("unread"))
    .group_by(_SOME.c.category, _SOME.c.community_id)
    .order_by(_SOME.c.category, _SOME.c.community_id)
)


async def counts(session: AsyncSession, person_id: UUID, now: datetime) -> list[Any]:
    """How many lines of a person are unread, by category and community; 10,000 at most."""
    return await _COUNTS.all(session, person_id=person_id, now=now)


_UNREAD_OF: Prepared[Any] = Prepared(
    lambda on: (
        select(col(Notification.person_id), func.count().label("unread"))
        .where(on.among(col(Notification.person_id), "people"), unread_at(_now))
        .group_by(col(Notification.person_id))
    )
)


async def unread_of(session: AsyncSession, people: Collection[UUID], now: datetime) -> dict[UUID, int]:
    """How many lines these people have not read, of those who have any."""
    return {row.person_id: row.unread for row in await _UNREAD_OF.all(session, people=list(people), now=now)}


_STILL: Prepared[Any] = Prepared(
    lambda on: (
        select(col(Notification.id))
        .join(Person, col(Person.id) == col(Notification.person_id))
        .where(on.among(col(Notification.id), "ids"), unread_at(_now), col(Person.status) == "active")
    )
)


_THERE: Prepared[Any] = Prepared(
    select(col(Notification.id)).where(col(Notification.id) == bindparam("id"), _readable(_now))
)


async def is_readable(session: AsyncSession, line_id: UUID, now: datetime) -> bool:
    """Whether a line is there for its person, snoozed or not."""
    return await _THERE.first(session, id=line_id, now=now) is not None


async def still_to_tell(session: AsyncSession, ids: Collection[UUID], now: datetime) -> set[UUID]:
    """Which of these lines are still unread, not withdrawn and not snoozed, and may still be seen by whose they are."""
    return set(await _STILL.all(session, ids=list(ids), now=now))


_WAS_MEMBER: Prepared[Any] = Prepared(
    select(col(Member.id)).where(
        col(Member.community_id) == bindparam("community_id"), col(Member.person_id) == bindparam("person_id")
    )
)


async def was_member(session: AsyncSession, person_id: UUID, community_id: UUID) -> bool:
    """Whether a person is, or once was, a member of a community."""
    return await _WAS_MEMBER.first(session, person_id=person_id, community_id=community_id) is not None


# --- what is told --------------------------------------------------------------------------------------------------

_RECIPIENTS: Prepared[Any] = Prepared(
    lambda on: (
        select(
            col(Member.id),
            col(Member.person_id),
            col(Member.status),
            col(Member.status_until),
            col(Member.then_muted_until),
        )
        .join(Person, col(Person.id) == col(Member.person_id))
        .where(on.among(col(Member.id), "ids"), col(Person.status) == "active")
    )
)
_PEOPLE: Prepared[Any] = Prepared(
    lambda on: select(col(Person.id)).where(on.among(col(Person.id), "ids"), col(Person.status) == "active")
)
_NAMED: Prepared[Any] = Prepared(
    lambda on: select(col(NotificationThing.id), col(NotificationThing.title), col(NotificationThing.group_id)).where(
        on.among(col(NotificationThing.id), "ids")
    )
)
_BELONGING: Prepared[Any] = Prepared(
    lambda on: select(col(GroupMember.group_id), col(GroupMember.member_id)).where(
        on.among(col(GroupMember.group_id), "groups"),
        on.among(col(GroupMember.member_id), "members"),
        col(GroupMember.left_at).is_(None),
    )
)
_OWNERS: Prepared[Any] = Prepared(
    lambda on: select(col(NotificationThing.id), col(NotificationThing.owner_id)).where(
        on.among(col(NotificationThing.id), "ids"), col(NotificationThing.owner_id).is_not(None)
    )
)
_VERSIONS: Prepared[Any] = Prepared(
    lambda on: select(col(NotificationThing.id), col(NotificationThing.version)).where(
        on.among(col(NotificationThing.id), "ids")
    )
)
_FOLLOWERS: Prepared[Any] = Prepared(
    lambda on: select(col(NotificationFollower.thing_id), col(NotificationFollower.member_id)).where(
        on.among(col(NotificationFollower.thing_id), "ids"), col(NotificationFollower.following).is_(True)
    )
)
_HOW_MANY_FOLLOW: Prepared[Any] = Prepared(
    lambda on: (
        select(col(NotificationFollower.thing_id), func.count().label("followers"))
        .where(on.among(col(NotificationFollower.thing_id), "ids"), col(NotificationFollower.following).is_(True))
        .group_by(col(NotificationFollower.thing_id))
    )
)
_NEXT_FOLLOWERS: Prepared[Any] = Prepared(
    select(col(NotificationFollower.member_id))
    .where(
        col(NotificationFollower.thing_id) == bindparam("thing_id"),
        col(NotificationFollower.following).is_(True),
        col(NotificationFollower.member_id) > bindparam("after"),
    )
    .order_by(col(NotificationFollower.member_id))
    .limit(bindparam("most"))
)
_FOLLOWED: Prepared[Any] = Prepared(
    lambda on: select(
        col(NotificationFollower.thing_id), col(NotificationFollower.member_id), col(NotificationFollower.version)
    ).where(on.among(col(NotificationFollower.thing_id), "ids"))
)
_SOURCES: Prepared[Any] = Prepared(
    lambda on: (
        select(col(NotificationSource.source), col(NotificationSource.version), col(NotificationSource.live))
        .where(on.among(col(NotificationSource.source), "sources"))
        .order_by(col(NotificationSource.source))
        .with_for_update()
    )
)
_SAID: Prepared[Any] = Prepared(
    lambda on: select(NotificationPreference).where(on.among(col(NotificationPreference.person_id), "people"))
)
_KNOWN: Prepared[Any] = Prepared(
    lambda on: select(col(NotificationCause.person_id), col(NotificationCause.cause)).where(
        on.among(col(NotificationCause.person_id), "people"), on.among(col(NotificationCause.cause), "causes")
    )
)
_OPEN: Prepared[Any] = Prepared(
    lambda on: (
        select(col(Notification.person_id), col(Notification.thread), col(Notification.id))
        .where(
            on.among(col(Notification.person_id), "people"),
            on.among(col(Notification.thread), "threads"),
            col(Notification.read_at).is_(None),
            col(Notification.withdrawn_at).is_(None),
        )
        .order_by(col(Notification.person_id), col(Notification.id))
        .with_for_update()
    )
)
_LIVE: Prepared[Any] = Prepared(
    lambda on: (
        select(NotificationCause)
        .where(on.among(col(NotificationCause.cause), "sources"), col(NotificationCause.withdrawn).is_(False))
        .order_by(col(NotificationCause.cause), col(NotificationCause.person_id))
        .limit(bindparam("most"))
    )
)
_LINES = Prepared(
    lambda on: (
        select(Notification)
        .where(on.among(col(Notification.id), "ids"))
        .order_by(col(Notification.person_id), col(Notification.id))
        .with_for_update()
    )
)
_AUDIENCE: Prepared[Any] = Prepared(
    select(col(Member.id), col(Member.person_id), col(Member.roles), col(Member.cohort_id), col(Person.department_code))
    .join(Person, col(Person.id) == col(Member.person_id))
    .where(
        col(Member.community_id) == bindparam("community_id"),
        or_(
            col(Member.status).in_(("active", "muted")),
            and_(col(Member.status) == "suspended", col(Member.status_until) <= _now),
        ),
        col(Person.status) == "active",
        col(Member.id) > bindparam("after"),
    )
    .order_by(col(Member.id))
    .limit(bindparam("most"))
)
_BELOW: Prepared[Any] = Prepared(below(bindparam("code")))


async def recipients(session: AsyncSession, members: Collection[UUID], now: datetime) -> dict[UUID, Recipient]:
    """These members as they stand now, of those who are active people."""
    if not members:
        return {}
    rows = await _RECIPIENTS.all(session, ids=sorted(members))
    return {
        row.id: Recipient(row.person_id, row.id, status_at(row.status, row.status_until, row.then_muted_until, now))
        for row in rows
    }


async def people(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Recipient]:
    """These people, of those who are active."""
    return {one: Recipient(one) for one in await _PEOPLE.all(session, ids=sorted(ids))} if ids else {}


@dataclass(frozen=True, slots=True)
class NamedThing:
    """What a thing is called, as far as that is known, and in which group it stands."""

    title: str | None
    group_id: UUID | None


async def named(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, NamedThing]:
    """What is known of these things."""
    rows = await _NAMED.all(session, ids=sorted(set(ids))) if ids else []
    return {row.id: NamedThing(row.title, row.group_id) for row in rows}


async def belonging(
    session: AsyncSession, groups: Collection[UUID], members: Collection[UUID]
) -> set[tuple[UUID, UUID]]:
    """Of these groups and members, who belongs where; nothing is asked where there are no groups."""
    if not groups or not members:
        return set()
    rows = await _BELONGING.all(session, groups=sorted(groups), members=sorted(members))
    return {(row.group_id, row.member_id) for row in rows}


async def owners(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, UUID]:
    """The members whose these things are."""
    return {row.id: row.owner_id for row in await _OWNERS.all(session, ids=sorted(set(ids)))} if ids else {}


async def versions_of_things(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, int]:
    """In which version these things are known."""
    return {row.id: row.version for row in await _VERSIONS.all(session, ids=sorted(ids))}


async def followers(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, list[UUID]]:
    """Who follows these things."""
    found: dict[UUID, list[UUID]] = {}
    for row in await _FOLLOWERS.all(session, ids=sorted(set(ids))) if ids else []:
        found.setdefault(row.thing_id, []).append(row.member_id)
    return found


async def how_many_follow(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, int]:
    """How many follow each of these things."""
    rows = await _HOW_MANY_FOLLOW.all(session, ids=sorted(ids)) if ids else []
    return {row.thing_id: row.followers for row in rows}


async def next_followers(session: AsyncSession, thing_id: UUID, after: UUID, most: int) -> list[UUID]:
    """The next members who follow a thing, in the order of their ids."""
    return list(await _NEXT_FOLLOWERS.all(session, thing_id=thing_id, after=after, most=most))


async def versions_of_followers(session: AsyncSession, ids: Collection[UUID]) -> dict[tuple[UUID, UUID], int]:
    """In which version it is known who follows these things."""
    return {(row.thing_id, row.member_id): row.version for row in await _FOLLOWED.all(session, ids=sorted(ids))}


_DAYS: Prepared[Any] = Prepared(
    lambda on: select(col(Community.id), col(Community.time_zone), col(Community.day_starts_at)).where(
        on.among(col(Community.id), "ids")
    )
)


async def days(session: AsyncSession, ids: Collection[UUID]) -> list[Any]:
    """By which clock, and at what time, the days of these communities begin."""
    return await _DAYS.all(session, ids=sorted(ids))


async def sources(session: AsyncSession, names: Iterable[str]) -> dict[str, tuple[int, bool]]:
    """What is known of these sources, locked."""
    return {row.source: (row.version, row.live) for row in await _SOURCES.all(session, sources=sorted(names))}


async def said_by(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, dict[tuple[str, str], str]]:
    """What these people want differently from what is usual, by category and channel."""
    found: dict[UUID, dict[tuple[str, str], str]] = {}
    for row in await _SAID.all(session, people=list(ids)):
        found.setdefault(row.person_id, {})[row.category, row.channel] = row.setting
    return found


async def known_causes(session: AsyncSession, ids: Collection[UUID], causes: Collection[str]) -> set[tuple[UUID, str]]:
    """What these people were told already."""
    rows = await _KNOWN.all(session, people=list(ids), causes=sorted(causes))
    return {(row.person_id, row.cause) for row in rows}


async def open_lines(
    session: AsyncSession, ids: Collection[UUID], threads: Collection[str]
) -> dict[tuple[UUID, str], UUID]:
    """The lines of these people and threads that are not read, locked."""
    if not ids:
        return {}
    rows = await _OPEN.all(session, people=sorted(set(ids)), threads=sorted(threads))
    return {(row.person_id, row.thread): row.id for row in rows}


async def live_causes(session: AsyncSession, names: Collection[str], most: int) -> list[Any]:
    """What people were told of these and was not withdrawn, up to `most`."""
    return await _LIVE.all(session, sources=sorted(names), most=most)


async def lines(session: AsyncSession, ids: Collection[UUID]) -> list[Notification]:
    """These lines, locked, to change."""
    return await _LINES.load(session, again=True, ids=list(ids))


async def audience(session: AsyncSession, community_id: UUID, after: UUID, most: int, now: datetime) -> list[Any]:
    """The next members of a community who take part, in the order of their ids."""
    return await _AUDIENCE.all(session, community_id=community_id, after=after, most=most, now=now)


async def departments_below(session: AsyncSession, codes: Collection[str]) -> set[str]:
    """These departments and all below them."""
    return {found for code in codes for found in await _BELOW.all(session, code=code)}


_WITHDRAWN: Prepared[Any] = Prepared(
    lambda on: (
        select(NotificationCause)
        .where(on.among(col(NotificationCause.cause), "sources"), col(NotificationCause.withdrawn).is_(True))
        .order_by(col(NotificationCause.cause), col(NotificationCause.person_id))
        .limit(bindparam("most"))
    )
)


async def withdrawn_causes(session: AsyncSession, names: Collection[str], most: int) -> list[Any]:
    """What people were told of these and was withdrawn, up to `most`."""
    return await _WITHDRAWN.all(session, sources=sorted(names), most=most)
