"""How decisions take effect, seats are taken and freed, and the longest-waiting one moves up."""

from datetime import datetime

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.context import SYSTEM_ACTOR
from chassis.timers import Late, Timer, Timers, schedule
from contracts.recruitment import ApplicationDecided, ApplicationWithdrawn
from services.membership.applications.models import Application
from services.membership.applications.moving import facts_of, locked, note_move, tell
from services.membership.applications.occasions import ApplicationMoved, application_moved
from services.membership.applications.rules import in_effect
from services.membership.campaigns.models import Campaign
from services.membership.campaigns.occasions import QuotaRaised
from services.membership.communities.models import Community
from services.membership.people.models import Person
from services.membership.roster.joining import find_member, join, still_a_member

RELEASE = "application.release"

timers = Timers()


async def take_or_free(session: AsyncSession, campaign: Campaign, *, before: bool, after: bool) -> bool:
    """Count a seat on the locked campaign; returns whether one was freed."""
    campaign.seats_taken += int(after) - int(before)
    await session.flush()
    return before and not after


async def release(session: AsyncSession, application: Application, campaign: Campaign, *, now: datetime) -> None:
    """Let a decision take effect as of `release_at`: the message and, after acceptance, the membership.

    An applicant who has left the company meanwhile takes no seat: their application counts as withdrawn.
    """
    assert application.release_at is not None  # noqa: S101 - a decision has one, the table says so
    at = application.release_at
    person = await session.get_one(Person, application.person_id)
    if application.outcome == "accepted" and person.status in ("left", "erased"):
        await withdraw(session, application, campaign, actor=SYSTEM_ACTOR, action="withdraw", at=now)
        await promote(session, campaign, now=now)
        return
    previous = application.released_outcome or application.previous_outcome
    application.released_outcome, application.released_at = application.outcome, now
    application.live = application.outcome != "rejected"
    await tell(
        session,
        ApplicationDecided,
        application,
        came_from=application.decided_from,
        to="decided",
        at=at,
        outcome=application.outcome,
        previous_outcome=previous,
        failed_requirements=tuple(application.failed_requirements),
    )
    if application.outcome == "accepted":
        await _make_a_member(session, application, campaign, person, at=at, now=now)


async def knock_out(session: AsyncSession, application: Application, campaign: Campaign, now: datetime) -> None:
    """Reject a locked application at once, because of what it failed; its applicant may ask for a review."""
    application.decided_from = application.state
    application.state, application.outcome, application.knocked_out = "decided", "rejected", True
    application.decided_by, application.decided_at, application.release_at = SYSTEM_ACTOR, now, now
    note_move(session, application, action="knock_out", actor=SYSTEM_ACTOR, came_from=application.decided_from, at=now)
    await application_moved.happened(session, ApplicationMoved(application, campaign, application.decided_from, now))
    await release(session, application, campaign, now=now)


async def _make_a_member(
    session: AsyncSession, application: Application, campaign: Campaign, person: Person, *, at: datetime, now: datetime
) -> None:
    member = await find_member(session, community_id=application.community_id, person_id=person.id, lock=True)
    if member is None or not still_a_member(member):
        member = await join(
            session,
            person=person,
            community_id=application.community_id,
            via="application",
            joined_at=at,
            now=now,
            channel=application.channel,
            cohort_id=campaign.cohort_id,
            campaign_id=campaign.id,
            application_id=application.id,
        )
    # Else an import has been faster: the membership that exists stays as it is.
    application.member_id = member.id


async def withdraw(
    session: AsyncSession, application: Application, campaign: Campaign, *, actor: str, action: str, at: datetime
) -> None:
    """Take an application out of the race and free its seat; the caller lets somebody move up."""
    came_from = application.state
    if application.state == "decided" and application.outcome == "accepted":
        await take_or_free(session, campaign, before=True, after=False)
    application.state, application.live = "withdrawn", False
    note_move(session, application, action=action, actor=actor, came_from=came_from, at=at)
    if application.submitted_at is not None:
        await tell(session, ApplicationWithdrawn, application, came_from=came_from, to="withdrawn", at=at)
    await application_moved.happened(session, ApplicationMoved(application, campaign, came_from, at))


async def promote(session: AsyncSession, campaign: Campaign, *, now: datetime, but: Application | None = None) -> None:
    """Give the free seats of the locked campaign to those who have waited longest, until it is archived.

    For use where a seat was freed or added. As long as none is, applicants may be put on the list although seats are free.
    Applicants who already know that they are waiting are told at once; the others keep the moment of their release. `but` is the one
    that has just been put on the list by hand.
    """
    if campaign.status_at(now) == "archived":
        return
    while campaign.seats_taken < campaign.quota:
        waiting = (
            select(Application)
            .where(
                col(Application.campaign_id) == campaign.id,
                col(Application.state) == "decided",
                col(Application.outcome) == "waitlisted",
                # Whom an old history says to have waited then waits no more.
                col(Application.waitlisted_at).is_not(None),
            )
            .order_by(col(Application.waitlisted_at), col(Application.id))
            .limit(1)
            .with_for_update()
        )
        if but is not None:
            waiting = waiting.where(col(Application.id) != but.id)
        application: Application | None = (await session.execute(waiting)).scalar_one_or_none()
        if application is None:
            return
        await _move_up(session, application, campaign, now)


async def _move_up(session: AsyncSession, application: Application, campaign: Campaign, now: datetime) -> None:
    known = in_effect(facts_of(application, campaign, now), now)
    application.outcome = "accepted"
    application.told_reason, application.reason_for_applicant = application.reason_for_applicant, None
    application.decided_by, application.decided_at, application.decided_from = SYSTEM_ACTOR, now, "decided"
    await take_or_free(session, campaign, before=False, after=True)
    note_move(session, application, action="promote", actor=SYSTEM_ACTOR, came_from="decided", at=now)
    if known:
        application.release_at = now
        await release(session, application, campaign, now=now)


async def release_or_schedule(
    session: AsyncSession, application: Application, campaign: Campaign, *, now: datetime
) -> None:
    """Let the decision take effect if its time has come, else set a timer for it."""
    assert application.release_at is not None  # noqa: S101 - a decision has one, the table says so
    if application.release_at <= now:
        await release(session, application, campaign, now=now)
    else:
        await schedule(session, RELEASE, application.id, application.release_at)


async def let_in_the_waiting(session: AsyncSession, raised: QuotaRaised) -> None:
    """Let those who have waited longest move up to the seats that were added."""
    await promote(session, raised.campaign, now=raised.at)


@timers.on(RELEASE, late=Late.ENDING)
async def release_on_time(session: AsyncSession, timer: Timer) -> None:
    """Record that a decision has taken effect, and tell."""
    campaign, application = await locked(session, timer.subject_id)
    community = await session.get_one(Community, application.community_id)
    facts = facts_of(application, campaign, timer.now)
    unsaid = application.released_at is None or application.outcome != application.released_outcome
    if community.status == "open" and in_effect(facts, timer.now) and unsaid:
        await release(session, application, campaign, now=timer.now)
