"""The table of drafts."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from chassis.database.base import JsonDocument
from services.content.base import Base


class Draft(Base, table=True):
    """What a member is writing somewhere; `based_on` is the version that they began from, `version` how often it was kept.

    `group_id`: the group in which it stands where they write. `place_title`, `title` and `excerpt` are what a list shows: it reads no forms.
    """

    __tablename__ = "drafts"
    __table_args__ = (Index(None, "member_id", "changed_at", "target"), Index(None, "changed_at"))

    member_id: UUID = Field(primary_key=True)
    target: str = Field(primary_key=True, max_length=64)
    community_id: UUID
    group_id: UUID | None = None
    place_title: str | None = Field(default=None, max_length=200)
    title: str | None = Field(default=None, max_length=200)
    excerpt: str | None = Field(default=None, max_length=200)
    form: dict[str, Any] = Field(sa_type=JsonDocument, nullable=False)
    based_on: int | None = None
    version: int = 1
    changed_at: datetime
