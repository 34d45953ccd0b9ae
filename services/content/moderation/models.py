"""The table of what was decided about texts of other services."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from services.content.base import Base


class JudgedText(Base, table=True):
    """A text of another service: the latest revision that came, and whether others read it. The row is its lock."""

    __tablename__ = "judged_texts"

    object_id: UUID = Field(primary_key=True)
    community_id: UUID
    service: str = Field(max_length=32)
    kind: str = Field(max_length=32)
    root_id: UUID
    revision: int
    verdict: str = Field(max_length=16)
    decided_at: datetime | None = Field(default=None, index=True)
