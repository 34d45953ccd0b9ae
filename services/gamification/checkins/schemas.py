"""What the check-in operations take and answer."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from chassis.addresses import web_address
from chassis.receipts import LONGEST
from chassis.texts import Hidden
from chassis.web.named import Closed
from chassis.web.schemas import CommunityEmbed, MemberEmbed, RequestModel, ResponseModel
from chassis.web.values import Day
from services.gamification.checkins.evidence import MOST_FILES
from services.gamification.checkins.plan_refusals import PLAN_REFUSALS
from services.gamification.checkins.rules import DayState
from services.gamification.earning.schemas import REFUSAL, AmountPublic

Note = Annotated[str, StringConstraints(max_length=2000)]


ORIGIN = Closed("CheckinOrigin", ["now", "made_up", "imported"])
PLAN_REFUSAL = Closed("PlanRefusal", PLAN_REFUSALS)
HIDDEN = Closed("TextHidden", Hidden)


Link = Annotated[str, StringConstraints(max_length=1000, pattern=r"^https?://[^\s]+$"), AfterValidator(web_address)]
Receipts = Annotated[
    list[Annotated[str, StringConstraints(min_length=1, max_length=LONGEST)]],
    Field(
        max_length=MOST_FILES,
        description="The `receipt` of each file that you sent for it with the purpose `evidence`: read the file to have one.",
    ),
]
Plans = Annotated[list[UUID], Field(max_length=5, description="Check-in plans that the day is to count for.")]


class CheckinCreate(RequestModel):
    """A check-in for the member's current day."""

    community_id: UUID
    note: Note | None = None
    plan_ids: Plans = []
    link: Link | None = Field(default=None, description="Evidence for plans that require one.")
    files: Receipts = []


class MakeUpCreate(RequestModel):
    """A missed day to make up."""

    community_id: UUID
    day: Day
    note: Note | None = None
    plan_ids: Plans = []
    link: Link | None = Field(default=None, description="Evidence for plans that require one.")
    files: Receipts = []


class CheckinPublic(ResponseModel):
    """A check-in. `day` is a day in `time_zone`, fixed when the check-in was accepted; `streak` is the length reached."""

    id: UUID
    community_id: UUID
    community: CommunityEmbed | None
    member: MemberEmbed
    day: date
    time_zone: str
    occurred_at: datetime
    origin: Annotated[str, ORIGIN]
    note: str | None = Field(description="Null to others while it is hidden.")
    note_hidden: Annotated[str, HIDDEN] | None = Field(
        description="That others do not read the note yet, or that a moderator removed it."
    )
    streak: int
    froze: bool


class StreakPublic(ResponseModel):
    """A member's streak. `current` is 0 once it is broken; `freezes` are those that the member has."""

    current: int
    longest: int
    freezes: int
    freezes_used: int
    checkins: int
    last_day: date | None


class AwardPublic(ResponseModel):
    """What a rule paid."""

    rule: str
    rule_title: str
    rule_version: int
    points: int
    xp: int


class RefusedPublic(ResponseModel):
    """What a rule did not pay, or paid only in part, and why."""

    rule: str
    rule_title: str
    rule_version: int
    code: Annotated[str, REFUSAL]
    text: str
    wanted_points: int
    wanted_xp: int
    paid_points: int
    paid_xp: int


class CheckinForPlan(ResponseModel):
    """What a plan that the check-in named says: that it counts, or exactly why it does not. `completed`: the day completed the plan."""

    plan_id: UUID
    counts: bool
    code: Annotated[str, PLAN_REFUSAL] | None
    text: str | None
    entry_id: UUID | None
    days_done: int | None
    days_needed: int | None
    completed: bool


class CheckedInPublic(ResponseModel):
    """The answer to a check-in."""

    checkin: CheckinPublic
    streak: StreakPublic
    awarded: list[AwardPublic]
    refused: list[RefusedPublic]
    next_milestone: int | None
    wallet: AmountPublic
    plans: list[CheckinForPlan] = []


class HomeCheckin(ResponseModel):
    """Today's check-in, by the member's own day."""

    today: date
    time_zone: str
    checked_in: bool
    checkin_id: UUID | None
    streak: StreakPublic
    next_milestone: int | None


class CalendarDay(ResponseModel):
    """One day of a month."""

    day: date
    state: Annotated[DayState, Closed("DayState", DayState)]
    checkin_id: UUID | None = None
    origin: Annotated[str, ORIGIN] | None = None
    streak: int | None = None
    can_make_up: bool = False
    provisional: Annotated[
        bool,
        Field(
            description="The work calendar of that day is not known yet: whether it is a day off is what the plain week says."
        ),
    ] = False


class CalendarPublic(ResponseModel):
    """A month of a member's check-ins, in the time zone of their next check-in."""

    member: MemberEmbed
    month: Annotated[str, Field(pattern=r"^\d{4}-\d{2}$")]
    time_zone: str
    today: date
    streak: StreakPublic
    next_milestone: int | None
    days: list[CalendarDay]
