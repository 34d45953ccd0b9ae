"""The table of how speakers from outside are reached; who speaks stands with the activities, whose answers name them."""

from uuid import UUID

from sqlmodel import Field

from chassis.database.constraints import unique
from services.events.base import Base


class SpeakerContact(Base, table=True):
    """The e-mail address of a speaker from outside, read by those who run the activity alone. It is forgotten; see `forgetting`."""

    __tablename__ = "speaker_contacts"
    # Written under the lock of the activity.
    __table_args__ = (unique("activity_id", "email", answers=None),)

    speaker_id: UUID = Field(primary_key=True, foreign_key="activity_speakers.id")
    activity_id: UUID = Field(foreign_key="activities.id")
    email: str = Field(max_length=254)
