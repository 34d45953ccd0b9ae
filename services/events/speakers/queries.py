"""Reading speakers with what only those who run an activity read of them."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import Prepared, bindparam
from services.events.activities.models import Speaker
from services.events.base import known
from services.events.speakers.models import SpeakerContact

MOST = 20

_ACTIVE: Prepared[UUID] = Prepared(
    select(known.people.c.id).where(known.people.c.id == bindparam("person_id"), known.people.c.status == "active")
)
_CONTACTS: Prepared[Any] = Prepared(
    select(col(SpeakerContact.speaker_id), col(SpeakerContact.email)).where(
        col(SpeakerContact.activity_id) == bindparam("activity_id")
    )
)
_LIVE: Prepared[Any] = Prepared(
    select(Speaker)
    .where(col(Speaker.activity_id) == bindparam("activity_id"), col(Speaker.withdrawn_at).is_(None))
    .order_by(col(Speaker.invited_at), col(Speaker.id))
)


async def is_active(session: AsyncSession, person_id: UUID) -> bool:
    """Whether somebody is a person of the company who may log in."""
    return await _ACTIVE.first(session, person_id=person_id) is not None


async def live_speakers(session: AsyncSession, activity_id: UUID) -> list[Speaker]:
    """The rows of who speaks at an activity."""
    return await _LIVE.load(session, activity_id=activity_id)


async def speaker_by_id(session: AsyncSession, speaker_id: UUID) -> Speaker | None:
    """A speaker by the id of their invitation, also one who was withdrawn."""
    return await session.get(Speaker, speaker_id)


async def contacts_of(session: AsyncSession, activity_id: UUID) -> Mapping[UUID, str]:
    """The e-mail addresses of an activity's speakers from outside, by the speaker's id, as long as they are kept."""
    return {row.speaker_id: row.email for row in await _CONTACTS.all(session, activity_id=activity_id)}
