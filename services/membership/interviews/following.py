"""What becomes of interviews when their application moves on, or reaches this step."""

from sqlalchemy import or_, select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.context import SYSTEM_ACTOR
from services.membership.applications.occasions import ApplicationMoved
from services.membership.interviews.models import Interview
from services.membership.interviews.occasions import InterviewMoved, interview_moved
from services.membership.interviews.queries import interviewers_of


async def follow_application(session: AsyncSession, moved: ApplicationMoved) -> None:
    """Tell who reaches the step that times are offered; free what is ahead of who is out of the race or past it."""
    if moved.application.state == "interviewing":
        await _tell_offers(session, moved)
    elif moved.came_from not in ("draft", "submitted", "returned"):
        await _free(session, moved)


async def _tell_offers(session: AsyncSession, moved: ApplicationMoved) -> None:
    open_to = (
        select(Interview)
        .where(
            col(Interview.campaign_id) == moved.campaign.id,
            col(Interview.status) == "offered",
            col(Interview.starts_at) > moved.at,
            or_(
                col(Interview.for_application_id).is_(None),
                col(Interview.for_application_id) == moved.application.id,
            ),
        )
        .order_by(col(Interview.starts_at), col(Interview.id))
        .limit(1)
    )
    first: Interview | None = (await session.execute(open_to)).scalar_one_or_none()
    if first is not None:
        told = InterviewMoved(
            first, moved.campaign.title, "offered", moved.application.person_id, (), SYSTEM_ACTOR, moved.at
        )
        await interview_moved.happened(session, told)


async def _free(session: AsyncSession, moved: ApplicationMoved) -> None:
    """What was offered to it alone is cancelled; what was offered to all others may choose."""
    key = moved.application.id
    ahead = (
        select(Interview)
        .where(
            or_(col(Interview.application_id) == key, col(Interview.for_application_id) == key),
            col(Interview.status) != "cancelled",
            col(Interview.starts_at) > moved.at,
        )
        .order_by(col(Interview.id))
        .with_for_update()
    )
    freed = list((await session.execute(ahead)).scalars())
    people = await interviewers_of(session, [one.id for one in freed]) if freed else {}
    for interview in freed:
        was_chosen = interview.status == "chosen"
        if interview.for_application_id is None:
            interview.status, interview.application_id, interview.chosen_at = "offered", None, None
        else:
            interview.status, interview.cancelled_at = "cancelled", moved.at
            interview.sequence += 1
        interview.version += 1
        if was_chosen:
            told = InterviewMoved(
                interview, moved.campaign.title, "given_up", None, people[interview.id], SYSTEM_ACTOR, moved.at
            )
            await interview_moved.happened(session, told)
    await session.flush()
