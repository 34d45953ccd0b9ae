"""What the leaderboard operation answers."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from chassis.web.named import Closed
from chassis.web.pages import Total
from chassis.web.schemas import MemberEmbed, ResponseModel
from services.gamification.leaderboards.rules import Period

PERIOD = Closed("Period", Period)
Measure = Literal["xp"]
MEASURE = Closed("Measure", Measure)
BoardState = Literal["live", "frozen"]


class PeriodPublic(ResponseModel):
    """The first and last day of the window; both null for all time."""

    kind: Annotated[Period, PERIOD]
    from_: date | None = Field(default=None, serialization_alias="from")
    to: date | None = None


class LevelPublic(ResponseModel):
    """A level of the community's ladder. Positions count from 0."""

    code: str
    name: str
    position: int


class Place(ResponseModel):
    """A member's place. On a board read around a member, `rank` is null below rank 1,000."""

    rank: int | None
    member: MemberEmbed
    score: int
    level: LevelPublic


class OwnPlace(ResponseModel):
    """The caller's own place. `rank` is exact to 1,000; below that, `percentile` (of the last minute) replaces it."""

    rank: int | None
    percentile: float | None = None
    score: int


class LeaderboardPublic(ResponseModel):
    """A page of a leaderboard. No rank is shared: the higher score wins, then the earlier one, then the member's id."""

    period: PeriodPublic
    measure: Annotated[Measure, MEASURE]
    state: Annotated[BoardState, Closed("BoardState", BoardState)]
    as_of: datetime
    items: list[Place]
    me: OwnPlace | None
    next: str | None = None
    total: Total | None = None
