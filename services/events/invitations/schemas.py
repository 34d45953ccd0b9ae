"""Links as answers, and what membership asks."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from chassis.web.schemas import RequestModel, ResponseModel


class SpeakerLinkPublic(ResponseModel):
    """A link for a speaker from outside, shown this once. Whoever has it comes in as the speaker until `expires_at`."""

    speaker_id: UUID
    activity_id: UUID
    invitation: str = Field(description="What `POST /v1/tokens` takes.")
    link: str | None = Field(description="`<app>/invitations#<invitation>`; null where `QUNXUE_APP_URL` is not set.")
    expires_at: datetime = Field(description="30 days after the activity ends; later if it is moved.")


class Vouch(RequestModel):
    """The SHA-256 of what somebody says is an invitation."""

    secret_hash: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class Vouched(ResponseModel):
    """Whose link it is, and until when."""

    invitation_id: UUID
    link_id: UUID
    activity_id: UUID
    until: datetime
