"""Windows of leaderboards and the score of each member in them."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlmodel import Field

from chassis.database.constraints import unique
from chassis.ids import new_id
from services.gamification.base import Base

LISTED = text("listed")
"""Who may stand on a board, in the very words of the index: with a bound value neither database would recognise it."""
RANKED = text("listed AND deficit < 0")
"""Who stands on a board. Not the words of the index: where a query has an upper bound of its own, SQLite would take this one
for it and read from the board's end."""

IN_COHORT = text("listed AND cohort_id IS NOT NULL")
IN_DEPARTMENT = text("listed AND department IS NOT NULL")
"""Who may stand on the board of a part of the community."""


def _part(column: str, where: Any) -> Index:
    return Index(
        f"ix_board_scores_{column}",
        "window_id",
        column,
        "deficit",
        "reached_at",
        "member_id",
        postgresql_where=where,
        sqlite_where=where,
    )


_NOT_FROZEN = text("frozen_at IS NULL")


class BoardWindow(Base, table=True):
    """One window of one community's board, made when its first entry arrives; that of a season when it is announced.

    From `freezes_at` on it takes no more entries, so its scores are the snapshot. `frozen_at` and `members` are what the
    timer wrote down when that had come.
    """

    __tablename__ = "board_windows"
    __table_args__ = (
        # Written where it is not there yet.
        unique("community_id", "period", "from_day", answers=None),
        CheckConstraint("period IN ('day', 'week', 'month', 'all_time', 'season')", name="period"),
        Index(
            "ix_board_windows_not_frozen",
            "freezes_at",
            postgresql_where=_NOT_FROZEN,
            sqlite_where=_NOT_FROZEN,
        ),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID
    period: str = Field(max_length=16)
    from_day: date
    to_day: date | None = None
    freezes_at: datetime | None = None
    frozen_at: datetime | None = None
    members: int | None = None


class BoardRole(Base, table=True):
    """What a message about a member said of boards: whether they run the community from then on, and whether they want to stand."""

    __tablename__ = "board_roles"

    member_id: UUID = Field(primary_key=True)
    version: int = Field(primary_key=True)
    at: datetime
    staff: bool
    on_boards: bool


class BoardScore(Base, table=True):
    """A member's sum in a window.

    `deficit` is the score negated: so the order of the board is one ascending index, read from any place at the same cost.
    Cohort and department are what the member has now, until the window freezes: a board of a part is such an index, too.
    """

    __tablename__ = "board_scores"
    __table_args__ = (
        Index(
            "ix_board_scores_order",
            "window_id",
            "deficit",
            "reached_at",
            "member_id",
            postgresql_where=LISTED,
            sqlite_where=LISTED,
        ),
        _part("cohort_id", IN_COHORT),
        _part("department", IN_DEPARTMENT),
    )

    window_id: UUID = Field(primary_key=True, foreign_key="board_windows.id", ondelete="CASCADE")
    member_id: UUID = Field(primary_key=True)
    deficit: int
    reached_at: datetime
    listed: bool = True
    cohort_id: UUID | None = None
    department: str | None = Field(default=None, max_length=64)
