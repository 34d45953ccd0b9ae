"""The table of what waits to be sent, and of addresses that were refused."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from services.membership.base import Base


class Delivery(Base, table=True):
    """One message to one person through one channel. Its id follows from what it is about, so that the same one is never there twice.

    `due_at` is when it was to go, `next_at` when it is tried next. `code` says why it was refused or what it waits for. A one-time code is in
    `sealed`, and only as long as it waits.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        CheckConstraint("kind IN ('code', 'notification', 'digest')", name="kind"),
        CheckConstraint(
            "state IN ('waiting', 'sending', 'taken', 'refused', 'lapsed', 'withdrawn')",
            name="state",
        ),
        CheckConstraint("sealed IS NULL OR state IN ('waiting', 'sending')", name="vanishes"),
        CheckConstraint("(ended_at IS NULL) = (state IN ('waiting', 'sending'))", name="ended"),
        Index(
            None,
            "channel",
            "kind",
            "next_at",
            postgresql_where=text("ended_at IS NULL"),
            sqlite_where=text("ended_at IS NULL"),
        ),
        Index(None, "subject_id"),
    )

    id: uuid.UUID = Field(primary_key=True)
    channel: str = Field(max_length=32)
    person_id: uuid.UUID = Field(foreign_key="people.id", ondelete="CASCADE", index=True)
    kind: str = Field(max_length=16)
    subject_id: uuid.UUID
    state: str = Field(max_length=16)
    due_at: datetime
    next_at: datetime
    lapses_at: datetime
    attempts: int = 0
    lease_owner: str | None = Field(default=None, max_length=100)
    code: str | None = Field(default=None, max_length=64)
    sealed: str | None = Field(default=None, max_length=1000)
    created_at: datetime
    ended_at: datetime | None = Field(default=None, index=True)


class AddressRefusal(Base, table=True):
    """That a channel refused a person's address for good. It counts as long as they have that address, which is kept as SHA-256."""

    __tablename__ = "address_refusals"

    person_id: uuid.UUID = Field(primary_key=True, foreign_key="people.id", ondelete="CASCADE")
    channel: str = Field(primary_key=True, max_length=32)
    address_hash: str = Field(max_length=64)
    code: str = Field(max_length=64)
    at: datetime
