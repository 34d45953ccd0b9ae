"""HTTP of replies."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from chassis.bounds import GREATEST_SMALL_INTEGER
from chassis.problems import CONFLICT_OF_INTEREST, ILLEGAL_TRANSITION
from chassis.web.dependencies import IfMatch, Read, Write
from chassis.web.etags import created, set_etag
from chassis.web.idempotency import KEPT_LONG
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery
from chassis.web.work import Work
from services.content.discussions.access import seen
from services.content.newcomers import FIRST_DAY_FULL
from services.content.permissions import (
    ANSWERS_ACCEPT,
    CONTENT_EDIT,
    CONTENT_REMOVE,
    CONTENT_RESTORE,
    DISCUSSIONS_READ,
    REACTIONS_ADD,
    REPLIES_CREATE,
)
from services.content.reactions.schemas import Given, ReactedPublic
from services.content.replies import accepting, reacting, reading, removing, service
from services.content.replies.access import SeenReply, seen_reply
from services.content.replies.problems import TEXT_REPEATED, THREAD_CLOSED, UNKNOWN_PARENT
from services.content.replies.schemas import ReplyCreate, ReplyPatch, ReplyPublic
from services.content.replies.views import shown
from services.content.scanning.problems import TEXT_REFUSED

router = api_router(tags=["Replies"])

ONE = "/v1/replies/{reply_id}"


@router.post("/v1/replies", status_code=201)
@operation(
    permission=REPLIES_CREATE,
    problems=[THREAD_CLOSED, UNKNOWN_PARENT, TEXT_REPEATED, ILLEGAL_TRANSITION, TEXT_REFUSED, FIRST_DAY_FULL],
    remembered=KEPT_LONG,
)
async def create_reply(body: ReplyCreate, work: Write, response: Response) -> ReplyPublic:
    """Answer, or comment on a discussion or on an answer.

    The same text of at least 20 characters by the same author is refused in the same discussion for 5 minutes.
    People from outside write 10 in the 24 hours after they joined.
    """
    found = await service.post(work, body)
    created(response, f"/v1/replies/{found.reply.id}")
    return await _shown(work, found, response)


@router.get("/v1/replies")
@operation(permission=DISCUSSIONS_READ)
async def list_replies(
    discussion_id: UUID,
    work: Read,
    page: PageQuery,
    parent_reply_id: Annotated[UUID | None, Query(description="The comments on this answer.")] = None,
    around: Annotated[UUID | None, Query(description="Begin a few replies before this one.")] = None,
    after: Annotated[
        int, Query(ge=0, le=GREATEST_SMALL_INTEGER, description="Only replies of a greater `position`.")
    ] = 0,
) -> Page[ReplyPublic]:
    """List the replies to a discussion in their order, the accepted one first, each with the first comments on it.

    What was removed or is held is left out, but for its author and moderators; an answer with comments keeps its place. With `around` or `after` no reply is taken out of its place.
    """
    found = await seen(work, discussion_id)
    return await reading.page_of(work, found, page, parent_reply_id=parent_reply_id, around=around, after=after)


@router.get(ONE)
@operation(permission=DISCUSSIONS_READ)
async def read_reply(reply_id: UUID, work: Read, response: Response) -> ReplyPublic:
    """Read a reply with the first comments on it."""
    return await _shown(work, await seen_reply(work, reply_id), response)


@router.patch(ONE)
@operation(permission=CONTENT_EDIT, problems=[ILLEGAL_TRANSITION, TEXT_REFUSED])
async def update_reply(
    reply_id: UUID, body: ReplyPatch, if_match: IfMatch, work: Write, response: Response
) -> ReplyPublic:
    """Change the text of a reply that you wrote."""
    return await _shown(work, await service.edit(work, reply_id, body, if_match), response)


@router.post(f"{ONE}/accept")
@operation(permission=ANSWERS_ACCEPT, problems=[ILLEGAL_TRANSITION, CONFLICT_OF_INTEREST])
async def accept_answer(reply_id: UUID, work: Write, response: Response) -> ReplyPublic:
    """Say that this answer helped: who asked, or a moderator, who accepts none of theirs to others.

    It takes the place of another that was accepted. Again, it changes nothing.
    """
    return await _shown(work, await accepting.accept(work, reply_id), response)


@router.post(f"{ONE}/unaccept")
@operation(permission=ANSWERS_ACCEPT, problems=[ILLEGAL_TRANSITION])
async def unaccept_answer(reply_id: UUID, work: Write, response: Response) -> ReplyPublic:
    """Take back that this answer helped."""
    return await _shown(work, await accepting.unaccept(work, reply_id), response)


@router.post(f"{ONE}/remove")
@operation(permission=CONTENT_REMOVE, problems=[ILLEGAL_TRANSITION])
async def remove_reply(reply_id: UUID, work: Write, response: Response) -> ReplyPublic:
    """Remove a reply: only its author and moderators see it then, and what it earned is taken back."""
    return await _shown(work, await removing.remove(work, reply_id), response)


@router.post(f"{ONE}/restore")
@operation(permission=CONTENT_RESTORE, problems=[ILLEGAL_TRANSITION])
async def restore_reply(reply_id: UUID, work: Write, response: Response) -> ReplyPublic:
    """Restore a reply: its author what they removed themselves, moderators what a moderator removed."""
    return await _shown(work, await removing.restore(work, reply_id), response)


@router.put(f"{ONE}/reactions/{{reaction}}")
@operation(permission=REACTIONS_ADD, problems=[ILLEGAL_TRANSITION])
async def add_reply_reaction(reply_id: UUID, reaction: Given, work: Write) -> ReactedPublic:
    """React to a reply. Again, it changes nothing."""
    return await reacting.react(work, reply_id, reaction, given=True)


@router.delete(f"{ONE}/reactions/{{reaction}}")
@operation(permission=REACTIONS_ADD, problems=[ILLEGAL_TRANSITION])
async def remove_reply_reaction(reply_id: UUID, reaction: Given, work: Write) -> ReactedPublic:
    """Take a reaction to a reply back. Again, it changes nothing."""
    return await reacting.react(work, reply_id, reaction, given=False)


async def _shown(work: Work, found: SeenReply, response: Response) -> ReplyPublic:
    set_etag(response, found.reply.version)
    return (await shown(work, found.thread, [found.reply]))[0]
