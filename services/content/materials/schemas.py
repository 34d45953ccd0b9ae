"""Materials as answers."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from services.content.attachments.schemas import AttachmentPublic


class MaterialPublic(AttachmentPublic):
    """A file that a speaker from outside sent for their activity."""

    activity_id: UUID
    speaker_id: UUID
    speaker_name: str | None = Field(description="What the speaker is called; null once they were withdrawn.")
    created_at: datetime
