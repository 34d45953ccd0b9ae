"""The table of bookmarks."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from services.content.base import Base


class Bookmark(Base, table=True):
    """A member kept a piece of content."""

    __tablename__ = "bookmarks"

    member_id: UUID = Field(primary_key=True)
    object_id: UUID = Field(primary_key=True, index=True)
    object_kind: str = Field(max_length=16)
    created_at: datetime
