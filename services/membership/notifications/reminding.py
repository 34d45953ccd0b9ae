"""What a reminder of any service means for the inbox. Pure."""

from typing import Any

from chassis.messaging.envelope import Received
from services.membership.notifications.rules import REMINDER_LAPSES, Tell


def reminder(message: Received[Any]) -> Tell:
    """Those whom the service names, of what it names; nobody after an hour."""
    it = message.data
    template = f"reminder.{it.object.kind}"
    return Tell(
        template,
        f"reminder:{message.subject}",
        message.version,
        f"{template}:{it.object.id}",
        message.occurred_at,
        it.community_id,
        members=it.member_ids,
        about=(it.object.kind, it.object.id),
        params={"title": it.title, "until": it.due_at.isoformat()},
        lapses_at=message.occurred_at + REMINDER_LAPSES,
    )
