"""The test of a campaign, as it is set and as it is answered."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, PlainSerializer, model_validator

from chassis.web.named import Closed
from chassis.web.schemas import RequestModel, ResponseModel
from chassis.web.values import Moment, Version
from chassis.wrong import Wrong

PaperState = Literal["fetching", "there", "refused"]
PAPER_STATE = Closed("PaperState", PaperState)
Graders = Annotated[set[UUID], Field(max_length=20), PlainSerializer(lambda ids: sorted(map(str, ids)))]


class CampaignTest(RequestModel):
    """What the step `test` asks. `paper_id` and `paper_version` are a paper of the same community.

    `pass_percent` is the share of the paper's marks that passes. `minutes` is how long one attempt may take; null: until the window closes.
    With `knock_out`, who has failed for good is rejected at once. `grader_ids` are lecturers of the community who grade short
    texts beside operators and owners.
    """

    paper_id: UUID
    paper_version: Version
    pass_percent: int = Field(default=60, ge=1, le=100)
    attempts: int = Field(default=1, ge=1, le=10)
    minutes: int | None = Field(default=60, ge=1, le=1440)
    opens_at: Moment | None = None
    closes_at: Moment | None = None
    knock_out: bool = False
    grader_ids: Graders = set()

    @model_validator(mode="after")
    def _opens_first(self) -> "CampaignTest":
        if self.opens_at is not None and self.closes_at is not None and self.opens_at >= self.closes_at:
            raise Wrong(
                "opens_before_closing", "A test opens before it closes.", "测试须先开始后截止。", at="/closes_at"
            )
        return self


class CampaignTestPublic(ResponseModel):
    """The test of a campaign. Only those who run the campaign see which paper it is, whether it has been fetched, and who grades.

    `graded_version` is the version of the paper by which it is graded: a later one once a correction was applied.
    """

    pass_percent: int
    attempts: int
    minutes: int | None
    opens_at: datetime | None
    closes_at: datetime | None
    knock_out: bool
    paper_id: UUID | None = None
    paper_version: int | None = None
    graded_version: int | None = None
    paper_state: Annotated[str, PAPER_STATE] | None = None
    grader_ids: list[UUID] | None = None
