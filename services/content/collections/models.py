"""The table of collections."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from chassis.database.constraints import unique
from chassis.ids import new_id
from chassis.problems import ALREADY_EXISTS
from services.content.base import Base


class Collection(Base, table=True):
    """A collection. `under_id` is its parent, or at the top its community: there, too, a name is given once."""

    __tablename__ = "collections"
    __table_args__ = (unique("under_id", "name", answers=ALREADY_EXISTS, field="name"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID = Field(index=True)
    parent_id: UUID | None = Field(default=None, foreign_key="collections.id", index=True)
    under_id: UUID
    name: str = Field(max_length=100)
    description: str = Field(default="", max_length=500)
    position: int = 0
    version: int = 1
    created_at: datetime
