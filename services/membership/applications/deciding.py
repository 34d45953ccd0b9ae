"""What operators and owners do with applications."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import audit
from chassis.problems import INVALID, FieldError, refused
from chassis.security.authority import Standing, authorize
from chassis.security.caller import Caller
from chassis.timers import cancel
from contracts.recruitment import ApplicationAdvanced, ApplicationReturned
from services.membership.applications.models import Application
from services.membership.applications.moving import check, hand_of, is_applicant, locked, note_move, tell
from services.membership.applications.occasions import ApplicationMoved, application_moved
from services.membership.applications.releasing import RELEASE, promote, release, release_or_schedule, take_or_free
from services.membership.applications.rules import RETURN_PERIOD, holds_seat, in_effect, next_state, outcome_refusal
from services.membership.applications.schemas import Decision, Return
from services.membership.applications.steps import unfinished_steps
from services.membership.campaigns.models import Campaign
from services.membership.permissions import APPLICATIONS_DECIDE, APPLICATIONS_READ


async def return_(
    session: AsyncSession, *, caller: Caller, application_id: UUID, body: Return, now: datetime
) -> tuple[Application, Campaign, Standing]:
    """Give an application back to be completed."""
    campaign, application, standing = await _locked(session, caller, application_id, now)
    check("return", application, campaign, hand_of(caller, application, standing), now)
    until = body.until or now + RETURN_PERIOD
    if until <= now:
        raise INVALID(errors=[FieldError("/until", "in_the_past", "This moment is in the past.", "该时间已过去。")])
    came_from = application.state
    application.state, application.holder = "returned", caller.actor
    application.returned_what, application.returned_until = body.what, until
    note_move(session, application, action="return", actor=caller.actor, came_from=came_from, at=now, note=body.what)
    await tell(session, ApplicationReturned, application, came_from=came_from, to="returned", at=now)
    await audit(session, caller, application, "return", {"state": [came_from, "returned"]}, now)
    return application, campaign, standing


async def advance(
    session: AsyncSession, *, caller: Caller, application_id: UUID, seen: Mapping[UUID, str], now: datetime
) -> tuple[Application, Campaign, Standing]:
    """Move an application to the next step of its campaign, from the state in which it was `seen` when the request came."""
    campaign, application, standing = await _locked(session, caller, application_id, now)
    lacking = await unfinished_steps(session, [application], now)
    hand = hand_of(caller, application, standing)
    facts = check("advance", application, campaign, hand, now, lacking.get(application.id))
    following = next_state(facts)
    if following is None or seen.get(application_id) != application.state:
        raise refused("illegal_transition", state=application.state)
    came_from = application.state
    application.state, application.holder = following, caller.actor
    note_move(session, application, action="advance", actor=caller.actor, came_from=came_from, at=now)
    await tell(session, ApplicationAdvanced, application, came_from=came_from, to=following, at=now)
    await audit(session, caller, application, "advance", {"state": [came_from, following]}, now)
    await application_moved.happened(session, ApplicationMoved(application, campaign, came_from, now))
    return application, campaign, standing


async def decide(
    session: AsyncSession, *, caller: Caller, application_id: UUID, body: Decision, now: datetime
) -> tuple[Application, Campaign, Standing]:
    """Decide, or decide otherwise before the release. The seat is taken or freed at once.

    Raises `QUOTA_FULL`, `STEPS_REMAINING`, `CONFLICT_OF_INTEREST`, `ILLEGAL_TRANSITION`, and what the step lacks.
    """
    campaign, application, standing = await _locked(session, caller, application_id, now)
    lacking = await unfinished_steps(session, [application], now)
    hand = hand_of(caller, application, standing)
    facts = check("decide", application, campaign, hand, now, lacking.get(application.id))
    held = holds_seat(facts)
    code = outcome_refusal(facts, body.outcome, seats_left=campaign.quota - campaign.seats_taken)
    if code is not None:
        raise refused(code, state=application.state)
    before = [application.outcome, application.release_at]
    came_from = application.state
    if in_effect(facts, now):
        if application.released_outcome != application.outcome:
            # The clock has released it without a worker to say so.
            await release(session, application, campaign, now=now)
        application.told_reason = application.reason_for_applicant
    if body.outcome != application.outcome:
        if body.outcome == "waitlisted":
            # Whoever was on the list before, until somebody erred, keeps their place.
            application.waitlisted_at = application.waitlisted_at or now
        application.decided_from = application.decided_from if came_from == "decided" else came_from
    in_effect_already = application.released_outcome == body.outcome and came_from == "decided"
    application.state, application.outcome, application.reason = "decided", body.outcome, body.reason
    application.reason_for_applicant = body.reason_for_applicant
    application.decided_by = application.holder = caller.actor
    application.decided_at = now
    application.release_at = max(body.release_at or now, now)
    freed = await take_or_free(session, campaign, before=held, after=body.outcome == "accepted")
    note_move(session, application, action="decide", actor=caller.actor, came_from=came_from, at=now, note=body.reason)
    await audit(
        session,
        caller,
        application,
        "decide",
        {"outcome": [before[0], body.outcome], "release_at": [before[1], application.release_at]},
        now,
    )
    if came_from != "decided":
        await application_moved.happened(session, ApplicationMoved(application, campaign, came_from, now))
    await cancel(session, RELEASE, application.id)
    if in_effect_already:
        # The applicant already knows this outcome: there is nothing to release.
        application.release_at = now
    else:
        await release_or_schedule(session, application, campaign, now=now)
    if freed:
        await promote(session, campaign, now=now, but=application)
    return application, campaign, standing


async def _locked(
    session: AsyncSession, caller: Caller, application_id: UUID, now: datetime
) -> tuple[Campaign, Application, Standing]:
    campaign, application = await locked(session, application_id)
    standing = await authorize(
        session,
        caller,
        APPLICATIONS_DECIDE,
        application.community_id,
        own=is_applicant(caller, application),
        seen_by=APPLICATIONS_READ,
        now=now,
    )
    return campaign, application, standing
