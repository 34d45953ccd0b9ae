"""HTTP of corrections."""

from uuid import UUID

from fastapi import Response

from chassis.problems import (
    CONFLICT_OF_INTEREST,
    ILLEGAL_TRANSITION,
)
from chassis.web.dependencies import Read, Write
from chassis.web.etags import created
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate_together
from chassis.web.work import Work
from services.events.contests import problems, queries, regrading
from services.events.contests.access import SeenContest, seen_contest
from services.events.contests.models import ContestRegrade
from services.events.contests.regrade_views import regrade_lines_shown, regrades_shown
from services.events.contests.schemas import (
    ContestRegradeLinePublic,
    ContestRegradePublic,
    RegradeCreate,
    RegradeDecide,
)
from services.events.permissions import CONTESTS_REGRADE

router = api_router(tags=["Contests"])

OF_ONE = "/v1/contests/{contest_id}/regrades"
ALL = "/v1/contests/regrades"
ONE = "/v1/contests/regrades/{regrade_id}"


@router.post(OF_ONE, status_code=201)
@operation(
    permission=CONTESTS_REGRADE,
    problems=[ILLEGAL_TRANSITION, problems.NOTHING_CORRECTED, problems.REGRADE_UNDER_WAY],
)
async def create_contest_regrade(
    contest_id: UUID, body: RegradeCreate, work: Write, response: Response
) -> ContestRegradePublic:
    """Try what corrected questions change. Nothing is graded anew before somebody decides."""
    regrade, seen = await regrading.ask(work, contest_id, body)
    created(response, f"{ALL}/{regrade.id}")
    return await _shown(work, regrade, seen)


@router.get(OF_ONE)
@operation(permission=CONTESTS_REGRADE)
async def list_contest_regrades(contest_id: UUID, work: Write, page: PageQuery) -> Page[ContestRegradePublic]:
    """List the corrections of a contest, the newest first."""
    seen = await seen_contest(work, contest_id)
    return await paginate_together(
        work.session, queries.regrades(contest_id), page=page, to=lambda rows: regrades_shown(work, seen, rows)
    )


@router.get(ONE)
@operation(permission=CONTESTS_REGRADE)
async def read_contest_regrade(regrade_id: UUID, work: Write) -> ContestRegradePublic:
    """Read what a correction is about, and how many it changes."""
    return await _shown(work, *await regrading.seen_regrade(work, regrade_id))


@router.get(f"{ONE}/lines")
@operation(permission=CONTESTS_REGRADE)
async def list_contest_regrade_lines(regrade_id: UUID, work: Read, page: PageQuery) -> Page[ContestRegradeLinePublic]:
    """List whose score a correction changes, and by how much."""
    await regrading.seen_regrade(work, regrade_id)
    return await paginate_together(
        work.session, queries.regrade_lines(regrade_id), page=page, to=lambda rows: regrade_lines_shown(work, rows)
    )


@router.post(f"{ONE}/apply")
@operation(permission=CONTESTS_REGRADE, problems=[ILLEGAL_TRANSITION, CONFLICT_OF_INTEREST])
async def apply_contest_regrade(regrade_id: UUID, body: RegradeDecide, work: Write) -> ContestRegradePublic:
    """Grade the contest anew by a correction that was tried. Whoever competes does not decide about it."""
    return await _shown(work, *await regrading.decide(work, regrade_id, body))


@router.post(f"{ONE}/drop")
@operation(permission=CONTESTS_REGRADE, problems=[ILLEGAL_TRANSITION])
async def drop_contest_regrade(regrade_id: UUID, work: Write) -> ContestRegradePublic:
    """Leave everything as it is."""
    return await _shown(work, *await regrading.drop(work, regrade_id))


async def _shown(work: Work, regrade: ContestRegrade, seen: SeenContest) -> ContestRegradePublic:
    return (await regrades_shown(work, seen, [regrade]))[0]
