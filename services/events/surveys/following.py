"""What surveys do when something happens to an activity: who attended it is asked."""

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.web.said import said
from chassis.web.work import Work
from services.events.activities.models import Activity
from services.events.activities.occasions import Turned
from services.events.surveys.defaults import AFTER_ACTIVITY
from services.events.surveys.models import Survey, SurveyPolicy
from services.events.surveys.queries import another_group, asked
from services.events.surveys.rules import FEWEST
from services.events.surveys.service import begin


async def follow_turned(session: AsyncSession, turned: Turned) -> None:
    """Ask those who attended what they think, without names. Not of meetings, nor where too few were there to be shown anything."""
    if turned.how == "completed":
        for activity in turned.activities:
            await _ask(session, turned.work, activity)


async def _ask(session: AsyncSession, work: Work, activity: Activity) -> None:
    if activity.kind == "meeting" or activity.attended < FEWEST:
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
        created_at=work.now,
    )
    if await asked(session, survey) < FEWEST or await another_group(session, survey):
        return
    session.add(survey)
    await session.flush()
    await begin(work, survey)
