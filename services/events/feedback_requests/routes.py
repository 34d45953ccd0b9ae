"""HTTP of feedback requests."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from chassis.problems import FORBIDDEN, ILLEGAL_TRANSITION
from chassis.security.authority import authorize
from chassis.web.dependencies import Read, Write
from chassis.web.etags import created
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate_together
from services.events.feedback_requests import problems, queries, service
from services.events.feedback_requests.schemas import (
    FeedbackAnswers,
    FeedbackRequestCreate,
    FeedbackRequestListed,
    FeedbackRequestPublic,
)
from services.events.feedback_requests.views import listed, shown
from services.events.permissions import (
    FEEDBACK_REQUESTS_ANSWER,
    FEEDBACK_REQUESTS_CREATE,
    FEEDBACK_REQUESTS_READ,
)

router = api_router(tags=["Feedback requests"])

ALL = "/v1/feedback-requests"
ONE = "/v1/feedback-requests/{request_id}"


@router.post(ALL, status_code=201)
@operation(permission=FEEDBACK_REQUESTS_CREATE)
async def request_feedback(body: FeedbackRequestCreate, work: Write, response: Response) -> FeedbackRequestPublic:
    """Ask colleagues what they think of a piece of your work. Nobody but you reads all that they answer."""
    seen = await service.ask(work, body)
    created(response, f"{ALL}/{seen.request.id}")
    return await shown(work, seen)


@router.get(ALL)
@operation(permission=FEEDBACK_REQUESTS_READ)
async def list_feedback_requests(
    community_id: UUID,
    work: Read,
    page: PageQuery,
    mine: Annotated[bool | None, Query(description="Only what you ask; `false`: only what you are asked.")] = None,
) -> Page[FeedbackRequestListed]:
    """List what you ask colleagues and what they ask you, the latest first."""
    standing = await authorize(work.session, work.caller, FEEDBACK_REQUESTS_READ, community_id, own=True, now=work.now)
    member_id = standing.member_id
    if member_id is None:
        raise FORBIDDEN()
    return await paginate_together(
        work.session,
        queries.listing(community_id, member_id, mine=mine),
        page=page,
        to=lambda rows: listed(work, rows, member_id),
    )


@router.get(ONE)
@operation(permission=FEEDBACK_REQUESTS_READ)
async def read_feedback_request(request_id: UUID, work: Read) -> FeedbackRequestPublic:
    """Read a request: its author with all answers, a colleague with their own."""
    return await shown(work, await service.seen_request(work, request_id))


@router.post(f"{ONE}/answers")
@operation(permission=FEEDBACK_REQUESTS_ANSWER, problems=[problems.FEEDBACK_CLOSED])
async def answer_feedback_request(request_id: UUID, body: FeedbackAnswers, work: Write) -> FeedbackRequestPublic:
    """Say what you think of it. The author reads it with your name. Again, it changes nothing."""
    return await shown(work, await service.answer(work, request_id, body))


@router.post(f"{ONE}/close")
@operation(permission=FEEDBACK_REQUESTS_CREATE, problems=[ILLEGAL_TRANSITION])
async def close_feedback_request(request_id: UUID, work: Write) -> FeedbackRequestPublic:
    """Take no more answers. Again, it changes nothing."""
    return await shown(work, await service.close(work, request_id))
