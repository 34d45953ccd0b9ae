"""Which interview somebody asks about, what they are to it, and what they may do with it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.database.rows import existing
from chassis.problems import refused
from chassis.security.authority import Standing, authorize
from chassis.security.caller import Caller
from chassis.web.work import Work
from services.membership.applications.models import Application
from services.membership.campaigns.models import Campaign
from services.membership.interviews.models import Interview
from services.membership.interviews.queries import (
    ahead_of,
    applications_by_id,
    conflicts_of,
    interviewers_of,
    live_applications,
)
from services.membership.interviews.rules import Action, Facts, done, refusal
from services.membership.permissions import APPLICATIONS_DECIDE, APPLICATIONS_READ, INTERVIEWS_CHOOSE


@dataclass(frozen=True, slots=True)
class InterviewSeen:
    """An interview that the caller may read. `application` is whose it is; of one that is offered to all, the caller's own."""

    interview: Interview
    campaign: Campaign
    application: Application | None
    people: list[UUID]
    standing: Standing
    has_another: bool


def person_of(caller: Caller | None) -> UUID | None:
    """The caller as a person; None for a service."""
    return caller.id if caller is not None and caller.kind == "person" else None


async def found(work: Work, interview_id: UUID, *, lock: bool = False) -> InterviewSeen:
    """An interview, if the caller may do with it what the operation is for: who runs the campaign, whose it is or may be, who interviews.

    `lock`: its campaign, the application, then itself. Raises `NOT_FOUND`, else what `authorize` raises.
    """
    session, person_id = work.session, person_of(work.caller)
    interview = await existing(session, Interview, interview_id)
    campaign = await existing(session, Campaign, interview.campaign_id, lock=lock)
    if lock:
        # Whose it is may have changed while the campaign was another's.
        await session.refresh(interview)
    taken = interview.application_id or interview.for_application_id
    mine = None
    if person_id is not None:
        mine = (await live_applications(session, person_id, [campaign.id])).get(campaign.id)
    application = mine if taken is None else (await applications_by_id(session, [taken])).get(taken)
    theirs = application is not None and application.person_id == person_id
    choosing = work.permission is INTERVIEWS_CHOOSE and interview.for_application_id is None
    asked = mine if choosing and not theirs else application
    if lock and asked is not None:
        asked = await existing(session, Application, asked.id, lock=True)
    if lock:
        interview = await existing(session, Interview, interview_id, lock=True)
    people = (await interviewers_of(session, [interview.id]))[interview.id]
    own = asked is not None and asked.person_id == person_id
    if own and asked is not None and interview.application_id != asked.id:
        own = is_open_to(interview, asked, people, (await conflicts_of(session, [asked.id]))[asked.id])
    standing = await authorize(
        session,
        work.caller,
        work.permission or APPLICATIONS_READ,
        interview.community_id,
        own=own,
        assigned=person_id in people and interview.status != "cancelled",
        seen_by=APPLICATIONS_READ,
        now=work.now,
    )
    another = None if asked is None else (await ahead_of(session, [asked.id], work.now)).get(asked.id)
    return InterviewSeen(
        interview,
        campaign,
        asked if own or taken is not None else None,
        people,
        standing,
        another not in (None, interview.id),
    )


def is_open_to(interview: Interview, application: Application, people: list[UUID], conflicted: set[UUID]) -> bool:
    """Whether an applicant may choose it, or might have before somebody else did: none of those who interview must not judge them."""
    if interview.for_application_id not in (None, application.id) or interview.status == "cancelled":
        return False
    if application.campaign_id != interview.campaign_id or application.state != "interviewing":
        return False
    return not conflicted.intersection(people) and application.person_id not in people


def facts_of(
    interview: Interview,
    campaign: Campaign,
    application: Application | None,
    standing: Standing,
    *,
    person_id: UUID | None,
    has_another: bool,
    now: datetime,
) -> Facts:
    """The interview as the rules see it. `application` is whose it is, or the caller's where they may choose it."""
    own = application is not None and application.person_id == person_id
    return Facts(
        status=interview.status_at(now),
        starts_at=interview.starts_at,
        campaign_archived=campaign.status == "archived",
        application_state=application.state if application is not None else None,
        has_another=has_another,
        own=own,
        has_it=own and application is not None and interview.application_id == application.id,
        runs=bool(APPLICATIONS_DECIDE.reach(standing.columns)),
        may_choose=bool(INTERVIEWS_CHOOSE.reach(standing.columns)),
    )


def check(action: Action, seen: InterviewSeen, work: Work) -> bool:
    """Whether there is something to do. Raises the problem with which the rules refuse this command now."""
    facts = facts_of(
        seen.interview,
        seen.campaign,
        seen.application,
        seen.standing,
        person_id=person_of(work.caller),
        has_another=seen.has_another,
        now=work.now,
    )
    if done(action, facts):
        return False
    code = refusal(action, facts, work.now)
    if code is not None:
        raise refused(code, state=facts.status if code == "illegal_transition" else None)
    return True
