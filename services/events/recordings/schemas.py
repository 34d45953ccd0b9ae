"""Consent to a recording as requests and answers."""

from uuid import UUID

from pydantic import Field

from chassis.web.schemas import RequestModel, ResponseModel


class ConsentPut(RequestModel):
    """Whether they agree that a recording is shown in which they can be seen or heard."""

    given: bool


class ConsentCounts(ResponseModel):
    """How many could be seen or heard, and what they said. Who said nothing does not agree."""

    asked: int
    given: int
    refused: int


class ConsentPublic(ResponseModel):
    """What is said about a recording."""

    activity_id: UUID
    own: bool | None = Field(description="What the caller said; null for who said nothing.")
    counts: ConsentCounts | None = Field(description="For those who run it.")
