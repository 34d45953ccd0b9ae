"""The tables of the star of the month. Nothing in them joins a vote to who gave it."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlmodel import Field

from chassis.database.base import Publishing
from chassis.database.constraints import key, unique
from chassis.ids import new_id
from services.gamification.base import Base
from services.gamification.stars import problems


class Star(Base, Publishing, table=True):
    """The star of a community's month. Its row is the lock for who is named and for votes.

    `quarter` is the first day of the month's quarter. `decided_at`: when an owner said who it is, or that it is nobody.
    `settled_at`: when its votes were counted; nobody votes after that, whatever day it is. `wiped_at`: when nothing in the
    database's files told any more which vote was whose.
    """

    __tablename__ = "stars"
    __table_args__ = (
        # Written where it is not there yet.
        unique("community_id", "month", answers=None),
        unique("community_id", "quarter", "winner_id", answers=problems.WON_BEFORE),
        CheckConstraint("winner_id IS NULL OR decided_at IS NOT NULL", name="decided"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID
    month: date
    quarter: date
    votes_from: date
    votes_until: date
    ballots: int = 0
    settled_at: datetime | None = None
    wiped_at: datetime | None = None
    winner_id: UUID | None = None
    decided_at: datetime | None = None


class StarNomination(Base, table=True):
    """Whom a member named: one for each month."""

    __tablename__ = "star_nominations"
    # Written where it is not there yet.
    __table_args__ = (key("star_id", "nominator_id", answers=None),)

    star_id: UUID = Field(foreign_key="stars.id")
    nominator_id: UUID
    member_id: UUID


class StarCandidate(Base, table=True):
    """Who was named, with the sum of the votes for them."""

    __tablename__ = "star_candidates"
    # Written where it is not there yet.
    __table_args__ = (key("star_id", "member_id", answers=None),)

    star_id: UUID = Field(foreign_key="stars.id")
    member_id: UUID
    votes: int = 0


class StarVoter(Base, table=True):
    """That a member has voted; not for whom, nor when."""

    __tablename__ = "star_voters"
    # Written where it is not there yet.
    __table_args__ = (key("star_id", "member_id", answers=None),)

    star_id: UUID = Field(foreign_key="stars.id")
    member_id: UUID
