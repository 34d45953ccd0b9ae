"""The tables of facts: what happened, what it was about, what was so then, and what it adds up to."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, SmallInteger, text
from sqlmodel import Field

from chassis.database.base import JsonDocument
from chassis.database.constraints import unique
from services.analytics.base import Base
from services.analytics.facts.verbs import Verb

_WAITS = text("day IS NULL AND at IS NOT NULL")
_NOBODYS = text("member_id IS NULL")
_STATED = {"server_default": text("false")}


class Fact(Base, table=True):
    """Something that happened, once, kept for ever.

    `key` is the id of what was done, or derived from it where the deed has none of its own. What made it (`version`) and what became of
    it (`state_version`, `voided`) are kept apart, each by the greatest version that told of it: so any order ends alike. Where only its
    removal is known so far, `at` is null. `day` and `place_id` say as what it counts in the rollups now; while its community or its
    member is not known yet, they are null, and it waits. A voided fact has them too, and counts nowhere.
    """

    __tablename__ = "facts"
    __table_args__ = (
        Index(None, "member_id"),
        Index("ix_facts_nobodys", "community_id", postgresql_where=_NOBODYS, sqlite_where=_NOBODYS),
        Index("ix_facts_waiting", "community_id", "member_id", postgresql_where=_WAITS, sqlite_where=_WAITS),
    )

    verb: int = Field(primary_key=True, sa_type=SmallInteger)
    key: UUID = Field(primary_key=True)
    community_id: UUID
    member_id: UUID | None = None
    at: datetime | None = None
    value: float | None = None
    about: UUID | None = None
    version: int = 0
    state_version: int = 0
    voided: bool = Field(default=False, sa_column_kwargs=_STATED)
    day: date | None = None
    place_id: int | None = None

    @property
    def what(self) -> Verb:
        """What was done."""
        return Verb(self.verb)


class FactObject(Base, table=True):
    """What facts are about: an activity, a discussion, an article, an idea, a campaign, as the latest message told.

    `author_ids` has everybody who was ever named its author. `voided` is as in `Fact`: by the greatest version that removed or restored it.
    """

    __tablename__ = "fact_objects"
    __table_args__ = (Index(None, "community_id", "kind", "at"), Index(None, "id"))

    kind: str = Field(primary_key=True, max_length=16)
    id: UUID = Field(primary_key=True)
    community_id: UUID
    version: int = 0
    state_version: int = 0
    voided: bool = Field(default=False, sa_column_kwargs=_STATED)
    sub_kind: str | None = Field(default=None, max_length=32)
    """The kind of discussion, article or activity."""
    title: str | None = None
    tags: list[str] = Field(default_factory=list, sa_type=JsonDocument)
    author_ids: list[str] = Field(default_factory=list, sa_type=JsonDocument)
    at: datetime | None = None
    """When members could first see it; of an activity when it begins."""
    details: dict[str, Any] = Field(default_factory=dict, sa_type=JsonDocument)
    """What else is told of its kind, e.g. `hours`, `ends_at` and `mode` of an activity."""
    told: dict[str, int] = Field(default_factory=dict, sa_type=JsonDocument)
    """The version of the message that told each of the details."""


class PersonPlace(Base, table=True):
    """Where somebody works from a moment on, by the version of the message about the person that told it."""

    __tablename__ = "person_places"

    person_id: UUID = Field(primary_key=True)
    version: int = Field(primary_key=True)
    at: datetime
    department_code: str | None = Field(default=None, max_length=64)
    job_grade: str | None = None
    site: str | None = None


class MemberStand(Base, table=True):
    """Who a member is, and whether they run the community from a moment on, by the version of the message that told it."""

    __tablename__ = "member_stands"
    __table_args__ = (Index(None, "person_id"), Index(None, "community_id", "member_id"))

    member_id: UUID = Field(primary_key=True)
    version: int = Field(primary_key=True)
    at: datetime
    staff: bool
    community_id: UUID
    person_id: UUID


class Place(Base, table=True):
    """Where facts are counted. An empty text: the person has no department, grade or site, or it is not known."""

    __tablename__ = "places"
    __table_args__ = (unique("department_code", "job_grade", "site", "staff", answers=None),)

    id: int | None = Field(default=None, primary_key=True)
    department_code: str = Field(max_length=64)
    job_grade: str
    site: str
    staff: bool


class CommunityHearing(Base, table=True):
    """When something was last heard of a community that may count there. Written by whoever holds the lock under which its facts are counted."""

    __tablename__ = "community_hearings"

    community_id: UUID = Field(primary_key=True)
    heard_at: datetime


class RollupGeneration(Base, table=True):
    """The one row that says which generation of the rollups is read, which one is being built, and how far.

    While one is built, a fact counts in it if the building has passed it: facts are passed in the order of verb and key. It counts in its
    periods if the building has passed its member, too: members are passed after all facts, in the order of their ids.
    """

    __tablename__ = "rollup_generations"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: int = Field(default=1, primary_key=True, sa_type=SmallInteger)
    reading: int = Field(default=1, sa_type=SmallInteger)
    building: int | None = Field(default=None, sa_type=SmallInteger)
    passed_verb: int | None = Field(default=None, sa_type=SmallInteger)
    passed_key: UUID | None = None
    passed_member_id: UUID | None = None
    deleting: int | None = Field(default=None, sa_type=SmallInteger)


class MemberDay(Base, table=True):
    """What a member did of one kind on a day of their community, while they worked in one place."""

    __tablename__ = "member_days"
    __table_args__ = (Index(None, "member_id", "day"),)

    generation: int = Field(primary_key=True, sa_type=SmallInteger)
    community_id: UUID = Field(primary_key=True)
    day: date = Field(primary_key=True)
    verb: int = Field(primary_key=True, sa_type=SmallInteger)
    member_id: UUID = Field(primary_key=True)
    place_id: int = Field(primary_key=True)
    n: int
    value: float


class MemberPeriod(Base, table=True):
    """How much a member did in a week, month or quarter: deeds that make active, those that take part, and what was read."""

    __tablename__ = "member_periods"
    __table_args__ = (CheckConstraint("grain IN ('week', 'month', 'quarter')", name="grain"),)

    generation: int = Field(primary_key=True, sa_type=SmallInteger)
    community_id: UUID = Field(primary_key=True)
    grain: str = Field(primary_key=True, max_length=8)
    starts_on: date = Field(primary_key=True)
    member_id: UUID = Field(primary_key=True)
    staff: bool = Field(primary_key=True)
    deeds: int
    taking_part: int
    reads: int


class ObjectDay(Base, table=True):
    """What was done of one kind about one thing on a day. What nobody did, or nobody is told who did it, is not staff's."""

    __tablename__ = "object_days"
    __table_args__ = (Index(None, "about", "day"),)

    generation: int = Field(primary_key=True, sa_type=SmallInteger)
    community_id: UUID = Field(primary_key=True)
    day: date = Field(primary_key=True)
    verb: int = Field(primary_key=True, sa_type=SmallInteger)
    about: UUID = Field(primary_key=True)
    staff: bool = Field(primary_key=True)
    n: int
    value: float
