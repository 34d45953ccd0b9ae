"""What applicants do: begin, hand in, complete, withdraw, decline, ask for a review."""

from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.forms.answers import errors_in, excess
from chassis.forms.problems import ANSWERS_INVALID, below
from chassis.interpreting import interpreted
from chassis.problems import INVALID, NOT_FOUND, FieldError, refused
from chassis.security.authority import Standing, authorize
from chassis.security.caller import Caller
from chassis.security.permissions import Permission
from chassis.timers import cancel
from chassis.web.etags import require_match
from chassis.web.patches import merged
from contracts.recruitment import ApplicationAdvanced, ApplicationSubmitted
from services.membership.applications.models import Application
from services.membership.applications.moving import check, hand_of, is_applicant, locked, note_move, tell
from services.membership.applications.problems import (
    ALREADY_APPLIED,
    NOT_IN_AUDIENCE,
)
from services.membership.applications.releasing import RELEASE, knock_out, promote
from services.membership.applications.releasing import withdraw as take_out
from services.membership.applications.rules import Action, holds_seat
from services.membership.applications.schemas import ApplicationCreate
from services.membership.applications.ways_in import campaign_reached, channel_reached, check_earlier, live_one
from services.membership.campaigns.models import Campaign, FormVersion
from services.membership.campaigns.rules import applying_refusal, evaluate
from services.membership.departments.queries import department_path
from services.membership.people.models import Person
from services.membership.permissions import APPLICATIONS_CREATE, APPLICATIONS_READ, APPLICATIONS_WITHDRAW, MEMBERS_LEAVE
from services.membership.privacy.service import agree
from services.membership.roster.joining import end_membership, lock_member, still_a_member
from services.membership.roster.owners import other_owners
from services.membership.roster.rules import ending_refusal


async def create(
    session: AsyncSession, *, caller: Caller, body: ApplicationCreate, now: datetime
) -> tuple[Application, Campaign, Standing]:
    """Begin an application, and hand it in unless it is to stay a draft.

    Raises `ALREADY_APPLIED`, `COOL_OFF`, `NOT_IN_AUDIENCE`, `ANSWERS_INVALID`, and what the campaign's state refuses.
    """
    campaign = await campaign_reached(session, body)
    standing = await authorize(session, caller, APPLICATIONS_CREATE, campaign.community_id, own=True, now=now)
    if body.token is None and not standing.visible:
        # Only a link leads to the campaigns of a private community.
        raise NOT_FOUND()
    channel = await channel_reached(session, campaign, body)
    code = applying_refusal(campaign.status_at(now))
    if code is not None:
        raise refused(code, state=campaign.status_at(now))
    person = await session.get_one(Person, caller.id)
    if campaign.audience == "employees" and person.kind != "employee":
        raise NOT_IN_AUDIENCE()
    await check_earlier(session, campaign, caller.id, now)
    version = body.form_version or campaign.form_version
    if not 1 <= version <= campaign.form_version:
        raise INVALID(
            errors=[
                FieldError("/form_version", "unknown_version", "The form has no such version.", "表单没有这个版本。")
            ]
        )
    _check_size(body.answers)
    application = Application(
        community_id=campaign.community_id,
        campaign_id=campaign.id,
        person_id=caller.id,
        channel_id=channel.id,
        channel=channel.code,
        form_version=version,
        answers=body.answers,
        created_at=now,
        updated_at=now,
        step_since=now,
    )
    session.add(application)
    await session.flush()
    await agree(session, person.id, body.privacy_notice_version, "application", now, application_id=application.id)
    if body.submit:
        await _hand_in(session, application, campaign, person, caller, now)
    return application, campaign, standing


async def save_answers(
    session: AsyncSession,
    *,
    caller: Caller,
    application_id: UUID,
    patch: dict[str, Any],
    if_match: int,
    now: datetime,
) -> tuple[Application, Campaign, Standing]:
    """Apply a merge patch to the answers of a draft, whether they fit the form yet or not."""
    campaign, application, standing = await _own(session, caller, application_id, APPLICATIONS_CREATE, now)
    require_match(application.version, if_match)
    _check("edit", caller, application, campaign, standing, now)
    _check_size(patch)
    answers = merged(application.answers, patch)
    _check_size(answers)
    application.answers = answers
    application.version += 1
    application.updated_at = now
    return application, campaign, standing


async def submit(
    session: AsyncSession, *, caller: Caller, application_id: UUID, answers: dict[str, Any] | None, now: datetime
) -> tuple[Application, Campaign, Standing]:
    """Submit a draft. Raises `ANSWERS_INVALID`. Failing a knock-out requirement rejects the application at once."""
    campaign, application, standing = await _own(session, caller, application_id, APPLICATIONS_CREATE, now)
    _check("submit", caller, application, campaign, standing, now)
    if answers is not None:
        application.answers = answers
    person = await session.get_one(Person, caller.id)
    await _hand_in(session, application, campaign, person, caller, now)
    return application, campaign, standing


async def resubmit(
    session: AsyncSession, *, caller: Caller, application_id: UUID, answers: dict[str, Any] | None, now: datetime
) -> tuple[Application, Campaign, Standing]:
    """Hand in a returned application again, on the same version of the form; it goes back to screening."""
    campaign, application, standing = await _own(session, caller, application_id, APPLICATIONS_CREATE, now)
    _check("resubmit", caller, application, campaign, standing, now)
    if answers is not None:
        application.answers = answers
    person = await session.get_one(Person, caller.id)
    await _hand_in(session, application, campaign, person, caller, now)
    return application, campaign, standing


async def withdraw(
    session: AsyncSession, *, caller: Caller, application_id: UUID, now: datetime
) -> tuple[Application, Campaign, Standing]:
    """Withdraw, until the decision takes effect or while waiting. A seat held goes to the longest-waiting one."""
    campaign, application, standing = await _own(session, caller, application_id, APPLICATIONS_WITHDRAW, now)
    facts = _check("withdraw", caller, application, campaign, standing, now)
    await take_out(session, application, campaign, actor=caller.actor, action="withdraw", at=now)
    await cancel(session, RELEASE, application.id)
    if holds_seat(facts):
        await promote(session, campaign, now=now)
    return application, campaign, standing


async def decline(
    session: AsyncSession, *, caller: Caller, application_id: UUID, now: datetime
) -> tuple[Application, Campaign, Standing]:
    """Give up a seat within 7 days after acceptance: the membership ends and the seat goes to the longest-waiting one."""
    campaign, application, standing = await _own(session, caller, application_id, MEMBERS_LEAVE, now)
    _check("decline", caller, application, campaign, standing, now)
    found = await lock_member(session, application.member_id) if application.member_id else None
    if found is not None and still_a_member(found[0]):
        member, person = found
        owner = "owner" in member.roles_at(now)
        left = await other_owners(session, community_id=member.community_id, member_id=member.id, now=now, lock=True)
        code = ending_refusal(status=member.status_at(now), is_owner=owner, owners_left=left)
        if code is not None:
            raise refused(code)
        await end_membership(session, member=member, person=person, status="left", now=now)
    await take_out(session, application, campaign, actor=caller.actor, action="decline", at=now)
    application.declined_at = now
    await promote(session, campaign, now=now)
    return application, campaign, standing


async def request_review(
    session: AsyncSession, *, caller: Caller, application_id: UUID, now: datetime
) -> tuple[Application, Campaign, Standing]:
    """Ask, once, that a human looks at an application that was knocked out: it goes to screening."""
    campaign, application, standing = await _own(session, caller, application_id, APPLICATIONS_CREATE, now)
    _check("request_review", caller, application, campaign, standing, now)
    if await live_one(session, campaign.id, caller.id) is not None:
        raise ALREADY_APPLIED()
    application.state, application.live = "screening", True
    application.reason_for_applicant = application.told_reason = None
    application.review_requested_at = now
    application.previous_outcome, application.released_outcome = application.outcome, None
    application.outcome = application.release_at = application.released_at = application.waitlisted_at = None
    note_move(session, application, action="request_review", actor=caller.actor, came_from="decided", at=now)
    await tell(session, ApplicationAdvanced, application, came_from="decided", to="screening", at=now)
    return application, campaign, standing


# --- handing in ----------------------------------------------------------------------------------------------------


async def _hand_in(
    session: AsyncSession,
    application: Application,
    campaign: Campaign,
    person: Person,
    caller: Caller,
    now: datetime,
) -> None:
    form = await session.get_one(FormVersion, (campaign.id, application.form_version))
    errors = interpreted(errors_in, orjson.dumps(form.form), orjson.dumps(application.answers))
    if errors:
        raise ANSWERS_INVALID(errors=below("/answers", errors))
    found = evaluate(campaign.asked, person=await _facts_about(session, person, campaign), answers=application.answers)
    came_from = application.state
    application.score, application.failed_requirements = found.score, list(found.failed)
    application.state = "screening" if came_from == "returned" else "submitted"
    application.submitted_at = application.submitted_at or now
    application.returned_what = application.returned_until = None
    note_move(session, application, action="submit", actor=caller.actor, came_from=came_from, at=now)
    await tell(session, ApplicationSubmitted, application, came_from=came_from, to=application.state, at=now)
    # Whoever asked for a human to look is not knocked out by the machine again.
    if found.knocked_out_by and application.review_requested_at is None:
        await knock_out(session, application, campaign, now)


async def _facts_about(session: AsyncSession, person: Person, campaign: Campaign) -> dict[str, Any]:
    facts: dict[str, Any] = {
        name: getattr(person, name)
        for name in ("department_code", "title", "job_grade", "site", "kind", "locale", "time_zone")
    }
    facts["hired_on"] = person.hired_on.isoformat() if person.hired_on else None
    if any(requirement.field == "person.departments" for requirement in campaign.asked):
        facts["departments"] = await department_path(session, person.department_code)
    return facts


async def _own(
    session: AsyncSession, caller: Caller, application_id: UUID, wanted: Permission, now: datetime
) -> tuple[Campaign, Application, Standing]:
    campaign, application = await locked(session, application_id)
    mine = is_applicant(caller, application)
    standing = await authorize(
        session, caller, wanted, application.community_id, own=mine, seen_by=APPLICATIONS_READ, now=now
    )
    return campaign, application, standing


def _check(
    action: Action, caller: Caller, application: Application, campaign: Campaign, standing: Standing, now: datetime
) -> Any:
    return check(action, application, campaign, hand_of(caller, application, standing), now)


def _check_size(answers: dict[str, Any]) -> None:
    too_much = excess(answers)
    if too_much is not None:
        raise ANSWERS_INVALID(errors=below("/answers", [too_much]))
