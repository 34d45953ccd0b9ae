"""Keeping what members did, where a rule in force counts it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Table, case, func, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.bulk import merge_many
from chassis.database.statements import Prepared
from chassis.messaging.envelope import Received
from contracts.base import IntegrationEvent
from contracts.content import (
    DiscussionRemoved,
    DiscussionRestored,
    DiscussionStarted,
    ReplyPosted,
    ReplyRemoved,
    ReplyRestored,
)
from contracts.events import AttendanceRecorded, AttendanceRevoked
from contracts.gamification import CheckinRecorded
from services.membership.communities.models import Community
from services.membership.measures.models import MeasuredDeed, RuleMeasure
from services.membership.measures.rules import KEPT, METRICS, Heard, Place, folded

_DEEDS: Table = MeasuredDeed.__table__  # type: ignore[attr-defined]

_COUNTED: Prepared[Any] = Prepared(
    lambda on: (
        select(
            col(RuleMeasure.community_id),
            col(RuleMeasure.metric),
            col(Community.time_zone),
            col(Community.day_starts_at),
        )
        .join(Community, col(Community.id) == col(RuleMeasure.community_id))
        .where(on.among(col(RuleMeasure.community_id), "ids"))
    )
)


async def count(session: AsyncSession, messages: Sequence[Received[Any]], now: datetime) -> None:
    """Keep what these messages say of deeds that a rule counts: a statement to know which, and one to write them."""
    ids = {message.data.community_id for message in messages}
    kinds: dict[UUID, set[str]] = {}
    places: dict[UUID, Place] = {}
    for row in await _COUNTED.all(session, ids=list(ids)):
        kinds.setdefault(row.community_id, set()).update(METRICS[row.metric])
        places[row.community_id] = Place(row.time_zone, row.day_starts_at)
    heard = []
    for message in messages:
        here = message.data.community_id
        if here in places and kinds[here] & _kinds(message.data):
            one = _HEARD[type(message.data)](message, places[here])
            if one.day >= places[here].day_of(now) - KEPT:
                heard.append(one)
    await merge_many(session, _DEEDS, list(folded(heard).values()), _merged)


def _kinds(data: Any) -> frozenset[str] | set[str]:
    """Which kinds of deeds a message may be about: of a reply that is removed it does not say which it was."""
    if isinstance(data, ReplyPosted):
        return {data.kind}
    return _KINDS[type(data)]


_KINDS: Final[Mapping[type[IntegrationEvent], frozenset[str]]] = {
    CheckinRecorded: METRICS["checkins"],
    DiscussionStarted: METRICS["discussions"],
    DiscussionRemoved: METRICS["discussions"],
    DiscussionRestored: METRICS["discussions"],
    ReplyRemoved: METRICS["replies"],
    ReplyRestored: METRICS["replies"],
    AttendanceRecorded: METRICS["activities"],
    AttendanceRevoked: METRICS["activities"],
}


def _did(message: Received[Any], kind: str, member_id: UUID, day: date) -> Heard:
    return Heard(UUID(message.subject), message.data.community_id, message.version, day, True, kind, member_id)


def _checkin(message: Received[Any], _: Place) -> Heard:
    # The day for which they checked in, by their own clock.
    return _did(message, "checkin", message.data.member_id, message.data.day)


def _discussion(message: Received[Any], place: Place) -> Heard:
    return _did(message, "discussion", message.data.author_id, place.day_of(message.occurred_at))


def _reply(message: Received[Any], place: Place) -> Heard:
    return _did(message, message.data.kind, message.data.author_id, place.day_of(message.occurred_at))


def _attendance(message: Received[Any], place: Place) -> Heard:
    # It is told when the activity is over, or later: they were there when it began.
    at = min(message.data.starts_at or message.occurred_at, message.occurred_at)
    return _did(message, "attendance", message.data.member_id, place.day_of(at))


def _counts(message: Received[Any], place: Place, *, live: bool) -> Heard:
    day = place.day_of(message.occurred_at)
    return Heard(UUID(message.subject), message.data.community_id, message.version, day, live)


def _gone(message: Received[Any], place: Place) -> Heard:
    return _counts(message, place, live=False)


def _back(message: Received[Any], place: Place) -> Heard:
    return _counts(message, place, live=True)


_HEARD: Final[Mapping[type[IntegrationEvent], Callable[[Received[Any], Place], Heard]]] = {
    CheckinRecorded: _checkin,
    DiscussionStarted: _discussion,
    DiscussionRemoved: _gone,
    DiscussionRestored: _back,
    ReplyPosted: _reply,
    ReplyRemoved: _gone,
    ReplyRestored: _back,
    AttendanceRecorded: _attendance,
    AttendanceRevoked: _gone,
}


def _merged(table: Table, added: Any, _: Sequence[str]) -> Any:
    """As `folded` does it with what is known already."""
    new, known = added.excluded, table.c
    newer = new.version > known.version
    return added.on_conflict_do_update(
        index_elements=[known.id],
        set_={
            "kind": func.coalesce(new.kind, known.kind),
            "member_id": func.coalesce(new.member_id, known.member_id),
            "day": case((new.kind.is_not(None), new.day), else_=known.day),
            "live": case((newer, new.live), else_=known.live),
            "version": case((newer, new.version), else_=known.version),
        },
    )
