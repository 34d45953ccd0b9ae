"""HTTP of calendars."""

import asyncio
from typing import Annotated, Final
from uuid import UUID

from fastapi import Header, Path, Response

from chassis.ical import CONTENT_TYPE
from chassis.problems import NOT_FOUND
from chassis.web.dependencies import Localised, Now, Read, RuntimeDep, Write
from chassis.web.etags import has_tag
from chassis.web.operations import api_router, operation
from services.events.calendars import service
from services.events.calendars.schemas import CalendarCreated, CalendarPublic
from services.events.permissions import ACTIVITIES_READ, CALENDARS_SELF

router = api_router(tags=["Calendars"])

MINE = "/v1/calendars/me"
KEPT_SECONDS: Final = 900
"""So long a program need not ask again."""
Link = Annotated[str, Path(max_length=64, pattern=r"^[A-Za-z0-9_-]+(\.ics)?$")]


@router.post("/v1/calendars", status_code=201)
@operation(permission=CALENDARS_SELF, idempotent=False, existing="The link that there was leads nowhere any more.")
async def create_calendar(work: Write, runtime: RuntimeDep, response: Response) -> CalendarCreated:
    """Make a secret link to your calendar, or a new one in place of the old.

    A calendar program that subscribes to it shows what you registered for and are assigned to, in all your communities. Whoever has the link reads it.
    """
    made = await service.renew(work)
    response.headers["Location"] = MINE
    if not made.new:
        response.status_code = 200
    base = (runtime.settings.public_url or "").rstrip("/")
    return CalendarCreated(
        created_at=made.calendar.created_at,
        renewed_at=made.calendar.renewed_at,
        feed_url=f"{base}{service.PATH}/{made.link}{service.SUFFIX}",
    )


@router.get(MINE)
@operation(permission=CALENDARS_SELF)
async def read_calendar(work: Read) -> CalendarPublic:
    """Read whether you have a link to your calendar. The link itself is shown when it is made."""
    found = await service.own(work)
    return CalendarPublic(created_at=found.created_at, renewed_at=found.renewed_at)


@router.delete(MINE, status_code=204)
@operation(permission=CALENDARS_SELF)
async def delete_calendar(work: Write) -> None:
    """Revoke the link to your calendar. Again, it changes nothing."""
    await service.revoke(work)


@router.get(f"{service.PATH}/{{link}}")
@operation(public=True, problems=[NOT_FOUND], media_types=[CONTENT_TYPE], conditional=True)
async def read_calendar_feed(
    link: Link,
    runtime: RuntimeDep,
    now: Now,
    if_none_match: Annotated[str | None, Header(alias="If-None-Match", description="The `ETag` that you have.")] = None,
) -> Response:
    """Read a calendar by its secret link, as iCalendar. Needs no log-in.

    An entry keeps its `UID`; its `SEQUENCE` grows when it changes. What was cancelled or given up stays as `STATUS:CANCELLED` until 30 days after its end.
    """
    async with runtime.database.reading() as session:
        feed = await service.read_feed(session, link, now)
    # Thousands of dates take a while to write: others go on meanwhile.
    etag = await asyncio.to_thread(feed.etag)
    headers = {"ETag": etag, "Cache-Control": f"private, max-age={KEPT_SECONDS}"}
    if has_tag(if_none_match, etag):
        return Response(status_code=304, headers=headers)
    return Response(await asyncio.to_thread(feed.written), headers=headers, media_type=CONTENT_TYPE)


@router.get("/v1/activities/{activity_id}/calendar")
@operation(permission=ACTIVITIES_READ, media_types=[CONTENT_TYPE])
async def read_activity_calendar(activity_id: UUID, work: Read, locale: Localised) -> Response:
    """Read an activity as iCalendar, to add it to a calendar. Cancelled, or your seat given up: what takes it away again."""
    content = await service.read_activity(work, activity_id, locale)
    disposition = f'attachment; filename="{activity_id}.ics"'
    return Response(content, media_type=CONTENT_TYPE, headers={"Content-Disposition": disposition})
