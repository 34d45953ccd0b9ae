"""Campaigns as requests and answers."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, model_validator

from chassis.web.named import Closed
from chassis.web.patches import ABSENT
from chassis.web.schemas import CommunityEmbed, JsonObject, RequestModel, ResponseModel, Viewer
from chassis.web.values import Moment, OneLine
from chassis.wrong import Wrong, second_of_two
from services.membership.campaigns import rules
from services.membership.campaigns.test_schemas import CampaignTest, CampaignTestPublic
from services.membership.cohorts.schemas import Code, CohortRef, Name
from services.membership.communities.schemas import Positioning

Quota = Annotated[int, Field(ge=1, le=1_000_000)]


STATUS = Closed("CampaignStatus", rules.Status)
AUDIENCE = Closed("Audience", rules.Audience)
STEP = Closed("Step", rules.Step)
CHANNEL_KIND = Closed("ChannelKind", rules.ChannelKind)

Audience = Annotated[rules.Audience, AUDIENCE]


class ChannelCreate(RequestModel):
    """A way for people to hear of the campaign. `code` is unique in it, and is recorded for each member who comes by it."""

    code: Code
    name: Name
    kind: Annotated[rules.ChannelKind, CHANNEL_KIND] = "other"


RequirementText = Annotated[str, Field(min_length=1, max_length=500), OneLine] | None


class Requirement(RequestModel):
    """A condition on `person.*` or `answers.*`. A missing value fails. Failing a knock-out requirement rejects at once.

    `text_zh` and `text_en` say to applicants what it asks. Answers always have both: without them, a sentence is made of field,
    operator and value.
    """

    code: Code
    field: str = Field(
        min_length=1,
        max_length=200,
        description=f"`answers.` and the name of an answer, or `person.` and one of {', '.join(sorted(rules.PERSON_FIELDS))}.",
        examples=["answers.hours", "person.job_grade"],
    )
    op: Annotated[rules.Op, Closed("RequirementOperator", rules.Op)]
    value: Any = Field(description="`in` and `not_in` take a list of values, the other operators one.")
    knock_out: bool = False
    weight: float = Field(default=1.0, ge=0, le=1000, allow_inf_nan=False)
    text_zh: RequirementText = None
    text_en: RequirementText = None

    @model_validator(mode="after")
    def _evaluable(self) -> "Requirement":
        code = rules.requirement_error(rules.Requirement(**self.model_dump()))
        if code is not None:
            raise Wrong(code, *rules.REQUIREMENT_ERRORS[code], at="/field" if code == "unknown_field" else "/value")
        return self


AnchorText = Annotated[str, Field(min_length=1, max_length=300), OneLine] | None


class Anchor(RequestModel):
    """What a score means, in one language or both."""

    score: int = Field(ge=1, le=5)
    text_zh: AnchorText = None
    text_en: AnchorText = None

    @model_validator(mode="after")
    def _says_something(self) -> "Anchor":
        if self.text_zh is None and self.text_en is None:
            raise Wrong("incomplete", "Say what the score means.", "请说明该分数的含义。", at="/text_zh")
        return self


class Criterion(RequestModel):
    """A criterion that interviewers score from 1 to 5. Without `anchors`, what scores mean is said by the product."""

    code: Code
    name: Name
    weight: float = Field(default=1.0, ge=0, le=1000, allow_inf_nan=False)
    anchors: list[Anchor] = Field(default_factory=list, max_length=5)

    @model_validator(mode="after")
    def _scores_differ(self) -> "Criterion":
        scores = [str(anchor.score) for anchor in self.anchors]
        if len(set(scores)) < len(scores):
            raise Wrong(
                "scores_differ",
                "Say of each score once what it means.",
                "每个分数只说明一次。",
                at=f"/anchors/{second_of_two(scores)}/score",
            )
        return self


DEFAULT_CRITERIA = [
    Criterion(code="learning_attitude", name="学习态度 Learning attitude"),
    Criterion(code="teamwork", name="团队合作 Teamwork"),
    Criterion(code="communication", name="沟通能力 Communication"),
]


Title = Annotated[str, Field(min_length=1, max_length=200), OneLine]
Requirements = Annotated[list[Requirement], Field(max_length=50)]
Steps = Annotated[list[Annotated[rules.Step, STEP]], Field(max_length=4)]
Criteria = Annotated[list[Criterion], Field(max_length=20)]


class _Content(RequestModel):
    title: Title
    quota: Quota
    opens_at: Moment | None = None
    closes_at: Moment
    audience: Audience = "employees"
    cohort_id: UUID | None = None
    requirements: Requirements = []
    steps: Steps = ["form"]
    criteria: Criteria = Field(
        default=DEFAULT_CRITERIA,
        description=f"By default {', '.join(f'`{one.code}`' for one in DEFAULT_CRITERIA)}, each of weight 1.",
    )
    test: CampaignTest | None = Field(default=None, description="Needed where `steps` has `test`.")

    @model_validator(mode="after")
    def _consistent(self) -> "_Content":
        for name, codes in (
            ("requirements", [item.code for item in self.requirements]),
            ("criteria", [item.code for item in self.criteria]),
        ):
            if len(set(codes)) < len(codes):
                raise Wrong(
                    "codes_differ",
                    f"The codes of {name} must differ.",
                    f"{name} 的编码不能重复。",
                    at=f"/{name}/{second_of_two(codes)}/code",
                )
        if not rules.steps_in_order(self.steps):
            raise Wrong(
                "steps_in_order",
                "Steps come once each, in the order form, test, interview, approval, beginning with form.",
                "步骤按 form、test、interview、approval 的顺序各出现一次，并以 form 开始。",
                at="/steps",
            )
        if self.opens_at is not None and self.opens_at >= self.closes_at:
            raise Wrong(
                "opens_before_closing",
                "A campaign opens before it closes.",
                "招募活动须先开始后截止。",
                at="/closes_at",
            )
        return self


class CampaignCreate(_Content):
    """A new campaign, as a draft. Channels and the first form can be added now or later."""

    community_id: UUID
    channels: list[ChannelCreate] = Field(default_factory=list, max_length=50)
    form: JsonObject | None = Field(default=None, description="A JSON Schema 2020-12 whose type is object.")

    @model_validator(mode="after")
    def _channels_differ(self) -> "CampaignCreate":
        codes = [channel.code for channel in self.channels]
        if len(set(codes)) < len(codes):
            raise Wrong(
                "codes_differ",
                "The codes of channels must differ.",
                "渠道的编码不能重复。",
                at=f"/channels/{second_of_two(codes)}/code",
            )
        return self


class CampaignContent(_Content):
    """What a patch makes of a campaign, as a whole."""


class CampaignPatch(RequestModel):
    """A merge patch. Lists are replaced as a whole. While the campaign runs, only title, quota and closing time change.

    Between closing and archiving, only the quota does. If it rises, those who have waited longest are accepted.
    """

    title: Title = ABSENT
    quota: Quota = ABSENT
    opens_at: Moment | None = None
    closes_at: Moment = ABSENT
    audience: Audience = ABSENT
    cohort_id: UUID | None = None
    requirements: Requirements = ABSENT
    steps: Steps = ABSENT
    criteria: Criteria = ABSENT
    test: CampaignTest | None = Field(default=None, description="It is replaced as a whole.")


class FormCreate(RequestModel):
    """A new version of the form. Existing applications keep their version."""

    form: JsonObject = Field(
        description="A JSON Schema 2020-12 whose type is object: at most 64 KiB, 10 levels, 200 properties; no patterns."
    )


class FormPublic(ResponseModel):
    """One version of a campaign's form."""

    campaign_id: UUID
    version: int
    form: JsonObject
    created_at: datetime


class ChannelPublic(ResponseModel):
    """A channel. Only those who run the campaign see `token` and `link`."""

    code: str
    name: str
    kind: Annotated[str, CHANNEL_KIND]
    token: str | None = None
    link: str | None = None
    qr: str | None = None


class CampaignPublic(ResponseModel):
    """A campaign as it is now. Lists leave `form` out."""

    id: UUID
    community_id: UUID
    community: CommunityEmbed | None = None
    title: str
    status: Annotated[str, STATUS]
    audience: Annotated[str, AUDIENCE]
    quota: int
    opens_at: datetime | None
    closes_at: datetime
    cohort_id: UUID | None
    cohort: CohortRef | None = None
    requirements: list[Requirement]
    steps: list[Annotated[str, STEP]]
    criteria: list[Criterion]
    test: CampaignTestPublic | None = None
    form_version: int
    form: JsonObject | None = None
    channels: list[ChannelPublic] = []
    created_at: datetime
    updated_at: datetime
    viewer: Viewer | None = None


class LandingCommunity(ResponseModel):
    """The community, as shown on a landing page."""

    id: UUID
    slug: str
    name: str
    positioning: Positioning | None


class LandingPublic(ResponseModel):
    """What a visitor reads before applying. Send `form_version` with the application."""

    campaign_id: UUID
    title: str
    status: Annotated[str, STATUS]
    opens_at: datetime | None
    closes_at: datetime
    audience: Annotated[str, AUDIENCE]
    channel: ChannelPublic
    community: LandingCommunity
    requirements: list[Requirement]
    steps: list[Annotated[str, STEP]]
    form: JsonObject | None
    form_version: int
