"""Who interviews for a campaign: somebody of the community or of the company, whom those who run it name."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import audit
from chassis.database.bulk import insert_new
from chassis.database.rows import existing
from chassis.problems import NOT_FOUND, refused
from chassis.web.work import Work
from services.membership.campaigns.models import Campaign
from services.membership.interviews.models import (
    CampaignInterviewer,
    DeclaredConflict,
    Interview,
    Interviewer,
    InterviewerLine,
)
from services.membership.interviews.problems import APPLIES_THEMSELVES, TOO_MANY_INTERVIEWS
from services.membership.interviews.queries import applying_among
from services.membership.interviews.rules import MOST_NAMED
from services.membership.people.models import Person
from services.membership.people.occasions import PeopleConcerned
from services.membership.roster.joining import find_member, still_a_member
from services.membership.roster.occasions import MemberConcerned


async def name_interviewer(work: Work, campaign_id: UUID, person_id: UUID) -> CampaignInterviewer:
    """Name somebody, who may be named already.

    Raises `NOT_FOUND` for who is neither a member nor a colleague, `APPLIES_THEMSELVES`, `TOO_MANY_INTERVIEWS`.
    """
    campaign = await _campaign(work, campaign_id)
    named = await work.session.get(CampaignInterviewer, (campaign_id, person_id))
    if named is not None:
        return named
    person = await work.session.get(Person, person_id)
    if person is None or person.status != "active":
        raise NOT_FOUND()
    if person.kind != "employee":
        member = await find_member(work.session, community_id=campaign.community_id, person_id=person_id)
        if member is None or not still_a_member(member):
            raise NOT_FOUND()
    if await applying_among(work.session, campaign_id, [person_id]):
        raise APPLIES_THEMSELVES()
    counted = select(func.count()).where(col(CampaignInterviewer.campaign_id) == campaign_id)
    if (await work.session.execute(counted)).scalar_one() >= MOST_NAMED:
        raise TOO_MANY_INTERVIEWS(most=MOST_NAMED)
    table = InterviewerLine.__table__  # type: ignore[attr-defined]  # a table model has one
    await insert_new(work.session, table, [{"person_id": person_id}], key=["person_id"])
    named = CampaignInterviewer(campaign_id=campaign_id, person_id=person_id, named_by=work.actor, named_at=work.now)
    work.session.add(named)
    await work.session.flush()
    await audit(work.session, work.caller, campaign, "name_interviewer", {"person_id": [None, person_id]}, work.now)
    return named


async def drop_interviewer(work: Work, campaign_id: UUID, person_id: UUID) -> None:
    """Name somebody no more; in what is agreed already they stay. Who is not named is not missed."""
    campaign = await _campaign(work, campaign_id)
    named = await work.session.get(CampaignInterviewer, (campaign_id, person_id))
    if named is not None:
        await work.session.delete(named)
        await audit(work.session, work.caller, campaign, "drop_interviewer", {"person_id": [person_id, None]}, work.now)


async def _campaign(work: Work, campaign_id: UUID) -> Campaign:
    campaign = await existing(work.session, Campaign, campaign_id, lock=True)
    await work.permit(campaign.community_id)
    if campaign.status == "archived":
        raise refused("campaign_closed", state="archived")
    return campaign


async def drop_former_member(session: AsyncSession, ended: MemberConcerned) -> None:
    """Whose membership ends interviews for the community no more; what is ahead lacks somebody then."""
    here = select(col(Campaign.id)).where(col(Campaign.community_id) == ended.member.community_id)
    named = delete(CampaignInterviewer).where(
        col(CampaignInterviewer.person_id) == ended.person.id, col(CampaignInterviewer.campaign_id).in_(here)
    )
    await session.execute(named)
    ahead = select(col(Interview.id)).where(
        col(Interview.community_id) == ended.member.community_id, col(Interview.starts_at) > ended.at
    )
    out = delete(Interviewer).where(
        col(Interviewer.person_id) == ended.person.id, col(Interviewer.interview_id).in_(ahead)
    )
    await session.execute(out)


async def drop_people(session: AsyncSession, gone: PeopleConcerned) -> None:
    """Whoever left the company interviews nowhere any more."""
    await session.execute(delete(CampaignInterviewer).where(col(CampaignInterviewer.person_id).in_(gone.ids)))
    ahead = select(col(Interview.id)).where(col(Interview.starts_at) > gone.at)
    out = delete(Interviewer).where(col(Interviewer.person_id).in_(gone.ids), col(Interviewer.interview_id).in_(ahead))
    await session.execute(out)


async def erase(session: AsyncSession, person_id: UUID, _now: datetime) -> None:
    """What somebody said about why they must not judge goes when they are erased; that they said so stays."""
    theirs = update(DeclaredConflict).where(col(DeclaredConflict.person_id) == person_id)
    await session.execute(theirs.values(reason=None))
