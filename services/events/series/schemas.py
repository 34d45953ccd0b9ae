"""Series as requests and answers."""

import re
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field, PlainSerializer, StringConstraints

from chassis.web.named import Closed
from chassis.web.patches import ABSENT
from chassis.web.schemas import MemberEmbed, ProblemDocument, RequestModel, ResponseModel, Viewer
from chassis.web.tags import Tags
from chassis.web.values import Day
from chassis.wrong import Wrong
from services.events.activities.rules import CheckOut, Kind, Mode, SeatOffers
from services.events.activities.schemas import (
    CHECK_OUT,
    KIND,
    MODE,
    REGISTRATION_STATUS,
    SEAT_OFFERS,
    Capacity,
    Description,
    Eligibility,
    EligibilityPublic,
    Hours,
    JoinUrl,
    Location,
    LocationPublic,
    Organisers,
    ReasonGiven,
    Short,
    TimeZone,
    Title,
)
from services.events.activities.schemas import STATUS as DATE_STATUS
from services.events.series.rules import LAST, MOST_DATES, WEEKDAYS, Frequency, Rule, Status, Weekday

FREQUENCY = Closed("SeriesFrequency", Frequency)
WEEKDAY = Closed("SeriesWeekday", Weekday)
STATUS = Closed("SeriesStatus", Status)

_TIME_OF_DAY = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)


def _time_of_day(value: str) -> str:
    if not _TIME_OF_DAY.fullmatch(value):
        raise Wrong("not_a_time_of_day", "A time of day is written HH:MM.", "时刻的写法为 HH:MM。")
    return value


def _day_or_last(value: int) -> int:
    if value == 0:
        raise Wrong("no_such_day", "It is counted from 1; -1 is the last.", "从 1 开始计；-1 表示最后一个。")
    return value


Weekdays = Annotated[set[Annotated[Weekday, WEEKDAY]], Field(max_length=7), PlainSerializer(sorted)]
TimeOfDay = Annotated[str, StringConstraints(max_length=5), AfterValidator(_time_of_day), Field(description="HH:MM")]
Minutes = Annotated[int, Field(ge=1, le=10_080)]
Before = Annotated[int, Field(ge=0, le=525_600)]
DayOfMonth = Annotated[int, Field(ge=LAST, le=31), AfterValidator(_day_or_last)]
Nth = Annotated[int, Field(ge=LAST, le=5), AfterValidator(_day_or_last)]


class SeriesRule(RequestModel):
    """On which days: weekly on some weekdays, or monthly on a day of the month or on its nth weekday.

    A month that has no such day is left out.
    """

    frequency: Annotated[Frequency, FREQUENCY]
    interval: Annotated[int, Field(ge=1, le=52)] = Field(default=1, description="Every so many weeks or months.")
    weekdays: Weekdays = set()
    day_of_month: DayOfMonth | None = Field(default=None, description="-1 is the last day.")
    nth: Nth | None = Field(default=None, description="Which of a month's weekdays; -1 is the last.")

    @property
    def rule(self) -> Rule:
        """As the rules have it."""
        days = tuple(place for place, name in enumerate(WEEKDAYS) if name in self.weekdays)
        return Rule(self.frequency, self.interval, days, self.day_of_month, self.nth)


class SharedFields(RequestModel):
    """What every date has."""

    mode: Annotated[Mode, MODE] = "offline"
    title: Title
    description: Description = ""
    location: Location | None = None
    join_url: JoinUrl | None = None
    contact: Short = ""
    category: Annotated[str, StringConstraints(max_length=60)] = ""
    tags: Tags = []
    hours: Hours | None = Field(default=None, description="Learning hours of who attends a date whole, in quarters.")
    capacity: Capacity | None = Field(default=None, description="Seats of each date; null for no limit.")
    min_attendance: Capacity | None = None
    registration_opens_before: Before | None = Field(
        default=None, description="Minutes before each start; null: when it is announced."
    )
    registration_closes_before: Before | None = Field(default=None, description="Null: when a date starts.")
    cancel_before: Before | None = Field(default=None, description="Until when a seat may be given back.")
    seat_offers: Annotated[SeatOffers, SEAT_OFFERS] = "at_once"
    check_out: Annotated[CheckOut, CHECK_OUT] = "none"
    recording_consent: bool = False
    eligibility: Eligibility | None = Field(
        default=None, description="Who may register for each date; null: every member."
    )


class SeriesCreate(SharedFields):
    """Activities that come weekly or monthly; nobody sees them yet but those who run them."""

    community_id: UUID
    kind: Annotated[Kind, KIND]
    rule: SeriesRule
    starts_on: Day = Field(description="The first date is on the first day of the rule from then on.")
    until: Day | None = Field(default=None, description="The last day that may have a date; else `count`.")
    count: Annotated[int, Field(ge=1, le=MOST_DATES)] | None = Field(default=None, description="How many dates.")
    at: TimeOfDay = Field(description="When each date begins, by the clock of the zone, in summer and in winter.")
    minutes: Minutes = Field(description="How long each date lasts.")
    time_zone: TimeZone | None = Field(default=None, description="Null: the community's.")
    organiser_ids: Organisers = Field(
        default=set(), description="Members who run it; the caller where nobody is named."
    )


class SeriesPatch(RequestModel):
    """What to change of every date from a day on. A date that was changed by itself keeps what was changed."""

    since: Day | None = Field(
        default=None,
        alias="from",
        description="The first day whose date is changed, as it was planned; null: all to come.",
    )
    mode: Annotated[Mode, MODE] = ABSENT
    title: Title = ABSENT
    organiser_ids: Organisers = ABSENT
    description: Description = ABSENT
    location: Location | None = None
    join_url: JoinUrl | None = None
    contact: Short = ABSENT
    category: Annotated[str, StringConstraints(max_length=60)] = ABSENT
    tags: Tags = ABSENT
    hours: Hours | None = None
    capacity: Capacity | None = None
    min_attendance: Capacity | None = None
    registration_opens_before: Before | None = None
    registration_closes_before: Before | None = None
    cancel_before: Before | None = None
    seat_offers: Annotated[SeatOffers, SEAT_OFFERS] = ABSENT
    check_out: Annotated[CheckOut, CHECK_OUT] = ABSENT
    recording_consent: bool = ABSENT
    eligibility: Eligibility | None = Field(default=None, description="Replaced as a whole.")


class SeriesMove(RequestModel):
    """When the dates from a day on take place instead. Those who registered are asked whether they still come."""

    since: Day | None = Field(
        default=None,
        alias="from",
        description="The first day whose date is moved, as it was planned; null: all to come.",
    )
    to: Day | None = Field(
        default=None, description="From which day the rule gives them their days, one after the other; null: as before."
    )
    rule: SeriesRule | None = Field(default=None, description="Null: the present one.")
    at: TimeOfDay | None = None
    minutes: Minutes | None = None
    time_zone: TimeZone | None = None
    confirm_before: Before | None = Field(
        default=None, description="Minutes before each start until which they should answer; null: when it starts."
    )


class SeriesCancel(ReasonGiven):
    """The dates that do not take place, and why."""

    since: Day | None = Field(
        default=None,
        alias="from",
        description="The first day whose date is cancelled, as it was planned; null: all to come, and the series.",
    )


class SeriesExtend(RequestModel):
    """More dates after the last one."""

    until: Day | None = Field(default=None, description="The last day that may have a date; else `count`.")
    count: Annotated[int, Field(ge=1, le=MOST_DATES)] | None = Field(default=None, description="How many dates.")


class SeriesRulePublic(ResponseModel):
    """On which days."""

    frequency: Annotated[str, FREQUENCY]
    interval: int
    weekdays: list[Annotated[str, WEEKDAY]]
    day_of_month: int | None
    nth: int | None


class SeriesListed(ResponseModel):
    """A series in a list."""

    id: UUID
    community_id: UUID
    kind: Annotated[str, KIND]
    mode: Annotated[str, MODE]
    title: str
    location: LocationPublic | None
    tags: list[str]
    category: str
    rule: SeriesRulePublic
    starts_on: date
    at: str
    minutes: int
    time_zone: str
    status: Annotated[str, STATUS]
    organisers: list[MemberEmbed]
    created_at: datetime


class SeriesDate(ResponseModel):
    """One of its dates."""

    activity_id: UUID
    on: date = Field(description="For which day it is planned; it may have been moved.")
    starts_at: datetime
    ends_at: datetime
    status: Annotated[str, DATE_STATUS]
    own_fields: list[str] = Field(description="In which fields it was changed by itself.")


class SeriesPublic(SeriesListed):
    """A series, with all its dates."""

    description: str
    contact: str
    hours: float | None
    capacity: int | None
    min_attendance: int | None
    registration_opens_before: int | None
    registration_closes_before: int | None
    cancel_before: int | None
    seat_offers: Annotated[str, SEAT_OFFERS]
    check_out: Annotated[str, CHECK_OUT]
    recording_consent: bool
    eligibility: EligibilityPublic | None = Field(description="Who may register; null: every member.")
    dates: list[SeriesDate]
    viewer: Viewer


class SeriesJoin(RequestModel):
    """Come to every date."""

    short_notice: bool = Field(
        default=False, description="Whether you also take a seat that falls free in the last 24 hours before a start."
    )


class DateOutcome(ResponseModel):
    """What became of the caller's wish for one date; `problem` where nothing did."""

    activity_id: UUID
    starts_at: datetime
    registration_id: UUID | None
    status: Annotated[str, REGISTRATION_STATUS] | None
    place: int | None = Field(description="In the line, from 1; null for who does not wait.")
    problem: ProblemDocument | None


class SeriesOutcome(ResponseModel):
    """One outcome for each date to come, the next first."""

    items: list[DateOutcome]
