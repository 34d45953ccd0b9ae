"""The table of deeds."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Field

from chassis.database.base import JsonDocument
from services.content.base import Base


class Deed(Base, table=True):
    """The latest message of one kind about a thing: that it was made, removed or restored, accepted or not.

    A message is told again as it was, although the thing has another title or text since.
    """

    __tablename__ = "deeds"

    subject_id: UUID = Field(primary_key=True)
    aspect: str = Field(max_length=16, primary_key=True)
    message_id: UUID
    version: int
    type: str = Field(max_length=100)
    data: dict[str, Any] = Field(sa_type=JsonDocument, nullable=False)
    told_at: datetime = Field(index=True)
    """The time of the message: when it happened."""
