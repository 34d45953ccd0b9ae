"""Check-in plans as requests and answers."""

import re
from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, Field, PlainSerializer, StringConstraints, model_validator

from chassis.web.named import Closed
from chassis.web.patches import ABSENT
from chassis.web.schemas import CommunityEmbed, MemberEmbed, RequestModel, ResponseModel, Viewer
from chassis.web.values import Day, OneLine, Said
from chassis.wrong import Wrong
from services.gamification.checkins.schemas import HIDDEN, Link, Note, Receipts
from services.gamification.plans.progress_rules import DayState, EntryStatus, Reaction, Verdict
from services.gamification.plans.rules import (
    LONGEST,
    Days,
    NoteVisibility,
    Requires,
    Status,
    Weekday,
    weekdays_sorted,
)

DAYS = Closed("PlanDays", Days)
WEEKDAY = Closed("PlanWeekday", Weekday)
REQUIRES = Closed("PlanEvidence", Requires)
NOTE_VISIBILITY = Closed("PlanNoteVisibility", NoteVisibility)
STATUS = Closed("PlanStatus", Status)
ENTRY_STATUS = Closed("PlanEntryStatus", EntryStatus)
VERDICT = Closed("PlanVerdict", Verdict)
REACTION = Closed("PlanReaction", Reaction)
DAY_STATE = Closed("PlanDayState", DayState)

_TIME_OF_DAY = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)


def _time_of_day(value: str) -> str:
    if not _TIME_OF_DAY.fullmatch(value):
        raise Wrong("not_a_time_of_day", "A time of day is written HH:MM.", "时刻的写法为 HH:MM。")
    return value


Title = Annotated[str, StringConstraints(min_length=1, max_length=200), OneLine]
Prompt = Annotated[str, StringConstraints(min_length=1, max_length=200), Said]
Prompts = Annotated[list[Prompt], Field(max_length=10)]
Weekdays = Annotated[
    set[Annotated[Weekday, WEEKDAY]], Field(max_length=7), PlainSerializer(weekdays_sorted, return_type=list[str])
]
TimeOfDay = Annotated[str, StringConstraints(max_length=5), AfterValidator(_time_of_day), Field(description="HH:MM")]
Share = Annotated[int, Field(ge=1, le=100)]
Length = Annotated[int, Field(ge=0, le=2000)]


class PlanCreate(RequestModel):
    """A plan. A day is that of the participant's own zone; `workdays` are those of the work calendar."""

    community_id: UUID
    title: Title
    starts_on: Day
    ends_on: Day
    days: Annotated[Days, DAYS] = "all"
    weekdays: Weekdays = Field(default=set(), description="Which days of the week, where `days` is `weekdays`.")
    prompts: Prompts = Field(default=[], description="What to write about.")
    requires: Annotated[Requires, REQUIRES] = Field(
        default="none", description="Without which evidence a check-in does not count."
    )
    min_length: Length = Field(default=0, description="How many characters a note has at least, where one is required.")
    cohort_id: UUID | None = Field(default=None, description="Only its members may join; null: everyone.")
    note_visibility: Annotated[NoteVisibility, NOTE_VISIBILITY] = Field(
        default="plan",
        description="Who reads what participants wrote: everyone who takes part, or who runs and reviews the plan.",
    )
    remind_at: TimeOfDay | None = Field(
        default="20:00", description="`HH:MM` by the participant's zone: who is missing is told. Null: nobody is."
    )
    complete_at: Share = Field(default=80, description="How many days of a hundred complete it.")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.ends_on < self.starts_on:
            raise Wrong("before_start", "It ends before it begins.", "结束日期早于开始日期。", at="/ends_on")
        if (self.ends_on - self.starts_on).days >= LONGEST:
            raise Wrong("too_long", f"At most {LONGEST} days.", f"最多 {LONGEST} 天。", at="/ends_on")
        if (self.days == "weekdays") is not bool(self.weekdays):
            raise Wrong(
                "weekdays",
                "Name days of the week where `days` is `weekdays`, and nowhere else.",
                "仅当 days 为 weekdays 时须指明星期几。",
                at="/weekdays",
            )
        if self.min_length and self.requires != "note":
            raise Wrong("no_note", "No note is required.", "本打卡营不要求填写内容。", at="/min_length")
        return self


class PlanPatch(RequestModel):
    """What to change. Once the plan has begun: title, prompts and `remind_at` alone."""

    title: Title = ABSENT
    starts_on: Day = ABSENT
    ends_on: Day = ABSENT
    days: Annotated[Days, DAYS] = ABSENT
    weekdays: Weekdays = ABSENT
    prompts: Prompts = ABSENT
    requires: Annotated[Requires, REQUIRES] = ABSENT
    min_length: Length = ABSENT
    cohort_id: UUID | None = None
    note_visibility: Annotated[NoteVisibility, NOTE_VISIBILITY] = ABSENT
    remind_at: TimeOfDay | None = None
    complete_at: Share = ABSENT


class PlanMine(ResponseModel):
    """How far the caller is. `completed_on`: the day that completed the plan for them."""

    joined_at: datetime
    days_done: int
    days_made_up: int
    completed_on: date | None


class PlanPublic(ResponseModel):
    """A plan. `days_total` days are asked for, `days_needed` of them complete it; `status` is by the community's day.

    `mine` is null for who does not take part.
    """

    id: UUID
    community_id: UUID
    community: CommunityEmbed | None
    title: str
    status: Annotated[str, STATUS]
    starts_on: date
    ends_on: date
    days: Annotated[str, DAYS]
    weekdays: list[Annotated[str, WEEKDAY]]
    prompts: list[str]
    requires: Annotated[str, REQUIRES]
    min_length: int
    cohort_id: UUID | None
    cohort_name: str | None = Field(description="As it is called now.")
    note_visibility: Annotated[str, NOTE_VISIBILITY]
    remind_at: str | None = Field(description="`HH:MM`.")
    complete_at: int
    days_total: int
    days_needed: int
    participants: int
    mine: PlanMine | None
    created_at: datetime
    viewer: Viewer


class PlanDay(ResponseModel):
    """A day of a plan for one participant. `done`: handed in; `good`: and reviewed; `returned` and `removed` (by moderation) do not count."""

    day: date
    state: Annotated[str, DAY_STATE]
    made_up: bool
    entry_id: UUID | None


class PlanProgress(ResponseModel):
    """How far a participant is. `completed_on`: the day that completed the plan for them; that stays."""

    member: MemberEmbed
    joined_at: datetime
    days_done: int
    days_made_up: int
    days_total: int
    days_needed: int
    completed_on: date | None
    days: list[PlanDay]


class PlanGroup(ResponseModel):
    """How far those of a group are who take part: the mean of their days, to one decimal, and how many have completed the plan."""

    group_id: UUID
    name: str
    participants: int
    completed: int
    mean_days_done: float
    days_total: int
    days_needed: int
    mine: bool = Field(description="Whether the caller belongs to it.")


class EntryMine(ResponseModel):
    """What the caller did with it."""

    liked: bool


class EvidenceFile(ResponseModel):
    """A file of a day. Its addresses need no token and are the reader's own: read the day again for new ones. `small` and `large`: of pictures."""

    attachment_id: UUID
    name: str
    media_type: str
    size: int
    href: str
    small: str | None
    large: str | None


class PlanEntryPublic(ResponseModel):
    """A day that a participant handed in. `counts` is false while it is returned, or its note removed by moderation.

    Note and link are null, and there are no files, to who may not read them, by the plan's `note_visibility`; review and reason are the participant's and
    for who reviews. `open_until`: until when it may be handed in again.
    """

    id: UUID
    community_id: UUID
    plan_id: UUID
    checkin_id: UUID
    member: MemberEmbed
    day: date
    status: Annotated[str, ENTRY_STATUS]
    counts: bool
    made_up: bool
    note: str | None
    note_hidden: Annotated[str, HIDDEN] | None = Field(
        description="That others do not read the note yet, or that a moderator removed it."
    )
    link: str | None
    files: list[EvidenceFile]
    submitted_at: datetime
    reviewed_at: datetime | None
    reviewer: MemberEmbed | None
    reason: str | None
    open_until: datetime | None
    likes: int
    comments: int
    mine: EntryMine
    viewer: Viewer


class EntryReview(RequestModel):
    """That a day is good, or why it is returned."""

    verdict: Annotated[Verdict, VERDICT]
    reason: Annotated[str, StringConstraints(min_length=1, max_length=500), Said] | None = None


class EntryHandIn(RequestModel):
    """Evidence to hand a day in with again."""

    note: Note | None = None
    link: Link | None = None
    files: Receipts = []


class CommentCreate(RequestModel):
    """Something to say to a day of a participant."""

    body: Annotated[str, StringConstraints(min_length=1, max_length=1000), Said]


class PlanCommentPublic(ResponseModel):
    """What somebody said. `body` is null to others while it is hidden."""

    id: UUID
    entry_id: UUID
    author: MemberEmbed
    body: str | None
    hidden: Annotated[str, HIDDEN] | None
    created_at: datetime


class HomePlan(ResponseModel):
    """A plan as it stands for the member today. `state` is null on a day of which it asks nothing."""

    plan_id: UUID
    title: str
    ends_on: date
    today: date
    state: Annotated[str, DAY_STATE] | None
    days_done: int
    days_needed: int
    completed_on: date | None
