"""HTTP of polls; they are started and read as discussions."""

from uuid import UUID

from fastapi import Response

from chassis.problems import ILLEGAL_TRANSITION
from chassis.web.dependencies import Write
from chassis.web.etags import set_etag
from chassis.web.operations import api_router, operation
from services.content.discussions.schemas import DiscussionPublic
from services.content.discussions.views import shown
from services.content.permissions import POLLS_VOTE
from services.content.polls import service
from services.content.polls.problems import POLL_CLOSED
from services.content.polls.schemas import VotePut

router = api_router(tags=["Polls"])

VOTE = "/v1/discussions/{discussion_id}/vote"


@router.put(VOTE)
@operation(permission=POLLS_VOTE, problems=[POLL_CLOSED, ILLEGAL_TRANSITION])
async def vote_in_poll(discussion_id: UUID, body: VotePut, work: Write, response: Response) -> DiscussionPublic:
    """Vote, or change your vote while the poll is open. Nobody else sees who chose what."""
    found = await service.vote(work, discussion_id, body.choices)
    set_etag(response, found.discussion.version)
    return await shown(work, found)


@router.delete(VOTE)
@operation(permission=POLLS_VOTE, problems=[POLL_CLOSED, ILLEGAL_TRANSITION])
async def take_vote_back(discussion_id: UUID, work: Write, response: Response) -> DiscussionPublic:
    """Take your vote back while the poll is open. Again, it changes nothing."""
    found = await service.take_back(work, discussion_id)
    set_etag(response, found.discussion.version)
    return await shown(work, found)
