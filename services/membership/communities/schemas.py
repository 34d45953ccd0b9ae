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


KIND = Closed("CommunityKind", rules.Kind)
STATUS = Closed("CommunityStatus", rules.Status)
VISIBILITY = Closed("Visibility", rules.Visibility)
JOIN = Closed("Join", rules.Join)
STREAK_DAYS = Closed("StreakDays", rules.StreakDays)
HIDDEN = Closed("TextHidden", Hidden)

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


class CommunityCreate(RequestModel):
    """A new community, as a draft. Its owner is the caller unless `owner_person_id` names another person."""

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
