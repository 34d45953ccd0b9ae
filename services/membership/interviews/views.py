"""How interviews are answered to who runs the campaign, who interviews, and whose they are."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from chassis.security.authority import Standing
from chassis.web.actors import ActorEmbed
from chassis.web.schemas import Viewer
from chassis.web.work import Work
from services.membership.applications.models import Application
from services.membership.campaigns.models import Campaign
from services.membership.interviews.access import InterviewSeen, facts_of, is_open_to, person_of
from services.membership.interviews.models import Interview
from services.membership.interviews.queries import (
    ahead_of,
    applications_by_id,
    campaigns_by_id,
    conflicts_of,
    interviewers_of,
    live_applications,
)
from services.membership.interviews.rules import ACTIONS, done, give_up_until, refusal
from services.membership.interviews.schemas import InterviewPublic


def person(person_id: UUID) -> ActorEmbed:
    """Somebody, whose name follows."""
    return ActorEmbed(kind="person", id=person_id)


def shown(work: Work, seen: InterviewSeen) -> InterviewPublic:
    """One interview."""
    return _public(
        work, seen.interview, seen.campaign, seen.application, seen.people, seen.standing, another=seen.has_another
    )


async def shown_many(
    work: Work, rows: Sequence[Interview], standings: Mapping[UUID, Standing]
) -> list[InterviewPublic]:
    """A page of interviews, with what the caller is in each of their communities."""
    session, person_id = work.session, person_of(work.caller)
    people = await interviewers_of(session, [one.id for one in rows])
    campaigns = await campaigns_by_id(session, {one.campaign_id for one in rows})
    mine = {} if person_id is None else await live_applications(session, person_id, list(campaigns))
    taken = {key for one in rows if (key := one.application_id or one.for_application_id) is not None}
    applications = await applications_by_id(session, taken)
    own = [one.id for one in mine.values()]
    conflicts = await conflicts_of(session, own)
    ahead = await ahead_of(session, own, work.now)
    answers = []
    for one in rows:
        key = one.application_id or one.for_application_id
        application = applications.get(key) if key is not None else mine.get(one.campaign_id)
        if (
            key is None
            and application is not None
            and not is_open_to(one, application, people[one.id], conflicts[application.id])
        ):
            application = None
        other = ahead.get(application.id) if application is not None else None
        answers.append(
            _public(
                work,
                one,
                campaigns[one.campaign_id],
                application,
                people[one.id],
                standings[one.community_id],
                another=other not in (None, one.id),
            )
        )
    return answers


def _public(
    work: Work,
    interview: Interview,
    campaign: Campaign,
    application: Application | None,
    people: Sequence[UUID],
    standing: Standing,
    *,
    another: bool,
) -> InterviewPublic:
    person_id = person_of(work.caller)
    facts = facts_of(interview, campaign, application, standing, person_id=person_id, has_another=another, now=work.now)
    refusals = {str(action): refusal(action, facts, work.now) for action in ACTIONS if not done(action, facts)}
    if standing.community.status == "archived":
        refusals = dict.fromkeys(refusals, "community_archived")
    taken = interview.application_id is not None or interview.for_application_id is not None
    whose = application if taken else None
    # Of what another has chosen an applicant knows nothing more.
    tells_whose = whose is not None and (facts.own or facts.runs or person_id in people or standing.sees_all)
    return InterviewPublic(
        id=interview.id,
        community_id=interview.community_id,
        campaign_id=campaign.id,
        campaign_title=campaign.title,
        status=facts.status,
        starts_at=interview.starts_at,
        ends_at=interview.ends_at,
        place=interview.place,
        interviewers=[person(one) for one in people],
        lacking=max(0, interview.wanted - len(people)) if facts.runs else None,
        application_id=whose.id if whose is not None and tells_whose else None,
        applicant=person(whose.person_id) if whose is not None and tells_whose else None,
        offered_to_one=interview.for_application_id is not None,
        chosen_at=interview.chosen_at,
        give_up_until=give_up_until(interview.starts_at) if facts.status == "chosen" else None,
        cancel_reason=interview.cancel_reason,
        viewer=Viewer.of(refusals),
    )
