"""Seasons as requests and answers."""

from datetime import date, datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from chassis.web.named import Closed
from chassis.web.patches import ABSENT
from chassis.web.schemas import RequestModel, ResponseModel, Viewer
from chassis.web.values import Day, OneLine
from chassis.wrong import Wrong
from services.gamification.seasons.rules import (
    LAST_RANK,
    LONGEST,
    MOST_POINTS,
    MOST_PRIZES,
    Prize,
    Status,
    wrong_prize,
)

STATUS = Closed("SeasonStatus", Status)

Title = Annotated[str, StringConstraints(min_length=1, max_length=200), OneLine]
Rank = Annotated[int, Field(ge=1, le=LAST_RANK)]


class SeasonPrize(RequestModel):
    """What each member between two ranks wins, both included."""

    from_rank: Rank
    to_rank: Rank
    points: Annotated[int, Field(ge=1, le=MOST_POINTS)]


def _in_order(prizes: list[SeasonPrize]) -> list[SeasonPrize]:
    wrong = wrong_prize([Prize(**prize.model_dump()) for prize in prizes])
    if wrong is not None:
        raise Wrong(
            "ranks", "Each prize begins behind the one before it.", "每项奖励的名次须排在前一项之后。", at=f"/{wrong}"
        )
    return prizes


Prizes = Annotated[list[SeasonPrize], Field(max_length=MOST_PRIZES), AfterValidator(_in_order)]


class SeasonCreate(RequestModel):
    """A season of the community's days, and what its first win."""

    community_id: UUID
    title: Title
    starts_on: Day
    ends_on: Day
    prizes: Prizes = []

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.ends_on < self.starts_on:
            raise Wrong("before_start", "It ends before it begins.", "结束日期早于开始日期。", at="/ends_on")
        if (self.ends_on - self.starts_on).days >= LONGEST:
            raise Wrong("too_long", f"At most {LONGEST} days.", f"最多 {LONGEST} 天。", at="/ends_on")
        return self


class SeasonPatch(RequestModel):
    """What to change: the title until it is closed, prizes until it begins."""

    title: Title = ABSENT
    prizes: Prizes = ABSENT


class SeasonPrizePublic(ResponseModel):
    """What each member between two ranks wins."""

    from_rank: int
    to_rank: int
    points: int


class SeasonPublic(ResponseModel):
    """A season. `winners`: how many won a prize; null until it is closed. `board` is the path of its leaderboard."""

    id: UUID
    community_id: UUID
    title: str
    starts_on: date
    ends_on: date
    prizes: list[SeasonPrizePublic]
    status: Annotated[str, STATUS]
    closes_at: datetime | None = Field(description="When its board freezes; null where it is cancelled.")
    closed_at: datetime | None
    winners: int | None
    board: str | None
    created_at: datetime
    viewer: Viewer
