"""The tables of attachments."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index
from sqlmodel import Field

from chassis.database.base import JsonDocument
from chassis.ids import new_id
from services.content.attachments.rules import LARGEST
from services.content.base import Base


class Attachment(Base, table=True):
    """A file that somebody sends or sent: a person, or a mask once an unnamed text has it; a guest, for the activity that they speak at. Its row is the lock for its parts and for what names it.

    `unlinked_at` is since when nothing names it, None while something does. `removed_at`: nobody is shown it any more. At `purge_at` its bytes go.
    """

    __tablename__ = "attachments"
    __table_args__ = (
        CheckConstraint("received >= 0 AND received <= size", name="received"),
        CheckConstraint("status IN ('uploading', 'processing', 'ready', 'refused')", name="status"),
        Index(None, "unlinked_at"),
        Index(None, "purge_at"),
        Index(None, "person_id", "status"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID | None = None
    activity_id: UUID | None = Field(default=None, index=True)
    person_id: UUID
    purpose: str = Field(max_length=16)
    name: str = Field(max_length=255)
    declared_type: str = Field(max_length=127)
    media_type: str | None = Field(default=None, max_length=127)
    size: int = Field(sa_type=BigInteger)
    received: int = Field(default=0, sa_type=BigInteger)
    status: str = Field(default="uploading", max_length=16)
    refused: str | None = Field(default=None, max_length=32)
    digest: str | None = Field(default=None, max_length=64)
    width: int | None = None
    height: int | None = None
    sizes: dict[str, Any] = Field(default_factory=dict, sa_type=JsonDocument, nullable=False)
    created_at: datetime
    unlinked_at: datetime | None = None
    removed_at: datetime | None = None
    purge_at: datetime | None = None


class AttachmentPart(Base, table=True):
    """A part that has arrived, and the object that holds it."""

    __tablename__ = "attachment_parts"

    attachment_id: UUID = Field(primary_key=True, foreign_key="attachments.id")
    begin: int = Field(primary_key=True, sa_type=BigInteger)
    object_name: str = Field(max_length=200)


class AttachmentLink(Base, table=True):
    """A piece of content names a file: in what readers see of it, or only in a version, a draft or an edit that waits."""

    __tablename__ = "attachment_links"
    __table_args__ = (Index(None, "object_id", "attachment_id"),)

    attachment_id: UUID = Field(primary_key=True, foreign_key="attachments.id")
    object_id: UUID = Field(primary_key=True)
    object_kind: str = Field(max_length=16)
    community_id: UUID
    shown: bool


class AttachmentUse(Base, table=True):
    """A thing of another service names a file, or named it; `version`: of the message that said so last, at `told_at`."""

    __tablename__ = "attachment_uses"

    attachment_id: UUID = Field(primary_key=True, foreign_key="attachments.id")
    object_id: UUID = Field(primary_key=True)
    service: str = Field(max_length=32)
    kind: str = Field(max_length=32)
    linked: bool
    version: int = Field(sa_type=BigInteger)
    told_at: datetime


class AttachmentLimit(Base, table=True):
    """How large files a community lets its members send."""

    __tablename__ = "attachment_limits"

    community_id: UUID = Field(primary_key=True)
    largest: int = Field(default=LARGEST, sa_type=BigInteger)
    version: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
