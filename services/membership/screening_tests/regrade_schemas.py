"""Corrections of a test as requests and answers."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from chassis.web.actors import Actor
from chassis.web.named import Closed
from chassis.web.schemas import RequestModel, ResponseModel, Viewer
from chassis.web.values import Said, Version
from services.membership.applications.schemas import TEST_RESULT

REGRADE_STATUS = Closed("TestRegradeStatus", ["fetching", "trying", "tried", "grading", "graded", "dropped", "refused"])
STAYS = Closed("TestRegradeStays", ["applied_again", "campaign_archived", "community_archived", "person_left"])
REFUSAL = Closed(
    "TestRegradeRefusal",
    ["paper_not_found", "nothing_corrected", "not_in_paper", "older_question", "another_kind", "parts_gone"],
)


class TestRegradeCreate(RequestModel):
    """A later version of the test's paper, in which questions are corrected, and why."""

    paper_version: Version
    reason: Annotated[str, StringConstraints(min_length=1, max_length=500), Said]


class TestRegradeRefused(ResponseModel):
    """Why the version corrects nothing; `question_id` where that is one question's."""

    question_id: str | None
    code: Annotated[str, REFUSAL]
    text_zh: str
    text_en: str


class TestQuestionCorrected(ResponseModel):
    """A question that is graded anew."""

    question_id: str
    version_before: int
    version: int


class TestRegradePublic(ResponseModel):
    """A correction: fetched and tried first, then decided."""

    id: UUID
    community_id: UUID
    campaign_id: UUID
    status: Annotated[str, REGRADE_STATUS]
    reason: str
    paper_version: int
    before_version: int = Field(description="By which it was graded when somebody asked.")
    refusals: list[TestRegradeRefused] = Field(description="Why it cannot be applied; empty unless it is refused.")
    corrected: list[TestQuestionCorrected]
    looked_at: int = Field(description="How many applications it was tried on so far.")
    changed: int = Field(description="How many of them come to something else.")
    passes: int = Field(description="How many pass by it who did not.")
    fails: int = Field(
        description="How many passed and do not by it. Nobody falls from where they are who has left the test."
    )
    returns: int = Field(description="How many were rejected by the test alone, pass by it, and come back.")
    returned: int = Field(description="How many have come back since it was applied.")
    asked_by: Actor
    decided_by: Actor | None
    decided_at: datetime | None
    created_at: datetime
    viewer: Viewer


class TestRegradeLinePublic(ResponseModel):
    """What a correction changes for one application: its best score, in hundredths of a mark, and its result.

    `returns`: it was rejected by the test alone and comes back; `stays` says why not, where it would.
    """

    application_id: UUID
    score_before: int | None
    score: int | None
    result_before: Annotated[str, TEST_RESULT] | None
    result: Annotated[str, TEST_RESULT] | None
    returns: bool
    stays: Annotated[str, STAYS] | None
