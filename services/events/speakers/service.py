"""Use cases of speakers: inviting somebody to speak at an activity, and withdrawing that."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import col

from chassis.audit import audit
from chassis.messaging.outbox import emit
from chassis.problems import INVALID, NOT_FOUND
from chassis.projections.members import LEFT_STATUSES, known_member
from chassis.web.work import Work
from contracts.events import InvitedSpeaker, SpeakerInvited, SpeakerWithdrawn
from services.events.activities.access import SeenActivity, seen_activity
from services.events.activities.changing import tell_updated
from services.events.activities.models import Activity, Speaker
from services.events.activities.service import refuse
from services.events.activities.speaking import Speaking, speakers_of
from services.events.attendances.service import refuse_own
from services.events.attendances.speaking import record_late, take_back_speaking
from services.events.permissions import SPEAKERS_INVITE
from services.events.speakers import problems
from services.events.speakers.models import SpeakerContact
from services.events.speakers.queries import MOST, contacts_of, is_active, live_speakers, speaker_by_id
from services.events.speakers.schemas import SpeakerInvite


@dataclass(frozen=True, slots=True)
class Invited:
    """A speaker, their activity, and what the caller is to it; `new` where the request changed something."""

    speaker: Speaker
    found: SeenActivity
    new: bool = True


async def invite(work: Work, activity_id: UUID, body: SpeakerInvite) -> Invited:
    """Have somebody speak at an activity, also at one that took place. Who speaks there already is not invited again.

    That they themselves spoke somewhere, nobody says afterwards: it is what they are paid for. Raises `CONFLICT_OF_INTEREST`.
    """
    found = await seen_activity(work, activity_id, lock=True, of=SPEAKERS_INVITE)
    activity = found.activity
    refuse(work, found, "invite")
    person_id = await _person_of(work, activity, body)
    there = await live_speakers(work.session, activity.id)
    present = await _present(work, there, person_id, body.email)
    if present is not None:
        return Invited(present, found, new=False)
    if len(there) >= MOST:
        raise INVALID(errors=[problems.TOO_MANY])
    speaker = Speaker(
        community_id=activity.community_id,
        activity_id=activity.id,
        person_id=person_id,
        name=body.name,
        invited_at=work.now,
    )
    work.session.add(speaker)
    await work.session.flush()
    if body.email is not None:
        work.session.add(SpeakerContact(speaker_id=speaker.id, activity_id=activity.id, email=body.email))
        await work.session.flush()
    speaking = await _speaking(work, speaker)
    if activity.status == "completed":
        if speaking.member_id is not None:
            refuse_own(found, speaking.member_id)
        await record_late(work, activity, speaking)
    await _tell(work, activity, SpeakerInvited, speaking)
    await audit(work.session, work.caller, activity, "invite_speaker", {"speaker_id": [None, speaker.id]}, work.now)
    return Invited(speaker, found)


async def withdraw(work: Work, activity_id: UUID, speaker_id: UUID) -> Invited:
    """Have somebody not speak after all: what they earned by it is taken back, and somebody from outside is forgotten.

    Again, it changes nothing.
    """
    found = await seen_activity(work, activity_id, lock=True, of=SPEAKERS_INVITE)
    speaker = await _of(work, found, speaker_id)
    if speaker.withdrawn_at is not None:
        return Invited(speaker, found, new=False)
    activity, speaking = found.activity, await _speaking(work, speaker)
    speaker.withdrawn_at, speaker.name = work.now, None
    await work.session.execute(delete(SpeakerContact).where(col(SpeakerContact.speaker_id) == speaker.id))
    await work.session.flush()
    if speaking.member_id is not None:
        await take_back_speaking(work, activity, speaking.member_id)
    await _tell(work, activity, SpeakerWithdrawn, speaking)
    await audit(work.session, work.caller, activity, "withdraw_speaker", {"speaker_id": [speaker.id, None]}, work.now)
    return Invited(speaker, found)


async def seen_speaker(work: Work, activity_id: UUID, speaker_id: UUID) -> Invited:
    """A speaker, for those who may invite them."""
    found = await seen_activity(work, activity_id, of=SPEAKERS_INVITE)
    return Invited(await _of(work, found, speaker_id), found, new=False)


async def _of(work: Work, found: SeenActivity, speaker_id: UUID) -> Speaker:
    speaker = await speaker_by_id(work.session, speaker_id)
    if speaker is None or speaker.activity_id != found.activity.id:
        raise NOT_FOUND()
    return speaker


async def _person_of(work: Work, activity: Activity, body: SpeakerInvite) -> UUID | None:
    """The person who is named; None for somebody from outside. Raises `INVALID` where there is none."""
    if body.member_id is not None:
        member = await known_member(work.session, body.member_id)
        if member is None or member.community_id != activity.community_id or member.status in LEFT_STATUSES:
            raise INVALID(errors=[problems.NO_MEMBER])
        return member.person_id
    if body.person_id is not None and not await is_active(work.session, body.person_id):
        raise INVALID(errors=[problems.NO_PERSON])
    return body.person_id


async def _present(work: Work, there: list[Speaker], person_id: UUID | None, email: str | None) -> Speaker | None:
    if person_id is not None:
        return next((one for one in there if one.person_id == person_id), None)
    reached = await contacts_of(work.session, there[0].activity_id) if there else {}
    return next((one for one in there if reached.get(one.id) == email), None)


async def _speaking(work: Work, speaker: Speaker) -> Speaking:
    speakers = (await speakers_of(work.session, [speaker.activity_id]))[speaker.activity_id]
    return next(one for one in speakers if one.id == speaker.id)


async def _tell(
    work: Work, activity: Activity, kind: type[SpeakerInvited] | type[SpeakerWithdrawn], speaking: Speaking
) -> None:
    """Tell of the speaker, and of an announced activity that it has others now."""
    named = InvitedSpeaker(
        invitation_id=speaking.id, person_id=speaking.person_id, member_id=speaking.member_id, name=speaking.name
    )
    message = kind(community_id=activity.community_id, activity_id=activity.id, speaker=named)
    await emit(work.session, message, version=activity.bump(), occurred_at=work.now)
    if activity.status == "announced":
        await tell_updated(work, activity, "speakers")
