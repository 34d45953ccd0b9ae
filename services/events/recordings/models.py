"""The table of who agreed to a recording."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from services.events.base import Base


class RecordingConsent(Base, table=True):
    """What somebody said last about being recorded. `who` is a member, or a speaker who is none, for whom those who run it say it."""

    __tablename__ = "recording_consents"

    activity_id: UUID = Field(primary_key=True, foreign_key="activities.id")
    who: UUID = Field(primary_key=True)
    given: bool
    said_at: datetime
