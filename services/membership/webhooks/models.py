"""The tables of webhooks."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text, false
from sqlmodel import Field

from chassis.database.base import JsonDocument
from chassis.database.constraints import unique
from chassis.ids import new_id
from chassis.problems import ALREADY_EXISTS
from services.membership.base import Base


class Webhook(Base, table=True):
    """An endpoint: where messages of some types are sent, of one community or, without one, of the platform.

    Its key follows from the installation's secret and `key_id`; the one before is good until `old_key_until`. `owner_id` is the person
    who answers for it, and no foreign key: checking that would lock people after communities. `status` off: by `off_cause`, until somebody resumes it. `next_at` is when something is to be sent there; `rests_until` and `failures` count
    since a call was taken the last time, `failing_since` from the first that was not. A `slow` one has lanes of its own.
    """

    __tablename__ = "webhooks"
    __table_args__ = (
        CheckConstraint("status IN ('active', 'paused', 'off')", name="status"),
        CheckConstraint("(status = 'off') = (off_cause IS NOT NULL)", name="off"),
        Index(None, "community_id", "created_at", "id"),
        Index(None, "owner_id"),
        Index(None, "next_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID | None = Field(default=None, foreign_key="communities.id")
    owner_id: UUID
    url: str = Field(max_length=1000)
    types: list[str] = Field(sa_type=JsonDocument)
    description: str | None = Field(default=None, max_length=200)
    status: str = Field(default="active", max_length=16)
    off_cause: str | None = Field(default=None, max_length=32)
    status_since: datetime
    key_id: UUID = Field(default_factory=new_id)
    old_key_id: UUID | None = None
    old_key_until: datetime | None = None
    next_at: datetime | None = None
    rests_until: datetime | None = None
    failures: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    failing_since: datetime | None = None
    slow: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    version: int = 1
    created_at: datetime


class WebhookMessage(Base, table=True):
    """A message that some endpoint is told, once for all of them: its data as it travels. `hidden`: what it is about was taken away since."""

    __tablename__ = "webhook_messages"
    __table_args__ = (Index(None, "subject"), Index(None, "created_at"))

    id: UUID = Field(primary_key=True)
    type: str = Field(max_length=100)
    subject: str = Field(max_length=100)
    version: int
    community_id: UUID | None = None
    occurred_at: datetime
    data: str = Field(sa_type=Text)
    hidden: bool = False
    created_at: datetime


class WebhookSubject(Base, table=True):
    """Whether something is taken away, as the message of this version says: for what is told of it before and after."""

    __tablename__ = "webhook_subjects"
    __table_args__ = (Index(None, "at"),)

    subject: str = Field(primary_key=True, max_length=100)
    version: int
    hidden: bool
    at: datetime


class WebhookDelivery(Base, table=True):
    """A message for an endpoint, and how its last call went: the answer's status, or why there was none, and how long it took.

    It is tried from `since` on, for three days. What is told stays in the log, and its body nowhere else than in the message.
    """

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        CheckConstraint("status IN ('waiting', 'delivered', 'failed', 'left_out')", name="status"),
        unique("webhook_id", "message_id", answers=ALREADY_EXISTS),
        Index(None, "webhook_id", "status", "next_at"),
        Index(None, "webhook_id", "created_at", "id"),
        Index(None, "created_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    webhook_id: UUID = Field(foreign_key="webhooks.id", ondelete="CASCADE")
    message_id: UUID
    type: str = Field(max_length=100)
    status: str = Field(default="waiting", max_length=16)
    attempts: int = 0
    since: datetime
    next_at: datetime
    last_at: datetime | None = None
    answered: int | None = None
    error: str | None = Field(default=None, max_length=32)
    milliseconds: int | None = None
    created_at: datetime
