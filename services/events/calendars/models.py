"""The table of calendar links."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from chassis.database.constraints import key, unique
from services.events.base import Base


class Calendar(Base, table=True):
    """The link by which a person's calendar is read without a log-in. Whoever has it reads; only its hash is kept."""

    __tablename__ = "calendars"
    __table_args__ = (
        # Who has one already is written anew.
        key("person_id", answers=None),
        # Drawn at random of 256 bits.
        unique("link_hash", answers=None),
    )

    person_id: UUID = Field(primary_key=True)
    link_hash: str = Field(max_length=64)
    created_at: datetime
    renewed_at: datetime
