"""The tables of groups and who belongs to them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, false
from sqlmodel import Field

from chassis.database.base import Publishing
from chassis.database.constraints import unique
from chassis.ids import new_id
from services.membership.base import Base
from services.membership.groups.problems import ALREADY_GROUPED, GROUPS_STAND


class Group(Base, Publishing, table=True):
    """A group. `members` is how many belong to it, counted under its lock. `readable`: others read name and purpose as they are written.

    `ends_empty`: a member formed it, so it is dissolved when the last one leaves. `grouping_id`: the grouping that put it together. `leaderless_since`: since when nobody leads it. Its leader is no foreign key:
    members are locked before groups everywhere.
    """

    __tablename__ = "member_groups"
    __table_args__ = (
        CheckConstraint("members >= 0 AND members <= capacity", name="members"),
        CheckConstraint("(leader_id IS NULL) = (leaderless_since IS NOT NULL)", name="leader"),
        Index(None, "community_id", "created_at", "id"),
        Index(None, "grouping_id"),
        Index(None, "leader_id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID = Field(foreign_key="communities.id")
    name: str = Field(max_length=100)
    purpose: str | None = Field(default=None, max_length=1000)
    readable: bool = False
    capacity: int
    members: int = 0
    leader_id: UUID | None = None
    leaderless_since: datetime | None = None
    cohort_id: UUID | None = Field(default=None, foreign_key="cohorts.id")
    grouping_id: UUID | None = None
    ends_empty: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    dissolved_at: datetime | None = None
    version: int = 1
    created_at: datetime


class GroupMember(Base, Publishing, table=True):
    """A member's latest time in a group: the row stays when they leave it, so that its messages go on counting."""

    __tablename__ = "group_members"
    __table_args__ = (
        # One group of those that were balanced together.
        unique(
            "member_id",
            "grouping_id",
            where="left_at IS NULL AND grouping_id IS NOT NULL",
            name="uq_group_members_of_grouping",
            answers=ALREADY_GROUPED,
        ),
        CheckConstraint(
            "ended IN ('left', 'taken_out', 'membership_ended', 'dissolved') OR ended IS NULL", name="ended"
        ),
        CheckConstraint("(left_at IS NULL) = (ended IS NULL)", name="left"),
        Index(None, "member_id", "left_at"),
        Index(None, "group_id", "since", "member_id"),
    )

    group_id: UUID = Field(primary_key=True, foreign_key="member_groups.id")
    member_id: UUID = Field(primary_key=True)
    community_id: UUID
    grouping_id: UUID | None = None
    since: datetime
    left_at: datetime | None = None
    ended: str | None = Field(default=None, max_length=16)
    led: bool = False
    """Whether they led it when they left."""


class Grouping(Base, table=True):
    """Members of a community or of one of its cohorts, dealt to groups that are alike: first a plan, then the groups.

    `scope_id` is the cohort, or the community without one. `of_id`: the grouping whose groups late ones come into; else its own id.
    `job_id` is the job that works on it, or did last.
    """

    __tablename__ = "groupings"
    __table_args__ = (
        CheckConstraint("status IN ('planning', 'planned', 'applying', 'applied')", name="status"),
        CheckConstraint("by IN ('department', 'skill')", name="by"),
        # Two are not made at the same time.
        unique("scope_id", where="status = 'applying'", name="uq_groupings_applying", answers=GROUPS_STAND),
        Index(None, "community_id", "created_at", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID = Field(foreign_key="communities.id")
    cohort_id: UUID | None = Field(default=None, foreign_key="cohorts.id")
    scope_id: UUID
    of_id: UUID
    by: str = Field(default="department", max_length=16, sa_column_kwargs={"server_default": "department"})
    size: int | None = None
    count: int | None = None
    seed: int
    status: str = Field(default="planning", max_length=16)
    job_id: UUID | None = None
    members: int | None = None
    groups: int | None = None
    smallest: int | None = None
    largest: int | None = None
    placed: int | None = None
    created_at: datetime
    planned_at: datetime | None = None
    applied_at: datetime | None = None


class GroupExport(Base, table=True):
    """The file that an export ended with, packed, for a week. `job_id` is the job's, which is kept longer."""

    __tablename__ = "group_exports"
    __table_args__ = (Index(None, "community_id", "created_at"), Index(None, "created_at"))

    job_id: UUID = Field(primary_key=True)
    community_id: UUID
    form: str = Field(max_length=4)
    content: bytes
    created_at: datetime


class GroupingPlace(Base, table=True):
    """Into which group of a grouping a member comes: by number, counted from 1, and by id where there is the group already."""

    __tablename__ = "grouping_places"
    __table_args__ = (Index(None, "grouping_id", "number", "member_id"),)

    grouping_id: UUID = Field(primary_key=True, foreign_key="groupings.id", ondelete="CASCADE")
    member_id: UUID = Field(primary_key=True)
    number: int
    group_id: UUID | None = None
