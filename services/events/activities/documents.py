"""What there is to read of an activity: its materials and its recording, which are addresses or files that somebody sent."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.signed import LONG
from chassis.web.work import Work
from services.events.activities.models import Activity
from services.events.activities.occasions import RecordingAsked, recording_asked
from services.events.base import links

KIND: Final = "activity"
AFTERWARDS: Final = frozenset({"summary", "materials", "recording"})
"""What can be said of an activity when it is over as well."""


async def keep_files(work: Work, activity: Activity, changed: Collection[str], before: Mapping[str, Any]) -> None:
    """Have the files kept that a locked activity names, and those let go that it named before."""
    if not {"materials", "recording"} & set(changed) or work.caller is None:
        return
    files = set(_files(activity.materials, activity.recording))
    if files or any(True for _ in _files(before["materials"], before["recording"])):
        await links.keep(
            work.session,
            kind=KIND,
            object_id=activity.id,
            person_id=work.caller.id,
            files=files,
            now=work.now,
            community_id=activity.community_id,
        )


async def may_show_recording(session: AsyncSession, activity: Activity) -> bool:
    """Whether the activity took place, and everybody agreed who could be seen or heard."""
    if activity.recording is None or activity.status != "completed":
        return False
    return all(await recording_asked.happened(session, RecordingAsked(activity)))


def shown_document(work: Work, document: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """A material or a recording with the address at which whoever sees the activity reads it."""
    if document is None:
        return None
    file = document.get("attachment_id")
    if file is None:
        return {"attachment_id": None, **document}
    url = links.address(work.session, UUID(file), "original", now=work.now, longest=LONG)
    return {"title": document["title"], "attachment_id": file, "url": url}


def _files(materials: Collection[Mapping[str, Any]], recording: Mapping[str, Any] | None) -> Iterator[UUID]:
    for document in (*materials, recording):
        if document is not None and document.get("attachment_id") is not None:
            yield UUID(document["attachment_id"])
