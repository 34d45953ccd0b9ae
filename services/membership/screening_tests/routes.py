"""HTTP of tests."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Query, Response

from chassis.database.rows import existing
from chassis.problems import CONFLICT_OF_INTEREST, ILLEGAL_TRANSITION, INVALID, FieldError
from chassis.web.dependencies import Read, Write
from chassis.web.etags import created
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate_together
from chassis.web.work import Work
from services.membership.applications.models import Application
from services.membership.base import links
from services.membership.campaigns.models import Campaign
from services.membership.campaigns.queries import campaign_of
from services.membership.permissions import (
    TEST_ATTEMPTS_EXTEND,
    TEST_ATTEMPTS_GRADE,
    TEST_ATTEMPTS_OWN,
    TEST_ATTEMPTS_REOPEN,
)
from services.membership.screening_tests import access, grading, queries, taking, views
from services.membership.screening_tests.models import Attempt
from services.membership.screening_tests.papers import drawn_for
from services.membership.screening_tests.problems import (
    ANSWERS_REFUSED,
    ATTEMPT_OVER,
    ATTEMPTS_USED,
    NO_TIME_LEFT,
    NOT_OPEN_YET,
    NOTHING_TO_GRADE,
    TAKEN_OVER,
    WINDOW_CLOSED,
)
from services.membership.screening_tests.results import answers_of, extra_of, kept_test
from services.membership.screening_tests.rules import closes_at
from services.membership.screening_tests.schemas import (
    AnswersSave,
    AttemptAnswers,
    AttemptBegin,
    AttemptHandIn,
    AttemptPublic,
    AttemptResult,
    AttemptSaved,
    ExtraTime,
    ExtraTimeGiven,
    MarksGiven,
)

router = api_router(tags=["Tests"])

ONE = "/v1/test-attempts/{attempt_id}"
QuestionId = Annotated[str, Path(min_length=1, max_length=64)]


@router.post("/v1/test-attempts", status_code=201)
@operation(
    permission=TEST_ATTEMPTS_OWN,
    problems=[ATTEMPTS_USED, ILLEGAL_TRANSITION, NOT_OPEN_YET, WINDOW_CLOSED],
    existing="One runs already: this client holds it from now on.",
)
async def begin_test_attempt(body: AttemptBegin, work: Write, response: Response) -> AttemptPublic:
    """Begin an attempt at the test, or go on with the one that runs.

    The last client to ask holds it; others read `taken_over` when they save. Who only wants to look reads the attempt.
    """
    attempt, new = await taking.begin(work, body)
    created(response, f"/v1/test-attempts/{attempt.id}")
    if not new:
        response.status_code = 200
    return await _own(work, attempt, await work.session.get_one(Application, attempt.application_id))


@router.get(ONE)
@operation(permission=TEST_ATTEMPTS_OWN)
async def read_test_attempt(attempt_id: UUID, work: Read) -> AttemptPublic:
    """Read your attempt: the sheet, what was saved, and until when it runs by the server's clock."""
    return await _own(work, *await taking.read(work, attempt_id))


@router.put(f"{ONE}/answers")
@operation(permission=TEST_ATTEMPTS_OWN, problems=[ANSWERS_REFUSED, ATTEMPT_OVER, TAKEN_OVER])
async def save_test_answers(attempt_id: UUID, body: AnswersSave, work: Write) -> AttemptSaved:
    """Save answers as they are given. Of each question the save with the greatest `sequence` stands. Nothing is taken after the end."""
    return views.saved(await taking.save(work, attempt_id, body), work.now)


@router.post(f"{ONE}/hand-in")
@operation(permission=TEST_ATTEMPTS_OWN, problems=[TAKEN_OVER])
async def hand_in_test_attempt(attempt_id: UUID, body: AttemptHandIn, work: Write) -> AttemptSaved:
    """Hand in. When the time is over, the server does it, with what was saved."""
    return views.saved(await taking.hand_in_own(work, attempt_id, body.client_id), work.now)


@router.get("/v1/test-attempts")
@operation(permission=TEST_ATTEMPTS_GRADE)
async def list_test_attempts(
    work: Read,
    page: PageQuery,
    community_id: UUID | None = None,
    campaign_id: UUID | None = None,
    application_id: UUID | None = None,
    to_grade: Annotated[bool, Query(description="Only those with answers that wait for people.")] = False,
) -> Page[AttemptResult]:
    """List attempts with their results, for those who grade, without names and without their own. Name a community, campaign or application."""
    if campaign_id is None and community_id is None and application_id is not None:
        campaign_id = (await existing(work.session, Application, application_id)).campaign_id
    if campaign_id is not None:
        await access.graders(work, await campaign_of(work.session, campaign_id))
    elif community_id is not None:
        await work.permit(community_id)
    else:
        raise INVALID(errors=[_NO_PLACE])
    listing = queries.attempts(
        community_id=community_id,
        campaign_id=campaign_id,
        application_id=application_id,
        to_grade=to_grade,
        but_of=access.person_of(work),
    )

    async def shown(rows: Sequence[Any]) -> list[AttemptResult]:
        return [views.for_graders(attempt, campaign, one, work.caller, work.now) for attempt, campaign, one in rows]

    return await paginate_together(work.session, listing, page=page, to=shown)


@router.get(f"{ONE}/answers")
@operation(permission=TEST_ATTEMPTS_GRADE, problems=[CONFLICT_OF_INTEREST])
async def read_test_answers(attempt_id: UUID, work: Write) -> AttemptAnswers:
    """Read the answers of an attempt with what each is worth, to grade what people grade. Your reading is audited."""
    return await _graders(work, await grading.read(work, attempt_id))


@router.put(f"{ONE}/marks/{{question_id}}")
@operation(permission=TEST_ATTEMPTS_GRADE, problems=[CONFLICT_OF_INTEREST, NOTHING_TO_GRADE])
async def mark_test_answer(attempt_id: UUID, question_id: QuestionId, body: MarksGiven, work: Write) -> AttemptAnswers:
    """Say what an answer is worth that people grade; what was said before is replaced."""
    return await _graders(work, await grading.mark(work, attempt_id, question_id, body.marks))


@router.post(f"{ONE}/reopen")
@operation(permission=TEST_ATTEMPTS_REOPEN, problems=[CONFLICT_OF_INTEREST, ILLEGAL_TRANSITION, NO_TIME_LEFT])
async def reopen_test_attempt(attempt_id: UUID, work: Write) -> AttemptResult:
    """Let the last attempt run on with the time that was left of it. If none was, give extra time first."""
    attempt, application, campaign = await grading.reopen(work, attempt_id)
    return views.for_graders(attempt, campaign, application, work.caller, work.now)


@router.put("/v1/applications/{application_id}/extra-time")
@operation(permission=TEST_ATTEMPTS_EXTEND, problems=[CONFLICT_OF_INTEREST, ILLEGAL_TRANSITION])
async def give_extra_time(application_id: UUID, body: ExtraTime, work: Write) -> ExtraTimeGiven:
    """Give an applicant more time for the test: each attempt takes longer, and the window closes later."""
    application, campaign, attempt = await grading.give_extra(work, application_id, body.minutes)
    return ExtraTimeGiven(
        application_id=application.id,
        minutes=application.test_extra_minutes,
        closes_at=closes_at(kept_test(campaign), extra_of(application)),
        attempt_id=attempt.id if attempt else None,
        ends_at=attempt.ends_at if attempt else None,
    )


async def _own(work: Work, attempt: Attempt, application: Application) -> AttemptPublic:
    drawn = await drawn_for(work.session, attempt)
    answers = await answers_of(work.session, attempt.id)

    def address(attachment_id: UUID) -> str:
        return links.address(work.session, attachment_id, "large", now=work.now, reader=attempt.person_id)

    return views.for_applicant(attempt, application, drawn, answers, work.now, address=address)


async def _graders(work: Work, found: tuple[Attempt, Application, Campaign]) -> AttemptAnswers:
    attempt, application, campaign = found
    drawn = await drawn_for(work.session, attempt)
    answers = await answers_of(work.session, attempt.id)
    return views.answers_for_graders(attempt, campaign, application, drawn, answers, work.caller, work.now)


_NO_PLACE = FieldError(
    "#/query/community_id",
    "missing",
    "Give community_id, campaign_id or application_id.",
    "请给出 community_id、campaign_id 或 application_id。",
)
