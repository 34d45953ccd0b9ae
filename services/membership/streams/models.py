"""Tickets for the live stream. Secrets are kept as SHA-256 only."""

import uuid
from datetime import datetime

from sqlmodel import Field

from chassis.database.constraints import key
from services.membership.base import Base


class StreamTicket(Base, table=True):
    """By which a stream may be opened once, for a person in a session. It is deleted by whoever does."""

    __tablename__ = "stream_tickets"
    __table_args__ = (key("ticket_hash", answers=None),)  # random

    ticket_hash: str = Field(primary_key=True, max_length=64)
    person_id: uuid.UUID = Field(foreign_key="people.id", ondelete="CASCADE", index=True)
    session_id: uuid.UUID = Field(foreign_key="sessions.id", ondelete="CASCADE", index=True)
    expires_at: datetime = Field(index=True)
