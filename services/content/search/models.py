"""The tables of search. What a document is found by stands in `fts_tokens`, which each database keeps in its own way: see `tokens.py`."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from chassis.database.base import JsonDocument, Publishing
from chassis.database.constraints import unique
from chassis.database.types import Sequence64
from services.content.base import Base


class SearchGeneration(Base, table=True):
    """An index as one cutter made it. What is written goes into each; searches ask the live one, or the first while it is built.

    `kind` and `after_id` say how far it is built; of one that is `old` the rest is being deleted.
    """

    __tablename__ = "search_generations"

    number: int = Field(primary_key=True)
    cutter: int
    state: str = Field(default="building", max_length=8)
    kind: str | None = Field(default=None, max_length=16)
    after_id: UUID | None = None
    created_at: datetime


class SearchDocument(Base, table=True):
    """What can be found, in one generation. It is found while it and its root are shown.

    `root_id` is the thing itself, or that without which it is not seen. `author_id` is None where nobody is to know.
    `group_id` is that in which it stands, of what is its own root. `visibility` is None where whoever sees the community sees it. `tags` stand between spaces.
    """

    __tablename__ = "search_documents"
    __table_args__ = (
        # Written under the lock of the thing.
        unique("generation", "thing_id", answers=None),
    )

    number: int | None = Field(default=None, primary_key=True, sa_type=Sequence64)
    generation: int
    thing_id: UUID
    kind: str = Field(max_length=16)
    community_id: UUID
    root_id: UUID
    author_id: UUID | None = None
    visibility: str | None = Field(default=None, max_length=16)
    group_id: UUID | None = None
    tags: str
    title: str
    text: str
    shown: bool
    said_at: datetime


class SearchCommunity(Base, Publishing, table=True):
    """What searches in a community know: words that mean the same, in groups."""

    __tablename__ = "search_communities"

    community_id: UUID = Field(primary_key=True)
    synonyms: list[list[str]] = Field(default_factory=list, sa_type=JsonDocument, nullable=False)
    version: int = 1
