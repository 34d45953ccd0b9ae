"""Whom a test has knocked out that was wrong: they come back to where they stood, before all who wait."""

from datetime import datetime

from sqlalchemy import func, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from contracts.recruitment import ApplicationAdvanced
from services.membership.applications.models import Application, ApplicationMove
from services.membership.applications.moving import note_move, tell
from services.membership.applications.occasions import CameBack, came_back
from services.membership.applications.rules import TEST_REQUIREMENT
from services.membership.campaigns.models import Campaign


async def bring_back(
    session: AsyncSession, application: Application, campaign: Campaign, *, actor: str, now: datetime
) -> None:
    """Undo a knock-out of a locked application, whose campaign is locked: nothing of it stands in the way, and no time is lost.

    It has waited in its step since it came there. Should it be put on the waitlist, it stands there since the campaign was made, so before
    everybody else.
    """
    since = await _since(session, application)
    application.state, application.live, application.knocked_out = "testing", True, False
    application.failed_requirements = [one for one in application.failed_requirements if one != TEST_REQUIREMENT]
    application.previous_outcome, application.released_outcome = application.outcome, None
    application.outcome = application.release_at = application.released_at = application.decided_from = None
    application.reason_for_applicant = application.told_reason = application.holder = None
    application.waitlisted_at = campaign.created_at
    note_move(session, application, action="come_back", actor=actor, came_from="decided", at=now)
    application.step_since = since or now
    await tell(session, ApplicationAdvanced, application, came_from="decided", to="testing", at=now)
    back = CameBack(application.id, application.person_id, application.community_id, campaign.title, now)
    await came_back.happened(session, back)


async def _since(session: AsyncSession, application: Application) -> datetime | None:
    reached = select(func.max(col(ApplicationMove.at))).where(
        col(ApplicationMove.application_id) == application.id,
        col(ApplicationMove.to_state) == "testing",
        col(ApplicationMove.action) == "advance",
    )
    found: datetime | None = (await session.execute(reached)).scalar_one()
    return found
