"""What was told of surveys that have closed, told once more (`qunxue republish events deeds`)."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.walking import walk
from chassis.messaging.outbox import Outgoing
from services.events.activities.models import Activity
from services.events.surveys.closing import closed, means_of, participated, satisfaction
from services.events.surveys.models import Survey, SurveyAnswer, SurveyParticipation
from services.events.surveys.service import answered_by


async def answer_deeds(session: AsyncSession, since: datetime | None) -> AsyncIterator[Outgoing]:
    """Every answer by name, in the order of ids."""
    found = select(SurveyAnswer, Survey).join(Survey, col(Survey.id) == col(SurveyAnswer.survey_id))
    if since is not None:
        found = found.where(col(SurveyAnswer.answered_at) >= since)
    async for row, survey in walk(session, found, col(SurveyAnswer.id)):
        yield Outgoing(answered_by(survey, row), 1, row.answered_at, backfill=True, id=row.told_as)


async def closing_deeds(session: AsyncSession, since: datetime | None) -> AsyncIterator[Outgoing]:
    """What was told when each survey closed: who took part, and what it came to."""
    found = select(Survey, col(Activity.kind)).outerjoin(Activity, col(Activity.id) == col(Survey.about_id))
    found = found.where(col(Survey.status) == "closed")
    if since is not None:
        found = found.where(col(Survey.closed_at) >= since)
    async for survey, kind in walk(session, found, col(Survey.id)):
        ids = [UUID(one) for one in survey.told_as]
        for part in range(1, survey.parts + 1):
            members = await _members_of(session, survey.id, part)
            message = participated(survey, list(members), part, survey.parts)
            yield Outgoing(message, 1, survey.closed_at, backfill=True, id=ids[part - 1])
        yield Outgoing(closed(survey), 2, survey.closed_at, backfill=True, id=ids[survey.parts])
        if len(ids) > survey.parts + 1 and means_of(survey):
            message_id = ids[survey.parts + 1]
            yield Outgoing(satisfaction(survey, kind), 1, survey.closed_at, backfill=True, id=message_id)


async def _members_of(session: AsyncSession, survey_id: UUID, part: int) -> Sequence[UUID]:
    members = select(col(SurveyParticipation.member_id)).where(
        col(SurveyParticipation.survey_id) == survey_id, col(SurveyParticipation.part) == part
    )
    return (await session.execute(members.order_by(col(SurveyParticipation.member_id)))).scalars().all()
