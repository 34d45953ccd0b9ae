"""An application as its applicant reads it, and as those who decide do."""

from datetime import datetime, timedelta
from typing import Any

from chassis.security.authority import Standing
from chassis.security.caller import Caller
from chassis.web.actors import actor_of
from chassis.web.schemas import CommunityEmbed, Viewer
from services.membership.applications.models import Application, ApplicationMove
from services.membership.applications.moving import facts_of, hand_of
from services.membership.applications.rules import (
    TEST_REQUIREMENT,
    Facts,
    Hand,
    Unfinished,
    in_effect,
    possibilities,
    seen_by_applicant,
)
from services.membership.applications.schemas import (
    Applicant,
    ApplicationCampaign,
    ApplicationPublic,
    ApplicationTest,
    Move,
    Returned,
    UnmetRequirement,
)
from services.membership.campaigns.models import Campaign
from services.membership.campaigns.requirement_texts import texts_of
from services.membership.campaigns.test_schemas import CampaignTest
from services.membership.communities.models import Community
from services.membership.departments.schemas import DepartmentRef
from services.membership.people.models import Person


def for_applicant(
    application: Application,
    campaign: Campaign,
    community: Community,
    now: datetime,
    *,
    channel_name: str | None,
    viewer: Viewer | None = None,
) -> ApplicationPublic:
    """What the applicant may know: nothing of a decision before its release, nothing of who decided and why."""
    facts = facts_of(application, campaign, now)
    state, outcome = seen_by_applicant(facts, now)
    effective = in_effect(facts, now)
    told = application.told_reason if outcome is not None else None
    return ApplicationPublic(
        **_common(application, campaign, community, now),
        channel_name=channel_name,
        test=_test(application, campaign, with_result=effective),
        reason_for_applicant=application.reason_for_applicant if effective else told,
        state=state,
        outcome=outcome,
        failed_requirements=application.failed_requirements if effective else [],
        unmet=_unmet(application, campaign) if effective else [],
        member_id=application.member_id if effective else None,
        release_at=application.release_at if effective else None,
        viewer=viewer,
    )


def for_assigned(
    application: Application,
    campaign: Campaign,
    community: Community,
    person: Person,
    now: datetime,
    *,
    channel_name: str | None,
    department: DepartmentRef | None,
    viewer: Viewer,
) -> ApplicationPublic:
    """What those see who take part in one step of it: who applied and with which answers, nothing of what others think."""
    return ApplicationPublic(
        **_common(application, campaign, community, now),
        channel_name=channel_name,
        reason_for_applicant=None,
        state=application.state,
        outcome=None,
        failed_requirements=[],
        unmet=[],
        member_id=None,
        release_at=None,
        applicant=_applicant(person, department),
        viewer=viewer,
    )


def for_staff(
    application: Application,
    campaign: Campaign,
    community: Community,
    person: Person,
    now: datetime,
    *,
    channel_name: str | None,
    department: DepartmentRef | None = None,
    moves: list[ApplicationMove] | None = None,
    viewer: Viewer | None = None,
) -> ApplicationPublic:
    """What those who decide see: everything."""
    return ApplicationPublic(
        **_common(application, campaign, community, now),
        channel_name=channel_name,
        test=_test(application, campaign, with_result=True),
        reason_for_applicant=application.reason_for_applicant,
        state=application.state,
        outcome=application.outcome,
        failed_requirements=application.failed_requirements,
        unmet=_unmet(application, campaign),
        member_id=application.member_id,
        release_at=application.release_at,
        applicant=_applicant(person, department),
        reason=application.reason,
        score=application.score,
        knocked_out=application.knocked_out,
        holder=actor_of(application.holder),
        decided_by=actor_of(application.decided_by),
        decided_at=application.decided_at,
        waitlisted_at=application.waitlisted_at if application.outcome == "waitlisted" else None,
        held_since=application.held_since,
        moves=None if moves is None else [Move.model_validate(move) for move in moves],
        viewer=viewer,
    )


def _applicant(person: Person, department: DepartmentRef | None) -> Applicant:
    return Applicant(
        person_id=person.id,
        display_name=person.display_name,
        department_code=person.department_code,
        department=department,
        title=person.title,
        kind=person.kind,
    )


def viewer_of(
    application: Application,
    campaign: Campaign,
    caller: Caller,
    standing: Standing,
    now: datetime,
    unfinished: Unfinished | None = None,
) -> Viewer:
    """What the caller can do with the application, by the functions that authorise the commands."""
    facts: Facts = facts_of(application, campaign, now, unfinished)
    hand: Hand = hand_of(caller, application, standing)
    can, cannot = possibilities(facts, hand, now)
    if standing.community.status == "archived":
        return Viewer(can=[], cannot=dict.fromkeys([*can, *cannot], "community_archived"))
    return Viewer(can=list(can), cannot={str(action): code for action, code in cannot.items()})


def _unmet(application: Application, campaign: Campaign) -> list[UnmetRequirement]:
    if not application.failed_requirements:
        return []
    failed = [one for one in campaign.asked if one.code in application.failed_requirements]
    texts = [(one.code, *texts_of(one)) for one in failed]
    if TEST_REQUIREMENT in application.failed_requirements:
        texts.append((TEST_REQUIREMENT, "通过测试", "Pass the test"))
    return [UnmetRequirement(code=code, text_zh=zh, text_en=en) for code, zh, en in texts]


def _test(application: Application, campaign: Campaign, *, with_result: bool) -> ApplicationTest | None:
    if campaign.test is None or "test" not in campaign.steps:
        return None
    test = CampaignTest.model_validate(campaign.test)
    extra = timedelta(minutes=application.test_extra_minutes)
    return ApplicationTest(
        opens_at=test.opens_at,
        closes_at=None if test.closes_at is None else test.closes_at + extra,
        minutes=None if test.minutes is None else test.minutes + application.test_extra_minutes,
        extra_minutes=application.test_extra_minutes,
        pass_percent=test.pass_percent,
        attempts=test.attempts,
        attempts_begun=application.test_attempts,
        attempt_id=application.test_attempt_id,
        result=application.test_result if with_result else None,
        score=application.test_score if with_result else None,
        full=application.test_full if with_result else None,
    )


def _common(application: Application, campaign: Campaign, community: Community, now: datetime) -> dict[str, Any]:
    returned = application.state == "returned" and application.returned_what and application.returned_until
    return {
        "id": application.id,
        "community_id": application.community_id,
        "campaign_id": application.campaign_id,
        "campaign": ApplicationCampaign(
            id=campaign.id,
            title=campaign.title,
            status=campaign.status_at(now),
            closes_at=campaign.closes_at,
            community=CommunityEmbed(id=community.id, slug=community.slug, name=community.name),
        ),
        "person_id": application.person_id,
        "channel": application.channel,
        "form_version": application.form_version,
        "answers": application.answers,
        "returned": Returned(what=application.returned_what or "", until=application.returned_until)
        if returned and application.returned_until
        else None,
        "created_at": application.created_at,
        "submitted_at": application.submitted_at,
        "review_requested_at": application.review_requested_at,
    }
