"""The tables of listed words and of the rules beside them."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from chassis.database.base import JsonDocument, Publishing
from chassis.database.constraints import unique
from chassis.ids import new_id
from chassis.problems import ALREADY_EXISTS
from services.content.base import Base


class ScanRules(Base, Publishing, table=True):
    """What a community does about links and advertising, and the lock for its lists; with `COMPANY` in place of a community, the company.

    `generation` grows with every change of a rule, a list or a word: what was made ready of one generation is that of no other. A
    community without this row has no lists.
    """

    __tablename__ = "scan_rules"

    community_id: UUID = Field(primary_key=True)
    generation: int = 0
    links: str = Field(default="allow", max_length=16)
    domains: list[str] = Field(default_factory=list, sa_type=JsonDocument, nullable=False)
    advertising: str = Field(default="allow", max_length=16)
    version: int = 1


class WordList(Base, table=True):
    """A list of words. One that is not enabled can be tried on what was written, and does nothing."""

    __tablename__ = "word_lists"
    __table_args__ = (unique("community_id", "name", answers=ALREADY_EXISTS, field="name"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID
    name: str = Field(max_length=100)
    enabled: bool = False
    word_count: int = 0
    version: int = 1
    created_at: datetime


class ListedWord(Base, table=True):
    """A word of a list. `key` is the same for words that are found in the same texts."""

    __tablename__ = "listed_words"

    list_id: UUID = Field(primary_key=True, foreign_key="word_lists.id")
    key: str = Field(primary_key=True, max_length=200)
    word: str = Field(max_length=40)
    category: str = Field(max_length=40)
    action: str = Field(max_length=16)
    mode: str = Field(max_length=16)
