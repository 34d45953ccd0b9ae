"""The tables of what members have read. Posting writes none of them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from services.content.base import Base


class ReadMark(Base, table=True):
    """How far a member has read a discussion: up to a position, of which that of the discussion itself is 0.

    No foreign key: it would have to lock the discussion, and reading would wait for whoever writes.
    """

    __tablename__ = "read_marks"
    __table_args__ = (CheckConstraint("read_upto >= 0", name="position"), Index(None, "discussion_id", "read_upto"))

    member_id: UUID = Field(primary_key=True)
    discussion_id: UUID = Field(primary_key=True)
    read_upto: int
    changed_at: datetime


class ReadFloor(Base, table=True):
    """Before when a member has read everything, if they ever said so: it is when they joined otherwise."""

    __tablename__ = "read_floors"

    member_id: UUID = Field(primary_key=True)
    read_before: datetime
