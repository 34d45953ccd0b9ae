"""What surveys do when something happens to an activity: who attended it is asked."""

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.web.said import said
from services.events.activities.occasions import Turned
from services.events.surveys.defaults import AFTER_ACTIVITY
from services.events.surveys.models import Survey, SurveyPolicy
from services.events.surveys.rules import FEWEST
from services.events.surveys.service import begin


async def follow_turned(session: AsyncSession, turned: Turned) -> None:
    """Ask those who attended what they think, without names. Not of meetings, nor where too few were there to be shown anything."""
    activity = turned.activity
    if turned.how != "completed" or activity.kind == "meeting" or activity.attended < FEWEST:
        return
    if not (await said(session, SurveyPolicy, activity.community_id)).after_activities:
        return
    survey = Survey(
        community_id=activity.community_id,
        origin="activity",
        about_kind="activity",
        about_id=activity.id,
        title=activity.title,
        audience="attendees",
        anonymity="anonymous",
        questions=AFTER_ACTIVITY,
        created_at=turned.work.now,
    )
    session.add(survey)
    await session.flush()
    await begin(turned.work, survey)
