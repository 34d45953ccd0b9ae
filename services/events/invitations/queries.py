"""Finding the link that somebody holds, or came by."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.database.statements import Prepared, bindparam
from services.events.activities.models import Activity, Speaker
from services.events.invitations.models import SpeakerLink

_STANDING = (
    select(col(SpeakerLink.speaker_id), col(SpeakerLink.link_id), col(SpeakerLink.activity_id), col(Activity.ends_at))
    .join(Speaker, col(Speaker.id) == col(SpeakerLink.speaker_id))
    .join(Activity, col(Activity.id) == col(SpeakerLink.activity_id))
    .where(col(Speaker.withdrawn_at).is_(None), col(Activity.status) != "cancelled")
)
_BY_HASH: Prepared[Any] = Prepared(_STANDING.where(col(SpeakerLink.secret_hash) == bindparam("secret_hash")))
_BY_SPEAKER: Prepared[Any] = Prepared(_STANDING.where(col(SpeakerLink.speaker_id) == bindparam("speaker_id")))


async def link_by_hash(session: AsyncSession, secret_hash: str) -> Any:
    """The link with this hash, unless its speaker or activity is no more; whether its time is over, `rules` say."""
    return await _BY_HASH.first(session, secret_hash=secret_hash)


async def link_of(session: AsyncSession, speaker_id: UUID) -> Any:
    """The link that a speaker has now, under the same conditions."""
    return await _BY_SPEAKER.first(session, speaker_id=speaker_id)
