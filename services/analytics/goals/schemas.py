"""Goals as requests and answers."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from chassis.bounds import LARGEST_NUMBER
from chassis.contributions import ObjectRef
from chassis.web.named import Closed
from chassis.web.patches import ABSENT
from chassis.web.schemas import MemberEmbed, RequestModel, ResponseModel, Viewer
from chassis.web.values import Day, OneLine, Said
from chassis.wrong import Wrong
from contracts.kinds import ThingKind
from services.analytics.goals.asks import ACTIONS
from services.analytics.goals.rules import Direction, State
from services.analytics.metrics.rules import Grain
from services.analytics.metrics.schemas import GRAIN, UNIT

Horizon = Literal["short", "long"]
HORIZON = Closed("GoalHorizon", Horizon)
DIRECTION = Closed("GoalDirection", Direction)
GOAL_STATE = Closed("GoalState", State)
ACTION = Closed("GoalAction", list(ACTIONS))

Title = Annotated[str, StringConstraints(min_length=1, max_length=200), OneLine]
Relevance = Annotated[str, StringConstraints(min_length=1, max_length=500), Said]
Gain = Annotated[str, StringConstraints(min_length=1, max_length=200), OneLine]
Number = Annotated[float, Field(ge=-LARGEST_NUMBER, le=LARGEST_NUMBER, allow_inf_nan=False)]
Weight = Annotated[float, Field(gt=0, le=1000, allow_inf_nan=False)]


def _known_action(value: str) -> str:
    if value not in ACTIONS:
        raise Wrong("unknown_action", "Nobody counts this action.", "没有这种可计数的行为。")
    return value


class AskedAbout(RequestModel):
    """What it is to be done with: an activity, a discussion, an article."""

    kind: Annotated[ThingKind, Closed("ThingKind", ThingKind)]
    id: UUID


class GoalAsk(RequestModel):
    """What each member is asked to do, how often within the goal's days, and with what."""

    action: Annotated[str, AfterValidator(_known_action), ACTION]
    count: Annotated[int, Field(ge=1, le=10_000)] = 1
    object: AskedAbout | None = None


class GoalMetric(RequestModel):
    """A metric of `GET /v1/metrics`, for the whole community without who runs it."""

    code: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    grain: Annotated[Grain, GRAIN] | None = Field(
        default=None,
        description="How long a period is whose value counts. Without it, what adds up (kind `flow`) counts from the goal's first day on, anything else by week.",
    )
    part: Annotated[str, StringConstraints(min_length=1, max_length=32)] | None = Field(
        default=None, description="Which of the metric's `parts`; by default the first."
    )
    working: bool = Field(default=False, description="Working time, where the metric has it.")


class GoalCreate(RequestModel):
    """A goal. Without a metric it is measured by the goals below it, in percent of what they are to reach."""

    community_id: UUID
    title: Title
    horizon: Annotated[Horizon, HORIZON]
    metric: GoalMetric | None = Field(default=None, description="What measures it. Without one, the goals below it do.")
    target: Number | None = Field(
        default=None, description="What is to be reached. Without a metric, percent: by default 100."
    )
    direction: Annotated[Direction, DIRECTION] = "up"
    baseline: Number | None = Field(
        default=None,
        description="Where it starts. By default what the metric was before: in the last period that was over, or, of what is counted, in as many days.",
    )
    starts_on: Day | None = Field(default=None, description="By default today, by the community's day.")
    due_on: Day = Field(description="The last day that counts.")
    owner_id: UUID | None = Field(default=None, description="The member who sees to it; by default the caller.")
    relevance: Relevance = Field(description="A sentence: what it does for what the community is there for.")
    parent_id: UUID | None = Field(default=None, description="The goal that it is a part of.")
    weight: Weight = Field(default=1, description="How much it counts among the parts of its parent.")
    ask: GoalAsk | None = Field(default=None, description="What each member is asked to do for it.")
    gain: Gain | None = Field(default=None, description="What it brings a member.")


class GoalPatch(RequestModel):
    """What to change. Its metric stays: another metric is another goal."""

    title: Title = ABSENT
    horizon: Annotated[Horizon, HORIZON] = ABSENT
    target: Number = ABSENT
    baseline: Number = ABSENT
    starts_on: Day = ABSENT
    due_on: Day = ABSENT
    owner_id: UUID = ABSENT
    relevance: Relevance = ABSENT
    parent_id: UUID | None = None
    weight: Weight = ABSENT
    ask: GoalAsk | None = None
    gain: Gain | None = None


class GoalPace(ResponseModel):
    """By how much the value moves in a week: what is needed until the end, and what it did so far."""

    needed: float | None
    so_far: float | None = Field(
        description="Since the goal began; before that and right after, in the weeks before it."
    )


class GoalAskPublic(ResponseModel):
    """What each member is asked to do, how often within the goal's days, and with what."""

    action: Annotated[str, ACTION]
    count: int
    object: ObjectRef | None


class OwnPart(ResponseModel):
    """How much the caller did of what a goal asks."""

    done: int
    count: int
    progress: float = Field(description="0 to 1.")


class GoalMetricPublic(ResponseModel):
    """What measures a goal. `counted`: it adds up from the goal's first day on; else the value is that of a period."""

    code: str
    version: int
    unit: Annotated[str, UNIT] | None
    grain: Annotated[str, GRAIN] | None
    part: str | None
    working: bool
    counted: bool


class GoalPublic(ResponseModel):
    """A goal, how far it is, and what it comes to if it goes on like this.

    Once it is over, `value`, `progress` and `state` are its result, and nothing changes them: facts that come later do not.
    """

    id: UUID
    community_id: UUID
    title: str
    horizon: Annotated[str, HORIZON]
    metric: GoalMetricPublic | None
    baseline: float | None
    target: float
    direction: Annotated[str, DIRECTION]
    starts_on: date
    due_on: date
    owner: MemberEmbed
    relevance: str
    parent_id: UUID | None
    weight: float
    ask: GoalAskPublic | None
    gain: str | None
    state: Annotated[str, GOAL_STATE]
    value: float | None = Field(description="Null where nothing is known yet.")
    n: int | None = Field(description="What the value rests on: members, answers; of a goal with parts how many.")
    progress: float = Field(description="Which part of the way is behind it, 0 to 1.")
    forecast: float | None = Field(
        description="What it comes to at its end, at the pace so far; null where it is too early."
    )
    measured_at: datetime | None
    as_of: datetime | None = Field(description="Up to when what others recorded was counted.")
    closed_at: datetime | None = Field(description="When its result was written down.")
    withdrawn_at: datetime | None
    created_at: datetime
    mine: OwnPart | None = Field(default=None, description="Null where nothing is asked of the caller.")


class GoalDetail(GoalPublic):
    """A goal measured now, with what the caller can do."""

    pace: GoalPace
    viewer: Viewer
