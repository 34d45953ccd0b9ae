"""HTTP of feedback."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from chassis.problems import FORBIDDEN, ILLEGAL_TRANSITION
from chassis.security.authority import authorize
from chassis.web.dependencies import Read, Write
from chassis.web.etags import created
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate_together
from services.content.feedback import queries, service
from services.content.feedback.rules import Addressee, Status, Waiting, addressed
from services.content.feedback.schemas import (
    ADDRESSEE,
    STATUS,
    WAITING,
    FeedbackCreate,
    FeedbackListed,
    FeedbackPublic,
    FeedbackReplyCreate,
    FeedbackReplyPublic,
)
from services.content.feedback.views import listed, replies_shown, shown
from services.content.permissions import FEEDBACK_ANSWER, FEEDBACK_CREATE, FEEDBACK_READ, READ_MARKS_OWN

router = api_router(tags=["Feedback"])

ALL = "/v1/discussions/feedback"
ONE = f"{ALL}/{{feedback_id}}"


@router.post(ALL, status_code=201)
@operation(permission=FEEDBACK_CREATE)
async def give_feedback(body: FeedbackCreate, work: Write, response: Response) -> FeedbackPublic:
    """Tell operators and owners, or owners alone, what you think or complain of. Nobody else finds it or is told of it.

    Within one working day somebody should answer, within five it should be settled.
    """
    found = await service.give(work, body)
    created(response, f"{ALL}/{found.feedback.id}")
    return await shown(work, found)


@router.get(ALL)
@operation(permission=FEEDBACK_READ)
async def list_feedback(
    community_id: UUID,
    work: Read,
    page: PageQuery,
    waiting: Annotated[
        Waiting | None, Query(description="Only what waits for a first answer, or to be settled."), WAITING
    ] = None,
    overdue: Annotated[bool, Query(description="Only what should have been answered or settled by now.")] = False,
    mine: Annotated[bool, Query(description="Only what you gave.")] = False,
    unread: Annotated[bool, Query(description="Only what you gave and in which something is new to you.")] = False,
    to: Annotated[Addressee | None, Query(), ADDRESSEE] = None,
    status: Annotated[Status | None, Query(), STATUS] = None,
) -> Page[FeedbackListed]:
    """List the feedback that you gave; operators see what is to operators too, owners all, the latest first."""
    standing = await authorize(work.session, work.caller, FEEDBACK_READ, community_id, own=True, now=work.now)
    if standing.member_id is None:
        raise FORBIDDEN()
    return await paginate_together(
        work.session,
        queries.listing(
            work.session,
            community_id,
            standing.member_id,
            addressed(standing.columns),
            queries.Wanted(waiting=waiting, overdue=overdue, mine=mine, unread=unread, to=to, status=status),
            work.now,
        ),
        page=page,
        to=lambda rows: listed(work, rows, standing),
    )


@router.get(ONE)
@operation(permission=FEEDBACK_READ)
async def read_feedback(feedback_id: UUID, work: Read) -> FeedbackPublic:
    """Read feedback that you gave or that is addressed to you."""
    return await shown(work, await service.seen_feedback(work, feedback_id))


@router.get(f"{ONE}/replies")
@operation(permission=FEEDBACK_READ)
async def list_feedback_replies(feedback_id: UUID, work: Read, page: PageQuery) -> Page[FeedbackReplyPublic]:
    """List the replies to feedback in their order."""
    found = await service.seen_feedback(work, feedback_id)
    return await paginate_together(
        work.session, queries.replies(found.feedback.id), page=page, to=lambda rows: replies_shown(work, rows)
    )


@router.post(f"{ONE}/replies", status_code=201)
@operation(permission=FEEDBACK_ANSWER, problems=[ILLEGAL_TRANSITION], located=False)
async def reply_to_feedback(feedback_id: UUID, body: FeedbackReplyCreate, work: Write) -> FeedbackReplyPublic:
    """Reply to feedback that you gave or that is addressed to you."""
    [made] = await replies_shown(work, [await service.reply(work, feedback_id, body.body)])
    return made


@router.put(f"{ONE}/read")
@operation(permission=READ_MARKS_OWN)
async def mark_feedback_read(feedback_id: UUID, work: Write) -> FeedbackPublic:
    """Say that you read the replies to feedback that you gave."""
    return await shown(work, await service.read(work, feedback_id))


@router.post(f"{ONE}/close")
@operation(permission=FEEDBACK_ANSWER, problems=[ILLEGAL_TRANSITION])
async def close_feedback(feedback_id: UUID, work: Write) -> FeedbackPublic:
    """Settle feedback: who gave it, or whom it is addressed to."""
    return await shown(work, await service.close(work, feedback_id))
