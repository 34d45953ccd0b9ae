"""The table of links."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from chassis.database.constraints import unique
from services.events.base import Base


class SpeakerLink(Base, table=True):
    """The link of a speaker from outside, kept as the hash of what opens the door. A speaker has one at a time; see `rules` for its end.

    `link_id` tells it from those before it: a token says by which link its guest came. Written under the lock of the activity.
    """

    __tablename__ = "speaker_invitations"
    # 256 bits drawn at random.
    __table_args__ = (unique("secret_hash", answers=None),)

    speaker_id: UUID = Field(primary_key=True, foreign_key="activity_speakers.id")
    community_id: UUID
    activity_id: UUID = Field(foreign_key="activities.id", index=True)
    link_id: UUID
    secret_hash: str = Field(max_length=64)
    made_at: datetime
