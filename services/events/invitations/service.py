"""Use cases of links: making one, which ends the one before, taking it back, and saying whether one stands."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from chassis.audit import audit
from chassis.ids import new_id
from chassis.messaging.outbox import emit
from chassis.problems import NOT_FOUND, SESSION_REVOKED, refused
from chassis.secrets import hash_of
from chassis.security.caller import Caller
from chassis.web.work import Work
from contracts.events import InvitedSpeaker, SpeakerInvited
from contracts.invitations import PREFIX
from services.events.activities.access import SeenActivity, seen_activity
from services.events.activities.models import Activity, Speaker
from services.events.activities.service import refuse
from services.events.invitations import problems
from services.events.invitations.models import SpeakerLink
from services.events.invitations.queries import link_by_hash, link_of
from services.events.invitations.rules import stands_until
from services.events.permissions import SPEAKERS_INVITE
from services.events.speakers.queries import speaker_by_id


@dataclass(frozen=True, slots=True)
class Made:
    """A new link, and what opens the door: nobody is told that again."""

    row: SpeakerLink
    secret: str
    until: datetime


async def make(work: Work, activity_id: UUID, speaker_id: UUID) -> Made:
    """Give a speaker from outside a link; the one that they had ends. Raises `SPEAKER_LOGS_IN`, `INVITATION_OVER`."""
    found, speaker = await _locked(work, activity_id, speaker_id)
    activity = found.activity
    refuse(work, found, "invite")
    if speaker.withdrawn_at is not None:
        raise refused("illegal_transition", state="withdrawn")
    if speaker.person_id is not None:
        raise problems.SPEAKER_LOGS_IN()
    until = stands_until(activity.ends_at)
    if until <= work.now:
        raise problems.INVITATION_OVER(ended_at=until)
    secret = PREFIX + secrets.token_urlsafe(32)
    values: dict[str, Any] = {"link_id": new_id(), "secret_hash": hash_of(secret), "made_at": work.now}
    row = await work.session.get(SpeakerLink, speaker.id)
    if row is None:
        row = SpeakerLink(speaker_id=speaker.id, activity_id=activity.id, community_id=activity.community_id, **values)
        work.session.add(row)
    else:
        row.sqlmodel_update(values)
    await work.session.flush()
    await _tell(work, activity, speaker, row.link_id)
    await audit(work.session, work.caller, activity, "make_link", {"speaker_id": [None, speaker.id]}, work.now)
    return Made(row, secret, until)


async def take_back(work: Work, activity_id: UUID, speaker_id: UUID) -> None:
    """End a speaker's link; they speak all the same. Again, it changes nothing."""
    found, speaker = await _locked(work, activity_id, speaker_id)
    row = await work.session.get(SpeakerLink, speaker.id)
    if row is None:
        return
    await work.session.delete(row)
    await work.session.flush()
    if speaker.withdrawn_at is None:
        await _tell(work, found.activity, speaker, None)
    await audit(work.session, work.caller, found.activity, "end_link", {"speaker_id": [speaker.id, None]}, work.now)


async def vouch(session: AsyncSession, secret_hash: str, now: datetime) -> dict[str, Any]:
    """Whose link it is that somebody holds. Raises `NOT_FOUND` for what is none, or none any more."""
    row = await link_by_hash(session, secret_hash)
    if row is None or stands_until(row.ends_at) <= now:
        raise NOT_FOUND()
    return {
        "invitation_id": row.speaker_id,
        "link_id": row.link_id,
        "activity_id": row.activity_id,
        "until": stands_until(row.ends_at),
    }


async def require_standing(session: AsyncSession, guest: Caller, now: datetime) -> None:
    """Refuse a guest whose link is no longer that of the speaker, or not for long enough. Raises `SESSION_REVOKED`."""
    row = await link_of(session, guest.id)
    if row is None or (row.link_id, row.activity_id) != (guest.session_id, guest.activity_id):
        raise SESSION_REVOKED()
    if stands_until(row.ends_at) <= now:
        raise SESSION_REVOKED()


async def _locked(work: Work, activity_id: UUID, speaker_id: UUID) -> tuple[SeenActivity, Speaker]:
    """The activity, locked, and one of its speakers."""
    found = await seen_activity(work, activity_id, lock=True, of=SPEAKERS_INVITE)
    speaker = await speaker_by_id(work.session, speaker_id)
    if speaker is None or speaker.activity_id != activity_id:
        raise NOT_FOUND()
    return found, speaker


async def _tell(work: Work, activity: Activity, speaker: Speaker, link_id: UUID | None) -> None:
    """Other services let in who came by this link, and by no other."""
    named = InvitedSpeaker(invitation_id=speaker.id, name=speaker.name, link_id=link_id)
    message = SpeakerInvited(community_id=activity.community_id, activity_id=activity.id, speaker=named)
    await emit(work.session, message, version=activity.bump(), occurred_at=work.now)
