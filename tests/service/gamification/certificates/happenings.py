"""Messages of events about activities and who was there."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from chassis.ids import new_id
from chassis.testing import received
from contracts import events
from tests.service.gamification.stage import NOON, ZONE


def an_activity(community_id: UUID, *, activity_id: UUID | None = None, version: int = 1, **said: Any) -> Any:
    """An activity is over."""
    usual: dict[str, Any] = {
        "community_id": community_id,
        "activity_id": activity_id or new_id(),
        "kind": "workshop",
        "mode": "offline",
        "title": "消防安全",
        "starts_at": NOON - timedelta(hours=3),
        "ends_at": NOON - timedelta(hours=1),
        "time_zone": ZONE,
        "hours": 2.0,
        "visibility": "internal",
        "registered": 1,
        "attended": 1,
        "no_shows": 0,
    }
    return received(events.ActivityCompleted(**usual | said), occurred_at=NOON, version=version)


def an_attendance(activity: Any, member_id: UUID, *, at: datetime = NOON, version: int = 1, **said: Any) -> Any:
    """Somebody was there."""
    usual: dict[str, Any] = {
        "community_id": activity.data.community_id,
        "attendance_id": new_id(),
        "activity_id": activity.data.activity_id,
        "activity_kind": activity.data.kind,
        "member_id": member_id,
        "role": "attendee",
        "extent": "full",
        "minutes": 120,
        "hours": 2.0,
        "method": "code",
    }
    return received(events.AttendanceRecorded(**usual | said), occurred_at=at, version=version)


def revoked(attendance: Any, *, version: int = 2) -> Any:
    """They were not there after all."""
    data = attendance.data
    told = events.AttendanceRevoked(
        community_id=data.community_id,
        attendance_id=data.attendance_id,
        activity_id=data.activity_id,
        member_id=data.member_id,
    )
    return received(told, occurred_at=NOON, version=version)
