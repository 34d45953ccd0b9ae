"""Certificates as requests and answers."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field, StringConstraints

from chassis.web.named import Closed
from chassis.web.patches import ABSENT
from chassis.web.schemas import MemberEmbed, RequestModel, ResponseModel, Viewer
from chassis.web.values import Day, OneLine, Said
from services.gamification.certificates import rules

KIND = Closed("CertificateKind", rules.Kind)
ABOUT = Closed("CertificateSource", rules.About)
STATUS = Closed("CertificateStatus", rules.Status)
REVOKED = Closed("CertificateRevocation", rules.RevokedCode)

Name = Annotated[str, StringConstraints(min_length=1, max_length=100), OneLine]
Subject = Annotated[str, StringConstraints(min_length=1, max_length=200), OneLine]
Text = Annotated[str, StringConstraints(max_length=500)]
Months = Annotated[int, Field(ge=1, le=1200)]
Hours = Annotated[float, Field(gt=0, le=10_000, allow_inf_nan=False)]


class TemplateAbout(RequestModel):
    """What certificates follow from: an activity or a series (`id`), a kind of activities or a level (`code`)."""

    kind: Annotated[rules.About, ABOUT]
    id: UUID | None = None
    code: Annotated[str, StringConstraints(min_length=1, max_length=64)] | None = None


class TemplateAboutPublic(ResponseModel):
    """What certificates by a template follow from."""

    kind: Annotated[str, ABOUT]
    id: UUID | None
    code: str | None


class TemplateCreate(RequestModel):
    """What certificates of a kind say. `name` is for those who issue them, and unique in the community."""

    community_id: UUID
    name: Name
    kind: Annotated[rules.Kind, KIND] = Field(
        default="other",
        description="Certificates for activities and levels follow by themselves from then on; others are issued by hand.",
    )
    about: TemplateAbout | None = Field(
        default=None, description="Without it, certificates for activities follow from every activity."
    )
    title_zh: Name
    title_en: Name
    text_zh: Text = ""
    text_en: Text = ""
    signature: Annotated[str, StringConstraints(max_length=100)] = ""
    valid_months: Months | None = None


class TemplatePatch(RequestModel):
    """What to change. Certificates that were issued stay as they are; with `archived` no more are."""

    name: Name = ABSENT
    title_zh: Name = ABSENT
    title_en: Name = ABSENT
    text_zh: Text = ABSENT
    text_en: Text = ABSENT
    signature: Annotated[str, StringConstraints(max_length=100)] = ABSENT
    valid_months: Months | None = None
    archived: bool = ABSENT


class TemplatePublic(ResponseModel):
    """A template, with what its present version says."""

    id: UUID
    community_id: UUID
    name: str
    kind: Annotated[str, KIND]
    about: TemplateAboutPublic | None
    version: int
    title_zh: str
    title_en: str
    text_zh: str
    text_en: str
    signature: str
    valid_months: int | None
    archived: bool
    created_at: datetime


class CertificateCreate(RequestModel):
    """A certificate to issue by hand. `subject` is what it is for: a course, a project; what is said in one language is read in both."""

    template_id: UUID
    member_id: UUID
    subject_zh: Subject | None = None
    subject_en: Subject | None = None
    hours: Hours | None = None
    earned_on: Day | None = Field(default=None, description="By default the community's today.")


class CertificateGrant(RequestModel):
    """A template by which certificates are issued to all who earned one before there was it. A dry run says how many they are."""

    template_id: UUID
    dry_run: bool = False


class CertificateRevoke(RequestModel):
    """Why; whoever verifies the certificate is told that it was revoked, and not why."""

    reason: Annotated[str, StringConstraints(min_length=1, max_length=300), Said]


class CertificateObject(ResponseModel):
    """What a certificate is for: an activity, a level; one issued by hand is for what its template is."""

    kind: str
    id: UUID


class CertificateListed(ResponseModel):
    """A certificate, as it was when it was issued. `name` is null once its holder was erased, and
    `cohort_name` where they were of no cohort, or nothing had told what it is called.

    `title` and `subject` are in the reader's language. `last_day` is the community's last day on which it is valid, `valid_until`
    when that day ends.
    """

    id: UUID
    community_id: UUID
    serial: str
    kind: Annotated[str, KIND]
    status: Annotated[str, STATUS]
    object: CertificateObject
    template_id: UUID
    template_version: int
    title: str
    title_zh: str
    title_en: str
    member: MemberEmbed
    name: str | None
    community_name: str
    subject: str
    subject_zh: str
    subject_en: str
    cohort_id: UUID | None
    cohort_name: str | None
    hours: float | None
    earned_on: date
    issued_at: datetime
    issued_by: MemberEmbed | None
    valid_until: datetime | None
    last_day: date | None
    revoked_at: datetime | None
    revoked_code: Annotated[str, REVOKED] | None
    revoked_reason: str | None
    verify_href: str = Field(description="Where anybody verifies it, without a log-in.")


class CertificatePublic(CertificateListed):
    """A certificate as `CertificateListed` has it, and what the caller can do with it."""

    viewer: Viewer


class CertificateVerified(ResponseModel):
    """What anybody is told who has a certificate's serial: whether it holds, and what it says. No more is said of its holder."""

    serial: str
    status: Annotated[str, STATUS]
    title_zh: str
    title_en: str
    name: str | None
    community_name: str
    subject_zh: str
    subject_en: str
    cohort_name: str | None
    hours: float | None
    earned_on: date
    issued_at: datetime
    valid_until: datetime | None
    revoked_at: datetime | None
