"""What the clock does with tests: opens them, reminds, hands in, and settles what they came to."""

from datetime import datetime

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.timers import Late, Timer, Timers, schedule
from services.membership.applications.models import Application
from services.membership.applications.moving import locked
from services.membership.applications.occasions import ApplicationMoved
from services.membership.applications.releasing import knock_out
from services.membership.applications.rules import TEST_REQUIREMENT
from services.membership.campaigns.models import Campaign
from services.membership.communities.models import Community
from services.membership.screening_tests import access
from services.membership.screening_tests.occasions import Step, TestDue, test_due
from services.membership.screening_tests.results import (
    SETTLE,
    attempts_of,
    conclude,
    extra_of,
    hand_in,
    knocks_out,
    write_verdict,
)
from services.membership.screening_tests.rules import BEFORE_CLOSING, Settings, closes_at, ended, settings_of
from services.membership.screening_tests.taking import END

OPEN = "test.open"
REMIND = "test.remind"

timers = Timers()


async def call_to_test(session: AsyncSession, reached: ApplicationMoved) -> None:
    """Tell an applicant who has come as far as the test, now or once it opens, and remind them before it closes."""
    application, campaign = reached.application, reached.campaign
    if application.state != "testing" or campaign.test is None:
        return
    settings = settings_of(campaign.test)
    if settings.opens_at is not None and settings.opens_at > reached.at:
        await schedule(session, OPEN, application.id, settings.opens_at)
    else:
        await _tell(session, application, campaign, settings, reached.at, step="opened")
    await set_end(session, application, settings, reached.at)


async def set_end(session: AsyncSession, application: Application, settings: Settings, now: datetime) -> None:
    """Set when this applicant is reminded, and when what they did is settled: as the window closes for them."""
    closing = closes_at(settings, extra_of(application))
    if closing is None:
        return
    await schedule(session, SETTLE, application.id, closing)
    if closing - BEFORE_CLOSING > now:
        await schedule(session, REMIND, application.id, closing - BEFORE_CLOSING)


@timers.on(OPEN, late=Late.TELLING)
async def tell_of_opening(session: AsyncSession, timer: Timer) -> None:
    """Tell an applicant that their test is open."""
    await _tell_of(session, timer, step="opened")


@timers.on(REMIND, late=Late.TELLING)
async def remind(session: AsyncSession, timer: Timer) -> None:
    """Tell an applicant who has not begun that their test closes soon."""
    await _tell_of(session, timer, step="closing")


async def _tell_of(session: AsyncSession, timer: Timer, *, step: Step) -> None:
    application = await session.get_one(Application, timer.subject_id)
    campaign = await access.campaign_of(session, application)
    if campaign.test is None or not access.in_test(application, campaign, timer.now):
        return
    if step == "opened" or application.test_attempts == 0:
        await _tell(session, application, campaign, settings_of(campaign.test), timer.at, step=step)


async def _tell(
    session: AsyncSession,
    application: Application,
    campaign: Campaign,
    settings: Settings,
    at: datetime,
    *,
    step: Step,
) -> None:
    due = TestDue(
        application_id=application.id,
        person_id=application.person_id,
        community_id=application.community_id,
        title=campaign.title,
        until=closes_at(settings, extra_of(application)),
        step=step,
        at=at,
    )
    await test_due.happened(session, due)


@timers.on(END, late=Late.ENDING)
async def hand_in_on_time(session: AsyncSession, timer: Timer) -> None:
    """Hand in an attempt whose time is over, as of its end."""
    application, attempts, attempt = await access.locked(session, timer.subject_id)
    over = ended(attempt.handed_in_at, attempt.ends_at, timer.now)
    if attempt.handed_in_at is not None:
        return
    if over is None:
        # More time was given while this timer was already running.
        if attempt.ends_at is not None:
            await schedule(session, END, attempt.id, attempt.ends_at)
        return
    campaign = await access.campaign_of(session, application)
    await hand_in(session, attempt, campaign, by="clock", at=over)
    await conclude(session, application, campaign, attempts, timer.now)


@timers.on(SETTLE, late=Late.ENDING)
async def settle(session: AsyncSession, timer: Timer) -> None:
    """Say what the test has come to once the window is closed, and knock out whom it rejects: also those who never began."""
    campaign, application = await locked(session, timer.subject_id)
    if campaign.test is None or not access.in_test(application, campaign, timer.now):
        return
    community = await session.get_one(Community, application.community_id)
    if community.status != "open":
        return
    settings = settings_of(campaign.test)
    attempts = await attempts_of(session, application)
    for one in attempts:
        over = ended(one.handed_in_at, one.ends_at, timer.now)
        if one.handed_in_at is None and over is not None:
            await hand_in(session, one, campaign, by="clock", at=over)
    write_verdict(application, settings, attempts, timer.now)
    if knocks_out(settings, application):
        application.failed_requirements = [*application.failed_requirements, TEST_REQUIREMENT]
        await knock_out(session, application, campaign, timer.at)
        return
    closing = closes_at(settings, extra_of(application))
    if closing is not None and closing > timer.now:
        await schedule(session, SETTLE, application.id, closing)
