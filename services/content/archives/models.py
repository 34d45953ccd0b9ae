"""The table of what came in by archives."""

from uuid import UUID

from sqlmodel import Field

from chassis.database.constraints import key
from services.content.base import Base


class ArchiveLine(Base, table=True):
    """What a line of an archive became. The line never comes in again, whatever happened to that since.

    `root_id` is the discussion that it belongs to, or is.
    """

    __tablename__ = "archive_lines"
    # Only imports bring one.
    __table_args__ = (key("community_id", "source_ref", answers=None),)

    community_id: UUID
    source_ref: str = Field(max_length=200)
    object_kind: str = Field(max_length=16)
    object_id: UUID
    root_id: UUID
