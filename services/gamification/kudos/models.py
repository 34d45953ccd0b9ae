"""The table of kudos."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from chassis.database.base import Publishing
from chassis.ids import new_id
from services.gamification.base import Base


class Kudos(Base, Publishing, table=True):
    """What a member said of a colleague. Its row is the lock for how it stands.

    `day`, `time_zone` and `began_at` are the giver's day, decided when it was given. `value_name` is as it was then.
    """

    __tablename__ = "kudos"
    __table_args__ = (
        CheckConstraint("giver_id <> receiver_id", name="another"),
        Index(None, "community_id", "given_at", "id"),
        Index(None, "receiver_id", "given_at"),
        Index(None, "giver_id", "given_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID
    giver_id: UUID
    receiver_id: UUID
    value_code: str | None = Field(default=None, max_length=64)
    value_name: str | None = Field(default=None, max_length=200)
    text: str
    given_at: datetime
    day: date
    time_zone: str = Field(max_length=64)
    began_at: datetime
    held: bool = False
    removed_at: datetime | None = None
    removed_by: UUID | None = None
