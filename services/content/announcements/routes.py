"""HTTP of announcements; they are started, read and edited as discussions."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query, Response

from chassis.problems import ILLEGAL_TRANSITION
from chassis.projections.members import embedded
from chassis.web.dependencies import Read, Write
from chassis.web.etags import set_etag
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate_together
from services.content.announcements import queries, service
from services.content.announcements.problems import ALREADY_REMINDED
from services.content.announcements.schemas import READER_STATE, ReaderPublic, ReaderState, Reminded
from services.content.discussions.schemas import DiscussionPublic
from services.content.discussions.views import shown
from services.content.permissions import ANNOUNCEMENTS_ACKNOWLEDGE, ANNOUNCEMENTS_READERS, ANNOUNCEMENTS_REMIND

router = api_router(tags=["Announcements"])

ONE = "/v1/discussions/{discussion_id}"


@router.put(f"{ONE}/acknowledge")
@operation(permission=ANNOUNCEMENTS_ACKNOWLEDGE, problems=[ILLEGAL_TRANSITION])
async def acknowledge_announcement(discussion_id: UUID, work: Write, response: Response) -> DiscussionPublic:
    """Confirm an announcement that asks for it. Again, it changes nothing."""
    found = await service.acknowledge(work, discussion_id)
    set_etag(response, found.discussion.version)
    return await shown(work, found)


@router.get(f"{ONE}/readers")
@operation(permission=ANNOUNCEMENTS_READERS)
async def list_announcement_readers(
    discussion_id: UUID,
    work: Read,
    page: PageQuery,
    state: Annotated[
        ReaderState,
        Query(description="`read`: who has confirmed it, the latest first; `unread`: who has not."),
        READER_STATE,
    ] = "unread",
) -> Page[ReaderPublic]:
    """List those whom an announcement is for, and who can read it now, by whether they have confirmed it."""
    found, _ = await service.announced(work, discussion_id)

    async def public(rows: Sequence[Any]) -> list[ReaderPublic]:
        members = await embedded(work.session, [row[0] for row in rows])
        return [ReaderPublic(member=members[row[0]], state=state, confirmed_at=row[1]) for row in rows]

    return await paginate_together(
        work.session, queries.readers(found.discussion, state, work.now), page=page, to=public
    )


@router.post(f"{ONE}/remind")
@operation(permission=ANNOUNCEMENTS_REMIND, problems=[ILLEGAL_TRANSITION, ALREADY_REMINDED])
async def remind_announcement(discussion_id: UUID, work: Write) -> Reminded:
    """Remind those who have not confirmed an announcement, once a day of the community."""
    return Reminded(reminded=await service.remind(work, discussion_id))
