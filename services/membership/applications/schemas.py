"""Applications as requests and answers."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import ConfigDict, Field, model_validator

from chassis.web.actors import Actor
from chassis.web.named import Closed
from chassis.web.schemas import CommunityEmbed, Counts, JsonObject, RequestModel, ResponseModel, Viewer
from chassis.web.values import Moment, Said, Version
from chassis.wrong import Wrong
from services.membership.applications import rules
from services.membership.applications.rules import Action, ReadState, State, TestResult
from services.membership.campaigns.schemas import STATUS as CAMPAIGN_STATUS
from services.membership.departments.schemas import DepartmentRef
from services.membership.people.schemas import PERSON_KIND
from services.membership.privacy.schemas import AgreedVersion

Reason = Annotated[str, Field(min_length=1, max_length=2000), Said]

STATE = Closed("ApplicationState", State)
READ_STATE = Closed("ReadApplicationState", ReadState)
OUTCOME = Closed("Outcome", rules.Outcome)
ACTION = Closed("ApplicationAction", Action)
TEST_RESULT = Closed("TestResult", TestResult)
BatchAction = Literal["decide", "advance", "return"]

Outcome = Annotated[rules.Outcome, OUTCOME]


class ApplicationCreate(RequestModel):
    """An application through a channel. Name the channel by its link's token, or by campaign and channel code.

    `submit: false` saves a draft, which does not count as an application. `form_version` is the version of the form that was
    answered; by default the current one.
    """

    # Else an example made of the schema names both ways in.
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"token": "Qm7rT2vXwz9K", "form_version": 1, "answers": {"years": 3}}]}
    )

    token: str | None = Field(default=None, min_length=8, max_length=32)
    campaign_id: UUID | None = None
    channel: str | None = Field(default=None, min_length=1, max_length=40)
    form_version: Version | None = None
    answers: JsonObject = Field(default_factory=dict)
    submit: bool = True
    privacy_notice_version: AgreedVersion = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        by_code = self.campaign_id is not None and self.channel is not None
        if (self.token is not None) == by_code or (self.campaign_id is None) != (self.channel is None):
            raise Wrong(
                "one_way_in",
                "Name either the token, or campaign_id and channel.",
                "请给出 token，或 campaign_id 与 channel。",
                at="/token" if self.token is not None or self.campaign_id is None else "/channel",
            )
        return self


class AnswersPatch(RequestModel):
    """A merge patch of a draft's answers: those that are not named stay, null takes one away, a list is replaced as a whole."""

    answers: JsonObject


class Submission(RequestModel):
    """Submits a draft, or a returned application again. `answers`, if given, replace the saved ones."""

    answers: JsonObject | None = None


class Return(RequestModel):
    """What the applicant should complete, and until when (by default within a week)."""

    what: Reason
    until: Moment | None = None


class Decision(RequestModel):
    """A decision. It becomes visible and takes effect at `release_at` (by default now).

    `reason` is read by those who decide alone; `reason_for_applicant` is told to the applicant with the outcome.
    """

    outcome: Outcome
    reason: Reason
    reason_for_applicant: Reason | None = None
    release_at: Moment | None = None


class ApplicationsBatch(RequestModel):
    """One command for up to 500 applications. It takes the same fields as the command for one application."""

    action: Annotated[BatchAction, Closed("ApplicationsAction", BatchAction)]
    ids: list[UUID] = Field(min_length=1, max_length=500)
    outcome: Outcome | None = None
    reason: Reason | None = None
    reason_for_applicant: Reason | None = None
    release_at: Moment | None = None
    what: Reason | None = None
    until: Moment | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.action == "decide" and (self.outcome is None or self.reason is None):
            raise Wrong(
                "incomplete",
                "Deciding needs outcome and reason.",
                "作出决定需要 outcome 和 reason。",
                at="/outcome" if self.outcome is None else "/reason",
            )
        if self.action == "return" and self.what is None:
            raise Wrong("incomplete", "Returning needs what.", "退回需要 what。", at="/what")
        return self


class Applicant(ResponseModel):
    """The applicant, as shown to those who decide."""

    person_id: UUID
    display_name: str
    department_code: str | None
    department: DepartmentRef | None = None
    title: str | None
    kind: Annotated[str, PERSON_KIND]


class ApplicationCampaign(ResponseModel):
    """What was applied to: the campaign with its title, and the community."""

    id: UUID
    title: str
    status: Annotated[str, CAMPAIGN_STATUS]
    closes_at: datetime
    community: CommunityEmbed


class Returned(ResponseModel):
    """What is missing, and until when the applicant may complete it."""

    what: str
    until: datetime


class Move(ResponseModel):
    """One step of an application's history: who did what, and when."""

    at: datetime
    actor: Actor
    action: Annotated[str, ACTION]
    from_state: Annotated[str, STATE] | None
    to_state: Annotated[str, STATE]
    outcome: Annotated[str, OUTCOME] | None
    note: str | None


class UnmetRequirement(ResponseModel):
    """A requirement that the applicant does not meet, and what it asks."""

    code: str
    text_zh: str
    text_en: str


class ApplicationTest(ResponseModel):
    """The test of the campaign, as it is for this applicant: extra time is counted in.

    `attempt_id` is the last attempt that was begun. `result`, `score` and `full` (in hundredths of a mark) are the best attempt's;
    applicants read them once a decision is released.
    """

    opens_at: datetime | None
    closes_at: datetime | None
    minutes: int | None
    extra_minutes: int
    pass_percent: int
    attempts: int
    attempts_begun: int
    attempt_id: UUID | None
    result: Annotated[str, TEST_RESULT] | None
    score: int | None
    full: int | None


class ApplicationPublic(ResponseModel):
    """An application. Until a decision is released, applicants see `in_review`. They never see how it was decided."""

    id: UUID
    community_id: UUID
    campaign_id: UUID
    campaign: ApplicationCampaign
    person_id: UUID
    channel: str
    channel_name: str | None = None
    state: Annotated[str, READ_STATE]
    outcome: Annotated[str, OUTCOME] | None
    failed_requirements: list[str]
    unmet: list[UnmetRequirement]
    form_version: int
    answers: JsonObject
    returned: Returned | None
    member_id: UUID | None
    created_at: datetime
    submitted_at: datetime | None
    release_at: datetime | None
    review_requested_at: datetime | None
    reason_for_applicant: str | None
    test: ApplicationTest | None = None
    applicant: Applicant | None = None
    reason: str | None = None
    score: float | None = None
    knocked_out: bool | None = None
    holder: Actor | None = None
    decided_by: Actor | None = None
    decided_at: datetime | None = None
    waitlisted_at: datetime | None = None
    held_since: datetime | None = Field(
        default=None, description="Since when it is under legal hold: nothing of it is erased before that is lifted."
    )
    moves: list[Move] | None = None
    viewer: Viewer | None = None


class BoardChannel(ResponseModel):
    """A channel's counts on the board. `submitted` are all that came by it, whatever became of them; drafts do not count."""

    code: str
    name: str
    visits: int
    submitted: int
    accepted: int
    waitlisted: int
    rejected: int
    withdrawn: int


class BoardWaiting(ResponseModel):
    """The application that has waited longest for somebody to act."""

    application_id: UUID
    state: Annotated[str, STATE]
    since: datetime
    holder: Actor | None


class BoardStep(ResponseModel):
    """How many applications wait at a state, and since when the oldest of them does."""

    state: Annotated[str, STATE]
    applications: int
    oldest_since: datetime


class BoardHolder(ResponseModel):
    """How many open applications a person works on; null counts those that nobody has taken yet."""

    holder: Actor | None
    applications: int


class BoardPublic(ResponseModel):
    """The state of a campaign."""

    community_id: UUID
    campaign_id: UUID
    title: str
    status: Annotated[str, CAMPAIGN_STATUS]
    quota: int
    seats_taken: int
    seats_left: int
    by_state: Counts
    by_outcome: Counts
    by_test: Counts
    unreleased: int
    by_channel: list[BoardChannel]
    waiting: list[BoardStep] = []
    oldest_waiting: BoardWaiting | None
    holders: list[BoardHolder]
    as_of: datetime
