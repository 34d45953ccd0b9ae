"""What an attempt comes to, and all attempts of an application together."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from assessment import scoring
from assessment.attempts import Saved
from assessment.documents import answer_of
from assessment.grading import grade, total
from assessment.questions import Question
from chassis.budget import spend
from chassis.database.statements import Prepared, bindparam
from chassis.interpreting import interpreted
from chassis.problems import ILLEGAL_TRANSITION
from chassis.timers import schedule
from services.membership.applications.models import Application
from services.membership.campaigns.models import Campaign
from services.membership.screening_tests.models import Attempt, GivenAnswer
from services.membership.screening_tests.papers import Drawn, drawn_for
from services.membership.screening_tests.rules import Settings, Taken, Verdict, settings_of, verdict

SETTLE: Final = "test.settle"

_ATTEMPTS: Prepared[Any] = Prepared(
    select(Attempt)
    .where(col(Attempt.application_id) == bindparam("application_id"))
    .order_by(col(Attempt.number))
    .with_for_update()
)
_ANSWERS: Prepared[Any] = Prepared(
    select(GivenAnswer)
    .where(col(GivenAnswer.attempt_id) == bindparam("attempt_id"))
    .order_by(col(GivenAnswer.question_id))
)


async def attempts_of(session: AsyncSession, application: Application) -> list[Attempt]:
    """The attempts of a locked application, locked, in the order in which they were begun: at most ten."""
    return await _ATTEMPTS.load(session, again=True, application_id=application.id)


async def answers_of(session: AsyncSession, attempt_id: UUID) -> list[Any]:
    """What was saved in an attempt: at most one row for each question."""
    return await _ANSWERS.all(session, attempt_id=attempt_id)


async def hand_in(session: AsyncSession, attempt: Attempt, campaign: Campaign, *, by: str, at: datetime) -> None:
    """Close a locked attempt as of that moment, and grade what is in it."""
    attempt.handed_in_at, attempt.handed_in_by = at, by
    await regrade(session, attempt, campaign)


async def regrade(session: AsyncSession, attempt: Attempt, campaign: Campaign) -> None:
    """Grade a locked attempt that is handed in, with the marks that people have given, by the version that is in force.

    The campaign was read after the application was locked: a correction that is applied meanwhile waits for this lock, and comes after.
    """
    attempt.graded_version = campaign.test_graded_version
    drawn = await drawn_for(session, attempt)
    await session.flush()
    attempt.score, attempt.ungraded = graded(drawn, attempt, await answers_of(session, attempt.id))
    attempt.full = sum(one.question.marks for one in drawn.questions.values())


def graded(drawn: Drawn, attempt: Attempt, answers: Sequence[Any]) -> tuple[int, int]:
    """What the answers come to in hundredths of a mark, and how many of them wait for people. Raises `Wanted` in a request where that takes long."""
    questions = drawn.graded_by

    def work(*_sources: bytes) -> tuple[int, int]:
        saves, by_people = {}, {}
        for one in answers:
            given = answer_of(one.answer)
            if one.question_id in questions:
                spend(_cost(questions[one.question_id], given.texts))
            saves[one.question_id] = Saved(given, one.sequence, one.received_at)
            if one.marks is not None:
                by_people[one.question_id] = one.marks
        grades = scoring.grades_of(questions, saves, by_people).values()
        return total(one.marks or 0 for one in grades), sum(one.marks is None for one in grades)

    read = orjson.dumps([[one.question_id, one.answer, one.marks] for one in answers])
    return interpreted(work, f"{attempt.paper_id}:{attempt.paper_version}:{attempt.seed}".encode(), read)


def _cost(question: Question, texts: Sequence[str]) -> int:
    """Steps of reading: each text is compared with all that its blank accepts."""
    accepted = sum(len(blank.accepted) for blank in question.blanks)
    return 1 + accepted * (1 + sum(map(len, texts)) // 20)


def waits_for_people(question: Question, given: Mapping[str, Any]) -> bool:
    """Whether people grade this answer."""
    return question.by_people and grade(question, answer_of(given)).marks is None


async def conclude(
    session: AsyncSession, application: Application, campaign: Campaign, attempts: Sequence[Attempt], now: datetime
) -> None:
    """Write on a locked application what its attempts come to. Where that is to knock it out, a timer sees to it at once.

    Knocking out takes the lock of the campaign, which comes before this one, and for which many who hand in at the same moment would queue.
    """
    settings = test_of(campaign)
    write_verdict(application, settings, attempts, now)
    if knocks_out(settings, application):
        await schedule(session, SETTLE, application.id, now)


def write_verdict(application: Application, settings: Settings, attempts: Sequence[Attempt], now: datetime) -> None:
    """Write on a locked application what its attempts come to."""
    taken = [Taken(one.handed_in_at is not None, one.score or 0, one.full or 0, one.ungraded) for one in attempts]
    found = verdict_of(application, settings, taken, now)
    application.test_result, application.test_score, application.test_full = found.result, found.score, found.full


def verdict_of(application: Application, settings: Settings, taken: Sequence[Taken], now: datetime) -> Verdict:
    """What attempts of an application come to that have these scores."""
    return verdict(settings, taken, begun=application.test_attempts, extra=extra_of(application), now=now)


def knocks_out(settings: Settings, application: Application) -> bool:
    """Whether its result rejects it: not one that a human has looked at, or is to look at, after it was knocked out before."""
    return (
        settings.knock_out
        and application.test_result == "failed"
        and application.state == "testing"
        and application.review_requested_at is None
    )


def test_of(campaign: Campaign) -> Settings:
    """What its test asks. Raises `ILLEGAL_TRANSITION` where it has none that could be taken."""
    if campaign.test is None or campaign.paper_state != "there":
        raise ILLEGAL_TRANSITION(
            "The campaign has no test that could be taken.", "该招募没有可进行的测试。", state=campaign.status
        )
    return settings_of(campaign.test)


def in_force(campaign: Campaign) -> int:
    """The version of the paper by which its test is graded now."""
    return campaign.test_graded_version or kept_test(campaign).paper_version


def kept_test(campaign: Campaign) -> Settings:
    """What the test asks at which there are attempts: it does not change any more."""
    assert campaign.test is not None  # noqa: S101 - there are none without
    return settings_of(campaign.test)


def extra_of(application: Application) -> timedelta:
    """How much more time this person has."""
    return timedelta(minutes=application.test_extra_minutes)
