"""The inbox: lines, what each consists of, what became of it, what the inbox knows of others' things, and what people want to be told."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, false, text, true
from sqlmodel import Field

from chassis.database.base import JsonDocument, Publishing
from chassis.database.constraints import unique
from chassis.database.types import Sequence64
from chassis.ids import new_id
from chassis.problems import ALREADY_EXISTS
from services.membership.base import Base


class Notification(Base, table=True):
    """One line of one person's inbox: all that was told in a thread until they read it. Of a group only who belongs to it sees it.

    Stored are the template and what it speaks of; the words are made when it is read. `told_at` is when it was last told, `count`
    how many people or things it speaks of.
    """

    __tablename__ = "notifications"
    __table_args__ = (
        unique(
            "person_id",
            "thread",
            where="read_at IS NULL AND withdrawn_at IS NULL",
            name="uq_notifications_open",
            answers=ALREADY_EXISTS,
        ),
        Index(None, "person_id", "told_at", "id"),
        Index(None, "told_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    person_id: UUID = Field(foreign_key="people.id", ondelete="CASCADE")
    community_id: UUID | None = None
    category: str = Field(max_length=24)
    critical: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    template: str = Field(max_length=60)
    template_version: int = 1
    params: dict[str, Any] = Field(default_factory=dict, sa_type=JsonDocument, nullable=False)
    thread: str = Field(max_length=120)
    object_kind: str | None = Field(default=None, max_length=32)
    object_id: UUID | None = None
    group_id: UUID | None = None
    count: int = 1
    created_at: datetime
    told_at: datetime
    read_at: datetime | None = None
    snoozed_until: datetime | None = None
    withdrawn_at: datetime | None = None


class NotificationCause(Base, table=True):
    """One thing that happened and that a line speaks of; each is told to a person once. `actor_id` is the member who did it."""

    __tablename__ = "notification_causes"
    __table_args__ = (
        Index(None, "cause"),
        Index(None, "notification_id"),
    )

    person_id: UUID = Field(primary_key=True)
    cause: str = Field(primary_key=True, max_length=120)
    notification_id: UUID = Field(foreign_key="notifications.id", ondelete="CASCADE")
    actor_id: UUID | None = None
    told_at: datetime
    withdrawn: bool = Field(default=False, sa_column_kwargs={"server_default": false()})


class NotificationReceipt(Base, Publishing, table=True):
    """That a service waits to hear when a message about its thing has reached a member: the clock of an offer runs from then on.

    `version` is that of the message which the line tells of. `replaced`: the line tells something newer, and nobody waits any more.
    """

    __tablename__ = "notification_receipts"
    __table_args__ = (
        CheckConstraint("result IN ('waiting', 'unreachable', 'taken', 'replaced')", name="result"),
        Index(None, "notification_id"),
        Index(
            None,
            "person_id",
            postgresql_where=text("result IN ('waiting', 'unreachable')"),
            sqlite_where=text("result IN ('waiting', 'unreachable')"),
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    notification_id: UUID = Field(foreign_key="notifications.id", ondelete="CASCADE")
    person_id: UUID
    member_id: UUID
    community_id: UUID
    object_kind: str = Field(max_length=32)
    object_id: UUID
    version: int = Field(sa_type=BigInteger)
    result: str = Field(default="waiting", max_length=12)
    told_at: datetime


class NotificationSource(Base, table=True):
    """Whether what happened still holds, by the newest message about it: what is withdrawn before it was told is never told."""

    __tablename__ = "notification_sources"

    source: str = Field(primary_key=True, max_length=120)
    version: int = Field(sa_type=BigInteger)
    live: bool = Field(default=True, sa_column_kwargs={"server_default": true()})
    at: datetime = Field(index=True)


class NotificationThing(Base, table=True):
    """What others own and lines speak of: what it is called, whose it is, and in which group it stands."""

    __tablename__ = "notification_things"

    id: UUID = Field(primary_key=True)
    kind: str = Field(max_length=32)
    community_id: UUID
    title: str | None = Field(default=None, max_length=400)
    owner_id: UUID | None = None
    group_id: UUID | None = None
    version: int = Field(sa_type=BigInteger)
    known_at: datetime = Field(index=True)


class NotificationFollower(Base, table=True):
    """A member who is told of what happens to a thing: subscribed to a discussion, registered for an activity."""

    __tablename__ = "notification_followers"

    thing_id: UUID = Field(primary_key=True)
    member_id: UUID = Field(primary_key=True)
    following: bool
    version: int = Field(sa_type=BigInteger)


class NotificationRound(Base, table=True):
    """Something that many are told, or that is withdrawn from many, and how far that has come."""

    __tablename__ = "notification_rounds"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    telling: dict[str, Any] = Field(sa_type=JsonDocument, nullable=False)
    after: UUID | None = None
    created_at: datetime


class NotificationPreference(Base, table=True):
    """What a person wants differently from what is usual."""

    __tablename__ = "notification_preferences"

    person_id: UUID = Field(primary_key=True, foreign_key="people.id", ondelete="CASCADE")
    category: str = Field(primary_key=True, max_length=24)
    channel: str = Field(primary_key=True, max_length=16)
    setting: str = Field(max_length=8)


class NotificationChange(Base, table=True):
    """What changed in somebody's inbox, for whoever shows it live; kept for a day.

    `xact` is PostgreSQL's number of the transaction: readers go on in its order, since a transaction that began earlier may end later.
    """

    __tablename__ = "notification_changes"
    __table_args__ = (
        Index(None, "xact", "seq"),
        Index(None, "person_id", "xact", "seq"),
        Index(None, "at"),
        {"sqlite_autoincrement": True},
    )

    seq: int | None = Field(
        default=None, sa_column=Column(Sequence64, primary_key=True, autoincrement=True, nullable=False)
    )
    xact: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs={"server_default": text("0")})
    person_id: UUID
    notification_id: UUID | None = None
    kind: str = Field(max_length=12)
    unread: int
    at: datetime
