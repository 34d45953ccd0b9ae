"""Lists of words as requests and answers."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from chassis.web.named import Closed
from chassis.web.patches import ABSENT
from chassis.web.schemas import RequestModel, ResponseModel
from chassis.web.values import OneLine
from services.content.scanning.rules import normal_domain, normal_word
from services.content.scanning.scanner import LONGEST_WORD, Action, Mode

ACTION = Closed("ScanAction", Action)
MODE = Closed("WordMode", Mode)
Name = Annotated[str, StringConstraints(min_length=1, max_length=100), OneLine]
Category = Annotated[str, StringConstraints(min_length=1, max_length=40), OneLine]
Listed = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_WORD), AfterValidator(normal_word)]
Domain = Annotated[str, StringConstraints(min_length=1, max_length=253), AfterValidator(normal_domain)]


class WordListCreate(RequestModel):
    """A list to begin: its name is unique in the community, or in the company without one. It does nothing until it is enabled."""

    community_id: UUID | None = None
    name: Name


class WordListPatch(RequestModel):
    """What to change."""

    name: Name = ABSENT
    enabled: bool = ABSENT


class WordEntry(RequestModel):
    """A word. `word`: only where a segmenter sees it as one. `allow`: what others find inside it is let through."""

    word: Listed
    category: Category
    action: Annotated[Action, ACTION] = "hold"
    mode: Annotated[Mode, MODE] = "word"


class WordEdits(RequestModel):
    """Words to add, or to list otherwise, and words to take off the list."""

    add: Annotated[list[WordEntry], Field(max_length=500)] = []
    remove: Annotated[list[Listed], Field(max_length=500)] = []


class WordListPublic(ResponseModel):
    """A list of words."""

    id: UUID
    community_id: UUID | None = Field(description="Null for a list of the company.")
    name: str
    enabled: bool
    word_count: int
    version: int
    created_at: datetime


class ListedWordPublic(ResponseModel):
    """A word of a list."""

    word: str
    category: str
    action: Annotated[str, ACTION]
    mode: Annotated[str, MODE]


class ScanRulesPatch(RequestModel):
    """What is done with links to other domains than these and those below them, and with numbers and accounts to write to."""

    links: Annotated[Action, ACTION] = ABSENT
    domains: Annotated[list[Domain], Field(max_length=200)] = ABSENT
    advertising: Annotated[Action, ACTION] = ABSENT


class ScanRulesPublic(ResponseModel):
    """What a community does about links and advertising, or the company."""

    community_id: UUID | None = Field(description="Null for the rules of the company.")
    links: Annotated[str, ACTION]
    domains: list[str]
    advertising: Annotated[str, ACTION]
