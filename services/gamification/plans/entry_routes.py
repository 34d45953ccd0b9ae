"""HTTP of what participants hand in, and what others say to it."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from chassis.database.rows import existing
from chassis.problems import CONFLICT_OF_INTEREST, NOT_FOUND
from chassis.security.authority import authorize
from chassis.web.dependencies import Read, Write
from chassis.web.etags import created
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate_together
from chassis.web.values import Day
from chassis.web.work import Work
from services.gamification.permissions import (
    CHECKIN_PLANS_COMMENT,
    CHECKIN_PLANS_REVIEW,
    CHECKINS_CREATE,
    CHECKINS_READ,
)
from services.gamification.plans import entries, problems
from services.gamification.plans.entry_access import SeenEntry, reader_of, seen_entry
from services.gamification.plans.entry_views import (
    comments_of,
    comments_shown,
    entries_shown,
    listing,
    own_listing,
    own_shown,
)
from services.gamification.plans.models import CheckinPlan, PlanComment
from services.gamification.plans.progress_rules import EntryStatus, Reaction
from services.gamification.plans.schemas import (
    ENTRY_STATUS,
    REACTION,
    CommentCreate,
    EntryHandIn,
    EntryReview,
    PlanCommentPublic,
    PlanEntryPublic,
)

router = api_router(tags=["Check-in plans"])

ONE = "/v1/checkin-plans/entries/{entry_id}"


@router.get("/v1/checkin-plans/{plan_id}/entries")
@operation(permission=CHECKINS_READ)
async def list_checkin_plan_entries(
    plan_id: UUID,
    work: Read,
    page: PageQuery,
    day: Annotated[Day | None, Query(description="Only those of this day.")] = None,
    member_id: Annotated[UUID | None, Query(description="Only those of this participant.")] = None,
    status: Annotated[EntryStatus | None, Query(description="`done` waits for a review."), ENTRY_STATUS] = None,
) -> Page[PlanEntryPublic]:
    """List what participants of a check-in plan handed in, the latest first.

    Participants read each other's. What was returned is read by who handed it in, and by who reviews: lecturers, mentors and who
    runs the community. To others it is not there.
    """
    reader = await reader_of(work, await existing(work.session, CheckinPlan, plan_id))
    if not (reader.fellow or reader.reads_everything):
        raise NOT_FOUND()
    return await paginate_together(
        work.session,
        listing(reader, day=day, member_id=member_id, status=status),
        page=page,
        to=lambda rows: entries_shown(work, rows, reader),
    )


@router.get("/v1/checkin-plans/entries")
@operation(permission=CHECKINS_READ)
async def list_own_checkin_plan_entries(
    community_id: UUID,
    work: Read,
    page: PageQuery,
    day: Annotated[Day | None, Query(description="Only those of this day.")] = None,
    status: Annotated[EntryStatus | None, Query(), ENTRY_STATUS] = None,
) -> Page[PlanEntryPublic]:
    """List what you handed in for all check-in plans of a community, also for those that you left, the latest first."""
    standing = await authorize(work.session, work.caller, CHECKINS_READ, community_id, own=True, now=work.now)
    return await paginate_together(
        work.session,
        own_listing(standing.member_id, day=day, status=status),
        page=page,
        to=lambda rows: own_shown(work, rows, standing),
    )


@router.get(ONE)
@operation(permission=CHECKINS_READ)
async def read_checkin_plan_entry(entry_id: UUID, work: Read) -> PlanEntryPublic:
    """Read what a participant handed in for a day."""
    return await _shown(work, await seen_entry(work, entry_id))


@router.post(f"{ONE}/review")
@operation(permission=CHECKIN_PLANS_REVIEW, problems=[CONFLICT_OF_INTEREST])
async def review_checkin_plan_entry(entry_id: UUID, body: EntryReview, work: Write) -> PlanEntryPublic:
    """Say that a day is good, or return it with a reason: it counts no more, and may be handed in again to the next evening."""
    return await _shown(work, await entries.review(work, entry_id, body))


@router.post(f"{ONE}/hand-in")
@operation(permission=CHECKINS_CREATE, problems=[problems.NOT_OPEN, problems.EVIDENCE_MISSING])
async def hand_in_checkin_plan_entry(entry_id: UUID, body: EntryHandIn, work: Write) -> PlanEntryPublic:
    """Hand in a day again that was returned, or whose note a moderator removed."""
    return await _shown(work, await entries.hand_in(work, entry_id, body))


@router.put(f"{ONE}/reactions/{{reaction}}")
@operation(permission=CHECKIN_PLANS_COMMENT)
async def add_checkin_plan_reaction(
    entry_id: UUID, reaction: Annotated[Reaction, REACTION], work: Write
) -> PlanEntryPublic:
    """Like what a participant handed in. Again, it changes nothing."""
    return await _shown(work, await entries.like(work, entry_id, given=reaction == "like"))


@router.delete(f"{ONE}/reactions/{{reaction}}")
@operation(permission=CHECKIN_PLANS_COMMENT)
async def remove_checkin_plan_reaction(
    entry_id: UUID, reaction: Annotated[Reaction, REACTION], work: Write
) -> PlanEntryPublic:
    """Like it no more. Again, it changes nothing."""
    return await _shown(work, await entries.like(work, entry_id, given=reaction != "like"))


@router.get(f"{ONE}/comments")
@operation(permission=CHECKINS_READ)
async def list_checkin_plan_comments(entry_id: UUID, work: Read, page: PageQuery) -> Page[PlanCommentPublic]:
    """List what was said to a day, the earliest first."""
    seen = await seen_entry(work, entry_id)
    return await paginate_together(
        work.session, comments_of(entry_id), page=page, to=lambda rows: comments_shown(work, rows, seen.reader)
    )


@router.post(f"{ONE}/comments", status_code=201)
@operation(permission=CHECKIN_PLANS_COMMENT, problems=[problems.TOO_MANY_COMMENTS])
async def create_checkin_plan_comment(
    entry_id: UUID, body: CommentCreate, work: Write, response: Response
) -> PlanCommentPublic:
    """Say something to a day of a participant. Others read it once moderation has looked at it."""
    seen, row = await entries.comment(work, entry_id, body)
    created(response, f"/v1/checkin-plans/comments/{row.id}")
    return (await comments_shown(work, [row], seen.reader))[0]


@router.get("/v1/checkin-plans/comments/{comment_id}")
@operation(permission=CHECKINS_READ)
async def read_checkin_plan_comment(comment_id: UUID, work: Read) -> PlanCommentPublic:
    """Read what somebody said to a day."""
    row = await existing(work.session, PlanComment, comment_id)
    seen = await seen_entry(work, row.entry_id)
    return (await comments_shown(work, [row], seen.reader))[0]


@router.delete("/v1/checkin-plans/comments/{comment_id}", status_code=204)
@operation(permission=CHECKIN_PLANS_COMMENT)
async def remove_checkin_plan_comment(comment_id: UUID, work: Write) -> None:
    """Take a comment away: your own, or any if you run the community."""
    await entries.remove_comment(work, comment_id)


async def _shown(work: Work, seen: SeenEntry) -> PlanEntryPublic:
    return (await entries_shown(work, [seen.entry], seen.reader))[0]
