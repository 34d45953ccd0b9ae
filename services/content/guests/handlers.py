"""What events tells of speakers from outside and their activities, in whatever order it comes."""

from collections.abc import Sequence
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.context import moment_of
from chassis.messaging.handlers import Handlers, Received
from contracts.events import (
    ActivityAnnounced,
    ActivityCancelled,
    ActivityCompleted,
    ActivityMoved,
    ActivityUpdated,
    SpeakerInvited,
    SpeakerWithdrawn,
)
from services.content.guests.models import Guest, GuestActivity
from services.content.guests.occasions import GuestsGone, guests_gone

handlers = Handlers()


@handlers.on(SpeakerInvited, SpeakerWithdrawn)
async def follow_guests(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """Know who comes by which link. People of the company are no guests."""
    gone = []
    for message in messages:
        speaker = message.data.speaker
        if speaker.person_id is not None:
            continue
        row = await session.get(Guest, speaker.invitation_id, with_for_update=True, populate_existing=True)
        if row is not None and row.version >= message.version:
            continue
        if row is None:
            row = Guest(
                invitation_id=speaker.invitation_id,
                activity_id=message.data.activity_id,
                community_id=message.data.community_id,
                version=message.version,
            )
            session.add(row)
        row.version = message.version
        row.withdrawn = isinstance(message.data, SpeakerWithdrawn)
        row.name = None if row.withdrawn else speaker.name
        row.stands = not row.withdrawn and speaker.link_id is not None
        row.link_id = speaker.link_id or row.link_id
        await session.flush()
        if row.withdrawn:
            gone.append(row.invitation_id)
    if gone:
        await guests_gone.happened(session, GuestsGone(gone, moment_of(session)))


@handlers.on(ActivityAnnounced, ActivityUpdated, ActivityMoved, ActivityCompleted, ActivityCancelled)
async def follow_activities(messages: Sequence[Received[Any]], session: AsyncSession) -> None:
    """Know who runs an activity, and that nobody comes to one that was cancelled."""
    for message in messages:
        told = message.data
        row = await session.get(GuestActivity, told.activity_id, with_for_update=True, populate_existing=True)
        if row is not None and row.version >= message.version:
            continue
        if row is None:
            row = GuestActivity(activity_id=told.activity_id, community_id=told.community_id, version=message.version)
            session.add(row)
        row.version, row.organiser_ids = message.version, [str(one) for one in told.organiser_ids]
        row.cancelled = isinstance(told, ActivityCancelled)
        await session.flush()
        if row.cancelled:
            invited = await session.exec(
                select(Guest.invitation_id).where(col(Guest.activity_id) == told.activity_id).limit(100)
            )
            gone = list(invited)
            if gone:
                await guests_gone.happened(session, GuestsGone(gone, moment_of(session)))
