"""People, and under which keys they are found."""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, String
from sqlmodel import Field

from chassis.database.base import Publishing
from chassis.database.constraints import unique
from chassis.ids import new_id
from services.membership.base import Base
from services.membership.people.names import MAX_KEY
from services.membership.people.problems import IDENTIFIER_TAKEN
from services.membership.people.rules import Status

ByteOrdered = String(MAX_KEY).with_variant(String(MAX_KEY, collation="C"), "postgresql")
"""Text compared byte by byte on either database, so that an index finds a beginning and lists sort alike."""


class Person(Base, Publishing, table=True):
    """A human with an account. `employee_key` is the number as it is compared; e-mail and phone are kept normalised.

    `display_name` is what others read. While moderation hides what was written, that is in `hidden_name`, and why in `name_hidden`.
    """

    __tablename__ = "people"
    __table_args__ = (
        unique("employee_key", answers=IDENTIFIER_TAKEN),
        unique("email", answers=IDENTIFIER_TAKEN),
        unique("phone", answers=IDENTIFIER_TAKEN),
        CheckConstraint(
            "employee_key IS NOT NULL OR email IS NOT NULL OR phone IS NOT NULL OR status = 'erased'", name="identified"
        ),
        CheckConstraint("status IN ('active', 'suspended', 'left', 'erased')", name="status"),
        CheckConstraint("kind IN ('employee', 'external')", name="kind"),
        Index(None, "sort_key", "id"),
    )

    id: uuid.UUID = Field(default_factory=new_id, primary_key=True)
    employee_no: str | None = Field(default=None, max_length=64)
    employee_key: str | None = Field(default=None, max_length=64)
    email: str | None = Field(default=None, max_length=254)
    phone: str | None = Field(default=None, max_length=24)
    display_name: str = Field(max_length=100)
    hidden_name: str | None = Field(default=None, max_length=100)
    name_hidden: str | None = Field(default=None, max_length=16)
    sort_key: str = Field(sa_type=ByteOrdered)
    department_code: str | None = Field(default=None, foreign_key="departments.code", index=True, max_length=64)
    title: str | None = Field(default=None, max_length=100)
    job_grade: str | None = Field(default=None, max_length=50)
    grade_since: date | None = None
    site: str | None = Field(default=None, max_length=100)
    hired_on: date | None = None
    left_on: date | None = None
    kind: str = Field(default="employee", max_length=16)
    locale: str | None = Field(default=None, max_length=16)
    time_zone: str | None = Field(default=None, max_length=64)
    avatar_url: str | None = Field(default=None, max_length=500)
    status: str = Field(default=Status.ACTIVE.value, max_length=16)
    version: int = 1
    created_at: datetime
    updated_at: datetime


class CompanyRules(Base, table=True):
    """Whether moderation looks for anything in names, as the last message of that `version` said: one row, which whoever writes names locks."""

    __tablename__ = "company_rules"

    id: int = Field(default=1, primary_key=True)
    judges: bool = False
    version: int = 0


class PersonSearchKey(Base, table=True):
    """One key under which a person is found by its beginning."""

    __tablename__ = "person_search_keys"

    key: str = Field(primary_key=True, sa_type=ByteOrdered)
    person_id: uuid.UUID = Field(primary_key=True, foreign_key="people.id", ondelete="CASCADE", index=True)
