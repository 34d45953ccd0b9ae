"""Activities that recipes are about."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.events.activities.changing import new_door
from services.events.activities.models import Activity

A_FORM = {"type": "object", "properties": {"diet": {"type": "string", "title": "饮食要求"}}}


def an_activity(community_id: UUID, now: datetime, **facts: Any) -> Activity:
    """An announced workshop of two hours in a week, but for what is said of it."""
    usual: dict[str, Any] = {
        "community_id": community_id,
        "kind": "workshop",
        "mode": "offline",
        "title": "怎么讲课",
        "starts_at": now + timedelta(days=7),
        "ends_at": now + timedelta(days=7, hours=2),
        "time_zone": "Asia/Shanghai",
        "status": "announced",
        "announced_at": now,
        "door": new_door(),
        "created_at": now,
    }
    return Activity(**usual | facts)
