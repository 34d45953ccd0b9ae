"""Use cases of recordings: agreeing to one, or not any more."""

from uuid import UUID

from chassis.audit import audit
from chassis.problems import FORBIDDEN, NOT_FOUND, refused
from chassis.web.work import Work
from services.events.activities.access import SeenActivity, seen_activity
from services.events.activities.models import Speaker
from services.events.activities.service import refuse
from services.events.activities.speaking import speakers_of, speaks_at
from services.events.attendances.occasions import Asked, seat_asked
from services.events.attendances.queries import was_there
from services.events.permissions import SPEAKERS_INVITE
from services.events.recordings.models import RecordingConsent
from services.events.recordings.queries import said_by


async def say(work: Work, activity_id: UUID, *, given: bool) -> SeenActivity:
    """Say whether the caller agrees, who speaks at it, has a seat or was there. It counts from now on; again, it changes nothing.

    Raises `FORBIDDEN` for everybody else.
    """
    found = await seen_activity(work, activity_id, lock=True)
    member_id = found.standing.member_id
    if member_id is None or not await _could_be_seen(work, found, member_id):
        raise FORBIDDEN()
    _refuse_unasked(work, found)
    await _write(work, found, member_id, given=given)
    return found


async def say_for(work: Work, activity_id: UUID, speaker_id: UUID, *, given: bool) -> SeenActivity:
    """Say whether a speaker agrees who is no member. Raises `FORBIDDEN` for members, who say it themselves."""
    found = await seen_activity(work, activity_id, lock=True, of=SPEAKERS_INVITE)
    speaker = await work.session.get(Speaker, speaker_id)
    if speaker is None or speaker.activity_id != activity_id or speaker.withdrawn_at is not None:
        raise NOT_FOUND()
    speakers = (await speakers_of(work.session, [activity_id]))[activity_id]
    if any(one.id == speaker_id and one.member_id is not None for one in speakers):
        raise FORBIDDEN()
    _refuse_unasked(work, found)
    if await _write(work, found, speaker_id, given=given):
        changes: dict[str, list[object]] = {"speaker_id": [None, speaker_id], "given": [None, given]}
        await audit(work.session, work.caller, found.activity, "consent_for_speaker", changes, work.now)
    return found


def _refuse_unasked(work: Work, found: SeenActivity) -> None:
    refuse(work, found, "invite")
    if not found.activity.recording_consent:
        raise refused("illegal_transition", state=found.activity.status)


async def _could_be_seen(work: Work, found: SeenActivity, member_id: UUID) -> bool:
    activity_id = found.activity.id
    if await was_there(work.session, activity_id, member_id) or await speaks_at(work.session, work.caller, activity_id):
        return True
    seated = await seat_asked.happened(work.session, Asked(activity_id, [member_id]))
    return any(member_id in some for some in seated)


async def _write(work: Work, found: SeenActivity, who: UUID, *, given: bool) -> bool:
    row = await said_by(work.session, found.activity.id, who)
    if row is not None and row.given == given:
        return False
    if row is None:
        row = RecordingConsent(activity_id=found.activity.id, who=who, given=given, said_at=work.now)
        work.session.add(row)
    row.given, row.said_at = given, work.now
    await work.session.flush()
    return True
