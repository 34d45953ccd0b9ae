"""Writing inboxes: what messages mean is carried out for all of a batch together, a few statements for each kind of step."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Table
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import insert_many, upsert_many
from chassis.days import local_day
from chassis.ids import new_id
from chassis.timers import schedule
from services.membership.notifications import queries, receipts
from services.membership.notifications.models import (
    Notification,
    NotificationCause,
    NotificationFollower,
    NotificationRound,
    NotificationSource,
    NotificationThing,
)
from services.membership.notifications.occasions import Notified, notified
from services.membership.notifications.queries import NamedThing, Recipient
from services.membership.notifications.rules import CHUNK, FEW, TOGETHER, Follow, Holds, Know, Step, Tell, setting_of
from services.membership.notifications.settling import bring_back, changed, settle, withdraw, withdraw_causes
from services.membership.notifications.templates import template_of
from services.membership.notifications.written import written_down

ROUND = "notifications.round"
TEMPLATE_VERSION = 1
FORMER_TOLD = ("active", "muted")

_LINES: Table = Notification.__table__  # type: ignore[attr-defined]
_CAUSES: Table = NotificationCause.__table__  # type: ignore[attr-defined]
_SOURCES: Table = NotificationSource.__table__  # type: ignore[attr-defined]
_THINGS: Table = NotificationThing.__table__  # type: ignore[attr-defined]
_FOLLOWERS: Table = NotificationFollower.__table__  # type: ignore[attr-defined]


async def carry_out(session: AsyncSession, steps: Sequence[Step], now: datetime) -> None:
    """Do what the messages of a batch mean; it may come twice, and in any order."""
    await _know(session, [step for step in steps if isinstance(step, Know)], now)
    await _follow(session, [step for step in steps if isinstance(step, Follow)])
    tellings = [step for step in steps if isinstance(step, Tell) and (step.lapses_at is None or step.lapses_at > now)]
    holding = [step for step in steps if isinstance(step, Holds)]
    if not tellings and not holding:
        return
    before, newest = await _decide(session, tellings, holding, now)
    over = {source for source, (_, live) in newest.items() if not live}
    replaced = {cause for one in holding if one.replaced and one.source in over for cause in one.causes}
    await withdraw(session, over | replaced, now)
    back = [source for source, (_, live) in newest.items() if live and not before.get(source, (0, True))[1]]
    await bring_back(session, back, now)
    told = [one for one in tellings if _is_current(one, newest)]
    for one in told:
        if one.audience is not None:
            await _begin_round(session, [one], now)
    await tell(session, await _some(session, [one for one in told if one.audience is None], now), now)
    await _take_back(session, [one for one in told if one.members], now)
    # What was withdrawn before it was told may come back.
    unseen = [one for one in tellings if not newest[one.source][1] and one.audience is None and not one.replaces]
    await tell(session, await _some(session, unseen, now), now, withdrawn=True)


async def _take_back(session: AsyncSession, tellings: Sequence[Tell], now: datetime) -> None:
    """Withdraw what a later message replaces from those whom it does not tell: they did it themselves, or it is another's now."""
    earlier = {cause: one.source for one in tellings for cause in one.earlier}
    if not earlier:
        return
    current = await queries.live_causes(session, {one.cause for one in tellings}, CHUNK)
    told = {(row.person_id, row.cause.rpartition(":")[0]) for row in current}
    before = await queries.live_causes(session, earlier, CHUNK)
    await withdraw_causes(session, [row for row in before if (row.person_id, earlier[row.cause]) not in told], now)


def _is_current(one: Tell, newest: Mapping[str, tuple[int, bool]]) -> bool:
    version, live = newest[one.source]
    return live and (not one.replaces or one.version >= version)


async def _some(session: AsyncSession, tellings: Sequence[Tell], now: datetime) -> list[Tell]:
    """What may be told at once; what makes it too many for one transaction is left to rounds, that of the same followers together."""
    following = await queries.how_many_follow(session, {one.followers_of for one in tellings if one.followers_of})
    room, some, later = CHUNK, [], dict[Any, list[Tell]]()
    for one in tellings:
        many = len(one.members) + (following.get(one.followers_of, 0) if one.followers_of else 0)
        if many <= max(1, room) or (many <= FEW and room > -CHUNK):
            room -= many
            some.append(one)
        else:
            later.setdefault(one.followers_of or one.cause, []).append(one)
    for together in later.values():
        for begin in range(0, len(together), TOGETHER):
            await _begin_round(session, together[begin : begin + TOGETHER], now)
    return some


async def tell(session: AsyncSession, tellings: Sequence[Tell], now: datetime, *, withdrawn: bool = False) -> None:
    """Tell each to whom it concerns; what is `withdrawn` already they do not see."""
    if not tellings:
        return
    tellings = await _by_day(session, tellings)
    who = await _recipients(session, tellings, now)
    titles = await queries.named(session, [one.title_of for one in tellings if one.title_of is not None])
    wanted: dict[tuple[UUID, str], tuple[Tell, Recipient]] = {}
    for one in tellings:
        for recipient in who[id(one)]:
            if concerns(one, recipient):
                wanted.setdefault((recipient.person_id, one.cause), (one, recipient))
    await deliver(session, list(wanted.values()), titles, now, withdrawn=withdrawn)


async def _by_day(session: AsyncSession, tellings: Sequence[Tell]) -> Sequence[Tell]:
    """The same, each in the thread of its day where its kind has one for each."""
    wanted = {one.community_id for one in tellings if one.daily and one.community_id is not None}
    if not wanted:
        return tellings
    days = {row.id: row for row in await queries.days(session, wanted)}

    def threaded(one: Tell) -> Tell:
        if not one.daily or one.community_id not in days:
            return one
        place = days[one.community_id]
        day = local_day(one.at, time_zone=place.time_zone, day_starts_at=place.day_starts_at)
        return replace(one, thread=f"{one.thread}:{day}")

    return [threaded(one) for one in tellings]


def concerns(one: Tell, recipient: Recipient) -> bool:
    """Whether somebody is told who is among those: not of what they did themselves."""
    if one.unless_by == f"person:{recipient.person_id}":
        return False
    return one.actor_id is None or recipient.member_id != one.actor_id


async def deliver(
    session: AsyncSession,
    wanted: Sequence[tuple[Tell, Recipient]],
    titles: Mapping[UUID, NamedThing],
    now: datetime,
    *,
    withdrawn: bool = False,
) -> None:
    """Write lines for these people, or add to those that they have not read; some hundreds at a time. Of a group its members alone are told."""
    wanted = await _in_groups(session, wanted, titles)
    people = sorted({recipient.person_id for _, recipient in wanted})
    said = await queries.said_by(session, people)
    wanted = [
        (one, recipient)
        for one, recipient in wanted
        if setting_of(template_of(one.template).category, "inbox", said.get(recipient.person_id, {})) != "off"
    ]
    known = await queries.known_causes(session, people, {one.cause for one, _ in wanted})
    wanted = [each for each in wanted if (each[1].person_id, each[0].cause) not in known]
    if not wanted:
        return
    # In one order, or two that tell the same people would wait for each other.
    wanted.sort(key=lambda each: (each[1].person_id, each[0].thread, each[0].at))
    opened = await queries.open_lines(session, people, {one.thread for one, _ in wanted})
    fresh: dict[tuple[UUID, str], dict[str, Any]] = {}
    causes = []
    touched: dict[UUID, Tell] = {}
    for one, recipient in wanted:
        where = (recipient.person_id, one.thread)
        line = opened.get(where)
        if line is None:
            line = fresh[where]["id"] if where in fresh else new_id()
            fresh[where] = _line(one, recipient, line, titles, fresh.get(where))
            fresh[where]["withdrawn_at"] = now if withdrawn else None
        else:
            touched[line] = one
        causes.append(
            {
                "person_id": recipient.person_id,
                "cause": one.cause,
                "notification_id": line,
                "actor_id": one.actor_id,
                "told_at": one.at,
                "withdrawn": withdrawn,
            }
        )
    await insert_many(session, _LINES, list(fresh.values()))
    await insert_many(session, _CAUSES, causes)
    if withdrawn:
        return
    await receipts.replace(session, [line for line, one in touched.items() if one.replaces])
    await receipts.wait_for(session, [(*each, _line_of(*each, fresh, opened)) for each in wanted], now)
    several = {line["id"] for line in fresh.values() if line["count"] > 1}
    lines = await settle(
        session, touched.keys() | several, now, replacing={line: _said(one, titles) for line, one in touched.items()}
    )
    await changed(session, {line["person_id"]: line["id"] for line in fresh.values()} | lines, "told", now)
    await notified.happened(session, _noticed(wanted, fresh, opened, titles))
    awaited = {_line_of(*each, fresh, opened) for each in wanted if each[0].awaited is not None}
    await receipts.say_who_is_unreachable(session, awaited, now)


async def _in_groups(
    session: AsyncSession, wanted: Sequence[tuple[Tell, Recipient]], titles: Mapping[UUID, NamedThing]
) -> Sequence[tuple[Tell, Recipient]]:
    groups = {id(one): _group_of(one, titles) for one, _ in wanted}
    members = {recipient.member_id for one, recipient in wanted if groups[id(one)] is not None and recipient.member_id}
    pairs = await queries.belonging(session, {one for one in groups.values() if one is not None}, members)

    def told(one: Tell, recipient: Recipient) -> bool:
        group_id = groups[id(one)]
        return group_id is None or (group_id, recipient.member_id) in pairs

    return [each for each in wanted if told(*each)]


def _group_of(one: Tell, titles: Mapping[UUID, NamedThing]) -> UUID | None:
    thing = titles.get(one.title_of) if one.title_of is not None else None
    return one.group_id or (thing.group_id if thing is not None else None)


def _line_of(
    one: Tell,
    recipient: Recipient,
    fresh: Mapping[tuple[UUID, str], Mapping[str, Any]],
    opened: Mapping[tuple[UUID, str], UUID],
) -> UUID:
    where = (recipient.person_id, one.thread)
    line: UUID = opened.get(where) or fresh[where]["id"]
    return line


def _said(one: Tell, titles: Mapping[UUID, NamedThing]) -> dict[str, Any]:
    params = {**one.params}
    thing = titles.get(one.title_of) if one.title_of is not None else None
    if thing is not None and thing.title is not None:
        # What the message says itself was so when it happened.
        params.setdefault("title", thing.title)
    if one.actor_id is not None:
        params["who"] = str(one.actor_id)
    template = template_of(one.template)
    return {
        "template": one.template,
        "template_version": TEMPLATE_VERSION,
        "category": template.category,
        "critical": template.critical,
        "params": params,
        "replaces": one.replaces,
        "told_at": one.at,
    }


def _line(
    one: Tell, recipient: Recipient, line_id: UUID, titles: Mapping[UUID, NamedThing], before: dict[str, Any] | None
) -> dict[str, Any]:
    said = _said(one, titles)
    replaces = said.pop("replaces")
    kind, thing_id = one.about or (None, None)
    return {
        "id": line_id,
        "person_id": recipient.person_id,
        "community_id": one.community_id,
        "thread": one.thread,
        "object_kind": kind,
        "object_id": thing_id,
        "group_id": _group_of(one, titles),
        "count": 1 if before is None or replaces else before["count"] + 1,
        "created_at": one.at if before is None else before["created_at"],
        **said,
    }


def _noticed(
    wanted: Sequence[tuple[Tell, Recipient]],
    fresh: Mapping[tuple[UUID, str], Mapping[str, Any]],
    opened: Mapping[tuple[UUID, str], UUID],
    titles: Mapping[UUID, NamedThing],
) -> list[Notified]:
    found: dict[UUID, Notified] = {}
    for one, recipient in wanted:
        line = _line_of(one, recipient, fresh, opened)
        template = template_of(one.template)
        found[line] = Notified(
            notification_id=line,
            person_id=recipient.person_id,
            community_id=one.community_id,
            category=template.category,
            critical=template.critical,
            thread=one.thread,
            template=one.template,
            template_version=TEMPLATE_VERSION,
            params=_said(one, titles)["params"],
            at=one.at,
            until=one.lapses_at or _until(one),
            news=one.news,
        )
    return list(found.values())


def _until(one: Tell) -> datetime | None:
    until = one.params.get("until")
    return datetime.fromisoformat(until) if until else None


async def _recipients(session: AsyncSession, tellings: Sequence[Tell], now: datetime) -> dict[int, list[Recipient]]:
    owners = await queries.owners(session, [one.owner_of for one in tellings if one.owner_of is not None])
    followers = await queries.followers(session, [one.followers_of for one in tellings if one.followers_of is not None])
    members: dict[int, list[UUID]] = {}
    for one in tellings:
        named = list(one.members)
        if one.owner_of is not None and one.owner_of in owners:
            named.append(owners[one.owner_of])
        if one.followers_of is not None:
            named += followers.get(one.followers_of, [])
        members[id(one)] = named
    wanted = {member_id for named in members.values() for member_id in named}
    found = await queries.recipients(session, wanted, now)
    people = await queries.people(session, {person for one in tellings for person in one.people})
    return {
        id(one): [
            found[member_id]
            for member_id in members[id(one)]
            if member_id in found and (one.former or found[member_id].status in FORMER_TOLD)
        ]
        + [people[person] for person in one.people if person in people]
        for one in tellings
    }


async def _decide(
    session: AsyncSession, tellings: Iterable[Tell], holding: Iterable[Holds], now: datetime
) -> tuple[Mapping[str, tuple[int, bool]], Mapping[str, tuple[int, bool]]]:
    """By source, the newest version and whether it holds: as it was known, and as it is now, which is kept for what comes later."""
    said: dict[str, tuple[int, bool]] = {}
    steps = [(one.source, one.version, True) for one in tellings]
    steps += [(one.source, one.version, one.live) for one in holding]
    for source, version, live in steps:
        if source not in said or version > said[source][0]:
            said[source] = (version, live)
    before = await queries.sources(session, said)
    for source, (version, live) in before.items():
        if version > said[source][0] or (version == said[source][0] and not live):
            said[source] = (version, live)
    rows = [
        {"source": source, "version": version, "live": live, "at": now}
        for source, (version, live) in sorted(said.items())
        if before.get(source) != (version, live)
    ]
    await upsert_many(session, _SOURCES, rows, key=["source"], update=["version", "live", "at"])
    return before, said


async def _know(session: AsyncSession, known: Sequence[Know], now: datetime) -> None:
    newest: dict[UUID, Know] = {}
    for one in known:
        if one.id not in newest or newest[one.id].version <= one.version:
            newest[one.id] = one
    before = await queries.versions_of_things(session, newest) if newest else {}
    rows = [asdict(one) | {"known_at": now} for one in newest.values() if before.get(one.id, 0) <= one.version]
    rows.sort(key=lambda row: row["id"])
    update = ["title", "owner_id", "group_id", "version", "known_at"]
    await upsert_many(session, _THINGS, rows, key=["id"], update=update)


async def _follow(session: AsyncSession, follows: Sequence[Follow]) -> None:
    newest: dict[tuple[UUID, UUID], Follow] = {}
    for one in follows:
        where = (one.thing_id, one.member_id)
        if where not in newest or newest[where].version <= one.version:
            newest[where] = one
    before = await queries.versions_of_followers(session, {thing for thing, _ in newest}) if newest else {}
    rows = [asdict(one) for where, one in sorted(newest.items()) if before.get(where, 0) <= one.version]
    await upsert_many(session, _FOLLOWERS, rows, key=["thing_id", "member_id"], update=["following", "version"])


async def _begin_round(session: AsyncSession, tellings: Sequence[Tell], now: datetime) -> None:
    """Many are told some hundreds at a time, by a timer that waits its turn each time."""
    row = NotificationRound(telling={"several": [written_down(one) for one in tellings]}, created_at=now)
    session.add(row)
    await session.flush()
    await schedule(session, ROUND, row.id, now)
