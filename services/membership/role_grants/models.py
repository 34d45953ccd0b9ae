"""The table of perks: which roles the level of a member grants, as gamification told last."""

from uuid import UUID

from sqlalchemy import BigInteger
from sqlmodel import Field

from chassis.database.base import JsonDocument
from services.membership.base import Base


class MemberPerks(Base, table=True):
    """The roles that a member's level grants. `version` is the message's: an older one changes nothing."""

    __tablename__ = "member_perks"

    member_id: UUID = Field(primary_key=True)
    roles: list[str] = Field(sa_type=JsonDocument)
    version: int = Field(sa_type=BigInteger)
