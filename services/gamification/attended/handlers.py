"""Integration events in: activities, who was there, and who that is."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Table, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import merge_many
from chassis.database.context import moment_of
from chassis.database.statements import Prepared
from chassis.messaging.handlers import Handlers, Received
from contracts import events
from contracts.membership import MEMBER_STATES
from services.gamification.attended.models import ActivityAttendance, AttendedActivity
from services.gamification.attended.occasions import AttendancesTold, attendances_told

handlers = Handlers()

_ACTIVITIES: Table = AttendedActivity.__table__  # type: ignore[attr-defined]
_ATTENDANCES: Table = ActivityAttendance.__table__  # type: ignore[attr-defined]
_AT: Prepared[Any] = Prepared(lambda on: select(_ATTENDANCES.c.id).where(on.among(_ATTENDANCES.c.activity_id, "ids")))
_BY: Prepared[Any] = Prepared(lambda on: select(_ATTENDANCES.c.id).where(on.among(_ATTENDANCES.c.member_id, "ids")))
_KNOWN: Prepared[Any] = Prepared(lambda on: select(_ACTIVITIES.c.id).where(on.among(_ACTIVITIES.c.id, "ids")))


@handlers.on(
    events.ActivityAnnounced,
    events.ActivityUpdated,
    events.ActivityMoved,
    events.ActivityCancelled,
    events.ActivityCompleted,
)
async def know_activities(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """What activities are called, and how many hours they give."""
    ids = {message.data.activity_id for message in messages}
    known = set(await _KNOWN.all(session, ids=list(ids)))
    await _keep_newest(session, _ACTIVITIES, map(_activity, messages))
    if new := ids - known:
        # Who was there may have been told first.
        await _tell(session, messages, await _AT.all(session, ids=list(new)))


@handlers.on(events.AttendanceRecorded, events.AttendanceRevoked, counts_deeds=True)
async def know_attendances(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """Who was there, and who was not after all."""
    await _keep_newest(session, _ATTENDANCES, map(_attendance, messages))
    await _tell(session, messages, [message.data.attendance_id for message in messages])


@handlers.on(*MEMBER_STATES)
async def know_who_was_there(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """Who it was may become known after where they were."""
    await _tell(session, messages, await _BY.all(session, ids=list({message.data.member_id for message in messages})))


async def _tell(session: AsyncSession, messages: Sequence[Received[Any]], ids: Sequence[UUID]) -> None:
    if ids:
        communities = {message.data.community_id for message in messages}
        await attendances_told.happened(session, AttendancesTold(list(set(ids)), communities, moment_of(session)))


def _activity(message: Received[Any]) -> dict[str, Any]:
    data = message.data
    return {
        "id": data.activity_id,
        "community_id": data.community_id,
        "version": message.version,
        "kind": data.kind,
        "series_id": data.series_id,
        "title": data.title,
        "starts_at": data.starts_at,
        "time_zone": data.time_zone,
        "hours": data.hours,
    }


def _attendance(message: Received[Any]) -> dict[str, Any]:
    data = message.data
    revoked = isinstance(data, events.AttendanceRevoked)
    return {
        "id": data.attendance_id,
        "community_id": data.community_id,
        "activity_id": data.activity_id,
        "member_id": data.member_id,
        "version": message.version,
        "revoked": revoked,
        "role": None if revoked else data.role,
        "extent": None if revoked else data.extent,
        "hours": None if revoked else data.hours,
        "at": message.occurred_at,
    }


def _newest(table: Table, added: Any, names: Sequence[str]) -> Any:
    said = {name: added.excluded[name] for name in names if name != "id"}
    return added.on_conflict_do_update(
        index_elements=[table.c.id], set_=said, where=added.excluded.version > table.c.version
    )


async def _keep_newest(session: AsyncSession, table: Table, rows: Iterable[dict[str, Any]]) -> None:
    kept: dict[UUID, dict[str, Any]] = {}
    for row in rows:
        if row["id"] not in kept or row["version"] > kept[row["id"]]["version"]:
            kept[row["id"]] = row
    await merge_many(session, table, [kept[one] for one in sorted(kept)], _newest)
