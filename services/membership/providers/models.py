"""What of log-ins by a provider is good once only: states that came back, tokens that ended sessions, codes that an app fetches its session with."""

import uuid
from datetime import datetime

from sqlmodel import Field

from chassis.database.constraints import key
from services.membership.base import Base
from services.membership.providers.problems import LOGIN_STATE_INVALID


class UsedState(Base, table=True):
    """Something that a provider sent and that is not taken again, by its hash."""

    __tablename__ = "provider_states"
    __table_args__ = (key("digest", answers=LOGIN_STATE_INVALID),)

    digest: str = Field(primary_key=True, max_length=64)
    used_at: datetime = Field(index=True)


class LoginCode(Base, table=True):
    """A log-in that the app has not fetched yet. It is deleted by whoever does."""

    __tablename__ = "provider_login_codes"
    __table_args__ = (key("code_hash", answers=None),)  # random

    code_hash: str = Field(primary_key=True, max_length=64)
    verifier_hash: str = Field(max_length=64)
    provider: str = Field(max_length=32)
    identity_id: uuid.UUID = Field(foreign_key="identities.id", ondelete="CASCADE", index=True)
    person_id: uuid.UUID = Field(foreign_key="people.id", ondelete="CASCADE", index=True)
    provider_session: str | None = Field(default=None, max_length=255)
    ends_at: datetime
    proved_at: datetime | None = None
    """When they proved to the provider who they are, if it says."""
    methods: str = Field(default="", max_length=64, sa_column_kwargs={"server_default": ""})
    expires_at: datetime = Field(index=True)
