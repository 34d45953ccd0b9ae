"""Activities as requests and answers."""

from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, Field, PlainSerializer, StringConstraints, model_serializer, model_validator

from chassis.addresses import web_address
from chassis.bounds import GREATEST_SMALL_INTEGER
from chassis.texts import Hidden
from chassis.web.named import Closed
from chassis.web.patches import ABSENT
from chassis.web.schemas import ROLE, JsonObject, MemberEmbed, RequestModel, ResponseModel, Viewer
from chassis.web.tags import Tags
from chassis.web.values import Moment, OneLine, Said
from chassis.wrong import Wrong
from chassis.zones import zone_name
from services.events.activities.eligibility_rules import Condition, MemberRole, PersonKind
from services.events.activities.rules import CheckOut, Kind, Mode, RegistrationStatus, SeatOffers, Status

KIND = Closed("ActivityKind", Kind)
MODE = Closed("ActivityMode", Mode)
STATUS = Closed("ActivityStatus", Status)
SORT = Closed("ActivitySort", ["starts_at", "-starts_at"])
CHECK_OUT = Closed("CheckOut", CheckOut)
SEAT_OFFERS = Closed("SeatOffers", SeatOffers)
HIDDEN = Closed("TextHidden", Hidden)
CONDITION = Closed("EligibilityCondition", Condition)
PERSON_KIND = Closed("PersonKind", PersonKind)
REGISTRATION_STATUS = Closed("RegistrationStatus", RegistrationStatus)

Title = Annotated[str, StringConstraints(min_length=1, max_length=200), OneLine]
Short = Annotated[str, StringConstraints(max_length=200)]
Description = Annotated[str, StringConstraints(max_length=20_000)]
Reason = Annotated[str, StringConstraints(min_length=1, max_length=500), Said]
DepartmentCode = Annotated[str, StringConstraints(min_length=1, max_length=64)]
WorkName = Annotated[str, StringConstraints(min_length=1, max_length=100), OneLine]
TimeZone = Annotated[str, StringConstraints(max_length=64), AfterValidator(zone_name)]
DocumentUrl = Annotated[
    str, StringConstraints(max_length=1000, pattern=r"^https?://[^\s]+$"), AfterValidator(web_address)
]
JoinUrl = Annotated[str, StringConstraints(max_length=500, pattern=r"^https://[^\s]+$"), AfterValidator(web_address)]
Organisers = Annotated[set[UUID], Field(max_length=20), PlainSerializer(lambda ids: sorted(map(str, ids)))]
Hours = Annotated[float, Field(ge=0, le=1000, multiple_of=0.25)]
Doors = Annotated[int, Field(ge=1, le=100)]
Capacity = Annotated[int, Field(ge=1, le=100_000)]

Form = Annotated[
    JsonObject,
    Field(
        description="A JSON Schema 2020-12 whose type is object: at most 64 KiB, 10 levels, 200 properties; no patterns."
    ),
]
FormVersion = Annotated[int, Field(ge=1, le=GREATEST_SMALL_INTEGER)]


class Location(RequestModel):
    """Where it is."""

    name: Title
    address: Short = ""
    room: Short = ""


class Eligibility(RequestModel):
    """Who may register: members who meet all conditions that are named, each by one of its values."""

    departments: Annotated[list[DepartmentCode], Field(max_length=50)] = Field(
        default=[], description="Codes; those below them, too."
    )
    job_grades: Annotated[list[WorkName], Field(max_length=50)] = []
    sites: Annotated[list[WorkName], Field(max_length=50)] = []
    roles: Annotated[list[Annotated[MemberRole, ROLE]], Field(max_length=5)] = []
    cohort_ids: Annotated[list[UUID], Field(max_length=50)] = []
    joined_before: Moment | None = Field(default=None, description="Members since before this moment.")
    kinds: Annotated[list[Annotated[PersonKind, PERSON_KIND]], Field(max_length=2)] = []


class Document(RequestModel):
    """Something to read or to watch: at an address, or a file that the caller sent with the purpose `material`, or that a speaker from outside sent for it."""

    title: Title
    url: DocumentUrl | None = None
    attachment_id: UUID | None = None

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.url is None) == (self.attachment_id is None):
            raise Wrong(
                "one_place", "Give either url or attachment_id.", "请给出 url 或 attachment_id（二者取一）。", at="/url"
            )
        return self

    @model_serializer
    def _said(self) -> dict[str, str]:
        place = {"url": self.url} if self.url is not None else {"attachment_id": str(self.attachment_id)}
        return {"title": self.title} | place


Documents = Annotated[list[Document], Field(max_length=20)]
Summary = Annotated[str, StringConstraints(max_length=2_000)]


class ActivityFields(RequestModel):
    """What an activity is, wherever it is written."""

    description: Description = ""
    location: Location | None = None
    join_url: JoinUrl | None = Field(
        default=None, description="Only those who have a seat, speak there or run it read it."
    )
    contact: Short = ""
    category: Annotated[str, StringConstraints(max_length=60)] = ""
    tags: Tags = []
    hours: Hours | None = Field(default=None, description="Learning hours of who attends it whole, in quarters.")
    eligibility: Eligibility | None = Field(
        default=None, description="Who may register; null: every member. Who no longer may keeps the seat."
    )
    capacity: Capacity | None = Field(default=None, description="Seats; null for no limit.")
    min_attendance: Capacity | None = Field(default=None, description="Below so many it should not take place.")
    registration_opens_at: Moment | None = None
    registration_closes_at: Moment | None = Field(default=None, description="Null: when it starts.")
    cancel_until: Moment | None = Field(
        default=None, description="Until when a seat may be given back; null: when it starts."
    )
    seat_offers: Annotated[SeatOffers, SEAT_OFFERS] = Field(
        default="at_once",
        description="Whether who waits gets a seat that falls free at once, or is offered it for twelve hours of the day.",
    )
    check_out: Annotated[CheckOut, CHECK_OUT] = Field(default="none", description="Whether who leaves is scanned, too.")
    doors: Doors = Field(default=1, description="At how many one can check in at a time; more at once are a burst.")
    recording_consent: bool = False


class ActivityCreate(ActivityFields):
    """An activity, which nobody sees yet but those who run it."""

    community_id: UUID
    kind: Annotated[Kind, KIND]
    mode: Annotated[Mode, MODE] = "offline"
    title: Title
    starts_at: Moment
    ends_at: Moment
    time_zone: TimeZone | None = Field(default=None, description="Null: the community's.")
    organiser_ids: Organisers = Field(
        default=set(), description="Members who run it; the caller where nobody is named."
    )
    form: Form | None = Field(default=None, description="What is asked of who registers; null: nothing.")


class ActivityPatch(RequestModel):
    """What to change. When it takes place is changed by moving it, once it is announced."""

    title: Title = ABSENT
    mode: Annotated[Mode, MODE] = ABSENT
    starts_at: Moment = ABSENT
    ends_at: Moment = ABSENT
    time_zone: TimeZone = ABSENT
    organiser_ids: Organisers = ABSENT
    description: Description = ABSENT
    location: Location | None = None
    join_url: JoinUrl | None = None
    contact: Short = ABSENT
    category: Annotated[str, StringConstraints(max_length=60)] = ABSENT
    tags: Tags = ABSENT
    eligibility: Eligibility | None = Field(default=None, description="Replaced as a whole.")
    hours: Hours | None = None
    capacity: Capacity | None = None
    min_attendance: Capacity | None = None
    registration_opens_at: Moment | None = None
    registration_closes_at: Moment | None = None
    cancel_until: Moment | None = None
    seat_offers: Annotated[SeatOffers, SEAT_OFFERS] = ABSENT
    check_out: Annotated[CheckOut, CHECK_OUT] = ABSENT
    doors: Doors = ABSENT
    recording_consent: bool = ABSENT
    summary: Summary = Field(default=ABSENT, description="What came of it; also when it is over.")
    materials: Documents = Field(default=ABSENT, description="What to read of it; also when it is over.")
    recording: Document | None = Field(
        default=None,
        description="Also when it is over. Others see it once everybody agrees who could be seen or heard.",
    )


class ActivityComplete(RequestModel):
    """What came of it."""

    summary: Summary | None = Field(default=None, description="Null: what was said before.")


class ActivityMove(RequestModel):
    """When it takes place instead. Those who registered are asked whether they still come."""

    starts_at: Moment
    ends_at: Moment
    confirm_by: Moment | None = Field(default=None, description="Until when they should answer; null: when it starts.")


class ActivityFormCreate(RequestModel):
    """A new version of what is asked of who registers."""

    form: Form


class ActivityFormPublic(ResponseModel):
    """One version of what an activity asks of who registers."""

    activity_id: UUID
    version: int
    form: JsonObject
    created_at: datetime


class ReasonGiven(RequestModel):
    """Why: it does not take place, for those who wanted to come, or proposed it; you cannot come, for those who decide."""

    reason: Reason


class LocationPublic(ResponseModel):
    """Where it is."""

    name: str
    address: str
    room: str


class EligibilityPublic(ResponseModel):
    """Who may register: members who meet all conditions that are named, each by one of its values."""

    departments: list[str] = []
    job_grades: list[str] = []
    sites: list[str] = []
    roles: list[Annotated[str, ROLE]] = []
    cohort_ids: list[UUID] = []
    joined_before: datetime | None = None
    kinds: list[Annotated[str, PERSON_KIND]] = []


class Seats(ResponseModel):
    """How many seats there are and who has them; `capacity` is null without a limit."""

    capacity: int | None
    confirmed: int
    waiting: int


class DocumentPublic(ResponseModel):
    """Something to read or to watch. The address of a file is signed, and good for some hours."""

    title: str
    url: str
    attachment_id: UUID | None


class OwnRegistration(ResponseModel):
    """The caller's registration."""

    id: UUID
    status: Annotated[str, REGISTRATION_STATUS]
    place: int | None = Field(description="In the line, from 1; null for who does not wait.")
    unconfirmed: bool = Field(description="It was moved, and they have not said that they still come.")
    offer_ends_at: datetime | None = Field(description="Until when the seat is offered.")


class SpeakerShown(ResponseModel):
    """Somebody who speaks at an activity. `member` is null for who is no member; `name` for who was erased."""

    id: UUID
    name: str | None
    member: MemberEmbed | None


class ActivityMine(ResponseModel):
    """What an activity is to the caller."""

    organiser: bool
    speaker: bool
    steward: bool = Field(description="They scan at the door.")
    registration: OwnRegistration | None
    unmet: list[Annotated[str, CONDITION]] = Field(
        description="The conditions of its `eligibility` that the caller does not meet; empty: they may register."
    )


class ActivityListed(ResponseModel):
    """An activity in a list."""

    id: UUID
    community_id: UUID
    kind: Annotated[str, KIND]
    mode: Annotated[str, MODE]
    title: str
    text_hidden: Annotated[str, HIDDEN] | None = Field(
        description="Why others than those who run it read a stand-in for its text; null: they read it."
    )
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    location: LocationPublic | None
    tags: list[str]
    eligibility: EligibilityPublic | None = Field(description="Who may register; null: every member.")
    category: str
    hours: float | None
    status: Annotated[str, STATUS]
    organisers: list[MemberEmbed]
    speakers: list[SpeakerShown]
    seats: Seats
    registration_opens_at: datetime | None
    registration_closes_at: datetime | None
    form_version: int | None = Field(description="Of the form that who registers fills in; null: nothing is asked.")
    series_id: UUID | None = Field(description="Of which series it is a date.")
    series_on: date | None = Field(description="For which day it is planned as one; it may have been moved.")
    mine: ActivityMine | None = Field(description="Null for who is no member.")


class ActivityPublic(ActivityListed):
    """An activity."""

    description: str
    form: JsonObject | None = Field(description="What who registers fills in, as JSON Schema 2020-12; null: nothing.")
    join_url: str | None = Field(description="Null for who has no seat, does not speak there and does not run it.")
    contact: str
    min_attendance: int | None
    cancel_until: datetime | None
    seat_offers: Annotated[str, SEAT_OFFERS]
    check_out: Annotated[str, CHECK_OUT]
    doors: int
    recording_consent: bool = Field(description="Whether it is recorded, and those are asked who come.")
    summary: str
    materials: list[DocumentPublic]
    recording: DocumentPublic | None = Field(
        description="Null until it is completed and everybody agrees who could be seen or heard, but to those who run it."
    )
    confirm_by: datetime | None = Field(
        description="Until when who registered before it was moved should say that they still come."
    )
    cancel_reason: str | None
    announced_at: datetime | None
    cancelled_at: datetime | None
    completed_at: datetime | None
    archive_article_id: UUID | None = Field(description="The published article that tells of it.")
    created_at: datetime
    viewer: Viewer
