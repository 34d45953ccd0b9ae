"""Passwords, failures to prove them, and one-time codes, which are kept as SHA-256 only."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from services.membership.base import Base


class Credential(Base, table=True):
    """A person's password, as an argon2id hash; imported people have none until they activate."""

    __tablename__ = "credentials"

    person_id: uuid.UUID = Field(primary_key=True, foreign_key="people.id", ondelete="CASCADE")
    password_hash: str = Field(max_length=200)
    changed_at: datetime
    reset_requested_at: datetime | None = Field(default=None, index=True)


class LoginFailures(Base, table=True):
    """Failed log-ins in a row, by account; what is typed for unknown accounts counts just the same."""

    __tablename__ = "login_failures"

    account: str = Field(primary_key=True, max_length=64)
    failures: int
    last_failed_at: datetime = Field(index=True)


class OneTimeCode(Base, table=True):
    """A code that lets its holder set a password once: to activate the account, or when the password is lost."""

    __tablename__ = "one_time_codes"
    __table_args__ = (
        CheckConstraint("purpose IN ('activation', 'password_reset')", name="purpose"),
        Index(None, "person_id", "purpose"),
    )

    code_hash: str = Field(primary_key=True, max_length=64)
    person_id: uuid.UUID = Field(foreign_key="people.id", ondelete="CASCADE")
    purpose: str = Field(max_length=16)
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
