"""What messages make of learning records. Whatever their order, and however often they come, the same records are the end of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.messaging.handlers import Received
from chassis.messaging.outbox import Outgoing, emit_many
from contracts.analytics import LearningRecorded, LearningRevoked
from contracts.events import ActivityCancelled, AttendanceRevoked
from contracts.fields import ObjectReference
from services.analytics.facts.dimensions import lock_communities
from services.analytics.facts.newest import keep_newest
from services.analytics.learning import store
from services.analytics.learning.rules import Learned, learned
from services.analytics.learning.store import Pair, Row

Messages = Sequence[Received[Any]]
TOLD = ("person_id", "hours", "taught_hours", "share", "minutes", "at", "undone")
NOTHING = {"hours": 0.0, "taught_hours": 0.0, "share": 0.0, "minutes": 0, "undone": True}


async def activities_told(session: AsyncSession, messages: Messages) -> None:
    """Keep what activities are; what people have of them follows."""
    await _locked(session, messages)
    causes = {message.data.activity_id: message for message in messages}
    before = await store.held(session, causes)
    await keep_newest(session, store.ACTIVITIES, map(_activity, messages))
    after = await store.held(session, causes)
    # Most of what is told of an activity, such as its title, changes nothing of this.
    await _record(session, {key: causes[key] for key, one in after.items() if before.get(key) != one})


async def attendances_told(session: AsyncSession, messages: Messages) -> None:
    """Keep who was where; what they have of it follows."""
    await _locked(session, messages)
    await keep_newest(session, store.ATTENDANCES, map(_attendance, messages))
    pairs = {(message.data.activity_id, message.data.member_id): message for message in messages}
    await _record(session, {activity_id: message for (activity_id, _), message in pairs.items()}, pairs)


async def members_told(session: AsyncSession, messages: Messages) -> None:
    """Of whom something is recorded becomes known: now it is told."""
    await _locked(session, messages)
    causes = {message.data.member_id: message for message in messages}
    rows = await store.nameless(session, causes)
    for row in rows:
        row["person_id"] = causes[row["member_id"]].data.person_id
    await _write(session, [(row, causes[row["member_id"]]) for row in rows])


async def _locked(session: AsyncSession, messages: Messages) -> None:
    """Messages about one community one after the other: an attendance and who that was must not miss each other."""
    await lock_communities(session, {message.data.community_id for message in messages})


async def _record(
    session: AsyncSession, causes: Mapping[UUID, Received[Any]], only: Mapping[Pair, Received[Any]] | None = None
) -> None:
    """See what people have of these activities now: all of them, or these alone."""
    if not causes:
        return
    held, attended = await store.held(session, causes), await store.attended(session, causes)
    kept = await store.records_of(session, causes)
    concerned = sorted(only if only is not None else {*attended, *kept})
    people = await store.persons(session, {member_id for _, member_id in concerned})
    changed = []
    for pair in concerned:
        cause = only[pair] if only is not None else causes[pair[0]]
        now, before = learned(held.get(pair[0]), attended.get(pair, ())), kept.get(pair)
        if now is None and before is None:
            continue
        row = _row(pair, now, before, cause.data.community_id, people.get(pair[1]))
        if before is None or any(row[name] != before[name] for name in TOLD):
            changed.append((row, cause))
    await _write(session, changed)


def _row(pair: Pair, now: Learned | None, before: Row | None, community_id: UUID, person_id: UUID | None) -> Row:
    fresh: Row = {
        "id": store.record_id(pair),
        "community_id": community_id,
        "activity_id": pair[0],
        "member_id": pair[1],
        "messages_published": 0,
    }
    row = fresh if before is None else dict(before)
    says = NOTHING if now is None else asdict(now) | {"undone": False}
    return row | says | {"person_id": person_id or row.get("person_id")}


async def _write(session: AsyncSession, changed: Iterable[tuple[Row, Received[Any]]]) -> None:
    """Write records and tell of them; of somebody who is not known yet nothing is told."""
    rows, messages = [], []
    for row, cause in changed:
        # What was undone before anybody heard of it is told to nobody.
        if row["person_id"] is not None and (row["messages_published"] or not row["undone"]):
            row["messages_published"] += 1
            messages.append(Outgoing(_told(row), row["messages_published"], cause.occurred_at, cause))
        rows.append(row)
    await store.write(session, rows)
    await emit_many(session, messages)


def _told(row: Row) -> LearningRecorded | LearningRevoked:
    who = {
        "community_id": row["community_id"],
        "record_id": row["id"],
        "member_id": row["member_id"],
        "person_id": row["person_id"],
        "source": ObjectReference(kind="activity", id=row["activity_id"]),
    }
    if row["undone"]:
        return LearningRevoked(**who)
    return LearningRecorded(
        **who, hours=row["hours"], taught_hours=row["taught_hours"], share=row["share"], learned_at=row["at"]
    )


def _activity(message: Received[Any]) -> Row:
    data = message.data
    return {
        "id": data.activity_id,
        "community_id": data.community_id,
        "version": message.version,
        "title": data.title,
        "starts_at": data.starts_at,
        "ends_at": data.ends_at,
        "hours": data.hours,
        "cancelled": isinstance(data, ActivityCancelled),
    }


def _attendance(message: Received[Any]) -> Row:
    data, revoked = message.data, isinstance(message.data, AttendanceRevoked)
    return {
        "id": data.attendance_id,
        "community_id": data.community_id,
        "activity_id": data.activity_id,
        "member_id": data.member_id,
        "version": message.version,
        "revoked": revoked,
        "role": None if revoked else data.role,
        "extent": None if revoked else data.extent,
        "minutes": None if revoked else data.minutes,
        "hours": None if revoked else data.hours,
        "at": message.occurred_at,
    }
