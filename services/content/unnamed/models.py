"""The tables of what is unnamed."""

from uuid import UUID

from sqlmodel import Field

from services.content.base import Base


class Mask(Base, table=True):
    """Who asks an unnamed question, and who knows: only this row. Everything else of the thread has the mask."""

    __tablename__ = "masks"

    id: UUID = Field(primary_key=True)
    community_id: UUID
    member_id: UUID = Field(index=True)


class QuestionPolicy(Base, table=True):
    """What a community says about questions."""

    __tablename__ = "question_policies"

    community_id: UUID = Field(primary_key=True)
    unnamed: bool = False
    version: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
