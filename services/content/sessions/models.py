"""The tables of sharing sessions, as events tells of them."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from chassis.database.base import JsonDocument
from services.content.base import Base


class HeldSession(Base, table=True):
    """A sharing session that took place. `version` is that of the message which says so; its row is the lock for its speakers.

    `author_ids` are those to whom the draft was given last.
    """

    __tablename__ = "held_sessions"

    activity_id: UUID = Field(primary_key=True)
    community_id: UUID
    version: int
    organiser_ids: list[str] = Field(default_factory=list, sa_type=JsonDocument, nullable=False)
    author_ids: list[str] = Field(default_factory=list, sa_type=JsonDocument, nullable=False)
    article_id: UUID | None = Field(default=None, foreign_key="articles.id")
    completed_at: datetime


class SessionSpeaker(Base, table=True):
    """Whether a member speaks at an activity, by the version of the message that told it last; also before it took place."""

    __tablename__ = "session_speakers"

    activity_id: UUID = Field(primary_key=True)
    member_id: UUID = Field(primary_key=True)
    version: int
    place: int = 0
    speaks: bool
