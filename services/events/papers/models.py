"""The tables of papers."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from chassis.database.base import JsonDocument
from chassis.ids import new_id
from services.events.base import Base


class Paper(Base, table=True):
    """A paper as it is written. `published`: how many versions of it there are; its row is the lock that counts them."""

    __tablename__ = "papers"
    __table_args__ = (Index(None, "community_id", "created_at", "id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID
    title: str = Field(max_length=200)
    sections: list[dict[str, Any]] = Field(default_factory=list, sa_type=JsonDocument, nullable=False)
    drawn_for: str = Field(default="all", max_length=4)
    shuffle_questions: bool = True
    shuffle_choices: bool = True
    editor_ids: list[str] = Field(default_factory=list, sa_type=JsonDocument, nullable=False)
    status: str = Field(default="active", max_length=8)
    published: int = 0
    created_by_id: UUID | None = None
    version: int = 1
    created_at: datetime


class PaperEditor(Base, table=True):
    """A member who is appointed to a paper, for looking papers up by them."""

    __tablename__ = "paper_editors"
    __table_args__ = (Index(None, "member_id", "paper_id"),)

    paper_id: UUID = Field(primary_key=True, foreign_key="papers.id")
    member_id: UUID = Field(primary_key=True)


class PaperVersion(Base, table=True):
    """A version of a paper as it is given. Rows are only inserted.

    `document` as in `assessment.frozen`, with its `fingerprint`; `count` and `full`: how many questions each person gets, and what they come
    to, in hundredths of a mark. `bank_ids`: whence its questions come.
    """

    __tablename__ = "paper_versions"

    paper_id: UUID = Field(primary_key=True, foreign_key="papers.id")
    version: int = Field(primary_key=True)
    document: dict[str, Any] = Field(sa_type=JsonDocument, nullable=False)
    fingerprint: str = Field(max_length=64)
    count: int
    full: int
    bank_ids: list[str] = Field(default_factory=list, sa_type=JsonDocument, nullable=False)
    attachment_ids: list[str] = Field(default_factory=list, sa_type=JsonDocument, nullable=False)
    published_by_id: UUID | None = None
    published_at: datetime


class PaperQuestion(Base, table=True):
    """That a version of a paper has a version of a question, for looking up where a question is used."""

    __tablename__ = "paper_questions"
    __table_args__ = (Index(None, "question_id", "paper_id", "paper_version"),)

    paper_id: UUID = Field(primary_key=True)
    paper_version: int = Field(primary_key=True)
    question_id: UUID = Field(primary_key=True)
    question_version: int
