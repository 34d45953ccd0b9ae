"""Searches as requests and answers."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from chassis.web.named import Closed
from chassis.web.pages import Page
from chassis.web.schemas import MemberEmbed, RequestModel, ResponseModel
from services.content.discussions.schemas import DiscussionListed
from services.content.search.lexicon import (
    LONGEST_SYNONYM,
    MOST_GROUPS,
    MOST_IN_GROUP,
    normal_groups,
    normal_synonym,
)

Kind = Literal["article", "discussion", "reply", "idea"]
KIND = Closed("SearchKind", Kind)
SuggestionKind = Literal["tag", "title"]
SUGGESTION_KIND = Closed("SuggestionKind", SuggestionKind)


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
    said_at: datetime = Field(description="When it was written; of an article, when it was published.")


class SearchPage(Page[SearchHit]):
    """What was found, the best first: at most 100."""

    did_you_mean: str | None = Field(
        description="Where little was found: the query as it sounds and is written in titles and tags that you may see."
    )
    ranked_among: int | None = Field(
        description="So many of the newest that match were ranked, as there are more; null where all were."
    )


class SimilarPublic(ResponseModel):
    """Discussions that are like what somebody is about to ask, the most alike first: at most 5."""

    items: list[DiscussionListed]


Synonym = Annotated[str, StringConstraints(min_length=1, max_length=LONGEST_SYNONYM), AfterValidator(normal_synonym)]
SynonymGroup = Annotated[list[Synonym], Field(min_length=2, max_length=MOST_IN_GROUP)]


class SynonymsPut(RequestModel):
    """All groups of words that mean the same. A word stands in one group."""

    groups: Annotated[list[SynonymGroup], Field(max_length=MOST_GROUPS), AfterValidator(normal_groups)]


class SynonymsPublic(ResponseModel):
    """The groups of words that mean the same in a community."""

    community_id: UUID
    groups: list[list[str]]


class Suggestion(ResponseModel):
    """Something to search for: a title, or a tag."""

    kind: Annotated[str, SUGGESTION_KIND]
    text: str
    object_kind: Annotated[str, KIND] | None = Field(
        description="What has this title, the newest of several; null for a tag."
    )
    object_id: UUID | None


class Suggestions(ResponseModel):
    """What may be meant, the likeliest first."""

    items: list[Suggestion]
