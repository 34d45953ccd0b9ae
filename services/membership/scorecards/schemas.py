"""Scorecards as requests and answers."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field

from chassis.web.actors import Actor
from chassis.web.named import Closed
from chassis.web.patches import ABSENT
from chassis.web.schemas import RequestModel, ResponseModel, Viewer
from chassis.web.values import Said
from chassis.wrong import Wrong, second_of_two
from services.membership.cohorts.schemas import Code
from services.membership.scorecards import rules

STATUS = Closed("ScorecardStatus", rules.Status)

Comment = Annotated[str, Field(min_length=1, max_length=4000), Said]


class CriterionScore(RequestModel):
    """What is thought of one criterion, with why."""

    criterion: Code
    score: int = Field(ge=rules.LOWEST, le=rules.HIGHEST)
    note: Annotated[str, Field(min_length=1, max_length=1000), Said] | None = None


def _differ(scores: list[CriterionScore]) -> list[CriterionScore]:
    codes = [one.criterion for one in scores]
    if len(set(codes)) < len(codes):
        raise Wrong(
            "scored_twice",
            "Score each criterion once.",
            "每项标准只评一次。",
            at=f"/{second_of_two(codes)}/criterion",
        )
    return scores


Scores = Annotated[list[CriterionScore], Field(max_length=20), AfterValidator(_differ)]


class ScorecardCreate(RequestModel):
    """A draft, which nobody else reads. Not every criterion needs a score yet."""

    application_id: UUID
    scores: Scores = []
    comment: Comment | None = None


class ScorecardPatch(RequestModel):
    """A merge patch of a draft. `scores` are replaced as a whole."""

    scores: Scores = ABSENT
    comment: Comment | None = None


class ScoreGiven(ResponseModel):
    """A score."""

    criterion: str
    score: int
    note: str | None


class ScorecardPublic(ResponseModel):
    """What somebody thinks of an applicant whom they met. `mean` is by the weights of the criteria."""

    id: UUID
    community_id: UUID
    application_id: UUID
    author: Actor
    status: Annotated[str, STATUS]
    scores: list[ScoreGiven]
    comment: str | None
    mean: float | None
    handed_in_at: datetime | None
    cancelled_at: datetime | None
    cancelled_by: Actor | None
    cancel_reason: str | None
    viewer: Viewer | None = None


class AnchorPublic(ResponseModel):
    """What a score means."""

    score: int
    text_zh: str
    text_en: str


class CriterionSummary(ResponseModel):
    """A criterion of the campaign, what its scores mean, and what they come to. `mean` is null where you do not read it yet."""

    code: str
    name: str
    weight: float
    anchors: list[AnchorPublic]
    mean: float | None
    scores: int


class ScorecardSummary(ResponseModel):
    """What the scorecards of an application come to, counted when it is read; what is cancelled does not count.

    `blind`: you read no figures until your own is in. `locked`: nothing is written any more.
    """

    community_id: UUID
    application_id: UUID
    criteria: list[CriterionSummary]
    interviewers: int
    handed_in: int
    needed: int
    mean: float | None
    blind: bool
    locked: bool
