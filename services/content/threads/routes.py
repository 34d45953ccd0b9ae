"""HTTP of what members read of discussions."""

from dataclasses import replace
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query

from chassis.problems import FORBIDDEN
from chassis.web.dependencies import Read, Write
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate_together
from services.content.discussions import listing, queries
from services.content.discussions.occasions import Looked, Reading
from services.content.discussions.rules import Kind, Sort, Status
from services.content.discussions.schemas import KIND, SHOWN_STATUS, SORT, DiscussionListed, Tag
from services.content.discussions.views import listed
from services.content.permissions import DISCUSSIONS_READ, READ_MARKS_OWN
from services.content.threads import service
from services.content.threads.home import unread_of
from services.content.threads.queries import reading_of, unread_by
from services.content.threads.schemas import ReadBefore, ReadFloorPublic, ReadPublic, ReadUpto

router = api_router(tags=["Discussions"])


@router.get("/v1/discussions")
@operation(permission=DISCUSSIONS_READ)
async def list_discussions(
    work: Read,
    page: PageQuery,
    community_id: Annotated[UUID | None, Query(description="Needed unless `mine` is true.")] = None,
    mine: Annotated[bool, Query(description="Only what the caller started.")] = False,
    kind: Annotated[Kind | None, Query(), KIND] = None,
    tag: Annotated[Tag | None, Query()] = None,
    author_id: Annotated[UUID | None, Query(description="Only what this member started.")] = None,
    status: Annotated[
        Status | Literal["removed"] | None, Query(description="`removed` is for moderators."), SHOWN_STATUS
    ] = None,
    unanswered: Annotated[
        bool, Query(description="Only questions and requests for help that nobody but their author has replied to.")
    ] = False,
    overdue: Annotated[bool, Query(description="Only those that should have been replied to by now.")] = False,
    unread: Annotated[bool, Query(description="Only what the caller has not read.")] = False,
    sort: Annotated[Sort, Query(), SORT] = "-last_activity_at",
) -> Page[DiscussionListed]:
    """List discussions: those that are pinned first, on the first page.

    Moderators see what was removed if they ask for it by `status`; with `mine` you see what you removed yourself, or others of yours.
    """
    asked = queries.Wanted(
        community_id=community_id, kind=kind, tag=tag, status=status, unanswered=unanswered, overdue=overdue, sort=sort
    )
    wanted, standing = await listing.wanted_by(work, asked, author_id=author_id, mine=mine)
    if unread and not wanted.reader_ids and standing is not None:
        raise FORBIDDEN()
    if unread:
        wanted = replace(wanted, also=[unread_by(wanted.reader_ids)])
    # One at least of the others, or the list would end here.
    first = (await queries.pinned_first(work.session, wanted, work.now))[: page.limit - 1]
    others = queries.listing(work.session, wanted, work.now, but=[row.id for row in first])
    shown_first = first if page.cursor is None else []
    rest = await paginate_together(
        work.session,
        others,
        page=replace(page, limit=page.limit - len(shown_first)),
        to=lambda rows: listed(work, [*shown_first, *rows], standing),
    )
    if rest.total is not None:
        rest.total.value += len(first)
    return rest


@router.post("/v1/discussions/read")
@operation(permission=READ_MARKS_OWN)
async def read_discussions(body: ReadBefore, work: Write) -> ReadFloorPublic:
    """Have read everything in a community that was written before a moment; it only moves on."""
    floor = await service.read_before(work, body)
    left = await unread_of(work.session, body.community_id, floor.member_id, work.now)
    return ReadFloorPublic(community_id=body.community_id, read_before=floor.read_before, unread=left.discussions)


@router.put("/v1/discussions/{discussion_id}/read")
@operation(permission=READ_MARKS_OWN)
async def read_discussion_upto(discussion_id: UUID, body: ReadUpto, work: Write) -> ReadPublic:
    """Have read a discussion up to a position; it only moves on."""
    mark = await service.read_upto(work, discussion_id, body.upto)
    found = await reading_of(work.session, Looked([mark.member_id], [discussion_id]))
    reading = found.get(discussion_id, Reading())
    return ReadPublic(
        discussion_id=discussion_id,
        read_upto=mark.read_upto,
        unread=reading.unread,
        first_unread_reply_id=reading.first_unread_reply_id,
    )
