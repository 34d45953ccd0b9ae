"""Learning records as answers."""

from datetime import datetime
from uuid import UUID

from pydantic import Field

from chassis.web.pages import Page
from chassis.web.schemas import MemberEmbed, ResponseModel


class LearningSource(ResponseModel):
    """What it was learned by. The title of an activity that nobody told of yet is null."""

    kind: str
    id: UUID
    title: str | None


class LearningRecordPublic(ResponseModel):
    """What a person has of one source: `hours` as who learned, `taught_hours` as who taught."""

    id: UUID
    community_id: UUID
    person_id: UUID
    member: MemberEmbed
    source: LearningSource
    hours: float
    taught_hours: float
    completion: float = Field(description="Which part of it they were at, 0 to 1; from 80 % on it is the whole.")
    minutes: int
    learned_at: datetime


class LearningTotals(ResponseModel):
    """What all records of the list come to, on whichever page."""

    records: int
    people: int
    completed: int = Field(description="Records of who was there for all of it.")
    hours: float
    taught_hours: float


class LearningRecordPage(Page[LearningRecordPublic]):
    """One page of learning records, and what all of them come to."""

    totals: LearningTotals
    as_of: datetime
