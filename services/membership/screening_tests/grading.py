"""What those do who screen: read attempts, grade short texts, give extra time, reopen. Never about themselves."""

from datetime import datetime, timedelta
from uuid import UUID

from assessment import attempts as library
from chassis.audit import audit
from chassis.database.rows import existing
from chassis.problems import INVALID, NOT_FOUND, FieldError, refused
from chassis.timers import cancel, schedule
from chassis.web.work import Work
from services.membership.applications.models import Application
from services.membership.applications.rules import IN_PROGRESS
from services.membership.campaigns.models import Campaign
from services.membership.screening_tests import access
from services.membership.screening_tests.models import Attempt, GivenAnswer
from services.membership.screening_tests.occasions import Step, TestDue, test_due
from services.membership.screening_tests.papers import drawn_for
from services.membership.screening_tests.problems import NO_TIME_LEFT, NOTHING_TO_GRADE
from services.membership.screening_tests.results import (
    attempts_of,
    conclude,
    extra_of,
    hand_in,
    regrade,
    test_of,
    waits_for_people,
)
from services.membership.screening_tests.rules import MICROSECOND, Settings, beginning_refusal, closes_at, ended
from services.membership.screening_tests.running import set_end
from services.membership.screening_tests.taking import END


async def read(work: Work, attempt_id: UUID) -> tuple[Attempt, Application, Campaign]:
    """An attempt, for who grades; the reading is recorded."""
    attempt = await existing(work.session, Attempt, attempt_id)
    application = await work.session.get_one(Application, attempt.application_id)
    campaign = await access.campaign_of(work.session, attempt)
    await access.graders(work, campaign, applicant_id=application.person_id)
    await audit(work.session, work.caller, attempt, "read", {}, work.now)
    return attempt, application, campaign


async def mark(work: Work, attempt_id: UUID, question_id: str, marks: int) -> tuple[Attempt, Application, Campaign]:
    """Say what an answer is worth that people grade. Raises `NOTHING_TO_GRADE`; what was said before is replaced."""
    application, attempts, attempt, campaign = await _locked(work, attempt_id)
    drawn = await drawn_for(work.session, attempt)
    asked = drawn.questions.get(question_id)
    if asked is None:
        raise NOT_FOUND()
    given = await work.session.get(GivenAnswer, (attempt.id, question_id), with_for_update=True)
    if attempt.handed_in_at is None or given is None or not waits_for_people(asked.question, given.answer):
        raise NOTHING_TO_GRADE()
    if marks > asked.question.marks:
        most = asked.question.marks
        raise INVALID(
            errors=[
                FieldError(
                    "/marks", "too_many", f"The question brings {most} at most.", f"该题最多 {most} 分（百分之一分）。"
                )
            ]
        )
    before = given.marks
    given.marks, given.marked_by, given.marked_at = marks, work.actor, work.now
    await regrade(work.session, attempt, campaign)
    await conclude(work.session, application, campaign, attempts, work.now)
    await audit(work.session, work.caller, attempt, "grade", {"marks": [before, marks]}, work.now)
    return attempt, application, campaign


async def give_extra(work: Work, application_id: UUID, minutes: int) -> tuple[Application, Campaign, Attempt | None]:
    """Give an applicant so many minutes more in all: the limits of every attempt move, of those to come, too. Raises `INVALID` for less than before."""
    application = await existing(work.session, Application, application_id, lock=True)
    campaign = await access.campaign_of(work.session, application)
    await access.graders(work, campaign, applicant_id=application.person_id)
    if application.submitted_at is None:
        raise NOT_FOUND()
    settings = test_of(campaign)
    before = application.test_extra_minutes
    if minutes < before:
        raise INVALID(
            errors=[
                FieldError(
                    "/minutes", "less_than_given", f"They have {before} already.", f"此人已获延长 {before} 分钟。"
                )
            ]
        )
    attempts = await attempts_of(work.session, application)
    if minutes > before:
        application.test_extra_minutes = minutes
        for one in attempts:
            await _move(work, one, campaign, settings, timedelta(minutes=minutes - before))
        await conclude(work.session, application, campaign, attempts, work.now)
        if application.state == "testing":
            await set_end(work.session, application, settings, work.now)
        await audit(
            work.session, work.caller, application, "extend", {"test_extra_minutes": [before, minutes]}, work.now
        )
    live = next((one for one in attempts if one.handed_in_at is None), None)
    if minutes > before and _can_go_on(application, campaign, settings, live, work.now):
        until = closes_at(settings, extra_of(application)) if live is None else live.ends_at
        await _tell(work, application, campaign, live, until, step="extended")
    return application, campaign, live


def _can_go_on(
    application: Application, campaign: Campaign, settings: Settings, live: Attempt | None, now: datetime
) -> bool:
    """Whether more time lets this applicant do something, now or once their test opens."""
    if application.state not in IN_PROGRESS or campaign.status_at(now) == "archived":
        return False
    refused_with = beginning_refusal(settings, begun=application.test_attempts, extra=extra_of(application), now=now)
    return live is not None or refused_with in (None, "not_open_yet")


async def _tell(
    work: Work,
    application: Application,
    campaign: Campaign,
    attempt: Attempt | None,
    until: datetime | None,
    *,
    step: Step,
) -> None:
    due = TestDue(
        application_id=application.id,
        person_id=application.person_id,
        community_id=application.community_id,
        title=campaign.title,
        until=until,
        step=step,
        at=work.now,
        attempt_id=None if attempt is None else attempt.id,
    )
    await test_due.happened(work.session, due)


async def _move(work: Work, attempt: Attempt, campaign: Campaign, settings: Settings, extra: timedelta) -> None:
    """What was handed in stays so, also by the clock alone; once reopened it has this time, too."""
    over = ended(attempt.handed_in_at, attempt.ends_at, work.now)
    if attempt.handed_in_at is None and over is not None:
        await hand_in(work.session, attempt, campaign, by="clock", at=over)
    course = library.given_extra(settings.window, attempt.course, extra, work.now)
    attempt.moved, attempt.ends_at = course.moved // MICROSECOND, library.ends_at(settings.window, course)
    if attempt.handed_in_at is None and attempt.ends_at is not None:
        await schedule(work.session, END, attempt.id, attempt.ends_at)


async def reopen(work: Work, attempt_id: UUID) -> tuple[Attempt, Application, Campaign]:
    """Let an attempt that was handed in run on, with what was left of its time: the last one, while the application is in the test.

    Raises `ILLEGAL_TRANSITION`, `NO_TIME_LEFT`.
    """
    application, attempts, attempt, campaign = await _locked(work, attempt_id)
    over = ended(attempt.handed_in_at, attempt.ends_at, work.now)
    if not access.in_test(application, campaign, work.now) or attempt is not attempts[-1] or over is None:
        raise refused("illegal_transition", state="running" if over is None else application.state)
    settings = test_of(campaign)
    attempt.handed_in_at = over
    course = library.reopened(settings.window, attempt.course, work.now)
    ends_at = library.ends_at(settings.window, course)
    if ends_at is not None and ends_at <= work.now:
        raise NO_TIME_LEFT()
    attempt.moved, attempt.ends_at = course.moved // MICROSECOND, ends_at
    attempt.handed_in_at, attempt.handed_in_by = None, None
    attempt.score, attempt.full, attempt.ungraded = None, None, 0
    await conclude(work.session, application, campaign, attempts, work.now)
    if ends_at is not None:
        await schedule(work.session, END, attempt.id, ends_at)
    else:
        await cancel(work.session, END, attempt.id)
    await audit(work.session, work.caller, attempt, "reopen", {"handed_in_at": [over, None]}, work.now)
    await _tell(work, application, campaign, attempt, ends_at, step="reopened")
    return attempt, application, campaign


async def _locked(work: Work, attempt_id: UUID) -> tuple[Application, list[Attempt], Attempt, Campaign]:
    application, attempts, attempt = await access.locked(work.session, attempt_id)
    campaign = await access.campaign_of(work.session, attempt)
    await access.graders(work, campaign, applicant_id=application.person_id)
    return application, attempts, attempt, campaign
