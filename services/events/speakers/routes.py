"""HTTP of speakers."""

from uuid import UUID

from fastapi import Response

from chassis.problems import CONFLICT_OF_INTEREST, ILLEGAL_TRANSITION
from chassis.web.dependencies import Read, Write
from chassis.web.etags import created
from chassis.web.operations import api_router, operation
from chassis.web.work import Work
from services.events.activities.access import seen_activity
from services.events.permissions import SPEAKERS_INVITE
from services.events.speakers import service
from services.events.speakers.queries import live_speakers
from services.events.speakers.schemas import SpeakerInvite, SpeakerPublic, SpeakersPublic
from services.events.speakers.views import shown

router = api_router(tags=["Speakers"])

ALL = "/v1/activities/{activity_id}/speakers"
ONE = f"{ALL}/{{speaker_id}}"


@router.get(ALL)
@operation(permission=SPEAKERS_INVITE)
async def list_speakers(activity_id: UUID, work: Read) -> SpeakersPublic:
    """List who speaks at an activity, with how those from outside are reached."""
    found = await seen_activity(work, activity_id, of=SPEAKERS_INVITE)
    speakers = await shown(work, found, await live_speakers(work.session, activity_id))
    return SpeakersPublic(activity_id=activity_id, speakers=speakers)


@router.post(ALL, status_code=201)
@operation(
    permission=SPEAKERS_INVITE,
    problems=[ILLEGAL_TRANSITION, CONFLICT_OF_INTEREST],
    existing="They speak there already.",
)
async def invite_speaker(activity_id: UUID, body: SpeakerInvite, work: Write, response: Response) -> SpeakerPublic:
    """Invite somebody to speak at an activity: a member, a person of the company, or somebody from outside."""
    done = await service.invite(work, activity_id, body)
    created(response, f"/v1/activities/{activity_id}/speakers/{done.speaker.id}")
    if not done.new:
        response.status_code = 200
    return await _shown(work, done)


@router.get(ONE)
@operation(permission=SPEAKERS_INVITE)
async def read_speaker(activity_id: UUID, speaker_id: UUID, work: Read) -> SpeakerPublic:
    """Read a speaker of an activity, also one who was withdrawn."""
    return await _shown(work, await service.seen_speaker(work, activity_id, speaker_id))


@router.post(f"{ONE}/withdraw")
@operation(permission=SPEAKERS_INVITE)
async def withdraw_speaker(activity_id: UUID, speaker_id: UUID, work: Write) -> SpeakerPublic:
    """Withdraw a speaker. What they earned by speaking is taken back, and somebody from outside is forgotten."""
    return await _shown(work, await service.withdraw(work, activity_id, speaker_id))


async def _shown(work: Work, done: service.Invited) -> SpeakerPublic:
    return (await shown(work, done.found, [done.speaker]))[0]
