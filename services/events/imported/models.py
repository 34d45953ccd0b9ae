"""The table of where activities come from."""

from uuid import UUID

from sqlmodel import Field

from chassis.database.constraints import key, unique
from services.events.base import Base


class ImportedActivity(Base, table=True):
    """What an activity is called where it comes from. `sequence` and `digest` are of what was read last: the same again changes nothing."""

    __tablename__ = "imported_activities"
    __table_args__ = (
        # An activity is written with where it comes from.
        key("activity_id", answers=None),
        # Two imports at once: the second finds what the first has written when it is tried again.
        unique("community_id", "source_ref", answers=None),
    )

    activity_id: UUID = Field(primary_key=True, foreign_key="activities.id")
    community_id: UUID
    source_ref: str = Field(max_length=320)
    sequence: int
    digest: str = Field(max_length=64)
