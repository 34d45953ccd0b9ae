"""Log-ins, their refresh tokens, and what has lately been revoked. Secrets are kept as SHA-256 only."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from chassis.ids import new_id
from services.membership.base import Base


class LoginSession(Base, table=True):
    """One log-in: the family of refresh tokens that began with it. Its id is the `sid` of the access tokens."""

    __tablename__ = "sessions"
    __table_args__ = (Index(None, "provider", "provider_session"),)

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    person_id: uuid.UUID = Field(foreign_key="people.id", ondelete="CASCADE", index=True)
    started_at: datetime
    last_used_at: datetime
    proved_at: datetime | None = None
    """When the person last proved who they are; None as long as that is when it began, or if the `provider` does not say when."""
    methods: str = Field(default="pwd", max_length=64, sa_column_kwargs={"server_default": "pwd"})
    """By what they did, as RFC 8176 names it, separated by spaces."""
    transport: str = Field(max_length=16)
    user_agent: str | None = Field(default=None, max_length=200)
    provider: str | None = Field(default=None, max_length=32)
    provider_session: str | None = Field(default=None, max_length=255)
    """What the provider calls the log-in there (`sid`), so that it can say that it is over."""
    identity_id: uuid.UUID | None = Field(default=None, index=True)
    """By what it was begun there. No foreign key: both are deleted with the person."""
    ends_at: datetime | None = None
    revoked_at: datetime | None = None
    revoked_because: str | None = Field(default=None, max_length=32)


class RefreshTokenRow(Base, table=True):
    """One refresh token, by its hash."""

    __tablename__ = "refresh_tokens"

    token_hash: str = Field(primary_key=True, max_length=64)
    session_id: uuid.UUID = Field(foreign_key="sessions.id", ondelete="CASCADE", index=True)
    issued_at: datetime = Field(index=True)
    used_at: datetime | None = None


class Revocation(Base, table=True):
    """Whose access tokens issued up to `at` are worth nothing: a person's, or one session's. Kept 20 minutes."""

    __tablename__ = "revocations"
    __table_args__ = (CheckConstraint("kind IN ('person', 'session')", name="kind"),)

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    kind: str = Field(max_length=16)
    subject_id: uuid.UUID
    at: datetime = Field(index=True)
