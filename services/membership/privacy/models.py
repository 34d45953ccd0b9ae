"""The tables of the privacy notice and of those who agreed to it. Rows are only inserted."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Text
from sqlmodel import Field

from chassis.database.constraints import key
from chassis.ids import new_id
from chassis.problems import ALREADY_EXISTS
from services.membership.base import Base


class PrivacyNotice(Base, table=True):
    """One version of the notice, in both languages."""

    __tablename__ = "privacy_notices"
    __table_args__ = (key("version", answers=ALREADY_EXISTS),)

    version: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    text_zh: str = Field(sa_type=Text)
    text_en: str = Field(sa_type=Text)
    published_at: datetime
    published_by: str = Field(max_length=64)


class PrivacyAgreement(Base, table=True):
    """That somebody agreed to a version, when, and on which occasion."""

    __tablename__ = "privacy_agreements"
    __table_args__ = (CheckConstraint("occasion IN ('activation', 'application')", name="occasion"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    person_id: UUID = Field(foreign_key="people.id", index=True)
    version: int = Field(foreign_key="privacy_notices.version")
    occasion: str = Field(max_length=16)
    application_id: UUID | None = None
    at: datetime
