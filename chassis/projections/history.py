"""What was so of communities and members at a moment: written by message handlers alone, read with `chassis.moments`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import insert_new
from chassis.database.statements import Prepared
from chassis.moments import NO_CALENDARS, Calendar, Calendars, StatusChange
from chassis.projections.tables import HistoryTables, history_of


@dataclass(frozen=True)
class _Statements:
    """What is asked of one service's history."""

    statuses: Prepared[Any]
    first_versions: Prepared[Any]
    calendars: Prepared[Any]


@lru_cache(maxsize=64)
def _statements(history: HistoryTables) -> _Statements:
    said, days = history.statuses, history.calendars
    return _Statements(
        statuses=Prepared(
            lambda on: (
                select(said.c.member_id, said.c.at, said.c.status, said.c.until)
                .where(on.among(said.c.member_id, "ids"))
                .order_by(said.c.member_id, said.c.version)
            )
        ),
        first_versions=Prepared(
            lambda on: (
                select(said.c.member_id, func.min(said.c.version))
                .where(on.among(said.c.member_id, "ids"))
                .group_by(said.c.member_id)
            )
        ),
        calendars=Prepared(
            lambda on: (
                select(days.c.community_id, days.c.at, days.c.time_zone, days.c.day_starts_at)
                .where(on.among(days.c.community_id, "ids"))
                .order_by(days.c.community_id, days.c.version)
            )
        ),
    )


_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


async def statuses_of(session: AsyncSession, member_ids: Iterable[UUID]) -> dict[UUID, list[StatusChange]]:
    """What each member was from when on, in the order in which it was decided."""
    rows = await _statements(history_of(session)).statuses.all(session, ids=list(member_ids))
    found: dict[UUID, list[StatusChange]] = {}
    for member_id, at, status, until in rows:
        found.setdefault(member_id, []).append(StatusChange(at, status, until))
    return found


async def keep_statuses(session: AsyncSession, messages: Sequence[Any]) -> None:
    """`member.joined`, `.status_changed`, `.left` and their snapshot; other messages about members tell no new status.

    A snapshot says nothing of when: who is first known by one has been an active member since joining, and what they are now
    since then, too, where that is something else.
    """
    telling = [message for message in messages if _step(message) in _TELLING]
    if not telling:
        return
    first = await _first_versions(session, {message.data.member_id for message in telling})
    rows: dict[tuple[UUID, int], dict[str, Any]] = {}
    for message in telling:
        data, step, at, version = message.data, _step(message), message.occurred_at, message.version
        is_first = version <= first.get(data.member_id, version)
        if is_first and step in {"joined", "snapshot"}:
            at = data.joined_at if step == "snapshot" else min(at, data.joined_at)
        told = _status(data.member_id, version, at, data.status, data.status_until)
        if step == "snapshot":
            first[data.member_id] = 0
            rows.setdefault((data.member_id, 0), _status(data.member_id, 0, data.joined_at, "active", None))
            if data.status != "active":
                rows.setdefault((data.member_id, version), told)
        else:
            first[data.member_id] = min(first.get(data.member_id, version), version)
            rows[data.member_id, version] = told
    statuses = history_of(session).statuses
    await insert_new(session, statuses, [rows[key] for key in sorted(rows)], key=["member_id", "version"])


async def _first_versions(session: AsyncSession, member_ids: Iterable[UUID]) -> dict[UUID, int]:
    """The first message that told a status of each of these members, of those that are known by one."""
    return dict(await _statements(history_of(session)).first_versions.all(session, ids=list(member_ids)))


async def calendars_of(session: AsyncSession, community_ids: Iterable[UUID]) -> dict[UUID, Calendars]:
    """The calendars of each community; one not yet heard of has days in UTC until it is."""
    ids = list(community_ids)
    rows = await _statements(history_of(session)).calendars.all(session, ids=ids)
    found: dict[UUID, list[Calendar]] = {}
    for community_id, at, time_zone, day_starts_at in rows:
        found.setdefault(community_id, []).append(Calendar(at, time_zone, day_starts_at))
    return dict.fromkeys(ids, NO_CALENDARS) | {
        community_id: Calendars(tuple(versions)) for community_id, versions in found.items()
    }


async def days_moved_by(session: AsyncSession, messages: Sequence[Any]) -> dict[UUID, datetime]:
    """The communities whose days are others once these messages about communities are kept, and from when on."""
    before = await calendars_of(session, {message.data.community_id for message in messages})
    moved: dict[UUID, datetime] = {}
    for message in messages:
        data, calendars = message.data, before[message.data.community_id]
        then = calendars.at(message.occurred_at)
        if not calendars.versions or (then.time_zone, then.day_starts_at) != (data.time_zone, data.day_starts_at):
            # What was before the first calendar is in the days of the first.
            is_first = message.occurred_at < min((one.at for one in calendars.versions), default=_LAST)
            begins = _FIRST if is_first else message.occurred_at
            moved[data.community_id] = min(begins, moved.get(data.community_id, begins))
    return moved


async def keep_calendars(session: AsyncSession, messages: Sequence[Any]) -> None:
    """Every message that carries the state of a community."""
    rows = {
        (message.data.community_id, message.version): {
            "community_id": message.data.community_id,
            "version": message.version,
            "at": message.occurred_at,
            "time_zone": message.data.time_zone,
            "day_starts_at": message.data.day_starts_at,
        }
        for message in messages
    }
    calendars = history_of(session).calendars
    await insert_new(session, calendars, [rows[key] for key in sorted(rows)], key=["community_id", "version"])


_TELLING = frozenset({"joined", "status_changed", "left", "snapshot"})


def _step(message: Any) -> str:
    """What happened, out of the type: `joined` of `qunxue.membership.member.joined.v1`."""
    step: str = message.type.split(".")[-2]
    return step


def _status(member_id: UUID, version: int, at: datetime, status: str, until: datetime | None) -> dict[str, Any]:
    return {"member_id": member_id, "version": version, "at": at, "status": status, "until": until}
