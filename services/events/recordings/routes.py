"""HTTP of consent to recordings."""

from uuid import UUID

from chassis.problems import ILLEGAL_TRANSITION
from chassis.web.dependencies import Read, Write
from chassis.web.operations import api_router, operation
from chassis.web.work import Work
from services.events.activities.access import SeenActivity, seen_activity
from services.events.permissions import ACTIVITIES_READ, REGISTRATIONS_CONFIRM, SPEAKERS_INVITE
from services.events.recordings import queries, service
from services.events.recordings.schemas import ConsentCounts, ConsentPublic, ConsentPut

router = api_router(tags=["Recordings"])

CONSENT = "recording-consent"
ALL = "/v1/activities/{activity_id}"


@router.get(f"{ALL}/{CONSENT}")
@operation(permission=ACTIVITIES_READ)
async def read_recording_consent(activity_id: UUID, work: Read) -> ConsentPublic:
    """Read what you said about being recorded, and if you run the activity, how many agreed."""
    return await _shown(work, await seen_activity(work, activity_id))


@router.put(f"{ALL}/{CONSENT}")
@operation(permission=REGISTRATIONS_CONFIRM, problems=[ILLEGAL_TRANSITION])
async def put_recording_consent(activity_id: UUID, body: ConsentPut, work: Write) -> ConsentPublic:
    """Agree that the recording is shown, or do not: if you speak, have a seat or were there. Until everybody agrees, nobody sees it."""
    return await _shown(work, await service.say(work, activity_id, given=body.given))


@router.put(f"{ALL}/speakers/{{speaker_id}}/{CONSENT}")
@operation(permission=SPEAKERS_INVITE, problems=[ILLEGAL_TRANSITION])
async def put_speaker_consent(activity_id: UUID, speaker_id: UUID, body: ConsentPut, work: Write) -> ConsentPublic:
    """Say whether a speaker agrees who is no member, as they told you."""
    return await _shown(work, await service.say_for(work, activity_id, speaker_id, given=body.given))


async def _shown(work: Work, found: SeenActivity) -> ConsentPublic:
    activity_id, member_id = found.activity.id, found.standing.member_id
    said = await queries.said_by(work.session, activity_id, member_id) if member_id is not None else None
    counts = ConsentCounts.model_validate(await queries.counted(work.session, activity_id)) if found.prepares else None
    return ConsentPublic(activity_id=activity_id, own=said.given if said is not None else None, counts=counts)
