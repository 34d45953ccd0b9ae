"""HTTP of an inbox, and of what shows it live."""

from typing import Annotated
from uuid import UUID

from fastapi import Query

from chassis.problems import CURSOR_INVALID
from chassis.web.dependencies import CallerDep, Localised, Now, Reading, RuntimeDep, Transaction
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate_together
from services.membership.notifications import feed, queries, service, views
from services.membership.notifications.rules import Category
from services.membership.notifications.schemas import (
    CATEGORY,
    FeedAnswer,
    NotificationCount,
    NotificationCounts,
    NotificationPublic,
    NotificationsRead,
    PreferencesPatch,
    PreferencesPublic,
    ReadAnswer,
    SnoozeRequest,
)
from services.membership.notifications.templates import title_of
from services.membership.people.access import require_active
from services.membership.permissions import NOTIFICATIONS_OWN

router = api_router(tags=["Notifications"])


@router.get("/v1/notifications")
@operation(permission=NOTIFICATIONS_OWN)
async def list_notifications(
    caller: CallerDep,
    session: Reading,
    now: Now,
    locale: Localised,
    page: PageQuery,
    unread: Annotated[bool | None, Query(description="Only what is unread, or only what is read.")] = None,
    category: Annotated[Category, CATEGORY] | None = None,
    community_id: UUID | None = None,
) -> Page[NotificationPublic]:
    """List what you were told, the latest first: one line for each thread until you read it."""
    await require_active(session, caller)
    listing = queries.inbox(person_id=caller.id, now=now, unread=unread, category=category, community_id=community_id)
    return await paginate_together(
        session, listing, page=page, to=lambda lines: views.shown(session, lines, now, locale)
    )


@router.get("/v1/notifications/counts")
@operation(permission=NOTIFICATIONS_OWN)
async def count_notifications(caller: CallerDep, session: Reading, now: Now, locale: Localised) -> NotificationCounts:
    """Count what is unread, by category and community."""
    await require_active(session, caller)
    rows = await queries.counts(session, caller.id, now)
    unread = sum(row.unread for row in rows)
    places = await queries.communities(session, {row.community_id for row in rows if row.community_id is not None})
    items = [
        NotificationCount(
            category=row.category,
            category_title=title_of(row.category, locale),
            community_id=row.community_id,
            community=places.get(row.community_id) if row.community_id is not None else None,
            unread=row.unread,
        )
        for row in rows
    ]
    return NotificationCounts(unread=unread, exact=unread < queries.UNREAD_COUNTED, items=items)


@router.post("/v1/notifications/{notification_id}/read")
@operation(permission=NOTIFICATIONS_OWN)
async def read_notification(
    notification_id: UUID, caller: CallerDep, session: Transaction, now: Now, locale: Localised
) -> NotificationPublic:
    """Mark one as read."""
    line = await service.read_line(session, caller, notification_id, now)
    [answer] = await views.shown(session, [line], now, locale)
    return answer


@router.post("/v1/notifications/read")
@operation(permission=NOTIFICATIONS_OWN)
async def read_notifications(body: NotificationsRead, caller: CallerDep, session: Transaction, now: Now) -> ReadAnswer:
    """Mark many as read: up to one of them, one thread, or all."""
    read, unread = await service.read_many(session, caller, body, now)
    return ReadAnswer(read=read, unread=unread)


@router.post("/v1/notifications/{notification_id}/snooze")
@operation(permission=NOTIFICATIONS_OWN)
async def snooze_notification(
    notification_id: UUID, body: SnoozeRequest, caller: CallerDep, session: Transaction, now: Now, locale: Localised
) -> NotificationPublic:
    """Put one out of your sight until later. Then it is told again."""
    line = await service.snooze_line(session, caller, notification_id, body.until, now)
    [answer] = await views.shown(session, [line], now, locale)
    return answer


@router.get("/v1/notification-preferences")
@operation(permission=NOTIFICATIONS_OWN)
async def read_notification_preferences(caller: CallerDep, session: Reading, locale: Localised) -> PreferencesPublic:
    """Read what you are told, by category, and where: in the inbox, by mail, in your messenger."""
    await require_active(session, caller)
    said = await queries.said_by(session, [caller.id])
    return views.preferences(said.get(caller.id, {}), locale)


@router.patch("/v1/notification-preferences")
@operation(permission=NOTIFICATIONS_OWN)
async def update_notification_preferences(
    body: PreferencesPatch, caller: CallerDep, session: Transaction, locale: Localised
) -> PreferencesPublic:
    """Change what you are told, and where. What is `critical` cannot be switched off."""
    return views.preferences(await service.change_preferences(session, caller, body.items), locale)


@router.get("/internal/notifications/feed")
@operation(internal=True)
async def read_notification_feed(
    runtime: RuntimeDep,
    after: Annotated[str | None, Query(max_length=40, description="`next` of the previous answer.")] = None,
    wait_seconds: Annotated[float, Query(ge=0, le=5)] = 0,
    person_id: Annotated[UUID | None, Query(description="Of this person alone, and without waiting.")] = None,
) -> FeedAnswer:
    """Read what changed in all inboxes behind a place, waiting up to 5 seconds for something. Without a place, where all ends now."""
    place = None
    if after is not None:
        place = feed.place_of(after)
        if place is None:
            raise CURSOR_INVALID()
        if person_id is not None:
            return await feed.missed(runtime, place, person_id)
    return await feed.wait(runtime, place, wait_seconds)
