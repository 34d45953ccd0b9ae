"""What becomes of applications when people leave the company."""

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.context import SYSTEM_ACTOR
from chassis.timers import cancel
from services.membership.applications.models import Application
from services.membership.applications.moving import facts_of, locked
from services.membership.applications.releasing import RELEASE, promote, withdraw
from services.membership.applications.rules import holds_seat, in_effect
from services.membership.people.occasions import PeopleConcerned


async def withdraw_applications(session: AsyncSession, gone: PeopleConcerned) -> None:
    """Withdraw their open applications, and give their seats to those who have waited longest."""
    unsettled = await session.execute(
        select(col(Application.id))
        .where(col(Application.person_id).in_(gone.ids), col(Application.live).is_(True))
        .order_by(col(Application.campaign_id), col(Application.id))
    )
    for application_id in unsettled.scalars().all():
        campaign, application = await locked(session, application_id)
        facts = facts_of(application, campaign, gone.at)
        if facts.state == "withdrawn" or (in_effect(facts, gone.at) and facts.outcome != "waitlisted"):
            continue
        await withdraw(session, application, campaign, actor=SYSTEM_ACTOR, action="leave_company", at=gone.at)
        await cancel(session, RELEASE, application.id)
        if holds_seat(facts):
            await promote(session, campaign, now=gone.at)
