"""HTTP of discussions."""

from uuid import UUID

from fastapi import Response

from chassis.problems import CONFLICT_OF_INTEREST, ILLEGAL_TRANSITION
from chassis.web.dependencies import IfMatch, Read, Write
from chassis.web.etags import created, set_etag
from chassis.web.idempotency import KEPT_LONG
from chassis.web.operations import api_router, operation
from chassis.web.work import Work
from services.content.discussions import merging, moderating, reacting, service, unmasking
from services.content.discussions.access import Seen, seen
from services.content.discussions.problems import NOT_MERGEABLE
from services.content.discussions.schemas import (
    DiscussionCreate,
    DiscussionPatch,
    DiscussionPin,
    DiscussionPublic,
    MergeInto,
)
from services.content.discussions.views import shown
from services.content.newcomers import FIRST_DAY_FULL
from services.content.permissions import (
    CONTENT_EDIT,
    CONTENT_REMOVE,
    CONTENT_RESTORE,
    DISCUSSIONS_CREATE,
    DISCUSSIONS_MODERATE,
    DISCUSSIONS_READ,
    DISCUSSIONS_UNMASK,
    REACTIONS_ADD,
)
from services.content.reactions.schemas import Given, ReactedPublic
from services.content.scanning.problems import TEXT_REFUSED
from services.content.unnamed.schemas import AuthorAsked, AuthorPublic

router = api_router(tags=["Discussions"])

ONE = "/v1/discussions/{discussion_id}"


@router.post("/v1/discussions", status_code=201)
@operation(
    permission=DISCUSSIONS_CREATE, problems=[TEXT_REFUSED, FIRST_DAY_FULL, ILLEGAL_TRANSITION], remembered=KEPT_LONG
)
async def create_discussion(body: DiscussionCreate, work: Write, response: Response) -> DiscussionPublic:
    """Start a discussion: a topic, a question, a request for help or a poll; operators and owners also an announcement.

    Of a question and a request for help `answer_due_at` is one working day later: until then somebody else should reply.
    People from outside start 3 in the 24 hours after they joined.
    """
    found = await service.start(work, body)
    created(response, f"/v1/discussions/{found.discussion.id}")
    return await _shown(work, found, response)


@router.get(ONE)
@operation(permission=DISCUSSIONS_READ)
async def read_discussion(discussion_id: UUID, work: Read, response: Response) -> DiscussionPublic:
    """Read a discussion; its replies are a list of their own."""
    return await _shown(work, await seen(work, discussion_id), response)


@router.patch(ONE)
@operation(permission=CONTENT_EDIT, problems=[ILLEGAL_TRANSITION, TEXT_REFUSED])
async def update_discussion(
    discussion_id: UUID, body: DiscussionPatch, if_match: IfMatch, work: Write, response: Response
) -> DiscussionPublic:
    """Change title, text or tags of a discussion that you started."""
    return await _shown(work, await service.edit(work, discussion_id, body, if_match), response)


@router.post(f"{ONE}/lock")
@operation(permission=DISCUSSIONS_MODERATE, problems=[ILLEGAL_TRANSITION])
async def lock_discussion(discussion_id: UUID, work: Write, response: Response) -> DiscussionPublic:
    """Let nobody reply for a while."""
    return await _shown(work, await moderating.move(work, discussion_id, "lock"), response)


@router.post(f"{ONE}/unlock")
@operation(permission=DISCUSSIONS_MODERATE, problems=[ILLEGAL_TRANSITION])
async def unlock_discussion(discussion_id: UUID, work: Write, response: Response) -> DiscussionPublic:
    """Let members reply again."""
    return await _shown(work, await moderating.move(work, discussion_id, "unlock"), response)


@router.post(f"{ONE}/close")
@operation(permission=DISCUSSIONS_MODERATE, problems=[ILLEGAL_TRANSITION])
async def close_discussion(discussion_id: UUID, work: Write, response: Response) -> DiscussionPublic:
    """Close a discussion that is settled; an answer can still be accepted."""
    return await _shown(work, await moderating.move(work, discussion_id, "close"), response)


@router.post(f"{ONE}/reopen")
@operation(permission=DISCUSSIONS_MODERATE, problems=[ILLEGAL_TRANSITION])
async def reopen_discussion(discussion_id: UUID, work: Write, response: Response) -> DiscussionPublic:
    """Open a closed discussion again."""
    return await _shown(work, await moderating.move(work, discussion_id, "reopen"), response)


@router.post(f"{ONE}/pin")
@operation(permission=DISCUSSIONS_MODERATE, problems=[ILLEGAL_TRANSITION])
async def pin_discussion(discussion_id: UUID, body: DiscussionPin, work: Write, response: Response) -> DiscussionPublic:
    """Show a discussion first in the list until a moment."""
    return await _shown(work, await moderating.pin(work, discussion_id, body.until), response)


@router.post(f"{ONE}/unpin")
@operation(permission=DISCUSSIONS_MODERATE, problems=[ILLEGAL_TRANSITION])
async def unpin_discussion(discussion_id: UUID, work: Write, response: Response) -> DiscussionPublic:
    """Show it in its place again."""
    return await _shown(work, await moderating.pin(work, discussion_id, None), response)


@router.post(f"{ONE}/feature")
@operation(permission=DISCUSSIONS_MODERATE, problems=[ILLEGAL_TRANSITION, CONFLICT_OF_INTEREST])
async def feature_discussion(discussion_id: UUID, work: Write, response: Response) -> DiscussionPublic:
    """Single a discussion out as worth reading (加精), which pays its author; none of your own."""
    return await _shown(work, await moderating.feature(work, discussion_id, featured=True), response)


@router.post(f"{ONE}/unfeature")
@operation(permission=DISCUSSIONS_MODERATE, problems=[ILLEGAL_TRANSITION, CONFLICT_OF_INTEREST])
async def unfeature_discussion(discussion_id: UUID, work: Write, response: Response) -> DiscussionPublic:
    """Take back that it was featured, and what that paid."""
    return await _shown(work, await moderating.feature(work, discussion_id, featured=False), response)


@router.post(f"{ONE}/merge")
@operation(permission=DISCUSSIONS_MODERATE, problems=[ILLEGAL_TRANSITION, NOT_MERGEABLE])
async def merge_discussion(discussion_id: UUID, body: MergeInto, work: Write, response: Response) -> DiscussionPublic:
    """Merge a duplicate into another discussion, for ever: it is closed, says where it went, and nobody loses points.

    Its replies, reactions, followers and bookmarks go there within moments; what somebody gave both counts once.
    """
    return await _shown(work, await merging.merge(work, discussion_id, body.into_id), response)


@router.post(f"{ONE}/remove")
@operation(permission=CONTENT_REMOVE, problems=[ILLEGAL_TRANSITION])
async def remove_discussion(discussion_id: UUID, work: Write, response: Response) -> DiscussionPublic:
    """Remove a discussion: only its author and moderators see it then, and what it earned is taken back."""
    return await _shown(work, await moderating.remove(work, discussion_id), response)


@router.post(f"{ONE}/restore")
@operation(permission=CONTENT_RESTORE, problems=[ILLEGAL_TRANSITION])
async def restore_discussion(discussion_id: UUID, work: Write, response: Response) -> DiscussionPublic:
    """Restore a discussion: its author what they removed themselves, moderators what a moderator removed."""
    return await _shown(work, await moderating.restore(work, discussion_id), response)


@router.put(f"{ONE}/reactions/{{reaction}}")
@operation(permission=REACTIONS_ADD, problems=[ILLEGAL_TRANSITION])
async def add_discussion_reaction(discussion_id: UUID, reaction: Given, work: Write) -> ReactedPublic:
    """React to a discussion. Again, it changes nothing."""
    return await reacting.react(work, discussion_id, reaction, given=True)


@router.delete(f"{ONE}/reactions/{{reaction}}")
@operation(permission=REACTIONS_ADD, problems=[ILLEGAL_TRANSITION])
async def remove_discussion_reaction(discussion_id: UUID, reaction: Given, work: Write) -> ReactedPublic:
    """Take a reaction to a discussion back. Again, it changes nothing."""
    return await reacting.react(work, discussion_id, reaction, given=False)


@router.post(f"{ONE}/author")
@operation(permission=DISCUSSIONS_UNMASK, idempotent=False)
async def ask_for_author(discussion_id: UUID, body: AuthorAsked, work: Write) -> AuthorPublic:
    """Learn who asked an unnamed question. That you did, and why, is in the audit trail."""
    return AuthorPublic(author=await unmasking.author_of(work, discussion_id, body.reason))


async def _shown(work: Work, found: Seen, response: Response) -> DiscussionPublic:
    set_etag(response, found.discussion.version)
    return await shown(work, found)
