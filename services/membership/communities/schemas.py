"""Communities as requests and answers."""

from datetime import datetime, time
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field, PlainSerializer, StringConstraints, model_validator

from chassis.texts import Hidden
from chassis.web.actors import Actor
from chassis.web.named import Closed
from chassis.web.patches import ABSENT
from chassis.web.schemas import CommunityEmbed, RequestModel, ResponseModel, Viewer
from chassis.web.values import OneLine, Said
from chassis.wrong import Wrong, second_of_two
from chassis.zones import zone_name
from services.membership.cohorts.schemas import Code, Name
from services.membership.communities import rules
from services.membership.people.rules import normal_department_code, normal_name


def _slug(value: str) -> str:
    code = rules.slug_error(value)
    if code is not None:
        raise Wrong(code, *rules.SLUG_ERRORS[code])
    return value


def _time_of_day(value: str) -> str:
    if not rules.is_time_of_day(value):
        raise Wrong("not_a_time_of_day", "A time of day is written HH:MM.", "时刻的写法为 HH:MM。")
    return value


Slug = Annotated[str, AfterValidator(_slug), Field(description="Lower-case letters, digits, single hyphens; 3 to 60.")]
TimeZone = Annotated[str, AfterValidator(zone_name), Field(description="A name such as Asia/Shanghai.")]
TimeOfDay = Annotated[str, AfterValidator(_time_of_day), Field(description="HH:MM")]
ShortTime = Annotated[time, PlainSerializer(lambda value: value.strftime("%H:%M"), return_type=str)]
Tag = Annotated[str, StringConstraints(min_length=1, max_length=40, strip_whitespace=True), OneLine]
Line = Annotated[str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True), Said]


Days = Annotated[int, Field(ge=1, le=3650)]
DepartmentCode = Annotated[str, StringConstraints(min_length=1, max_length=64), AfterValidator(normal_department_code)]
Grade = Annotated[str, StringConstraints(min_length=1, max_length=50), AfterValidator(normal_name)]

KIND = Closed("CommunityKind", rules.Kind)
STATUS = Closed("CommunityStatus", rules.Status)
VISIBILITY = Closed("Visibility", rules.Visibility)
JOIN = Closed("Join", rules.Join)
STREAK_DAYS = Closed("StreakDays", rules.StreakDays)
HIDDEN = Closed("TextHidden", Hidden)

Part = Annotated[rules.Part, Closed("CommunityPart", rules.Part)]
Purpose = Annotated[rules.Purpose, Closed("Purpose", rules.Purpose)]
Visibility = Annotated[rules.Visibility, VISIBILITY]
Join = Annotated[rules.Join, JOIN]
StreakDays = Annotated[rules.StreakDays, STREAK_DAYS]


class Positioning(RequestModel):
    """What a community is for, and for whom."""

    purpose: Purpose
    statement: Annotated[str, Field(min_length=1, max_length=2000), Said]
    audience: str | None = Field(default=None, max_length=500)
    topics: list[Tag] = Field(default_factory=list, max_length=20)


class PositioningPatch(RequestModel):
    """A merge patch of the positioning: an absent field stays as it is, null clears it."""

    purpose: Purpose | None = None
    statement: str | None = Field(default=None, max_length=2000)
    audience: str | None = Field(default=None, max_length=500)
    topics: list[Tag] | None = Field(default=None, max_length=20)


class CharterValue(RequestModel):
    """A value of the community. Kudos are tagged with its code."""

    code: Code
    name: Name
    behaviours: list[Line] = Field(default_factory=list, max_length=20)


class CharterContent(RequestModel):
    """Vision, mission, values and code of conduct."""

    vision: str | None = Field(default=None, max_length=2000)
    mission: str | None = Field(default=None, max_length=2000)
    values: list[CharterValue] = Field(default_factory=list, max_length=20)
    code_of_conduct: list[Line] = Field(default_factory=list, max_length=50)

    @model_validator(mode="after")
    def _codes_once(self) -> "CharterContent":
        codes = [value.code for value in self.values]
        if rules.duplicates(codes):
            raise Wrong(
                "codes_differ",
                "The codes of the values must differ.",
                "价值观的编码不能重复。",
                at=f"/values/{second_of_two(codes)}/code",
            )
        return self


class Assigned(RequestModel):
    """Who becomes a member by rule, where the community is open and its `join` is `assigned`: active employees who have everything that is asked for.

    A department is meant with everything below it. Days count from the day on which somebody was hired, or got their grade, which is day 0.
    `cohort_id` is where those who join are put.
    """

    departments: list[DepartmentCode] = Field(default_factory=list, max_length=50)
    job_grades: list[Grade] = Field(default_factory=list, max_length=50)
    hired_within_days: Days | None = None
    grade_since_days: Days | None = None
    cohort_id: UUID | None = None

    @model_validator(mode="after")
    def _asks_for_something(self) -> "Assigned":
        if not (self.departments or self.job_grades or self.hired_within_days or self.grade_since_days):
            raise Wrong(
                "asks_for_nothing",
                "Ask for something, or the whole company would join.",
                "请至少填写一个条件，否则全公司都会加入。",
                at="/assigned",
            )
        return self


class AssignedPatch(RequestModel):
    """A merge patch of the rule: an absent field stays as it is, null takes it away, a list is replaced as a whole."""

    departments: list[DepartmentCode] | None = Field(default=None, max_length=50)
    job_grades: list[Grade] | None = Field(default=None, max_length=50)
    hired_within_days: Days | None = None
    grade_since_days: Days | None = None
    cohort_id: UUID | None = None


class CommunityCreate(RequestModel):
    """A new community, as a draft. Its owner is the caller unless `owner_person_id` names another person.

    With `copy_from` it takes these `parts` of another community that the caller sees; what the request says itself counts before them.
    """

    slug: Slug
    name: Name
    kind: Annotated[rules.Kind, KIND] = "training"
    visibility: Visibility = "internal"
    join: Join = "campaign"
    time_zone: TimeZone = "Asia/Shanghai"
    day_starts_at: TimeOfDay = "00:00"
    streak_days: StreakDays = "workdays"
    positioning: Positioning | None = None
    charter: CharterContent | None = None
    operated_by: UUID | None = None
    owner_person_id: UUID | None = None
    copy_from: UUID | None = None
    parts: list[Part] = Field(default_factory=list, max_length=20)

    @model_validator(mode="after")
    def _parts_that_are_copied(self) -> "CommunityCreate":
        for place, part in enumerate(self.parts):
            if part not in rules.COPIED:
                raise Wrong("not_copied", *rules.NOT_COPIED[part], at=f"/parts/{place}")
        if (self.copy_from is None) != (not self.parts):
            raise Wrong(
                "incomplete",
                "copy_from and parts go together: what is copied, and from where.",
                "copy_from 与 parts 须同时填写：复制哪些部分，从哪里复制。",
                at="/parts" if self.copy_from is not None else "/copy_from",
            )
        return self


class CommunityPatch(RequestModel):
    """A merge patch. Only owners and administrators may change slug, visibility, join, times and `operated_by`."""

    slug: Slug = ABSENT
    name: Name = ABSENT
    visibility: Visibility = ABSENT
    join: Join = ABSENT
    time_zone: TimeZone = ABSENT
    day_starts_at: TimeOfDay = ABSENT
    streak_days: StreakDays = ABSENT
    positioning: PositioningPatch | None = None
    assigned: AssignedPatch | None = None
    operated_by: UUID | None = None


class CharterPublic(ResponseModel):
    """One version of a charter."""

    community_id: UUID
    version: int
    content: CharterContent
    published_at: datetime
    published_by: Actor


class UnseenTexts(ResponseModel):
    """What was written last and others do not read: until moderation has decided, or because a moderator removed it. Null is as it was."""

    state: Annotated[str, HIDDEN]
    name: str | None
    positioning: Positioning | None


class CommunityPublic(ResponseModel):
    """A community. `charter` is its current version, or null. Lists leave it out, and `waiting`.

    `operating_team` is the community behind `operated_by`, if the caller may know of it. `name` and `positioning` are as everybody reads
    them; `waiting` is what was written since, for those who may change it.
    """

    id: UUID
    slug: str
    name: str
    kind: Annotated[str, KIND]
    status: Annotated[str, STATUS]
    visibility: Annotated[str, VISIBILITY]
    join: Annotated[str, JOIN]
    time_zone: str
    day_starts_at: ShortTime
    streak_days: Annotated[str, STREAK_DAYS]
    positioning: Positioning | None
    charter_version: int
    charter: CharterContent | None = None
    operated_by: UUID | None
    operating_team: CommunityEmbed | None = None
    created_at: datetime
    updated_at: datetime
    opened_at: datetime | None
    archived_at: datetime | None
    waiting: UnseenTexts | None = None
    viewer: Viewer | None = None


class CommunityName(ResponseModel):
    """A community, as shown to its suspended members."""

    id: UUID
    slug: str
    name: str
    status: Annotated[str, STATUS]
