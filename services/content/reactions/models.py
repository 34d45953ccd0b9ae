"""The table of reactions."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from chassis.database.base import Publishing
from chassis.database.constraints import unique
from chassis.ids import new_id
from services.content.base import Base

Kind = Literal["like", "insightful", "thanks"]


class Reaction(Base, Publishing, table=True):
    """A reaction, whether it is given now or was taken back: given again it is the same one, which is paid once."""

    __tablename__ = "reactions"
    __table_args__ = (
        # Written under the lock of what it is about.
        unique("member_id", "object_id", "reaction", answers=None),
        Index(None, "object_id", "given"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID
    member_id: UUID
    object_kind: str = Field(max_length=16)
    object_id: UUID
    reaction: str = Field(max_length=16)
    given: bool = True
    created_at: datetime
    changed_at: datetime
