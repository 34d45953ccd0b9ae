"""How approvals are answered."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from chassis.web.actors import ActorEmbed, actor_of
from chassis.web.schemas import Viewer
from chassis.web.work import Work
from services.membership.applications.models import Application
from services.membership.approvals.models import Absence, Approval
from services.membership.approvals.queries import deputies_of
from services.membership.approvals.schemas import AbsencePublic, ApprovalPublic
from services.membership.approvals.service import ApprovalSeen, refusal
from services.membership.campaigns.models import Campaign
from services.membership.communities.standings import communities_by_id


def shown(seen: ApprovalSeen) -> ApprovalPublic:
    """One approval, as its applicant reads it, or those who take part."""
    public = _public(
        seen.approval,
        seen.application,
        seen.campaign,
        seen.deputy_id,
        to_owners=seen.to_owners,
        answered=not seen.hand.is_applicant,
    )
    return public.model_copy(update={"viewer": _viewer(refusal(seen), seen.standing.community.status)})


async def shown_many(work: Work, rows: Sequence[Any]) -> list[ApprovalPublic]:
    """Those that wait for the caller, each of which they may answer."""
    managers = {approval.approver_id for approval, _, _ in rows if approval.approver_id is not None}
    deputies = await deputies_of(work.session, managers, work.now)
    communities = await communities_by_id(work.session, {approval.community_id for approval, _, _ in rows})
    return [
        _public(
            approval,
            application,
            campaign,
            deputies.get(approval.approver_id),
            to_owners=approval.due_at <= work.now,
            answered=True,
        ).model_copy(update={"viewer": _viewer(None, communities[approval.community_id].status)})
        for approval, application, campaign in rows
    ]


def _viewer(code: str | None, community_status: str) -> Viewer:
    """What the caller can do, by the code with which the rules refuse it."""
    if community_status == "archived":
        code = "community_archived"
    return Viewer.of({"approve": code, "refuse": code})


def absence(one: Absence) -> AbsencePublic:
    """When somebody is away."""
    return AbsencePublic(since=one.since, until=one.until, deputy=_person(one.deputy_id))


def _person(person_id: UUID) -> ActorEmbed:
    return ActorEmbed(kind="person", id=person_id)


def _public(
    approval: Approval,
    application: Application,
    campaign: Campaign,
    deputy_id: UUID | None,
    *,
    to_owners: bool,
    answered: bool,
) -> ApprovalPublic:
    return ApprovalPublic(
        community_id=approval.community_id,
        application_id=approval.application_id,
        campaign_title=campaign.title,
        applicant=_person(application.person_id),
        status=(approval.outcome or "waiting") if answered else "waiting",
        approver=None if approval.approver_id is None else _person(approval.approver_id),
        deputy=None if deputy_id is None else _person(deputy_id),
        asked_at=approval.asked_at,
        due_at=approval.due_at,
        open_to_owners=to_owners,
        reason=approval.reason if answered else None,
        decided_by=actor_of(approval.decided_by) if answered else None,
        decided_at=approval.decided_at if answered else None,
    )
