"""The tables of messengers: robots of groups, and what waits to be posted by them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, text
from sqlmodel import Field

from chassis.database.base import JsonDocument
from chassis.database.constraints import unique
from chassis.ids import new_id
from chassis.problems import ALREADY_EXISTS
from services.membership.base import Base

_WAITS = text("waits_since IS NOT NULL")


class MessengerChannel(Base, table=True):
    """A robot of a group to which a community's news go.

    `sealed`: its key and secret, which open with the installation's secret alone; `robot_hash` finds the same robot again. `sent_at`: when it sent
    in the last minute. `failing_since`: since when nothing has been taken; it is left alone until `rests_until`. `off_because`: why it is off.
    """

    __tablename__ = "messenger_channels"
    __table_args__ = (
        unique("community_id", "robot_hash", answers=ALREADY_EXISTS, field="address"),
        CheckConstraint("provider IN ('wecom', 'dingtalk', 'feishu')", name="provider"),
        CheckConstraint("status IN ('active', 'paused', 'switched_off')", name="status"),
        CheckConstraint("(status = 'switched_off') = (off_because IS NOT NULL)", name="off"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID = Field(foreign_key="communities.id")
    provider: str = Field(max_length=16)
    name: str = Field(max_length=60)
    kinds: list[str] = Field(sa_type=JsonDocument, nullable=False)
    locale: str = Field(max_length=16)
    robot_hash: str = Field(max_length=64)
    sealed: bytes = Field(sa_type=LargeBinary)
    signed: bool
    status: str = Field(max_length=16, default="active")
    off_because: str | None = Field(default=None, max_length=32)
    sent_at: list[str] = Field(default_factory=list, sa_type=JsonDocument, nullable=False)
    failures: int = 0
    failing_since: datetime | None = None
    rests_until: datetime | None = None
    last_outcome: str | None = Field(default=None, max_length=32)
    last_tried_at: datetime | None = None
    last_taken_at: datetime | None = None
    version: int = 1
    created_at: datetime


class MessengerPost(Base, table=True):
    """What a channel is to say about one thing: its latest state, and the latest news of it, by the versions of its messages.

    It waits (`waits_since`) where the news is newer than what was told, `told_version`.
    """

    __tablename__ = "messenger_posts"
    __table_args__ = (
        unique("channel_id", "object_id", answers=ALREADY_EXISTS),
        Index(None, "channel_id", "waits_since", "id", postgresql_where=_WAITS, sqlite_where=_WAITS),
        Index(None, "heard_at"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    channel_id: UUID = Field(foreign_key="messenger_channels.id")
    object_kind: str = Field(max_length=16)
    object_id: UUID
    state_version: int = 0
    gone_version: int = 0
    title: str | None = Field(default=None, max_length=300)
    starts_at: datetime | None = None
    time_zone: str | None = Field(default=None, max_length=64)
    gone: bool = False
    news: str | None = Field(default=None, max_length=16)
    news_version: int = 0
    news_at: datetime | None = None
    told_version: int = 0
    waits_since: datetime | None = None
    heard_at: datetime
