"""How activities become entries of a calendar."""

from typing import Any

from services.events.activities.models import Activity
from services.events.calendars.rules import Entry, excerpt, part_of, reads_how_to_join, sequence_of
from services.events.registrations.models import Registration


def of_feed(row: Any) -> Entry:
    """An entry of a feed."""
    part = part_of(row.registration_status, unconfirmed=row.unconfirmed)
    return Entry(
        uid=str(row.id),
        sequence=sequence_of(row.version, row.messages_published),
        changed_at=max(row.changed_at or row.announced_at, row.registration_changed_at or row.registered_at),
        title=row.title,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        time_zone=row.time_zone,
        status=row.status,
        part=part,
        location=row.location,
        description=excerpt(row.description),
        tags=row.tags,
        join_url=row.join_url if reads_how_to_join(part, row.status) else None,
    )


def of_activity(activity: Activity, registration: Registration | None, *, joins: bool) -> Entry:
    """One activity, for a reader with this registration; `joins`: they read how to join without a seat, too."""
    part = part_of(
        registration.status if registration else None, unconfirmed=registration is not None and registration.unconfirmed
    )
    changed = [activity.changed_at or activity.announced_at or activity.created_at]
    if registration is not None:
        changed.append(registration.changed_at or registration.registered_at)
    joins = reads_how_to_join(part, activity.status) or (joins and activity.status != "cancelled")
    return Entry(
        uid=str(activity.id),
        sequence=sequence_of(activity.version, registration.messages_published if registration else 0),
        changed_at=max(changed),
        title=activity.title,
        starts_at=activity.starts_at,
        ends_at=activity.ends_at,
        time_zone=activity.time_zone,
        status=activity.status,
        part=part,
        location=activity.location,
        description=activity.description,
        tags=activity.tags,
        join_url=activity.join_url if joins else None,
    )
