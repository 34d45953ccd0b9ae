"""HTTP of links, for who invites speakers; and for membership, which signs tokens for those who come by one."""

from typing import Any
from uuid import UUID

from chassis.problems import ILLEGAL_TRANSITION
from chassis.web.dependencies import Now, Reading, RuntimeDep, Write
from chassis.web.operations import api_router, operation
from services.events.invitations import service
from services.events.invitations.problems import INVITATION_OVER, SPEAKER_LOGS_IN
from services.events.invitations.schemas import SpeakerLinkPublic, Vouch, Vouched
from services.events.permissions import SPEAKERS_INVITE

router = api_router(tags=["Speakers"])

LINK = "/v1/activities/{activity_id}/speakers/{speaker_id}/invitation"


@router.post(LINK, status_code=201)
@operation(
    permission=SPEAKERS_INVITE,
    idempotent=False,
    located=False,
    problems=[ILLEGAL_TRANSITION, SPEAKER_LOGS_IN, INVITATION_OVER],
)
async def create_speaker_link(
    activity_id: UUID, speaker_id: UUID, work: Write, runtime: RuntimeDep
) -> SpeakerLinkPublic:
    """Make a link for a speaker from outside, who sees this activity with it and nothing else. It is shown only once.

    The link that the speaker had ends at once, and so does whoever came in by it.
    """
    made = await service.make(work, activity_id, speaker_id)
    app = runtime.settings.app_url
    return SpeakerLinkPublic(
        speaker_id=speaker_id,
        activity_id=activity_id,
        invitation=made.secret,
        # Behind the `#` it is sent to no server, and stands in no log and no `Referer`.
        link=f"{app.rstrip('/')}/invitations#{made.secret}" if app else None,
        expires_at=made.until,
    )


@router.delete(LINK, status_code=204)
@operation(permission=SPEAKERS_INVITE)
async def delete_speaker_link(activity_id: UUID, speaker_id: UUID, work: Write) -> None:
    """End the link of a speaker, and whatever they came in for by it. They speak all the same."""
    await service.take_back(work, activity_id, speaker_id)


@router.post("/internal/invitations/vouch")
@operation(internal=True, idempotent=False)
async def vouch_for_invitation(body: Vouch, session: Reading, now: Now) -> Vouched:
    """Say whose link it is, for membership. 404 for what is none, or none any more."""
    vouched: dict[str, Any] = await service.vouch(session, body.secret_hash, now)
    return Vouched(**vouched)
