"""HTTP of attempts."""

from uuid import UUID

from fastapi import Response

from chassis.problems import CONFLICT_OF_INTEREST, ILLEGAL_TRANSITION
from chassis.web.dependencies import Read, Write
from chassis.web.etags import created
from chassis.web.operations import api_router, operation
from services.events.activities.schemas import ReasonGiven
from services.events.contests import attempts, extending, problems
from services.events.contests.access import own_attempt
from services.events.contests.schemas import (
    AnswerSaved,
    AnswersSave,
    AnswersSaved,
    AttemptBegin,
    AttemptClient,
    ContestAttemptListed,
    ContestAttemptPublic,
)
from services.events.contests.views import attempt_shown, attempts_listed
from services.events.permissions import CONTEST_ATTEMPTS_OWN, CONTESTS_WRITE

router = api_router(tags=["Contest attempts"])

ALL = "/v1/contest-attempts"
ONE = "/v1/contest-attempts/{attempt_id}"


@router.post(ALL, status_code=201)
@operation(
    permission=CONTEST_ATTEMPTS_OWN,
    problems=[
        ILLEGAL_TRANSITION,
        problems.NOT_OPEN_YET,
        problems.WINDOW_CLOSED,
        problems.NOT_ENTERED,
        problems.NO_TEAM,
        problems.READS_THE_BANK,
    ],
    existing="You have begun already, and go on on this device.",
)
async def begin_contest_attempt(body: AttemptBegin, work: Write, response: Response) -> ContestAttemptPublic:
    """Begin a contest, or go on with it on this device. The time runs from now, by the clock of the server."""
    seen, new = await attempts.begin(work, body)
    created(response, f"{ALL}/{seen.attempt.id}")
    if not new:
        response.status_code = 200
    return await attempt_shown(work, seen)


@router.get(ONE)
@operation(permission=CONTEST_ATTEMPTS_OWN)
async def read_contest_attempt(attempt_id: UUID, work: Read) -> ContestAttemptPublic:
    """Read your own attempt: the questions and what you answered; after the release with solutions and explanations."""
    return await attempt_shown(work, await own_attempt(work, attempt_id, reads=True))


@router.put(f"{ONE}/answers")
@operation(
    permission=CONTEST_ATTEMPTS_OWN,
    problems=[
        ILLEGAL_TRANSITION,
        problems.ATTEMPT_OVER,
        problems.TAKEN_OVER,
        problems.ANSWER_FINAL,
        problems.READS_THE_BANK,
    ],
)
async def save_contest_answers(attempt_id: UUID, body: AnswersSave, work: Write) -> AnswersSaved:
    """Save answers as they are given. Of two saves of a question the greater sequence counts, in whatever order they arrive."""
    seen, kept = await attempts.save(work, attempt_id, body)
    answers = [
        AnswerSaved(number=given.number, sequence=one.sequence, received_at=one.received_at)
        for given, one in zip(body.answers, kept, strict=True)
    ]
    return AnswersSaved(answers=answers, ends_at=seen.attempt.ends_at, server_time=work.now)


@router.post(f"{ONE}/hand-in")
@operation(permission=CONTEST_ATTEMPTS_OWN, problems=[ILLEGAL_TRANSITION, problems.TAKEN_OVER])
async def hand_in_contest_attempt(attempt_id: UUID, body: AttemptClient, work: Write) -> ContestAttemptPublic:
    """Hand in before the time is over. Again, it changes nothing."""
    return await attempt_shown(work, await attempts.hand_in(work, attempt_id, body))


@router.post(f"{ONE}/reopen")
@operation(permission=CONTESTS_WRITE, problems=[ILLEGAL_TRANSITION, CONFLICT_OF_INTEREST])
async def reopen_contest_attempt(attempt_id: UUID, body: ReasonGiven, work: Write) -> ContestAttemptListed:
    """Let a member go on who handed in, with the time that was left then. What runs is left as it is."""
    seen = await extending.reopen(work, attempt_id, body)
    return (await attempts_listed(work, seen.contest, [seen.attempt]))[0]
