"""The tables of certificates: templates with their versions, and what was issued by them."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from chassis.database.base import Publishing
from chassis.database.constraints import key, unique
from chassis.ids import new_id
from chassis.problems import ALREADY_EXISTS
from services.gamification.base import Base


class CertificateTemplate(Base, table=True):
    """What certificates look like, and what they are for. Its row is the lock for which certificates there are of it.

    What it says is kept of each `version`, too, in a row that never changes.
    """

    __tablename__ = "certificate_templates"
    __table_args__ = (
        unique("community_id", "name", answers=ALREADY_EXISTS, field="name"),
        Index(None, "community_id", "created_at", "id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID
    name: str = Field(max_length=100)
    kind: str = Field(max_length=16)
    about: str | None = Field(default=None, max_length=16)
    """`activity`, `series`, `activity_kind` or `level`; None for everything of the kind."""
    about_id: UUID | None = Field(default=None, index=True)
    about_code: str | None = Field(default=None, max_length=64)
    title_zh: str = Field(max_length=100)
    title_en: str = Field(max_length=100)
    text_zh: str = Field(default="", max_length=500)
    text_en: str = Field(default="", max_length=500)
    signature: str = Field(default="", max_length=100)
    valid_months: int | None = None
    archived_at: datetime | None = None
    version: int = 1
    created_at: datetime


class CertificateWording(Base, table=True):
    """What a version of a template says. It never changes: certificates are read as they were issued."""

    __tablename__ = "certificate_wordings"
    # Versions are counted under the template's lock.
    __table_args__ = (key("template_id", "version", answers=None),)

    template_id: UUID = Field(primary_key=True, foreign_key="certificate_templates.id")
    version: int = Field(primary_key=True)
    title_zh: str = Field(max_length=100)
    title_en: str = Field(max_length=100)
    text_zh: str = Field(default="", max_length=500)
    text_en: str = Field(default="", max_length=500)
    signature: str = Field(default="", max_length=100)
    valid_months: int | None = None
    created_at: datetime


class CohortName(Base, table=True):
    """What a cohort is called, by the latest message that told of it."""

    __tablename__ = "cohort_names"
    # Kept by upserts of the handler alone.
    __table_args__ = (key("id", answers=None),)

    id: UUID = Field(primary_key=True)
    name: str
    version: int
    told_at: datetime


class Certificate(Base, Publishing, table=True):
    """A certificate, with everything as it was when it was issued.

    That is also what an Open Badges 3.0 credential is made of: its id, the achievement (template and version), the issuer's name,
    who earned it, when, until when, and whether it was revoked. `ended_at` is set once it was revoked, or its expiry was told:
    of those that have not ended a member has one for each thing. `source_id` is what it follows from: an attendance; None by hand.
    """

    __tablename__ = "certificates"
    __table_args__ = (
        CheckConstraint("hours IS NULL OR hours > 0", name="hours"),
        unique("serial", answers=None),  # chance alone brings it about: 100 bits
        unique(
            "template_id",
            "object_id",
            "member_id",
            answers=ALREADY_EXISTS,
            where="ended_at IS NULL",
            name="ix_certificates_living",
        ),
        Index(None, "community_id", "issued_at", "id"),
        Index(None, "member_id", "issued_at", "id"),
        Index(None, "person_id"),
        Index(None, "source_id"),
    )

    id: UUID = Field(default_factory=new_id, primary_key=True)
    community_id: UUID
    template_id: UUID = Field(foreign_key="certificate_templates.id")
    template_version: int
    serial: str = Field(max_length=20)
    kind: str = Field(max_length=16)
    object_kind: str = Field(max_length=16)
    object_id: UUID
    member_id: UUID
    person_id: UUID
    name: str | None = None
    community_name: str
    title_zh: str = Field(max_length=100)
    title_en: str = Field(max_length=100)
    subject_zh: str = Field(max_length=200)
    subject_en: str = Field(max_length=200)
    cohort_id: UUID | None = None
    cohort_name: str | None = None
    """None, too, where nobody had told what the cohort is called."""
    hours: float | None = None
    earned_on: date
    valid_until: datetime | None = None
    source_id: UUID | None = None
    issued_at: datetime
    issued_by_id: UUID | None = None
    """The member who issued it; None where it followed by itself, or a program did."""
    revoked_at: datetime | None = None
    revoked_code: str | None = Field(default=None, max_length=24)
    revoked_reason: str | None = Field(default=None, max_length=500)
    ended_at: datetime | None = None
