"""The tables of question banks."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from chassis.database.base import JsonDocument
from chassis.database.constraints import unique
from chassis.ids import new_id
from services.events.base import Base


class QuestionBank(Base, table=True):
    """A bank. Its row is the lock for how many questions it has: `questions` counts all that ever came into it, and numbers them.

    `editor_ids` are the members who are appointed to it.
    """

    __tablename__ = "question_banks"
    __table_args__ = (Index(None, "community_id", "created_at", "id"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID
    title: str = Field(max_length=200)
    purpose: str = ""
    editor_ids: list[str] = Field(default_factory=list, sa_type=JsonDocument, nullable=False)
    questions: int = 0
    status: str = Field(default="active", max_length=8)
    created_by_id: UUID | None = None
    version: int = 1
    created_at: datetime


class QuestionBankEditor(Base, table=True):
    """A member who is appointed to a bank, for looking banks up by them."""

    __tablename__ = "question_bank_editors"
    __table_args__ = (Index(None, "member_id", "bank_id"),)

    bank_id: UUID = Field(primary_key=True, foreign_key="question_banks.id")
    member_id: UUID = Field(primary_key=True)


class QuestionBankReader(Base, table=True):
    """That a person has read questions of a bank, and when they first did: who has does not compete with them."""

    __tablename__ = "question_bank_readers"

    bank_id: UUID = Field(primary_key=True, foreign_key="question_banks.id")
    person_id: UUID = Field(primary_key=True, index=True)
    first_read_at: datetime


class Question(Base, table=True):
    """A question, as its newest version says it: what lists and draws look for. `QuestionVersion` has all of it.

    `edition` counts every change of the row, `version` those of what is asked and how it is graded. `choices_named` and `stems_named`: up to which
    letter and number parts of it were ever named, so that no later part has the key of an earlier one. `picture_ids`: what any version shows.
    `digest`: what questions share that ask the same and take the same for right; `source_digest`: that of what was imported, however it was corrected since. `id_number`: by what
    files know it again; `file_digest`: of all that a file said of it last. `lot`: a number that follows from its id as if by chance, from which draws go on.
    """

    __tablename__ = "questions"
    __table_args__ = (
        unique("bank_id", "number", answers=None),
        # Imports alone write it, under the lock of the bank.
        unique("bank_id", "id_number", answers=None),
        CheckConstraint("version >= 1 AND edition >= version", name="counted"),
        Index(None, "bank_id", "digest"),
        Index(None, "bank_id", "source_digest"),
        Index(None, "bank_id", "lot"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID
    bank_id: UUID = Field(foreign_key="question_banks.id")
    number: int
    kind: str = Field(max_length=12)
    name: str = ""
    text: str
    category: list[str] = Field(default_factory=list, sa_type=JsonDocument, nullable=False)
    category_path: str = ""
    tags: list[str] = Field(default_factory=list, sa_type=JsonDocument, nullable=False)
    difficulty: int
    marks: int
    status: str = Field(default="active", max_length=8)
    version: int = 1
    edition: int = 1
    choices_named: int = 0
    stems_named: int = 0
    picture_ids: list[str] = Field(default_factory=list, sa_type=JsonDocument, nullable=False)
    digest: str = Field(max_length=64)
    source_digest: str | None = Field(default=None, max_length=64)
    id_number: str | None = Field(default=None, max_length=100)
    file_digest: str | None = Field(default=None, max_length=64)
    lot: int
    created_at: datetime
    changed_at: datetime


class QuestionExport(Base, table=True):
    """The file of an export, packed; it is kept for a week."""

    __tablename__ = "question_exports"
    __table_args__ = (Index(None, "bank_id", "created_at"), Index(None, "created_at"))

    job_id: UUID = Field(primary_key=True)
    bank_id: UUID = Field(foreign_key="question_banks.id")
    community_id: UUID
    form: str = Field(max_length=12)
    content: bytes
    created_at: datetime


class QuestionVersion(Base, table=True):
    """One version of a question, with its solution. Rows are only inserted: what graded somebody is read for ever.

    `document` as in `assessment.documents`. `reason`: why it was changed.
    """

    __tablename__ = "question_versions"

    question_id: UUID = Field(primary_key=True, foreign_key="questions.id")
    version: int = Field(primary_key=True)
    document: dict[str, Any] = Field(sa_type=JsonDocument, nullable=False)
    reason: str = Field(default="", max_length=500)
    made_by_id: UUID | None = None
    made_at: datetime
