"""HTTP of who interviews for a campaign, and of those who must not judge an application."""

from collections.abc import Sequence
from uuid import UUID

from chassis.problems import ILLEGAL_TRANSITION, NOT_FOUND
from chassis.web.dependencies import Read, Write
from chassis.web.operations import api_router, operation
from chassis.web.pages import Page, PageQuery, paginate_together
from services.membership.campaigns.models import Campaign
from services.membership.campaigns.problems import CAMPAIGN_CLOSED
from services.membership.campaigns.queries import campaign_of
from services.membership.interviews import conflicts, naming, queries
from services.membership.interviews.models import CampaignInterviewer
from services.membership.interviews.problems import APPLIES_THEMSELVES, TOO_MANY_INTERVIEWS
from services.membership.interviews.schemas import CampaignInterviewerPublic, ConflictDeclare, ConflictPublic
from services.membership.interviews.views import person
from services.membership.permissions import APPLICATIONS_DECIDE, CAMPAIGNS_WRITE, SCORECARDS_WRITE

router = api_router(tags=["Interviews"])

NAMED = "/v1/campaigns/{campaign_id}/interviewers"


@router.get(NAMED)
@operation(permission=APPLICATIONS_DECIDE)
async def list_campaign_interviewers(campaign_id: UUID, work: Read, page: PageQuery) -> Page[CampaignInterviewerPublic]:
    """List who interviews for a campaign, in the order in which they were named."""
    campaign = await campaign_of(work.session, campaign_id)
    await work.permit(campaign.community_id)

    async def shown(rows: Sequence[CampaignInterviewer]) -> list[CampaignInterviewerPublic]:
        return [_public(one, campaign) for one in rows]

    return await paginate_together(work.session, queries.campaign_interviewers(campaign_id), page=page, to=shown)


@router.put(f"{NAMED}/{{person_id}}")
@operation(permission=CAMPAIGNS_WRITE, problems=[APPLIES_THEMSELVES, CAMPAIGN_CLOSED, NOT_FOUND, TOO_MANY_INTERVIEWS])
async def name_campaign_interviewer(campaign_id: UUID, person_id: UUID, work: Write) -> CampaignInterviewerPublic:
    """Name somebody who interviews for a campaign: a member of its community, or a colleague. At most 50.

    Nobody with an application in it is named. Who applies afterwards gets no interview more.
    """
    named = await naming.name_interviewer(work, campaign_id, person_id)
    return _public(named, await campaign_of(work.session, campaign_id))


@router.delete(f"{NAMED}/{{person_id}}", status_code=204)
@operation(permission=CAMPAIGNS_WRITE, problems=[CAMPAIGN_CLOSED])
async def drop_campaign_interviewer(campaign_id: UUID, person_id: UUID, work: Write) -> None:
    """Name somebody no more. In interviews that are agreed they stay until you say otherwise there."""
    await naming.drop_interviewer(work, campaign_id, person_id)


@router.post("/v1/applications/{application_id}/declare-conflict")
@operation(permission=SCORECARDS_WRITE, problems=[ILLEGAL_TRANSITION])
async def declare_conflict(application_id: UUID, work: Write, body: ConflictDeclare | None = None) -> ConflictPublic:
    """Declare that you must not judge an applicant whom you interview.

    You leave the interview, read nothing of the application any more, and your scorecard counts no more. Somebody else is named.
    """
    declared, community_id = await conflicts.declare(work, application_id, body.reason if body else None)
    return ConflictPublic(
        community_id=community_id,
        application_id=declared.application_id,
        person=person(declared.person_id),
        reason=declared.reason,
        declared_at=declared.declared_at,
    )


def _public(named: CampaignInterviewer, campaign: Campaign) -> CampaignInterviewerPublic:
    return CampaignInterviewerPublic(
        community_id=campaign.community_id,
        campaign_id=campaign.id,
        person=person(named.person_id),
        named_at=named.named_at,
    )
