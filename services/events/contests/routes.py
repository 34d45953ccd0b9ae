"""HTTP of contests: preparing them, their board, time that is given."""

import hashlib
from typing import Annotated
from uuid import UUID

from fastapi import Header, Query, Response

from chassis.problems import (
    ALREADY_EXISTS,
    CONFLICT_OF_INTEREST,
    ILLEGAL_TRANSITION,
    PRECONDITION_FAILED,
    PRECONDITION_REQUIRED,
)
from chassis.projections.members import embedded
from chassis.web.dependencies import IfMatch, Read, Write
from chassis.web.etags import created, has_tag, set_etag
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate_together
from chassis.web.work import Work
from services.events.contests import extending, problems, queries, service
from services.events.contests.access import SeenContest, seen_contest, standing_in
from services.events.contests.rules import BoardState
from services.events.contests.schemas import (
    ContestAttemptListed,
    ContestCreate,
    ContestLine,
    ContestListed,
    ContestPatch,
    ContestPublic,
    ExtraTimeGiven,
    ExtraTimePublic,
)
from services.events.contests.views import attempts_listed, board_shown, listed, shown
from services.events.permissions import CONTESTS_READ, CONTESTS_WRITE

router = api_router(tags=["Contests"])

ALL = "/v1/contests"
ONE = "/v1/contests/{contest_id}"
_POLL_AFTER = {"live": 5, "frozen": 60, "final": 600}


@router.post(ALL, status_code=201)
@operation(permission=CONTESTS_WRITE, problems=[ALREADY_EXISTS, problems.NO_CONTEST])
async def create_contest(body: ContestCreate, work: Write, response: Response) -> ContestPublic:
    """Prepare the contest of an activity. Nobody but those who run the community knows of it before it is published."""
    seen = await service.create(work, body)
    created(response, f"{ALL}/{seen.contest.id}")
    return await _shown(work, seen, response)


@router.get(ALL)
@operation(permission=CONTESTS_READ)
async def list_contests(
    community_id: UUID,
    work: Read,
    page: PageQuery,
    activity_id: Annotated[UUID | None, Query(description="Only that of this activity.")] = None,
) -> Page[ContestListed]:
    """List a community's contests, the latest to open first; drafts for those who run it."""
    standing = await standing_in(work, community_id)
    runs = CONTESTS_WRITE.reach(standing.columns)
    found = queries.listing(community_id, activity_id=activity_id, all_of_it=bool(runs))
    return await paginate_together(
        work.session,
        found,
        page=page,
        to=lambda rows: listed(work, [SeenContest(row, standing, work.now) for row in rows]),
    )


@router.get(ONE)
@operation(permission=CONTESTS_READ)
async def read_contest(contest_id: UUID, work: Read, response: Response) -> ContestPublic:
    """Read a contest: its times, what the board shows, and what you have in it."""
    return await _shown(work, await seen_contest(work, contest_id), response)


@router.patch(ONE)
@operation(permission=CONTESTS_WRITE, problems=[ILLEGAL_TRANSITION])
async def update_contest(
    contest_id: UUID, body: ContestPatch, if_match: IfMatch, work: Write, response: Response
) -> ContestPublic:
    """Change a contest that has not opened."""
    return await _shown(work, await service.edit(work, contest_id, body, if_match), response)


@router.post(f"{ONE}/publish")
@operation(permission=CONTESTS_WRITE, problems=[ILLEGAL_TRANSITION, PRECONDITION_FAILED, PRECONDITION_REQUIRED])
async def publish_contest(contest_id: UUID, if_match: IfMatch, work: Write, response: Response) -> ContestPublic:
    """Let members know of a contest. The paper is frozen now: what is changed in the bank changes it no more."""
    return await _shown(work, await service.publish(work, contest_id, if_match), response)


@router.get(f"{ONE}/board", response_model=Page[ContestLine])
@operation(permission=CONTESTS_READ, conditional=True)
async def read_contest_board(
    contest_id: UUID,
    work: Read,
    page: PageQuery,
    response: Response,
    if_none_match: Annotated[str | None, Header(alias="If-None-Match", description="The `ETag` that you have.")] = None,
) -> Page[ContestLine] | Response:
    """Read the board from the first place on: live, as it stood when it froze, or the end.

    Whoever polls sends the `ETag` that they have, and asks again after the seconds of `Poll-After`.
    """
    seen = await seen_contest(work, contest_id)
    board: BoardState = seen.board
    lines = queries.board(contest_id, final=board == "final")
    found = await paginate_together(work.session, lines, page=page, to=lambda rows: board_shown(work, seen, rows))
    digest = hashlib.sha256(f"{board} {found.model_dump_json()}".encode()).hexdigest()[:32]
    headers = {"Poll-After": str(_POLL_AFTER[board]), "ETag": f'W/"{digest}"'}
    if has_tag(if_none_match, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    response.headers.update(headers)
    return found


@router.get(f"{ONE}/attempts")
@operation(permission=CONTESTS_WRITE)
async def list_contest_attempts(contest_id: UUID, work: Read, page: PageQuery) -> Page[ContestAttemptListed]:
    """List who has begun and who has handed in. Neither answers nor scores are in it."""
    seen = await seen_contest(work, contest_id)
    return await paginate_together(
        work.session,
        queries.attempts(contest_id),
        page=page,
        to=lambda rows: attempts_listed(work, seen.contest, rows),
    )


@router.post(f"{ONE}/extra-time")
@operation(permission=CONTESTS_WRITE, problems=[ILLEGAL_TRANSITION, CONFLICT_OF_INTEREST])
async def give_contest_extra_time(contest_id: UUID, body: ExtraTimeGiven, work: Write) -> ExtraTimePublic:
    """Give one member more time, before or while they answer. Both their minutes and the window end later for them."""
    _, minutes, attempt = await extending.give(work, contest_id, body)
    members = await embedded(work.session, [body.member_id])
    return ExtraTimePublic(
        member=members[body.member_id],
        extra_minutes=minutes,
        attempt_id=attempt.id if attempt is not None else None,
        ends_at=attempt.ends_at if attempt is not None else None,
    )


async def _shown(work: Work, seen: SeenContest, response: Response) -> ContestPublic:
    set_etag(response, seen.contest.version)
    return await shown(work, seen)
