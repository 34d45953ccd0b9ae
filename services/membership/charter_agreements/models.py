"""The table of agreements to charters."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint
from sqlmodel import Field

from services.membership.base import Base


class CharterAgreement(Base, table=True):
    """That a member has agreed to a version, for ever: rows are only ever inserted."""

    __tablename__ = "charter_agreements"
    __table_args__ = (ForeignKeyConstraint(["community_id", "version"], ["charters.community_id", "charters.version"]),)

    member_id: UUID = Field(foreign_key="members.id", primary_key=True)
    version: int = Field(primary_key=True)
    community_id: UUID
    agreed_at: datetime
