"""Searches as requests and answers."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from chassis.web.named import Closed
from chassis.web.pages import Page
from chassis.web.schemas import MemberEmbed, ResponseModel

Kind = Literal["article", "discussion", "reply"]
KIND = Closed("SearchKind", Kind)


class MarkedText(ResponseModel):
    """A piece of a text as plain text, and whether it is what was looked for."""

    text: str
    found: bool


class SearchHit(ResponseModel):
    """Something that was found."""

    kind: Annotated[str, KIND]
    id: UUID
    root_id: UUID = Field(description="The discussion of a reply; of anything else its own id.")
    community_id: UUID
    title: list[MarkedText] = Field(description="Of a reply the title of its discussion.")
    snippet: list[MarkedText]
    tags: list[str]
    author: MemberEmbed | None = Field(
        description="Of an article the first of its authors. Null where members are not to know."
    )
    said_at: datetime


class SearchPage(Page[SearchHit]):
    """What was found, the best first: at most 100."""

    ranked_among: int | None = Field(
        description="So many of the newest that match were ranked, as there are more; null where all were."
    )
