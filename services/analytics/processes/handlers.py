"""Integration events in: each fills its columns of a row, in any order, and told again changes nothing."""

from collections.abc import Sequence
from typing import Any

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.messaging.handlers import Handlers, Received
from contracts import content, events, membership, recruitment
from services.analytics.processes import questions, service

handlers = Handlers()

ABOUT_QUESTIONS = (
    content.DiscussionStarted,
    content.DiscussionUpdated,
    content.DiscussionRemoved,
    content.DiscussionRestored,
)
ABOUT_ANSWERS = (
    content.ReplyPosted,
    content.ReplyRemoved,
    content.ReplyRestored,
    content.AnswerAccepted,
    content.AnswerUnaccepted,
)
ABOUT_ACTIVITIES = (
    events.ActivityAnnounced,
    events.ActivityMoved,
    events.ActivityUpdated,
    events.ActivityCancelled,
    events.ActivityCompleted,
)
ABOUT_APPLICATIONS = (
    recruitment.ApplicationSubmitted,
    recruitment.ApplicationAdvanced,
    recruitment.ApplicationReturned,
    recruitment.ApplicationWithdrawn,
    recruitment.ApplicationDecided,
)


@handlers.on(*ABOUT_QUESTIONS, counts_deeds=True)
async def follow_questions(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """What is asked."""
    await questions.questions_told(session, messages)


@handlers.on(content.DiscussionMerged, counts_deeds=True)
async def follow_duplicates(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """What was asked before."""
    await questions.questions_merged(session, messages)


@handlers.on(*ABOUT_ANSWERS, counts_deeds=True)
async def follow_answers(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """What is answered."""
    await questions.answers_told(session, messages)


@handlers.on(*ABOUT_ACTIVITIES, counts_deeds=True)
async def follow_activities(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """What is announced, and takes place."""
    await service.activities_told(session, messages)


@handlers.on(*service.REGISTRATION_STEPS, counts_deeds=True)
async def follow_registrations(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """Who wants to come."""
    await service.registrations_told(session, messages)


@handlers.on(events.AttendanceRecorded, events.AttendanceRevoked, counts_deeds=True)
async def follow_attendances(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """Who came."""
    await service.attendances_told(session, messages)


@handlers.on(events.SatisfactionMeasured, events.SurveyClosed, counts_deeds=True)
async def follow_satisfaction(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """What they thought of it."""
    await service.satisfaction_told(session, messages)


@handlers.on(*ABOUT_APPLICATIONS)
async def follow_applications(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """Who wants to become a member."""
    await service.applications_told(session, messages)


@handlers.on(recruitment.CampaignVisited)
async def follow_visits(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """How many looked at a campaign."""
    await service.visits_told(session, messages)


@handlers.on(*membership.MEMBER_STATES)
async def follow_members(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """Who is a member, and since when."""
    await service.members_told(session, messages)
